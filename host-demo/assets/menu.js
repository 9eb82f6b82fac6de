// Menus, with arrow keys and first letters.

import { focusOn } from "./changes.js";
import { updateAll } from "./live.js";

const GAP = 4;

/** Positions menus beside their buttons, and handles keys. */
export function addMenus() {
  // These events do not bubble.
  document.addEventListener("beforetoggle", onToggle, { capture: true });
  document.addEventListener("toggle", onToggle, { capture: true });
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    const item = event.target instanceof Element ? event.target.closest("[role^=menuitem]") : null;
    menuOf(item)?.hidePopover();
  });
}

/**
 * @param {Element | null | undefined} within
 * @returns {HTMLElement | null}
 */
function menuOf(within) {
  const menu = within?.closest("[role=menu]");
  return menu instanceof HTMLElement ? menu : null;
}

/** @param {Event} event */
function onToggle(event) {
  const menu = event.target instanceof Element && event.target.matches("[role=menu]") ? menuOf(event.target) : null;
  const button = menu && document.querySelector(`[popovertarget="${menu.id}"]`);
  if (!menu || !button) {
    return;
  }
  const isOpen = "newState" in event && event.newState === "open";
  if (event.type === "beforetoggle") {
    button.setAttribute("aria-expanded", String(isOpen));
  } else if (isOpen) {
    place(menu, button.getBoundingClientRect());
    if (!menu.contains(document.activeElement)) {
      items(menu)[0]?.focus({ preventScroll: true });
    }
  } else {
    void updateAll();
  }
}

/**
 * Positions a menu below its button, or above if there is more room, within the page.
 *
 * @param {HTMLElement} menu
 * @param {DOMRect} button
 */
function place(menu, button) {
  const { width, height } = menu.getBoundingClientRect();
  const below = button.bottom + GAP;
  const isAbove = below + height > innerHeight - GAP && button.top > innerHeight - button.bottom;
  const top = isAbove ? button.top - GAP - height : Math.min(below, innerHeight - GAP - height);
  const left = Math.min(button.right - width, document.documentElement.clientWidth - GAP - width);
  menu.style.top = `${Math.max(GAP, top)}px`;
  menu.style.left = `${Math.max(GAP, left)}px`;
}

/**
 * @param {Element} menu
 * @returns {HTMLElement[]}
 */
function items(menu) {
  return [...menu.querySelectorAll("[role^=menuitem]:not([hidden])")].filter((item) => item instanceof HTMLElement);
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = event.target instanceof Element ? event.target : null;
  const hasHeld = event.altKey || event.ctrlKey || event.metaKey;
  const opened = target?.matches("[data-menu]") && target.nextElementSibling;
  if (opened instanceof HTMLElement && !hasHeld && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    opened.togglePopover(true);
    items(opened).at(event.key === "ArrowDown" ? 0 : -1)?.focus();
    return;
  }
  const menu = menuOf(target);
  if (!menu || hasHeld) {
    return;
  }
  if (event.key === "Tab") {
    // The focus moves on from the button.
    menu.hidePopover();
    focusOn(menu.closest("article[id]")?.id);
    return;
  }
  const all = items(menu);
  const at = all.findIndex((item) => item === document.activeElement);
  const next = nextOf(all, at, event.key);
  if (next) {
    event.preventDefault();
    next.focus();
  }
}

/**
 * @param {HTMLElement[]} all
 * @param {number} at
 * @param {string} key
 * @returns {HTMLElement | undefined}
 */
function nextOf(all, at, key) {
  switch (key) {
    case "ArrowDown":
    case "ArrowRight":
      return all[(at + 1) % all.length];
    case "ArrowUp":
    case "ArrowLeft":
      return all.at((at < 0 ? 0 : at) - 1);
    case "Home":
      return all[0];
    case "End":
      return all.at(-1);
  }
  if (key.length !== 1 || key === " ") {
    return undefined;
  }
  const rest = [...all.slice(at + 1), ...all.slice(0, at + 1)];
  return rest.find((item) => item.textContent?.trim().toLowerCase().startsWith(key.toLowerCase()));
}
