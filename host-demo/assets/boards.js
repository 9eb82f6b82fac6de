// Actions on whole dashboards, and adding gadgets from the catalog.

import { api, errorText } from "./api.js";
import { toast } from "./toast.js";

/** Shows the buttons that need scripts, also after updates, and handles their clicks. */
export function addBoards() {
  reveal(document);
  document.addEventListener("fresh", ({ target }) => {
    if (target instanceof Element) {
      reveal(target);
    }
  });
  document.addEventListener("click", onClick);
  const form = document.querySelector("form[data-new]");
  if (form instanceof HTMLFormElement) {
    void import("./board-new.js").then(({ prepareForm }) => prepareForm(form)).catch(say);
  }
  const deleted = new URLSearchParams(location.search).get("deleted");
  const restore = [...document.querySelectorAll("[data-restore]")].find(
    (button) => button instanceof HTMLElement && button.dataset.restore === deleted,
  );
  if (deleted && restore) {
    history.replaceState(null, "", location.pathname);
    toast("Dashboard deleted", { undo: () => restoreDashboard(deleted) });
  }
}

/** @param {ParentNode} within */
function reveal(within) {
  for (const hidden of within.querySelectorAll("[hidden]:is([data-board], [data-restore], [data-add])")) {
    hidden.removeAttribute("hidden");
  }
}

/** @param {MouseEvent} event */
function onClick(event) {
  const selector = "[data-board], [data-restore], [data-add]";
  const button = event.target instanceof Element ? event.target.closest(selector) : null;
  if (!(button instanceof HTMLElement)) {
    return;
  }
  const { board, restore, add } = button.dataset;
  if (restore) {
    void restoreDashboard(restore).catch(say);
  } else if (add) {
    void addGadget(add).catch(say);
  } else if (board) {
    void act(board, button).catch(say);
  }
}

/**
 * Loads the module of an action when it is first used, because most visits use none.
 *
 * @param {string} what
 * @param {HTMLElement} button
 */
async function act(what, button) {
  const of = button.closest("[data-dashboard]");
  const { dashboard = "", title = "", private: hidden = "" } = of instanceof HTMLElement ? of.dataset : {};
  const subject = { id: dashboard, title, api: `/api/dashboards/${dashboard}`, hidden };
  switch (what) {
    case "print":
      return window.print();
    case "rename":
      return (await import("./board-copy.js")).rename(subject);
    case "clone":
      return (await import("./board-copy.js")).clone(subject);
    case "import":
      return (await import("./board-copy.js")).importFile();
    case "delete":
      await api("DELETE", subject.api);
      return location.assign(`/dashboards?deleted=${subject.id}`);
    case "history":
      return (await import("./board-history.js")).showHistory(subject);
    case "people":
      return (await import("./board-people.js")).editPermissions(subject);
    case "share":
      return (await import("./board-links.js")).manageLinks(subject);
  }
}

/** @param {unknown} error */
function say(error) {
  toast(errorText(error));
}

/** @param {string} dashboard */
async function restoreDashboard(dashboard) {
  await api("POST", `/api/dashboards/${dashboard}/restore`);
  location.assign(`/d/${dashboard}`);
}

/** @param {string} gadget */
async function addGadget(gadget) {
  const chosen = document.querySelector("select[data-dashboards]");
  const dashboard = chosen instanceof HTMLSelectElement ? chosen.value : "";
  const { revision } = await api("GET", `/api/dashboards/${dashboard}`);
  const change = { kind: "add_tile", gadget };
  const changed = await api("POST", `/api/dashboards/${dashboard}/changes`, { revision, change });
  location.assign(`/d/${dashboard}?configure=${changed.tile}`);
}
