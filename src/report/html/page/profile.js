"use strict";
// With a profile: pages that it touches and that are not direct, and direct pages that it does not touch.
function startProfile() {
  if (!image.profiled) return;
  const missed = data.missed;
  show("hot").append(make("h2", null, "Hot pages that are not direct"),
    make("p", { class: "about" }, "Pages that the profile touches and that are not direct, most touches first. To put them in place could save RAM."),
    ...pagedTable([["File"], ["Offset", "n"], ["Touches", "n"]], missed.length,
      i => make("tr", null, pathCell(missed[i][0]), cell(hex(missed[i][1])), cell(missed[i][2])), "None: all touched pages are direct.", SHORT));
  const idle = data.files.filter(file => file[NAME_OF] < 0 && file[DIRECT] > file[TOUCHED_DIRECT]);
  const pages = file => file[DIRECT] - file[TOUCHED_DIRECT];
  idle.sort((a, b) => pages(b) - pages(a) || comparePaths(a[ENTRY], b[ENTRY]));
  show("idle").append(make("h2", null, "Direct pages that nobody touches"),
    make("p", { class: "about" }, "By file, most pages first. To compress these pages could save flash. The last column is what all pages in place of the file cost, about."),
    ...pagedTable([["File"], ["Pages", "n"], ["Direct pages", "n"], ["Flash cost", "n"]], idle.length,
      i => make("tr", null, pathCell(idle[i][ENTRY]), cell(pages(idle[i])), cell(idle[i][DIRECT]), cell(idle[i][COST])),
      "None: all direct pages are touched.", SHORT));
}
