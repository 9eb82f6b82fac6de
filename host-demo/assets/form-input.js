// Input fields: text, numbers, dates, secrets, JSON and checkboxes.

import { Frame, controlOf, element, setAttribute, setText } from "./form-field.js";
import { kindOf } from "./form-schema.js";
import { isEqual, items, member } from "./form-value.js";

/**
 * @typedef {import("./form-value.js").Value} Value
 * @typedef {import("./form-value.js").Members} Members
 * @typedef {import("./form-schema.js").Kind} Kind
 * @typedef {import("./form-field.js").Control} Control
 * @typedef {import("./form-field.js").Context} Context
 * @typedef {import("./form-field.js").Place} Place
 */

/**
 * Creates a text input for a value.
 *
 * @param {Context} context
 * @param {Place} place
 * @param {Members} schema
 * @param {Value} value
 * @returns {Control}
 */
export function typed(context, place, schema, value) {
  const kind = kindOf(schema, place.depth);
  const isLong = kind === "json" || member(schema, "x-widget") === "textarea";
  const frame = new Frame(context, place, "one");
  const input = isLong ? element("textarea", { rows: "4" }) : element("input", { type: typeOf(kind) });
  input.id = frame.id;
  input.className = "input";
  if (place.isRequired) {
    input.setAttribute("aria-required", "true");
  }
  frame.body.append(input, frame.unit);
  frame.describe([input]);
  /** @type {Value} */
  let saved;
  // The text of the saved value. While it is unchanged, the value is exactly the saved one.
  let drawn = "";
  const read = () => (input.value === drawn ? saved : valueOf(kind, schema, input.value));

  /** @param {Value} next */
  function set(next) {
    saved = next;
    input.value = textOf(kind, next);
    drawn = input.value;
  }

  input.addEventListener("input", () => context.changed(place.pointer, "typed"));
  // Not on `change`, which date inputs fire after each key.
  input.addEventListener("blur", () => {
    const start = member(schema, "default");
    // An absent value means the default, so show that.
    if (read() === undefined && start !== undefined) {
      set(start);
      context.changed(place.pointer, "typed");
    }
    frame.showOwnError(kind === "json" && isBroken(input.value) ? "Enter valid JSON" : "");
  });

  const control = controlOf(frame, kind, {
    isShort: kind === "number" || kind === "day" || kind === "time",
    value: read,
    show(next, wanted) {
      schema = next;
      configureInput(input, kind, schema);
      frame.show(schema, boundsOf(kind, schema));
      if (kind === "time") {
        setText(frame.unit, "UTC");
        frame.unit.hidden = false;
      }
      if (!isEqual(read(), wanted) && !(document.activeElement === input && read() === undefined)) {
        set(wanted);
      }
    },
    focus: () => input.focus(),
  });
  control.show(schema, value);
  return control;
}

/** @param {Kind} kind */
export function typeOf(kind) {
  // Numbers use a text input: a number input would drop invalid text without an error.
  return { day: "date", time: "datetime-local" }[/** @type {string} */ (kind)] ?? "text";
}

/**
 * @param {HTMLInputElement | HTMLTextAreaElement} input
 * @param {Kind} kind
 * @param {Members} schema
 */
export function configureInput(input, kind, schema) {
  const format = member(schema, "format");
  const isWhole = member(schema, "type") === "integer";
  const mode =
    kind === "number" ? (isWhole ? "numeric" : "decimal") : format === "email" ? "email" : format === "uri" ? "url" : null;
  // The numeric keypads of phones have no minus sign.
  setAttribute(input, "inputmode", mode === "numeric" && Number(member(schema, "minimum") ?? -1) < 0 ? "text" : mode);
  setAttribute(input, "autocomplete", "off");
  const isCode = kind !== "text" || Boolean(mode) || member(schema, "pattern") !== undefined;
  setAttribute(input, "spellcheck", isCode ? "false" : null);
  setAttribute(input, "autocapitalize", isCode ? "off" : null);
  if (kind === "time") {
    setAttribute(input, "step", "1");
  }
  const example = items(member(schema, "examples"))[0];
  setAttribute(input, "placeholder", example === undefined || kind === "day" || kind === "time" ? null : textOf(kind, example));
}

/**
 * @param {Kind} kind
 * @param {Members} schema
 */
