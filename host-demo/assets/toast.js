// Says what happened, and offers to undo it.

import { told } from "./api.js";

/** How long a message stays, while nobody looks at it with pointer or focus. */
const STAYS_MS = 20_000;

/** @type {HTMLElement | null} */
let place = null;

/**
 * Shows a message; the one before it goes.
 *
 * @param {string} text
 * @param {{undo?: () => Promise<void>}} [offer]
 */
export function toast(text, { undo } = {}) {
  const here = place ?? makePlace();
  here.replaceChildren();
  const box = document.createElement("div");
  box.className = "toast";
  const said = document.createElement("p");
  said.textContent = text;
  box.append(said);
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button--text";
    button.textContent = "Undo";
    button.addEventListener("click", () => {
      button.disabled = true;
      void undo().catch((error) => toast(told(error)));
    });
    box.append(button);
  }
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button button--icon";
  close.setAttribute("aria-label", "Dismiss");
  close.textContent = "×";
  close.addEventListener("click", () => box.remove());
  box.append(close);
  here.append(box);
  let timer = window.setTimeout(() => box.remove(), STAYS_MS);
  const hold = () => window.clearTimeout(timer);
  const release = () => {
    hold();
    timer = window.setTimeout(() => box.remove(), STAYS_MS);
  };
  box.addEventListener("pointerenter", hold);
  box.addEventListener("focusin", hold);
  box.addEventListener("pointerleave", release);
  box.addEventListener("focusout", release);
}

function makePlace() {
  place = document.createElement("div");
  place.className = "toasts";
  place.setAttribute("role", "status");
  document.body.append(place);
  return place;
}
