"""64-bit ARM with an MMU, and pages of 64 KiB (with --all-kernels also 16 and 4): ELF64, and everything that counts
pages."""
import random

import pytest

import case
import cut_library
import cut_root
import debian_root
import programs
import random_options
import random_tree
import trap_tree
from conftest import fetch_debian
from debian_root import AGENT, LINKED, PROGRAM, STATIC

SEEDS = range(2651, 2655)
PROGRAMS = {
    b"static": programs.STATIC, b"static-separate": (*programs.STATIC, "-Wl,-z,separate-code"),
    b"pie": programs.STATIC_PIE, b"pie-separate": (*programs.STATIC_PIE, "-Wl,-z,separate-code"),
}


@pytest.mark.parametrize("options", ["--xip=auto", "--xip=none", "-p"])
def test_the_traps_of_the_format(arm64, tools, tmp_path, options):
    trap_tree.make_trap_tree(tmp_path / "source")
    observed = case.run_case(arm64, tools, tmp_path / "source", tmp_path / "image", *options.split())
    trap_tree.check(observed.compare(), options)
    assert not case.loader_disagreements(observed)


@pytest.mark.parametrize("seed", SEEDS)
def test_random_tree(arm64, tools, debian_arm64, tmp_path, seed):
    donors = [(debian_arm64 / name).read_bytes() for name in ("usr/bin/ldd", "usr/bin/getent")]
    random_tree.make_random_tree(tmp_path / "source", seed, nodes=80, donors=donors)
    options = random_options.random_options(seed, tmp_path)
    print(f"seed {seed}, {options}")
    observed = case.run_case(arm64, tools, tmp_path / "source", tmp_path / "image", *options.words)
    observed.compare().verdict(nodes=250, files=80, bytes=2 << 20, mappings=60, pages=250)
    assert not case.loader_disagreements(observed)


@pytest.fixture(scope="module")
def booted(arm64, tools, debian_arm64, tmp_path_factory):
    """Debian's busybox and C library as the root."""
    work = tmp_path_factory.mktemp("root")
    debian_root.make_root(work / "root", debian_arm64, arm64)
    return case.run_case(arm64, tools, work / "root", work / "image", init="/sbin/init",
                         extra_requests=debian_root.run_requests())


def test_the_debian_root_is_the_source_tree(booted):
    booted.compare().verdict(nodes=700, files=600, bytes=16 << 20, mappings=800, pages=1000, direct_pages=300,
                             mixed_mappings=10, refused_mappings=250)
    assert not case.loader_disagreements(booted)


@pytest.mark.parametrize("path", [PROGRAM, "loader", "library", AGENT])
def test_init_was_mapped_as_predicted(booted, arm64, path):
    path = {"loader": arm64.machine.loader, "library": debian_root.library(arm64.machine)}.get(path, path)
    debian_root.check_start(booted, path, direct_pages=1)
    if path != AGENT:
        debian_root.check_text_in_rom(booted, path, 1)


@pytest.mark.parametrize("name", [*LINKED, STATIC])
def test_a_program_and_its_library_are_loaded_as_predicted(booted, name):
    debian_root.check_program(booted, name, 2)


def test_the_kernel_s_loader_asks_for_what_the_report_names(arm64, tools, tmp_path):
    comparison = case.compare_programs(arm64, tools, tmp_path, PROGRAMS)
    comparison.verdict(nodes=10, mappings=20, direct_pages=20)


@pytest.fixture(scope="module")
def at_work(arm64, tools, tmp_path_factory):
    """Debian's programs, cut and doing work."""
    work = tmp_path_factory.mktemp("at-work")
    packages = fetch_debian(work / "packages", "arm64", cut_root.PACKAGES)
    cut_root.make(work / "root", packages, arm64)
    return cut_root.boot(arm64, tools, work / "root", work / "image", random.Random(64), "--xip-split")


def test_programs_that_are_cut_work_and_are_mapped_as_predicted(at_work):
    observed, split = at_work
    cut_root.check_work(observed)
    assert split["files"] >= 10, split
    observed.compare().verdict(nodes=500, files=400, mappings=500, pages=800, direct_pages=200)


@pytest.mark.parametrize("path", ["usr/bin/perl", *(f"usr/lib/aarch64-linux-gnu/lib{name}" for name in ("sqlite3.so.0", "crypto.so.3"))])
def test_each_piece_is_mapped_as_predicted(at_work, path):
    observed, _ = at_work
    cut_root.check_loaded(observed, path, cut_root.work_of(observed)["messages"], 3, mappings=2, direct_pages=2)


@pytest.mark.parametrize("layout, hot, cuts", cut_library.CASES)
def test_a_library_that_is_cut_is_at_work(arm64, tools, tmp_path, layout, hot, cuts):
    cut_library.check(arm64, tools, tmp_path, layout, hot, cuts)
