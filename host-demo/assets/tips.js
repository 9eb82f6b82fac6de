// The tooltip of a bar, with all its numbers. Arrow keys move between bars.

/**
 * What the accessible names of the bars of a chart leave out: the titles, and where the labels end.
 *
 * @typedef {{ rows: string[], sums: string[], unfinished_sums?: string[], unfinished?: number[], titles: string[] }} Tips
 * @typedef {{ label: string, value: string }} Row
 * @typedef {{ title: string, rows: Row[], sums: Row[] }} Tip
 */

const GAP = 12;

/** @type {HTMLElement | null} */
let box = null;

/** Shows the tooltip of the bar that is hovered or focused. */
export function addTips() {
  document.addEventListener("pointerover", (event) => showFor(event.target));
  document.addEventListener("focusin", (event) => showFor(event.target));
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", onKey);
  addEventListener("scroll", hide, { passive: true });
}

/** @param {EventTarget | null} target */
function showFor(target) {
  const bar = target instanceof Element ? target.closest(".bucket") : null;
  const tip = bar && tipOf(bar);
  if (!bar || !tip) {
    hide();
    return;
  }
  hide();
  box = draw(tip, bar);
  document.body.append(box);
  place(box, bar.getBoundingClientRect());
}

function hide() {
  box?.remove();
  box = null;
}

/**
 * @param {Element} bar
 * @returns {Tip | null}
 */
function tipOf(bar) {
  const figure = bar.closest("[data-tips]");
  if (!(figure instanceof HTMLElement)) {
    return null;
  }
  /** @type {Tips} */
  const tips = JSON.parse(figure.dataset.tips ?? "{}");
  const index = Number(bar.getAttribute("data-part"));
  const title = tips.titles?.[index];
  if (title === undefined) {
    return null;
  }
  const sums = tips.unfinished?.includes(index) ? (tips.unfinished_sums ?? []) : tips.sums;
  const rows = rowsIn(bar.getAttribute("aria-label") ?? "", [...tips.rows, ...sums]);
  return { title, rows: rows.slice(0, tips.rows.length), sums: rows.slice(tips.rows.length) };
}

/**
 * Splits the end of an accessible name, such as "…: New +5, Churn −2", into rows.
 *
 * @param {string} name
 * @param {string[]} labels in the order of the name
 * @returns {Row[]}
 */
function rowsIn(name, labels) {
  let rest = name;
  return labels.reduceRight((/** @type {Row[]} */ rows, label) => {
    const begin = rest.lastIndexOf(`${label} `);
    if (begin < 0) {
      return rows;
    }
    const value = rest.slice(begin + label.length + 1);
    rest = rest.slice(0, Math.max(0, begin - 2));
    return [{ label, value }, ...rows];
  }, []);
}

/**
 * @param {Tip} tip
 * @param {Element} bar
 * @returns {HTMLElement}
 */
function draw(tip, bar) {
  const element = document.createElement("div");
  element.className = "tip";
  // The accessible name of the bar says the same.
  element.setAttribute("aria-hidden", "true");
  const title = document.createElement("h3");
  title.textContent = tip.title;
  element.append(title);
  const swatches = swatchesOf(bar);
  for (const rows of [tip.rows, tip.sums]) {
    const list = document.createElement("dl");
    for (const row of rows) {
      const term = document.createElement("dt");
      const swatch = swatches.get(row.label);
      if (swatch) {
        term.className = "tip__key";
        term.append(swatch.cloneNode(true));
      }
      term.append(row.label);
      const value = document.createElement("dd");
      value.textContent = row.value;
      list.append(term, value);
    }
    if (rows.length > 0) {
      element.append(list);
    }
  }
  return element;
}

/**
 * @param {Element} bar
 * @returns {Map<string, Element>} the swatches of the key, by label
 */
function swatchesOf(bar) {
  /** @type {Map<string, Element>} */
  const swatches = new Map();
  for (const entry of bar.closest("figure")?.querySelectorAll(".key li") ?? []) {
    const swatch = entry.querySelector(".swatch");
    const label = entry.querySelector("bdi")?.textContent;
    if (swatch && label) {
      swatches.set(label, swatch);
    }
  }
  return swatches;
}

/**
 * Positions the tooltip to the right of the bar, or to the left if there is no room.
 *
 * @param {HTMLElement} element
 * @param {DOMRect} bar
 */
function place(element, bar) {
  const { width, height } = element.getBoundingClientRect();
  const room = document.documentElement.clientWidth;
  const right = bar.right + GAP;
  const left = right + width <= room - GAP ? right : Math.max(GAP, bar.left - GAP - width);
  const top = Math.max(GAP, Math.min(bar.top + GAP, innerHeight - height - GAP));
  // The content security policy forbids style attributes in markup, but not the object model.
  element.style.left = `${left + scrollX}px`;
  element.style.top = `${top + scrollY}px`;
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.key === "Escape") {
    hide();
    return;
  }
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const bar = event.target instanceof Element ? event.target.closest(".bucket") : null;
  if (!step || !bar) {
    return;
  }
  const bars = [...(bar.closest("svg")?.querySelectorAll(".bucket") ?? [])];
  const next = bars[bars.indexOf(bar) + step];
  if (next instanceof SVGElement) {
    event.preventDefault();
    next.focus();
  }
}
