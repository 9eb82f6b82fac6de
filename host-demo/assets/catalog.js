// Filters the catalog.

/** Shows the filters if the page has them. */
export function addCatalogFilters() {
  const form = document.querySelector("form[data-filters]");
  if (!(form instanceof HTMLFormElement)) {
    return;
  }
  const cards = [...document.querySelectorAll("[data-kinds]")].filter((card) => card instanceof HTMLElement);
  const none = document.querySelector("[data-none]");
  const narrow = () => {
    const entered = new FormData(form);
    const text = String(entered.get("text")).trim().toLowerCase();
    const kind = String(entered.get("kind"));
    for (const card of cards) {
      const isOfKind = kind === "" || (card.dataset.kinds ?? "").split(" ").includes(kind);
      const words = card.querySelector(".card__body")?.textContent ?? "";
      card.hidden = !isOfKind || !words.toLowerCase().includes(text);
    }
    none?.toggleAttribute("hidden", cards.some((card) => !card.hidden));
  };
  form.addEventListener("input", narrow);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
}
