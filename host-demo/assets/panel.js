// The settings panel of a gadget: the generated form, and sharing its settings.

import { ApiProblem, api, errorText } from "./api.js";
import { dashboardElement, done, focusOn, revision, titleOf } from "./changes.js";
import { formatTime } from "./dialog.js";
import { createForm } from "./form.js";
import { element } from "./form-field.js";
import { updateDashboard } from "./live.js";
import { Sharing } from "./sharing.js";

/** @typedef {import("./api.js").Meanwhile} Meanwhile */
/** @typedef {import("./form.js").Answer & {can_share: boolean, gone: string[], gadget: string, version: string}} Start */

/**
 * Opens the settings of a tile.
 *
 * @param {string} tile
 */
export async function configure(tile) {
  if (!document.querySelector("dialog.panel")) {
    await new Panel(tile).open();
  }
}

class Panel {
  /** The revision that the panel is based on. */
  #seen = revision();
  /** @type {import("./form.js").Form | undefined} */
  #form;
  /** @type {Sharing | undefined} */
  #sharing;
  /** The initial settings, as text. */
  #start = "";
  /** @type {HTMLElement} the message above the form */
  note = element("div", { role: "alert" });
  /** Whether the gadget is not set up yet. */
  #isNew = false;
  #isSaving = false;

  /** @param {string} tile */
  constructor(tile) {
    this.tile = tile;
    this.title = titleOf(tile);
    this.base = `${dashboardElement().dataset.api}/tiles/${tile}`;
    this.gadget = element("p");
    this.body = element("div", { class: "panel__body" });
    this.says = element("p", { class: "panel__says", role: "status" });
    this.cancel = element("button", { type: "button", class: "button" }, "Cancel");
    this.save = element("button", { type: "submit", class: "button button--first" }, "Save");
    const close = element("button", { type: "button", class: "button button--icon", "aria-label": "Close" }, "×");
    const frame = element(
      "form",
      { class: "panel__form", novalidate: "" },
      element("header", { class: "panel__head" }, element("div", {}, element("h2", { id: "panel-title" }, `Settings of ${this.title}`), this.gadget), close),
      this.body,
      element("footer", { class: "panel__foot" }, this.says, this.cancel, this.save),
    );
    this.dialog = element("dialog", { class: "panel", "aria-labelledby": "panel-title" }, frame);
    frame.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
    close.addEventListener("click", () => this.#leave());
    this.cancel.addEventListener("click", () => this.#leave());
    this.dialog.addEventListener("keydown", (event) => {
      // An open list of the form closes first.
      if (event.key === "Escape" && !event.defaultPrevented) {
        event.preventDefault();
        this.#leave();
      }
    });
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.#leave();
    });
    this.dialog.addEventListener("pointerdown", (event) => {
      if (event.target === this.dialog) {
        this.#leave();
      }
    });
    this.dialog.addEventListener("close", () => {
      this.#form?.close();
      this.dialog.remove();
      focusOn(this.tile);
    });
  }

  async open() {
    document.body.append(this.dialog);
    this.dialog.showModal();
    await this.#read();
  }

  /** Loads the form, whose choices may come from the datasource. */
  async #read() {
    this.body.replaceChildren(element("p", { class: "panel__wait", role: "status" }, "Loading the settings…"));
    this.save.disabled = true;
    try {
      /** @type {Start} */
      const start = await api("POST", `${this.base}/form`, {});
      if (this.dialog.isConnected) {
        this.#draw(start);
      }
    } catch (error) {
      const again = element("button", { type: "button", class: "button" }, "Try again");
      again.addEventListener("click", () => void this.#read());
      this.body.replaceChildren(strip("strip--error", element("p", {}, errorText(error)), again));
    }
  }

  /** @param {Start} start */
  #draw(start) {
    // Do not show errors in a gadget that is not set up yet.
    const isNew = start.gone.length === 0 && (start.errors ?? []).length > 0;
    const answer = (/** @type {unknown} */ settings) => api("POST", `${this.base}/form`, { settings });
    const form = createForm({ ...start, errors: isNew ? [] : start.errors }, { answer, onChange: () => this.#changed() });
    this.#form = form;
    this.#start = JSON.stringify(form.settings());
    this.#isNew = isNew;
    this.gadget.textContent = `${start.gadget} ${start.version}`;
    this.note = element("div", { role: "alert" });
    const parts = [this.note, form.element];
    if (start.can_share) {
      this.#sharing = new Sharing(`${this.base}/sharing`, form, (preview) => {
        if (preview && preview.revision !== this.#seen) {
          void this.#showStale();
        }
        this.#label();
      });
      parts.push(this.#sharing.element);
    }
    this.body.replaceChildren(...parts);
    this.#label();
    const first = form.element.querySelector("input, select, textarea, button");
    if (first instanceof HTMLElement && (document.activeElement === document.body || this.dialog.contains(document.activeElement))) {
      first.focus();
    }
  }

