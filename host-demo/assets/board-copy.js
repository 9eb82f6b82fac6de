// Renames, clones and imports dashboards.

import { api } from "./api.js";
import { change } from "./changes.js";
import { field, formOf, openDialog, select } from "./dialog.js";
import { element } from "./form-field.js";

/** @typedef {import("./dialog.js").Subject} Subject */

/**
 * Replaces the title with an input.
 *
 * @param {Subject} subject
 */
export function rename({ title }) {
  const heading = document.querySelector(".head h1");
  if (!heading) {
    return;
  }
  const input = element("input", { class: "input rename", value: title, maxlength: "200", "aria-label": "Title" });
  let isOver = false;
  const end = (/** @type {boolean} */ isKept) => {
    if (isOver) {
      return;
    }
    isOver = true;
    input.replaceWith(heading);
    const now = input.value.trim();
    if (isKept && now !== "" && now !== title) {
      void change({ kind: "rename", title: now }, `Renamed the dashboard to “${now}”`);
    }
    const menu = document.querySelector('[popovertarget="board-menu"]');
    if (menu instanceof HTMLElement) {
      menu.focus();
    }
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "Escape") {
      event.preventDefault();
      end(event.key === "Enter");
    }
  });
  input.addEventListener("blur", () => end(true));
  heading.replaceWith(input);
  input.select();
}

/** @param {Subject} subject */
export function clone({ title, api: base }) {
  const input = element("input", { class: "input", name: "title", required: "", maxlength: "200", value: `Copy of ${title}`.slice(0, 200) });
  const send = async (/** @type {FormData} */ data) => {
    const made = await api("POST", `${base}/clone`, { title: String(data.get("title")) });
    location.assign(`/d/${made.id}`);
  };
  openDialog(
    "Clone this dashboard",
    formOf("Clone", send, field("Title", input, "You will own the copy. Changes to it do not affect this dashboard.")),
  );
  input.select();
}

/** Lets the user choose a file, and asks for replacements of its datasources. */
export function importFile() {
  const input = element("input", { type: "file", accept: ".json,application/json" });
  input.addEventListener("change", async () => {
    const [chosen] = input.files ?? [];
    const text = await chosen?.text();
    if (text !== undefined) {
      await confirmImport(text);
    }
  });
  input.click();
}

/** @param {string} text */
async function confirmImport(text) {
  /** @type {any} */
  let file = null;
  try {
    file = JSON.parse(text);
  } catch {
    // Reported below, like any other unsuitable file.
  }
  if (!Array.isArray(file?.tiles)) {
    openDialog("Import a dashboard", element("p", { role: "alert" }, "This file is not an exported dashboard. Choose a file that was created with “Export as JSON”."));
    return;
  }
  /** @type {{ id: string, kind: string, name: string }[]} */
  const usable = await api("GET", "/api/datasources");
  /** @type {{ id: string, kind: string, name: string }[]} */
  const named = Array.isArray(file.datasources) ? file.datasources : [];
  const choices = named.map((source) => {
    const fitting = usable.filter(({ kind }) => kind === source.kind);
    const same = fitting.find(({ id }) => id === source.id) ?? fitting.find(({ name }) => name === source.name) ?? fitting[0];
    /** @type {[string, string][]} */
    const options = fitting.map(({ id, name }) => [id, name]);
    return field(`Replace “${source.name}” with`, select(`source ${source.id}`, [["", "Choose later"], ...options], same?.id));
  });
  const send = async (/** @type {FormData} */ data) => {
    const chosen = [...data].filter(([name, to]) => name.startsWith("source ") && to !== "");
    const datasources = Object.fromEntries(chosen.map(([name, to]) => [name.slice("source ".length), to]));
    const title = String(data.get("title"));
    const made = await api("POST", "/api/dashboards/import", { file: { ...file, title }, datasources });
    location.assign(`/d/${made.id}`);
  };
  const title = element("input", { class: "input", name: "title", required: "", maxlength: "200", value: String(file.title ?? "") });
  const count = `${file.tiles.length} ${file.tiles.length === 1 ? "gadget" : "gadgets"}`;
  openDialog("Import a dashboard", formOf("Import", send, element("p", {}, `The file contains ${count}.`), field("Title", title), ...choices));
}
