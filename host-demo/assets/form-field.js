// The frame of a field: its label, help, unit and what is wrong with it, each tied to the input.

import { descriptionOf, titleOf, unitOf } from "./form-schema.js";
import { isEqual } from "./form-value.js";

/**
 * @typedef {import("./form-value.js").Value} Value
 * @typedef {import("./form-value.js").Members} Members
 * @typedef {import("./form-schema.js").Choice} Choice
 * @typedef {import("./form-value.js").FieldError} FieldError
 *
 * @typedef {object} Control one field of a form
 * @property {string} pointer
 * @property {import("./form-schema.js").Kind} kind
 * @property {HTMLElement} element
 * @property {boolean} isShort whether two of them stand side by side
 * @property {() => Control[]} parts the fields within
 * @property {() => Value} value
 * @property {(schema: Members, value: Value) => void} show draws another schema or value, and leaves alone what is the same
 * @property {(errors: FieldError[]) => void} blame says what is wrong with it
 * @property {(isBusy: boolean) => void} wait
 * @property {(pointer: string) => void} focus
 *
 * @typedef {object} Context what a field needs of the form that it is in
 * @property {() => string} id a new one for an element
 * @property {(pointer: string, way: "typed" | "chosen") => void} changed
 * @property {(pointer: string) => boolean} isSecretSet
 * @property {(pointer: string) => boolean} isDynamic whether its choices depend on what else is set, or when
 * @property {() => boolean} hasRoom whether one more field may be drawn
 *
 * @typedef {object} Place where a field stands
 * @property {string} pointer
 * @property {boolean} isRequired
 * @property {number} depth
 */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {{ [attribute: string]: string }} [attributes]
 * @param {...(Node | string)} content
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, attributes = {}, ...content) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  made.append(...content);
  return made;
}

/**
 * @param {Element} of
 * @param {string} name
 * @param {string | null} value null takes the attribute away
 */
export function setAttribute(of, name, value) {
  if (value === null) {
    of.removeAttribute(name);
  } else if (of.getAttribute(name) !== value) {
    of.setAttribute(name, value);
  }
}

/**
 * @param {Element} of
 * @param {string} text
 */
export function setText(of, text) {
  if (of.textContent !== text) {
    of.textContent = text;
  }
}

/**
 * Puts elements into another in this order; those that stand right are not touched, so none loses the focus.
 *
 * @param {Element} parent
 * @param {Element[]} children
 */
export function arrange(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) {
    if (!wanted.has(child)) {
      child.remove();
    }
  }
  children.forEach((child, place) => {
    const there = parent.children[place] ?? null;
    if (there !== child) {
      parent.insertBefore(child, there);
    }
  });
}

/**
 * A choice that is ticked, with what is said about it.
 *
 * @param {Context} context
 * @param {"radio" | "checkbox"} type
 * @param {Choice} offered
 * @param {string} name
 * @param {number} index
 */
export function tick(context, type, offered, name, index) {
  const input = element("input", { type, name, value: String(index) });
  const label = element("label", { class: "check" }, input, element("span", {}, offered.title));
  if (offered.description) {
    const told = element("small", { id: context.id() }, offered.description);
    input.setAttribute("aria-describedby", told.id);
    label.append(told);
  }
  return label;
}

/**
 * Draws ticks anew; the focus stays on the choice that had it, or goes to the first one.
 *
 * @param {HTMLElement} into
 * @param {Choice[]} before what is drawn there
 * @param {Choice[]} after
 * @param {(choice: Choice, index: number) => HTMLElement} draw
 */
export function redrawTicks(into, before, after, draw) {
  const focused = [...into.querySelectorAll("input")].findIndex((input) => input === document.activeElement);
  into.replaceChildren(...after.map(draw));
  if (focused >= 0) {
    const again = after.findIndex((each) => isEqual(each.value, before[focused]?.value));
    into.querySelectorAll("input")[Math.max(0, again)]?.focus();
  }
}

/** @param {string} text */
export function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Label, help and error of one field. */
export class Frame {
  /** @type {HTMLElement[]} */
  #inputs = [];
  /** @type {FieldError[]} */
  #errors = [];
  #own = "";

  /**
   * @param {Context} context
   * @param {Place} place
   * @param {"one" | "group"} form whether a single input is labelled, or several are
   */
  constructor(context, place, form) {
    this.place = place;
    this.id = context.id();
    this.title = element("span");
    this.mark = element("span", { class: "field__must", "aria-hidden": "true", title: "required" }, "*");
    this.mark.hidden = !place.isRequired;
    const label = form === "one" ? element("label", { for: this.id }) : element("legend");
    label.id = `${this.id}-label`;
    label.append(this.title, this.mark);
    this.label = label;
    this.body = element("div", { class: "field__body" });
    this.hint = element("p", { class: "hint", id: `${this.id}-hint` });
    this.problem = element("p", { class: "problem", id: `${this.id}-problem` });
    this.problem.hidden = true;
    this.unit = element("span", { class: "field__unit", id: `${this.id}-unit` });
    this.element = form === "one" ? element("div") : element("fieldset");
    this.element.className = "field";
    this.element.append(label, this.body, this.hint, this.problem);
  }

  /**
   * @param {HTMLElement[]} inputs those that the help and the errors belong to
   */
  describe(inputs) {
    this.#inputs = inputs;
    this.#draw();
  }

  /**
   * @param {Members} schema
   * @param {string} [more] what else helps, after the description
   */
  show(schema, more = "") {
    setText(this.title, titleOf(schema) || this.place.pointer);
    setText(this.unit, unitOf(schema));
    this.unit.hidden = this.unit.textContent === "";
    setText(this.hint, [descriptionOf(schema), more].filter(Boolean).join(" "));
    this.hint.hidden = this.hint.textContent === "";
    this.#draw();
  }

  /** @param {FieldError[]} errors */
  blame(errors) {
    this.#errors = errors;
    this.#draw();
  }

  /** @param {string} problem what the field itself finds wrong; it goes before what others say */
  object(problem) {
    this.#own = problem;
    this.#draw();
  }

  /** @param {boolean} isBusy */
  wait(isBusy) {
    setAttribute(this.element, "aria-busy", isBusy ? "true" : null);
  }

  #draw() {
    const { pointer } = this.place;
    const lines = this.#own ? [this.#own] : this.#errors.map(({ path, message }) => lineOf(pointer, path, message));
    setText(this.problem, lines.join(" · "));
    this.problem.hidden = lines.length === 0;
    const told = [this.unit, this.hint, this.problem].filter((each) => !each.hidden && each.textContent);
    const ids = told.map((each) => each.id).join(" ");
    const isGroup = this.element.tagName === "FIELDSET";
    if (isGroup) {
      setAttribute(this.element, "aria-describedby", ids || null);
    }
    for (const input of this.#inputs) {
      if (!isGroup) {
        setAttribute(input, "aria-describedby", ids || null);
      }
      setAttribute(input, "aria-invalid", lines.length > 0 ? "true" : null);
    }
  }
}

/**
 * @param {string} pointer of the field
 * @param {string} path of the error, in the field
 * @param {string} message
 */
function lineOf(pointer, path, message) {
  const row = /^\/(\d+)$/.exec(path.slice(pointer.length));
  return row ? `Row ${Number(row[1]) + 1}: ${message}` : sentence(message);
}
