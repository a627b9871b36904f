"""cramfs-dump --diff: nothing between equal images, and each kind of change for what it is."""
import json
import os
import random
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
    """What a page size that was found out is told in is a note, and none."""
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
    # Where a program is moves with what stands in front of it, and is not of the case.
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
    # Another program in front of it moves it by its pages.
    pair.trees[1].file(b"before", program(2), mode=0o755)
    told = json.loads(pair.diff("--json").stdout)
    moved = next(each for each in told["changes"] if each["path"] == "/program")
    assert moved["what"] == ["moved"] and moved["pages_moved"] == 3
    assert told["pages_in_place"] == {"gained": 3, "lost": 0, "moved": 3}


def test_contents_are_compared_as_read_not_as_stored(pair):
    """Other levels, holes and forms of the same bytes are no change of a file; of the image they are."""
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
    assert b"1 of 1 erase blocks of 1048576 bytes differ, 1 must" in \
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
