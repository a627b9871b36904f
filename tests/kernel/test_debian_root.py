"""Debian's armhf busybox and C library as the root file system: what runs, runs from ROM, page for page as said."""
import os

import pytest

import case
import debian_root
import oracle
from debian_root import AGENT, LIBRARY, LINKED, LOADER, PROGRAM, STATIC


@pytest.fixture(scope="module")
def booted(arm, tools, debian_root_tree, tmp_path_factory):
    image = tmp_path_factory.mktemp("root") / "image"
    return case.run_case(arm, tools, debian_root_tree, image, init="/sbin/init",
                         extra_requests=debian_root.run_requests())


def test_the_root_is_the_source_tree(booted):
    booted.compare().verdict(nodes=700, files=600, bytes=16 << 20, mappings=800, pages=6000, direct_pages=3000,
                             direct_mappings=2, mixed_mappings=400, refused_mappings=250)


def test_the_report_s_mappings_are_those_of_the_program_headers(booted):
    assert not case.loader_disagreements(booted)


@pytest.mark.parametrize("path, direct", [(PROGRAM, 20), (LOADER, 20), (LIBRARY, 20), (AGENT, 3)])
def test_init_was_mapped_as_predicted(booted, path, direct):
    """What the kernel's ELF loader and ld.so asked for while /sbin/init and the agent started, mapping by mapping."""
    comparison = oracle.Comparison()
    oracle.compare_load(comparison, booted.reported(path), booted.observation.boot_messages)
    comparison.verdict(mappings=2, lengths=1, direct_pages=direct)


@pytest.mark.parametrize("path", [PROGRAM, LOADER, LIBRARY])
def test_init_s_text_lies_in_rom(booted, path):
    """The same from the other side: the frames in the page table of the running process."""
    file = booted.reported(path)
    text = [region for region in booted.observation.regions
            if region["path"] == os.fsencode(file["path"]) and region["flags"] == "r-xp"]
    predicted = [mapping for mapping in file["mappings"] if mapping["flags"] == "r-x"]
    assert len(text) == len(predicted) == 1
    # The first mapping of a position-independent object is cut to its segment once the others are laid over it.
    assert text[0]["rom_pages"] == min(predicted[0]["direct_pages"], text[0]["pages"])
    assert text[0]["rom_pages"] == text[0]["pages"] >= 20


@pytest.mark.parametrize("name", [*LINKED, STATIC])
def test_a_program_and_its_library_are_loaded_as_predicted(booted, name):
    run = next(run for run in booted.observation.runs if run["path"] == f"usr/bin/{name}".encode())
    assert (run["status"], run["output"]) == (0, b"answered\n"), run
    comparison = oracle.Comparison()
    oracle.compare_load(comparison, booted.reported(f"usr/bin/{name}"), run["messages"])
    if name in LINKED:
        oracle.compare_load(comparison, booted.reported(f"usr/lib/test/libword-{name}.so"), run["messages"])
    comparison.verdict(mappings=4 if name in LINKED else 2, lengths=1, direct_pages=2)
