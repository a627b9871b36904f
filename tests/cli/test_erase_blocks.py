"""cramfs-dump --diff --blocks: the erase blocks in which two images differ, and the owners of the bytes; compared with the bytes
themselves."""
import hashlib
import json
import os
import random

import pytest

import trees
from tools import OPERATIONAL, USAGE, run, run_well

SAME, DIFFERENT = 0, 1
SEED = 20261126


def owners():
    return [] if os.geteuid() == 0 else ["-q"]


def pack(tree, image, *options):
    run_well("mkcramfs-xip", *owners(), "-q", *options, tree.root, image)
    return image


def listed(old, new, size, *options):
    done = run("cramfs-dump", "--diff", "--blocks", "--json", f"--erase-block={size}", *options, old, new)
    assert done.returncode in (SAME, DIFFERENT), done.stderr
    told = json.loads(done.stdout)
    assert bool(told["ranges"]) == (done.returncode == DIFFERENT)
    return told["ranges"]


def digest(data):
    return hashlib.sha256(data).hexdigest() if data else None


def expected(old, new, size):
    """Computed another way: block by block, then joined."""
    ranges, end = [], max(len(old), len(new))
    for at in range(0, end, size):
        if old[at:at + size] == new[at:at + size]:
            continue
        if ranges and ranges[-1][1] == at:
            ranges[-1][1] = min(at + size, end)
        else:
            ranges.append([at, min(at + size, end)])
    return [(begin, stop - begin, digest(old[begin:stop]), digest(new[begin:stop])) for begin, stop in ranges]


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """{name: image} of one tree after changes of each kind."""
    work = tmp_path_factory.mktemp("blocks")
    print(f"seed {SEED}")
    chosen = random.Random(SEED)
    tree = trees.Tree(work / "tree")
    tree.directory(b"etc")
    tree.directory(b"data")
    tree.file(b"etc/motd", b"welcome\n" * 1000)
    for i in range(20):
        tree.file(b"data/%02d" % i, chosen.randbytes(chosen.randrange(1, 20000)))
    found = {"old": pack(tree, work / "old.img")}
    like = [f"--like={found['old']}", "--erase-block=4K"]
    tree.file(b"etc/more", b"more\n" * 3000)
    found["added"] = pack(tree, work / "added.img", *like)
    os.unlink(tree.root + b"/data/07")
    found["removed"] = pack(tree, work / "removed.img", *like)
    tree.file(b"data/tail", chosen.randbytes(100000))
    found["longer"] = pack(tree, work / "longer.img", *like)
    os.chmod(tree.root + b"/etc/motd", 0o600)
    found["mode"] = pack(tree, work / "mode.img", f"--like={found['longer']}", "--erase-block=4K")
    return found


PAIRS = [("old", "added"), ("old", "removed"), ("old", "longer"), ("longer", "old"), ("longer", "mode"), ("added", "removed")]


@pytest.mark.parametrize("size", [256, 1000, 4096, 65536, 1 << 20])
@pytest.mark.parametrize("pair", PAIRS, ids=" ".join)
def test_ranges_and_digests_are_those_of_the_bytes(images, pair, size):
    old, new = (images[name] for name in pair)
    found = [(each["offset"], each["length"], each["before"], each["after"]) for each in listed(old, new, size)]
    assert found == expected(old.read_bytes(), new.read_bytes(), size)


