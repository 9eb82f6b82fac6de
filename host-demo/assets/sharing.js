// "Use these settings for all compatible gadgets": what each would take is seen before anything changes.

import { api, told } from "./api.js";
import { element } from "./form-field.js";

/**
 * @typedef {{text: string}} Reason
 * @typedef {{semantic: string, title: string, old?: {text: string}, new: {text: string}, can_tick: boolean, ticked: boolean, takes: boolean, why?: Reason}} Field
 * @typedef {{tile: string, title: string, gadget: string, is_compatible: boolean, changes: boolean, nothing?: Reason, fields: Field[]}} Tile
 * @typedef {{scope: string, not_set_up: number, compatible: number, changes: number, warning?: string, tiles: Tile[]}} Preview
 * @typedef {Record<string, string[]>} Ticks
 */

/** How long somebody who changes several fields is given before the preview is asked for again. */
const PAUSE_MS = 400;

/** The last field of a form, with its preview. */
export class Sharing {
  /** @type {Ticks | undefined} */
  #ticks;
  /** @type {string | undefined} */
  #proposal;
  /** @type {string | undefined} */
  #scope;
  /** @type {number | undefined} */
  #timer;
  #asked = 0;
  /** @type {Promise<void>} */
  #answered = Promise.resolve();

  /**
   * @param {string} address where the preview is asked for
   * @param {import("./form.js").Form} form
   * @param {() => void} told is called when the preview has changed
   */
  constructor(address, form, told) {
    this.address = address;
    this.form = form;
    this.told = told;
    /** How many other gadgets would change. */
    this.count = 0;
    this.box = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", class: "check" }));
    this.place = element("div", { class: "share__preview", "aria-live": "polite" });
    this.element = element(
      "section",
      { class: "share" },
      element("label", { class: "share__switch" }, this.box, element("b", {}, "Use these settings for all compatible gadgets")),
      element("p", { class: "help" }, "Nothing changes before you have seen what each gadget would take."),
      this.place,
    );
    this.box.addEventListener("change", () => this.#switch());
  }

  /** @returns {boolean} */
  get isOn() {
    return this.box.checked;
  }

  /** Says that the settings are others now. */
  changed() {
    if (!this.isOn) {
      return;
    }
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#ask(), PAUSE_MS);
  }

  /** Waits until the preview is that of the settings. */
  async settled() {
    if (this.isOn && this.#timer !== undefined) {
      window.clearTimeout(this.#timer);
      this.#ask();
    }
    await this.#answered;
  }

  /** @returns {{proposal: string, ticks: Ticks} | undefined} what to send along with the settings */
  share() {
    return this.isOn && this.#proposal ? { proposal: this.#proposal, ticks: this.#ticks ?? {} } : undefined;
  }

  #switch() {
    this.place.replaceChildren();
    this.count = 0;
    if (this.isOn) {
      this.#ask();
    }
    this.told();
  }

  #ask() {
    this.#timer = undefined;
    this.#asked += 1;
    const turn = this.#asked;
    this.place.setAttribute("aria-busy", "true");
    this.#answered = this.#fetch(turn);
  }

