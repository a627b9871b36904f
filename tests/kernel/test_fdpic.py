"""FDPIC on a Cortex-M3 without an MMU: an init from ROM, each segment where the report says that it is."""
import struct

import pytest

import mps2
from trees import Tree

PROGRAMS = {
    b"program": {}, b"one-block": {"constant_displacement": True}, b"interpreted": {"interpreted": True},
    b"interpreter": {},
}


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    return mps2.Mps2(tmp_path_factory.mktemp("mps2"))


@pytest.fixture(scope="module")
def packed(tools, tmp_path_factory):
    """The image, and the report: path -> its entry."""
    work = tmp_path_factory.mktemp("fdpic")
    tree = Tree(work / "source")
    tree.directory(b"dev")
    for name, asked in PROGRAMS.items():
        tree.file(name, mps2.fdpic_program(**asked), 0o755)
    tools.pack(work / "source", work / "image", "-q", "--kernel=nommu")
    return work / "image", {file["path"]: file for file in tools.report(work / "image", *mps2.REPORT_OPTIONS)["files"]}


def linked_addresses(program):
    """Those of the PT_LOADs, by the number of their program header, as the report counts them."""
    start, = struct.unpack_from("<I", program, 28)
    headers = [struct.unpack_from("<8I", program, start + 32 * index) for index in range(program[44])]
    return {number: header[2] for number, header in enumerate(headers) if header[0] == 1}


def check_segments(said, whose, file, program):
    """Each segment is in ROM if and only if the report calls it direct; the text is, the data are not."""
    linked = linked_addresses(program)
    placed = said.segments[whose]
    assert list(placed) == list(linked.values()) and len(linked) == 2
    direct = {mapping["segment"]: mapping["direct_pages"] == mapping["pages"] for mapping in file["mappings"]}
    predicted = [direct.get(number, False) for number in linked]
    assert [mps2.in_rom(placed[address][0]) for address in linked.values()] == predicted
    return predicted


def text_of(said, whose):
    address, size = said.segments[whose][0]
    return range(address, address + size)


def test_text_runs_from_rom_and_data_are_copied(machine, packed):
    image, files = packed
    said = mps2.read_said(machine.console(image, "/program"))
    assert check_segments(said, "program", files["/program"], mps2.fdpic_program()) == [True, False]
    assert mps2.in_rom(said.text) and said.text in text_of(said, "program")
    assert said.whole == ["program"]


def test_segments_that_keep_their_distances_are_copied_to_one_block(machine, packed):
    image, files = packed
    said = mps2.read_said(machine.console(image, "/one-block"))
    program = mps2.fdpic_program(constant_displacement=True)
    assert check_segments(said, "program", files["/one-block"], program) == [False, False]
    distances = {address - linked for linked, (address, _) in said.segments["program"].items()}
    assert len(distances) == 1
    assert not mps2.in_rom(said.text) and said.whole == ["program"]


def test_an_interpreter_runs_from_rom_too(machine, packed):
    image, files = packed
    said = mps2.read_said(machine.console(image, "/interpreted"))
    for whose, path in (("program", "/interpreted"), ("interpreter", "/interpreter")):
        program = mps2.fdpic_program(**PROGRAMS[path[1:].encode()])
        assert check_segments(said, whose, files[path], program) == [True, False]
    assert said.text in text_of(said, "interpreter")
    assert said.whole == ["program", "interpreter"]
