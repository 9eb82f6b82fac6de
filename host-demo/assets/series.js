// Hides series of a chart. The remaining series are stacked differently, so the host redraws the chart,
// and this script replaces it. Totals in the key stay the same.

import { fetchPage } from "./fetch.js";

/** @type {Map<string, Set<string>>} The hidden series of each tile, which survive updates of the tile. */
const hiddenOf = new Map();

/** @type {Map<string, number>} The number of requests for each tile, so that late responses are ignored. */
const asked = new Map();

/** @type {HTMLElement | null} */
let status = null;

/** Lets the entries of a key hide and show their series. */
export function addSeriesSwitches() {
  status = document.createElement("p");
  status.className = "sr";
  status.setAttribute("role", "status");
  document.body.append(status);
  document.addEventListener("click", onClick);
  for (const event of ["pointerover", "focusin"]) {
    document.addEventListener(event, ({ target }) => emphasize(target));
  }
  new MutationObserver(onChange).observe(document.body, { childList: true, subtree: true });
}

/** @param {MouseEvent} event */
function onClick(event) {
  const button = event.target instanceof Element ? event.target.closest(".key__switch") : null;
  const entry = button?.closest("[data-series]");
  const tile = button?.closest("article[id]");
  if (!button || !(entry instanceof HTMLElement) || !(tile instanceof HTMLElement)) {
    return;
  }
  const series = entry.dataset.series ?? "";
  const hidden = hiddenIn(tile);
  const isHidden = !hidden.delete(series);
  if (isHidden) {
    hidden.add(series);
  }
  hiddenOf.set(tile.id, hidden);
  mark(tile, series, isHidden);
  void redraw(tile, hidden).then(
    () => say(`${nameOf(entry)} is ${isHidden ? "hidden" : "shown again"}.`),
    () => {
      mark(tile, series, !isHidden);
      hiddenOf.set(tile.id, hiddenIn(tile));
      say(`${nameOf(entry)} could not be ${isHidden ? "hidden" : "shown again"}. Try again.`);
    },
  );
}

/**
 * @param {HTMLElement} tile
 * @returns {Set<string>} the series that are switched off in a tile
 */
function hiddenIn(tile) {
  /** @type {Set<string>} */
  const hidden = new Set();
  for (const button of tile.querySelectorAll('.key__switch[aria-pressed="false"]')) {
    const entry = button.closest("[data-series]");
    if (entry instanceof HTMLElement) {
      hidden.add(entry.dataset.series ?? "");
    }
  }
  return hidden;
}

/**
 * Marks a series immediately; the new chart follows.
 *
 * @param {HTMLElement} tile
 * @param {string} series
 * @param {boolean} isHidden
 */
function mark(tile, series, isHidden) {
  for (const element of tile.querySelectorAll(`[data-series="${CSS.escape(series)}"]`)) {
    if (element instanceof SVGElement) {
      element.classList.toggle("is-hidden", isHidden);
    } else {
      element.classList.toggle("key__entry--off", isHidden);
      element.querySelector(".key__switch")?.setAttribute("aria-pressed", String(!isHidden));
    }
  }
}

/**
 * Replaces the charts of a tile with new ones without some series.
 *
 * @param {HTMLElement} tile
 * @param {Set<string>} hidden
 */
async function redraw(tile, hidden) {
  const figures = [...tile.querySelectorAll("figure[data-switches]")];
  const first = figures[0];
  if (!(first instanceof HTMLElement)) {
    return;
  }
  const turn = (asked.get(tile.id) ?? 0) + 1;
  asked.set(tile.id, turn);
  const address = new URL(first.dataset.switches ?? "", location.href);
  address.searchParams.set("hide", [...hidden].join(","));
  const fetched = await fetchPage(address.href);
  if (asked.get(tile.id) !== turn) {
    return;
  }
  const drawn = [...(fetched.getElementById(tile.id)?.querySelectorAll("figure[data-switches]") ?? [])];
  if (drawn.length !== figures.length) {
    throw new Error("the tile has different charts now");
  }
  const focused = focusedIn(tile);
  figures.forEach((figure, place) => {
    const fresh = drawn[place];
    if (fresh) {
      figure.replaceWith(document.adoptNode(fresh));
    }
  });
  if (focused) {
    const again = tile.querySelector(`[data-series="${CSS.escape(focused)}"] .key__switch`);
    if (again instanceof HTMLElement) {
      again.focus();
    }
  }
}

/**
 * @param {HTMLElement} tile
 * @returns {string | undefined} the series whose switch has the focus
 */
function focusedIn(tile) {
  const active = document.activeElement;
  const entry = tile.contains(active) ? active?.closest(".key [data-series]") : null;
  return entry instanceof HTMLElement ? entry.dataset.series : undefined;
}

/**
 * Hides series again in updated tiles, which come from the host with all series.
 *
 * @param {MutationRecord[]} records
 */
function onChange(records) {
  for (const node of records.flatMap((record) => [...record.addedNodes])) {
    if (!(node instanceof HTMLElement)) {
      continue;
    }
    const tiles = node.matches("article[id]") ? [node] : node.querySelectorAll("article[id]");
    for (const tile of tiles) {
      const hidden = hiddenOf.get(tile.id);
      if (tile instanceof HTMLElement && hidden && hidden.size > 0) {
        hidden.forEach((series) => mark(tile, series, true));
        redraw(tile, hidden).catch(() => hidden.forEach((series) => mark(tile, series, false)));
      }
    }
  }
}

/**
 * Fades the other series while an entry of the key is hovered or focused.
 *
 * @param {EventTarget | null} target
 */
function emphasize(target) {
  const entry = target instanceof Element ? target.closest(".key [data-series]") : null;
  const figure = entry?.closest("figure");
  for (const faded of document.querySelectorAll(".is-faded")) {
    faded.classList.remove("is-faded");
  }
  if (!(entry instanceof HTMLElement) || !figure || entry.matches(".key__entry--off")) {
    return;
  }
  for (const element of figure.querySelectorAll("svg.chart [data-series]")) {
    element.classList.toggle("is-faded", element.getAttribute("data-series") !== entry.dataset.series);
  }
}

/**
 * @param {Element} entry
 * @returns {string}
 */
function nameOf(entry) {
  return entry.querySelector("bdi")?.textContent ?? "The series";
}

/** @param {string} text */
function say(text) {
  if (status) {
    status.textContent = text;
  }
}
