"use strict";
// The map: a square for each erase block, and in it a cell for each page with the colour of most of its bytes.
const CELLS = [24, 18, 14, 11, 9, 7, 5, 4, 3, 2], MOST_HEIGHT = 700, OFFSETS = 76, GAP = 3;
const pieces = data.pieces;
const offsets = new Array(pieces.length.length); // of each piece
for (let i = 0, at = 0; i < offsets.length; i++) { offsets[i] = at; at += pieces.length[i]; }
const map = { cell: 0, unit: 0, block: 0, across: 0, down: 0, columns: 0, perRow: 0, kinds: null, at: -1, chosen: -1 };
const differing = new Map(); // by offset of an erase block: its line in data.diff.blocks
if (data.diff) for (const block of data.diff.blocks) differing.set(block[0], block);

// The piece that has the byte.
function pieceAt(offset) {
  let low = 0, high = offsets.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (offsets[middle] <= offset) low = middle; else high = middle - 1;
  }
  return low;
}

function kindOf(piece) { return pieces.kind.charCodeAt(piece) - 48; }

// The picture's measures for a width: the largest cells with which it is not too high.
function measure(width) {
  map.block = image.erase;
  map.unit = Math.min(image.page, image.erase);
  for (;;) {
    for (map.cell of CELLS) {
      const cells = Math.ceil(map.block / map.unit);
      map.columns = Math.min(Math.ceil(Math.sqrt(cells)), Math.max(1, Math.floor((width - OFFSETS - GAP) / map.cell)));
      map.across = map.columns * map.cell + GAP;
      map.down = Math.ceil(cells / map.columns) * map.cell + GAP;
      map.perRow = Math.max(1, Math.floor((width - OFFSETS) / map.across));
      const rows = Math.ceil(Math.ceil(image.size / map.block) / map.perRow);
      if (rows * map.down <= MOST_HEIGHT) return rows;
      map.rows = rows;
    }
    if (map.unit * 2 <= map.block) map.unit *= 2; else { map.block *= 2; map.unit = map.block; }
  }
}

// By cell, block by block: the kind of most of its bytes.
function cellKinds() {
  const inBlock = Math.ceil(map.block / map.unit);
  const kinds = new Uint8Array(Math.ceil(image.size / map.block) * inBlock);
  let piece = 0;
  for (let cell = 0; cell < kinds.length; cell++) {
    const { begin, end } = cellRange(cell);
    const bytes = [0, 0, 0, 0, 0, 0, 0, 0];
    while (piece < offsets.length && offsets[piece] < end) {
      const last = offsets[piece] + pieces.length[piece];
      bytes[kindOf(piece)] += Math.max(0, Math.min(last, end) - Math.max(offsets[piece], begin));
      if (last > end) break;
      piece++;
    }
    kinds[cell] = begin < end ? bytes.indexOf(Math.max(...bytes)) : 255;
  }
  return kinds;
}

function cellRange(cell) {
  const inBlock = Math.ceil(map.block / map.unit);
  const block = Math.floor(cell / inBlock) * map.block;
  const begin = block + cell % inBlock * map.unit;
  const end = Math.min(begin + map.unit, block + map.block, image.size);
  return { block, begin, end };
}

function cellPlace(cell) {
  const inBlock = Math.ceil(map.block / map.unit);
  const block = Math.floor(cell / inBlock), inside = cell % inBlock;
  return { x: OFFSETS + block % map.perRow * map.across + inside % map.columns * map.cell,
    y: Math.floor(block / map.perRow) * map.down + Math.floor(inside / map.columns) * map.cell };
}

function cellUnder(x, y) {
  const inBlock = Math.ceil(map.block / map.unit);
  const column = Math.floor((x - OFFSETS) / map.across), row = Math.floor(y / map.down);
  const inX = Math.floor((x - OFFSETS - column * map.across) / map.cell), inY = Math.floor((y - row * map.down) / map.cell);
  if (x < OFFSETS || column >= map.perRow || inX >= map.columns) return -1;
  const inside = inY * map.columns + inX;
  const cell = (row * map.perRow + column) * inBlock + inside;
  return inside < inBlock && cell < map.kinds.length && map.kinds[cell] !== 255 ? cell : -1;
}

// Which cells have a byte of an entry that the search finds.
function foundCells() {
  const found = new Uint8Array(map.kinds.length);
  const inBlock = Math.ceil(map.block / map.unit);
  for (let i = 0; i < offsets.length; i++) {
    if (kindOf(i) === data.kinds.indexOf("padding") || !matches(pieces.owner[i])) continue;
    for (let at = offsets[i]; at < offsets[i] + pieces.length[i];) {
      const cell = Math.floor(at / map.block) * inBlock + Math.floor(at % map.block / map.unit);
      found[cell] = 1;
      at = cellRange(cell).end;
    }
  }
  return found;
}

function drawOffsets(pen, colour, rows) {
  pen.fillStyle = colour;
  pen.font = "11px ui-monospace, monospace";
  let last = -20;
  for (let row = 0; row < rows; row++) {
    if (row * map.down - last < 13) continue;
    last = row * map.down;
    pen.fillText(hex(row * map.perRow * map.block), 0, last + 9);
  }
}

function outline(pen, block, colour, width) {
  const first = cellPlace(block * Math.ceil(map.block / map.unit));
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.strokeRect(first.x - 1, first.y - 1 + 2, map.across - GAP + 2, map.down - GAP + 2);
}

