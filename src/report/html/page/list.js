"use strict";
// A table that begins short, since a browser is slow with 20,000 rows: a button shows more of it.
const STEP = 50, SHORT = 12;

// The head of a table: [name, class] of each column.
function tableHead(columns) {
  return make("thead", null, make("tr", null, ...columns.map(([name, className]) => make("th", { scope: "col", class: className || null }, name))));
}

function pagedTable(columns, total, row, empty, first) {
  const box = make("div", { class: "scroll" });
  const body = make("tbody");
  const more = make("p", { class: "more" });
  let shown = 0;
  function add(until) {
    for (; shown < Math.min(until, total); shown++) body.append(row(shown));
    more.replaceChildren();
    if (shown < total) more.append(...moreButtons(shown, total, add));
  }
  box.append(make("table", null, tableHead(columns), body));
  add(first || STEP);
  return total ? [box, more] : [make("p", { class: "about" }, empty)];
}

function moreButtons(shown, total, add) {
  return [make("button", { type: "button", class: "button", click: () => add(shown + STEP) }, STEP + " more"),
    make("button", { type: "button", class: "button", click: () => add(total) }, "all"),
    shown + " of " + total + " are shown"];
}

function cell(content, className) { return make("td", { class: className || "n" }, content === undefined ? "" : String(content)); }

// A path that leads to its row in the table of files.
function pathCell(entry) {
  const td = make("td", { class: "path" });
  if (isDirectory(entry)) td.append(paths[entry]);
  else td.append(make("button", { type: "button", class: "link", click: () => revealFile(entry) }, paths[entry]));
  return td;
}
