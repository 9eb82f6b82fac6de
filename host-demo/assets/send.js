// Sends forms to the API: `data-send` holds the method and the path.

import { ApiProblem, api, errorText } from "./api.js";

/** Enables these forms; their buttons are disabled until scripts run. */
export function sendForms() {
  for (const form of document.querySelectorAll("form")) {
    if (form.dataset.send) {
      prepare(form);
    }
  }
}

/** @param {HTMLFormElement} form */
function prepare(form) {
  for (const control of controls(form)) {
    control.disabled = false;
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (button instanceof HTMLButtonElement && asksFirst(button)) {
      return;
    }
    void send(form);
  });
  if ("atOnce" in form.dataset) {
    form.addEventListener("change", () => form.requestSubmit());
  }
}

/**
 * Asks for a second click on a button; losing the focus cancels it.
 *
 * @param {HTMLButtonElement} button
 */
function asksFirst(button) {
  const { sure } = button.dataset;
  if (!sure || button.textContent === sure) {
    return false;
  }
  const before = [...button.childNodes];
  button.textContent = sure;
  button.addEventListener("blur", () => button.replaceChildren(...before), { once: true });
  return true;
}

/** @param {HTMLFormElement} form */
async function send(form) {
  const [method = "POST", path = ""] = (form.dataset.send ?? "").split(" ");
  clearErrors(form);
  try {
    const answer = await api(method, path, method === "DELETE" ? undefined : values(form));
    const { next, shows } = form.dataset;
    if (next) {
      location.assign(next);
    } else if (shows) {
      show(form, String(answer[shows]));
    }
  } catch (error) {
    refused(form, error);
  }
}

/**
 * @param {HTMLFormElement} form
 * @returns {Record<string, unknown> | undefined}
 */
function values(form) {
  /** @type {Record<string, unknown>} */
  const all = {};
  for (const control of controls(form)) {
    const { name, value } = control;
    if (!name) {
      continue;
    }
    if (control instanceof HTMLInputElement && control.type === "checkbox") {
      const chosen = /** @type {string[]} */ (all[name] ?? []);
      all[name] = control.checked ? [...chosen, value] : chosen;
    } else if (value !== "") {
      all[name] = control.type === "date" ? `${value}T00:00:00Z` : value;
    }
  }
  return Object.keys(all).length > 0 ? all : undefined;
}

/**
 * @param {HTMLFormElement} form
 * @returns {(HTMLInputElement | HTMLSelectElement | HTMLButtonElement)[]}
 */
function controls(form) {
  return [...form.querySelectorAll("input, select, button")].map(
    (each) => /** @type {HTMLInputElement | HTMLSelectElement | HTMLButtonElement} */ (each),
  );
}

/**
 * Shows a secret that only this response contains.
 *
 * @param {HTMLFormElement} form
 * @param {string} secret
 */
function show(form, secret) {
  const place = form.parentElement?.querySelector("[data-shown]");
  const text = place?.querySelector("[data-secret]");
  if (place instanceof HTMLElement && text) {
    text.textContent = secret;
    place.hidden = false;
    form.hidden = true;
  }
}

/** @param {HTMLFormElement} form */
function clearErrors(form) {
  for (const old of form.querySelectorAll(".problem, .strip--error")) {
    old.remove();
  }
  for (const control of controls(form)) {
    control.removeAttribute("aria-invalid");
  }
}

/**
 * Shows errors at their fields, or on top of the form.
 *
 * @param {HTMLFormElement} form
 * @param {unknown} error
 */
function refused(form, error) {
  if ("atOnce" in form.dataset) {
    form.reset();
  }
  const errors = error instanceof ApiProblem ? error.errors : [];
  const known = errors.filter(({ path, message }) => {
    const control = controls(form).find(({ name }) => `/${name}` === path);
    if (control) {
      control.setAttribute("aria-invalid", "true");
      control.closest(".field")?.append(said("problem", new ApiProblem(0, { message }).sentence));
      control.focus();
    }
    return control;
  });
  if (errors.length === 0 || known.length < errors.length) {
    form.prepend(said("strip strip--error", errorText(error)));
  }
}

/**
 * @param {string} className
 * @param {string} text
 */
function said(className, text) {
  const place = document.createElement("p");
  place.className = className;
  place.setAttribute("role", "alert");
  place.textContent = text;
  return place;
}
