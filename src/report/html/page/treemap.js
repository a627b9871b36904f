"use strict";
// The treemap of one directory, squarified (Bruls, Huizing, van Wijk 2000): rows along the shorter side, each as long as its tiles stay square.
const LEAST_AREA = 150, HEADING = 18, DEEPEST = 3, MOST_TILES = 1500;
const treemap = { directory: 0, tiles: 0 };

// The bytes of a directory itself: entries, padding and superblock.
const OWN = -1, REST = -2;

function parts(directory) {
  const list = (children[directory] || []).filter(entry => flashBelow[entry]).map(entry => ({ entry, bytes: flashBelow[entry] }));
  if (entries.flash[directory]) list.push({ entry: OWN, directory, bytes: entries.flash[directory] });
  return list.sort((a, b) => b.bytes - a.bytes || a.entry - b.entry);
}

// Joins the parts that would be too small to see.
function gather(list, scale) {
  let at = 0;
  while (at < list.length && list[at].bytes * scale >= LEAST_AREA) at++;
  const small = list.slice(at);
  const bytes = small.reduce((sum, one) => sum + one.bytes, 0);
  if (small.length < 2) return list;
  return list.slice(0, at).concat([{ entry: REST, number: small.length, bytes }]);
}

function worst(row, sum, side, scale) {
  const thickness = sum * scale / side;
  const longest = row[0].bytes * scale / thickness, shortest = row[row.length - 1].bytes * scale / thickness;
  return Math.max(longest / thickness, thickness / longest, shortest / thickness, thickness / shortest);
}

// Places the parts in a box; each gets x, y, width, height.
function place(list, box) {
  let { x, y, width, height } = box;
  const scale = width * height / list.reduce((sum, one) => sum + one.bytes, 0);
  for (let at = 0; at < list.length;) {
    const side = Math.min(width, height);
    const row = [list[at]];
    let sum = list[at].bytes;
    for (at++; at < list.length; at++) {
      const before = worst(row, sum, side, scale);
      row.push(list[at]);
      if (worst(row, sum + list[at].bytes, side, scale) > before) { row.pop(); break; }
      sum += list[at].bytes;
    }
    const thickness = Math.min(sum * scale / side, Math.max(width, height));
    let along = 0;
    for (const one of row) {
      const length = side * one.bytes / sum;
      Object.assign(one, width >= height ? { x, y: y + along, width: thickness, height: length }
        : { x: x + along, y, width: length, height: thickness });
      along += length;
    }
    if (width >= height) { x += thickness; width -= thickness; } else { y += thickness; height -= thickness; }
  }
}

function tileText(one) {
  if (one.entry === REST) return one.number + " smaller entries\n" + sizeText(one.bytes);
  if (one.entry === OWN)
    return (one.directory ? "Entries of " + paths[one.directory] : "Superblock, entries of / and padding") + "\n" + sizeText(one.bytes);
  return paths[one.entry] + "\n" + sizeText(one.bytes) + " (" + shareText(one.bytes, image.size) + " of the image)\n" +
    directBelow[one.entry] + " of " + pagesText(pagesBelow[one.entry]) + " direct (" + shareText(directBelow[one.entry], pagesBelow[one.entry]) + ")";
}

function tileLabel(one) {
  if (one.entry === REST) return one.number + " smaller entries";
  return one.entry === OWN ? "(own)" : entries.name[one.entry] + (isDirectory(one.entry) ? "/" : "");
}

function choose(one) {
  if (one.entry < 0) return;
  if (isDirectory(one.entry)) enter(one.entry, true); else revealFile(one.entry);
}

function makeTile(one, framed) {
  const directory = one.entry >= 0 && isDirectory(one.entry);
  const colour = framed ? "frame" : one.entry < 0 ? "s0" : shade(directBelow[one.entry], pagesBelow[one.entry]);
  const tile = make("button", { type: "button", tabindex: "-1", "aria-label": tileText(one),
    class: "tile " + colour + (directory ? " directory" : ""), click: () => choose(one) });
  if (one.width > 30 && one.height > 14) tile.append(make("span", null, tileLabel(one)));
  tile.style.left = one.x + "px";
  tile.style.top = one.y + "px";
  tile.style.width = one.width + "px";
  tile.style.height = one.height + "px";
  tile.what = one;
  return tile;
}

