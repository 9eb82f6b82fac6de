// Changes the dashboard of the page, says what happened, and offers to undo it.

import { ApiProblem, api, told } from "./api.js";
import { bringUpWhole } from "./live.js";
import { toast } from "./toast.js";

/** @typedef {{revision: number, summary?: string, undo?: number, tile?: string, skipped?: string[]}} Changed */

/** @returns {HTMLElement} what holds the dashboard */
export function whole() {
  const here = document.getElementById("whole");
  if (!here) {
    throw new Error("this page shows no dashboard");
  }
  return here;
}

/** @returns {number} the revision that the page shows */
export function revision() {
  return Number(whole().dataset.revision);
}

/**
 * @param {string} tile
 * @returns {string} what a person calls it
 */
export function titleOf(tile) {
  return document.getElementById(`${tile}-title`)?.textContent ?? "the gadget";
}

/** @returns {string[]} the tiles in reading order */
export function tiles() {
  return [...document.querySelectorAll("[data-live] > article[id]")].map(({ id }) => id);
}

/**
 * Changes the dashboard; what is refused is told.
 *
 * @param {Record<string, unknown> & {tile?: string}} change
 * @param {string} text what happened, once it has
 */
export async function change(change, text) {
  const before = tiles();
  try {
    const changed = await api("POST", `${whole().dataset.api}/changes`, { revision: revision(), change });
    await done(changed, text);
    const near = before.indexOf(change.tile ?? "");
    focusOn(changed.tile ?? (tiles().includes(change.tile ?? "") ? change.tile : (before[near + 1] ?? before[near - 1])));
  } catch (error) {
    await refused(error);
  }
}

/**
 * Shows what a change made.
 *
 * @param {Changed} changed
 * @param {string} text
 */
export async function done(changed, text) {
  await bringUpWhole(changed.revision);
  const { undo } = changed;
  if (undo === undefined) {
    toast("Nothing was changed: everything was so already.");
  } else {
    toast(text, { undo: () => undoIt(undo, text) });
  }
}

/**
 * @param {number} undone the revision of the change
 * @param {string} text what it was
 */
async function undoIt(undone, text) {
  /** @type {Changed} */
  const changed = await api("POST", `${whole().dataset.api}/undo`, { revision: undone });
  const before = tiles();
  await bringUpWhole(changed.revision);
  const left = (changed.skipped ?? []).map((tile) => `“${titleOf(tile)}”`);
  const kept = left.length > 0 ? ` ${left.join(", ")} kept what it has, because its library is absent.` : "";
  toast(`Undone: ${text.charAt(0).toLowerCase()}${text.slice(1)}.${kept}`);
  focusOn(tiles().find((tile) => !before.includes(tile)));
}

/** @param {unknown} error */
export async function refused(error) {
  if (error instanceof ApiProblem && error.code === "stale") {
    await bringUpWhole(Number.MAX_SAFE_INTEGER);
    toast(`${error.sentence} The page shows the newest now: try again.`);
    return;
  }
  toast(told(error));
}

/** @param {string | undefined} tile whose menu gets the focus */
export function focusOn(tile) {
  const button = tile && document.getElementById(tile)?.querySelector("[data-menu]");
  if (button instanceof HTMLElement) {
    button.focus();
  }
}
