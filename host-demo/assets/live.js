// Keeps the tiles up to date: one stream says which tile changed, and that one is fetched again.

import { page } from "./fetch.js";

/** What the dashboard as a whole is called among the tiles. */
const WHOLE = "whole";

/** @type {EventSource | null} */
let stream = null;

/** Opens the stream while the page is seen; a browser allows only few connections to one host. */
export function keepLive() {
  if (!document.querySelector("[data-live]")) {
    return;
  }
  document.addEventListener("visibilitychange", follow);
  follow();
}

function follow() {
  if (document.hidden) {
    stream?.close();
    stream = null;
    return;
  }
  if (stream) {
    return;
  }
  stream = new EventSource("/events");
  // The first message after each connection has the state of all tiles, so nothing is missed.
  stream.addEventListener("tiles", (event) => {
    /** @type {Record<string, number>} */
    const revisions = JSON.parse(event.data);
    if (isOutgrown(revisions[WHOLE] ?? 0)) {
      location.reload();
      return;
    }
    for (const [id, revision] of Object.entries(revisions)) {
      void bringUp(id, revision);
    }
  });
}

/**
 * @param {number} revision of the dashboard as a whole
 * @returns {boolean} whether this page shows a dashboard that is not filled, and it has changed since
 */
function isOutgrown(revision) {
  const waiting = document.querySelector('[data-live="page"]');
  return waiting instanceof HTMLElement && Number(waiting.dataset.revision) < revision;
}

/** @type {Set<string>} */
const underway = new Set();

/**
 * @param {string} id
 * @param {number} revision
 */
async function bringUp(id, revision) {
  const old = document.getElementById(id);
  if (!old || underway.has(id) || Number(old.dataset.revision) >= revision) {
    return;
  }
  underway.add(id);
  try {
    const fetched = await page(id === WHOLE ? "/" : `/tile/${encodeURIComponent(id)}`);
    const fresh = fetched.getElementById(id);
    if (fresh) {
      replace(old, document.adoptNode(fresh));
    }
  } catch {
    // The next message asks again.
  } finally {
    underway.delete(id);
  }
}

/**
 * @param {HTMLElement} old
 * @param {HTMLElement} fresh
 */
function replace(old, fresh) {
  const openBefore = [...old.querySelectorAll("details")].map((each) => each.open);
  [...fresh.querySelectorAll("details")].forEach((each, place) => {
    each.open = openBefore[place] ?? false;
  });
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const address = focused?.getAttribute("href");
  old.replaceWith(fresh);
  const again = address && [...fresh.querySelectorAll("a")].find((each) => each.getAttribute("href") === address);
  if (again) {
    again.focus();
  }
}
