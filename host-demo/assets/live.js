// Keeps the tiles up to date: one stream says which tile changed, and that one is fetched again.

import { page } from "./fetch.js";

/** What the dashboard as a whole is called among the tiles. */
const WHOLE = "whole";

/** @type {EventSource | null} */
let stream = null;
let address = "";

/** Opens the stream while the page is seen; a browser allows only few connections to one host. */
export function keepLive() {
  const whole = document.getElementById(WHOLE);
  if (!whole?.dataset.events) {
    return;
  }
  address = whole.dataset.events;
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
  stream = new EventSource(address);
  // The first message after each connection has the state of all tiles, so nothing is missed.
  stream.addEventListener("tiles", (event) => {
    /** @type {Record<string, number>} */
    const revisions = JSON.parse(event.data);
    void bringUpAll(revisions);
  });
}

/** @param {Record<string, number>} revisions */
async function bringUpAll(revisions) {
  await bringUpWhole(revisions[WHOLE] ?? 0);
  await Promise.all(Object.entries(revisions).map(([id, revision]) => bringUp(id, revision)));
}

/**
 * Brings the head of the page and the order of its tiles up to date; tiles that are there stay as they are.
 *
 * @param {number} revision
 */
export async function bringUpWhole(revision) {
  const old = document.getElementById(WHOLE);
  if (!old || Number(old.dataset.revision) >= revision || underway.has(WHOLE)) {
    return;
  }
  underway.add(WHOLE);
  try {
    const fetched = await page(location.pathname + location.search);
    const fresh = fetched.getElementById(WHOLE);
    if (!fresh) {
      location.reload();
      return;
    }
    const isKept = (/** @type {Element} */ tile) => {
      const here = document.getElementById(tile.id);
      return here && here.className === tile.className && here.dataset.revision === tile.getAttribute("data-revision");
    };
    for (const tile of fresh.querySelectorAll("[data-live] > *")) {
      const here = document.getElementById(tile.id);
      if (here && isKept(tile)) {
        tile.replaceWith(here);
      }
    }
    replace(old, document.adoptNode(fresh));
    document.title = fetched.title;
  } catch {
    // The next message asks again.
  } finally {
    underway.delete(WHOLE);
  }
}

/** @type {Set<string>} */
const underway = new Set();

/**
 * @param {string} id
 * @param {number} revision
 */
async function bringUp(id, revision) {
  const old = document.getElementById(id);
  if (!old || id === WHOLE || underway.has(id) || Number(old.dataset.revision) >= revision) {
    return;
  }
  underway.add(id);
  try {
    const fetched = await page(`${document.getElementById(WHOLE)?.dataset.api}/tiles/${encodeURIComponent(id)}/tile.html`);
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
  fresh.dispatchEvent(new Event("fresh", { bubbles: true }));
  const again = address && [...fresh.querySelectorAll("a")].find((each) => each.getAttribute("href") === address);
  if (again) {
    again.focus();
  }
}
