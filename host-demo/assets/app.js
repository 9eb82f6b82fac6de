// Pages can be read without scripts. This adds what needs them.

import { addBoards } from "./boards.js";
import { openDetailsInPlace } from "./details.js";
import { startLiveUpdates } from "./live.js";
import { addMenus } from "./menu.js";
import { addMoves } from "./move.js";
import { addSeriesSwitches } from "./series.js";
import { addThemeSwitch } from "./theme.js";
import { addActions } from "./tiles.js";
import { addTips } from "./tips.js";
import { completeTiles } from "./whole.js";

addThemeSwitch();
addTips();
openDetailsInPlace();
startLiveUpdates();
completeTiles();
addBoards();
addMenus();
addMoves();
addActions();
addSeriesSwitches();

if (document.querySelector("section.connect")) {
  // Few pages need the modules below.
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
