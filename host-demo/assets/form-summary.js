// The list of errors at the top of a form, with links to the fields.

import { element, sentence } from "./form-field.js";

/**
 * @typedef {object} Line
 * @property {string} field the title of the field; empty if there is none
 * @property {string} message
 * @property {() => void} [act] moves to the field, or tries again
 */

/** The list of errors. */
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
    // An unchanged list is not redrawn, so that the focus stays on its lines.
    if (drawn === this.#drawn) {
      return;
    }
    this.#drawn = drawn;
    const title = lines.length === 1 ? "There is 1 problem" : `There are ${lines.length} problems`;
    const list = lines.map(({ field, message, act }) => {
      const link = element("button", { type: "button", class: "link" }, field);
      link.addEventListener("click", () => act?.());
      return field ? element("li", {}, link, `: ${message}`) : element("li", {}, sentence(message));
    });
    this.element.setAttribute("aria-label", title);
    this.element.replaceChildren(element("p", { class: "form__title" }, title), element("ul", {}, ...list));
  }
}
