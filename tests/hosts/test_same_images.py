"""The same tree, options and version of the compressor give the same bytes on every host; and an image reads the same on
every host.

The hosts have zlib, libdeflate and zopfli of one Debian release; for musl they are built from its sources.
"""
import os
import pathlib
import subprocess

import pytest

import conftest
import hosts
import random_tree
from tools import directory

RULES = pathlib.Path(__file__).parents[1] / "roundtrip" / "mixed.rules"
SEEDS = (20261126, 15)
OPTIONS = {
    "default": [],
    "big endian": ["-N", "big", "-n", "volume", "-e", "7"],
    "little endian": ["-N", "little"],
    "pages of 16 KiB": ["-b", "16K"],
    "text only": ["--xip=text"],
    "whole programs": ["--xip=all"],
    "nothing in place": ["--xip=none"],
    "budget": ["--xip-budget=100K"],
    "rules": [f"--xip-rules={RULES}", "--xip-sticky"],
    "without an MMU": ["--kernel=nommu", f"--xip-rules={RULES}"],
    "legacy, no holes": ["--legacy", "--no-holes"],
    "zlib": ["--compressor=zlib", "--level=9"],
    "smallest": ["--level=12"],
    "boot code, padding, swapped": ["-p", "--pad-to=8M", "--swap16"],
    "many threads": ["-j", "7"],
}
READERS = {
    "checked": ["cramfsck", "-E"],
    "XIP report": ["cramfsck", "--xip-report=json"],
    "list": ["cramfs-dump", "-R"],
    "extents": ["cramfs-dump", "--extents"],
    "manifest": ["cramfs-dump", "--mtree"],
    "tar": ["cramfs-dump", "--tar"],
}


@pytest.fixture(scope="session")
def host(request, tmp_path_factory):
    made = hosts.make(request.param, tmp_path_factory.mktemp(request.param))
    conftest.compared.append(request.param)
    yield made
    made.remove()


@pytest.fixture(scope="session")
def sources(tmp_path_factory):
    print("seeds", SEEDS)
    folder = tmp_path_factory.mktemp("trees")
    for seed in SEEDS:
        random_tree.make_random_tree(folder / str(seed), seed, nodes=120)
    return [folder / str(seed) for seed in SEEDS]


def output(programs, program, *arguments):
    done = subprocess.run([pathlib.Path(programs).resolve() / program, *arguments], stdin=subprocess.DEVNULL, capture_output=True)
    return done.returncode, done.stdout, done.stderr


def image(programs, source, options, path):
    owner = [] if os.geteuid() == 0 else ["-q"]
    code, _, said = output(programs, "mkcramfs-xip", *options, *owner, source, path)
    assert code == 0, said.decode(errors="replace")
    return path.read_bytes()


def test_versions_of_the_compressors_are_the_same(host):
    """With other versions images may differ, without a fault."""
    assert output(host.bin, "mkcramfs-xip", "--version") == output(directory(), "mkcramfs-xip", "--version")


def test_its_own_tests_pass(host):
    host.tests()


@pytest.mark.parametrize("name", OPTIONS)
def test_images_are_the_same(name, host, sources, tmp_path):
    for source in sources:
        ours = image(directory(), source, OPTIONS[name], tmp_path / "ours.img")
        assert image(host.bin, source, OPTIONS[name], tmp_path / "theirs.img") == ours, source.name


@pytest.mark.parametrize("endian", ["little", "big"])
def test_what_is_read_of_them_is_the_same(endian, host, sources, tmp_path):
    path = tmp_path / "read.img"
    image(directory(), sources[0], ["-N", endian], path)
    for what, command in READERS.items():
        ours, theirs = (output(programs, *command, path) for programs in (directory(), host.bin))
        assert ours == theirs, what
