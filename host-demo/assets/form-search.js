// One of many values: a search field with a list, following the ARIA combobox pattern.

import { element, setAttribute, setText } from "./form-field.js";
import { isEqual } from "./form-value.js";

/**
 * @typedef {import("./form-value.js").Value} Value
 * @typedef {import("./form-schema.js").Choice} Choice
 */

/** The most rows drawn; typing more shows the others. */
const MAX_ROWS = 100;

/** A search field with a list. */
export class Search {
  /** @type {Choice[]} */
  #choices = [];
  /** @type {Value} */
  #present;
  /** @type {Choice[]} */
  #found = [];
  #active = -1;
  #chosen;

  /**
   * @param {import("./form-field.js").Frame} frame
   * @param {(chosen: Value) => void} chosen
   */
  constructor(frame, chosen) {
    this.#chosen = chosen;
    const list = `${frame.id}-list`;
    this.input = element("input", {
      class: "select",
      type: "text",
      id: frame.id,
      role: "combobox",
      autocomplete: "off",
      spellcheck: "false",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": list,
    });
    this.list = element("ul", { class: "options", role: "listbox", id: list, "aria-labelledby": `${frame.id}-label` });
    this.list.hidden = true;
    this.more = element("p", { class: "options__more", role: "status" });
    this.more.hidden = true;
    this.element = element("span", { class: "chevron search" }, this.input, element("span", { class: "options__box" }, this.list, this.more));
    this.input.addEventListener("input", () => this.#open(this.input.value));
    this.input.addEventListener("click", () => this.#open(""));
    this.input.addEventListener("keydown", (event) => this.#onKey(event));
    this.input.addEventListener("blur", () => this.#leave());
    // The input keeps the focus while the pointer chooses.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const row = event.target instanceof Element ? event.target.closest("[role=option]") : null;
      if (row) {
        this.#take([...this.list.children].indexOf(row));
      }
    });
  }

  /**
   * @param {Choice[]} choices
   * @param {Value} present
   * @param {boolean} isWaiting
   */
  show(choices, present, isWaiting) {
    const isSame = isEqual(this.#present, present) && this.#title() !== "";
    this.#choices = choices;
    this.#present = present;
    this.input.disabled = isWaiting;
    setAttribute(this.input, "placeholder", isWaiting ? "No choices yet" : `Search ${choices.length} choices`);
    // Text that is being typed is not overwritten.
    if (!this.#isOpen() || !isSame) {
      this.#close();
    }
  }

  #isOpen() {
    return !this.list.hidden;
  }

  #title() {
    return this.#choices.find((each) => isEqual(each.value, this.#present))?.title ?? "";
  }

  /** @param {string} wanted */
  #open(wanted) {
    const words = wanted.trim().toLowerCase().split(/\s+/);
    const isFound = (/** @type {Choice} */ each) => {
      const text = `${each.title} ${each.description} ${each.value}`.toLowerCase();
      return words.every((word) => text.includes(word));
    };
    this.#found = this.#choices.filter(isFound);
    const rows = this.#found.slice(0, MAX_ROWS).map((each, index) => {
      const row = element("li", { role: "option", id: `${this.list.id}-${index}` }, element("span", {}, each.title));
      if (each.description) {
        row.append(element("small", {}, each.description));
      }
      row.setAttribute("aria-selected", String(isEqual(each.value, this.#present)));
      return row;
    });
    this.list.replaceChildren(...rows);
    this.list.hidden = rows.length === 0;
    const left = this.#found.length - rows.length;
    setText(this.more, rows.length === 0 ? "No matches" : left > 0 ? `${left} more. Type more to narrow the list` : "");
    this.more.hidden = this.more.textContent === "";
    setAttribute(this.input, "aria-expanded", String(this.#isOpen()));
    const present = this.#found.findIndex((each) => isEqual(each.value, this.#present));
    this.#point(wanted.trim() === "" ? present : 0);
  }

  #close() {
    this.list.hidden = true;
    this.more.hidden = true;
    setAttribute(this.input, "aria-expanded", "false");
    setAttribute(this.input, "aria-activedescendant", null);
    this.#active = -1;
    this.input.value = this.#title();
  }

  /** @param {number} index */
  #point(index) {
    const rows = [...this.list.children];
    this.#active = rows.length === 0 ? -1 : Math.max(-1, Math.min(index, rows.length - 1));
    rows.forEach((row, place) => row.classList.toggle("is-active", place === this.#active));
    const active = rows[this.#active];
    setAttribute(this.input, "aria-activedescendant", active?.id ?? null);
    active?.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} index */
  #take(index) {
    const taken = this.#found[index];
    if (taken && !isEqual(taken.value, this.#present)) {
      this.#present = taken.value;
      this.#close();
      this.#chosen(taken.value);
      return;
    }
    this.#close();
  }

  #leave() {
    const typed = this.input.value.trim().toLowerCase();
    const exact = this.#found.findIndex((each) => each.title.toLowerCase() === typed);
    if (this.#isOpen() && exact >= 0) {
      this.#take(exact);
      return;
    }
    this.#close();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (step) {
      event.preventDefault();
      if (!this.#isOpen()) {
        this.#open("");
        if (this.#active < 0) {
          this.#point(0);
        }
        return;
      }
      this.#point(Math.max(0, this.#active + step));
    } else if (event.key === "Enter" && this.#isOpen()) {
      // Enter chooses; only a second Enter submits the form.
      event.preventDefault();
      this.#take(this.#active);
    } else if (event.key === "Escape" && (this.#isOpen() || !this.more.hidden)) {
      // Escape closes the list, not the surrounding panel.
      event.preventDefault();
      event.stopPropagation();
      this.#close();
    }
  }
}
