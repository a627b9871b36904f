"""A rule puts data in place as a whole: fonts and tables that programs map, privately or shared, are in ROM."""
import errno
import random

import pytest

import case
import oracle
from trees import PAGE, Tree, compressible

SIZE = 5 * PAGE + 300
IN_PLACE = (b"share/font.ttf", b"share/equal.ttf", b"share/owned.ttf")  # the same bytes, of two inodes
TEN_PAGES = b"share/ten-pages.ttf"  # the last page of whole pages cannot be in place
ELSEWHERE = b"other"                # no rule matches it
WAYS = ("r--p", "r--s", "r-xs")


def look_at_tables(guest, tools, work):
    """(the Case, {(path, way): the agent's record of that mapping})"""
    rng = random.Random(3)
    tree = Tree(work / "source")
    tree.directory(b"share")
    table = compressible(rng, SIZE)
    for path, gid in zip(IN_PLACE, (0, 0, 7)):
        tree.file(path, table, gid=gid)
    tree.file(TEN_PAGES, compressible(rng, 10 * PAGE))
    tree.file(ELSEWHERE, compressible(rng, SIZE))
    (work / "rules").write_text("*.ttf in-place\n")

    asked = [(path, way) for path in (*IN_PLACE, TEN_PAGES, ELSEWHERE) for way in WAYS]
    requests = [f"map {path.hex()} 0 {10 * PAGE if path == TEN_PAGES else SIZE} {way}" for path, way in asked]
    observed = case.run_case(guest, tools, work / "source", work / "image", f"--xip-rules={work / 'rules'}",
                             extra_requests=requests)
    mappings = observed.observation.mappings
    records = dict(zip(asked, mappings[-len(asked):]))
    del mappings[-len(asked):]
    return observed, records


def predicted(observed):
    return {oracle.path_of(file): file for file in observed.report["files"]}


@pytest.mark.parametrize("way", WAYS)
def test_with_an_mmu_they_are_direct_as_predicted(looked_at, way):
    """For a shared mapping the kernel's messages are the evidence."""
    observed, records = looked_at
    files = predicted(observed)
    for path, direct in (*((path, 6) for path in IN_PLACE), (TEN_PAGES, 9), (ELSEWHERE, 0)):
        decision, = (decided for _, decided in oracle.read_decisions(records[path, way]["messages"]))
        assert decision.direct_pages == files[path]["direct_pages"] == direct, (path, decision)
        assert oracle.same_reason(files[path]["reason"], decision.reason), (path, decision)


def test_with_an_mmu_all_else_is_as_predicted(looked_at):
    looked_at[0].compare().verdict(nodes=14, mappings=5, direct_pages=27, direct_mappings=3, mixed_mappings=1,
                                   refused_mappings=1)


@pytest.fixture(scope="module", name="looked_at")
def look_with_an_mmu(either_arm, tools, tmp_path_factory):
    return look_at_tables(either_arm, tools, tmp_path_factory.mktemp("tables"))


@pytest.fixture(scope="module", name="looked_at_without")
def look_without_an_mmu(riscv_nommu, tools, tmp_path_factory):
    return look_at_tables(riscv_nommu, tools, tmp_path_factory.mktemp("tables"))


@pytest.mark.parametrize("way", WAYS)
def test_without_an_mmu_they_are_direct_or_copied(looked_at_without, riscv_nommu, way):
    """A shared mapping that is not direct fails: that kernel has no other way to share."""
    observed, records = looked_at_without
    files = predicted(observed)
    machine = riscv_nommu.machine
    for path in IN_PLACE:
        assert files[path]["direct_pages"] == files[path]["pages"] == 6
        assert machine.rom_base <= records[path, way]["address"] < machine.rom_base + machine.rom_size, path
    for path in (TEN_PAGES, ELSEWHERE):
        assert files[path]["direct_pages"] == 0
        if way.endswith("s"):
            assert records[path, way]["mmap_error"] == errno.ENODEV, path
        else:
            assert records[path, way]["rom_pages"] == 0, path


def test_without_an_mmu_all_else_is_as_predicted(looked_at_without):
    looked_at_without[0].compare().verdict(nodes=14, mappings=5, direct_pages=18, direct_mappings=3, refused_mappings=2)


def test_without_an_mmu_files_of_two_owners_are_at_places_of_their_own(looked_at_without):
    _, records = looked_at_without
    font, equal, owned = (records[path, "r--s"]["address"] for path in IN_PLACE)
    assert font == equal != owned
