// Changes the dashboard of the page, and offers to undo each change.

import { ApiProblem, api, errorText } from "./api.js";
import { updateDashboard } from "./live.js";
import { toast } from "./toast.js";

/** @typedef {{revision: number, summary?: string, undo?: number, tile?: string, skipped?: string[]}} Changed */

/** @returns {HTMLElement} the element of the dashboard */
export function dashboardElement() {
  const here = document.getElementById("whole");
  if (!here) {
    throw new Error("this page shows no dashboard");
  }
  return here;
}

/** @returns {number} the revision on the page */
export function revision() {
  return Number(dashboardElement().dataset.revision);
}

/**
 * @param {string} tile
 * @returns {string} its title
 */
export function titleOf(tile) {
  return document.getElementById(`${tile}-title`)?.textContent ?? "the gadget";
}

/** @returns {string[]} the tiles in reading order */
export function tiles() {
  return [...document.querySelectorAll("[data-live] > article[id]")].map(({ id }) => id);
}

/**
 * Changes the dashboard, and shows why if that fails.
 *
 * @param {Record<string, unknown> & {tile?: string}} change
 * @param {string} text describes the change once it is made
 */
export async function change(change, text) {
  const before = tiles();
  try {
    const changed = await api("POST", `${dashboardElement().dataset.api}/changes`, { revision: revision(), change });
    await done(changed, text);
    const near = before.indexOf(change.tile ?? "");
    focusOn(changed.tile ?? (tiles().includes(change.tile ?? "") ? change.tile : (before[near + 1] ?? before[near - 1])));
  } catch (error) {
    await refused(error);
  }
}

/**
 * Shows the result of a change.
 *
 * @param {Changed} changed
 * @param {string} text
 */
export async function done(changed, text) {
  await updateDashboard(changed.revision);
  const { undo } = changed;
  if (undo === undefined) {
    toast("Nothing changed: the settings were already like this.");
  } else {
    toast(text, { undo: () => undoIt(undo, text) });
  }
}

/**
 * @param {number} undone the revision of the change
 * @param {string} text its description
 */
async function undoIt(undone, text) {
  /** @type {Changed} */
  const changed = await api("POST", `${dashboardElement().dataset.api}/undo`, { revision: undone });
  const before = tiles();
  await updateDashboard(changed.revision);
  const left = (changed.skipped ?? []).map((tile) => `“${titleOf(tile)}”`);
  const kept = left.length > 0 ? ` Not changed, because the library is missing: ${left.join(", ")}.` : "";
  toast(`Undone: ${text.charAt(0).toLowerCase()}${text.slice(1)}.${kept}`);
  focusOn(tiles().find((tile) => !before.includes(tile)));
}

/** @param {unknown} error */
export async function refused(error) {
  if (error instanceof ApiProblem && error.code === "stale") {
    await updateDashboard(Number.MAX_SAFE_INTEGER);
    toast(`${error.sentence} The page now shows the latest version: try again.`);
    return;
  }
  toast(errorText(error));
}

/** @param {string | undefined} tile the tile whose menu button gets the focus */
export function focusOn(tile) {
  const button = tile && document.getElementById(tile)?.querySelector("[data-menu]");
  if (button instanceof HTMLElement) {
    button.focus();
  }
}
