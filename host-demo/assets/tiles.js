// Actions of the menus of gadgets.

import { api } from "./api.js";
import { change, dashboardElement, focusOn, refused, tiles, titleOf } from "./changes.js";
import { updateAll } from "./live.js";
import { toast } from "./toast.js";

/** Shows the buttons that need scripts, also after updates, and handles their clicks. */
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
  const base = `${dashboardElement().dataset.api}/tiles/${tile}`;
  const title = `“${titleOf(tile)}”`;
  const { size, minutes } = button.dataset;
  switch (button.dataset.do) {
    case "configure":
      return configure(tile);
    case "rename":
      return rename(tile);
    case "resize":
      return change({ kind: "resize", tile, size }, `Resized ${title}`);
    case "every": {
      const text = minutes ? `Turned on automatic refresh of ${title}` : `Turned off automatic refresh of ${title}`;
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
      await api("POST", `${dashboardElement().dataset.api}/refresh`);
      return toast("Refreshing all gadgets");
  }
}

/**
 * Opens the settings of a tile, and loads the modules of the form, which most visits do not need.
 *
 * @param {string} tile
 */
async function configure(tile) {
  const panel = await import("./panel.js");
  return panel.configure(tile);
}

/**
 * Moves a tile to another position, within the number of tiles.
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
  return change({ kind: "move_tile", tile, to }, `Moved “${titleOf(tile)}” to position ${to + 1} of ${all.length}`);
}

/**
 * Replaces the title with an input.
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
  input.setAttribute("aria-label", `New name of ${before}; leave empty for the default`);
  let isOver = false;
  const end = (/** @type {"kept" | "left"} */ how) => {
    if (isOver) {
      return;
    }
    isOver = true;
    input.replaceWith(title);
    focusOn(tile);
    void updateAll();
    const name = input.value.trim();
    if (how === "kept" && name !== before) {
      const text = name === "" ? `Reset the name of “${before}”` : `Renamed “${before}” to “${name}”`;
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
