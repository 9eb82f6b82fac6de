// The menus of tiles, and everything that is done with a button of a dashboard.

import { api } from "./api.js";
import { change, focusOn, refused, whole } from "./changes.js";
import { configure } from "./panel.js";

/** Shows the buttons that need a script, also of tiles that are renewed, and does what they say. */
export function addMenus() {
  if (!document.getElementById("whole")) {
    return;
  }
  reveal(document);
  document.addEventListener("fresh", ({ target }) => {
    if (target instanceof Element) {
      reveal(target);
    }
  });
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey);
  document.addEventListener("focusout", (event) => {
    const menu = event.target instanceof Element ? event.target.closest(".menu") : null;
    if (menu && !(event.relatedTarget instanceof Node && menu.contains(event.relatedTarget))) {
      close(menu);
    }
  });
  const asked = new URLSearchParams(location.search).get("configure");
  if (asked && document.getElementById(asked)) {
    history.replaceState(null, "", location.pathname);
    void configure(asked);
  }
}

/** @param {ParentNode} within */
function reveal(within) {
  for (const button of within.querySelectorAll("button[data-do][hidden], button[data-menu][hidden]")) {
    button.removeAttribute("hidden");
  }
}

/** @param {MouseEvent} event */
function onClick(event) {
  const target = event.target instanceof Element ? event.target : null;
  const opener = target?.closest("[data-menu]");
  if (opener) {
    const menu = opener.closest(".menu");
    if (menu) {
      isOpen(menu) ? close(menu) : open(menu, 0);
    }
    return;
  }
  const button = target?.closest("button[data-do]");
  if (!(button instanceof HTMLElement)) {
    return;
  }
  const tile = button.closest("article[id]")?.id ?? "";
  const menu = button.closest(".menu");
  if (menu) {
    close(menu);
  }
  void act(button, tile).catch(refused);
}

/**
 * @param {HTMLElement} button
 * @param {string} tile
 */
async function act(button, tile) {
  const base = `${whole().dataset.api}/tiles/${tile}`;
  switch (button.dataset.do) {
    case "configure":
      return configure(tile);
    case "rename":
      return rename(tile);
    case "resize":
      return change({ kind: "resize", tile, size: button.dataset.size }, tile);
    case "earlier":
      return move(tile, -1);
    case "later":
      return move(tile, 1);
    case "duplicate":
      return change({ kind: "duplicate_tile", tile }, tile);
    case "remove":
      return change({ kind: "remove_tile", tile });
    case "refresh":
      await api("POST", `${base}/refresh`);
      return focusOn(tile);
    case "cancel":
      return api("POST", `${base}/cancel`);
    case "refresh-all":
      return api("POST", `${whole().dataset.api}/refresh`);
  }
}

/**
 * @param {string} tile
 * @param {-1 | 1} by
 */
function move(tile, by) {
  const tiles = [...document.querySelectorAll("[data-live] > article[id]")];
  const to = tiles.findIndex(({ id }) => id === tile) + by;
  if (to < 0 || to >= tiles.length) {
    return Promise.resolve(focusOn(tile));
  }
  return change({ kind: "move_tile", tile, to }, tile);
}

/**
 * Puts a field in place of the title.
 *
 * @param {string} tile
 */
function rename(tile) {
  const title = document.getElementById(`${tile}-title`);
  if (!title) {
    return;
  }
  const input = document.createElement("input");
  const before = title.textContent ?? "";
  input.className = "input rename";
  input.value = before;
  input.maxLength = 200;
  input.setAttribute("aria-label", "Name of the gadget");
  let isOver = false;
  const end = (/** @type {boolean} */ isKept) => {
    if (isOver) {
      return;
    }
    isOver = true;
    input.replaceWith(title);
    const name = input.value.trim();
    if (isKept && name !== before) {
      void change({ kind: "name_tile", tile, name: name === "" ? null : name }, tile);
    } else {
      focusOn(tile);
    }
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "Escape") {
      event.preventDefault();
      end(event.key === "Enter");
    }
  });
  input.addEventListener("blur", () => end(true));
  title.replaceWith(input);
  input.select();
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = event.target instanceof Element ? event.target : null;
  const menu = target?.closest(".menu");
  if (!menu) {
    return;
  }
  const tile = menu.closest("article[id]")?.id ?? "";
  const all = items(menu);
  const at = all.findIndex((item) => item === document.activeElement);
  if (event.altKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
    event.preventDefault();
    void move(tile, event.key === "ArrowLeft" ? -1 : 1);
  } else if (event.key === "ArrowDown" && !isOpen(menu)) {
    event.preventDefault();
    open(menu, 0);
  } else if (isOpen(menu) && event.key === "Escape") {
    event.preventDefault();
    close(menu);
    focusOn(tile);
  } else if (isOpen(menu) && ["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) {
    event.preventDefault();
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key] ?? 0;
    all[(next + all.length) % all.length]?.focus();
  }
}

/**
 * @param {Element} menu
 * @returns {HTMLElement[]}
 */
function items(menu) {
  return [...menu.querySelectorAll(".menu__list > *")].filter((item) => item instanceof HTMLElement);
}

/** @param {Element} menu */
function isOpen(menu) {
  return menu.querySelector("[data-menu]")?.getAttribute("aria-expanded") === "true";
}

/**
 * @param {Element} menu
 * @param {number} place which item gets the focus
 */
function open(menu, place) {
  menu.querySelector(".menu__list")?.removeAttribute("hidden");
  menu.querySelector("[data-menu]")?.setAttribute("aria-expanded", "true");
  items(menu)[place]?.focus();
}

/** @param {Element} menu */
function close(menu) {
  menu.querySelector(".menu__list")?.setAttribute("hidden", "");
  menu.querySelector("[data-menu]")?.setAttribute("aria-expanded", "false");
}
