// The generated form: draws the resolved schema of a gadget's or a datasource's settings.
//
// The host provides the schema with current choices, the settings and their errors. When a field
// changes that others depend on, the form calls `answer` once and updates in place what changed.
// Patterns are never run here, and texts never become markup.

import { decides, dependentsOf, dropUnavailable } from "./form-depends.js";
import { element } from "./form-field.js";
import { fields } from "./form-group.js";
import { schemaAt, titleOf } from "./form-schema.js";
import { Summary } from "./form-summary.js";
import { isWithin, members, merged } from "./form-value.js";

/**
 * @typedef {import("./form-value.js").Members} Members
 * @typedef {import("./form-value.js").FieldError} FieldError
 * @typedef {import("./form-field.js").Control} Control
 *
 * @typedef {import("./form-depends.js").Choices} Choices
 * @typedef {{ path: string, message: string } | { pointer: string, message: string }} GivenError
 * @typedef {{ schema: Members, settings: Members, errors?: GivenError[], choices?: Choices }} Answer
 *
 * @typedef {object} Options
 * @property {(settings: Members) => Promise<Answer>} [answer] resolves the form for changed settings
 * @property {(form: Form) => void} [onChange] is called after each change, and when a request starts or ends
 */

/** How long the form waits after a key before it calls `answer`. */
const TYPING_MS = 300;
const MAX_FIELDS = 500;
let forms = 0;

/**
 * Creates a form.
 *
 * Errors passed here and to `show` are all shown, at their fields and in a summary. Errors of an answer
 * are shown only at fields that were changed, unless errors were passed to `show`.
 *
 * @param {Answer & { secretsSet?: string[] }} start `secretsSet` has the pointers of saved secrets
 * @param {Options} [options]
 * @returns {Form}
 */
export function createForm(start, options = {}) {
  return new Form(start, options);
}

/** A form on a page. */
export class Form {
  /** @type {Members} */
  #schema;
  /** @type {Choices | undefined} */
  #choices;
  /** @type {FieldError[]} */
  #errors = [];
  /** @type {Control} */
  #root;
  #options;
  #summary = new Summary();
  /** Whether errors are shown at all fields, touched or not. */
  #isRevealed = false;
  /** @type {Set<string>} */
  #touched = new Set();
  /** @type {Set<string>} the fields that changed since the last answer */
  #changed = new Set();
  #asked = 0;
  #isAsking = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {(() => void)[]} */
  #awaiting = [];
  #failure = "";

