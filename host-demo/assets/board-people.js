// Edits the permissions of a dashboard.

import { ApiProblem, api } from "./api.js";
import { done } from "./changes.js";
import { field, formOf, openDialog, select } from "./dialog.js";
import { element } from "./form-field.js";

/**
 * @typedef {{ kind: string, users?: string[], editors?: string[] }} Permission
 * @typedef {{ id: string, name: string }} Person
 */

/** @type {[string, string][]} */
const WAYS = [
  ["anyone_edits", "Anyone can see and edit it"],
  ["some_edit", "Anyone can see it, selected people can edit it"],
  ["only_named", "Only selected people can see it"],
];

/** @param {import("./dialog.js").Subject} subject */
export async function editPermissions({ api: base, hidden }) {
  /** @type {{ revision: number, owner: string, permission: Permission }} */
  const { revision, owner, permission } = await api("GET", base);
  /** @type {Person[]} */
  const everybody = await api("GET", "/api/people");
  const people = everybody.filter(({ id }) => id !== owner);
  const way = select("way", WAYS, permission.kind);
  const named = element("ul", { class: "named" });
  const draw = () => {
    const before = new Map([...named.querySelectorAll("select")].map((each) => [each.name, each.value]));
    named.hidden = way.value === "anyone_edits";
    named.replaceChildren(...people.map(({ id, name }) => person(id, name, before.get(`may ${id}`) ?? mayOf(permission, id), way.value)));
    if (people.length === 0) {
      named.replaceChildren(element("li", { class: "muted" }, "There are no other people yet."));
    }
  };
  way.addEventListener("change", draw);
  draw();
  const send = async (/** @type {FormData} */ data) => {
    const who = (/** @type {string} */ may) =>
      [...data].filter(([name, value]) => name.startsWith("may ") && value === may).map(([name]) => name.slice("may ".length));
    const kind = way.value;
    const wanted = {
      kind,
      ...(kind === "only_named" ? { users: who("see") } : {}),
      ...(kind === "anyone_edits" ? {} : { editors: who("edit") }),
    };
    const change = { kind: "set_permission", permission: wanted };
    let changed;
    try {
      changed = await api("POST", `${base}/changes`, { revision, change });
    } catch (error) {
      // Retry after unrelated changes, but never overwrite somebody else's change of the permissions.
      if (!(error instanceof ApiProblem) || error.code !== "stale") {
        throw error;
      }
      const now = await api("GET", base);
      if (JSON.stringify(now.permission) !== JSON.stringify(permission)) {
        throw error;
      }
      changed = await api("POST", `${base}/changes`, { revision: now.revision, change });
    }
    dialog.close();
    await done(changed, "Changed who can see and edit the dashboard");
  };
  const notice = hidden
    ? [element("p", { class: "about__warning" }, `Anyone who can see the dashboard sees figures from a private datasource: ${hidden}.`)]
    : [];
  const hint = "The owner and administrators always have access. Viewers cannot edit.";
  const dialog = openDialog("Who can see and edit it", formOf("Save", send, ...notice, field("This dashboard", way, hint), named));
}

/**
 * @param {Permission} permission
 * @param {string} id
 */
function mayOf({ users = [], editors = [] }, id) {
  return editors.includes(id) ? "edit" : users.includes(id) ? "see" : "none";
}

/**
 * @param {string} id
 * @param {string} name
 * @param {string} may
 * @param {string} way
 */
function person(id, name, may, way) {
  /** @type {[string, string][]} */
  const see = way === "only_named" ? [["see", "Can see it"]] : [];
  const chosen = way === "only_named" || may === "edit" ? may : "none";
  const choice = select(`may ${id}`, [["none", way === "only_named" ? "No access" : "Can see it"], ...see, ["edit", "Can edit it"]], chosen);
  choice.id = `may-${id}`;
  return element("li", {}, element("label", { for: choice.id }, element("bdi", {}, name)), element("span", { class: "chevron" }, choice));
}
