"""Mappings that the kernel merges with a neighbour: the report, and the choice for a profile or budget."""
import json
import random

import pytest

import elf
import specimen
from tools import run, run_well

PAGE = specimen.PAGE
RANDOM = random.Random(7)
NOISE = b"".join(RANDOM.randbytes(PAGE // 2) + bytes(PAGE // 2) for _ in range(16))  # half of each page compresses
TEXT = elf.R | elf.X


def segments(*parts):
    """(flags, first page, pages) each, at the same address as in the file."""
    return [elf.Segment(flags, first * PAGE, pages * PAGE, first * PAGE) for flags, first, pages in parts]


def program(kind, parts, size=8 * PAGE - 100):
    return elf.elf_file(elf.Form(kind=kind), segments(*parts), NOISE[:size])


ADJACENT = program(elf.ET_EXEC, ((TEXT, 0, 2), (TEXT, 2, 2), (TEXT, 4, 2), (elf.R, 6, 2)))


def report(image):
    """{path: [(direct pages, reason) of each mapping]}."""
    found = json.loads(run("cramfsck", "--xip-report=json", image).stdout)
    return {file["path"]: [(m["direct_pages"], m["reason"]) for m in file["mappings"]] for file in found["files"]}


@pytest.mark.parametrize("blocks, direct, reasons", [
    ("dddddddd", (2, 2, 2, 2), {}),
    ("dcdcdcdc", (1, 1, 1, 1), {}),
    ("cddddddd", (0, 0, 0, 2), {1: "before", 2: "before"}),
    ("ddcdddcd", (2, 0, 0, 0), {2: "before"}),
])
def test_a_mapping_that_continues_one_without_a_direct_page_is_merged(tmp_path, blocks, direct, reasons):
    image = tmp_path / "image"
    image.write_bytes(specimen.make_image(specimen.directory({b"p": specimen.file(ADJACENT, blocks)})))
    found = report(image)["/p"]
    assert tuple(pages for pages, _ in found) == direct
    merged = {i: reason for i, (_, reason) in enumerate(found) if reason and reason.startswith("merged")}
    assert merged == {i: f"merged with the mapping {where} it" for i, where in reasons.items()}


def test_the_text_names_the_reason(tmp_path):
    image = tmp_path / "image"
    image.write_bytes(specimen.make_image(specimen.directory({b"p": specimen.file(ADJACENT, "cddddddd")})))
    shown = run("cramfsck", "--xip-report", "-v", image).stdout.decode()
    assert "segment 1 r-x at 0x002000: 0 of 2 direct: merged with the mapping before it" in shown


def library():
    """r--, r-x, r--, and data with a PT_DYNAMIC: no interpreter and no DF_1_PIE, so no program."""
    parts = segments((elf.R, 0, 1), (TEXT, 1, 3), (elf.R, 4, 2), (elf.R | elf.W, 6, 1))
    dynamic = elf.Segment(elf.R | elf.W, 6 * PAGE, 8, 6 * PAGE, kind=2)
    data = bytearray(elf.elf_file(elf.Form(), [*parts, dynamic], NOISE[:8 * PAGE - 100]))
    data[6 * PAGE:6 * PAGE + 8] = bytes(8)  # DT_NULL
    return bytes(data)


@pytest.mark.parametrize("blocks, merged", [("cdddddcc", True), ("dcccddcc", False), ("cdddcdcc", True)])
def test_a_library_s_constants_merge_with_what_is_left_of_its_first_mapping(tmp_path, blocks, merged):
    image = tmp_path / "image"
    image.write_bytes(specimen.make_image(specimen.directory({b"p": specimen.file(library(), blocks)})))
    found = report(image)["/p"]
    assert found[2][0] == (0 if merged else 2)
    assert (found[2][1] == "merged with the mapping after it") == merged, found


@pytest.mark.parametrize("blocks, direct", [("ddddcccc", (2, 2)), ("cdddcccc", (0, 0)), ("dcddcccc", (1, 2)), ("ddcdcccc", (2, 0))])
def test_constants_beside_constants_of_an_executable(tmp_path, blocks, direct):
    """r-- that continues r--: merged when the first has no direct page."""
    data = program(elf.ET_EXEC, ((elf.R, 0, 2), (elf.R, 2, 2), (TEXT, 4, 2)))
    image = tmp_path / "image"
    image.write_bytes(specimen.make_image(specimen.directory({b"p": specimen.file(data, blocks)})))
    found = report(image)["/p"]
    assert tuple(pages for pages, _ in found)[:2] == direct
    assert (found[1][1] == "merged with the mapping before it") == (direct == (0, 0))


def test_a_touched_page_of_constants_brings_the_first_of_those_before_it(tmp_path):
    data = program(elf.ET_EXEC, ((elf.R, 0, 2), (elf.R, 2, 2), (TEXT, 4, 2)))
    assert build(tmp_path, data, [2]) == [1, 1, 0]


def build(tmp_path, data, touched, *options):
    """An image with the pages of the one file that were touched in place, and what its mappings have direct."""
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "p").write_bytes(data)
    profile = tmp_path / "profile"
    profile.write_text("path,offset,count\n" +
                       "".join(f"/p,{page * PAGE},1\n" for page in touched))
    run_well("mkcramfs-xip", "-q", f"--xip-profile={profile}", *options, tmp_path / "tree", tmp_path / "image")
    run_well("cramfsck", tmp_path / "image")
    return [direct for direct, _ in report(tmp_path / "image")["/p"]]


def test_a_touched_page_brings_the_first_pages_of_what_its_mapping_continues(tmp_path):
    assert build(tmp_path, ADJACENT, [4]) == [1, 1, 1, 0]


def test_a_library_s_touched_constants_bring_its_first_page(tmp_path):
    """The rest of the first mapping comes after the other mappings, which are laid over it. The file is not a program:
    it has a PT_DYNAMIC, and neither an interpreter nor DF_1_PIE."""
    parts = segments((elf.R, 0, 1), (TEXT, 1, 3), (elf.R, 4, 2), (elf.R | elf.W, 6, 1))
    dynamic = elf.Segment(elf.R | elf.W, 6 * PAGE, 8, 6 * PAGE, kind=2)
    data = bytearray(elf.elf_file(elf.Form(), [*parts, dynamic], NOISE[:8 * PAGE - 100]))
    data[6 * PAGE:6 * PAGE + 8] = bytes(8)  # DT_NULL
    assert build(tmp_path, bytes(data), [4]) == [1, 0, 1, 0]


def test_a_program_s_touched_constants_do_not(tmp_path):
    data = program(elf.ET_EXEC, ((elf.R, 0, 1), (TEXT, 1, 3), (elf.R, 4, 2), (elf.R | elf.W, 6, 1)))
    assert build(tmp_path, data, [4]) == [0, 0, 1, 0]


@pytest.mark.parametrize("budget", [0, 4096, 9000, 13000, 17000, 40000])
def test_no_budget_pays_for_pages_that_are_merged_away(tmp_path, budget):
    """All pages in place are direct: the builder proves it, and the report agrees."""
    direct = build(tmp_path, ADJACENT, [2, 3, 4, 6], f"--xip-budget={budget}")
    for earlier, later in ((0, 1), (1, 2)):
        assert direct[earlier] or not direct[later], direct
