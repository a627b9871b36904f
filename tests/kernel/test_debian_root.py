"""Debian's armhf busybox and C library as the root file system: programs run from ROM, page for page as reported."""
import pytest

import case
import debian_root
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
    debian_root.check_start(booted, path, direct_pages=direct)


@pytest.mark.parametrize("path", [PROGRAM, LOADER, LIBRARY])
def test_init_s_text_lies_in_rom(booted, path):
    debian_root.check_text_in_rom(booted, path, 20)


@pytest.mark.parametrize("name", [*LINKED, STATIC])
def test_a_program_and_its_library_are_loaded_as_predicted(booted, name):
    debian_root.check_program(booted, name, 2)