  #changed() {
    this.#sharing?.changed();
    this.#label();
  }

  /** @returns {boolean} whether the settings were edited */
  get #isTouched() {
    return this.#form !== undefined && JSON.stringify(this.#form.settings()) !== this.#start;
  }

  /** @returns {number} how many gadgets saving would change */
  get #count() {
    return (this.#sharing?.count ?? 0) + (this.#isNew || this.#isTouched ? 1 : 0);
  }

  /** Updates the button and the status text. */
  #label() {
    const hasOthers = (this.#sharing?.count ?? 0) > 0;
    this.save.disabled = this.#isSaving || !this.#form;
    if (this.#isSaving) {
      this.save.textContent = "Saving…";
    } else if (this.#sharing?.isBusy) {
      this.save.textContent = "Updating the preview…";
    } else {
      this.save.textContent = hasOthers ? `Apply to ${gadgets(this.#count)}` : "Save";
    }
    this.says.textContent = hasOthers ? `Changes all ${gadgets(this.#count)} together, or none` : "";
  }

  /** Closes the panel, after a confirmation if edits would be lost. */
  #leave() {
    if (this.#isSaving) {
      return;
    }
    const asked = this.dialog.querySelector(".panel__ask button");
    if (asked instanceof HTMLElement) {
      asked.click();
      return;
    }
    if (!this.#isTouched && !this.#sharing?.isOn) {
      this.dialog.close();
      return;
    }
    const stay = element("button", { type: "button", class: "button" }, "Keep editing");
    const leave = element("button", { type: "button", class: "button button--first" }, "Discard");
    const foot = element("div", { class: "panel__foot panel__ask", role: "alert" }, element("p", { class: "panel__says" }, "Discard your changes?"), stay, leave);
    const before = document.activeElement;
    const old = this.dialog.querySelector(".panel__foot");
    old?.replaceWith(foot);
    stay.addEventListener("click", () => {
      foot.replaceWith(old ?? "");
      if (before instanceof HTMLElement) {
        before.focus();
      }
    });
    leave.addEventListener("click", () => this.dialog.close());
    stay.focus();
  }

  async #submit() {
    const form = this.#form;
    if (!form || this.#isSaving) {
      return;
    }
    this.#isSaving = true;
    this.#label();
    this.note.replaceChildren();
    try {
      await form.whenIdle();
      await this.#sharing?.whenIdle();
      const share = this.#sharing?.share();
      const what = share && this.#count > 1 ? gadgets(this.#count) : `“${this.title}”`;
      const request = { revision: this.#seen, settings: form.settings(), ...(share ? { share } : {}) };
      const changed = await api("POST", `${this.base}/settings`, request);
      this.dialog.close();
      await done(changed, `Changed the settings of ${what}`);
      focusOn(this.tile);
    } catch (error) {
      this.#refused(error);
    } finally {
      this.#isSaving = false;
      this.#label();
    }
  }

  /** @param {unknown} error */
  #refused(error) {
    if (error instanceof ApiProblem && error.errors.length > 0) {
      this.#form?.show({ errors: error.errors });
      this.#form?.focusFirstError();
    } else if (error instanceof ApiProblem && error.code === "stale") {
      void this.#showStale(error.meanwhile);
    } else {
      this.#say(strip("strip--error", element("p", {}, errorText(error))));
      if (error instanceof ApiProblem && error.code === "preview_over") {
        this.#sharing?.renew();
      }
    }
  }

  /**
   * Shows what others changed since the panel was opened; the entries are kept.
   *
   * @param {Meanwhile[]} [meanwhile]
   */
  async #showStale(meanwhile = []) {
    if (meanwhile.length === 0) {
      /** @type {Meanwhile[]} */
      const all = await api("GET", `${dashboardElement().dataset.api}/changes`).catch(() => []);
      meanwhile = all.filter((each) => each.revision > this.#seen).reverse();
    }
    const again = element("button", { type: "button", class: "button" }, "Refresh");
    const list = meanwhile.map((each) => element("li", {}, `${each.summary.charAt(0).toUpperCase()}${each.summary.slice(1)}, ${formatTime(each.at)}`));
    again.addEventListener("click", () => void this.#refresh());
    const lines = [
      element("p", {}, element("b", {}, "The dashboard was changed in the meantime, so nothing was saved.")),
      element("ul", {}, ...list),
      element("p", {}, "Refresh to see the current dashboard. Your entries are kept."),
      again,
    ];
    this.#say(strip("", ...lines));
    again.focus();
  }

  async #refresh() {
    await updateDashboard(Number.MAX_SAFE_INTEGER);
    this.#seen = revision();
    if (!document.getElementById(this.tile)) {
      this.#say(strip("strip--error", element("p", {}, "Somebody removed this gadget, so its settings cannot be saved.")));
      return;
    }
    this.note.replaceChildren(strip("strip--plain", element("p", {}, "This is the current dashboard. Save if your settings are still right.")));
    this.#sharing?.renew();
    this.save.focus();
  }

  /** @param {Element} strip */
  #say(strip) {
    this.note.replaceChildren(strip);
    this.note.scrollIntoView({ block: "nearest" });
  }
}

/**
 * @param {number} count
 * @returns {string}
 */
function gadgets(count) {
  return count === 1 ? "1 gadget" : `${count} gadgets`;
}

/**
 * @param {string} kind
 * @param {...Element} lines
 */
function strip(kind, ...lines) {
  return element("div", { class: `strip ${kind}` }, element("div", {}, ...lines));
}
