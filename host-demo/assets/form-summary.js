// What is wrong with a form, said at its top: each line leads to its field.

import { element, sentence } from "./form-field.js";

/**
 * @typedef {object} Line
 * @property {string} field what the field is called; empty where there is none
 * @property {string} message
 * @property {() => void} [act] goes to the field, or tries again
 */

/** The list at the top of a form. */
export class Summary {
  #drawn = "";

  constructor() {
    this.element = element("div", { class: "form__summary", tabindex: "-1", role: "group" });
    this.element.hidden = true;
  }

  /** @param {Line[]} lines */
  show(lines) {
    const drawn = JSON.stringify(lines);
    this.element.hidden = lines.length === 0;
    // One that says the same is left alone: somebody can be on one of its lines.
    if (drawn === this.#drawn) {
      return;
    }
    this.#drawn = drawn;
    const title = lines.length === 1 ? "One thing needs a look" : `${lines.length} things need a look`;
    const list = lines.map(({ field, message, act }) => {
      const link = element("button", { type: "button", class: "link" }, field);
      link.addEventListener("click", () => act?.());
      return field ? element("li", {}, link, `: ${message}`) : element("li", {}, sentence(message));
    });
    this.element.setAttribute("aria-label", title);
    this.element.replaceChildren(element("p", { class: "form__title" }, title), element("ul", {}, ...list));
  }
}
