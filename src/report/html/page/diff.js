"use strict";
// With an older image: the differences, by file and by erase block.

// A place is an entry of this image, or a path of the older one.
function placeCell(place) {
  return typeof place === "number" ? pathCell(place) : make("td", { class: "path" }, place);
}
function placeText(place) { return typeof place === "number" ? paths[place] : place + " (removed)"; }

function whatText(change) {
  const [, happened, , , before, after, what, moved] = change;
  const words = data.diff.bits.filter((name, bit) => what & 1 << bit);
  const pages = before !== after ? "; " + before + " → " + pagesText(after) + " in place" : moved ? "; " + moved + " moved" : "";
  return happened + (words.length ? ": " + words.join(", ") : "") + pages;
}

// The owners of the bytes that differ in an erase block.
function causesText(block) {
  const MOST = 8;
  const texts = block[2].slice(0, MOST).map(cause => cause[0] + (cause.length > 1 ? " " + placeText(cause[1]) : ""));
  if (block[2].length > MOST) texts.push("and " + (block[2].length - MOST) + " more");
  return texts.join("; ") || "one image ends before this block";
}
function causeText(block) { return block ? [make("p", { class: "plus" }, "It differs: " + causesText(block) + ".")] : []; }

function startDifferences() {
  if (!data.diff) return;
  const changes = data.diff.changes.slice();
  const growth = change => change[3] - change[2];
  changes.sort((a, b) => Math.abs(growth(b)) - Math.abs(growth(a)));
  byId("changes").append(make("h3", null, "File by file"), make("p", { class: "about" }, "Flash in bytes, largest change first."),
    ...pagedTable([["Entry"], ["Old flash", "n"], ["New flash", "n"], ["Change", "n"], ["What changed"]], changes.length, i => make("tr", null, placeCell(changes[i][0]),
      cell(changes[i][2]), cell(changes[i][3]), cell(signed(growth(changes[i]))), make("td", null, whatText(changes[i]))),
    "No entry differs.", SHORT));
  const blocks = data.diff.blocks;
  byId("blocks-that-differ").append(make("h3", null, "Erase block by erase block"),
    ...pagedTable([["Offset"], ["Bytes", "n"], ["Whose bytes differ"]], blocks.length, i => {
      const [offset, length] = blocks[i];
      const place = offset < image.size
        ? make("td", { class: "at" }, make("button", { type: "button", class: "link", click: () => { showBlock(offset); byId("map").scrollIntoView(); } }, hex(offset)))
        : cell(hex(offset), "at");
      return make("tr", null, place, cell(length), make("td", { class: "path" }, causesText(blocks[i])));
    }, "No erase block differs.", SHORT));
}