function drawMap() {
  const canvas = byId("map-picture");
  const width = canvas.parentElement.clientWidth;
  const rows = measure(width);
  const style = getComputedStyle(document.documentElement);
  const colour = name => style.getPropertyValue("--" + name).trim();
  const colours = data.kinds.map((name, i) => colour("k" + i));
  const dense = window.devicePixelRatio || 1;
  canvas.width = width * dense;
  canvas.height = (rows * map.down + 6) * dense;
  canvas.style.height = rows * map.down + 6 + "px";
  map.kinds = cellKinds();
  const pen = canvas.getContext("2d");
  pen.scale(dense, dense);
  drawOffsets(pen, colour("faint"), rows);
  const found = query ? foundCells() : null;
  for (let cell = 0; cell < map.kinds.length; cell++) {
    if (map.kinds[cell] === 255) continue;
    const { x, y } = cellPlace(cell);
    pen.globalAlpha = !found || found[cell] ? 1 : 0.18;
    pen.fillStyle = colours[map.kinds[cell]];
    pen.fillRect(x, y + 2, map.cell - (map.cell > 4 ? 1 : 0), map.cell - (map.cell > 4 ? 1 : 0));
  }
  pen.globalAlpha = 1;
  for (const offset of differing.keys())
    if (offset < image.size) outline(pen, Math.floor(offset / map.block), colour("differs"), 1.5);
  if (map.chosen >= 0 && map.chosen < image.size) outline(pen, Math.floor(map.chosen / map.block), colour("ink"), 2);
  if (map.at >= 0 && document.activeElement === canvas) {
    const { x, y } = cellPlace(map.at);
    pen.strokeStyle = colour("ink");
    pen.lineWidth = 2;
    pen.strokeRect(x - 1, y + 1, map.cell + 1, map.cell + 1);
  }
}

function pieceText(piece) {
  const kind = data.kinds[kindOf(piece)];
  const owner = kind === "padding" ? "" : " of " + paths[pieces.owner[piece]];
  return kind + owner + ": " + pieces.length[piece] + " bytes at " + hex(offsets[piece]);
}

function cellText(cell) {
  const { block, begin, end } = cellRange(cell);
  const lines = [hex(begin) + " to " + hex(end - 1) + ", erase block " + Math.floor(begin / image.erase)];
  let piece = pieceAt(begin);
  for (let shown = 0; piece < offsets.length && offsets[piece] < end; piece++, shown++) {
    if (shown === 4) { lines.push("..."); break; }
    lines.push(pieceText(piece));
  }
  if (differing.has(block)) lines.push("This erase block differs.");
  return lines.join("\n");
}

// The contents of one erase block, as a list.
function showBlock(offset) {
  const begin = Math.floor(offset / image.erase) * image.erase;
  const end = Math.min(begin + image.erase, image.size);
  const first = pieceAt(begin);
  let last = first;
  while (last < offsets.length && offsets[last] < end) last++;
  map.chosen = begin;
  const row = i => {
    const piece = first + i, padding = data.kinds[kindOf(piece)] === "padding";
    return make("tr", null, cell(hex(offsets[piece]), "at"), cell(pieces.length[piece]),
      make("td", null, key("k" + kindOf(piece), data.kinds[kindOf(piece)])),
      padding ? make("td") : pathCell(pieces.owner[piece]));
  };
  byId("map-block").replaceChildren(make("h3", null, "Erase block " + begin / image.erase + ", " + hex(begin) + " to " + hex(end - 1)),
    ...causeText(differing.get(begin)), ...pagedTable([["Offset"], ["Bytes", "n"], ["Kind"], ["Owner"]], last - first, row, "Nothing."));
  drawMap();
}

function moveOn(cell) {
  if (cell < 0 || cell >= map.kinds.length || map.kinds[cell] === 255) return;
  map.at = cell;
  byId("map-here").textContent = cellText(cell).replaceAll("\n", "; ");
  drawMap();
}

function walkMap(event) {
  const inBlock = Math.ceil(map.block / map.unit);
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -map.columns, ArrowDown: map.columns, PageUp: -inBlock, PageDown: inBlock,
    Home: -map.at, End: map.kinds.length - 1 - map.at };
  if (event.key === "Enter" || event.key === " ") {
    if (map.at >= 0) showBlock(cellRange(map.at).begin);
  } else if (event.key in steps) moveOn(Math.max(0, map.at) + (map.at < 0 ? 0 : steps[event.key]));
  else return;
  event.preventDefault();
}

function startMap() {
  show("map");
  const canvas = byId("map-picture");
  byId("map-about").textContent = "A square is an erase block of " + sizeText(image.erase) + ", and a cell in it is a page: its colour is the kind of most of its bytes. " +
    "Point at a cell to see its offset and owner. Click it or press Enter to list the erase block. Arrow keys, Page Up and Page Down move." +
    (data.diff ? " Framed erase blocks differ from the older image." : "");
  byId("map-legend").append(...data.kinds.flatMap((name, i) => pieces.kind.includes(String(i)) ? [key("k" + i, name)] : []));
  const under = event => cellUnder(event.offsetX, event.offsetY - 2);
  canvas.addEventListener("mousemove", event => {
    const cell = under(event);
    hint(cell < 0 ? "" : cellText(cell), event.clientX, event.clientY);
  });
  canvas.addEventListener("mouseleave", () => hint(""));
  canvas.addEventListener("click", event => {
    const cell = under(event);
    if (cell >= 0) { map.at = cell; showBlock(cellRange(cell).begin); }
  });
  canvas.addEventListener("keydown", walkMap);
  canvas.addEventListener("focus", () => { if (map.at < 0) moveOn(0); else drawMap(); });
  canvas.addEventListener("blur", drawMap);
  new ResizeObserver(drawMap).observe(canvas.parentElement);
  for (const media of ["(prefers-color-scheme: dark)", "print"]) matchMedia(media).addEventListener("change", drawMap);
}
