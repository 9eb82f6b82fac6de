// The page works without any of this; scripts add what only they can.

import { addBoards } from "./boards.js";
import { openDetailsInPlace } from "./details.js";
import { keepLive } from "./live.js";
import { addMenus } from "./menu.js";
import { addMoves } from "./move.js";
import { addSeriesSwitches } from "./series.js";
import { addThemeSwitch } from "./theme.js";
import { addActions } from "./tiles.js";
import { addTips } from "./tips.js";

addThemeSwitch();
addTips();
openDetailsInPlace();
keepLive();
addBoards();
addMenus();
addMoves();
addActions();
addSeriesSwitches();

if (document.querySelector("section.connect")) {
  // Only these pages need it.
  const { connectSource } = await import("./datasource.js");
  connectSource();
}

if (document.querySelector("form[data-filters]")) {
  const { addCatalogFilters } = await import("./catalog.js");
  addCatalogFilters();
}

if (document.querySelector("form[data-send]")) {
  const { sendForms } = await import("./send.js");
  sendForms();
}
