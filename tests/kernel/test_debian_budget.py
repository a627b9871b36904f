"""An image for a budget, on Debian's armhf tree as the root: the prefixes that were chosen are what the kernel maps."""
import json
import os

import pytest

import case
import debian_root
import oracle
from debian_root import AGENT, LIBRARY, LINKED, LOADER, PROGRAM, STATIC

SHARE = 0.5  # of the cost of everything in place


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return tmp_path_factory.mktemp("budget")


@pytest.fixture(scope="module")
def sizes(tools, debian_root_tree, work):
    """The image's size with nothing in place, and with everything."""
    options = [] if os.geteuid() == 0 else ["-q"]
    for name, xip in (("nothing", "none"), ("everything", "auto")):
        tools.pack(debian_root_tree, work / name, f"--xip={xip}", *options)
    return (work / "nothing").stat().st_size, (work / "everything").stat().st_size


@pytest.fixture(scope="module")
def budget(sizes):
    nothing, everything = sizes
    return int(SHARE * (everything - nothing))


@pytest.fixture(scope="module")
def booted(arm, tools, debian_root_tree, work, budget):
    return case.run_case(arm, tools, debian_root_tree, work / "image", f"--xip-budget={budget}",
                         f"--stats=json:{work / 'stats'}", init="/sbin/init", extra_requests=debian_root.run_requests())


@pytest.fixture(scope="module")
def choice(booted, work):
    """The builder's choice, from its output."""
    return json.loads((work / "stats").read_text())["choice"]


def mapped_prefixes(booted):
    """[(path, first page, direct pages)] of each read-only mapping of a program, as the kernel made it."""
    asked = oracle.predictions(booted.report)
    return [(path, offset // oracle.PAGE, record["direct_pages"])
            for (path, offset, _, flags, prediction), record in zip(asked, booted.observation.mappings)
            if "segment" in prediction and "w" not in flags]


def test_the_image_is_mapped_as_predicted_and_costs_no_more_than_the_budget(booted, choice, sizes, budget):
    booted.compare().verdict(nodes=700, files=600, bytes=16 << 20, mappings=800, pages=6000, direct_pages=2000,
                             mixed_mappings=300, refused_mappings=250)
    assert choice["cost"] == booted.image.stat().st_size - sizes[0] <= budget == choice["budget"]


def test_the_pages_that_the_builder_chose_are_those_that_the_kernel_maps(booted, choice):
    """Each page saves RAM once for each inode: files that are equal in every respect are one inode."""
    saved = set()
    for path, first, direct in mapped_prefixes(booted):
        node = booted.expected[path]
        inode = (node["mmap"], node["size"], node["mode"], node["uid"], node["gid"])
        saved.update((inode, first + page) for page in range(direct))
    assert len(saved) == choice["pages"] > 1000
    assert choice["left_pages"] > 300


def direct_pages(report):
    return {(oracle.path_of(file), mapping["segment"]): mapping["direct_pages"]
            for file in report["files"] for mapping in file["mappings"]}


def test_prefixes_are_cut_where_more_would_have_been_direct(booted, tools, work):
    """Not only whole segments, nor all or nothing."""
    everything = tools.report(work / "everything", *booted.machine.report_options)
    full, chosen = direct_pages(everything), direct_pages(booted.report)
    assert all(chosen[key] <= full[key] for key in full)
    left = sum(0 == chosen[key] < full[key] for key in full)
    cut = sum(0 < chosen[key] < full[key] for key in full)
    whole = sum(0 < chosen[key] == full[key] for key in full)
    assert left > 10 and cut > 100 and whole > 10, (left, cut, whole)


@pytest.mark.parametrize("name", [*LINKED, STATIC])
def test_programs_run_and_are_loaded_as_predicted(booted, name):
    run = next(run for run in booted.observation.runs if run["path"] == f"usr/bin/{name}".encode())
    assert (run["status"], run["output"]) == (0, b"answered\n"), run
    comparison = oracle.Comparison()
    oracle.compare_load(comparison, booted.reported(f"usr/bin/{name}"), run["messages"])
    comparison.verdict(mappings=2, reasons=2)


@pytest.mark.parametrize("path", [PROGRAM, LOADER, LIBRARY, AGENT])
def test_init_was_mapped_as_predicted(booted, path):
    comparison = oracle.Comparison()
    oracle.compare_load(comparison, booted.reported(path), booted.observation.boot_messages)
    comparison.verdict(mappings=2, lengths=1)
