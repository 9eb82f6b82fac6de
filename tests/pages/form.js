// Shows the form that `/start` describes, and saves it as a host's page would.

import { createForm } from "/assets/form.js";

const outer = document.getElementById("form");

/** @param {string} path @param {unknown} body */
async function post(path, body) {
  const response = await fetch(path, { method: "POST", body: JSON.stringify(body) });
  return { status: response.status, answer: await response.json() };
}

const start = await (await fetch("/start")).json();
const form = createForm({ ...start, errors: [] }, {
  answer: async (settings) => (await post("/form", settings)).answer,
});
outer.prepend(form.element);
outer.addEventListener("submit", async (event) => {
  event.preventDefault();
  await form.whenIdle();
  const { answer } = await post("/save", form.settings());
  document.body.dataset.saved = answer.errors.length === 0 ? "yes" : "no";
  if (answer.errors.length > 0) {
    form.show({ errors: answer.errors });
    form.focusFirstError();
  }
});

/** What the test reaches for. */
Object.assign(window, {
  form,
  createForm,
  /** @param {string} label what a field is called @param {Element} within */
  field(label, within = document) {
    const labels = [...within.querySelectorAll(".field > label, .field > legend")];
    const found = labels.filter((each) => each.querySelector("span")?.textContent === label && each.offsetParent);
    return found.at(-1)?.parentElement;
  },
  /** @param {string} label */
  inputs(label) {
    return [...window.field(label).querySelectorAll("input, select, textarea")].filter((each) => each.offsetParent);
  },
  /** @param {string} label */
  problem(label) {
    const found = window.field(label).querySelector(":scope > .problem");
    return found.hidden ? "" : found.textContent;
  },
});
document.body.dataset.ready = "yes";
