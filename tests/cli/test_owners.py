"""Owners of files in the image that differ from the owners on this machine."""
import io
import tarfile

import pytest

from tools import OPERATIONAL, USAGE, run, run_well


@pytest.fixture
def archive(tmp_path):
    """An archive needs no root to have owners."""
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as tar:
        for name, uid, gid in (("a", 0, 0), ("b", 1000, 100), ("c", 70000, 300)):
            info = tarfile.TarInfo(name)
            info.uid, info.gid = uid, gid
            tar.addfile(info, io.BytesIO())
    return path


def owners(archive, image, *options):
    run_well("mkcramfs-xip", *options, archive, image)
    lines = run_well("cramfs-dump", "-R", image).decode().splitlines()
    return {line.split()[-1]: tuple(map(int, line.split()[2:4])) for line in lines if line[:1] in "d-" and line[1:2] == "r"}


def test_all_root(archive, image):
    assert owners(archive, image, "-q") == {"/": (0, 0), "/a": (0, 0), "/b": (0, 0), "/c": (0, 0)}


def test_one_owner_for_all(archive, image):
    assert owners(archive, image, "--owner=5:6") == {"/": (5, 6), "/a": (5, 6), "/b": (5, 6), "/c": (5, 6)}


def test_maps_and_offsets(archive, image):
    found = owners(archive, image, "--map-uid=70000:7", "--map-gid=300:3", "--uid-offset=10", "--gid-offset=20")
    assert found == {"/": (10, 20), "/a": (10, 20), "/b": (1010, 120), "/c": (7, 3)}


def test_numbers_that_do_not_fit_are_told_after_mapping(archive, image):
    done = run("mkcramfs-xip", "--map-uid=70000:7", archive, image)
    assert done.returncode == OPERATIONAL
    assert done.stderr.count(b"\n") == 1 and b"/c: gid 300 is over" in done.stderr


def test_an_offset_below_0_is_told(archive, image):
    done = run("mkcramfs-xip", "--uid-offset=-1000", "--map-gid=300:3", archive, image)
    assert done.returncode == OPERATIONAL
    assert b"/a: uid 0 with the offset -1000 added is not a uid" in done.stderr
    assert not image.exists()


@pytest.mark.parametrize("option", ["--owner=5", "--owner=5:", "--owner=:6", "--owner=a:b", "--owner=5:4294967296",
                                    "--map-uid=5", "--map-gid=-1:2", "--uid-offset=x", "--gid-offset=4294967296"])
def test_wrong_values_are_usage_errors(option, archive, image):
    done = run("mkcramfs-xip", option, archive, image)
    assert done.returncode == USAGE
    assert done.stderr.startswith(b"mkcramfs-xip: " + option.split("=")[0].encode())
