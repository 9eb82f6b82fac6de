// Switches between light and dark. The server reads the cookie, so that pages do not flash.

const COOKIE = "theme";
const YEAR_SECONDS = 31_536_000;

/** Shows the theme button, which is hidden without scripts. */
export function addThemeSwitch() {
  const button = document.querySelector("[data-theme-switch]");
  if (!(button instanceof HTMLButtonElement)) {
    return;
  }
  button.hidden = false;
  button.addEventListener("click", () => {
    const next = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    document.cookie = `${COOKIE}=${next}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
  });
}

/** @returns {boolean} whether the page is dark now */
function isDark() {
  const chosen = document.documentElement.dataset.theme;
  if (chosen) {
    return chosen === "dark";
  }
  return matchMedia("(prefers-color-scheme: dark)").matches;
}
