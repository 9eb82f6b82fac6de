// Opens the rows behind a part of a tile in a dialog; without scripts the same link is a page.

import { page } from "./fetch.js";

/** Catches clicks on links to rows. */
export function openDetailsInPlace() {
  document.addEventListener("click", (event) => {
    const hasModifier = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    const address = link?.getAttribute("href") ?? "";
    if (hasModifier || event.button !== 0 || !/^\/(d|public)\/[^/]+\/t\/[^/]+\/details\?/.test(address)) {
      return;
    }
    event.preventDefault();
    void open(address);
  });
}

/** @param {string} address */
async function open(address) {
  let content;
  try {
    const fetched = await page(address);
    content = fetched.querySelector("main");
  } catch {
    content = null;
  }
  if (!content) {
    // The page itself says what is wrong.
    location.assign(address);
    return;
  }
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-label", content.querySelector("h1")?.textContent ?? "Details");
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button dialog__close";
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());
  const body = document.createElement("div");
  body.append(...document.adoptNode(content).childNodes);
  body.querySelector(".crumbs")?.remove();
  dialog.append(close, body);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) {
      dialog.close();
    }
  });
  document.body.append(dialog);
  dialog.showModal();
}
