"""The page of cramfs-dump --html in a browser, as a reader uses it: sort, enter, search, hover, keyboard; and hostile names in it."""
import json
import random

import pytest

import elf
import test_hostile_names
import trees
from browser import Browser, chromium
from tools import run_well

PAGE = 4096
pytestmark = pytest.mark.skipif(not chromium(), reason="chromium is not installed")

ROWS = "[...document.querySelectorAll('#file-table tbody tr[data-entry]')].map(row => row.cells[0].textContent)"
TILES = "[...document.querySelectorAll('#tiles .tile')].map(tile => tile.getAttribute('aria-label').split('\\n')[0])"
FOCUS = "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"


def program(seed, pages):
    segments, size = elf.text_and_data(pages * PAGE, 100)
    return elf.elf_file(elf.Form(32, False, elf.ET_EXEC), segments, random.Random(seed).randbytes(64) * (size // 64 + 1))


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    work = tmp_path_factory.mktemp("pages")
    for name in ("old", "new"):
        tree = trees.Tree(work / name)
        for folder in (b"bin", b"etc", b"etc/deep", b"etc/deep/er"):
            tree.directory(folder)
        tree.file(b"bin/small", program(1, 3), mode=0o755)
        tree.file(b"bin/large", program(2, 40 if name == "new" else 30), mode=0o755)
        tree.file(b"etc/deep/er/noise", random.Random(3).randbytes(60000))
        for i in range(120):
            tree.file(b"etc/%03d" % i, random.Random(i).randbytes(10 + i))
        run_well("mkcramfs-xip", "-q", *(["--xip-budget=100K"] if name == "new" else []), tree.root, work / (name + ".img"))
    (work / "profile").write_text("path,offset,count\n" + "".join(f"/bin/large,{i * PAGE},{i + 1}\n" for i in range(40)))
    run_well("cramfs-dump", f"--html={work}/page.html", work / "new.img")
    run_well("cramfs-dump", f"--html={work}/all.html", f"--xip-profile={work}/profile", work / "old.img", work / "new.img")
    return work


def open_quietly(browser, path):
    browser.messages.clear()
    browser.requests.clear()
    browser.open(path)
    quiet(browser, path)


def quiet(browser, path):
    """Nothing is thrown, printed, refused or asked of a network."""
    assert browser.messages == [] and browser.requests == [path.as_uri()]


def test_heading_sorts_and_sorts_back(browser, pages):
    open_quietly(browser, pages / "page.html")
    rows = browser.run(ROWS)
    assert rows[0] == "/bin/large" and len(rows) == 50 and "/etc/119" in rows
    browser.run("document.querySelector('th[data-key=path] button').click()")
    assert browser.run(ROWS)[:3] == ["/bin/large", "/bin/small", "/etc/000"]
    assert browser.run("document.querySelector('th[data-key=path]').getAttribute('aria-sort')") == "ascending"
    browser.run("document.querySelector('th[data-key=path] button').click()")
    assert browser.run(ROWS)[0] == "/etc/deep/er/noise"
    for column, first in (("lost", "/bin/large"), ("ram", "/bin/large"), ("flash", "/bin/large")):
        browser.run(f"document.querySelector('th[data-key={column}] button').click()")
        assert browser.run(ROWS)[0] == first
    browser.run("[...document.querySelectorAll('#file-more button')].pop().click()")
    assert len(browser.run(ROWS)) == 123
    quiet(browser, pages / "page.html")


def test_row_opens_to_segments_and_reasons(browser, pages):
    open_quietly(browser, pages / "page.html")
    browser.click(*browser.middle("#file-table tbody button"))
    browser.wait("document.querySelector('tr.detail') !== null")
    detail = browser.run("document.querySelector('tr.detail').textContent")
    assert "breaks the run" in detail and "only the first pages of a mapping can be direct" in detail and "vma is writable" in detail
    assert browser.run("document.querySelector('#file-table tbody button').getAttribute('aria-expanded')") == "true"
    browser.press("Enter")
    assert browser.run("document.querySelector('tr.detail')") is None
    browser.press("ArrowDown")
    assert browser.run(FOCUS) == browser.run(ROWS)[1]


def test_treemap_is_entered_and_left(browser, pages):
    open_quietly(browser, pages / "page.html")
    assert {"/bin", "/etc", "/bin/large"} <= set(browser.run(TILES))
    browser.middle("#tiles")
    browser.run("document.querySelector('#tiles .tile').focus()")
    browser.press("ArrowRight")
    tiles = browser.run(TILES)
    assert browser.run(FOCUS).split("\n")[0] == tiles[1]
    browser.run("[...document.querySelectorAll('#tiles .tile')].find(tile => tile.getAttribute('aria-label').startsWith('/etc\\n')).focus()")
    browser.press("Enter")
    assert all(tile.startswith("/etc/") or "smaller" in tile or tile.startswith("Entries of /etc") for tile in browser.run(TILES))
    assert "root" in browser.run("document.querySelector('#crumbs').textContent")
    browser.press("Backspace")
    assert "/bin" in browser.run(TILES) and browser.run(FOCUS).startswith("/etc\n")
    x, y = browser.middle("#tiles")
    browser.rest_at(x, y)
    browser.wait("!document.querySelector('#hint').hidden")
    browser.run("[...document.querySelectorAll('#tiles .tile')].find(tile => tile.getAttribute('aria-label').startsWith('/bin/small\\n')).click()")
    assert browser.run(FOCUS) == "/bin/small" and "Segment" in browser.run("document.querySelector('tr.detail').textContent")
    areas = browser.run("[...document.querySelectorAll('#tiles .tile')].map(t => [t.what.bytes, t.what.width * t.what.height, t.what.entry])")
    large, small = (next(area / size for size, area, entry in areas if entry == one) for one in browser.run(
        "['/bin/large', '/bin/small'].map(path => paths.indexOf(path))"))
    assert large == pytest.approx(small, rel=0.01)
    quiet(browser, pages / "page.html")


def test_search_leaves_what_matches(browser, pages):
    open_quietly(browser, pages / "page.html")
    browser.press("/")
    for letter in "DEEP":
        browser.press(letter)
    browser.wait("document.querySelector('#found').textContent !== ''") # the search waits for the last letter
    assert browser.run(ROWS) == ["/etc/deep/er/noise"] and browser.run("document.querySelector('#found').textContent") == "1 of 123 files"
    dimmed = browser.run("[...document.querySelectorAll('#tiles .tile.dim')].map(tile => tile.getAttribute('aria-label').split('\\n')[0])")
    assert "/bin/large" in dimmed and "/etc/deep/er/noise" not in dimmed
    browser.press("Escape")
    assert len(browser.run(ROWS)) == 50


def test_map_shows_offsets_and_owners(browser, pages):
    open_quietly(browser, pages / "page.html")
    x, y = browser.middle("#map-picture")
    where = browser.run("(() => { const at = byId('map-picture').getBoundingClientRect(); const cell = map.kinds.indexOf(4);"
                        " const place = cellPlace(cell); return [at.x + place.x + 3, at.y + place.y + 5, cellRange(cell).begin]; })()")
    browser.rest_at(where[0], where[1])
    browser.wait("document.querySelector('#hint').textContent !== ''")
    hint = browser.run("document.querySelector('#hint').textContent")
    assert hint.startswith("0x%06x to " % where[2]) and "in-place of /bin/" in hint and "bytes at 0x" in hint
    browser.click(where[0], where[1])
    browser.wait("document.querySelector('#map-block').textContent !== ''")
    block = browser.run("document.querySelector('#map-block').textContent")
    assert block.startswith(f"Erase block {where[2] // 65536}, ") and "/bin/" in block
    browser.run("document.querySelector('#map-picture').focus(); moveOn(0)")
    browser.press("ArrowRight")
    assert browser.run("document.querySelector('#map-here').textContent").startswith("0x001000 to 0x001fff, erase block 0")
    browser.press("Enter")
    assert browser.run("document.querySelector('#map-block h3').textContent") == "Erase block 0, 0x000000 to 0x00ffff"
    quiet(browser, pages / "page.html")


def test_profile_and_differences_are_listed(browser, pages):
    open_quietly(browser, pages / "all.html")
    hot, idle, changes, blocks = browser.run("['hot', 'idle', 'changes', 'blocks-that-differ'].map(id => byId(id).innerText)")
    assert "/bin/large\t0x0" in hot and "/bin/small" in idle and "/bin/large" in changes and "0x000000" in blocks
    assert browser.run("differing.size") > 0
    quiet(browser, pages / "all.html")


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_texts_can_be_read_on_their_ground(browser, pages, colours):
    """At least 4.5 to 1, as WCAG 2 asks of text."""
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": colours}])
    open_quietly(browser, pages / "all.html")
    pairs = browser.run("""(() => {
      const luminance = text => text.match(/\\d+/g).slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
      const box = document.createElement("p");
      document.body.append(box);
      return ["s0", "s1", "s2", "s3", "s4", "s5", "frame", "card", "about"].map(name => {
        box.className = name;
        const style = getComputedStyle(box);
        const ground = style.backgroundColor === "rgba(0, 0, 0, 0)" ? getComputedStyle(document.body).backgroundColor : style.backgroundColor;
        const [a, b] = [luminance(style.color), luminance(ground)].sort((x, y) => y - x);
        return [name, (a + 0.05) / (b + 0.05)];
      });
    })()""")
    browser.call("Emulation.setEmulatedMedia", features=[])
    assert [pair for pair in pairs if pair[1] < 4.5] == []


def test_hostile_names_run_nothing_and_break_nothing(browser, tmp_path):
    print(f"seed {test_hostile_names.SEED}")
    names = test_hostile_names.names(1000, test_hostile_names.SEED)
    hostile = [b"</script><script>window.hit=1</script>", b"<img src=x onerror=window.hit=1>", b"\"><svg onload=window.hit=1>", b"<!--<script>",
               b"]]>", b"__proto__", b"constructor", b"{{7*7}}", b"${window.hit=1}", b"';window.hit=1;'", b"&lt;b&gt;", b"</noscript>", b"</title>"]
    tree = trees.Tree(tmp_path / "tree")
    for i, name in enumerate(names + [name.replace(b"/", b"\xe2\x81\x84") for name in hostile] + hostile[5:11]):
        tree.directory(b"%04d" % i)
        if b"/" not in name:
            tree.file(b"%04d/" % i + name, name)
    for i, name in enumerate(hostile):  # a slash in a name is a directory in between
        parts = (b"h%02d/" % i + name).split(b"/")
        for depth in range(1, len(parts)):
            tree.directory(b"/".join(parts[:depth]))
        tree.file(b"/".join(parts) + b".", b"x")
    image = tmp_path / "<b>&image\"'.img"
    run_well("mkcramfs-xip", "-q", tree.root, image)
    page = tmp_path / "page.html"
    run_well("cramfs-dump", f"--html={page}", image)
    open_quietly(browser, page)
    browser.run("[...document.querySelectorAll('#file-more button')].pop().click()")
    listed = [line["path"] for line in json.loads(run_well("cramfs-dump", "--json", "--recursive", image))["entries"] if line["type"] == "file"]
    assert len(browser.run(ROWS)) == len(listed) > 1000
    browser.run("table.open = new Set(allFiles); sortBy('path'); showFiles(allFiles.length)")
    assert browser.run("document.querySelectorAll('tr.detail').length") == len(listed)
    assert browser.run("[window.hit === undefined, document.querySelectorAll('img, b b, svg[onload], title title').length, document.title]") == [
        True, 0, "<b>&image\"'.img: cramfs report"]
    assert browser.run("document.querySelectorAll('script').length") == 2
    for i in (0, 700, 1003):
        browser.run(f"enter(paths.indexOf('/{i:04d}'), true)")
    quiet(browser, page)
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        open_quietly(browser, page)
        root = browser.call("DOM.getDocument", depth=0)["root"]["nodeId"]

        def found(selector):
            return len(browser.call("DOM.querySelectorAll", nodeId=root, selector=selector)["nodeIds"])

        assert found("noscript .plain td:first-child") >= len(listed) and found("script") == 2 and found("img") == found("svg[onload]") == 0
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
