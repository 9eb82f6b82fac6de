// The page of a datasource: its form, its test, saving and deleting.

import { ApiProblem, api, errorText } from "./api.js";
import { element } from "./form-field.js";
import { createForm } from "./form.js";
import { deleteSource, showStale } from "./datasource-dialog.js";
import { runTest } from "./datasource-test.js";

/**
 * @typedef {import("./form-value.js").Members} Members
 * @typedef {{ [pointer: string]: string | null }} Secrets
 * @typedef {{ settings: Members, secrets: Secrets }} Entered
 */

/** Shows the form of a datasource if the page has one. */
export function connectSource() {
  const place = document.querySelector("section.connect");
  if (place instanceof HTMLElement) {
    void new Connection(place).start();
  }
}

class Connection {
  /** @type {import("./form.js").Form | undefined} */
  #form;
  /** @type {AbortController | null} */
  #testing = null;
  /** The last test: the tested settings, and whether it succeeded. */
  #tested = { content: "", isOk: false };
  /** The connection as it is saved; empty for a new one. */
  #saved = "";
  #isSaving = false;
  /** @type {Set<string>} the fields that are secret */
  #secret = new Set();

  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    this.kind = place.dataset.connect ?? "";
    this.id = place.dataset.datasource ?? "";
    this.revision = Number(place.dataset.revision ?? 0);
    this.saveTitle = this.#button("save")?.textContent ?? "";
  }

  async start() {
    const remove = this.#button("delete");
    remove?.addEventListener("click", () => void deleteSource(this.id, this.revision).catch((error) => this.#say(error)));
    remove?.removeAttribute("hidden");
    if (!this.kind) {
      return;
    }
    try {
      const start = await api("POST", `/api/datasource-kinds/${this.kind}/form`, this.id ? { datasource: this.id } : {});
      this.#draw(start);
    } catch (error) {
      this.#say(error);
    }
  }

  /** @param {{ schema: Members, settings: Members, secrets_set: string[] }} start */
  #draw(start) {
    const properties = Object.entries(/** @type {Members} */ (start.schema["properties"] ?? {}));
    const isSecret = (/** @type {any} */ field) => field.writeOnly === true;
    this.#secret = new Set(properties.filter(([, field]) => isSecret(field)).map(([name]) => name));
    const { schema, settings } = start;
    this.#form = createForm({ schema, settings, secretsSet: start.secrets_set }, { onChange: () => this.#show() });
    this.#one("[data-fields]").replaceChildren(this.#form.element);
    this.#saved = this.id ? this.#content() : "";
    const form = this.#one("form");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
    this.#button("test")?.addEventListener("click", () => {
      if (this.#testing) {
        this.#testing.abort();
      } else {
        void this.#test();
      }
    });
    form.addEventListener("change", () => this.#share());
    ["save", "test"].forEach((name) => this.#button(name)?.removeAttribute("hidden"));
    this.#share();
    this.#show();
  }

  /** Shows the people to select, with the rights they can get. */
  #share() {
    const way = this.#way();
    const people = this.place.querySelector("[data-people]");
    people?.toggleAttribute("hidden", way === "anyone_edits");
    for (const choice of this.#people()) {
      const use = choice.querySelector('option[value="use"]');
      use?.toggleAttribute("hidden", way === "some_edit");
      if (way === "some_edit" && choice.value === "use") {
        choice.value = "none";
      }
    }
  }

  /** @returns {Entered} */
  #entered() {
    /** @type {Members} */
    const settings = {};
    /** @type {Secrets} */
    const secrets = {};
    for (const [name, value] of Object.entries(this.#form?.settings() ?? {})) {
      if (this.#secret.has(name)) {
        secrets[`/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`] = value === null ? null : String(value);
      } else {
        settings[name] = value;
      }
    }
    return { settings, secrets };
  }

  #permission() {
    const named = (/** @type {string} */ may) =>
      this.#people().filter((choice) => choice.value === may).map((choice) => choice.dataset.person ?? "");
    const way = this.#way();
    const editors = named("edit");
    return way === "only_named" ? { kind: way, users: named("use"), editors } : way === "some_edit" ? { kind: way, editors } : { kind: way };
  }

  /** @returns {Promise<boolean>} whether the test finished successfully */
  async #test() {
    const { settings, secrets } = this.#entered();
    const content = this.#content();
    const body = { settings, secrets, ...(this.id ? { datasource: this.id } : {}) };
    this.#testing = new AbortController();
    this.#clearErrors();
    this.#show();
    try {
      const steps = this.#one("[data-steps]");
      const isOk = await runTest(this.kind, body, this.#testing.signal, steps, this.#one("[data-result]"));
      this.#tested = { content, isOk };
      return isOk;
    } catch (error) {
      if (!this.#testing.signal.aborted) {
        this.#say(error);
      }
      return false;
    } finally {
      this.#testing = null;
      this.#show();
    }
  }

  async #submit() {
    if (this.#testing || this.#isSaving) {
      return;
    }
    const name = this.#name();
    if (!name.value.trim()) {
      this.#showNameError("Enter a name");
      return;
    }
    // An untested connection is tested first. After a failed test it can be saved anyway.
    if (this.#isOther() && !this.#isTested() && !(await this.#test())) {
      return;
    }
    this.#isSaving = true;
    this.#clearErrors();
    this.#show();
    try {
      const { settings, secrets } = this.#entered();
      const saved = { name: name.value, permission: this.#permission(), settings, secrets };
      const answer = this.id
        ? await api("PUT", `/api/datasources/${this.id}`, { ...saved, revision: this.revision })
        : await api("POST", "/api/datasources", { ...saved, kind: this.kind });
      const next = this.place.dataset.next ?? "/datasources";
      location.assign(next.endsWith("=") ? next + answer.id : next);
    } catch (error) {
      this.#isSaving = false;
      this.#show();
      if (error instanceof ApiProblem && error.code === "stale") {
        await showStale(this.id, { ...this.#entered(), name: name.value }, this.#one("[data-result]"));
      }
      this.#say(error);
    }
  }

  /** Returns what the connection depends on, to compare it. */
  #content() {
    const { settings, secrets } = this.#entered();
    return JSON.stringify([settings, secrets]);
  }

  /** Tells whether the connection differs from the saved one. */
  #isOther() {
    return this.#content() !== this.#saved;
  }

  /** Tells whether the current settings were tested. */
  #isTested() {
    return this.#tested.content === this.#content();
  }

  /** Updates the buttons and the status text. */
  #show() {
    const isTesting = this.#testing !== null;
    const [save, test] = [this.#button("save"), this.#button("test")];
    const isAnyway = this.#isOther() && this.#isTested() && !this.#tested.isOk;
    if (save && test) {
      save.disabled = isTesting || this.#isSaving;
      save.textContent = isAnyway ? "Save anyway" : this.saveTitle;
      test.textContent = isTesting ? "Stop test" : "Test";
      test.disabled = this.#isSaving;
    }
    this.#one("[data-said]").textContent = isTesting ? "You can save when the test has finished" : this.#isSaving ? "Saving…" : "";
  }

  /** @param {unknown} error */
  #say(error) {
    if (error instanceof ApiProblem && error.errors.length > 0 && this.#form) {
      this.#form.show({ errors: error.errors });
      this.#form.focusFirstError();
      return;
    }
    const problem = this.#one("[data-problem]");
    problem.textContent = errorText(error);
    problem.hidden = false;
  }

  /** @param {string} message */
  #showNameError(message) {
    const problem = this.#one("[data-name-problem]");
    problem.textContent = message;
    problem.hidden = message === "";
    const name = this.#name();
    name.toggleAttribute("aria-invalid", message !== "");
    if (message) {
      name.focus();
    }
  }

  /** Removes earlier errors. */
  #clearErrors() {
    this.#one("[data-problem]").hidden = true;
    this.#showNameError("");
    this.#form?.show({ errors: [] });
  }

  #way() {
    const way = this.place.querySelector("select[data-permission]");
    return way instanceof HTMLSelectElement ? way.value : "";
  }

  /** @returns {HTMLSelectElement[]} */
  #people() {
    return [...this.place.querySelectorAll("select")].filter((choice) => choice.dataset.person !== undefined);
  }

  #name() {
    return /** @type {HTMLInputElement} */ (this.#one('input[name="name"]'));
  }

  /** @param {string} name */
  #button(name) {
    const found = this.place.querySelector(`[data-do="${name}"]`);
    return found instanceof HTMLButtonElement ? found : null;
  }

  /**
   * @param {string} selector of an element that the page has
   * @returns {HTMLElement}
   */
  #one(selector) {
    return this.place.querySelector(selector) ?? element("div");
  }
}