function boundsOf(kind, schema) {
  const [least, most] = [member(schema, "minimum"), member(schema, "maximum")];
  if (kind !== "number" || typeof most !== "number") {
    return "";
  }
  const read = (/** @type {number} */ number) => number.toLocaleString("en-US");
  return typeof least === "number" ? `From ${read(least)} to ${read(most)}.` : `At most ${read(most)}.`;
}

/**
 * @param {Kind} kind
 * @param {Value} value
 * @returns {string}
 */
function textOf(kind, value) {
  if (value === undefined) {
    return "";
  }
  if (kind === "json") {
    return JSON.stringify(value, null, 2);
  }
  if (kind === "time" && typeof value === "string") {
    const time = new Date(value);
    return Number.isNaN(time.getTime()) ? "" : time.toISOString().slice(0, 19);
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

/**
 * @param {Kind} kind
 * @param {Members} schema
 * @param {string} text
 * @returns {Value}
 */
export function valueOf(kind, schema, text) {
  if (kind === "json") {
    return isBroken(text) ? text : text.trim() === "" ? undefined : JSON.parse(text);
  }
  const trimmed = text.trim();
  // An empty text is a value only in a free text field; elsewhere it means that nothing is set.
  const isFree = kind === "text" && member(schema, "format") === undefined && !Number(member(schema, "minLength"));
  if (trimmed === "" && !isFree) {
    return undefined;
  }
  if (kind === "number") {
    const number = Number(trimmed.replaceAll("\u2212", "-"));
    return Number.isFinite(number) ? number : trimmed;
  }
  if (kind === "time") {
    return `${trimmed.length === 16 ? `${trimmed}:00` : trimmed}Z`;
  }
  return kind === "text" && member(schema, "format") === undefined ? text : trimmed;
}

/** @param {string} text */
function isBroken(text) {
  try {
    JSON.parse(text || "null");
    return false;
  } catch {
    return true;
  }
}

/**
 * Creates a checkbox.
 *
 * @param {Context} context
 * @param {Place} place
 * @param {Members} schema
 * @param {Value} value
 * @returns {Control}
 */
export function check(context, place, schema, value) {
  const frame = new Frame(context, { ...place, isRequired: false }, "one");
  const input = element("input", { type: "checkbox", id: frame.id });
  frame.label.classList.add("check");
  frame.label.prepend(input);
  frame.body.remove();
  frame.describe([input]);
  /** @type {Value} */
  let saved;
  input.addEventListener("change", () => {
    saved = input.checked;
    context.changed(place.pointer, "chosen");
  });
  const control = controlOf(frame, "check", {
    // An unset checkbox is false.
    value: () => saved ?? false,
    show(next, wanted) {
      frame.show(next);
      saved = wanted;
      input.checked = wanted === true;
    },
    focus: () => input.focus(),
  });
  control.show(schema, value);
  return control;
}

/**
 * Creates a field for a secret, which is never sent to a page: it can be set, kept or removed.
 *
 * Its value is a text to set the secret, null to remove it, and undefined to keep it.
 *
 * @param {Context} context
 * @param {Place} place
 * @param {Members} schema
 * @returns {Control}
 */
export function secret(context, place, schema) {
  const frame = new Frame(context, place, "one");
  const input = element("input", { type: "password", class: "input", id: frame.id, autocomplete: "new-password" });
  const remove = element("input", { type: "checkbox", id: context.id() });
  const removal = element("label", { class: "check" }, remove, "Remove the saved value");
  frame.body.append(input);
  frame.element.insertBefore(removal, frame.hint);
  frame.describe([input]);
  input.addEventListener("input", () => context.changed(place.pointer, "typed"));
  remove.addEventListener("change", () => {
    input.disabled = remove.checked;
    input.value = "";
    context.changed(place.pointer, "chosen");
  });
  const control = controlOf(frame, "secret", {
    value: () => (remove.checked ? null : input.value === "" ? undefined : input.value),
    show(next) {
      const isSet = context.isSecretSet(place.pointer);
      frame.show(next);
      setAttribute(input, "placeholder", isSet ? "Saved. Leave empty to keep it" : null);
      setAttribute(input, "aria-required", place.isRequired && !isSet ? "true" : null);
      frame.mark.hidden = !place.isRequired || isSet;
      removal.hidden = !isSet || place.isRequired;
    },
    focus: () => input.focus(),
  });
  control.show(schema, undefined);
  return control;
}
