"""cramfs-dump --diff: nothing for equal images, and each kind of change with its own words."""
import contextlib
import errno
import json
import os
import random
import re
import stat

import pytest

import elf
import trees
from tools import ERRORS_LEFT, OPERATIONAL, run, run_well

PAGE = 4096
SAME, DIFFERENT = 0, 1
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has owners and devices")


def program(seed, pages=3):
    segments, size = elf.text_and_data(pages * PAGE, 100)
    return elf.elf_file(elf.Form(32, False, elf.ET_EXEC), segments, random.Random(seed).randbytes(size))


def fill(tree):
    tree.directory(b"dir")
    tree.file(b"dir/text", b"text\n" * 3000)
    tree.file(b"dir/copy", b"text\n" * 3000)
    tree.file(b"program", program(1), mode=0o755)
    tree.symlink(b"link", b"dir/text")
    tree.special(b"node", stat.S_IFCHR, major=1, minor=3)
    tree.special(b"fifo", stat.S_IFIFO)


def owners():
    return [] if os.geteuid() == 0 else ["-q"]


def complaints(done):
    """The page size that was found out is reported in a note, and nothing else is."""
    return [line for line in done.stderr.splitlines() if b": note: " not in line]


class Pair:
    """Two trees that begin equal, and the images of them."""

    def __init__(self, work):
        self.work = work
        self.trees = [trees.Tree(work / name) for name in ("old", "new")]
        for tree in self.trees:
            fill(tree)

    def pack(self, side, *options):
        image = self.work / ("old.img", "new.img")[side]
        run_well("mkcramfs-xip", *owners(), *options, self.trees[side].root, image)
        return image

    def diff(self, *arguments, old=(), new=()):
        images = self.pack(0, *old), self.pack(1, *new)
        done = run("cramfs-dump", "--diff", *arguments, *images)
        assert done.returncode in (SAME, DIFFERENT) and complaints(done) == [], done.stderr
        return done

    def changes(self, **options):
        done = self.diff("--json", **options)
        told = json.loads(done.stdout)
        assert told["same"] == (done.returncode == SAME)
        return {change["path"]: change for change in told["changes"]}


@pytest.fixture
def pair(tmp_path):
    return Pair(tmp_path)


@pytest.mark.parametrize("options", [[], ["-N", "big"], ["-b", "64K"], ["-p"], ["--xip=none"], ["--legacy"]], ids=" ".join)
def test_an_image_does_not_differ_from_itself(pair, options):
    image = pair.pack(0, *options)
    done = run("cramfs-dump", "--diff", "--erase-block=64K", image, image)
    assert (done.returncode, done.stdout, complaints(done)) == (SAME, b"", [])
    told = json.loads(run_well("cramfs-dump", "--diff", "--json", "--erase-block=64K", image, image))
    assert told["same"] and told["changes"] == [] and told["erase_blocks"]["differing"] == 0
    assert all(kind["old"] == kind["new"] for kind in told["kinds"])


def replace(tree, path, make):
    os.unlink(os.path.join(tree.root, path))
    make(path)


