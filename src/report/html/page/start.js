"use strict";
// Puts the parts together: the search for all, and their start.
function search() {
  query = byId("query").value.toLowerCase();
  showFiles(STEP);
  dimTiles();
  drawMap();
}

byId("search").hidden = false;
byId("search").addEventListener("submit", event => event.preventDefault());
let waiting = 0;
byId("query").addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(search, 80);
});
document.addEventListener("keydown", event => {
  const writing = event.target.matches && event.target.matches("input");
  if (event.key === "/" && !writing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    byId("query").focus();
    event.preventDefault();
  } else if (event.key === "Escape" && writing) {
    byId("query").value = "";
    search();
  }
});

startTreemap();
startFiles();
startProfile();
startMap();
startDifferences();
