// What is done with the gadgets of a dashboard, by the buttons of their menus.

import { api } from "./api.js";
import { change, focusOn, refused, tiles, titleOf, whole } from "./changes.js";
import { catchUp } from "./live.js";
import { toast } from "./toast.js";

/** Shows the buttons that need a script, also of tiles that are renewed, and does what they say. */
export function addActions() {
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
  const asked = new URLSearchParams(location.search).get("configure");
  if (asked && document.getElementById(asked)) {
    history.replaceState(null, "", location.pathname);
    void configure(asked).catch(refused);
  }
}

/** @param {ParentNode} within */
function reveal(within) {
  for (const button of within.querySelectorAll("[data-do][hidden], [data-needs-script][hidden]")) {
    button.removeAttribute("hidden");
  }
}

/** @param {MouseEvent} event */
function onClick(event) {
  const button = event.target instanceof Element ? event.target.closest("button[data-do]") : null;
  if (button instanceof HTMLElement) {
    void act(button, button.closest("article[id]")?.id ?? "").catch(refused);
  }
}

/**
 * @param {HTMLElement} button
 * @param {string} tile
 * @returns {Promise<void>}
 */
async function act(button, tile) {
  const base = `${whole().dataset.api}/tiles/${tile}`;
  const title = `“${titleOf(tile)}”`;
  const { size, minutes } = button.dataset;
  switch (button.dataset.do) {
    case "configure":
      return configure(tile);
    case "rename":
      return rename(tile);
    case "resize":
      return change({ kind: "resize", tile, size }, `${title} has another size`);
    case "every": {
      const text = minutes ? `${title} is refreshed by itself` : `${title} is refreshed by hand only`;
      return change({ kind: "set_refresh", tile, ...(minutes ? { minutes: Number(minutes) } : {}) }, text);
    }
    case "earlier":
      return move(tile, tiles().indexOf(tile) - 1);
    case "later":
      return move(tile, tiles().indexOf(tile) + 1);
    case "duplicate":
      return change({ kind: "duplicate_tile", tile }, `Duplicated ${title}`);
    case "remove":
      return change({ kind: "remove_tile", tile }, `Removed ${title}`);
    case "refresh":
      await api("POST", `${base}/refresh`);
      return focusOn(tile);
    case "cancel":
      await api("POST", `${base}/cancel`);
      return focusOn(tile);
    case "refresh-all":
      await api("POST", `${whole().dataset.api}/refresh`);
      return toast("All gadgets are being refreshed");
  }
}

/**
 * Opens the settings of a tile. Most visits need no form, so its scripts come when it is asked for.
 *
 * @param {string} tile
 */
async function configure(tile) {
  const panel = await import("./panel.js");
  return panel.configure(tile);
}

/**
 * Moves a tile to another place in reading order; where it is the first or last already, it stays.
 *
 * @param {string} tile
 * @param {number} to
 * @returns {Promise<void>}
 */
export async function move(tile, to) {
  const all = tiles();
  if (to < 0 || to >= all.length || all[to] === tile) {
    return focusOn(tile);
  }
  return change({ kind: "move_tile", tile, to }, `Moved “${titleOf(tile)}” to place ${to + 1} of ${all.length}`);
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
  const before = title.textContent ?? "";
  const input = document.createElement("input");
  input.className = "input rename";
  input.dataset.holds = "";
  input.value = before;
  input.maxLength = 200;
  input.setAttribute("aria-label", `New name of ${before}; empty for the gadget’s own`);
  let isOver = false;
  const end = (/** @type {"kept" | "left"} */ how) => {
    if (isOver) {
      return;
    }
    isOver = true;
    input.replaceWith(title);
    focusOn(tile);
    void catchUp();
    const name = input.value.trim();
    if (how === "kept" && name !== before) {
      const text = name === "" ? `“${before}” has the name of its gadget` : `Renamed “${before}” to “${name}”`;
      void change({ kind: "name_tile", tile, name: name === "" ? null : name }, text);
    }
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "Escape") {
      event.preventDefault();
      end(event.key === "Enter" ? "kept" : "left");
    }
  });
  input.addEventListener("blur", () => end("kept"));
  title.replaceWith(input);
  input.select();
}
