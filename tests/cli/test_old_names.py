"""Called as mkfs.cramfs or mkcramfs: the options and defaults of those programs."""
import os
import shutil
import struct
import subprocess
import sys

import pytest

from tools import OPERATIONAL, USAGE, directory, run, run_well

PAGE = os.sysconf("SC_PAGESIZE")
HOLES, SHIFTED, EXTENDED = 0x100, 0x400, 0x800
HOST = "<" if sys.byteorder == "little" else ">"


@pytest.fixture
def call(tmp_path):
    """Runs mkcramfs-xip under another name."""
    def run_as(name, *arguments, code=0):
        link = tmp_path / "bin" / name
        link.parent.mkdir(exist_ok=True)
        if not link.exists():
            link.symlink_to(directory() / "mkcramfs-xip")
        done = subprocess.run([link, *arguments], stdin=subprocess.DEVNULL, capture_output=True)
        assert done.returncode == code, done.stderr
        return done
    return run_as


@pytest.fixture(name="tree")
def make_tree(source):
    """Equal files, zeroes, and a program: the defaults decide about these."""
    (source / "zeroes").write_bytes(bytes(3 * PAGE))
    (source / "one").write_bytes(b"twin" * 3000)
    (source / "two").write_bytes(b"twin" * 3000)
    (source / "two").chmod(0o600)
    shutil.copy(directory() / "cramfsck", source / "program")
    return source


def flags_of(image, order=HOST):
    magic, _, flags = struct.unpack_from(order + "III", image.read_bytes())
    assert magic == 0x28cd3d45
    return flags


@pytest.mark.parametrize("name", ["mkfs.cramfs", "mkcramfs"])
def test_defaults_are_those_of_the_old_programs(name, call, tree, image):
    call(name, tree, image)
    assert flags_of(image) == 0x3
    run_well("cramfsck", image)


@pytest.mark.parametrize("name", ["mkfs.cramfs", "mkcramfs"])
def test_images_are_those_of_the_long_options(name, call, tree, image, tmp_path):
    call(name, tree, image)
    run_well("mkcramfs-xip", "-N", "host", "--legacy", "--no-holes", tree, tmp_path / "own.img")
    assert image.read_bytes() == (tmp_path / "own.img").read_bytes()


@pytest.mark.parametrize("name, options, own", [
    ("mkfs.cramfs", ["-N", "big", "-n", "vol", "-e", "7"], ["-N", "big", "--name=vol", "--edition=7", "--legacy", "--no-holes"]),
    ("mkfs.cramfs", ["-z", "-b", "8192", "-p", "-s", "-v"], ["-N", "host", "-b8K", "-p", "--legacy"]),
    ("mkcramfs", ["-B", "-q"], ["-N", "big", "-q", "--legacy", "--no-holes"]),
    ("mkcramfs", ["-L", "-z", "-x"], ["-N", "little", "--xip=none"]),
    ("mkcramfs", ["-L", "-X", "-X"], ["-N", "little", "--no-holes"]),
    ("mkcramfs", ["-L", "-XX", "-z"], ["-N", "little"]),
    ("mkcramfs", ["-L", "-X", "-z"], ["-N", "little", "--kernel=nommu"]),
])
def test_letters_mean_what_they_did(name, options, own, call, tree, image, tmp_path):
    call(name, *options, tree, image)
    run_well("mkcramfs-xip", *own, tree, tmp_path / "own.img")
    assert image.read_bytes() == (tmp_path / "own.img").read_bytes()
    # Options after the operands, as OpenEmbedded writes them.
    call(name, tree, tmp_path / "behind.img", *options)
    assert image.read_bytes() == (tmp_path / "behind.img").read_bytes()


@pytest.mark.parametrize("name, letters", [("mkfs.cramfs", "DBLXxqj"), ("mkcramfs", "bNjc")])
def test_letters_of_others_are_unknown(name, letters, call, tree, image):
    for letter in letters:
        done = call(name, f"-{letter}", "1", tree, image, code=USAGE)
        assert f"unknown option '-{letter}'".encode() in done.stderr
        assert not image.exists()
    said = call(name, "-h").stdout.decode()
    assert said.startswith(f"{name} ") and f"\nUsage: {name} " in said and max(map(len, said.splitlines())) < 80
    assert call(name, "-V").stdout.startswith(f"{name} (cramfs-xip) ".encode())


def test_a_single_x_is_for_kernels_without_mmu_and_says_so(call, tree, image):
    assert b"note: a single -X is for kernels without an MMU" in call("mkcramfs", "-L", "-X", tree, image).stderr
    assert call("mkcramfs", "-L", "-X", "-X", tree, image).stderr == b""
    assert b"note: a single -X" in run("mkcramfs-xip", "-X", tree, image).stderr
    assert b"note:" not in run("mkcramfs-xip", "--quiet", "-X", tree, image).stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("name", ["mkfs.cramfs", "mkcramfs"])
def test_old_warnings_stay_warnings_and_with_e_are_errors(name, call, tree, image):
    os.chown(tree / "one", 0, 1000)
    done = call(name, tree, image)
    assert b"warning: /one: gid 1000 is over the format's limit of 255; stored as 0" in done.stderr
    image.unlink()
    done = call(name, "-E", tree, image, code=OPERATIONAL)
    assert b"/one: gid 1000 is over the format's limit of 255; chgrp it" in done.stderr
    assert not image.exists()


def test_letters_are_accepted_under_the_own_name(tree, image, tmp_path):
    run_well("mkcramfs-xip", tree, image)
    run_well("mkcramfs-xip", "-L", "-z", "-s", "-x", "-X", "-X", "-E", tree, tmp_path / "letters.img")
    assert image.read_bytes() == (tmp_path / "letters.img").read_bytes()
    run_well("mkcramfs-xip", "--legacy", "--no-holes", "-B", "-x", "-z", tree, tmp_path / "undone.img")
    run_well("mkcramfs-xip", "--endian=big", tree, image)
    assert image.read_bytes() == (tmp_path / "undone.img").read_bytes()


@pytest.mark.parametrize("name", ["mkfs.cramfs", "mkcramfs", "mkcramfs-xip"])
def test_a_file_stands_behind_the_superblock(name, call, tree, image, tmp_path):
    inserted = tmp_path / "inserted"
    inserted.write_bytes(os.urandom(1001))
    call(name, "-i", inserted, "-p", tree, image)
    data = image.read_bytes()
    assert data[512 + 76:512 + 76 + 1001] == inserted.read_bytes()
    order = HOST if name != "mkcramfs-xip" else "<"
    assert struct.unpack_from(order + "I", data, 512 + 8)[0] & SHIFTED
    run_well("cramfsck", image)
    run_well("cramfsck", image, "-x", tmp_path / "out")
    assert (tmp_path / "out" / "one").read_bytes() == b"twin" * 3000


def test_an_empty_file_changes_nothing(tree, image, tmp_path):
    (tmp_path / "empty").touch()
    run_well("mkcramfs-xip", "-i", tmp_path / "empty", tree, image)
    run_well("mkcramfs-xip", tree, tmp_path / "plain.img")
    assert image.read_bytes() == (tmp_path / "plain.img").read_bytes()


def test_what_is_inserted_is_a_gap_in_plan_and_image(tree, image, tmp_path):
    (tmp_path / "inserted").write_bytes(b"i" * 777)
    run_well("mkcramfs-xip", "-i", tmp_path / "inserted", f"--extents={tmp_path / 'planned'}", tree, image)
    assert (tmp_path / "planned").read_bytes() == run_well("cramfs-dump", "--extents", image)
