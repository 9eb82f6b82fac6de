// Moves tiles: by dragging their heads, on touch screens only the grip, or with Alt and an arrow key
// on any button of the head.

import { tiles } from "./changes.js";
import { move } from "./tiles.js";

/** How far a pointer must move to start dragging, in pixels. */
const SLACK = 6;
/** How close to the edge of the window dragging scrolls, in pixels. */
const EDGE = 48;

/** @typedef {{tile: HTMLElement, pointer: number, x: number, y: number, to: number | null, isOn: boolean}} Drag */

/** @type {Drag | null} */
let drag = null;

/** Lets editors move tiles. */
export function addMoves() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("pointerdown", onDown);
  document.addEventListener("pointermove", onMove);
  document.addEventListener("pointerup", (event) => onUp(event, "dropped"));
  document.addEventListener("pointercancel", (event) => onUp(event, "left"));
  // Keep the browser from dragging a link or text under the pointer.
  document.addEventListener("dragstart", (event) => {
    if (drag) {
      event.preventDefault();
    }
  });
}

/** @returns {boolean} */
function canEdit() {
  return document.getElementById("whole")?.dataset.canEdit !== undefined;
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.key === "Escape" && drag) {
    end("left");
    return;
  }
  const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
  const head = event.target instanceof Element ? event.target.closest(".tile__head") : null;
  const tile = head?.closest("[data-live] > article[id]")?.id;
  const isTyping = event.target instanceof HTMLInputElement;
  if (by && event.altKey && !event.ctrlKey && !event.metaKey && tile && !isTyping && canEdit()) {
    event.preventDefault();
    void move(tile, tiles().indexOf(tile) + by);
  }
}

/** @param {PointerEvent} event */
function onDown(event) {
  const target = event.target instanceof Element ? event.target : null;
  const tile = target?.closest(".tile__head")?.closest("[data-live] > article[id]");
  const isControl = target?.closest("a, button, input, [popover]");
  // Elsewhere a touch scrolls, and a second finger must not start another drag.
  const isGrip = event.pointerType !== "touch" || target?.closest(".tile__grip");
  if (tile instanceof HTMLElement && !isControl && isGrip && event.isPrimary && event.button === 0 && canEdit()) {
    drag = { tile, pointer: event.pointerId, x: event.clientX, y: event.clientY, to: null, isOn: false };
  }
}

/** @param {PointerEvent} event */
function onMove(event) {
  if (!drag || event.pointerId !== drag.pointer) {
    return;
  }
  if (!drag.isOn) {
    if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < SLACK) {
      return;
    }
    drag.isOn = true;
    // The tile must not be replaced while it is dragged.
    drag.tile.dataset.holds = "";
    document.documentElement.dataset.dragging = "";
    getSelection()?.removeAllRanges();
  }
  event.preventDefault();
  scroll(event.clientY);
  aim(event.clientX, event.clientY);
}

/**
 * @param {PointerEvent} event
 * @param {"dropped" | "left"} how
 */
function onUp(event, how) {
  if (event.pointerId === drag?.pointer) {
    end(how);
  }
}

/** @param {number} y */
function scroll(y) {
  if (y < EDGE) {
    scrollBy(0, y - EDGE);
  } else if (y > innerHeight - EDGE) {
    scrollBy(0, y - innerHeight + EDGE);
  }
}

/**
 * Marks where the tile would be dropped.
 *
 * @param {number} x
 * @param {number} y
 */
function aim(x, y) {
  if (!drag) {
    return;
  }
  unmark();
  drag.to = null;
  const under = document.elementFromPoint(x, y)?.closest("[data-live] > article[id]");
  if (!(under instanceof HTMLElement) || under === drag.tile) {
    return;
  }
  const { left, top, width, height } = under.getBoundingClientRect();
  const row = under.parentElement?.getBoundingClientRect().width ?? 0;
  const isWhole = width > row * 0.75;
  const isAfter = isWhole ? y > top + height / 2 : x > left + width / 2;
  const others = tiles().filter((id) => id !== drag?.tile.id);
  drag.to = others.indexOf(under.id) + (isAfter ? 1 : 0);
  under.dataset.drop = `${isWhole ? "row" : "column"}-${isAfter ? "after" : "before"}`;
}

function unmark() {
  for (const marked of document.querySelectorAll("[data-drop]")) {
    marked.removeAttribute("data-drop");
  }
}

/** @param {"dropped" | "left"} how */
function end(how) {
  const ended = drag;
  drag = null;
  if (!ended?.isOn) {
    return;
  }
  unmark();
  ended.tile.removeAttribute("data-holds");
  document.documentElement.removeAttribute("data-dragging");
  if (how === "dropped" && ended.to !== null) {
    void move(ended.tile.id, ended.to);
  }
}
