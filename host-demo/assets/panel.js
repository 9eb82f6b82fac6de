// The settings of a gadget, at the side of the dashboard: the generated form, and the sharing of what it says.

import { ApiProblem, api, told } from "./api.js";
import { done, focusOn, revision, whole } from "./changes.js";
import { createForm } from "./form.js";
import { element } from "./form-field.js";
import { Sharing } from "./sharing.js";

/**
 * Opens the settings of a tile.
 *
 * @param {string} tile
 */
export async function configure(tile) {
  const base = `${whole().dataset.api}/tiles/${tile}`;
  const seen = revision();
  const answer = (/** @type {unknown} */ settings) => api("POST", `${base}/form`, { settings });
  const start = await api("POST", `${base}/form`, {});
  const title = document.getElementById(`${tile}-title`)?.textContent ?? "gadget";
  const problem = element("div", { role: "alert", class: "panel__problem" });
  const save = element("button", { type: "submit", class: "button button--first" }, "Save");
  const cancel = element("button", { type: "button", class: "button" }, "Cancel");
  const isNew = start.errors.length > 0 && start.gone.length === 0;
  const form = createForm({ ...start, errors: isNew ? [] : start.errors }, { answer, onChange: () => sharing?.changed() });
  const sharing = start.can_share ? new Sharing(`${base}/sharing`, form, label) : null;
  const frame = element(
    "form",
    { class: "panel__form", novalidate: "" },
    element("h2", {}, `Settings of ${title}`),
    problem,
    form.element,
    ...(sharing ? [sharing.element] : []),
    element("div", { class: "panel__end" }, cancel, save),
  );
  const dialog = element("dialog", { class: "panel", "aria-label": `Settings of ${title}` }, frame);
  if (!(dialog instanceof HTMLDialogElement) || !(save instanceof HTMLButtonElement)) {
    return;
  }

  function label() {
    save.textContent = sharing?.isOn && sharing.count > 0 ? `Apply to ${sharing.count + 1} gadgets` : "Save";
  }

  frame.addEventListener("submit", (event) => {
    event.preventDefault();
    void keep();
  });
  cancel.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    form.close();
    dialog.remove();
    focusOn(tile);
  });
  document.body.append(dialog);
  dialog.showModal();

  async function keep() {
    save.setAttribute("disabled", "");
    save.textContent = "Saving…";
    problem.replaceChildren();
    try {
      await form.settled();
      await sharing?.settled();
      const share = sharing?.share();
      const changed = await api("POST", `${base}/settings`, {
        revision: Math.max(seen, revision()),
        settings: form.settings(),
        ...(share ? { share } : {}),
      });
      dialog.close();
      await done(changed);
      focusOn(tile);
    } catch (error) {
      say(error);
    } finally {
      save.removeAttribute("disabled");
      label();
    }
  }

  /** @param {unknown} error */
  function say(error) {
    if (error instanceof ApiProblem && error.errors.length > 0) {
      form.show({ errors: error.errors });
      form.focusFirstError();
      return;
    }
    const lines = [element("p", {}, told(error))];
    if (error instanceof ApiProblem) {
      for (const each of error.meanwhile) {
        lines.push(element("p", {}, `Meanwhile: ${each.summary}.`));
      }
      if (error.code === "stale") {
        sharing?.changed();
      }
    }
    problem.replaceChildren(...lines);
  }
}
