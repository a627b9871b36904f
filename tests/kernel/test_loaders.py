"""Programs as linkers make them, loaded by the kernel: it asks for the mappings that the report names, one by one."""
import struct

import pytest

import case
import elf
import oracle
import programs
from programs import STATIC, STATIC_PIE
from trees import Tree

FORMS = {
    b"static": STATIC,
    b"static-separate": (*STATIC, "-Wl,-z,separate-code"),
    b"pie": STATIC_PIE,
    b"pie-separate": (*STATIC_PIE, "-Wl,-z,separate-code"),
    b"pie-wide": (*STATIC_PIE, "-Wl,-z,max-page-size=65536"),
}
# For a static-PIE that needs more than a page's alignment, the kernel takes another address after its first choice.
MAPPED_TWICE = {b"pie-wide"}
UNRUNNABLE = b"shifted"


def shift_first_segment(program, by, big):
    """Its bytes begin BY bytes further in the file than their address allows."""
    data = bytearray(program)
    order = ">" if big else "<"
    at, = struct.unpack_from(order + "I", data, 28)
    kind, offset = struct.unpack_from(order + "II", data, at)
    while kind != elf.PT_LOAD:
        at += 32
        kind, offset = struct.unpack_from(order + "II", data, at)
    struct.pack_into(order + "I", data, at + 4, offset + by)
    return bytes(data)


@pytest.fixture(scope="module")
def ran(either_arm, tools, tmp_path_factory):
    """The Case, and the record of each program's run."""
    work = tmp_path_factory.mktemp("loaders")
    toolchain = either_arm.machine.toolchain
    tree = Tree(work / "source")
    for name, options in FORMS.items():
        data = programs.build(toolchain, programs.LONG_WHERE, *options).read_bytes()
        tree.file(name, data, 0o755)
    tree.file(UNRUNNABLE, shift_first_segment(data, 4, either_arm.machine.big), 0o755)
    requests = [f"run {name.hex()}" for name in (*FORMS, UNRUNNABLE)]
    observed = case.run_case(either_arm, tools, work / "source", work / "image", extra_requests=requests)
    return observed, {run["path"]: run for run in observed.observation.runs}


def reported(observed, path):
    return next(file for file in observed.report["files"] if oracle.path_of(file) == path)


def test_what_is_mapped_is_what_the_report_says(ran):
    ran[0].compare().verdict(nodes=14, files=12, mappings=19, direct_pages=75, direct_mappings=6, mixed_mappings=8)


@pytest.mark.parametrize("name", FORMS)
def test_the_kernel_s_loader_asks_for_what_the_report_names(ran, name):
    observed, runs = ran
    run = runs[name]
    assert (run["status"], run["output"][:8]) == (0, b"text at "), run
    comparison = oracle.Comparison()
    oracle.compare_load(comparison, reported(observed, name), run["messages"], name in MAPPED_TWICE)
    comparison.verdict(mappings=2, lengths=1, direct_pages=6)


def test_a_segment_whose_offset_and_address_differ_within_the_page_does_not_load(ran):
    observed, runs = ran
    first = reported(observed, UNRUNNABLE)["mappings"][0]
    assert (first["direct_pages"], first["reason"]) == (0, oracle.IMPOSSIBLE)
    assert runs[UNRUNNABLE]["status"] > 128, "a signal should have ended it"
    assert not oracle.read_decisions(runs[UNRUNNABLE]["messages"])
