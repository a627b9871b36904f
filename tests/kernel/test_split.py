"""Files with cut segments (--xip-split): they run, and each piece is direct as the report says, page by page.

Touched pages are drawn from seeds, which tests the cuts more than a boot does: pages far apart, in every file.
"""
import os
import random

import pytest

import case
import cut_library
import cut_root
import elf
import oracle
import programs
from cut_root import pack_and_extract, profile_of
from programs import STATIC, STATIC_PIE
from trees import Tree, compressible

PAGE = 4096
ARM_RUN = (*cut_root.RUN, *(f"usr/lib/arm-linux-gnueabihf/lib{name}" for name in ("sqlite3.so.0", "crypto.so.3")))


@pytest.fixture(scope="module", params=["4", "max"])
def booted(arm, tools, debian_at_work, tmp_path_factory, request):
    rng = random.Random(20 + len(request.param))
    image = tmp_path_factory.mktemp("split") / "image"
    return *cut_root.boot(arm, tools, debian_at_work, image, rng, f"--xip-split={request.param}"), request.param


def test_the_tree_and_every_mapping_are_as_predicted(booted):
    observed, split, cuts = booted
    assert split["files"] >= 30 and split["mappings"] >= (100 if cuts == "4" else 250), split
    observed.compare().verdict(nodes=500, files=400, mappings=600, pages=5000, direct_pages=1000)


def test_real_work_is_done_by_programs_that_are_cut(booted):
    cut_root.check_work(booted[0])


@pytest.mark.parametrize("path", ARM_RUN)
def test_loaders_ask_for_each_piece_and_get_what_was_predicted(booted, path):
    observed, _, cuts = booted
    messages = cut_root.work_of(observed)["messages"]
    cut_root.check_loaded(observed, path, messages, 4 if cuts == "4" else 5, mappings=3, direct_pages=5)


LIBRARIES = ("lib/arm-linux-gnueabihf/libc.so.6", "lib/ld-linux-armhf.so.3")


@pytest.mark.parametrize("path", LIBRARIES)
def test_the_c_library_and_the_dynamic_loader_are_loaded_as_predicted(booted, path):
    observed, _, _ = booted
    cut_root.check_loaded(observed, path, observed.observation.boot_messages, 2, mappings=2, direct_pages=3)


KINDS = {
    b"static": STATIC, b"pie": STATIC_PIE,
    b"static-separate": (*STATIC, "-Wl,-z,separate-code"), b"pie-separate": (*STATIC_PIE, "-Wl,-z,separate-code"),
    b"pie-wide": (*STATIC_PIE, "-Wl,-z,max-page-size=65536"),
}


@pytest.mark.parametrize("touched", [(0, 2, 4), (0, 3), (2, 4)])
def test_freestanding_programs_run_cut_in_both_byte_orders(either_arm, tools, tmp_path, touched):
    tree = Tree(tmp_path / "source")
    rows = ["path,offset,count"]
    for kind, options in KINDS.items():
        program = programs.build(either_arm.machine.toolchain, programs.LONG_WHERE, *options).read_bytes()
        tree.file(kind, program, 0o755)
        rows += [f"/{kind.decode()},{page * PAGE},1" for page in touched]
    (tmp_path / "profile").write_text("\n".join(rows) + "\n")
    seen, split = pack_and_extract(tools, tmp_path / "source", tmp_path / "image", either_arm.machine,
                                   f"--xip-profile={tmp_path / 'profile'}", "--xip-split")
    requests = [f"run {kind.hex()}" for kind in KINDS]
    observed = case.look_at(either_arm, tools, seen, tmp_path / "image", os.geteuid() != 0, extra_requests=requests)
    comparison = observed.compare()
    for run in observed.observation.runs:
        assert (run["status"], run["output"][:8]) == (0, b"text at "), run
        file = observed.reported(run["path"].decode())
        oracle.compare_load(comparison, file, run["messages"], run["path"] == b"pie-wide")
    comparison.verdict(nodes=2 * (1 + len(KINDS)), mappings=20, direct_pages=15)
    assert split["files"] <= len(KINDS)


@pytest.mark.parametrize("layout, hot, cuts", cut_library.CASES)
def test_a_library_that_is_cut_is_at_work_in_both_byte_orders(either_arm, tools, tmp_path, layout, hot, cuts):
    cut_library.check(either_arm, tools, tmp_path, layout, hot, cuts)


def random_program(rng, big):
    """An ELF file of a random layout; slack after its segments in some, other bytes in others."""
    sizes = [rng.randint(1, 12) * PAGE + rng.randint(1, PAGE - 1) for _ in range(3)]
    segments, size = rng.choice([
        lambda: elf.text_and_data(sizes[0], 300), lambda: elf.separate_code(*sizes, 300),
        lambda: elf.text_only(sizes[0] + sizes[1]), lambda: elf.wide_alignment(sizes[0] + sizes[1], 500)])()
    data = bytearray(compressible(rng, size))
    for segment in segments:
        end = segment.offset + segment.filesz
        if rng.random() < 0.5:
            slack = range(end, min(-(-end // PAGE) * PAGE, size))
            if not any(s.offset < slack.stop and slack.start < s.offset + s.filesz for s in segments):
                data[slack.start:slack.stop] = bytes(len(slack))
    kind = rng.choice([elf.ET_EXEC, elf.ET_DYN])
    return elf.elf_file(elf.Form(rng.choice([32, 64]), big, kind), segments, bytes(data))


def test_thirty_random_programs_with_random_profiles_and_cuts(either_arm, tools, tmp_path):
    comparison = oracle.Comparison()
    changed = 0
    for cuts in ("1", "4", "max"):
        rng = random.Random(f"{either_arm.machine.kernel} {cuts}")
        work = tmp_path / cuts
        work.mkdir()
        tree = Tree(work / "source")
        names = [f"program{number}" for number in range(30)]
        for name in names:
            tree.file(name.encode(), random_program(rng, either_arm.machine.big), 0o755)
        options = [profile_of(work / "source", work / "profile", rng, names, 0.3), f"--xip-split={cuts}"]
        if cuts == "4":
            options.append("--xip-budget=200K")
        seen, split = pack_and_extract(tools, work / "source", work / "image", either_arm.machine, *options)
        changed += split["files"]
        observed = case.look_at(either_arm, tools, seen, work / "image", os.geteuid() != 0)
        found = observed.compare()
        comparison.differences += [f"{cuts}: {difference}" for difference in found.differences]
        comparison.counted.update(found.counted)
    comparison.verdict(files=180, mappings=300, direct_pages=300, mixed_mappings=50)
    assert changed >= 20, changed
