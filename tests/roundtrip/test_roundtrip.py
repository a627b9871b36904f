"""Random trees, packed with every kind of option and taken out again: nothing is lost, nothing changes.

Without root the trees have one owner and no devices.
"""
import os
import pathlib
import shutil
import stat
import subprocess

import pytest

import describe
import determinism
import random_tree
import usage
from tools import CLEAN, as_plain_user, run, run_well

RULES = [f"--xip-rules={pathlib.Path(__file__).parent}/mixed.rules", "--xip-sticky"]
SEEDS = range(1, 13)
JOBS = (1, 2, 3, 8, 64)
OPTIONS = {
    "default": [],
    "big endian": ["-N", "big"],
    "pages of 8 KiB": ["-b", "8192"],
    "pages of 16 KiB, big endian": ["-b", "16K", "-N", "big"],
    "pages of 64 KiB": ["-b", "65536"],
    "nothing in place": ["--xip=none"],
    "rules": RULES,
    "rules, without an MMU, big endian": [*RULES, "--kernel=nommu", "-N", "big"],
    "rules, pages of 64 KiB, no holes": [*RULES, "-b", "65536", "--no-holes"],
    "no holes": ["--no-holes"],
    "legacy": ["--legacy"],
    "behind boot code": ["-p"],
    "zlib": ["--compressor=zlib", "--level=9"],
    "smallest": ["--level=12"],
}


def has(compressor):
    return compressor in run_well("mkcramfs-xip", "--version")


def available(options):
    """A build without libdeflate has fewer levels."""
    return [option for option in options if option != "--level=12" or has(b"libdeflate")]


@pytest.fixture(scope="module", params=SEEDS, ids=lambda seed: f"seed {seed}")
def source(request, tmp_path_factory):
    work = tmp_path_factory.mktemp("tree")
    random_tree.make_random_tree(work / "source", request.param)
    return work / "source"


def owner_options():
    return [] if os.geteuid() == 0 else ["-q"]


def page_options(options):
    return options[options.index("-b"):][:2] if "-b" in options else []


def dump_options(options):
    """The same for cramfs-dump, which would find out the kernel of an image from its programs."""
    return page_options(options) + ["--kernel=" + ("nommu" if "--kernel=nommu" in options else "mmu")]


def check_that_it_comes_out(source, options, tmp_path):
    image = tmp_path / "out.img"
    run_well("mkcramfs-xip", *options, *owner_options(), f"--extents={tmp_path}/planned", source, image)

    checked = run("cramfsck", "-v", "-E", *page_options(options), image)
    expected = [b" [name-control: "]  # names of any bytes
    # A stored block sometimes begins at a page by chance; without an MMU, a page in place does, too.
    by_chance = [line for line in checked.stderr.splitlines() if b" [tail-shared: " in line]
    if len(by_chance) <= 1 or RULES[0] in options:
        expected += [b" [tail-shared: "]
    said = [line for line in checked.stderr.splitlines() if not any(note in line for note in expected)]
    assert checked.returncode == CLEAN and said == [], checked.stderr.decode(errors="replace")

    found = run_well("cramfs-dump", "--extents", *dump_options(options), image)
    assert (tmp_path / "planned").read_bytes() == found
    usage.check(lambda *arguments: run_well("cramfs-dump", *arguments), image, *dump_options(options))

    run_well("cramfsck", "--privileged", "-x", tmp_path / "extracted", *page_options(options), image)
    as_root = os.geteuid() == 0
    expected = describe.describe(source, as_root)
    assert describe.differences(expected, describe.describe(tmp_path / "extracted", as_root)) == []


@pytest.mark.parametrize("name", OPTIONS)
def test_what_goes_in_comes_out(source, name, tmp_path):
    check_that_it_comes_out(source, available(OPTIONS[name]), tmp_path)


@pytest.mark.skipif(not has(b"zopfli"), reason="this build has no zopfli")
def test_what_zopfli_compresses_comes_out(tmp_path):
    """A small tree: zopfli is slow."""
    random_tree.make_random_tree(tmp_path / "source", 1, nodes=20)
    check_that_it_comes_out(tmp_path / "source", ["--compressor=zopfli", "--level=2"], tmp_path)


