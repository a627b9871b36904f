"""cramfs-dump --du: every byte is charged once, to the right entry."""
import json
import os
import random
import re

import pytest

import trees
import usage
from tools import OPERATIONAL, USAGE, run, run_well

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


def test_each_name_of_a_program_is_a_program(tmp_path):
    program = b"\x7fELF" + bytes(range(256)) * 20
    told = du(pack(tmp_path, {b"a": program, b"b": program, b"c": noise(7, 3000), b"d": program}))
    assert row(told["types"], "program")["entries"] == 3
    assert row(told["types"], "file")["entries"] == 1


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


FILES = {b"bin/a": noise(9, 3 * PAGE - 5), b"bin/deep/b": b"words " * 900, b"bin/deep/er/c": noise(10, 2 * PAGE), b"etc/d": noise(11, 9000),
         b"etc/d too": noise(11, 9000), b"e": b""}


def listed(text):
    """{path: (bytes, in place, otherwise, shared)} of the table of chosen entries, in its order."""
    head, *lines = text.splitlines()
    assert head.split() == ["bytes", "share", "in", "place", "otherwise", "shared", "entry"]
    rows = [line.split(None, 5) for line in lines]
    return {row[5]: tuple(map(int, (row[0], *row[2:5]))) for row in rows}


def test_a_path_and_a_depth_choose_what_is_listed(tmp_path):
    image = pack(tmp_path, FILES, "--xip-rules=" + str(rules(tmp_path)))

    def paths(*options):
        return set(listed(run_well("cramfs-dump", "--du", image, *options).decode()))

    assert paths("--depth=0") == {"/"}
    assert paths("--depth=1") == {"/", "/bin/", "/etc/", "/e"}
    assert paths("/bin") == {"/bin/", "/bin/a", "/bin/deep/"} == paths("--depth=1", "bin/")
    assert paths("--depth=2", "/bin", "/etc/*") == {"/bin/", "/bin/a", "/bin/deep/", "/bin/deep/b", "/bin/deep/er/", "/etc/d", "/etc/d too"}
    assert paths("--depth=0", "/bin/deep/b", "/bin") == {"/bin/", "/bin/deep/b"}
    assert paths("--depth=99") == {"/", "/bin/", "/bin/a", "/bin/deep/", "/bin/deep/b", "/bin/deep/er/", "/bin/deep/er/c", "/etc/",
                                   "/etc/d", "/etc/d too", "/e"}
    assert run("cramfs-dump", "--du", image, "/nothing").returncode == OPERATIONAL
    assert run("cramfs-dump", "--depth=1", image).returncode == USAGE


def rules(tmp_path):
    path = tmp_path / "rules"
    path.write_text("/bin/a in-place\n* compressed\n")
    return path


def test_an_entry_has_its_price_and_a_directory_all_that_is_below_it(tmp_path):
    image = pack(tmp_path, FILES, "--xip-rules=" + str(rules(tmp_path)))
    rows = listed(run_well("cramfs-dump", "--du", "--depth=9", image).decode())
    assert rows["/"][0] == image.stat().st_size
    assert rows["/bin/a"] == (3 * PAGE - 5 + 12, 3 * PAGE - 5, 12, 0), "three pages, and their pointers"
    assert list(rows.values()) == sorted(rows.values(), key=lambda row: -row[0]), "most first"
    for path, (size, in_place, otherwise, shared) in rows.items():
        assert size == in_place + otherwise, path
        if path.endswith("/") and path != "/":
            below = [row for other, row in rows.items() if re.fullmatch(re.escape(path) + "[^/]+/?", other)]
            assert size >= sum(row[0] for row in below) and in_place == sum(row[1] for row in below), path
            assert shared == sum(row[3] for row in below), path
    assert rows["/etc/d too"][3] == rows["/etc/d"][0] > 0, "one inode, which the first pays for"
    told = usage.valid("du", run_well("cramfs-dump", "--du", "--depth=9", "--json", image))
    assert {entry["path"] + "/" * (entry["type"] == "directory" and entry["path"] != "/"):
            (entry["bytes"], entry["in_place"], entry["otherwise"], entry["shared"]) for entry in told["entries"]} == rows
    assert {row["path"]: row["in_place"] for row in told["directories"]} == {
        path.rstrip("/") or "/": row[1] for path, row in rows.items() if path.endswith("/")}


def test_of_all_files_the_20_largest_are_listed(tmp_path):
    image = pack(tmp_path, {b"f%d" % size: noise(size, size * 100) for size in range(1, 31)}, "--xip=none")
    table = run_well("cramfs-dump", "--du", image).decode().split(" shared file\n")[1].split("\n\n")[0].splitlines()
    assert [line.split()[-1] for line in table[:-1]] == [f"/f{size}" for size in range(30, 10, -1)]
    assert table[-1].strip() == "(10 more)"
