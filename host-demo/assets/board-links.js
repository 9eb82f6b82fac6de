// Creates and revokes public links to a dashboard.

import { api, errorText } from "./api.js";
import { field, formOf, formatTime, openDialog, select } from "./dialog.js";
import { element } from "./form-field.js";
import { toast } from "./toast.js";

/**
 * @typedef {{ id: string, created_at: string, expires_at?: string, has_password: boolean, state: string }} Link
 * @typedef {{ link: Link, path: string, embed_path?: string }} Made
 */

const DAY_MS = 86_400_000;
/** @type {[string, string][]} */
const TIMES = [
  ["", "Until I revoke it"],
  ["1", "For 1 day"],
  ["7", "For 1 week"],
  ["30", "For 30 days"],
  ["365", "For 1 year"],
];

/** @param {import("./dialog.js").Subject} subject */
export async function manageLinks({ api: base, hidden }) {
  const list = element("ul", { class: "links" });
  const made = element("div", { "aria-live": "polite" });
  await draw();
  const password = element("input", { class: "input", name: "password", type: "password", minlength: "6", autocomplete: "new-password" });
  const send = async (/** @type {FormData} */ data) => {
    const [secret, days] = [String(data.get("password") ?? ""), String(data.get("days") ?? "")];
    const answer = await api("POST", `${base}/links`, {
      ...(secret ? { password: secret } : {}),
      ...(days ? { expires_at: new Date(Date.now() + Number(days) * DAY_MS).toISOString() } : {}),
    });
    password.value = "";
    made.replaceChildren(...addresses(answer));
    made.querySelector("input")?.select();
    await draw();
  };
  const notice = hidden
    ? [element("p", { class: "about__warning" }, `The link shows figures from a private datasource: ${hidden}.`)]
    : [];
  const fields = element(
    "div",
    { class: "about__pair" },
    field("Password (optional)", password, "At least 6 characters. Links with a password cannot be embedded."),
    field("Valid", select("days", TIMES)),
  );
  openDialog(
    "Share by public link",
    element("p", {}, "Anyone with the link can see this dashboard and its latest figures without an account. The rows behind the figures are not shown."),
    formOf("Create link", send, ...notice, fields),
    made,
    list,
  );

  async function draw() {
    /** @type {Link[]} */
    const links = await api("GET", `${base}/links`);
    const open = links.filter(({ state }) => state === "open" || state === "creator_lost_right");
    const over = links.length - open.length;
    list.replaceChildren(...open.map(row));
    if (over > 0) {
      const text = over === 1 ? "1 earlier link has expired or was revoked." : `${over} earlier links have expired or were revoked.`;
      list.append(element("li", { class: "muted" }, text));
    }
  }

  /** @param {Link} link */
  function row(link) {
    const ended = link.state === "creator_lost_right";
    const until = ended ? "Ended: its creator can no longer share this dashboard" : link.expires_at ? `Valid until ${formatTime(link.expires_at)}` : "Valid until revoked";
    const secret = link.has_password ? ", with a password" : "";
    const revoke = element("button", { type: "button", class: "button", "aria-label": `Revoke the link created on ${formatTime(link.created_at)}` }, "Revoke");
    revoke.addEventListener("click", async () => {
      revoke.disabled = true;
      try {
        await api("DELETE", `/api/links/${link.id}`);
        await draw();
        toast("The link was revoked");
      } catch (error) {
        toast(errorText(error));
      }
    });
    const text = element("div", {}, element("p", {}, `Created on ${formatTime(link.created_at)}`), element("p", { class: "muted" }, `${until}${secret}`));
    return element("li", {}, text, revoke);
  }
}

/** @param {Made} made */
function addresses({ path, embed_path: embed }) {
  const snippet = embed && `<iframe src="${location.origin}${embed}" width="100%" height="900" title="Dashboard" loading="lazy"></iframe>`;
  return [
    element("p", {}, element("b", {}, "The link was created."), " Copy its address now: it will not be shown again."),
    copied("Address", location.origin + path),
    copied("Wallboard address", `${location.origin}${path}/wall`),
    ...(snippet ? [copied("HTML for embedding", snippet)] : []),
  ];
}

/**
 * @param {string} label
 * @param {string} text
 */
function copied(label, text) {
  const input = element("input", { class: "input", readonly: "", value: text });
  const made = field(label, input);
  const button = element("button", { type: "button", class: "button", "aria-label": `Copy: ${label}` }, "Copy");
  button.addEventListener("click", async () => {
    input.select();
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  });
  const row = element("div", { class: "copied" });
  input.replaceWith(row);
  row.append(input, button);
  return made;
}
