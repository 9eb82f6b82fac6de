// Opens details of a gadget in a dialog; without scripts the same link opens a page.

import { fetchPage } from "./fetch.js";

/** The browser's history state while a dialog is open. */
const OPENED = "rows";

/** Handles clicks on links to details. */
export function openDetailsInPlace() {
  document.addEventListener("click", (event) => {
    const hasModifier = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    const address = link?.getAttribute("href") ?? "";
    if (hasModifier || event.button !== 0 || !/^\/(d|public)\/[^/]+\/t\/[^/]+\/details\?/.test(address)) {
      return;
    }
    event.preventDefault();
    void open(address, link?.closest("dialog.rows-of"));
  });
  addEventListener("popstate", () => {
    const opened = document.querySelector("dialog.rows-of");
    if (opened instanceof HTMLDialogElement) {
      opened.close();
    }
  });
}

/**
 * @param {string} address
 * @param {Element | null | undefined} around the dialog that contains the link, if any
 */
async function open(address, around) {
  let content;
  try {
    const fetched = await fetchPage(address);
    content = fetched.querySelector("main");
  } catch {
    content = null;
  }
  if (!content) {
    // The page itself reports the problem.
    location.assign(address);
    return;
  }
  const body = document.createElement("div");
  body.append(...document.adoptNode(content).childNodes);
  body.querySelector(".crumbs")?.remove();
  const label = body.querySelector("h1")?.textContent ?? "Details";
  if (around) {
    around.setAttribute("aria-label", label);
    around.lastElementChild?.replaceWith(body);
    around.scrollTo(0, 0);
    return;
  }
  const dialog = document.createElement("dialog");
  dialog.className = "rows-of";
  dialog.setAttribute("aria-label", label);
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button dialog__close";
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());
  dialog.append(close, body);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (history.state === OPENED) {
      history.back();
    }
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) {
      dialog.close();
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  // The browser's Back button closes the dialog.
  history.pushState(OPENED, "");
}
