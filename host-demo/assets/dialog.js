// Dialogs of the dashboard pages.

import { errorText } from "./api.js";
import { element } from "./form-field.js";

/** @typedef {{ id: string, title: string, api: string, hidden: string }} Subject a dashboard; `hidden` names its private datasources */

let count = 0;

/**
 * Opens a dialog. Closing it removes it and returns the focus.
 *
 * @param {string} heading
 * @param {...(Node | string)} content
 * @returns {HTMLDialogElement}
 */
export function openDialog(heading, ...content) {
  const id = `dialog-${(count += 1)}`;
  const close = element("button", { type: "button", class: "button button--icon", "aria-label": "Close" }, "×");
  const head = element("div", { class: "about__head" }, element("h2", { id }, heading), close);
  const dialog = element("dialog", { class: "about", "aria-labelledby": id }, head, ...content);
  close.addEventListener("click", () => dialog.close());
  const from = opener();
  dialog.addEventListener("close", () => {
    dialog.remove();
    from?.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** @returns {HTMLElement | null} the focused element, or the button of its menu, which is about to close */
function opener() {
  const active = document.activeElement;
  const menu = active?.closest("[popover]");
  const button = menu ? document.querySelector(`[popovertarget="${menu.id}"]`) : active;
  return button instanceof HTMLElement ? button : null;
}

/**
 * Creates a form that cannot be sent twice at the same time, and that shows errors.
 *
 * @param {string} doing the label of the submit button
 * @param {(data: FormData) => Promise<void>} send
 * @param {...(Node | string)} fields
 */
export function formOf(doing, send, ...fields) {
  const problem = element("div", { role: "alert" });
  const button = element("button", { type: "submit", class: "button button--first" }, doing);
  const form = element("form", { class: "about__form" }, ...fields, problem, element("div", { class: "row" }, button));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.replaceChildren();
    try {
      await send(new FormData(form));
    } catch (error) {
      problem.replaceChildren(element("p", { class: "problem" }, errorText(error)));
    } finally {
      button.disabled = false;
    }
  });
  return form;
}

/**
 * Creates a field with a label.
 *
 * @param {string} label
 * @param {HTMLElement} input
 * @param {string} [hint]
 */
export function field(label, input, hint = "") {
  const id = (input.id ||= `dialog-${(count += 1)}`);
  const body = input instanceof HTMLSelectElement ? element("span", { class: "chevron" }, input) : input;
  const made = element("div", { class: "field" }, element("label", { for: id }, label), body);
  if (hint) {
    input.setAttribute("aria-describedby", `${id}-hint`);
    made.append(element("p", { class: "hint", id: `${id}-hint` }, hint));
  }
  return made;
}

/**
 * @param {string} name
 * @param {[string, string][]} options values and their labels
 * @param {string} [chosen]
 */
export function select(name, options, chosen = "") {
  const made = element("select", { class: "select", name });
  for (const [value, text] of options) {
    const option = element("option", { value }, text);
    option.selected = value === chosen;
    made.append(option);
  }
  return made;
}

/**
 * @param {string} time
 * @returns {string} the time, formatted as on all pages
 */
export function formatTime(time) {
  const at = new Date(time);
  const day = at.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  return `${day}, ${at.toISOString().slice(11, 16)} UTC`;
}
