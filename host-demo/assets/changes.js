// Changes the dashboard of the page, and offers to undo it.

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
 * @param {Record<string, unknown>} change
 * @param {string} [tile] whose menu gets the focus back
 * @returns {Promise<void>}
 */
export async function change(change, tile) {
  try {
    await done(await api("POST", `${whole().dataset.api}/changes`, { revision: revision(), change }));
    focusOn(tile);
  } catch (error) {
    await refused(error);
  }
}

/**
 * Shows what a change made.
 *
 * @param {Changed} changed
 */
export async function done(changed) {
  await bringUpWhole(changed.revision);
  const { summary, undo } = changed;
  if (summary) {
    const text = summary.charAt(0).toUpperCase() + summary.slice(1);
    toast(`${text}.`, undo === undefined ? {} : { undo: () => undoIt(undo) });
  }
}

/** @param {number} undone the revision of the change */
async function undoIt(undone) {
  const changed = await api("POST", `${whole().dataset.api}/undo`, { revision: undone });
  await bringUpWhole(changed.revision);
  toast("Undone: everything is as it was before.");
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

/** @param {string} [tile] */
export function focusOn(tile) {
  const button = tile && document.getElementById(tile)?.querySelector("[data-menu]");
  if (button instanceof HTMLElement) {
    button.focus();
  }
}
