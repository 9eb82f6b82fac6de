// Fields with one of several values: radio buttons or a menu. Long lists are in form-search.js.

import { Frame, controlOf, element, redrawTicks, tick } from "./form-field.js";
import { choicesOf } from "./form-schema.js";
import { displayText, isEqual, items, member } from "./form-value.js";
import { Search } from "./form-search.js";

/**
 * @typedef {import("./form-value.js").Value} Value
 * @typedef {import("./form-value.js").Json} Json
 * @typedef {import("./form-value.js").Members} Members
 * @typedef {import("./form-schema.js").Choice} Choice
 * @typedef {import("./form-field.js").Control} Control
 * @typedef {import("./form-field.js").Context} Context
 * @typedef {import("./form-field.js").Place} Place
 */

/** The most choices shown without a search field. */
export const MAX_GLANCE = 12;
const MAX_RADIOS = 3;
export const NO_LONGER_AVAILABLE = "This choice is no longer available. Choose another one";

/**
 * @param {Members} schema
 * @param {boolean} isDynamic whether the choices change with other fields, which must not change the layout
 * @returns {"radios" | "select" | "search"} the kind of input
 */
export function wayOf(schema, isDynamic) {
  const count = choicesOf(schema).length;
  const widget = member(schema, "x-widget");
  if (count > MAX_GLANCE) {
    return "search";
  }
  const isGlance = !isDynamic && count <= MAX_RADIOS && items(member(schema, "oneOf")).length > 0;
  return widget === "radio" || (isGlance && widget !== "select") ? "radios" : "select";
}

/**
 * Creates a field for one of several values.
 *
 * @param {Context} context
 * @param {Place} place
 * @param {Members} schema
 * @param {Value} value
 * @param {(chosen: Value) => void} [onChoose] called with each new choice
 * @returns {Control}
 */
export function choice(context, place, schema, value, onChoose) {
  const way = wayOf(schema, context.isDynamic(place.pointer));
  return way === "radios" ? radios(context, place, schema, value) : menu(context, place, schema, value, way, onChoose);
}

/**
 * @param {Choice[]} choices
 * @param {Value} value
 */
export function isOffered(choices, value) {
  return choices.some((each) => isEqual(each.value, value));
}

/**
 * @param {Context} context
 * @param {Place} place
 * @param {Members} schema
 * @param {Value} value
 * @param {"select" | "search"} way
 * @param {(chosen: Value) => void} [onChoose]
 * @returns {Control}
 */
function menu(context, place, schema, value, way, onChoose) {
  const frame = new Frame(context, place, "one");
  /** @type {Value} */
  let present = value;
  /** @param {Value} next */
  const chosen = (next) => {
    present = next;
    draw();
    onChoose?.(next);
    context.changed(place.pointer, "chosen");
  };
  const box = way === "search" ? new Search(frame, chosen) : new Select(frame, chosen);
  if (place.isRequired) {
    box.input.setAttribute("aria-required", "true");
  }
  frame.body.append(box.element);
  frame.describe([box.input]);

  function draw() {
    const choices = choicesOf(schema);
    // While there are no choices yet, the value may still be one of them.
    const isGone = present !== undefined && choices.length > 0 && !isOffered(choices, present);
    const kept = { value: present ?? null, title: displayText(present) + (isGone ? " (no longer available)" : ""), description: "" };
    const isKept = present !== undefined && !isOffered(choices, present);
    box.show(isKept ? [kept, ...choices] : choices, present, choices.length === 0);
    frame.showOwnError(isGone ? NO_LONGER_AVAILABLE : "");
    frame.show(schema, choices.find((each) => isEqual(each.value, present))?.description);
  }

  const control = controlOf(frame, "choice", {
    isShort: true,
    value: () => present,
    show(next, wanted) {
      schema = next;
      present = wanted;
      draw();
    },
    focus: () => box.input.focus(),
  });
  draw();
  return control;
}

/** A native menu. */
class Select {
  /** @type {Choice[]} */
  #choices = [];
  #drawn = "";

  /**
   * @param {Frame} frame
   * @param {(chosen: Value) => void} chosen
   */
  constructor(frame, chosen) {
    this.input = element("select", { class: "select", id: frame.id });
    this.element = element("span", { class: "chevron" }, this.input);
    this.input.addEventListener("change", () => chosen(this.#choices[Number(this.input.value)]?.value));
  }

  /**
   * @param {Choice[]} choices
   * @param {Value} present
   * @param {boolean} isWaiting whether there are no choices yet
   */
  show(choices, present, isWaiting) {
    this.#choices = choices;
    const place = choices.findIndex((each) => isEqual(each.value, present));
    const titles = choices.map((each) => each.title);
    const drawn = JSON.stringify([titles, place < 0]);
    if (drawn !== this.#drawn) {
      this.#drawn = drawn;
      const options = titles.map((title, index) => element("option", { value: String(index) }, title));
      if (place < 0) {
        options.unshift(element("option", { value: "" }, isWaiting ? "No choices yet" : "Choose…"));
      }
      this.input.replaceChildren(...options);
    }
    this.input.value = place < 0 ? "" : String(place);
    this.input.disabled = isWaiting;
  }
}

/**
 * @param {Context} context
 * @param {Place} place
 * @param {Members} schema
 * @param {Value} value
 * @returns {Control}
 */
function radios(context, place, schema, value) {
  const frame = new Frame(context, place, "group");
  frame.element.setAttribute("role", "radiogroup");
  if (place.isRequired) {
    frame.element.setAttribute("aria-required", "true");
  }
  /** @type {Value} */
  let present = value;
  let drawn = "";
  /** @type {Choice[]} */
  let choices = [];
  const inputs = () => [...frame.body.querySelectorAll("input")];

  function draw() {
    const offered = choicesOf(schema);
    const isGone = present !== undefined && !isOffered(offered, present);
    const kept = { value: present ?? null, title: `${displayText(present)} (no longer available)`, description: "" };
    const next = isGone ? [kept, ...offered] : offered;
    if (drawn !== JSON.stringify(next)) {
      drawn = JSON.stringify(next);
      frame.body.className = next.some((each) => each.description) ? "radios radios--onChoose" : "radios";
      redrawTicks(frame.body, choices, next, (each, index) => tick(context, "radio", each, frame.id, index));
      frame.describe(inputs());
    }
    choices = next;
    inputs().forEach((input, index) => {
      input.checked = isEqual(choices[index]?.value, present);
    });
    frame.showOwnError(isGone ? NO_LONGER_AVAILABLE : "");
    frame.show(schema);
  }

  frame.body.addEventListener("change", () => {
    present = choices[inputs().findIndex((input) => input.checked)]?.value;
    draw();
    context.changed(place.pointer, "chosen");
  });
  const control = controlOf(frame, "choice", {
    value: () => present,
    show(next, wanted) {
      schema = next;
      present = wanted;
      draw();
    },
    focus: () => (inputs().find((input) => input.checked) ?? inputs()[0])?.focus(),
  });
  draw();
  return control;
}
