// The stream of what changes on a dashboard.

import { NoPage, page } from "./fetch.js";

/** How long after a refusal the stream is asked for again. */
const AGAIN_MS = 5000;

/**
 * Follows a dashboard while the page is seen; a browser allows only few connections to one host.
 *
 * A browser comes back by itself when a connection breaks, but not when the host, or a proxy in front of it,
 * answers with an error: the page would show old figures for ever.
 *
 * @param {string} address
 * @param {(revisions: Record<string, number>) => void} told each message has the state of all tiles, so nothing is missed
 */
export function follow(address, told) {
  /** @type {EventSource | null} */
  let stream = null;
  const look = () => {
    if (document.hidden) {
      stream?.close();
      stream = null;
    } else {
      stream ??= open();
    }
  };
  const open = () => {
    const opened = new EventSource(address);
    opened.addEventListener("tiles", (event) => told(JSON.parse(event.data)));
    opened.addEventListener("error", () => {
      if (opened.readyState === EventSource.CLOSED) {
        void leaveIfOver();
        setTimeout(() => {
          if (stream === opened) {
            stream = null;
            look();
          }
        }, AGAIN_MS);
      }
    });
    return opened;
  };
  document.addEventListener("visibilitychange", look);
  look();
}

/** Where the session or the link is over, or the dashboard gone, the page itself says so. */
async function leaveIfOver() {
  try {
    const fetched = await page(location.pathname + location.search);
    if (!fetched.getElementById("whole")) {
      location.reload();
    }
  } catch (error) {
    leaveIfGone(error);
  }
}

/**
 * Has a page that is there no longer, or not for who looks, say so itself; about anything else it stays.
 *
 * @param {unknown} error why the page did not come
 */
export function leaveIfGone(error) {
  if (error instanceof NoPage && [401, 403, 404].includes(error.status)) {
    location.reload();
  }
}
