"use strict";
// The page's data, as data.c writes it, and values computed from it: paths, and sums by directory.
const data = JSON.parse(document.getElementById("data").textContent);
const image = data.image;
const entries = data.entries;
const count = entries.name.length;

// The columns of data.files.
const ENTRY = 0, PROGRAM = 1, PAGES = 2, DIRECT = 3, POSSIBLE = 4, IN_PLACE = 5, RAM = 6, COST = 7, SHARES = 8, NAME_OF = 9,
  FIRST_MAPPING = 10, MAPPINGS = 11, TOUCHED = 12, TOUCHED_DIRECT = 13;

// By entry: its line in data.files. Links, devices and directories have none.
const fileOf = new Array(count).fill(null);
for (const file of data.files) fileOf[file[ENTRY]] = file;

const LONGEST_PATH = 4096; // a hostile tree may be deep
const paths = new Array(count);
const children = new Array(count);
paths[0] = "/";
for (let i = 1; i < count; i++) {
  const parent = entries.parent[i];
  const path = (parent ? paths[parent] : "") + "/" + entries.name[i];
  paths[i] = path.length > LONGEST_PATH ? "..." + path.slice(3 - LONGEST_PATH) : path;
  (children[parent] = children[parent] || []).push(i);
}
function isDirectory(entry) { return entries.type[entry] === "d"; }

// By entry, with everything below it: bytes of flash, pages, and direct pages.
const flashBelow = entries.flash.slice();
const pagesBelow = new Array(count).fill(0);
const directBelow = new Array(count).fill(0);
for (let i = count - 1; i >= 0; i--) {
  const file = fileOf[i];
  if (file && file[NAME_OF] < 0) {
    pagesBelow[i] += file[PAGES];
    directBelow[i] += file[DIRECT];
  }
  if (!i) break;
  const parent = entries.parent[i];
  flashBelow[parent] += flashBelow[i];
  pagesBelow[parent] += pagesBelow[i];
  directBelow[parent] += directBelow[i];
}

function ramOf(entry) {
  const file = fileOf[entry];
  if (!file || file[NAME_OF] >= 0) return 0;
  return image.profiled ? file[TOUCHED_DIRECT] * image.page : file[RAM];
}
function lostOf(entry) {
  const file = fileOf[entry];
  return file ? file[POSSIBLE] - file[DIRECT] : 0;
}

// Numbers for people.
function sizeText(bytes) {
  if (Math.abs(bytes) < 1024) return bytes + " bytes";
  let value = bytes / 1024, unit = 0;
  while (Math.abs(value) >= 1024 && unit < 2) { value /= 1024; unit++; }
  return value.toFixed(1) + " " + ["KiB", "MiB", "GiB"][unit];
}
function shareText(part, whole) { return whole ? (100 * part / whole).toFixed(1) + " %" : "-"; }
function hex(offset) { return "0x" + offset.toString(16).padStart(6, "0"); }
function pagesText(number) { return number + (number === 1 ? " page" : " pages"); }
function signed(number) { return (number > 0 ? "+" : "") + number; }

// The shade of a share: none, up to a quarter, ..., all.
function shade(part, whole) {
  if (!part || !whole) return "s0";
  return part >= whole ? "s5" : "s" + (1 + Math.min(3, Math.floor(4 * part / whole)));
}

// Elements. A string is text in them, and never markup.
function make(name, attributes, ...content) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === "click") element.addEventListener("click", value);
    else if (value !== null && value !== false) element.setAttribute(key, value);
  }
  element.append(...content);
  return element;
}
function byId(id) { return document.getElementById(id); }
function show(id) { byId(id).hidden = false; return byId(id); }
function key(className, label) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const box = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  svg.setAttribute("class", "key");
  svg.setAttribute("viewBox", "0 0 1 1");
  svg.setAttribute("aria-hidden", "true");
  box.setAttribute("class", className);
  box.setAttribute("width", "1");
  box.setAttribute("height", "1");
  svg.append(box);
  return make("span", null, svg, label);
}

// The text beside the pointer, or below the element with the focus.
function hint(text, x, y) {
  const box = byId("hint");
  box.textContent = text;
  box.hidden = !text;
  if (!text) return;
  const left = Math.min(x + 14, document.documentElement.clientWidth - box.offsetWidth - 4);
  const top = y + 18 + box.offsetHeight > window.innerHeight ? y - box.offsetHeight - 10 : y + 18;
  box.style.left = Math.max(4, left) + "px";
  box.style.top = Math.max(4, top) + "px";
}
