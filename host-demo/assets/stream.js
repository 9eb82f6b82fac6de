// The event stream of a dashboard.

import { PageError, fetchPage } from "./fetch.js";

/** How long after an error the stream is reopened. */
const RETRY_MS = 5000;

/**
 * Follows a dashboard while the page is visible; browsers allow few connections to one host.
 *
 * The browser reconnects when a connection breaks, but not after an error response of the host or of a
 * proxy: without a retry the page would never be updated again.
 *
 * @param {string} address
 * @param {(revisions: Record<string, number>) => void} onMessage gets the revisions of all tiles, so that no change is missed
 */
export function follow(address, onMessage) {
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
    opened.addEventListener("tiles", (event) => onMessage(JSON.parse(event.data)));
    opened.addEventListener("error", () => {
      if (opened.readyState === EventSource.CLOSED) {
        void reloadIfOver();
        setTimeout(() => {
          if (stream === opened) {
            stream = null;
            look();
          }
        }, RETRY_MS);
      }
    });
    return opened;
  };
  document.addEventListener("visibilitychange", look);
  look();
}

/** Reloads the page if the session or link has expired or the dashboard was deleted; it says so. */
async function reloadIfOver() {
  try {
    const fetched = await fetchPage(location.pathname + location.search);
    if (!fetched.getElementById("whole")) {
      location.reload();
    }
  } catch (error) {
    reloadIfGone(error);
  }
}

/**
 * Reloads a page that no longer exists or must not be seen, so that it says so.
 *
 * @param {unknown} error why the page could not be fetched
 */
export function reloadIfGone(error) {
  if (error instanceof PageError && [401, 403, 404].includes(error.status)) {
    location.reload();
  }
}
