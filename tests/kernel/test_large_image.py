"""An image of 300 MB: tables are below the 256 MiB that inodes can point to, pages in place are above."""
import random
import shutil

import pytest

import case
import elf
import extents
import guest
from conftest import ARM_PACKAGES, make_guest
from trees import PAGE, Tree, incompressible

INODE_REACH = 256 << 20
FILLERS, FILLER_SIZE = 17, 31 << 19  # a file is below 16 MiB
PROGRAMS, TEXT = 4, 9 << 20
SEED = 300


@pytest.fixture(scope="module")
def observed(tools, tmp_path_factory):
    large_arm = make_guest(guest.LARGE_ARM, tmp_path_factory, *ARM_PACKAGES)
    work = tmp_path_factory.mktemp("large")
    rng = random.Random(SEED)
    tree = Tree(work / "source")
    for index in range(FILLERS):
        tree.file(b"filler-%02d" % index, incompressible(rng, FILLER_SIZE + index * (PAGE + 1)))
    for index in range(PROGRAMS):
        segments, size = elf.separate_code(3000, TEXT + index * PAGE, 70000, 20000)
        tree.file(b"program-%d" % index, elf.elf_file(elf.Form(), segments, incompressible(rng, size)), 0o755)
    yield case.run_case(large_arm, tools, work / "source", work / "image", timeout=300)
    shutil.rmtree(work)  # pytest would keep it, and two more like it


def test_what_inodes_point_to_lies_below_256_mib_and_pages_in_place_above(observed, tools):
    found = extents.read(tools.extents(observed.image))
    starts = {kind: [offset for offset, _, other in found if other == kind] for kind in ("table", "in-place")}
    assert max(starts["table"]) < INODE_REACH <= min(starts["in-place"])
    assert len(starts["table"]) >= FILLERS + PROGRAMS
    assert observed.image.stat().st_size >= 300_000_000


def test_every_byte_is_read_and_mapped_right(observed):
    """All files, by read(2) and by mmap(2), from ROM and from the disk."""
    observed.compare().verdict(nodes=2 * (1 + FILLERS + PROGRAMS), bytes=2 * 300_000_000, mappings=37,
                               direct_pages=2 * PROGRAMS * TEXT // PAGE, direct_mappings=2 * PROGRAMS,
                               refused_mappings=FILLERS)
    assert not case.loader_disagreements(observed)


def test_text_is_mapped_from_above_256_mib(observed):
    text = [record for record in observed.observation.mappings if record["flags"] == "r-x"]
    assert len(text) == PROGRAMS
    assert all(record["address"] >= guest.LARGE_ARM.rom_base + INODE_REACH for record in text)
