// Creates a dashboard, empty or from a template.

import { ApiProblem, api, errorText } from "./api.js";
import { element } from "./form-field.js";
import { createForm } from "./form.js";

/**
 * Shows the form, which is hidden until scripts run.
 *
 * @param {HTMLFormElement} form
 */
export async function prepareForm(form) {
  const { template } = form.dataset;
  const problem = form.querySelector("[data-problem]");
  const say = (/** @type {unknown} */ error) => problem?.replaceChildren(element("p", { class: "problem" }, errorText(error)));
  /** @type {import("./form.js").Form | undefined} */
  let questions;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    button?.setAttribute("disabled", "");
    problem?.replaceChildren();
    try {
      await questions?.whenIdle();
      const title = String(new FormData(form).get("title") ?? "");
      const from = template ? { template: { id: template, settings: questions?.settings() ?? {} } } : {};
      const made = await api("POST", "/api/dashboards", { title, ...from });
      location.assign(`/d/${made.id}`);
    } catch (error) {
      if (questions && error instanceof ApiProblem && error.errors.length > 0) {
        questions.show({ errors: error.errors });
        questions.focusFirstError();
      } else {
        say(error);
      }
    } finally {
      button?.removeAttribute("disabled");
    }
  });
  form.hidden = false;
  if (!template) {
    form.querySelector("input")?.focus();
    return;
  }
  const answer = (/** @type {unknown} */ settings) => api("POST", `/api/templates/${encodeURIComponent(template)}/form`, { settings });
  try {
    const start = await answer({});
    questions = createForm({ ...start, errors: [] }, { answer });
    form.querySelector("[data-questions]")?.replaceChildren(questions.element);
  } catch (error) {
    form.querySelector("[data-questions]")?.replaceChildren();
    say(error);
  }
}
