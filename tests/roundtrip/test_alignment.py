"""Pages in place are aligned once for each image, not once for each file."""
import random

import pytest

import elf
import trees
from extents import gap_before_zone
from tools import directory, run_well

FILES = 600
PAGE = 4096


def small_elf(rng, code):
    segments, size = elf.text_and_data(rng.randint(1000, 3 * PAGE), rng.randint(200, PAGE))
    start = rng.randrange(len(code) - size)
    return elf.elf_file(elf.Form(), segments, code[start:start + size])


@pytest.mark.parametrize("seed", range(6))
def test_600_elf_files_waste_a_page_at_most_and_their_heads(seed, tmp_path):
    most_for_heads = 3 * FILES  # tables and heads are aligned to 4 bytes
    rng = random.Random(seed)
    code = (directory() / "mkcramfs-xip").read_bytes()  # as compressible as programs are
    tree = trees.Tree(tmp_path / "source")
    for number in range(FILES):
        tree.file(b"%03d" % number, small_elf(rng, code))
    image = tmp_path / "out.img"
    run_well("mkcramfs-xip", "-q", tree.root, image)
    run_well("cramfsck", image)
    in_place, gap = gap_before_zone(run_well("cramfs-dump", "--extents", image))
    assert in_place >= FILES * 9 // 10  # equal runs are shared
    assert gap < PAGE + most_for_heads
