"""cramfs-dump --html: the page as a document, checked without a browser. test_html_browser.py opens it in one."""
import base64
import hashlib
import html.parser
import json
import random
import re

import pytest

import elf
import trees
from tools import CLEAN, OPERATIONAL, USAGE, run, run_well

PAGE = 4096
VOID = {"meta", "input", "link", "br", "img", "hr"}


def program(seed, pages=3):
    segments, size = elf.text_and_data(pages * PAGE, 100)
    return elf.elf_file(elf.Form(32, False, elf.ET_EXEC), segments, random.Random(seed).randbytes(size))


def pack(work, name="a.img", change=None, options=()):
    tree = trees.Tree(work / (name + ".tree"))
    tree.directory(b"bin")
    tree.directory(b"etc")
    tree.file(b"bin/one", program(1, 9), mode=0o755)
    tree.file(b"bin/two", program(2, 5), mode=0o755)
    tree.file(b"etc/text", b"some text\n" * 2000)
    tree.symlink(b"etc/link", b"text")
    tree.directory(b"etc/<")
    tree.file(b"etc/</script><!-- &amp;\xe2\x80\xa8\xe2\x80\xae\x1b[2J\xff\"'", b"odd")
    if change:
        change(tree)
    image = work / name
    run_well("mkcramfs-xip", "-q", *options, tree.root, image)
    return image