// All tiles of a directory, and of the directories in it that have room for tiles: breadth first.
function layOut(directory, box) {
  const found = [];
  const waiting = [{ directory, box, depth: 0 }];
  for (let i = 0; i < waiting.length && found.length < MOST_TILES; i++) {
    const all = parts(waiting[i].directory);
    const area = waiting[i].box.width * waiting[i].box.height;
    const list = gather(all, area / all.reduce((sum, one) => sum + one.bytes, 0));
    if (!list.length) continue;
    place(list, waiting[i].box);
    for (const one of list) {
      const framed = one.entry >= 0 && isDirectory(one.entry) && one.width > 70 && one.height > 50 && waiting[i].depth < DEEPEST;
      found.push(makeTile(one, framed));
      if (framed)
        waiting.push({ directory: one.entry, depth: waiting[i].depth + 1,
          box: { x: one.x + 2, y: one.y + HEADING, width: one.width - 4, height: one.height - HEADING - 2 } });
    }
  }
  return found;
}

function dimTiles() {
  for (const tile of byId("tiles").children) {
    const entry = tile.what.entry;
    tile.classList.toggle("dim", Boolean(query) && (entry < 0 || (!isDirectory(entry) && !matches(entry))));
  }
}

function drawTiles() {
  const box = byId("tiles");
  const tiles = layOut(treemap.directory, { x: 0, y: 0, width: box.clientWidth, height: box.clientHeight });
  box.replaceChildren(...tiles);
  if (tiles.length) tiles[0].tabIndex = 0;
  else box.append(make("p", { class: "about" }, "Nothing in this directory takes bytes of its own."));
  if (tiles.length) dimTiles();
}

function drawCrumbs() {
  const way = [];
  for (let at = treemap.directory; ; at = entries.parent[at]) {
    way.unshift(at);
    if (!at || way.length > 100) break;
  }
  byId("crumbs").replaceChildren(...way.map(entry => make("button", { type: "button", class: "link", click: () => enter(entry, false) },
    entry ? entries.name[entry] : "root")), " " + sizeText(flashBelow[treemap.directory]) + ", " +
    shareText(directBelow[treemap.directory], pagesBelow[treemap.directory]) + " of its pages direct");
}

function enter(directory, focus) {
  treemap.directory = directory;
  hint("");
  drawCrumbs();
  drawTiles();
  const first = byId("tiles").querySelector(".tile");
  if (focus && first) first.focus();
}

function walkTiles(event) {
  const box = byId("tiles");
  const tile = document.activeElement;
  if (event.key === "Backspace" || event.key === "Escape") {
    const left = treemap.directory;
    if (!left) return;
    enter(entries.parent[left], true);
    for (const one of box.children) if (one.what.entry === left) one.focus();
    event.preventDefault();
    return;
  }
  const back = event.key === "ArrowLeft" || event.key === "ArrowUp";
  if (!back && event.key !== "ArrowRight" && event.key !== "ArrowDown") return;
  const next = tile.what && (back ? tile.previousElementSibling : tile.nextElementSibling);
  event.preventDefault();
  if (!next) return;
  tile.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

function hintTile(event) {
  const tile = event.target.closest(".tile");
  if (!tile) return hint("");
  const at = tile.getBoundingClientRect();
  const focus = event.type === "focusin";
  if (focus && !tile.matches(":focus-visible")) return hint("");
  hint(tileText(tile.what), focus ? at.left : event.clientX, focus ? at.top : event.clientY);
}

function startTreemap() {
  show("treemap");
  const box = byId("tiles");
  box.addEventListener("keydown", walkTiles);
  box.addEventListener("mousemove", hintTile);
  box.addEventListener("focusin", hintTile);
  box.addEventListener("mouseleave", () => hint(""));
  box.addEventListener("focusout", () => hint(""));
  byId("shades").append("Direct: ", ...["none", "up to 25 %", "up to 50 %", "up to 75 %", "more", "all"].map((name, i) => key("s" + i, name)));
  enter(0, false);
  let width = box.clientWidth;
  new ResizeObserver(() => {
    if (box.clientWidth !== width) { width = box.clientWidth; drawTiles(); }
  }).observe(box);
}
