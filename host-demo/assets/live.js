// Keeps the tiles up to date: one stream says which tile changed, and that one is fetched again.

import { page } from "./fetch.js";
import { follow, leaveIfGone } from "./stream.js";

/** What the dashboard as a whole is called among the tiles. */
const WHOLE = "whole";

/** @type {Record<string, number>} what was told last */
let newest = {};

/** Follows the dashboard of the page, if it shows one. */
export function keepLive() {
  const whole = document.getElementById(WHOLE);
  if (!whole?.dataset.events) {
    return;
  }
  follow(whole.dataset.events, (revisions) => {
    newest = revisions;
    void catchUp();
  });
}

/** Brings up to date what was left alone while somebody was at it. */
export async function catchUp() {
  await bringUpWhole(newest[WHOLE] ?? 0);
  await Promise.all(Object.keys(newest).map(bringUp));
}

/**
 * Brings the head of the page and the order of its tiles up to date; tiles that are the same stay as they are.
 *
 * @param {number} revision
 */
export async function bringUpWhole(revision) {
  wanted = Math.max(wanted, revision);
  if (underway.has(WHOLE)) {
    return;
  }
  underway.add(WHOLE);
  try {
    // What is asked for while a page is on its way can be newer than that page.
    for (let before = -1; before !== wanted && revisionOf(WHOLE) < wanted; ) {
      before = wanted;
      const fetched = await page(location.pathname + location.search);
      const old = document.getElementById(WHOLE);
      const fresh = fetched.getElementById(WHOLE);
      if (!old || !fresh) {
        location.reload();
        return;
      }
      renew(old, document.adoptNode(fresh));
      document.title = fetched.title;
    }
    // A tile of that page can be older than one that was here.
    Object.keys(newest).forEach((id) => void bringUp(id));
  } catch (error) {
    // After any other failure the next message asks again.
    leaveIfGone(error);
  } finally {
    underway.delete(WHOLE);
    wanted = 0;
  }
}

/** The revision of the dashboard that somebody waits for. */
let wanted = 0;

/** @type {Set<string>} */
const underway = new Set();

/**
 * @param {string} id
 * @returns {number} the revision that the page shows of a tile, or of the whole
 */
function revisionOf(id) {
  return Number(document.getElementById(id)?.dataset.revision ?? Number.MAX_SAFE_INTEGER);
}

/** @param {string} id */
async function bringUp(id) {
  if (id === WHOLE || underway.has(id)) {
    return;
  }
  underway.add(id);
  try {
    // What is told while a tile is on its way can be newer than that tile.
    for (let before = -1; before !== newest[id] && revisionOf(id) < (newest[id] ?? 0); ) {
      before = newest[id] ?? 0;
      const here = document.getElementById(id);
      if (!here || isHeld(here)) {
        return;
      }
      const { api, tileQuery = "" } = document.getElementById(WHOLE)?.dataset ?? {};
      const fetched = await page(`${api}/tiles/${encodeURIComponent(id)}/tile.html${tileQuery}`);
      const fresh = fetched.getElementById(id);
      // The page may have got the tile another way meanwhile, or somebody has begun something in it.
      const old = document.getElementById(id);
      if (fresh && old && !isHeld(old) && revisionOf(id) < Number(fresh.dataset.revision)) {
        keepingFocus(old, () => replace(old, document.adoptNode(fresh)));
      }
    }
  } catch {
    // The next message asks again.
  } finally {
    underway.delete(id);
  }
}

/**
 * @param {Element} tile
 * @returns {boolean} whether somebody is at something in it that would be lost: an open menu, a name
 */
function isHeld(tile) {
  return tile.matches("[data-holds], :has(:popover-open, [data-holds])");
}

/**
 * Brings a dashboard to another revision, with as little as possible taken out of the page.
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
        tell(tile);
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
    tell(old);
  });
}

/**
 * @param {Element} here
 * @param {Element} tile
 * @returns {boolean} whether they show the same; the revision counts what gadgets say, not what people set
 */
function isSame(here, tile) {
  return JSON.stringify(signs(here)) === JSON.stringify(signs(tile));
}

/** @param {Element} tile */
function signs(tile) {
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
  tell(fresh);
}

/** @param {Element} fresh */
function tell(fresh) {
  fresh.dispatchEvent(new Event("fresh", { bubbles: true }));
}

/** What tells a button or link from the others of its tile. */
const SIGNS = ["href", "data-do", "popovertarget"];

/**
 * Changes the page around the focus, and puts it where it was.
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
  const sign = SIGNS.find((name) => focused.hasAttribute(name));
  const value = sign && focused.getAttribute(sign);
  change();
  if (focused.isConnected) {
    focused.focus();
    return;
  }
  const twins = sign ? (document.getElementById(place)?.querySelectorAll(`[${sign}]`) ?? []) : [];
  const twin = [...twins].find((each) => each.getAttribute(sign ?? "") === value);
  if (twin instanceof HTMLElement || twin instanceof SVGElement) {
    twin.focus();
  }
}
