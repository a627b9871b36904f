"""cramfs-dump --map: on a terminal, in a file, and as a picture that a browser shows."""
import html
import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from random import Random

import pytest

import trees
from on_terminal import on_terminal
from tools import directory, run_well

PAGE = 4096
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (b"<script>alert(1)", b"]]>", b"&amp;", b'"quoted"', b"\xff\xfe", b"\x01\x1b[2J", b"new\nline",
           "\ufffe\uffff".encode(), b"\xed\xa0\x80", "naïve-名前-🙂".encode(), b"back\\slash", b"<title>", b"\x7f\xc2\x85")


def pack(tmp_path, files, *options):
    tree = trees.Tree(tmp_path / "tree")
    for name, contents in files.items():
        os.makedirs(os.path.dirname(os.path.join(tree.root, name)), exist_ok=True)
        tree.file(name, contents)
    run_well("mkcramfs-xip", "-q", *options, tree.root, tmp_path / "out.img")
    return tmp_path / "out.img"


@pytest.fixture
def image(tmp_path):
    """Some pages of stored bytes, and padding after the last one."""
    return pack(tmp_path, {b"a": Random(1).randbytes(300 * PAGE), b"b": b"text" * 2000})


def cells(text):
    """(letters of the map, offsets of its rows, legend) of a plain map."""
    rows, legend = text.split("\n\n")
    found = [re.fullmatch(r" *(\d+) (\S+)", row) for row in rows.splitlines()]
    return "".join(row[2] for row in found), [int(row[1]) for row in found], legend


def test_a_character_is_a_page(image):
    letters, offsets, legend = cells(run_well("cramfs-dump", "--map", image).decode())
    assert len(letters) == image.stat().st_size // PAGE
    assert letters.count("s") >= 299
    assert offsets == [64 * PAGE * row for row in range(len(offsets))]
    assert "each character is 1 page, 4096 bytes" in legend


