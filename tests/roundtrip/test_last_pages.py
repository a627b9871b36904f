"""Blocks may be larger than a page.

The last block of a file of whole pages that does not compress is deflated all the same when only a direct pointer can
reach it, and then has more bytes than it holds.
"""
import json
import random

import pytest

import elf
import trees
from tools import run, run_well

PAGE = 4096


@pytest.mark.parametrize("compressor", ["zlib", "default"])
@pytest.mark.parametrize("filler", range(3700, 4000, 12))
def test_blocks_larger_than_a_page_read_right(filler, compressor, tmp_path):
    rng = random.Random(filler)
    tree = trees.Tree(tmp_path / "source")
    segments, size = elf.text_only(2 * PAGE)
    tree.file(b"prog", elf.elf_file(elf.Form(), segments, trees.incompressible(rng, size)) + trees.incompressible(rng, PAGE))
    tree.file(b"zfill", trees.incompressible(rng, filler))
    for number in range(6):
        tree.file(b"z%d" % number, trees.incompressible(rng, 5))
    options = ["--compressor=zlib"] if compressor == "zlib" else []
    run_well("mkcramfs-xip", "-q", *options, tree.root, tmp_path / "out.img")
    run_well("cramfsck", "-E", tmp_path / "out.img")


BIG = 65536


def big_program(rng, pages):
    """Its text is all but the last page, which no compressor makes smaller; nor the others."""
    size = (pages - 1) * BIG
    return elf.elf_file(elf.Form(), [elf.Segment(elf.R | elf.X, 0, size, BIG)], trees.incompressible(rng, size)) + trees.incompressible(rng, BIG)


def build_and_extract(tmp_path, tree, *options):
    image = tmp_path / "out.img"
    built = run("mkcramfs-xip", "-q", "-b", "64K", *options, tree.root, image)
    assert built.returncode == 0, built.stderr
    run_well("cramfsck", "-b", "64K", f"--extract={tmp_path / 'out'}", image)
    for path in (tmp_path / "source").iterdir():
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes(), path.name
    return built.stderr.decode(), {file["path"]: file["direct_pages"] for file in json.loads(
        run_well("cramfsck", "-b", "64K", "--xip-report=json", image))["files"]}


@pytest.mark.parametrize("options", [[], ["--xip-budget=100M"], ["--compressor=zlib"]])
def test_a_large_last_page_that_does_not_compress_keeps_its_file_out_of_place_and_no_other(tmp_path, options):
    rng = random.Random(6400)
    tree = trees.Tree(tmp_path / "source")
    tree.file(b"whole", big_program(rng, 3))
    tree.file(b"longer", big_program(rng, 3) + b"!")
    tree.file(b"softer", big_program(rng, 3)[:-BIG] + b"soft" * (BIG // 4))
    said, direct = build_and_extract(tmp_path, tree, *options)
    assert said.count("warning") == 1 and "/whole: nothing of it is in place: its last page does not compress" in said
    assert direct == {"/longer": 2, "/softer": 2, "/whole": 0}


@pytest.mark.parametrize("zeroes", [0, 1])
@pytest.mark.parametrize("pages", [2, 3])
def test_a_large_last_page_that_does_not_compress_where_the_others_are_shared(tmp_path, pages, zeroes):
    """With another file, plain and in place: the page before the last has to be the file's own."""
    rng = random.Random(6401)
    shared = big_program(rng, pages)[:-BIG]
    tree = trees.Tree(tmp_path / "source")
    tree.file(b"donor", shared + b"soft")
    tree.file(b"data", shared[::-1] + b"soft")
    tree.file(b"like data", shared[::-1] + bytes(zeroes * BIG) + trees.incompressible(rng, BIG))
    tree.file(b"like donor", b"#!" + shared[2:] + bytes(zeroes * BIG) + trees.incompressible(rng, BIG))
    said, direct = build_and_extract(tmp_path, tree)
    assert "warning" not in said and direct["/donor"] == pages - 1