  /** @param {number} turn */
  async #fetch(turn) {
    try {
      await this.form.settled();
      const answer = await api("POST", this.address, {
        settings: this.form.settings(),
        proposal: this.#proposal,
        scope: this.#scope,
        ticks: this.#ticks,
      });
      if (turn === this.#asked && this.isOn) {
        this.#proposal = answer.proposal;
        this.#ticks = answer.ticks;
        this.#scope = answer.preview.scope;
        this.#draw(answer.preview);
      }
    } catch (error) {
      if (turn === this.#asked) {
        this.#proposal = undefined;
        this.count = 0;
        this.place.replaceChildren(element("p", { class: "share__why" }, told(error)));
      }
    } finally {
      if (turn === this.#asked) {
        this.place.removeAttribute("aria-busy");
        this.told();
      }
    }
  }

  /** @param {Preview} preview */
  #draw(preview) {
    this.count = preview.changes;
    const focused = this.place.contains(document.activeElement) ? document.activeElement?.id : undefined;
    const scope = element("fieldset", { class: "share__scope" }, element("legend", {}, "Which gadgets"));
    for (const [value, text] of [
      ["not_set_up", `Gadgets that are not set up yet (${preview.not_set_up})`],
      ["all_compatible", `All compatible gadgets (${preview.compatible})`],
    ]) {
      const radio = /** @type {HTMLInputElement} */ (
        element("input", { type: "radio", name: "share-scope", id: `share-${value}`, value: value ?? "" })
      );
      radio.checked = preview.scope === value;
      radio.addEventListener("change", () => {
        this.#scope = value;
        this.#ticks = undefined;
        this.#ask();
      });
      scope.append(element("label", {}, radio, text ?? ""));
    }
    const warning = preview.warning ? [element("p", { class: "share__warning" }, preview.warning)] : [];
    const none = preview.tiles.length === 0 ? [element("p", { class: "help" }, "There is no such gadget on this dashboard.")] : [];
    this.place.replaceChildren(...warning, scope, ...preview.tiles.map((tile) => this.#tile(tile)), ...none);
    if (focused) {
      document.getElementById(focused)?.focus();
    }
  }

  /** @param {Tile} tile */
  #tile(tile) {
    const open = tile.fields.filter((field) => field.can_tick);
    const name = element("b", {}, tile.title);
    const row = element("div", { class: "share__tile" });
    if (open.length > 0) {
      const box = this.#box(`share-${tile.tile}`, open.every((field) => field.ticked), (isOn) => {
        this.#set(tile.tile, isOn ? open.map((field) => field.semantic) : []);
      });
      row.append(element("label", { class: "share__name" }, box, name));
    } else {
      row.append(element("p", { class: "share__name" }, name));
    }
    if (tile.nothing) {
      row.append(element("p", { class: "share__why" }, `Takes nothing: ${tile.nothing.text}.`));
    }
    // What is equal already is no news.
    const isSame = (/** @type {Field} */ field) => !field.can_tick && field.old?.text === field.new.text;
    for (const field of tile.fields.filter((field) => !isSame(field))) {
      row.append(this.#field(tile, field));
    }
    const same = tile.fields.filter(isSame).map((field) => field.title);
    if (same.length > 0) {
      row.append(element("p", { class: "share__why" }, `Equal already: ${same.join(", ")}.`));
    }
    return row;
  }

  /**
   * @param {Tile} tile
   * @param {Field} field
   */
  #field(tile, field) {
    const box = this.#box(`share-${tile.tile}-${field.semantic}`, field.ticked, (isOn) => {
      const others = (this.#ticks?.[tile.tile] ?? []).filter((semantic) => semantic !== field.semantic);
      this.#set(tile.tile, isOn ? [...others, field.semantic] : others);
    });
    box.disabled = !field.can_tick;
    const change = element(
      "span",
      { class: "share__change" },
      element("span", { class: "share__old" }, field.old?.text || "not set"),
      " → ",
      element("span", {}, field.new.text || "not set"),
    );
    const line = element("label", { class: "share__field" }, box, element("span", {}, field.title), change);
    return field.why ? element("div", {}, line, element("p", { class: "share__why" }, field.why.text)) : line;
  }

  /**
   * @param {string} tile
   * @param {string[]} semantics
   */
  #set(tile, semantics) {
    this.#ticks = { ...this.#ticks, [tile]: semantics };
    this.#ask();
  }

  /**
   * @param {string} id
   * @param {boolean} isOn
   * @param {(isOn: boolean) => void} told
   */
  #box(id, isOn, told) {
    const box = /** @type {HTMLInputElement} */ (element("input", { type: "checkbox", id }));
    box.checked = isOn;
    box.addEventListener("change", () => told(box.checked));
    return box;
  }
}
