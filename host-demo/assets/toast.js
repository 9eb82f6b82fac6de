// Messages in a corner of the page, with undo.

import { errorText } from "./api.js";

/** How long a message stays without being hovered or focused. */
const STAYS_MS = 20_000;

/** @type {Toast | null} */
let shown = null;

/**
 * Shows a message in place of the previous one.
 *
 * If undo fails, the message says why. Control+Z works like the Undo button.
 *
 * @param {string} text
 * @param {{undo?: () => Promise<void>}} [offer]
 */
export function toast(text, { undo } = {}) {
  const next = new Toast(text, undo);
  next.before = shown?.hasFocus ? shown.before : document.activeElement;
  shown?.end();
  shown = next;
  corner().append(next.box);
  next.wait();
}

class Toast {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Element | null} the element that had the focus before */
  before = null;

  /**
   * @param {string} text
   * @param {(() => Promise<void>) | undefined} undo
   */
  constructor(text, undo) {
    this.undo = undo;
    this.box = document.createElement("div");
    this.box.className = "toast";
    this.text = document.createElement("p");
    this.text.textContent = text;
    this.box.append(this.text);
    if (undo) {
      this.back = button("Undo", "toast__undo", () => void this.revert());
      this.back.title = "Control+Z";
      this.back.setAttribute("aria-keyshortcuts", "Control+Z");
      this.box.append(this.back);
    }
    this.close = button("×", "toast__close", () => this.end());
    this.close.setAttribute("aria-label", "Dismiss");
    this.box.append(this.close);
    for (const begin of ["pointerenter", "focusin"]) {
      this.box.addEventListener(begin, () => clearTimeout(this.#timer));
    }
    for (const end of ["pointerleave", "focusout"]) {
      this.box.addEventListener(end, () => this.wait());
    }
    this.box.addEventListener("focusin", ({ relatedTarget }) => {
      if (relatedTarget instanceof Element && !this.box.contains(relatedTarget)) {
        this.before = relatedTarget;
      }
    });
  }

  /** @returns {boolean} */
  get hasFocus() {
    return this.box.contains(document.activeElement);
  }

  wait() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.hasFocus ? this.wait() : this.end()), STAYS_MS);
  }

  async revert() {
    const { undo } = this;
    this.undo = undefined;
    if (!undo) {
      return;
    }
    this.back?.setAttribute("aria-disabled", "true");
    try {
      await undo();
      this.end();
    } catch (error) {
      this.text.textContent = errorText(error);
      const hadFocus = this.hasFocus;
      this.back?.remove();
      if (hadFocus) {
        this.close.focus();
      }
      this.wait();
    }
  }

  end() {
    clearTimeout(this.#timer);
    const { hasFocus } = this;
    this.box.remove();
    if (shown === this) {
      shown = null;
    }
    if (hasFocus) {
      focusOn(this.before);
    }
  }
}

/**
 * @param {string} label
 * @param {string} className
 * @param {() => void} act
 */
function button(label, className, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

/** @type {HTMLElement | null} */
let place = null;

/** @returns {HTMLElement} the live region of the messages */
function corner() {
  if (!place) {
    place = document.createElement("div");
    place.className = "toasts";
    place.setAttribute("role", "status");
    document.body.append(place);
    document.addEventListener("keydown", onKey);
  }
  return place;
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const isUndo = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
  // In these elements it undoes typing.
  const isTyping = event.target instanceof Element && event.target.closest("input, textarea, select, dialog");
  if (isUndo && !isTyping && shown?.undo) {
    event.preventDefault();
    void shown.revert();
  }
}

/** @param {Element | null} element */
function focusOn(element) {
  const main = document.querySelector("main");
  if (element instanceof HTMLElement && element.isConnected && element !== document.body) {
    element.focus();
  } else if (main) {
    main.tabIndex = -1;
    main.focus();
  }
}