class Page(html.parser.HTMLParser):
    """The elements, the text of some, and the elements that are open at the end."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.texts = [], [], {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, self.getpos()

    def handle_data(self, text):
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(text)


def page_of(*words):
    text = run_well("cramfs-dump", "--html", *words).decode()
    return text, Page(text)


def data_of(page):
    return json.loads(page.texts["script"][0])


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    return pack(tmp_path_factory.mktemp("html"))


def test_page_is_sound_and_refers_to_nothing(image):
    text, page = page_of(image)
    assert page.open == [] and text.startswith("<!doctype html>")
    for tag, attributes in page.elements:
        for name, value in attributes.items():
            assert not name.startswith("on") and name not in ("style", "href", "src", "srcset", "action", "data", "poster"), (tag, name)
            assert "//" not in (value or ""), (tag, name, value)
    assert {tag for tag, _ in page.elements} & {"link", "img", "iframe", "object", "embed", "base", "a", "use", "image"} == set()
    assert not re.search(r"@import|url\(|https?:|//www\.(?!w3)", re.sub(r"http://www\.w3\.org/2000/svg", "", text))


def test_policy_allows_this_style_and_script_alone(image):
    _, page = page_of(image)
    policy = next(a["content"] for t, a in page.elements if t == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))

    def hashed(text):
        return "'sha256-%s'" % base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    assert rules == {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'",
                     "style-src": hashed(page.texts["style"][0]), "script-src": hashed(page.texts["script"][1])}
    assert [a.get("type") for t, a in page.elements if t == "script"] == ["application/json", None]


def test_names_are_escaped_wherever_they_are(image):
    text, page = page_of(image)
    shown = "script><!-- &amp;\\342\\200\\250\\342\\200\\256\\033[2J\\377\"'"
    assert shown in data_of(page)["entries"]["name"]
    assert "/etc/</" + shown in "".join(page.texts["bdi"])
    assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text)
    assert text.count("</script>") == 2


def test_data_are_those_of_the_reports(image):
    data = data_of(page_of(image)[1])
    entries = data["entries"]
    assert sum(entries["flash"]) == sum(data["pieces"]["length"]) == data["image"]["size"]
    report = json.loads(run_well("cramfsck", "--xip-report=json", image))
    found = {entries["name"][file[0]]: file for file in data["files"]}
    for file in report["files"]:
        if "script" in file["path"]:
            continue
        line = found[file["path"].rsplit("/", 1)[1]]
        assert line[2:5] == [file["pages"], sum(m["direct_pages"] for m in file["mappings"]), file["possible_pages"]]
        assert line[6:8] == [file["ram_saved_bytes"], file["flash_cost_bytes"]]
        mappings = data["mappings"][line[10]:line[10] + line[11]]
        assert [m[0] for m in mappings] == [m["segment"] for m in file["mappings"]]
        assert [m[7] or None for m in mappings] == [m["reason"] for m in file["mappings"]]
    usage = json.loads(run_well("cramfs-dump", "--du", "--json", image))
    by_kind = {}
    for kind, length in zip(data["pieces"]["kind"], data["pieces"]["length"]):
        by_kind[data["kinds"][int(kind)]] = by_kind.get(data["kinds"][int(kind)], 0) + length
    assert by_kind == {kind["kind"]: kind["bytes"] for kind in usage["kinds"]}


def test_without_a_script_it_is_a_report(image):
    text, _ = page_of(image)
    plain = text[text.index("<noscript>"):text.index("</noscript>")]
    rest = re.sub(r"<(script|style|noscript).*?</\1>", "", text, flags=re.DOTALL)
    assert "Direct pages" in rest and "Where the bytes go" in rest
    for word in ("/bin/one", "/bin/two", "/etc/text", "/etc/link", "Directories", "Files, by flash", "Map", "<q>vma is writable</q>",
                 "each process needs a copy of its data in RAM", "Segment 0, r-x"):
        assert word in plain, word
    strips = re.findall(r'<svg class="bar".*?</svg>', plain)
    assert [sum(map(int, re.findall(r'width="(\d+)"', strip))) for strip in strips] == [image.stat().st_size * 512 // 65536]


def test_segment_says_what_is_lost_and_not_what_never_can_be(tmp_path):
    """The last page of a file of whole pages is never direct; of a position-independent file only the part that stays
    counts."""
    tree = trees.Tree(tmp_path / "tree")
    segments = (elf.Segment(elf.R | elf.X, 0, 3 * PAGE, 0), elf.Segment(elf.R | elf.W, 3 * PAGE, 2 * PAGE, 3 * PAGE))
    tree.file(b"stays", elf.elf_file(elf.Form(kind=elf.ET_DYN), segments, random.Random(1).randbytes(5 * PAGE - 100)), mode=0o755)
    text_only = (elf.Segment(elf.R | elf.X, 0, 3 * PAGE, 0),)
    tree.file(b"whole", elf.elf_file(elf.Form(32, False, elf.ET_EXEC), text_only, bytes(range(256)) * 48), mode=0o755)
    run_well("mkcramfs-xip", "-q", tree.root, tmp_path / "a.img")
    plain, _ = page_of(tmp_path / "a.img")
    assert "<li>Segment 0, r-x, at 0x0: 3 of 3 pages direct</li>" in plain and "2 of 3 pages direct, all that can be</li>" in plain
    assert "breaks the run" not in plain[:plain.index("</noscript>")]


def test_same_image_same_bytes_and_a_file_is_what_is_printed(image, tmp_path):
    text, _ = page_of(image)
    run_well("cramfs-dump", f"--html={tmp_path}/a.html", image)
    assert (tmp_path / "a.html").read_bytes() == text.encode() == run_well("cramfs-dump", "--html=-", image)


def test_no_input_is_replaced_and_no_part_is_left(image, tmp_path):
    before = image.read_bytes()
    (tmp_path / "profile").write_text("path,offset,count\n/bin/one,4096,3\n")
    (tmp_path / "wrong").write_text("path,offset,count\n/bin/one,here,3\n")
    (tmp_path / "page.html").write_text("older")
    for words in ([f"--html={image}"], [f"--html={tmp_path}/profile", f"--xip-profile={tmp_path}/profile"]):
        done = run("cramfs-dump", *words, image)
        assert done.returncode == OPERATIONAL and b"the page would replace an input; write it to another file" in done.stderr
    assert image.read_bytes() == before
    done = run("cramfs-dump", f"--html={tmp_path}/page.html", f"--xip-profile={tmp_path}/wrong", image)
    assert done.returncode == OPERATIONAL and (tmp_path / "page.html").read_text() == "older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html", "profile", "wrong"]


def test_profile_is_counted(image, tmp_path):
    (tmp_path / "profile").write_text("path,offset,count\n/bin/one,4096,3\n/etc/text,0,9\n")
    text, page = page_of(f"--xip-profile={tmp_path}/profile", image)
    data = data_of(page)
    names = data["entries"]["name"]
    assert data["image"]["profiled"] and [[names[m[0]], *m[1:]] for m in data["missed"]] == [["text", 0, 9]]
    touched = {names[file[0]]: file[12:14] for file in data["files"]}
    assert touched["one"] == [1, 1] and touched["two"] == [0, 0] and touched["text"] == [1, 0]
    assert "RAM saved for the profile" in text and "Direct pages that nobody touches" in text
    assert not data_of(page_of(image)[1])["image"]["profiled"]


def curve_of(points, **others):
    points = [{"budget": b, "image_size": s, "ram_saved": r, "pages": r // PAGE, "files": [{"path": "/bin/one", "pages": 1, "added": 1}]}
              for b, s, r in points]
    return json.dumps({"version": 1, "page_size": PAGE, "ram": "upper-bound", "points": points, **others})


def test_curve_shows_where_the_image_is(image, tmp_path):
    size = image.stat().st_size
    ram = json.loads(run_well("cramfsck", "--xip-report=json", image))["totals"]["ram_saved_bytes"]
    (tmp_path / "curve").write_text(curve_of([(0, size - 40960, 0), (8192, size, ram), (99, size + 40960, 2 * ram)], limit={"size": size + 20480}))
    text, page = page_of(f"--what-if={tmp_path}/curve", image)
    assert page.open == []
    places = re.findall(r'<circle cx="(\d+)" cy="(\d+)" r="4"><title>', text)
    here = re.search(r'<circle class="here" cx="(\d+)" cy="(\d+)"', text)
    limit = re.search(r'<path class="limit" d="M(\d+) ', text)
    assert len(places) == 3 and here.groups() == places[1] and int(places[1][0]) < int(limit[1]) < int(places[2][0])
    assert [int(y) for _, y in places] == sorted((int(y) for _, y in places), reverse=True)
    assert "you are here" in text and "upper bound" in text and "you are here" not in page_of(image)[0]


@pytest.mark.parametrize("content", [
    "", "{", "[]", "{}", "null", '"points"', curve_of([]), curve_of([(0, 9, 0), (0, 8, 0)]), curve_of([(0, 1 << 40, 0)]), curve_of([(-1, 8, 0)]),
    json.dumps({"page_size": PAGE, "points": [3]}), curve_of([(0, 8, 0)], page_size=65536), json.dumps({"page_size": PAGE, "points": {}}), "[" * 100000])
def test_what_is_no_curve_is_refused(image, tmp_path, content):
    (tmp_path / "curve").write_text(content)
    done = run("cramfs-dump", f"--html={tmp_path}/page.html", f"--what-if={tmp_path}/curve", image)
    assert done.returncode == OPERATIONAL and b"curve: " in done.stderr and not (tmp_path / "page.html").exists()


@pytest.mark.parametrize("points", [[(0, 5000, 0)], [(0, 4294967295, (1 << 34) - 1)], [(0, 0, 0), (0, 0, 0)]])
def test_odd_curves_are_drawn(image, tmp_path, points):
    (tmp_path / "curve").write_text(curve_of(points))
    assert "you are here" in page_of(f"--what-if={tmp_path}/curve", image)[0]


def test_second_image_is_compared_with_the_first(tmp_path):
    def change(tree):
        tree.file(b"bin/three", program(3), mode=0o755)
        tree.file(b"etc/new", b"new")

    images = pack(tmp_path, "old.img"), pack(tmp_path, "new.img", change)
    data = data_of(page_of("--erase-block=16K", *images)[1])
    names = data["entries"]["name"]
    reported = json.loads(run_well_or_different("--diff", "--json", *images))
    assert sorted("/" + c["path"].strip("/") for c in reported["changes"] if c["change"] == "added") == ["/bin/three", "/etc/new"]
    assert sorted(names[c[0]] for c in data["diff"]["changes"] if c[1] == "added") == ["new", "three"]
    assert len(data["diff"]["changes"]) == len(reported["changes"])
    blocks = json.loads(run_well_or_different("--diff", "--blocks", "--json", "--erase-block=16K", *images))
    ranges = []
    for offset, length, causes in data["diff"]["blocks"]:
        assert causes
        if ranges and ranges[-1][0] + ranges[-1][1] == offset:
            ranges[-1][1] += length
        else:
            ranges.append([offset, length])
    assert ranges == [[r["offset"], r["length"]] for r in blocks["ranges"]]
    assert data_of(page_of(images[0])[1])["diff"] is None
    removed = data_of(page_of(images[1], images[0])[1])["diff"]["changes"]
    assert sorted(c[0] for c in removed if c[1] == "removed") == ["/bin/three", "/etc/new"]


def run_well_or_different(*words):
    done = run("cramfs-dump", *words)
    assert done.returncode in (CLEAN, 1), done.stderr
    return done.stdout


def test_damaged_image_says_so(image, tmp_path):
    damaged = bytearray(image.read_bytes())
    at = damaged.index(b"text") - 12
    damaged[at + 9:at + 12] = b"\xff\xff\xff"
    (tmp_path / "bad.img").write_bytes(damaged)
    done = run("cramfs-dump", "--html", tmp_path / "bad.img")
    assert done.returncode == 4 and b"The image is damaged" in done.stdout
    assert Page(done.stdout.decode()).open == []


@pytest.mark.parametrize("words, complaint", [
    (["--xip-profile=x", "a"], b"--xip-profile needs --html"),
    (["--what-if=x", "a"], b"--what-if needs --html"),
    (["--html", "--json", "a"], b"--html has no JSON form; leave out --json"),
    (["--html", "a", "b", "c"], b"'c' is one operand too many: name two IMAGEs with --html"),
    (["--html", "-", "-"], b"standard input cannot be both images"),
    (["--html", "--diff", "a", "b"], b"--html and --diff contradict each other"),
    (["--html", "--erase-block=1K", "a"], b"--erase-block: for a map it must be at least 4096 bytes"),
])
def test_wrong_usage(words, complaint):
    done = run("cramfs-dump", *words)
    assert done.returncode == USAGE and complaint in done.stderr
