// Fields with a list of typed values.

import { Frame, controlOf, element, setAttribute } from "./form-field.js";
import { configureInput, typeOf, valueOf } from "./form-input.js";
import { kindOf, titleOf } from "./form-schema.js";
import { at, displayText, isEqual, items, member, members } from "./form-value.js";

/**
 * @typedef {import("./form-value.js").Value} Value
 * @typedef {import("./form-value.js").Members} Members
 * @typedef {import("./form-field.js").Control} Control
 * @typedef {import("./form-field.js").Context} Context
 * @typedef {import("./form-field.js").Place} Place
 */

/**
 * Creates a list of texts or numbers, whose rows can be added and removed.
 *
 * @param {Context} context
 * @param {Place} place
 * @param {Members} schema
 * @param {Value} value
 * @returns {Control}
 */
export function list(context, place, schema, value) {
  const frame = new Frame(context, place, "group");
  const rows = element("ol", { class: "rows" });
  const add = element("button", { type: "button", class: "button", id: frame.id }, "Add a row");
  frame.body.append(rows, add);
  /** @type {import("./form-value.js").FieldError[]} */
  let errors = [];
  const inputs = () => [...rows.querySelectorAll("input")];
  const itemSchema = () => members(member(schema, "items"));
  const kind = kindOf(itemSchema());
  // Empty rows are ignored.
  const read = () => inputs().flatMap((each) => valueOf(kind, { ...itemSchema(), minLength: 1 }, each.value) ?? []);

  /** @param {string} text */
  function row(text) {
    const input = element("input", { class: "input", type: typeOf(kind) });
    input.value = text;
    configureInput(input, kind, { ...itemSchema(), examples: items(at(schema, "/examples/0")) });
    input.addEventListener("input", () => context.changed(place.pointer, "typed"));
    const remove = element("button", { type: "button", class: "button button--icon", title: "Remove" }, "×");
    remove.addEventListener("click", () => {
      const number = inputs().indexOf(input);
      line.remove();
      label();
      (inputs()[number] ?? add).focus();
      context.changed(place.pointer, "typed");
    });
    const line = element("li", {}, input, remove);
    rows.append(line);
    return input;
  }

  function label() {
    const name = titleOf(schema);
    const present = read();
    inputs().forEach((input, index) => {
      input.setAttribute("aria-label", `${name}, row ${index + 1}`);
      input.nextElementSibling?.setAttribute("aria-label", `Remove row ${index + 1} of ${name}`);
    });
    const most = member(schema, "maxItems");
    add.disabled = typeof most === "number" && present.length >= most && inputs().length >= most;
    frame.describe(inputs());
    frame.showErrors(errors);
    mark();
  }

  /** Marks only the rows with errors; an error of the whole list marks all. */
  function mark() {
    const prefix = `${place.pointer}/`;
    if (errors.length > 0 && errors.every(({ path }) => path.startsWith(prefix))) {
      const wrong = new Set(errors.map(({ path }) => path.slice(prefix.length)));
      inputs().forEach((input, number) => {
        setAttribute(input, "aria-invalid", wrong.has(String(number)) ? "true" : null);
      });
    }
  }

  add.addEventListener("click", () => {
    row("").focus();
    label();
  });
  rows.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target instanceof HTMLInputElement && !add.disabled) {
      event.preventDefault();
      add.click();
    }
  });

  const control = controlOf(frame, "list", {
    value: read,
    show(next, wanted) {
      schema = next;
      frame.show(schema);
      const texts = items(wanted).map((each) => (typeof each === "string" ? each : displayText(each)));
      if (!isEqual(read(), items(wanted))) {
        const present = inputs();
        present.slice(texts.length).forEach((input) => input.parentElement?.remove());
        texts.forEach((text, number) => {
          const input = present[number] ?? row("");
          if (input.value !== text) {
            input.value = text;
          }
        });
      }
      label();
    },
    showErrors(found) {
      errors = found;
      label();
    },
    focus(pointer) {
      const number = Number(pointer.slice(place.pointer.length + 1));
      (inputs()[number] ?? add).focus();
    },
  });
  control.show(schema, value);
  return control;
}
