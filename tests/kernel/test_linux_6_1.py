"""Linux 6.1 for ARM, which also loads FDPIC programs: an older kernel maps what the report says, and so does that loader."""
import random

import pytest

import case
import cut_root
import mps2
import oracle
import programs
import random_options
import random_tree
import trap_tree
from trees import Tree

SEEDS = range(2661, 2667)
FDPIC = {b"program": {}, b"one-block": {"constant_displacement": True}}
PROGRAMS = {b"static": programs.STATIC, b"pie": programs.STATIC_PIE}


@pytest.mark.parametrize("options", ["--xip=auto", "--xip=none", "--legacy --no-holes"])
def test_the_traps_of_the_format(arm_6_1, tools, tmp_path, options):
    trap_tree.make_trap_tree(tmp_path / "source")
    observed = case.run_case(arm_6_1, tools, tmp_path / "source", tmp_path / "image", *options.split())
    trap_tree.check(observed.compare(), options)


@pytest.mark.parametrize("seed", SEEDS)
def test_random_tree(arm_6_1, tools, tmp_path, seed):
    random_tree.make_random_tree(tmp_path / "source", seed)
    options = random_options.random_options(seed, tmp_path)
    print(f"seed {seed}, {options}")
    observed = case.run_case(arm_6_1, tools, tmp_path / "source", tmp_path / "image", *options.words)
    observed.compare().verdict(nodes=600, files=290, bytes=4 << 20, mappings=200, pages=1000)


def test_the_kernel_s_loader_asks_for_what_the_report_names(arm_6_1, tools, tmp_path):
    comparison = case.compare_programs(arm_6_1, tools, tmp_path, PROGRAMS)
    comparison.verdict(nodes=6, mappings=8, direct_pages=12)


@pytest.fixture(scope="module", params=["4", "max"])
def cut(arm_6_1, tools, debian_at_work, tmp_path_factory, request):
    """Debian's programs, cut; most have their table after the file."""
    image = tmp_path_factory.mktemp("split") / "image"
    return cut_root.boot(arm_6_1, tools, debian_at_work, image, random.Random(61), f"--xip-split={request.param}")


def test_programs_with_an_appended_table_work(cut, debian_at_work):
    observed, _ = cut
    longer = {path for path in cut_root.elf_files(debian_at_work)
              if (observed.source / path).stat().st_size > (debian_at_work / path).stat().st_size}
    assert {"usr/bin/perl", "usr/bin/openssl"} <= longer, longer
    cut_root.check_work(observed)
    observed.compare().verdict(nodes=500, files=400, mappings=600, pages=5000, direct_pages=1000)


@pytest.mark.parametrize("path", cut_root.RUN)
def test_each_piece_is_mapped_as_predicted(cut, path):
    observed, _ = cut
    cut_root.check_loaded(observed, path, cut_root.work_of(observed)["messages"], 4, mappings=3, direct_pages=5)


@pytest.fixture(scope="module")
def fdpic(arm_6_1, tools, tmp_path_factory):
    """name -> the report's entry, and the program's output; with the kernel's messages."""
    work = tmp_path_factory.mktemp("fdpic")
    tree = Tree(work / "source")
    for name, asked in FDPIC.items():
        tree.file(name, mps2.fdpic_program(**asked), 0o755)
    image = work / "image"
    tools.pack(work / "source", image, "-q", "--kernel=fdpic")
    report = tools.report(image, "--kernel=fdpic", f"--base={arm_6_1.machine.rom_base:#x}")
    runs = arm_6_1.boot(image, [f"run {name.hex()}" for name in FDPIC]).runs
    return {run["path"]: (next(file for file in report["files"] if file["path"] == "/" + run["path"].decode()), run)
            for run in runs}


@pytest.mark.parametrize("name", FDPIC)
def test_the_fdpic_loader_maps_each_segment_as_predicted(fdpic, name):
    file, run = fdpic[name]
    assert run["status"] == 0, (run["status"], run["output"])
    said = mps2.read_said(run["output"].decode())
    assert said.whole == ["program"]
    comparison = oracle.Comparison()
    oracle.compare_load(comparison, file, run["messages"])
    comparison.verdict(mappings=2)