  /**
   * @param {Answer & { secretsSet?: string[] }} start
   * @param {Options} options
   */
  constructor(start, options) {
    this.#options = options;
    this.#schema = start.schema;
    this.#choices = start.choices;
    forms += 1;
    const prefix = `form${forms}`;
    let ids = 0;
    let room = MAX_FIELDS;
    const secrets = new Set(start.secretsSet);
    /** @type {import("./form-field.js").Context} */
    const context = {
      id: () => `${prefix}-${(ids += 1)}`,
      changed: (pointer, way) => this.#onChange(pointer, way),
      isSecretSet: (pointer) => secrets.has(pointer),
      isDynamic: (pointer) => Object.hasOwn(this.#choices ?? {}, pointer),
      hasRoom: () => (room -= 1) >= 0,
    };
    this.#root = fields(context, { pointer: "", depth: 0 }, start.schema, start.settings);
    this.element = element("div", { class: "form" }, this.#summary.element, this.#root.element);
    // Errors appear only when the user leaves a field.
    this.element.addEventListener("focusout", () => this.#draw());
    this.#setErrors(start.errors);
  }

  /** Tells whether an answer is pending, so that the settings may be out of date. */
  get isBusy() {
    return this.#isAsking || this.#timer !== undefined;
  }

  /**
   * Returns the settings. A secret is absent if it is kept, and null if it is removed.
   *
   * @returns {Members}
   */
  settings() {
    return members(this.#root.value());
  }

  /** @returns {Promise<void>} resolves when no answer is pending */
  whenIdle() {
    if (!this.isBusy) {
      return Promise.resolve();
    }
    return new Promise((done) => this.#awaiting.push(done));
  }

  /**
   * Updates the form; members that are not passed stay the same.
   *
   * @param {Partial<Answer>} next
   */
  show(next) {
    if (next.schema || next.settings) {
      // Ignore pending answers, which are about the old form.
      this.#asked += 1;
      this.#isAsking = false;
      this.#schema = next.schema ?? this.#schema;
      this.#root.show(this.#schema, next.settings ?? this.settings());
    }
    this.#choices = next.choices ?? this.#choices;
    this.#setErrors(next.errors);
    this.#tell();
  }

  /** Moves the focus to the first field with an error, or to the summary. */
  focusFirstError() {
    this.#isRevealed = true;
    this.#draw();
    const invalid = this.#root.element.querySelector('[aria-invalid="true"]');
    const first = this.#errors.find((error) => this.#controlOf(error.path));
    if (invalid instanceof HTMLElement) {
      openAround(invalid);
      invalid.focus();
    } else if (first) {
      this.#focus(first.path);
    } else {
      this.#summary.element.focus();
    }
  }

  /** Ends the form: it makes no more requests and ignores pending answers. */
  close() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#asked += 1;
    this.#isAsking = false;
    this.#tell();
  }

  /**
   * @param {string} pointer
   * @param {"typed" | "chosen"} way
   */
  #onChange(pointer, way) {
    this.#touched.add(pointer);
    this.#changed.add(pointer);
    if (this.#options.answer && (this.#errors.length > 0 || !this.#choices || decides(this.#choices, pointer))) {
      clearTimeout(this.#timer);
      if (way === "chosen") {
        this.#timer = undefined;
        void this.#ask();
      } else {
        this.#timer = setTimeout(() => {
          this.#timer = undefined;
          void this.#ask();
        }, TYPING_MS);
      }
    }
    this.#tell();
  }

  async #ask() {
    const { answer } = this.#options;
    if (!answer) {
      return;
    }
    this.#asked += 1;
    const number = this.#asked;
    const sent = this.settings();
    const changed = new Set(this.#changed);
    this.#isAsking = true;
    const waiting = dependentsOf(this.#choices ?? {}, changed);
    this.#each((control) => control.wait(waiting.has(control.pointer)));
    this.#tell();
    /** @type {Answer | null} */
    let answered = null;
    try {
      answered = await answer(sent);
      this.#failure = "";
    } catch (error) {
      this.#failure = error instanceof Error ? error.message : String(error);
    }
    if (number !== this.#asked) {
      return;
    }
    this.#isAsking = false;
    this.#each((control) => control.wait(false));
    if (answered) {
      this.#take(answered, sent, changed);
    }
    this.#draw();
    this.#tell();
  }

  /**
   * @param {Answer} answered
   * @param {Members} sent
   * @param {Set<string>} changed
   */
  #take(answered, sent, changed) {
    this.#schema = answered.schema;
    this.#choices = answered.choices ?? this.#choices;
    this.#errors = (answered.errors ?? []).map(errorOf);
    changed.forEach((pointer) => this.#changed.delete(pointer));
    this.#root.show(this.#schema, merged(sent, answered.settings, this.settings()));
    const dependents = dependentsOf(this.#choices ?? {}, changed);
    const { settings, dropped } = dropUnavailable(this.#schema, this.settings(), dependents);
    if (dropped.length > 0) {
      this.#root.show(this.#schema, settings);
      // The answer was for values that are now removed, so their dependents need another one.
      dropped.forEach((pointer) => this.#changed.add(pointer));
      void this.#ask();
    }
  }

  /** @param {GivenError[] | undefined} errors */
  #setErrors(errors) {
    if (errors) {
      this.#errors = errors.map(errorOf);
      this.#isRevealed = errors.length > 0;
    }
    this.#draw();
  }

  /** @param {(control: Control) => void} visit */
  #each(visit) {
    const down = (/** @type {Control} */ control) => {
      visit(control);
      control.parts().forEach(down);
    };
    down(this.#root);
  }

  /**
   * @param {string} path
   * @returns {Control | undefined} the innermost field that contains the error
   */
  #controlOf(path) {
    /** @type {Control | undefined} */
    let found;
    this.#each((control) => {
      if (control.pointer !== "" && isWithin(path, control.pointer)) {
        found = control;
      }
    });
    return found;
  }

  /** Shows the errors at the fields and in the summary. */
  #draw() {
    /** @type {Map<Control, FieldError[]>} */
    const wrong = new Map();
    /** @type {FieldError[]} */
    const elsewhere = [];
    for (const error of this.#errors) {
      const control = this.#controlOf(error.path);
      if (!control) {
        elsewhere.push(error);
      } else if (this.#isRevealed || this.#isTouched(control)) {
        wrong.set(control, [...(wrong.get(control) ?? []), error]);
      }
    }
    this.#each((control) => control.showErrors(wrong.get(control) ?? []));
    if (this.#isRevealed) {
      wrong.forEach((_, control) => openAround(control.element));
    }
    const lines = (this.#isRevealed ? this.#errors : elsewhere).map((error) => this.#line(error));
    if (this.#failure) {
      const message = `the choices could not be updated: ${this.#failure}`;
      lines.push({ field: "Try again", message, act: () => void this.#ask() });
    }
    this.#summary.show(lines);
  }

  /** @param {Control} control */
  #isTouched(control) {
    const isLeft = !control.element.contains(document.activeElement) || control.kind === "choice";
    const isTouched = [...this.#touched].some((pointer) => isWithin(pointer, control.pointer));
    const isSaid = control.element.querySelector('[aria-invalid="true"]') !== null;
    return isTouched && (isLeft || isSaid);
  }

  /**
   * @param {FieldError} error
   * @returns {import("./form-summary.js").Line}
   */
  #line({ path, message }) {
    const control = this.#controlOf(path);
    if (!control) {
      return { field: "", message: path ? `${path}: ${message}` : message };
    }
    const name = titleOf(schemaAt(this.#schema, this.settings(), control.pointer) ?? {});
    return { field: name || control.pointer, message, act: () => this.#focus(path) };
  }

  /** @param {string} path */
  #focus(path) {
    const control = this.#controlOf(path);
    if (control) {
      openAround(control.element);
      control.focus(path);
    }
  }

  #tell() {
    if (!this.isBusy) {
      this.#awaiting.splice(0).forEach((done) => done());
    }
    this.#options.onChange?.(this);
  }
}

/**
 * @param {GivenError} given
 * @returns {FieldError}
 */
function errorOf(given) {
  return { path: "path" in given ? given.path : given.pointer, message: given.message };
}

/** @param {Element} inner */
function openAround(inner) {
  for (let around = inner.closest("details"); around; around = around.parentElement?.closest("details") ?? null) {
    around.open = true;
  }
}
