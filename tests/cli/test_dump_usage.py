"""cramfs-dump --du: every byte is charged once, to whom it should be."""
import json
import os
import random

import pytest

import trees
import usage
from tools import run_well

PAGE = 4096


def noise(seed, size):
    return random.Random(seed).randbytes(size)


def pack(tmp_path, files, *options):
    """An image of {path: contents}, all owned by root."""
    tree = trees.Tree(tmp_path / "tree")
    for path, contents in files.items():
        os.makedirs(os.path.dirname(os.path.join(tree.root, path)), exist_ok=True)
        tree.file(path, contents)
    run_well("mkcramfs-xip", "-q", *options, tree.root, tmp_path / "out.img")
    return tmp_path / "out.img"


def du(image, *options):
    return usage.check(lambda *arguments: run_well("cramfs-dump", *arguments), image, *options)


def row(table, name):
    return next(row for row in table if name in row.values())


@pytest.mark.parametrize("options", [[], ["-p"], ["--no-holes"], ["--legacy"], ["-N", "big"], ["-b", "64K"],
                                     ["--xip=none"], ["--pad-to=4M"]], ids=" ".join)
def test_every_byte_is_charged_once(options, tmp_path):
    image = pack(tmp_path, {b"a/x": noise(1, 9000), b"a/y": noise(1, 9000) + b"more", b"b/z": b"z" * 70000,
                            b"b/holes": bytes(50000), b"b/empty": b""}, *options)
    told = du(image, *(options if "-b" in options else []))
    assert told["bytes_behind"] == image.stat().st_size - told["image"]["size"]


def test_shared_blocks_are_charged_to_the_first_in_path_order(tmp_path):
    """z begins with the pages of a, and shares no table with it."""
    image = pack(tmp_path, {b"first/a": noise(2, 4 * PAGE), b"second/z": noise(2, 4 * PAGE) + noise(3, 100)}, "--xip=none")
    told = du(image)
    first, second = row(told["directories"], "/first"), row(told["directories"], "/second")
    assert first["own"] > 4 * PAGE and first["shared"] == 0
    assert second["own"] < PAGE and second["shared"] >= 4 * PAGE
    kinds = {kind["kind"]: kind for kind in told["kinds"]}
    assert sum(kind["shared"] for kind in kinds.values()) == second["shared"]
    assert told["savings"]["shared_blocks"] == 4 and told["savings"]["shared_bytes"] == second["shared"]


def test_names_of_one_inode_are_told(tmp_path):
    image = pack(tmp_path, {b"a": noise(4, 2 * PAGE), b"b": noise(4, 2 * PAGE)})
    savings = du(image)["savings"]
    assert savings["shared_inodes"] == 1 and savings["inode_bytes"] >= 2 * PAGE
    assert savings["shared_blocks"] == 0


def test_a_block_that_a_file_repeats_is_saved_and_not_shared(tmp_path):
    told = du(pack(tmp_path, {b"a": noise(5, PAGE) * 5 + b"tail"}, "--xip=none"))
    assert told["savings"]["shared_blocks"] == 4
    assert all(kind["shared"] == 0 for kind in told["kinds"])


def test_holes_are_counted_with_their_zeroes(tmp_path):
    savings = du(pack(tmp_path, {b"a": bytes(2 * PAGE + 10), b"b": b"x"}))["savings"]
    assert (savings["holes"], savings["hole_bytes"]) == (3, 2 * PAGE + 10)


def test_programs_are_told_from_other_files(tmp_path):
    told = du(pack(tmp_path, {b"a": b"\x7fELF" + noise(6, 5000), b"b": noise(7, 3000), b"c": b"bFLT" + bytes(60)}))
    assert row(told["types"], "program")["entries"] == 2
    assert row(told["types"], "file")["entries"] == 1
    assert row(told["types"], "directory")["entries"] == 1


def test_boot_code_is_a_kind_of_its_own(tmp_path):
    told = du(pack(tmp_path, {b"a": b"a"}, "-p"))
    assert row(told["kinds"], "boot")["bytes"] == 512


def test_text_has_the_numbers_of_the_json(tmp_path):
    image = pack(tmp_path, {b"a/x": noise(8, 9000), b"b": b"z" * 70000})
    told = json.loads(run_well("cramfs-dump", "--du", "--json", image))
    lines = [line.split() for line in run_well("cramfs-dump", "--du", image).decode().splitlines()]
    for kind in told["kinds"]:
        assert any(line[:1] == [str(kind["bytes"])] and line[-1] == kind["kind"] for line in lines)
    for directory in told["directories"]:
        assert any(line[-1:] == [directory["path"]] and line[0] == str(directory["bytes"]) for line in lines)
    assert any(line[:1] == [str(told["image"]["size"])] and line[-1] == "total" for line in lines)
