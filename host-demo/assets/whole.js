// Fetches the parts of tiles that are not on the page at first: charts at unusual widths, and tables that
// are folded away.

import { fetchPage } from "./fetch.js";

/** How far from the window a drawing is fetched already. */
const MARGIN = "400px";

/** @type {WeakSet<Element>} the tiles that are being fetched */
const underway = new WeakSet();

/** Fetches what is missing once it is about to be seen. */
export function completeTiles() {
  const whole = document.getElementById("whole");
  if (!whole) {
    return;
  }
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting) {
          void complete(target);
        }
      }
    },
    { rootMargin: MARGIN },
  );
  const watch = (/** @type {ParentNode} */ within) => {
    for (const drawing of within.querySelectorAll(".plot > .later")) {
      seen.observe(drawing);
    }
  };
  watch(whole);
  document.addEventListener("fresh", ({ target }) => {
    if (target instanceof Element) {
      watch(target);
    }
  });
  // This event does not bubble.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (target instanceof HTMLDetailsElement && target.open && target.matches("[data-later]")) {
        void complete(target);
      }
    },
    { capture: true },
  );
}

/**
 * Replaces the parts of a tile that are not there yet.
 *
 * @param {Element} part
 */
async function complete(part) {
  const tile = part.closest("article[id]");
  const { api, tileQuery = "" } = document.getElementById("whole")?.dataset ?? {};
  if (!tile || !api || underway.has(tile)) {
    return;
  }
  underway.add(tile);
  try {
    const fetched = await fetchPage(`${api}/tiles/${encodeURIComponent(tile.id)}/tile.html${tileQuery}`);
    const fresh = fetched.getElementById(tile.id);
    // A newer tile has other figures; the stream of changes brings it whole.
    if (fresh && fresh.dataset.revision === tile.getAttribute("data-revision")) {
      fill(tile, fresh);
    }
  } catch {
    // The usual drawing and the link to the tables stay, and the next time that they are seen is another try.
  } finally {
    underway.delete(tile);
  }
}

/**
 * @param {Element} tile
 * @param {Element} fresh the same tile with all its parts
 */
function fill(tile, fresh) {
  const drawings = [...fresh.querySelectorAll(".plot > [class^='d-']")];
  [...tile.querySelectorAll(".plot > [class^='d-']")].forEach((drawing, place) => {
    const drawn = drawings[place];
    if (drawing.matches(".later") && drawn) {
      drawing.replaceWith(document.adoptNode(drawn));
    }
  });
  const tables = fresh.querySelector("details.data");
  const folded = tile.querySelector("details[data-later]");
  if (folded instanceof HTMLDetailsElement && tables) {
    folded.replaceChildren(...[...tables.childNodes].map((each) => document.adoptNode(each)));
    folded.removeAttribute("data-later");
  }
}
