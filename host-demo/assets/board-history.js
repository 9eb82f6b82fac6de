// The history of a dashboard, with undo.

import { api, errorText } from "./api.js";
import { done } from "./changes.js";
import { formatTime, openDialog } from "./dialog.js";
import { element, sentence } from "./form-field.js";

/**
 * @typedef {{ revision: number, summary: string, at: string, by_name?: string, undoes?: number }} Happened
 */

/** @param {import("./dialog.js").Subject} subject */
export async function showHistory({ api: base }) {
  const list = element("ol", { class: "happened" });
  const problem = element("div", { role: "alert" });
  await draw();
  openDialog("History", problem, list);

  async function draw() {
    /** @type {Happened[]} */
    const all = await api("GET", `${base}/changes`);
    const undone = new Set(all.map(({ undoes }) => undoes));
    const canEdit = document.getElementById("whole")?.dataset.canEdit !== undefined;
    list.replaceChildren(...all.map((each) => row(each, canEdit && !undone.has(each.revision), undone.has(each.revision))));
    if (all.length === 0) {
      list.replaceChildren(element("li", { class: "muted" }, "The dashboard has not been changed yet."));
    }
  }

  /**
   * @param {Happened} happened
   * @param {boolean} canUndo
   * @param {boolean} isUndone
   */
  function row({ revision, summary, at, by_name: by }, canUndo, isUndone) {
    const who = by ? ["by ", element("bdi", {}, by)] : [];
    const text = element("div", {}, element("p", {}, element("bdi", {}, sentence(summary))), element("p", { class: "muted" }, `${formatTime(at)} `, ...who));
    const item = element("li", {}, text);
    if (isUndone) {
      item.append(element("span", { class: "muted" }, "Undone"));
    } else if (canUndo) {
      const button = element("button", { type: "button", class: "button", "aria-label": `Undo: ${summary}` }, "Undo");
      button.addEventListener("click", () => void undo(button, revision, summary));
      item.append(button);
    }
    return item;
  }

  /**
   * @param {HTMLButtonElement} button
   * @param {number} revision
   * @param {string} summary
   */
  async function undo(button, revision, summary) {
    button.disabled = true;
    problem.replaceChildren();
    try {
      const changed = await api("POST", `${base}/undo`, { revision });
      await done(changed, `Undone: ${summary}`);
      await draw();
      list.querySelector("button")?.focus();
    } catch (error) {
      problem.replaceChildren(element("p", { class: "problem" }, errorText(error)));
      button.disabled = false;
    }
  }
}