@pytest.mark.parametrize("size", [4096, 65536])
def test_blocks_are_as_many_as_are_counted(images, size):
    for pair in PAIRS:
        both = [images[name] for name in pair]
        counted = json.loads(run("cramfs-dump", "--diff", "--json", f"--erase-block={size}", *both).stdout)["erase_blocks"]["differing"]
        assert sum(-(-each["length"] // size) for each in listed(*both, size)) == counted


def test_text_says_the_same(images):
    done = run("cramfs-dump", "--diff", "--blocks", "--erase-block=4K", images["old"], images["longer"])
    assert done.returncode == DIFFERENT and done.stderr == b""
    ranges = listed(images["old"], images["longer"], 4096)
    lines = done.stdout.decode().splitlines()
    assert [tuple(map(int, line.split())) for line in lines[1:] if line.split()[0].isdigit()] == \
        [(each["offset"], each["length"]) for each in ranges]
    assert [line.split()[1] for line in lines if line.startswith("    after ")] == [each["after"] or "-" for each in ranges]
    assert [line.split()[1] for line in lines if line.startswith("    before ")] == [each["before"] or "-" for each in ranges]
    assert lines.count("    superblock") == 1


def causes(ranges):
    return {(cause["kind"], cause.get("path")) for each in ranges for cause in each["causes"]}


def test_causes_are_what_changed(images):
    """With --like nothing else moves."""
    found = causes(listed(images["longer"], images["mode"], 4096))
    assert found - {("padding", None)} == {("superblock", None), ("entries", "/etc")}
    found = causes(listed(images["old"], images["added"], 4096))
    assert {("superblock", None), ("entries", "/etc"), ("table", "/etc/more"), ("file", "/etc/more")} <= found
    assert all(path in (None, "/", "/etc", "/etc/more", "/etc/motd") for _, path in found), found


def test_what_only_the_old_image_has_is_marked(images):
    ranges = listed(images["longer"], images["old"], 4096)
    removed = {cause["path"] for each in ranges for cause in each["causes"] if cause.get("removed")}
    assert "/data/tail" in removed and "/etc/motd" not in removed
    text = run("cramfs-dump", "--diff", "--blocks", images["longer"], images["old"]).stdout
    assert b"    file       /data/tail (removed)\n" in text


def test_one_byte_is_its_owners(images, tmp_path):
    data = bytearray(images["old"].read_bytes())
    extents = json.loads(run_well("cramfs-dump", "--extents", "--json", images["old"]))["extents"]
    extent = next(each for each in extents if each.get("path") == "/data/07" and each["kind"] in ("stored", "deflated"))
    at = extent["offset"] + extent["length"] // 2
    data[at] ^= 1
    (tmp_path / "new.img").write_bytes(data)
    each, = listed(images["old"], tmp_path / "new.img", 4096)
    assert each["offset"] == at // 4096 * 4096 and each["length"] == 4096
    assert each["causes"] == [{"kind": "file", "path": "/data/07", "removed": False}]


def test_equal_images_have_nothing_to_list(images):
    done = run("cramfs-dump", "--diff", "--blocks", images["old"], images["old"])
    assert (done.returncode, done.stdout, done.stderr) == (SAME, b"", b"")
    assert listed(images["old"], images["old"], 4096) == []


def test_an_erase_block_is_64_kib_by_default(images):
    plain = run("cramfs-dump", "--diff", "--blocks", "--json", images["old"], images["longer"]).stdout
    assert json.loads(plain)["erase_block"] == 65536
    assert plain == run("cramfs-dump", "--diff", "--blocks", "--json", "--erase-block=64K", images["old"], images["longer"]).stdout


@pytest.mark.parametrize("swap", ["--swap16", "--swap32"])
def test_digests_of_swapped_images_are_those_of_the_flash(images, tmp_path, swap):
    tree = trees.Tree(tmp_path / "tree")
    tree.file(b"file", b"x" * 5000)
    old = pack(tree, tmp_path / "old.img", swap)
    tree.file(b"more", b"y" * 9000)
    new = pack(tree, tmp_path / "new.img", swap)
    found = [(each["offset"], each["length"], each["before"], each["after"]) for each in listed(old, new, 512)]
    assert found == expected(old.read_bytes(), new.read_bytes(), 512)
    done = run("cramfs-dump", "--diff", "--blocks", images["old"], new)
    assert done.returncode == OPERATIONAL and b"not swapped as in the older image" in done.stderr and done.stdout == b""


def test_usage():
    for words, said in ((["--blocks", "a"], b"--blocks needs --diff"), (["--diff", "--blocks", "a"], b"needs two IMAGEs")):
        done = run("cramfs-dump", *words)
        assert done.returncode == USAGE and said in done.stderr
