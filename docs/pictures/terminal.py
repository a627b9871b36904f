#!/usr/bin/env python3
"""terminal.py COMMAND: runs a command line in a shell on a terminal of 80 columns, and prints an SVG of it and its output.

Text and colours come from the program; the shades are those of `cramfs-dump --map=svg`.
"""
import html
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import fcntl

FONT, STEP, LINE, MARGIN = 13, 7.8, 18, 16  # in pixels: of letters, from one to the next, from line to line, around all
BACK, TEXT, TYPED = "#1e1e1e", "#d4d4d4", "#ffffff"
SHADES = {"31": "#e53935", "32": "#43a047", "33": "#ffb300", "90": "#9e9e9e"}
COLUMNS = 80


def span(text, colour):
    return f'<tspan fill="{colour}">{html.escape(text)}</tspan>'


def line_of_output(text):
    """The text with a span for each coloured part: from the escape that begins a colour to the one that ends it."""
    plain, *parts = re.split(r"\033\[(\d*)m", text)
    drawn = html.escape(plain)
    for colour, part in zip(parts[::2], parts[1::2]):
        drawn += span(part, SHADES[colour]) if colour in SHADES else html.escape(part)
    return drawn


def printed_by(command):
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    with subprocess.Popen(["bash", "-c", command], stdout=child, stdin=subprocess.DEVNULL,
                          env={**environment, "TERM": "xterm"}) as process:
        os.close(child)
        text = b""
        try:
            while piece := os.read(parent, 65536):
                text += piece
        except OSError:  # the other end is closed
            pass
    os.close(parent)
    if process.returncode:
        sys.exit(f"{command}: exit {process.returncode}")
    return text.decode().replace("\r\n", "\n").rstrip("\n").split("\n")


def main(command):
    printed = printed_by(command)
    width = 2 * MARGIN + STEP * max(len(re.sub(r"\033\[\d*m", "", line)) for line in [f"$ {command}", *printed])
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
