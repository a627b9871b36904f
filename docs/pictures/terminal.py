#!/usr/bin/env python3
"""terminal.py COMMAND: runs a command line in a shell, and prints an SVG of it and of what it prints, as a terminal shows it.

The text is the program's. Only colours are added: those of the marks in the bars of `cramfsck --xip-report`, which are
the colours of the same things in `cramfs-dump --map=svg`.
"""
import html
import itertools
import re
import subprocess
import sys

FONT, STEP, LINE, MARGIN = 13, 7.8, 18, 16  # in pixels: of letters, from one to the next, from line to line, around all
BACK, TEXT, TYPED = "#1e1e1e", "#d4d4d4", "#ffffff"
MARKS = {"#": "#43a047", ".": "#ffb300", "-": "#9e9e9e"}  # in place, could be, never can be


def span(text, colour):
    return f'<tspan fill="{colour}">{html.escape(text)}</tspan>'


def line_of_output(text):
    """A bar stands behind the numbers of direct, possible and all pages."""
    row = re.fullmatch(r"((?: *\d+){3} )([#.-]+)(.*)", text)
    if not row:
        return html.escape(text)
    before, bar, behind = row.groups()
    marks = "".join(span("".join(run), MARKS[mark]) for mark, run in itertools.groupby(bar))
    return html.escape(before) + marks + html.escape(behind)


def main(command):
    done = subprocess.run(["bash", "-c", command], check=True, stdout=subprocess.PIPE, text=True)
    printed = done.stdout.rstrip("\n").split("\n")
    width = 2 * MARGIN + STEP * max(len(line) for line in [f"$ {command}", *printed])
    height = 2 * MARGIN + LINE * (len(printed) + 1)
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}">')
    print(f"<title>{html.escape(command)}</title>")
    print(f'<rect width="100%" height="100%" rx="8" fill="{BACK}"/>')
    print(f'<g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="{FONT}" fill="{TEXT}">')
    for number, line in enumerate([span(f"$ {command}", TYPED), *map(line_of_output, printed)]):
        print(f'<text x="{MARGIN}" y="{MARGIN + LINE * number + FONT}" xml:space="preserve">{line}</text>')
    print("</g>\n</svg>")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