def test_letters_are_those_of_the_extents(image):
    letters, _, _ = cells(run_well("cramfs-dump", "--map", image).decode())
    kinds = {"superblock": "m", "directory": "m", "table": "t", "deflated": "z", "stored": "s", "in-place": "X",
             "gap": ".", "hole": "t"}
    most = [dict() for _ in letters]
    for line in run_well("cramfs-dump", "--extents", image).decode().splitlines()[1:]:
        offset, length, kind = line.split()[:3]
        begin, end = int(offset), int(offset) + int(length)
        for page in range(begin // PAGE, -(-end // PAGE)):
            bytes_here = min(end, (page + 1) * PAGE) - max(begin, page * PAGE)
            most[page][kinds[kind]] = most[page].get(kinds[kind], 0) + bytes_here
    assert letters == "".join(max(page, key=page.get) for page in most)


def test_a_large_image_has_several_pages_a_character(tmp_path):
    files = {b"%d" % n: Random(n).randbytes((1 << 24) - 1) for n in range(2)}
    image = pack(tmp_path, files)
    letters, _, legend = cells(run_well("cramfs-dump", "--map", image).decode())
    assert 2048 <= len(letters) <= 4096
    assert "each character is 4 pages, 16384 bytes" in legend


@pytest.mark.parametrize("size, every", [(16384, 4), (65536, 16), (1 << 20, 256)])
def test_erase_blocks_begin_with_a_mark(image, size, every):
    text = run_well("cramfs-dump", "--map", f"--erase-block={size}", image).decode()
    letters, _, legend = cells(text)
    assert [block for block in letters.split("|") if block] == \
        re.findall(f".{{1,{every}}}", letters.replace("|", ""))
    assert f"| begins an erase block of {size} bytes" in legend
    assert max(len(line) for line in text.splitlines()) <= 80


def test_a_terminal_gets_colours_and_its_width(image):
    text = on_terminal("cramfs-dump", "--map", image, columns=120, TERM="xterm")
    assert "\033[35m" in text
    rows = re.sub(r"\033\[\d+m", "", text).split("\n\n")[0].splitlines()
    assert len(rows[0]) == 11 + 96
    assert all(row.endswith("\033[0m") for row in text.split("\n\n")[0].splitlines())


@pytest.mark.parametrize("environment", [{"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}, {}], ids=str)
def test_a_terminal_that_wants_no_colours_gets_none(image, environment):
    assert "\033" not in on_terminal("cramfs-dump", "--map", image, **environment)


def test_a_file_gets_no_colours(image):
    assert b"\033" not in run_well("cramfs-dump", "--map", image, env={**os.environ, "TERM": "xterm"})


def titles(root):
    return [shape.find(f"{SVG}title").text for shape in root.findall(f"{SVG}path") if shape.get("class") != "erase"]


def expected_titles(image):
    """One for each line of --extents."""
    found = []
    for line in run_well("cramfs-dump", "--extents", image).splitlines()[1:]:
        offset, length, kind, *owner = line.decode(errors="surrogateescape").split(None, 3)
        found.append(("".join(owner) + "\n" if owner else "") + f"{kind}: {length} bytes at {offset}")
    return found


def test_the_picture_has_a_shape_for_each_extent_and_gap(image):
    root = ElementTree.fromstring(run_well("cramfs-dump", "--map=svg", image))
    assert root.tag == f"{SVG}svg"
    assert titles(root) == expected_titles(image)


def area(shape):
    """In bytes: of the boxes that the path is made of. A row is as high as a page is long."""
    boxes = re.findall(r"M(\d+) (\d+)H(\d+)v(\d+)H\d+z", shape)
    assert shape == "".join(f"M{a} {b}H{c}v{d}H{a}z" for a, b, c, d in boxes)
    return sum((int(right) - int(left)) * int(height) for left, _, right, height in boxes) / PAGE


def test_shapes_are_as_large_as_what_they_show(image):
    root = ElementTree.fromstring(run_well("cramfs-dump", "--map=svg", image))
    for shape in root.findall(f"{SVG}path"):
        length = int(re.search(r"(\d+) bytes at", shape.find(f"{SVG}title").text)[1])
        assert area(shape.get("d")) == length


def test_erase_blocks_are_lines(image):
    root = ElementTree.fromstring(run_well("cramfs-dump", "--map=svg", "--erase-block=64K", image))
    lines = [shape for shape in root.findall(f"{SVG}path") if shape.get("class") == "erase"]
    assert len(lines) == 1 and lines[0].get("d").count("M") == -(-image.stat().st_size // 65536)


def texts(root, kind):
    return [text for text in root.findall(f"{SVG}text") if kind in text.get("class", "").split()]


@pytest.mark.parametrize("pages, step", [(300, 1), (3800, 1), (20000, 2)])
def test_rows_have_their_offsets(tmp_path, pages, step):
    files = {b"%d" % n: Random(n).randbytes(4000 * PAGE) for n in range(pages // 4000)}
    image = pack(tmp_path, {**files, b"z": Random(99).randbytes(pages % 4000 * PAGE)})
    root = ElementTree.fromstring(run_well("cramfs-dump", "--map=svg", image))
    row = int(re.search(r"(\d+) in a row", "".join(root.itertext()))[1])
    labels = [(int(text.text), int(text.get("y")) // PAGE) for text in texts(root, "offset")]
    assert labels == [(offset, offset // row) for offset in range(0, image.stat().st_size, row * step)]
    assert len(labels) <= 64
    left, _, width, _ = map(int, root.get("viewBox").split())
    assert left < min(int(text.get("x")) for text in texts(root, "offset")) < 0 and left + width >= row


def names(root):
    """[(text, x, its end, size of letters, y)] of the names of extents."""
    found = []
    for text in texts(root, "name"):
        x, length, y = (int(text.get(name)) for name in ("x", "textLength", "y"))
        found.append((text.text, x, x + length, int(re.fullmatch(r"font-size:(\d+)px", text.get("style"))[1]), y))
    return found


def test_names_are_where_they_fit_and_inside_of_what_they_name(tmp_path):
    long = b"a name of many letters that is longer than the space there is"
    image = pack(tmp_path, {b"alone": Random(1).randbytes(200 * PAGE), b"lib/a directory further in/part": Random(2).randbytes(4 * PAGE),
                            long: Random(3).randbytes(3 * PAGE), b"tiny": b"tiny", "ünï".encode(): Random(5).randbytes(40 * PAGE)},
                 "--xip=none")
    root = ElementTree.fromstring(run_well("cramfs-dump", "--map=svg", image))
    row = int(re.search(r"(\d+) in a row", "".join(root.itertext()))[1])
    shown = {name[0]: name[1:] for name in names(root)}
    assert set(shown) == {"/alone", "part", "/ünï"}, "no name is there that has no room"
    shapes = {path.find(f"{SVG}title").text.split(" block")[0]: path for path in root.findall(f"{SVG}path") if "stored" in path.get("class")}
    for name, (left, right, size, y) in shown.items():
        shape = shapes["/lib/a directory further in/part" if name == "part" else name]
        boxes = [tuple(map(int, box)) for box in re.findall(r"M(\d+) (\d+)H(\d+)v(\d+)", shape.get("d"))]
        assert any(begin <= left and right <= end and top <= y - 0.7 * size and y <= top + height
                   for begin, top, end, height in boxes), (name, boxes)
        assert row / 128 <= size <= row / 24
    assert "pointer-events:none" in root.find(f"{SVG}style").text, "what is beneath keeps its tooltip"


def test_hostile_names_as_text_are_escaped_like_titles(tmp_path):
    image = pack(tmp_path, {name: Random(number).randbytes(40 * PAGE) for number, name in enumerate(HOSTILE)}, "--xip=none")
    picture = run_well("cramfs-dump", "--map=svg", image)
    root = ElementTree.fromstring(picture)
    assert len(root.findall(f"{SVG}script")) == 1 and not root.findall(f"{SVG}text/*")
    assert {name[0] for name in names(root)} == {title.split("\n")[0].split(" block")[0] for title in titles(root) if title.count("stored: ")}


def test_hostile_names_neither_break_the_picture_nor_run(tmp_path):
    image = pack(tmp_path, {name: b"x%d" % number for number, name in enumerate(HOSTILE)})
    picture = run_well("cramfs-dump", "--map=svg", image)
    root = ElementTree.fromstring(picture)
    assert len(root.findall(f"{SVG}script")) == 1
    shown = {title.split("\n")[0] for title in titles(root)}
    for name in ("/<script>alert(1)", "/]]>", "/&amp;", '/"quoted"', "/\\377\\376", "/\\001\\033[2J", "/new\\012line",
                 "/\\357\\277\\276\\357\\277\\277", "/\\355\\240\\200", "/naïve-名前-🙂", "/back\\134slash", "/<title>"):
        assert {name, f"{name} block 0"} & shown, name


def chromium():
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(not chromium(), reason="chromium is not installed")
def test_a_browser_opens_the_picture_and_has_the_hover_texts(tmp_path):
    """The page itself is checked: a browser's tooltip is the <title> of the shape under the pointer."""
    files = {name: b"x%d" % number for number, name in enumerate(HOSTILE)}
    image = pack(tmp_path, {**files, b"z": Random(1).randbytes(40 * PAGE)})
    (tmp_path / "map.svg").write_bytes(run_well("cramfs-dump", "--map=svg", "--erase-block=64K", image))
    (tmp_path / "page.html").write_text(
        '<!doctype html><meta charset="utf-8"><object id="map" data="map.svg" width="1000" height="600"></object>\n'
        "<pre id=told></pre><script>\n"
        "var errors = [];\n"
        "document.getElementById('map').onload = function () {\n"
        "  var picture = this.contentDocument, told = [], shown = 0;\n"
        "  picture.querySelectorAll('path').forEach(function (shape) {\n"
        "    var title = shape.querySelector('title');\n"
        "    if (!title) return;\n"
        "    told.push(JSON.stringify(title.textContent));\n"
        "    var box = shape.getBoundingClientRect();\n"
        "    var hit = picture.elementFromPoint(box.x + Math.min(box.width, 2) / 2, box.y + box.height / 2);\n"
        "    shown += hit === shape;\n"
        "  });\n"
        "  var before = picture.documentElement.viewBox.baseVal.width;\n"
        "  picture.documentElement.dispatchEvent(new WheelEvent('wheel', {deltaY: -1, clientX: 9, clientY: 9}));\n"
        "  var zoomed = picture.documentElement.viewBox.baseVal.width / before;\n"
        "  var broken = picture.querySelectorAll('parsererror').length;\n"
        "  document.getElementById('told').textContent = told.join('\\n') + '\\nbroken ' + broken + '\\nzoomed ' +\n"
        "    zoomed.toFixed(2) + '\\nhit ' + shown;\n"
        "};\n</script>\n")
    done = subprocess.run(
        [chromium(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         "--allow-file-access-from-files", f"--user-data-dir={tmp_path}/profile", "--virtual-time-budget=10000",
         "--dump-dom", (tmp_path / "page.html").as_uri()], capture_output=True, timeout=120, check=True)
    told = html.unescape(re.search(r'<pre id="told">(.*?)</pre>', done.stdout.decode(), re.DOTALL)[1]).split("\n")
    assert told[-3:-1] == ["broken 0", "zoomed 0.80"]
    root = ElementTree.fromstring((tmp_path / "map.svg").read_bytes())
    expected = titles(root)
    assert [json.loads(line) for line in told[:-3]] == expected
    # The pointer finds each shape, except those narrower than a pixel.
    assert int(told[-1].split()[1]) >= 3
