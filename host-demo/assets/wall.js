// The wallboard: rotates its slides and updates them.

import { fetchPage } from "./fetch.js";
import { follow, reloadIfGone } from "./stream.js";

const CLOCK_MS = 10_000;
const SHOWN_MS = 3000;

const whole = /** @type {HTMLElement} */ (document.getElementById("whole"));
const bar = document.querySelector("nav.turns");
const time = document.querySelector(".turns__time");
const said = document.getElementById("turn");
const seconds = Number(whole.dataset.seconds);
let now = 0;
let isPaused = false;
/** @type {Animation | null} */
let turn = null;
let shownUntil = 0;
let isFetching = false;
let isStale = false;

start();

function start() {
  bar?.removeAttribute("hidden");
  time?.toggleAttribute("hidden", slides().length < 2);
  document.body.classList.add("wall-page--turns");
  const asked = slides().findIndex(({ dataset }) => dataset.tile === location.hash.slice(1));
  show(Math.max(0, asked));
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-turn]") : null;
    if (button instanceof HTMLElement) {
      act(button.dataset.turn ?? "");
    }
  });
  for (const kind of ["pointermove", "pointerdown", "keydown"]) {
    document.addEventListener(kind, reveal);
  }
  setInterval(tick, CLOCK_MS);
  tick();
  follow(whole.dataset.events ?? "", onRevisions);
}

/** @returns {HTMLElement[]} */
function slides() {
  return [...whole.querySelectorAll(".slide")].filter((slide) => slide instanceof HTMLElement);
}

/** @param {number} place */
function show(place) {
  const all = slides();
  now = all.length === 0 ? 0 : (place + all.length) % all.length;
  all.forEach((slide, at) => {
    slide.hidden = at !== now;
  });
  turn?.cancel();
  turn = null;
  if (all.length > 1 && time) {
    turn = time.animate([{ transform: "scaleX(0)" }, { transform: "scaleX(1)" }], { duration: seconds * 1000 });
    turn.onfinish = () => show(now + 1);
    if (isPaused) {
      turn.pause();
    }
  }
}

/** @param {string} what */
function act(what) {
  const count = slides().length;
  switch (what) {
    case "previous":
    case "next":
      show(now + (what === "next" ? 1 : -1));
      return say(`Slide ${now + 1} of ${count}`);
    case "pause":
      return pause();
    case "full":
      return void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()).catch(() => undefined);
    case "leave":
      return location.assign(whole.dataset.page ?? "/");
  }
}

function pause() {
  isPaused = !isPaused;
  if (isPaused) {
    turn?.pause();
  } else {
    turn?.play();
  }
  const button = document.querySelector("[data-turn=pause]");
  const label = isPaused ? "Play" : "Pause";
  button?.setAttribute("aria-label", label);
  button?.setAttribute("title", label);
  button?.querySelector("use")?.setAttribute("href", isPaused ? "#i-play" : "#i-pause");
  say(isPaused ? "Paused" : "Playing");
}

/** @param {string} text */
function say(text) {
  if (said) {
    said.textContent = text;
  }
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.altKey || event.ctrlKey || event.metaKey) {
    return;
  }
  const onButton = event.target instanceof Element && event.target.closest("button, a");
  const what = { ArrowLeft: "previous", ArrowRight: "next", f: "full", Escape: "leave", " ": onButton ? "" : "pause" }[event.key];
  if (what) {
    event.preventDefault();
    act(what);
  }
}

/** Shows the buttons for a few seconds. */
function reveal() {
  shownUntil = Date.now() + SHOWN_MS;
  document.body.classList.add("wall-page--used");
  setTimeout(() => {
    if (Date.now() >= shownUntil) {
      document.body.classList.remove("wall-page--used");
    }
  }, SHOWN_MS + 50);
}

function tick() {
  const at = new Date();
  const parts = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  const named = Object.fromEntries(parts.formatToParts(at).map(({ type, value }) => [type, value]));
  const text = `${named.weekday} ${named.day} ${named.month} ${named.year}, ${at.toISOString().slice(11, 16)} UTC`;
  for (const clock of whole.querySelectorAll(".wall__now")) {
    if (clock.textContent !== text) {
      clock.textContent = text;
    }
  }
}

/** @param {Record<string, number>} revisions */
function onRevisions(revisions) {
  const isNewer = slides().some(({ dataset }) => (revisions[dataset.tile ?? ""] ?? 0) > Number(dataset.revision));
  if (isNewer || (revisions["whole"] ?? 0) > Number(whole.dataset.revision)) {
    void renew();
  }
}

/** Fetches the wallboard again, and keeps the current slide. */
async function renew() {
  isStale = true;
  if (isFetching) {
    return;
  }
  isFetching = true;
  try {
    while (isStale) {
      isStale = false;
      const fetched = await fetchPage(location.pathname + location.search);
      const fresh = fetched.getElementById("whole");
      if (!fresh) {
        return location.reload();
      }
      replace(document.adoptNode(fresh));
    }
  } catch (error) {
    // After other failures the next message retries.
    reloadIfGone(error);
  } finally {
    isFetching = false;
  }
}

/** @param {HTMLElement} fresh */
function replace(fresh) {
  const before = slides();
  const seen = before[now]?.dataset.tile;
  const place = [...fresh.querySelectorAll(".slide")].findIndex((slide) => slide instanceof HTMLElement && slide.dataset.tile === seen);
  whole.dataset.revision = fresh.dataset.revision;
  whole.replaceChildren(...fresh.childNodes);
  const count = slides().length;
  time?.toggleAttribute("hidden", count < 2);
  if (place === now && count === before.length) {
    // The slide stays, and so does its remaining time.
    slides().forEach((slide, at) => {
      slide.hidden = at !== now;
    });
  } else {
    show(Math.max(0, place));
  }
  tick();
}
