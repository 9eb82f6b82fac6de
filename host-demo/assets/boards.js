// Makes and restores dashboards, and adds gadgets of the catalog to one.

import { api, told } from "./api.js";
import { toast } from "./toast.js";

/** Shows the buttons that need a script, and does what they say. */
export function addBoards() {
  for (const hidden of document.querySelectorAll("[data-new], [data-restore], [data-add], [data-needs-script]")) {
    hidden.removeAttribute("hidden");
  }
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form instanceof HTMLFormElement && form.matches("[data-new]")) {
      event.preventDefault();
      const title = new FormData(form).get("title");
      void create(String(title ?? "")).catch(say);
    }
  });
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-restore], [data-add]") : null;
    if (!(button instanceof HTMLElement)) {
      return;
    }
    const { restore, add } = button.dataset;
    void (restore ? bringBack(restore) : addGadget(add ?? "")).catch(say);
  });
}

/** @param {unknown} error */
function say(error) {
  toast(told(error));
}

/** @param {string} title */
async function create(title) {
  const made = await api("POST", "/api/dashboards", { title });
  location.assign(`/d/${made.id}`);
}

/** @param {string} dashboard */
async function bringBack(dashboard) {
  await api("POST", `/api/dashboards/${dashboard}/restore`);
  location.assign(`/d/${dashboard}`);
}

/** @param {string} gadget */
async function addGadget(gadget) {
  const chosen = document.querySelector("select[data-dashboards]");
  const dashboard = chosen instanceof HTMLSelectElement ? chosen.value : "";
  const { revision } = await api("GET", `/api/dashboards/${dashboard}`);
  const change = { kind: "add_tile", gadget };
  const changed = await api("POST", `/api/dashboards/${dashboard}/changes`, { revision, change });
  location.assign(`/d/${dashboard}?configure=${changed.tile}`);
}
