// One gadget in the preview of sharing: the old and new value of each field, or why it does not change.

import { element } from "./form-field.js";

/** @typedef {import("./sharing.js").Tile} Tile */
/** @typedef {import("./sharing.js").Field} Field */

/**
 * @param {Tile} tile
 * @param {(tile: string, semantics: string[]) => void} set is called with the selected fields
 * @returns {HTMLElement}
 */
export function tileRows(tile, set) {
  const open = tile.fields.filter((field) => field.can_tick);
  const ticked = open.filter((field) => field.ticked);
  const all = tick(`share-${tile.tile}`, ticked.length > 0, (isOn) => {
    set(tile.tile, isOn ? open.map(({ semantic }) => semantic) : []);
  });
  all.disabled = open.length === 0;
  all.indeterminate = ticked.length > 0 && ticked.length < open.length;
  const rows = open.map((field) => {
    const box = tick(`share-${tile.tile}-${field.semantic}`, field.ticked, (isOn) => {
      const others = ticked.map(({ semantic }) => semantic).filter((semantic) => semantic !== field.semantic);
      set(tile.tile, isOn ? [...others, field.semantic] : others);
    });
    return changeRow(field, box);
  });
  if (tile.nothing) {
    rows.push(whyRow("No change", tile.nothing.text));
  }
  const kept = tile.fields.filter((field) => !field.can_tick);
  for (const [why, fields] of byReason(kept.filter((field) => !isEqual(field)))) {
    rows.push(whyRow(list(fields), `kept: ${why}`));
  }
  const equal = kept.filter(isEqual);
  if (equal.length > 0 && !tile.nothing) {
    const text = `Already the same: ${lower(list(equal))}`;
    rows.push(element("tr", {}, element("td"), element("td", { class: "share__why", colspan: "4" }, text)));
  }
  return element(
    "div",
    { class: "share__tile" },
    element("label", { class: "share__name" }, all, element("b", {}, tile.title), element("span", {}, tile.gadget)),
    element("table", { "aria-label": `Changes to ${tile.title}` }, element("tbody", {}, ...rows)),
  );
}

/**
 * @param {Field} field
 * @param {HTMLInputElement} box
 */
function changeRow(field, box) {
  const label = element("label", { for: box.id }, field.title);
  const taken = element("td", { class: "share__new" }, field.new.text || "none");
  if (field.why) {
    const prefix = field.ticked ? "kept: " : "not selected: ";
    taken.append(element("span", { class: field.ticked ? "share__stop" : "share__why" }, ` · ${prefix}${field.why.text}`));
  }
  return element(
    "tr",
    field.takes ? {} : { class: "is-kept" },
    element("td", {}, box),
    element("th", { scope: "row" }, label),
    element("td", { class: "share__old" }, field.old?.text || "none"),
    element("td", { class: "share__to" }, element("span", { "aria-hidden": "true" }, "→"), element("span", { class: "sr" }, "becomes")),
    taken,
  );
}

/**
 * @param {string} title
 * @param {string} why
 */
function whyRow(title, why) {
  return element("tr", {}, element("td"), element("th", { scope: "row" }, title), element("td", { class: "share__why", colspan: "3" }, why));
}

/**
 * @param {Field[]} fields
 * @returns {Map<string, Field[]>} the fields that do not change, by reason
 */
function byReason(fields) {
  /** @type {Map<string, Field[]>} */
  const found = new Map();
  for (const field of fields) {
    const why = field.why?.text ?? "it does not change";
    found.set(why, [...(found.get(why) ?? []), field]);
  }
  return found;
}

/**
 * @param {Field} field
 * @returns {boolean} whether it already has the shared value
 */
function isEqual(field) {
  return field.why?.kind === "already_equal";
}

/** @param {Field[]} fields */
function list(fields) {
  return fields.map(({ title }, place) => (place === 0 ? title : lower(title))).join(", ");
}

/** @param {string} title */
function lower(title) {
  return title.charAt(0).toLowerCase() + title.slice(1);
}

/**
 * @param {string} id
 * @param {boolean} isOn
 * @param {(isOn: boolean) => void} onChange
 */
function tick(id, isOn, onChange) {
  const box = element("input", { type: "checkbox", id });
  box.checked = isOn;
  box.addEventListener("change", () => onChange(box.checked));
  return box;
}
