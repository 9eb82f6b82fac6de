// "Use these settings for all compatible gadgets": previews the changes before anything is saved.

import { ApiProblem, api, errorText } from "./api.js";
import { element } from "./form-field.js";
import { tileRows } from "./sharing-tile.js";

/**
 * @typedef {{kind: string, text: string}} Reason
 * @typedef {{text: string}} Shown
 * @typedef {{semantic: string, title: string, old?: Shown, new: Shown, can_tick: boolean, ticked: boolean, takes: boolean, why?: Reason}} Field
 * @typedef {{tile: string, title: string, gadget: string, is_compatible: boolean, changes: boolean, nothing?: Reason, fields: Field[]}} Tile
 * @typedef {{revision: number, scope: string, not_set_up: number, compatible: number, changes: number, warning?: string, tiles: Tile[]}} Preview
 * @typedef {Record<string, string[]>} Ticks
 */

/** How long to wait after a change before the preview is requested again. */
const PAUSE_MS = 400;
const LABEL = "Use these settings for all compatible gadgets";

/** The last field of a form, with its preview. */
export class Sharing {
  /** @type {Ticks | undefined} */
  #ticks;
  /** @type {string | undefined} */
  #proposal;
  /** @type {string | undefined} */
  #scope;
  /** @type {Preview | undefined} */
  #preview;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #asked = 0;
  #answered = Promise.resolve();
  /** The settings of the preview, as text. */
  #settings = "";

  /**
   * @param {string} address of the preview
   * @param {import("./form.js").Form} form
   * @param {(preview: Preview | undefined) => void} changed is called when the preview has changed
   */
  constructor(address, form, changed) {
    this.address = address;
    this.form = form;
    this.tell = changed;
    this.box = element("input", { type: "checkbox" });
    this.scopes = element("div", { class: "share__scopes", role: "radiogroup", "aria-label": "Which gadgets" });
    this.place = element("div");
    this.head = element("div", { class: "share__head" }, element("label", { class: "check" }, this.box, LABEL));
    this.element = element("section", { class: "share", "aria-label": LABEL }, this.head, this.place);
    this.box.addEventListener("change", () => this.#switch());
  }

  /** @returns {boolean} */
  get isOn() {
    return this.box.checked;
  }

  /** @returns {boolean} whether a preview is pending */
  get isBusy() {
    return this.isOn && (this.#timer !== undefined || this.element.ariaBusy === "true");
  }

  /** @returns {number} how many other gadgets would change */
  get count() {
    return this.isOn ? (this.#preview?.changes ?? 0) : 0;
  }

  /** Reacts to a possible change of the settings. */
  changed() {
    if (this.isOn && JSON.stringify(this.form.settings()) !== this.#settings) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#ask(), PAUSE_MS);
    }
  }

  /** Requests a new preview after the dashboard changed; the selection is kept. */
  renew() {
    this.#proposal = undefined;
    if (this.isOn) {
      this.#ask();
    }
  }

  /** Waits until the preview matches the settings. */
  async whenIdle() {
    if (this.isOn && this.#timer !== undefined) {
      this.#ask();
    }
    await this.#answered;
  }

  /** @returns {{proposal: string, ticks: Ticks} | undefined} what to send with the settings */
  share() {
    if (!this.isOn || !this.#proposal || !this.#preview) {
      return undefined;
    }
    const taken = this.#preview.tiles.map(({ tile, fields }) => [
      tile,
      fields.filter(({ takes }) => takes).map(({ semantic }) => semantic),
    ]);
    return { proposal: this.#proposal, ticks: Object.fromEntries(taken) };
  }

  #switch() {
    this.#clear();
    if (this.isOn) {
      this.#ask();
    } else {
      this.#asked += 1;
      this.element.ariaBusy = null;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    this.tell(undefined);
  }

  #clear() {
    this.#preview = undefined;
    this.#proposal = undefined;
    this.scopes.remove();
    this.place.replaceChildren();
  }

  #ask() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#asked += 1;
    this.element.ariaBusy = "true";
    if (!this.#preview) {
      this.place.replaceChildren(element("p", { class: "share__says" }, "Loading the preview…"));
    }
    this.#answered = this.#answer(this.#asked);
  }

  /** @param {number} turn the number of the request; responses to earlier ones are ignored */
  async #answer(turn) {
    await this.form.whenIdle();
    const settings = this.form.settings();
    this.#settings = JSON.stringify(settings);
    const request = { settings, proposal: this.#proposal, scope: this.#scope, ticks: this.#ticks };
    try {
      /** @type {{proposal: string, ticks: Ticks, preview: Preview}} */
      const answer = await api("POST", this.address, request);
      if (turn === this.#asked) {
        this.#proposal = answer.proposal;
        this.#ticks = answer.ticks;
        this.#scope = answer.preview.scope;
        this.#preview = answer.preview;
        this.#draw(answer.preview);
      }
    } catch (error) {
      if (turn === this.#asked) {
        this.#clear();
        const isUnfinished = error instanceof ApiProblem && error.errors.length > 0;
        const says = isUnfinished ? "Complete the settings above to see a preview." : errorText(error);
        this.place.replaceChildren(element("p", { class: "share__says" }, says));
      }
    } finally {
      if (turn === this.#asked) {
        this.element.ariaBusy = null;
        this.tell(this.#preview);
      }
    }
  }

  /** @param {Preview} preview */
  #draw(preview) {
    const focused = this.element.contains(document.activeElement) ? document.activeElement?.id : "";
    this.scopes.replaceChildren(
      this.#radio("not_set_up", `Not yet set up (${preview.not_set_up})`, preview),
      this.#radio("all_compatible", `All compatible (${preview.compatible})`, preview),
    );
    this.head.append(this.scopes);
    const warning = preview.warning ? [element("p", { class: "share__warning" }, sentence(preview.warning))] : [];
    const none = preview.tiles.length === 0 ? [element("p", { class: "share__says" }, "No other gadgets match.")] : [];
    const set = (/** @type {string} */ tile, /** @type {string[]} */ semantics) => {
      this.#ticks = { ...this.#ticks, [tile]: semantics };
      this.#ask();
    };
    this.place.replaceChildren(...warning, ...preview.tiles.map((tile) => tileRows(tile, set)), ...none);
    if (focused) {
      document.getElementById(focused)?.focus();
    }
  }

  /**
   * @param {string} scope
   * @param {string} text
   * @param {Preview} preview
   */
  #radio(scope, text, preview) {
    const radio = element("input", { type: "radio", name: "share-scope", id: `share-${scope}` });
    radio.checked = preview.scope === scope;
    radio.addEventListener("change", () => {
      this.#scope = scope;
      this.#ticks = undefined;
      this.#ask();
    });
    return element("label", { class: "check" }, radio, text);
  }
}

/** @param {string} text */
function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1) + (text.endsWith(".") ? "" : ".");
}
