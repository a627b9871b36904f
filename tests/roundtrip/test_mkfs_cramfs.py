"""Images of util-linux's mkfs.cramfs: no errors, hazards exactly where the tree provokes a trap, the same bytes out again."""
import json
import os
import shutil
import stat
import subprocess

import pytest

import describe
import random_tree
import trees
from tools import CLEAN, ERRORS_LEFT, run

pytestmark = pytest.mark.skipif(not shutil.which("mkfs.cramfs"), reason="util-linux's mkfs.cramfs is not installed")

SEEDS = range(101, 105)
OPTIONS = {
    "default": [],
    "little endian": ["-N", "little"],
    "big endian": ["-N", "big"],
    "holes": ["-z"],
    "holes, big endian": ["-z", "-N", "big"],
    "behind boot code": ["-p"],
    "behind boot code, big endian": ["-p", "-N", "big", "-z"],
    "pages of 8 KiB": ["-b", "8192"],
    "pages of 64 KiB, big endian, holes": ["-b", "65536", "-N", "big", "-z"],
    "name and edition": ["-n", "sixteen bytes it", "-e", "4294967295"],
    "sorted, verbose, warnings are errors": ["-s", "-v", "-E"],
}


def nodes_in_order(root):
    """(path, status) of every node but the root, in the order of a walk of the image: by name, depth first."""
    def below(path):
        for name in sorted(os.listdir(os.path.join(root, path))):
            node = os.path.join(path, name)
            status = os.lstat(os.path.join(root, node))
            yield node, status
            if stat.S_ISDIR(status.st_mode):
                yield from below(node)
    return list(below(b""))


def provoked(root):
    """Paths of entries that share an inode with an entry of another kind: mkfs.cramfs shares equal contents."""
    first, found = {}, set()
    for path, status in nodes_in_order(root):
        at = os.path.join(root, path)
        if stat.S_ISREG(status.st_mode):
            with open(at, "rb") as file:
                contents = file.read()
        elif stat.S_ISLNK(status.st_mode):
            contents = os.readlink(at)
        else:
            continue
        like = (status.st_mode, status.st_uid, status.st_gid)
        if contents and first.setdefault(contents, like) != like:
            found.add("/" + path.decode(errors="surrogateescape"))
    return found


def findings(image, *options):
    done = run("cramfsck", "--json", *options, image)
    found = json.loads(done.stdout)["findings"]
    for finding in found:
        if finding["path"] is not None:
            path = bytes.fromhex(finding["path_bytes"]) if "path_bytes" in finding else finding["path"].encode()
            finding["path"] = path.decode(errors="surrogateescape")
    return done.returncode, found


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed {seed}")
def source(request, tmp_path_factory):
    work = tmp_path_factory.mktemp("tree")
    random_tree.make_random_tree(work / "source", request.param)
    return os.fsencode(work / "source")


def make(options, source, image):
    done = subprocess.run(["mkfs.cramfs", *options, source, image], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", OPTIONS)
def test_hazards_are_the_traps_of_the_tree_and_the_bytes_are_the_same(source, name, tmp_path):
    image = tmp_path / "out.img"
    make(OPTIONS[name], source, image)
    status, found = findings(image)
    assert status == CLEAN and [finding for finding in found if finding["severity"] == "error"] == []
    hazards = [finding for finding in found if finding["severity"] == "hazard"]
    assert {finding["rule"] for finding in hazards} <= {"shared-inode"}
    assert sorted(finding["path"] for finding in hazards) == sorted(provoked(source)) != []
    assert {finding["rule"] for finding in found} <= {"shared-inode", "name-control"}  # no note of the maker's ways

    as_root = os.geteuid() == 0
    assert run("cramfsck", "--privileged", "-x", tmp_path / "extracted", image).returncode == CLEAN
    assert describe.differences(describe.describe(source, as_root), describe.describe(tmp_path / "extracted", as_root)) == []


@pytest.mark.parametrize("options", [[], ["-N", "big"], ["-p"], ["-p", "-N", "big"]], ids=" ".join)
def test_inserted_file_shifts_the_root_and_belongs_to_nobody(tmp_path, options):
    source, inserted, image = tmp_path / "source", tmp_path / "inserted", tmp_path / "out.img"
    tree = trees.Tree(source)
    tree.directory(b"d")
    tree.file(b"d/f", b"contents" * 2000)
    inserted.write_bytes(b"a kernel, say" * 700)
    make([*options, "-i", inserted], source, image)
    status, found = findings(image)
    assert status == CLEAN and [finding["rule"] for finding in found] == ["unowned-bytes"]
    assert found[0]["offset"] == 76 + 512 * ("-p" in options)
    assert run("cramfsck", "-x", tmp_path / "extracted", image).returncode == CLEAN
    assert (tmp_path / "extracted" / "d" / "f").read_bytes() == b"contents" * 2000


def small_tree(path, *files):
    tree = trees.Tree(path)
    for name, data, mode in files:
        tree.file(name, data, mode)
    return path


@pytest.mark.parametrize("order", ["little", "big"])
def test_entries_near_the_images_end_are_hazards(tmp_path, order):
    # 250 empty files: the directory ends 20 bytes before the image does.
    files = 250
    source = small_tree(tmp_path / "source", *((b"%04d" % n, b"", 0o644) for n in range(files)))
    image = tmp_path / "out.img"
    make(["-N", order], source, image)
    assert image.stat().st_size == 4096
    near = [f"/{n:04}" for n in range(files) if 4096 - (76 + 16 * n) < 264]
    status, found = findings(image, "--severity=hazard")
    assert status == CLEAN and {finding["rule"] for finding in found} == {"entry-near-end"}
    assert [finding["path"] for finding in found] == near and len(near) == 15
    assert run("cramfsck", "-E", image).returncode == ERRORS_LEFT


@pytest.mark.parametrize("different, provokes", [
    ({}, False), ({"mode": 0o600}, True), ({"mode": 0o4755}, True), ({"link": True}, True), ({"data": b"another"}, False),
], ids=str)
def test_one_trap_by_one(tmp_path, different, provokes):
    source = small_tree(tmp_path / "source", (b"a", b"target", 0o644))
    if "link" in different:
        os.symlink("target", source / "b")
    else:
        (source / "b").write_bytes(different.get("data", b"target"))
        (source / "b").chmod(different.get("mode", 0o644))
    make([], source, tmp_path / "out.img")
    status, found = findings(tmp_path / "out.img")
    assert status == CLEAN
    assert [(finding["rule"], finding["path"]) for finding in found] == [("shared-inode", "/b")] * provokes


@pytest.mark.skipif(not shutil.which("fsck.cramfs"), reason="util-linux's fsck.cramfs is not installed")
def test_both_checkers_agree_that_a_byte_is_wrong(tmp_path):
    source = small_tree(tmp_path / "source", (b"a", b"contents" * 500, 0o644))
    image = tmp_path / "out.img"
    make([], source, image)
    for broken in (False, True):
        if broken:
            contents = bytearray(image.read_bytes())
            contents[100] ^= 1
            image.write_bytes(contents)
        theirs = subprocess.run(["fsck.cramfs", image], capture_output=True, check=False).returncode
        assert theirs == run("cramfsck", image).returncode == (ERRORS_LEFT if broken else CLEAN)
