"""Directories nested far deeper than a path can be long."""
import os

import pytest

from tools import run_well

LEVELS = 6000  # with names of 1 byte: three times PATH_MAX


@pytest.fixture
def chain(tmp_path):
    """Made and removed from the inside, since no path leads to its end."""
    top = tmp_path / "source"
    top.mkdir()
    before = os.open(".", os.O_RDONLY)
    os.chdir(top)
    for level in range(LEVELS):
        os.mkdir("d")
        os.chdir("d")
    with open("bottom", "wb") as file:
        file.write(b"reached")
    os.chdir(before)
    yield top
    os.chdir(top)
    for level in range(LEVELS):
        os.chdir("d")
    os.unlink("bottom")
    for level in range(LEVELS):
        os.chdir("..")
        os.rmdir("d")
    os.chdir(before)
    os.close(before)


def test_a_chain_of_directories_is_packed_and_checked(chain, tmp_path):
    image = tmp_path / "out.img"
    run_well("mkcramfs-xip", "-q", chain, image)
    assert f"clean, {LEVELS + 2} files" in run_well("cramfsck", image).decode()
    assert len(run_well("cramfs-dump", "--extents", image).splitlines()) >= LEVELS


def test_a_chain_of_directories_comes_back_from_a_tar(chain, tmp_path):
    image, archive = tmp_path / "out.img", tmp_path / "out.tar"
    run_well("mkcramfs-xip", "-q", chain, image)
    archive.write_bytes(run_well("cramfs-dump", "--tar", image))
    run_well("mkcramfs-xip", archive, tmp_path / "again.img")
    assert (tmp_path / "again.img").read_bytes() == image.read_bytes()
    assert run_well("cramfs-dump", "--diff", image, tmp_path / "again.img") == b""
