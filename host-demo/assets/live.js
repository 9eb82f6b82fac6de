// Keeps tiles up to date: a stream reports which tiles changed, and those are fetched again.

import { fetchPage } from "./fetch.js";
import { follow, reloadIfGone } from "./stream.js";

/** The id of the whole dashboard among the tiles. */
const WHOLE = "whole";

/** @type {Record<string, number>} the latest reported revisions */
let latest = {};

/** Follows the dashboard of the page, if there is one. */
export function startLiveUpdates() {
  const whole = document.getElementById(WHOLE);
  if (!whole?.dataset.events) {
    return;
  }
  follow(whole.dataset.events, (revisions) => {
    latest = revisions;
    void updateAll();
  });
}

/** Updates everything that was not updated while it was in use. */
export async function updateAll() {
  await updateDashboard(latest[WHOLE] ?? 0);
  await Promise.all(Object.keys(latest).map(updateTile));
}

/**
 * Updates the head of the page and the order of its tiles; unchanged tiles are not replaced.
 *
 * @param {number} revision
 */
export async function updateDashboard(revision) {
  wanted = Math.max(wanted, revision);
  if (underway.has(WHOLE)) {
    return;
  }
  underway.add(WHOLE);
  try {
    // A revision that is requested during a fetch can be newer than the fetched page.
    for (let before = -1; before !== wanted && revisionOf(WHOLE) < wanted; ) {
      before = wanted;
      const fetched = await fetchPage(location.pathname + location.search);
      const old = document.getElementById(WHOLE);
      const fresh = fetched.getElementById(WHOLE);
      if (!old || !fresh) {
        location.reload();
        return;
      }
      renew(old, document.adoptNode(fresh));
      document.title = fetched.title;
    }
    // A tile of that page can be older than the one it replaced.
    Object.keys(latest).forEach((id) => void updateTile(id));
  } catch (error) {
    // After other failures the next message retries.
    reloadIfGone(error);
  } finally {
    underway.delete(WHOLE);
    wanted = 0;
  }
}

/** The requested revision of the dashboard. */
let wanted = 0;

/** @type {Set<string>} */
const underway = new Set();

/**
 * @param {string} id
 * @returns {number} the revision on the page, of a tile or of the dashboard
 */
function revisionOf(id) {
  return Number(document.getElementById(id)?.dataset.revision ?? Number.MAX_SAFE_INTEGER);
}

/** @param {string} id */
async function updateTile(id) {
  if (id === WHOLE || underway.has(id)) {
    return;
  }
  underway.add(id);
  try {
    // A revision that is reported during a fetch can be newer than the fetched tile.
    for (let before = -1; before !== latest[id] && revisionOf(id) < (latest[id] ?? 0); ) {
      before = latest[id] ?? 0;
      const here = document.getElementById(id);
      if (!here || isHeld(here)) {
        return;
      }
      const { api, tileQuery = "" } = document.getElementById(WHOLE)?.dataset ?? {};
      const fetched = await fetchPage(`${api}/tiles/${encodeURIComponent(id)}/tile.html${tileQuery}`);
      const fresh = fetched.getElementById(id);
      // Meanwhile the tile may have been updated with the page, or may be in use.
      const old = document.getElementById(id);
      if (fresh && old && !isHeld(old) && revisionOf(id) < Number(fresh.dataset.revision)) {
        keepingFocus(old, () => replace(old, document.adoptNode(fresh)));
      }
    }
  } catch {
    // The next message retries.
  } finally {
    underway.delete(id);
  }
}

/**
 * @param {Element} tile
 * @returns {boolean} whether it is in use and must not be replaced: an open menu, a name being edited
 */
function isHeld(tile) {
  return tile.matches("[data-holds], :has(:popover-open, [data-holds])");
}

/**
 * Updates a dashboard in place, replacing as little of the page as possible.
 *
 * @param {HTMLElement} old
 * @param {HTMLElement} fresh
 */
function renew(old, fresh) {
  const list = old.querySelector(":scope > [data-live]");
  const freshList = fresh.querySelector(":scope > [data-live]");
  keepingFocus(old, () => {
    if (!list || !freshList) {
      replace(old, fresh);
      return;
    }
    const tiles = [...freshList.children].map((tile) => {
      const here = document.getElementById(tile.id);
      if (here && (isHeld(here) || isSame(here, tile))) {
        return here;
      }
      if (here && tile instanceof HTMLElement) {
        replace(here, tile);
      }
      return tile;
    });
    [...list.children].filter((tile) => !tiles.includes(tile)).forEach((gone) => gone.remove());
    tiles.forEach((tile, place) => {
      if (list.children[place] !== tile) {
        list.insertBefore(tile, list.children[place] ?? null);
        announce(tile);
      }
    });
    [...old.children].filter((part) => part !== list).forEach((part) => part.remove());
    const parts = [...fresh.children];
    const at = parts.indexOf(freshList);
    list.before(...parts.slice(0, at));
    list.after(...parts.slice(at + 1));
    for (const { name, value } of fresh.attributes) {
      old.setAttribute(name, value);
    }
    announce(old);
  });
}

/**
 * @param {Element} here
 * @param {Element} tile
 * @returns {boolean} whether they look the same; the revision does not count changes of name or size
 */
function isSame(here, tile) {
  return JSON.stringify(signature(here)) === JSON.stringify(signature(tile));
}

/** @param {Element} tile */
function signature(tile) {
  const checked = [...tile.querySelectorAll('[aria-checked="true"]')].map(({ textContent }) => textContent);
  return [tile.className, tile.getAttribute("data-revision"), tile.querySelector("h2")?.textContent, checked];
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
  old.replaceWith(fresh);
  announce(fresh);
}

/** @param {Element} fresh */
function announce(fresh) {
  fresh.dispatchEvent(new Event("fresh", { bubbles: true }));
}

/** The attributes that identify a button or link within its tile. */
const IDENTIFYING_ATTRIBUTES = ["href", "data-do", "popovertarget"];

/**
 * Changes a part of the page, and restores the focus.
 *
 * @param {Element} around
 * @param {() => void} change
 */
function keepingFocus(around, change) {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement || focused instanceof SVGElement) || !around.contains(focused)) {
    change();
    return;
  }
  const place = focused.closest("[data-live] > [id]")?.id ?? WHOLE;
  const attribute = IDENTIFYING_ATTRIBUTES.find((name) => focused.hasAttribute(name));
  const value = attribute && focused.getAttribute(attribute);
  change();
  if (focused.isConnected) {
    focused.focus();
    return;
  }
  const candidates = attribute ? (document.getElementById(place)?.querySelectorAll(`[${attribute}]`) ?? []) : [];
  const counterpart = [...candidates].find((each) => each.getAttribute(attribute ?? "") === value);
  if (counterpart instanceof HTMLElement || counterpart instanceof SVGElement) {
    counterpart.focus();
  }
}
