// The frame of a field: its label, help, unit and errors, linked to the input.

import { descriptionOf, titleOf, unitOf } from "./form-schema.js";
import { isEqual } from "./form-value.js";

/**
 * @typedef {import("./form-value.js").Value} Value
 * @typedef {import("./form-value.js").Members} Members
 * @typedef {import("./form-schema.js").Choice} Choice
 * @typedef {import("./form-value.js").FieldError} FieldError
 *
 * @typedef {object} Control a field of a form
 * @property {string} pointer
 * @property {import("./form-schema.js").Kind} kind
 * @property {HTMLElement} element
 * @property {boolean} isShort whether two of them fit side by side
 * @property {() => Control[]} parts the nested fields
 * @property {() => Value} value
 * @property {(schema: Members, value: Value) => void} show updates the schema and the value, and redraws only what changed
 * @property {(errors: FieldError[]) => void} showErrors
 * @property {(isBusy: boolean) => void} wait
 * @property {(pointer: string) => void} focus
 *
 * @typedef {object} Context what a field needs from its form
 * @property {() => string} id returns a new element id
 * @property {(pointer: string, way: "typed" | "chosen") => void} changed
 * @property {(pointer: string) => boolean} isSecretSet
 * @property {(pointer: string) => boolean} isDynamic whether its choices can change
 * @property {() => boolean} hasRoom whether another field may be drawn
 *
 * @typedef {object} Place the position of a field
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
 * @param {string | null} value null removes the attribute
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
 * Arranges elements in a parent. Elements already in place are not touched, so they keep the focus.
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
 * Creates a radio button or checkbox with its description.
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
    const note = element("small", { id: context.id() }, offered.description);
    input.setAttribute("aria-describedby", note.id);
    label.append(note);
  }
  return label;
}

/**
 * Redraws choices. The focus stays on its choice, or moves to the first one.
 *
 * @param {HTMLElement} into
 * @param {Choice[]} before the choices drawn so far
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

/** The label, help and errors of a field. */
export class Frame {
  /** @type {HTMLElement[]} */
  #inputs = [];
  /** @type {FieldError[]} */
  #errors = [];
  #own = "";

  /**
   * @param {Context} context
   * @param {Place} place
   * @param {"one" | "group"} form whether it frames one input or several
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
   * @param {HTMLElement[]} inputs the inputs that the help and errors belong to
   */
  describe(inputs) {
    this.#inputs = inputs;
    this.#draw();
  }

  /**
   * @param {Members} schema
   * @param {string} [more] more help, after the description
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
  showErrors(errors) {
    this.#errors = errors;
    this.#draw();
  }

  /** @param {string} problem an error that the field itself found; it replaces other errors */
  showOwnError(problem) {
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
    const notes = [this.unit, this.hint, this.problem].filter((each) => !each.hidden && each.textContent);
    const ids = notes.map((each) => each.id).join(" ");
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
 * Creates the control of a framed field.
 *
 * @param {Frame} frame
 * @param {import("./form-schema.js").Kind} kind
 * @param {Pick<Control, "value" | "show" | "focus"> & Partial<Control>} own what differs between fields
 * @returns {Control}
 */
export function controlOf(frame, kind, own) {
  return {
    pointer: frame.place.pointer,
    kind,
    element: frame.element,
    isShort: false,
    parts: () => [],
    showErrors: (errors) => frame.showErrors(errors),
    wait: (isBusy) => frame.wait(isBusy),
    ...own,
  };
}

/**
 * @param {string} pointer of the field
 * @param {string} path of the error, within the field
 * @param {string} message
 */
function lineOf(pointer, path, message) {
  const row = /^\/(\d+)$/.exec(path.slice(pointer.length));
  return row ? `Row ${Number(row[1]) + 1}: ${message}` : sentence(message);
}
