// Runs the test of a datasource, and shows its stream of events.

import { ApiProblem } from "./api.js";
import { element, sentence } from "./form-field.js";

/**
 * @typedef {{ id: string, label: string, state: string, detail?: string }} Step
 * @typedef {{ is_ok: boolean, steps: Step[], error?: { message: string, remedy?: string } }} Result
 */

/** The class, icon and label of each state. */
const LOOKS = new Map([
  ["waiting", ["", "wait", "waiting"]],
  ["running", ["now", "busy", "running"]],
  ["done", ["done", "check", "done"]],
  ["warned", ["warned", "warn", "warning"]],
  ["failed", ["failed", "warn", "failed"]],
]);

/**
 * Runs a test and shows its steps as they proceed.
 *
 * @param {string} kind
 * @param {unknown} body
 * @param {AbortSignal} signal
 * @param {HTMLElement} list
 * @param {HTMLElement} place where the result is shown
 * @returns {Promise<boolean>} whether the test succeeded
 * @throws {ApiProblem} when the test does not start or does not finish
 */
export async function runTest(kind, body, signal, list, place) {
  place.replaceChildren();
  list.replaceChildren();
  list.hidden = false;
  const began = new Map();
  const took = new Map();
  const show = (/** @type {Step[]} */ steps) => {
    for (const step of steps) {
      if (step.state !== "waiting" && !began.has(step.id)) {
        began.set(step.id, performance.now());
      }
      if (step.state !== "waiting" && step.state !== "running" && !took.has(step.id)) {
        took.set(step.id, (performance.now() - began.get(step.id)) / 1000);
      }
    }
    list.replaceChildren(...steps.map((step) => drawn(step, took.get(step.id))));
  };
  /** @type {Result | null} */
  let result = null;
  try {
    for await (const { name, data } of events(kind, body, signal)) {
      show(data.steps);
      result = name === "result" ? data : result;
    }
  } catch (error) {
    if (signal.aborted) {
      place.replaceChildren(element("p", { class: "muted" }, "The test was stopped."));
    }
    throw error;
  }
  if (!result) {
    throw new ApiProblem(0, { code: "no_answer", message: "the test did not finish", remedy: "Run it again." });
  }
  place.replaceChildren(found(result));
  return result.is_ok;
}

/**
 * @param {string} kind
 * @param {unknown} body
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<{ name: string, data: Result }>}
 */
async function* events(kind, body, signal) {
  const headers = { accept: "text/event-stream", "content-type": "application/json" };
  const request = { method: "POST", headers, body: JSON.stringify(body), signal };
  const answer = await fetch(`/api/datasource-kinds/${kind}/test`, request);
  if (!answer.ok || !answer.body) {
    const isJson = /\bjson\b/.test(answer.headers.get("content-type") ?? "");
    throw new ApiProblem(answer.status, isJson ? await answer.json() : {});
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    text += value ?? "";
    const whole = text.split("\n\n");
    text = whole.pop() ?? "";
    for (const event of whole) {
      const [name, data] = ["event", "data"].map((field) => member(event, field));
      if (name && data) {
        yield { name, data: JSON.parse(data) };
      }
    }
    if (done) {
      return;
    }
  }
}

/**
 * @param {string} event
 * @param {string} field
 */
function member(event, field) {
  const line = event.split("\n").find((each) => each.startsWith(`${field}: `));
  return line?.slice(field.length + 2);
}

/**
 * @param {Step} step
 * @param {number | undefined} seconds
 */
function drawn(step, seconds) {
  const [look = "", icon = "wait", word = step.state] = LOOKS.get(step.state) ?? [];
  const text = element("span", {}, element("bdi", {}, step.label));
  if (step.detail) {
    text.append(element("small", {}, element("bdi", {}, step.detail)));
  }
  // A step without a duration was checked together with the one before.
  const isTimed = seconds !== undefined && seconds >= 0.05 && step.state !== "failed";
  const end = isTimed ? element("span", {}, `${seconds.toFixed(1)} s`, element("span", { class: "sr" }, ` ${word}`)) : element("span", {}, word);
  return element("li", look ? { class: look } : {}, picture(icon), text, end);
}

/** @param {string} name */
function picture(name) {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  drawing.append(use);
  return drawing;
}

/** @param {Result} result */
function found({ is_ok, error }) {
  if (is_ok) {
    return element("p", { class: "found", role: "status" }, "Gadgets can read everything they need.");
  }
  const message = element("p", {}, element("b", {}, sentence(error?.message ?? "the test failed")));
  const text = element("div", {}, message);
  if (error?.remedy) {
    text.append(element("p", {}, error.remedy));
  }
  return element("div", { class: "strip strip--error", role: "alert" }, picture("warn"), text);
}