@pytest.mark.parametrize("name", ["default", "pages of 16 KiB, big endian", "behind boot code"])
def test_manifest_and_tar_of_an_image_give_it_again(source, name, tmp_path):
    """A tar cannot hold sockets: those are taken from the tree first."""
    options = [*OPTIONS[name], *owner_options()]
    image = tmp_path / "out.img"
    run_well("mkcramfs-xip", *options, source, image)
    (tmp_path / "a.mtree").write_bytes(run_well("cramfs-dump", "--mtree", *page_options(options), image))
    run_well("cramfsck", "-x", tmp_path / "extracted", *page_options(options), image)
    run_well("mkcramfs-xip", *options, f"--mtree-root={tmp_path}/extracted", tmp_path / "a.mtree", tmp_path / "again.img")
    assert (tmp_path / "again.img").read_bytes() == image.read_bytes()

    subprocess.run(["cp", "-a", source, tmp_path / "source"], check=True)
    subprocess.run(["find", tmp_path / "source", "-type", "s", "-delete"], check=True)
    run_well("mkcramfs-xip", *options, tmp_path / "source", image)
    (tmp_path / "a.tar").write_bytes(run_well("cramfs-dump", "--tar", *page_options(options), image))
    run_well("mkcramfs-xip", *options, tmp_path / "a.tar", tmp_path / "again.img")
    assert (tmp_path / "again.img").read_bytes() == image.read_bytes()


@pytest.mark.parametrize("options", [[], ["--xip=none"], ["--xip=all", "--xip-budget=100K"], RULES], ids=" ".join)
def test_bytes_do_not_depend_on_jobs(source, tmp_path, options):
    images = set()
    for jobs in JOBS:
        run_well("mkcramfs-xip", "--force", f"-j{jobs}", *options, *owner_options(), source, tmp_path / "out.img")
        images.add((tmp_path / "out.img").read_bytes())
    assert len(images) == 1


def test_bytes_do_not_depend_on_the_order_of_directories(source, tmp_path):
    determinism.same_in_either_order(source, tmp_path, *owner_options())


def test_bytes_do_not_depend_on_the_user(source, public_path):
    determinism.same_for_any_user(source, public_path)


def test_legacy_images_pass_util_linux_and_come_out_identical(source, tmp_path):
    """fsck.cramfs knows neither holes nor extended pointers, and only the host's byte order."""
    image = tmp_path / "legacy.img"
    run_well("mkcramfs-xip", "--legacy", "--no-holes", "-N", "host", *owner_options(), source, image)
    fsck = shutil.which("fsck.cramfs", path=os.environ["PATH"] + ":/sbin:/usr/sbin")
    assert fsck, "fsck.cramfs not found: install the package util-linux-extra (or util-linux)"
    done = subprocess.run([fsck, f"--extract={tmp_path}/extracted", image], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout.decode(errors="replace")
    as_root = os.geteuid() == 0
    lost, lost_of_directories = (0, 0o2000) if as_root else (0o6000, 0o6000)

    def comparable(tree):
        """It leaves directories the set-group-id bit that mkdir(2) gave them from the directory above, and a plain user no such bits."""
        return {path: (kind, mode & ~(lost_of_directories if kind == stat.S_IFDIR else lost), owner, held)
                for path, (kind, mode, owner, held) in tree.items()}

    expected = comparable(describe.describe(source, as_root))
    found = comparable(describe.describe(tmp_path / "extracted", as_root))
    assert describe.differences(expected, found) == []


def test_a_plain_user_extracts_what_a_plain_user_can(source, public_path):
    """Without device nodes and owners; read-only directories are filled nevertheless."""
    image = public_path / "out.img"
    run_well("mkcramfs-xip", *owner_options(), source, image)
    image.chmod(0o644)
    run_well("cramfsck", "-x", public_path / "here", image, prefix=as_plain_user())

    def without_set_id(tree):
        return {path: (kind, mode & 0o1777, owner, held) for path, (kind, mode, owner, held) in tree.items()}

    expected = without_set_id(describe.describe(source, owners=False, specials=False))
    found = without_set_id(describe.describe(public_path / "here", owners=False))
    assert describe.differences(expected, found) == []
