"use strict";
// The table of files: sorted by any column, searched, each row opening to segments and reasons.
const COLUMNS = [
  { key: "path", name: "File", value: null },
  { key: "flash", name: "Flash", value: entry => entries.flash[entry] },
  { key: "ram", name: image.profiled ? "RAM saved" : "RAM saved, at most", value: ramOf },
  { key: "lost", name: "Lost pages", value: lostOf },
  { key: "direct", name: "Direct", value: entry => fileOf[entry] ? fileOf[entry][DIRECT] : 0 },
];
const table = { sort: "flash", down: true, shown: STEP, rows: [], open: new Set(), body: null };
const allFiles = [];
for (let i = 1; i < count; i++) if (!isDirectory(i)) allFiles.push(i);
let folded = null; // paths in small letters, made at the first search

function comparePaths(a, b) { return paths[a] < paths[b] ? -1 : paths[a] > paths[b] ? 1 : a - b; }

function sortRows() {
  const column = COLUMNS.find(one => one.key === table.sort);
  const sign = table.down ? -1 : 1;
  if (!column.value) table.rows.sort((a, b) => sign * comparePaths(a, b));
  else {
    const values = new Map(table.rows.map(entry => [entry, column.value(entry)]));
    table.rows.sort((a, b) => sign * (values.get(a) - values.get(b)) || comparePaths(a, b));
  }
}

// The text that all parts of the page search for.
let query = "";
function matches(entry) {
  if (!query) return true;
  folded = folded || paths.map(path => path.toLowerCase());
  return folded[entry].includes(query);
}

function sortBy(key) {
  table.down = table.sort === key ? !table.down : key !== "path";
  table.sort = key;
  showFiles(STEP);
}

function directText(file) { return file ? file[DIRECT] + " of " + file[PAGES] : "-"; }

function fileRows(entry) {
  const open = table.open.has(entry);
  const row = make("tr", { class: open ? "open" : null, "data-entry": entry });
  const button = make("button", { type: "button", class: "link", "aria-expanded": String(open), click: () => toggle(entry) },
    paths[entry]);
  row.append(make("td", { class: "path" }, button), cell(entries.flash[entry]), cell(ramOf(entry)), cell(lostOf(entry)),
    cell(directText(fileOf[entry])));
  return open ? [row, make("tr", { class: "detail" }, make("td", { colspan: COLUMNS.length }, ...details(entry)))] : [row];
}

function toggle(entry) {
  if (!table.open.delete(entry)) table.open.add(entry);
  const row = table.body.querySelector('tr[data-entry="' + entry + '"]');
  if (row.nextElementSibling && row.nextElementSibling.className === "detail") row.nextElementSibling.remove();
  row.replaceWith(...fileRows(entry));
  table.body.querySelector('tr[data-entry="' + entry + '"] button').focus({ preventScroll: true });
}

// Opens a file's row and scrolls there, also if the search or the length of the list hides it.
function revealFile(entry) {
  if (!matches(entry)) { byId("query").value = ""; search(); }
  table.open.add(entry);
  showFiles(Math.max(STEP, table.rows.indexOf(entry) + 1));
  const button = table.body.querySelector('tr[data-entry="' + entry + '"] button');
  button.scrollIntoView({ block: "center" });
  button.focus({ preventScroll: true });
}

function showFiles(shown) {
  table.shown = shown;
  table.rows = allFiles.filter(matches);
  sortRows();
  const body = make("tbody");
  for (const entry of table.rows.slice(0, shown)) body.append(...fileRows(entry));
  table.body.replaceWith(body);
  table.body = body;
  for (const head of byId("file-table").querySelectorAll("th"))
    head.setAttribute("aria-sort", head.dataset.key !== table.sort ? "none" : table.down ? "descending" : "ascending");
  const more = byId("file-more");
  more.replaceChildren();
  if (shown < table.rows.length) more.append(...moreButtons(shown, table.rows.length, showFiles));
  byId("found").textContent = query ? table.rows.length + " of " + allFiles.length + " files" : "";
}

function walkRows(event) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const buttons = [...table.body.querySelectorAll("button[aria-expanded]")];
  const next = buttons[buttons.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
  if (next) { next.focus(); event.preventDefault(); }
}

function startFiles() {
  show("files");
  byId("files-about").textContent = "Click a heading to sort, or a file to see its segments and what the kernel does with them. " +
    "Flash and RAM are in bytes" + (image.profiled ? "; RAM counts the pages that the profile touches." : "; RAM is saved if all direct pages are touched.");
  const heads = COLUMNS.map((column, i) => make("th", { scope: "col", class: i ? "n" : null, "data-key": column.key },
    make("button", { type: "button", click: () => sortBy(column.key) }, column.name)));
  table.body = make("tbody");
  byId("file-table").append(make("thead", null, make("tr", null, ...heads)), table.body);
  byId("file-table").addEventListener("keydown", walkRows);
  showFiles(STEP);
}
