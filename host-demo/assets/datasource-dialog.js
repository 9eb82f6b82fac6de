// Confirms the deletion of a datasource, and compares versions after a conflict.

import { api, errorText } from "./api.js";
import { element } from "./form-field.js";
import { displayText, isEqual } from "./form-value.js";

/**
 * @typedef {import("./form-value.js").Members} Members
 * @typedef {{ tiles: { dashboard: string, title: string, tile: string, label: string }[], others: number }} Uses
 */

/**
 * Asks whether to delete a datasource, and lists the gadgets that use it.
 *
 * @param {string} id
 * @param {number} revision
 */
export async function deleteSource(id, revision) {
  /** @type {Uses} */
  const uses = await api("GET", `/api/datasources/${id}/uses`);
  const dialog = element("dialog", { class: "ask", "aria-labelledby": "ask-title" });
  const problem = element("p", { class: "problem", role: "alert" });
  problem.hidden = true;
  const [keep, remove] = [
    element("button", { type: "button", class: "button" }, "Cancel"),
    element("button", { type: "button", class: "button button--danger" }, "Delete datasource"),
  ];
  keep.addEventListener("click", () => dialog.close());
  remove.addEventListener("click", async () => {
    remove.disabled = true;
    try {
      await api("DELETE", `/api/datasources/${id}?revision=${revision}`);
      location.assign("/datasources");
    } catch (error) {
      problem.textContent = errorText(error);
      problem.hidden = false;
      remove.disabled = false;
    }
  });
  const title = element("h2", { id: "ask-title" }, "Delete this datasource?");
  dialog.append(title, ...consequences(uses), problem, element("div", { class: "row" }, remove, keep));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  keep.focus();
}

/** @param {Uses} uses */
function consequences({ tiles, others }) {
  const gone = "Its secrets and the data read with it will be deleted too. This cannot be undone.";
  if (tiles.length + others === 0) {
    return [element("p", {}, `No gadget uses it. ${gone}`)];
  }
  const count = tiles.length + others;
  const text = `${count === 1 ? "1 gadget uses" : `${count} gadgets use`} it and will no longer be updated. ${gone}`;
  const items = tiles.map(({ dashboard, title, tile, label }) =>
    element(
      "li",
      {},
      element("a", { href: `/d/${dashboard}/t/${tile}` }, element("bdi", {}, label)),
      " on ",
      element("bdi", {}, title),
    ),
  );
  if (others > 0) {
    items.push(element("li", { class: "muted" }, `${others} on dashboards that you cannot see`));
  }
  return [element("p", {}, text), element("ul", { class: "uses" }, ...items)];
}

/**
 * Shows the differences when somebody else saved the datasource first.
 *
 * @param {string} id
 * @param {{ name: string, settings: Members }} mine
 * @param {HTMLElement} place
 */
export async function showStale(id, mine, place) {
  const theirs = await api("GET", `/api/datasources/${id}`).catch(() => null);
  if (!theirs) {
    return;
  }
  const names = new Set([...Object.keys(theirs.settings), ...Object.keys(mine.settings)]);
  const pairs = [["name", theirs.name, mine.name], ...[...names].map((name) => [name, theirs.settings[name], mine.settings[name]])];
  const rows = pairs
    .filter(([, saved, entered]) => !isEqual(saved, entered))
    .map(([name, saved, entered]) => element("li", {}, element("b", {}, name), `: saved as ${quoted(saved)}, you entered ${quoted(entered)}`));
  const again = element("button", { type: "button", class: "button" }, "Load the saved version");
  again.addEventListener("click", () => location.reload());
  const what = rows.length > 0 ? element("ul", { class: "uses" }, ...rows) : element("p", {}, "The saved settings are the same as yours.");
  const body = element("div", {}, element("p", {}, element("b", {}, "Somebody else saved this datasource in the meantime.")), what, again);
  place.replaceChildren(element("div", { class: "strip" }, element("span"), body));
}

/** @param {import("./form-value.js").Value} value */
function quoted(value) {
  return value === undefined ? "nothing" : `“${displayText(value)}”`;
}