CASES = {
    "added": (lambda t: t.file(b"dir/more", b"x"), {"/dir/more": ("added", None)}),
    "added directory": (lambda t: (t.directory(b"a"), t.directory(b"a/b"), t.file(b"a/b/c", b"x")),
                        {"/a": ("added", None), "/a/b": ("added", None), "/a/b/c": ("added", None)}),
    "removed": (lambda t: os.unlink(t.root + b"/dir/text"), {"/dir/text": ("removed", None)}),
    "content": (lambda t: replace(t, b"dir/text", lambda p: t.file(p, b"teXt\n" * 3000)),
                {"/dir/text": ("changed", ["content"])}),
    "content, longer by a zero": (lambda t: replace(t, b"dir/text", lambda p: t.file(p, b"text\n" * 3000 + b"\0")),
                                  {"/dir/text": ("changed", ["content"])}),
    "last byte": (lambda t: replace(t, b"dir/text", lambda p: t.file(p, b"text\n" * 2999 + b"text!")),
                  {"/dir/text": ("changed", ["content"])}),
    "mode": (lambda t: os.chmod(t.root + b"/dir/text", 0o4755), {"/dir/text": ("changed", ["mode"])}),
    "mode of a directory": (lambda t: os.chmod(t.root + b"/dir", 0o700), {"/dir": ("changed", ["mode"])}),
    "mode of the root": (lambda t: os.chmod(t.root, 0o711), {"/": ("changed", ["mode"])}),
    "target": (lambda t: replace(t, b"link", lambda p: t.symlink(p, b"dir/tixt")), {"/link": ("changed", ["content"])}),
    "type": (lambda t: replace(t, b"link", lambda p: t.file(p, b"dir/text", mode=0o777)), {"/link": ("changed", ["type"])}),
    "file becomes a directory": (
        lambda t: replace(t, b"dir/text", lambda p: (t.directory(p, 0o755), t.file(p + b"/in", b"x"))),
        {"/dir/text": ("changed", ["type", "mode"]), "/dir/text/in": ("added", None)}),
    "several": (lambda t: (os.chmod(t.root + b"/program", 0o700), t.file(b"z", b"z"), os.unlink(t.root + b"/link")),
                {"/link": ("removed", None), "/program": ("changed", ["mode"]), "/z": ("added", None)}),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("options", [[], ["-N", "big"]], ids=" ".join)
def test_each_kind_of_change_is_found(pair, name, options):
    change, expected = CASES[name]
    change(pair.trees[1])
    found = {path: (each["change"], each.get("what")) for path, each in pair.changes(old=options, new=options).items()}
    # A program's place depends on the files before it, which is not a part of this case.
    for path, (kind, what) in list(found.items()):
        if what and "moved" in what:
            found[path] = (kind, [word for word in what if word != "moved"])
            if found[path] == ("changed", []):
                del found[path]
    assert found == expected
    text = pair.diff().stdout.decode()
    for path, (kind, what) in expected.items():
        line = next(line for line in text.splitlines() if line.startswith(f"{kind:7} {path}"))
        assert all(word in line for word in what or [])


@needs_root
@pytest.mark.parametrize("change, expected", [
    (lambda t: os.lchown(t.root + b"/link", 5, 0), {"/link": ["owner"]}),
    (lambda t: os.lchown(t.root + b"/dir", 0, 6), {"/dir": ["owner"]}),
    (lambda t: replace(t, b"node", lambda p: t.special(p, stat.S_IFCHR, major=1, minor=4)), {"/node": ["content"]}),
    (lambda t: replace(t, b"node", lambda p: t.special(p, stat.S_IFBLK, major=1, minor=3)), {"/node": ["type"]}),
], ids=["uid", "gid", "device number", "type of a device"])
def test_each_kind_of_change_that_only_root_makes_is_found(pair, change, expected):
    change(pair.trees[1])
    assert {path: each["what"] for path, each in pair.changes().items()} == expected


def test_pages_in_place_lost_gained_and_moved(pair):
    done = pair.diff("--json", new=["--xip=none"])
    told = json.loads(done.stdout)
    assert [(each["path"], each["what"]) for each in told["changes"]] == [("/program", ["in-place"])]
    assert told["pages_in_place"] == {"gained": 0, "lost": 3, "moved": 0}
    gained = json.loads(run("cramfs-dump", "--diff", "--json", pair.work / "new.img", pair.work / "old.img").stdout)
    assert gained["pages_in_place"] == {"gained": 3, "lost": 0, "moved": 0}
    assert b"/program: in-place 3 -> 0 pages" in pair.diff(new=["--xip=none"]).stdout
    # Another program before it moves it by its pages.
    pair.trees[1].file(b"before", program(2), mode=0o755)
    told = json.loads(pair.diff("--json").stdout)
    moved = next(each for each in told["changes"] if each["path"] == "/program")
    assert moved["what"] == ["moved"] and moved["pages_moved"] == 3
    assert told["pages_in_place"] == {"gained": 3, "lost": 0, "moved": 3}


def test_contents_are_compared_as_read_not_as_stored(pair):
    """Other levels, holes and forms of the same bytes do not change a file, but they change the image."""
    for options in (["--level=1"], ["--no-holes"], ["-p"], ["-N", "big"], ["-b", "16K", "--xip=none"]):
        done = pair.diff("--json", old=["--xip=none"], new=[*options, "--xip=none"])
        told = json.loads(done.stdout)
        assert told["changes"] == [], options
        assert done.returncode == (SAME if told["same"] else DIFFERENT)


def test_erase_blocks_that_differ_are_counted(pair):
    images = pair.pack(0), pair.work / "new.img"
    data = bytearray(images[0].read_bytes())
    data[-1] ^= 1
    images[1].write_bytes(data)
    for size in (4096, 8192, 1 << 20):
        told = json.loads(run("cramfs-dump", "--diff", "--json", f"--erase-block={size}", *images).stdout)
        assert told["erase_blocks"] == {"size": size, "all": -(-len(data) // size), "differing": 1, "least": 1}
    assert b"1 of 1 erase blocks of 1048576 bytes differ, about 1 must" in \
        run("cramfs-dump", "--diff", "--erase-block=1M", *images).stdout


def test_erase_blocks_that_one_image_has_not_differ(pair):
    pair.trees[1].file(b"z", random.Random(3).randbytes(40000))
    told = json.loads(pair.diff("--json", "--erase-block=4096").stdout)
    blocks = told["erase_blocks"]
    assert blocks["all"] == told["new"]["size"] // 4096
    assert blocks["differing"] >= (told["new"]["size"] - told["old"]["size"]) // 4096


def test_bytes_by_kind_sum_to_the_images(pair):
    pair.trees[1].file(b"z", random.Random(3).randbytes(40000))
    told = json.loads(pair.diff("--json").stdout)
    for side in ("old", "new"):
        assert sum(kind[side] for kind in told["kinds"]) == told[side]["size"]


def damage(image):
    """The first pointer of /dir/copy leads nowhere."""
    rows = run_well("cramfs-dump", "--extents", image).decode().splitlines()
    table = next(int(row.split()[0]) for row in rows if "table" in row and "/dir/copy" in row)
    data = bytearray(image.read_bytes())
    data[table:table + 4] = (0x3fffffff).to_bytes(4, "little")
    image.write_bytes(data)


def test_a_damaged_image_is_compared_as_far_as_it_goes(pair):
    images = pair.pack(0), pair.pack(1)
    damage(images[0])
    done = run("cramfs-dump", "--diff", *images)
    assert done.returncode == DIFFERENT
    assert b"/dir/copy: content" in done.stdout and b"old.img: the image is damaged" in done.stderr
    done = run("cramfs-dump", "--diff", images[0], images[0])
    assert done.returncode == ERRORS_LEFT and done.stdout == b""


def test_what_cannot_be_opened_is_told(pair):
    image = pair.pack(0)
    for images in ((image, pair.work / "none.img"), (pair.work / "none.img", image)):
        done = run("cramfs-dump", "--diff", *images)
        assert done.returncode == OPERATIONAL and b"none.img: cannot open the image" in done.stderr


def tables(text):
    """{title of a table: [(old, new, change, growth, what)]} of the tables of growth."""
    found = {}
    for part in text.split("\n\n"):
        head, *lines = part.splitlines()
        title = re.fullmatch(r" old bytes  new bytes      change   growth (.*)", head)
        if title:
            rows = [re.fullmatch(r" *(\d+) +(\d+) +([+-]\d+) +(\S+) (.*)", line) for line in lines if "more)" not in line]
            found[title[1].split(",")[0]] = [(int(row[1]), int(row[2]), int(row[3]), row[4], row[5]) for row in rows]
    return found


def noise(seed, size):
    return random.Random(seed).randbytes(size)


def test_what_grows_is_listed_with_the_largest_change_first(pair):
    """By the bytes that --du charges, and by directory with everything below it."""
    before, after = pair.trees
    for tree, sizes in ((before, (3000, 9000, 5000)), (after, (4500, 2000, 5000))):
        tree.directory(b"grown")
        for name, size in zip((b"a bit", b"shrunk", b"same"), sizes):
            tree.file(b"grown/" + name, noise(size, size))
    after.file(b"new", noise(1, 2500))
    after.file(b"dir/zz twin", b"text\n" * 3000)
    os.unlink(before.root + b"/dir/copy")
    found = tables(pair.diff(old=["--xip=none"], new=["--xip=none"]).stdout.decode())
    sizes = [{row["path"]: row["bytes"] for row in json.loads(
        run_well("cramfs-dump", "--du", "--json", "--depth=9", pair.work / name))["entries"]} for name in ("old.img", "new.img")]
    for title in ("directory", "file"):
        rows = found[title]
        assert [abs(row[2]) for row in rows] == sorted((abs(row[2]) for row in rows), reverse=True)
        for old, new, change, growth, path in rows:
            assert (old, new, change) == (sizes[0].get(path, 0), sizes[1].get(path, 0), new - old) and change
            assert growth == ("new" if path not in sizes[0] else f"{100 * change / old:+.1f}%")
    assert [row[4] for row in found["file"]][:3] == ["/grown/shrunk", "/new", "/grown/a bit"]
    assert {row[4] for row in found["directory"]} >= {"/", "/grown"}
    told = json.loads(pair.diff("--json", old=["--xip=none"], new=["--xip=none"]).stdout)["growth"]
    assert {(row["path"], row["old"], row["new"]) for row in told} == {
        (row[4], row[0], row[1]) for title in ("directory", "file") for row in found[title]}


def test_what_only_one_image_has_is_new_or_gone(pair):
    pair.trees[0].file(b"old one", noise(1, 2500))
    pair.trees[1].file(b"z new one", noise(2, 2500))
    found = {row[4]: row[3] for row in tables(pair.diff().stdout.decode())["file"]}
    assert (found["/old one"], found["/z new one"]) == ("gone", "new")


def test_of_many_the_20_largest_changes_are_listed(pair):
    for size in range(1, 31):
        pair.trees[1].file(b"f%d" % size, noise(size, 100 * size))
    text = pair.diff(new=["--xip=none"], old=["--xip=none"]).stdout.decode()
    assert [row[4] for row in tables(text)["file"]] == [f"/f{size}" for size in range(30, 10, -1)]
    assert "           (10 more)\n" in text


def linked(text, data, tail, seed=1):
    """An ELF file with a segment r-x, one rw-, and bytes outside of segments."""
    segments, size = elf.text_and_data(text, data)
    return elf.elf_file(elf.Form(32, False, elf.ET_EXEC), segments, noise(seed, size)) + bytes(tail)


def test_elf_files_are_compared_by_segment(pair):
    for tree, first, second in ((pair.trees[0], (9000, 300, 40), (5000, 10, 0)), (pair.trees[1], (12000, 100, 90), (5000, 10, 0))):
        tree.file(b"grown", linked(*first), mode=0o755)
        tree.file(b"same", linked(*second), mode=0o755)
        tree.file(b"patched", linked(*second, seed=len(tree.root)), mode=0o755)  # other bytes of the same size
    found = tables(pair.diff().stdout.decode())["segments of ELF files"]
    grown = [len(linked(*sizes)) for sizes in ((9000, 300, 40), (12000, 100, 90))]
    rest = [size - sum(segments) for size, segments in zip(grown, ((9000, 300), (12000, 100)))]
    assert found == [
        (*grown, grown[1] - grown[0], f"{100 * (grown[1] - grown[0]) / grown[0]:+.1f}%", "/grown"),
        (9000, 12000, 3000, "+33.3%", "  segment 0 r-x"),
        (300, 100, -200, "-66.7%", "  segment 1 rw-"),
        (*rest, rest[1] - rest[0], f"{100 * (rest[1] - rest[0]) / rest[0]:+.1f}%", "  in no segment")]
    replace(pair.trees[1], b"grown", lambda path: pair.trees[1].file(path, b"\x7fELF and no more", mode=0o755))
    assert "segments of ELF files" not in tables(pair.diff().stdout.decode()), "what has none is compared as a file"


def files_of_few_pages(rng, pages, most):
    """Files that share pages, begin with the same ones, or have them in another order."""
    return {b"%02d" % name: b"".join(rng.choices(pages, k=rng.randint(1, most)))[:-rng.randint(1, PAGE - 1)] for name in range(40)}


@contextlib.contextmanager
def on_processors(count):
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:count])
    yield
    os.sched_setaffinity(0, before)


@pytest.mark.parametrize("options", [[["--xip=none"], []], [["--xip=all"], ["--xip=none"]], [["-b", "16K"], []],
                                     [[], ["-b", "8K", "--xip=none"]], [["--level=1"], ["--no-holes"]]],
                         ids=lambda pair: " and ".join(map(" ".join, pair)))
@pytest.mark.parametrize("seed", range(3))
def test_contents_that_share_pages_are_compared_on_any_number_of_processors(tmp_path, options, seed):
    rng = random.Random(seed)
    pages = [bytes(PAGE), program(seed)[:PAGE], *(rng.randbytes(PAGE // 8) * 8 for _ in range(5)), rng.randbytes(PAGE)]
    contents = [files_of_few_pages(rng, pages, 8) for _ in range(2)]
    for name in rng.sample(sorted(contents[0]), 25):
        contents[1][name] = contents[0][name]
    images = []
    for side in range(2):
        tree = trees.Tree(tmp_path / f"tree{side}")
        for name, content in contents[side].items():
            tree.file(name, content)
        images.append(tmp_path / f"{side}.img")
        run_well("mkcramfs-xip", *owners(), *options[side], tree.root, images[-1])
    for arguments in ([], ["--erase-block=4K"]):
        with on_processors(1):
            alone = run("cramfs-dump", "--diff", "--json", *arguments, *images)
        together = run("cramfs-dump", "--diff", "--json", *arguments, *images)
        assert (alone.returncode, alone.stdout, alone.stderr) == (together.returncode, together.stdout, together.stderr)
        told = json.loads(together.stdout)["changes"]
        found = {os.fsencode(each["path"][1:]) for each in told if "content" in each.get("what", [])}
        assert found == {name for name in contents[0] if contents[0][name] != contents[1][name]}


@pytest.mark.skipif(os.environ.get("CRAMFS_XIP_SANITIZED") == "1", reason="sanitizers open files, too")
@pytest.mark.parametrize("calls", ["open64", "pread64"])
def test_a_call_that_fails_while_two_images_are_read_is_reported_once(pair, calls):
    images = [str(image) for image in (pair.pack(0), pair.pack(1))]
    log = pair.work / "log"
    failed = set()
    for at in range(1, 30):
        log.unlink(missing_ok=True)
        done = run("cramfs-dump", "--diff", *images, env={
            **os.environ, "LC_ALL": "C", "LD_PRELOAD": os.environ["CRAMFS_XIP_FAULTS"], "FAULT_LOG": str(log), "FAULT_CALLS": calls,
            "FAULT_AT": str(at), "FAULT_ERRNO": str(errno.EIO)})
        if not log.exists():
            break
        assert (done.returncode, done.stdout) == (OPERATIONAL, b"")
        failed.update(image for image in images if image in done.stderr.decode())
        assert len(done.stderr.splitlines()) == 1 and os.strerror(errno.EIO) in done.stderr.decode()
    assert at > 2 and failed  # which of the two fails, the threads decide


def test_the_second_image_is_not_mentioned_after_an_error_of_the_first(pair):
    image, other = pair.pack(0), pair.work / "other"
    other.write_bytes(b"no image")
    for images in ([other, image], [other, other], [other, pair.work / "missing"]):
        done = run("cramfs-dump", "--diff", *images)
        assert done.returncode == OPERATIONAL and len(done.stderr.splitlines()) == 1 and b"no cramfs superblock" in done.stderr
    missing = run("cramfs-dump", "--diff", image, pair.work / "missing").stderr.splitlines()
    assert b"missing: cannot open the image" in missing[-1]
