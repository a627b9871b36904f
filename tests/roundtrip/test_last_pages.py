"""Blocks may be larger than a page.

The last block of a file of whole pages that does not compress is deflated all the same when only a direct pointer can
reach it, and then has more bytes than it holds.
"""
import random

import pytest

import elf
import trees
from tools import run_well

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
