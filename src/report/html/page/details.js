"use strict";
// The details that open below a row of the table of files.
const TYPES = { "-": "file", l: "link", c: "character device", b: "block device", p: "fifo", s: "socket" };
const PROGRAMS = { none: "Not a program", other: "A program that no loader maps", malformed: "A program with damaged headers",
  copied: "A program that its loader copies to RAM", mapped: "A program that is mapped" };

// The columns of data.mappings.
const SEGMENT = 0, FLAGS = 1, OFFSET = 2, ASKED = 3, KEPT = 4, MAPPED = 5, REASON = 6, PHRASE = 7;

// A loader unmaps the part of the first mapping after its own pages: only the rest counts.
function mappingRow(mapping, loses) {
  const stays = Math.min(mapping[ASKED], mapping[KEPT]);
  const direct = Math.min(mapping[MAPPED], stays);
  const whole = direct === stays;
  const why = make("td", null);
  if (whole && mapping[REASON]) why.append("All pages that stay mapped are direct.");
  else if (direct && !whole && !loses) why.append("All pages that can be direct are direct.");
  else {
    if (mapping[PHRASE]) why.append(make("b", null, mapping[PHRASE]), ". ");
    why.append(make("span", { class: "words" }, data.reasons[mapping[REASON]]));
  }
  return make("tr", null, cell(mapping[SEGMENT]), cell(mapping[FLAGS]), cell(hex(mapping[OFFSET])), cell(direct + " of " + stays), why);
}

function mappingTable(file) {
  const rows = data.mappings.slice(file[FIRST_MAPPING], file[FIRST_MAPPING] + file[MAPPINGS])
    .map(mapping => mappingRow(mapping, file[POSSIBLE] > file[DIRECT]));
  const head = tableHead([["Segment", "n"], ["Rights", "n"], ["Offset", "n"], ["Direct pages", "n"], ["What the kernel does, and why"]]);
  return make("div", { class: "scroll" }, make("table", null, head, make("tbody", null, ...rows)));
}

let wholeReasons = null; // by number in data.files: why a file that is not a program is not direct

function wholeReason(file) {
  wholeReasons = wholeReasons || new Map(data.whole.map(one => [data.files[one[0]][ENTRY], one]));
  const found = wholeReasons.get(file[ENTRY]);
  return found ? [make("p", null, make("b", null, found[2]), ". ", make("span", { class: "words" }, data.reasons[found[1]]))] : [];
}

function details(entry) {
  const file = fileOf[entry];
  const type = TYPES[entries.type[entry]] || "entry of no known type";
  const shared = entries.shared[entry] ? " in the image, and " + sizeText(entries.shared[entry]) + " more that count for other entries" : "";
  const lines = [make("p", null, type[0].toUpperCase() + type.slice(1) + ", " + sizeText(entries.size[entry]) + "; it takes " + sizeText(entries.flash[entry]) + (shared || " in the image") + ".")];
  if (entries.damaged[entry]) lines.push(make("p", { class: "warning" }, "Damaged; cramfsck prints the errors."));
  if (!file) return lines;
  if (file[NAME_OF] >= 0) {
    lines.push(make("p", null, "The same inode as ", make("button", { type: "button", class: "link", click: () => revealFile(file[NAME_OF]) },
      paths[file[NAME_OF]]), ", where its pages and costs are counted."));
    return lines;
  }
  lines.push(make("p", null, (PROGRAMS[file[PROGRAM]] || file[PROGRAM]) + "; " + pagesText(file[PAGES]) + ": " + file[IN_PLACE] +
    " stored in place, " + file[DIRECT] + " direct, " + file[POSSIBLE] + " can be direct, " + lostOf(entry) + " lost. Pages in place cost about " +
    sizeText(file[COST]) + " of flash."));
  if (image.profiled) lines.push(make("p", null, "The profile touches " + pagesText(file[TOUCHED]) + ", and " + file[TOUCHED_DIRECT] + " touched pages are direct."));
  if (file[SHARES] >= 0) lines.push(make("p", null, "Shares pages in place with ", make("span", { class: "path" }, paths[file[SHARES]]),
    image.kernel === "nommu" ? ": a hazard, the kernel panics when both files are mapped." : "."));
  lines.push(...wholeReason(file));
  if (file[MAPPINGS]) lines.push(mappingTable(file));
  return lines;
}
