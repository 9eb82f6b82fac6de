// Fields with several of the available values.

import { MAX_GLANCE, NO_LONGER_AVAILABLE, isOffered } from "./form-choice.js";
import { Frame, controlOf, element, redrawTicks, setText, tick } from "./form-field.js";
import { choicesOf, descriptionOf } from "./form-schema.js";
import { displayText, isEqual, items, member, members } from "./form-value.js";

/**
 * @typedef {import("./form-value.js").Value} Value
 * @typedef {import("./form-value.js").Members} Members
 * @typedef {import("./form-schema.js").Choice} Choice
 * @typedef {import("./form-field.js").Control} Control
 * @typedef {import("./form-field.js").Context} Context
 * @typedef {import("./form-field.js").Place} Place
 */

/**
 * Creates a field for several of the available values.
 *
 * @param {Context} context
 * @param {Place} place
 * @param {Members} schema
 * @param {Value} value
 * @returns {Control}
 */
export function several(context, place, schema, value) {
  const frame = new Frame(context, place, "group");
  const ticks = element("div", { class: "checks" });
  const filter = element("input", { class: "input", type: "search", autocomplete: "off", placeholder: "Search" });
  const count = element("p", { class: "hint", role: "status" });
  frame.body.append(filter, ticks, count);
  /** @type {import("./form-value.js").List} */
  let present = items(value);
  let drawn = "";
  /** @type {Choice[]} */
  let choices = [];
  const labels = () => [...ticks.children].filter((each) => each instanceof HTMLElement);

  function draw() {
    const offered = choicesOf(members(member(schema, "items")));
    const gone = offered.length > 0 ? present.filter((each) => !isOffered(offered, each)) : [];
    const unknown = offered.length > 0 ? [] : present;
    const next = [
      ...[...gone, ...unknown].map((each) => ({
        value: each,
        title: displayText(each) + (gone.length > 0 ? " (no longer available)" : ""),
        description: "",
      })),
      ...offered,
    ];
    if (drawn !== JSON.stringify(next)) {
      drawn = JSON.stringify(next);
      redrawTicks(ticks, choices, next, (each, index) => tick(context, "checkbox", each, frame.id, index));
      frame.describe([...ticks.querySelectorAll("input")]);
    }
    choices = next;
    ticks.querySelectorAll("input").forEach((input, index) => {
      input.checked = present.some((each) => isEqual(each, choices[index]?.value));
    });
    const isLong = choices.length > MAX_GLANCE;
    filter.hidden = !isLong;
    ticks.classList.toggle("checks--long", isLong);
    frame.showOwnError(gone.length > 0 ? NO_LONGER_AVAILABLE : "");
    frame.show(schema, offered.length === 0 ? descriptionOf(members(member(schema, "items"))) : "");
    filter.setAttribute("aria-label", `Search in ${frame.title.textContent}`);
    narrow();
  }

  function narrow() {
    const wanted = filter.value.trim().toLowerCase();
    const isFound = (/** @type {Element} */ each) => each.textContent?.toLowerCase().includes(wanted) ?? false;
    const found = labels().filter(isFound);
    labels().forEach((each) => {
      each.hidden = !found.includes(each);
    });
    setText(count, filter.hidden ? "" : `${present.length} of ${choices.length} selected`);
    count.hidden = filter.hidden;
  }

  filter.addEventListener("input", narrow);
  ticks.addEventListener("change", () => {
    const ticked = [...ticks.querySelectorAll("input")].map((input) => input.checked);
    present = choices.flatMap((each, index) => (ticked[index] ? [each.value] : []));
    draw();
    context.changed(place.pointer, "chosen");
  });
  const control = controlOf(frame, "several", {
    value: () => present,
    show(next, wanted) {
      schema = next;
      present = items(wanted);
      draw();
    },
    showErrors: (errors) => frame.showErrors(errors.map((error) => ({ ...error, path: place.pointer }))),
    focus: () => (filter.hidden ? ticks.querySelector("input") : filter)?.focus(),
  });
  draw();
  return control;
}
