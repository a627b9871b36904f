"""Layers of containers, and upper directories of overlayfs: with --whiteouts their marks delete entries, without it a warning names
the marks."""
import io
import os
import stat
import subprocess
import tarfile

import pytest

from tools import CLEAN, OPERATIONAL, run, run_well

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make such a device or attribute")

LOWER = {"a": b"1", "keep": b"2", "d/": None, "d/x": b"3", "d/sub/": None, "d/sub/y": b"4", "e/": None, "e/z": b"5"}
DEVICE = object()
OPAQUE = object()

# The upper layer, in its order, and the entries that are left.
CASES = {
    "a file": ([(".wh.a", b"")], "keep d d/x d/sub d/sub/y e e/z"),
    "a directory": ([(".wh.d", b"")], "a keep e e/z"),
    "a file below a directory that the layer does not name": ([("d/.wh.x", b"")], "a keep d d/sub d/sub/y e e/z"),
    "what is not there": ([("d/.wh.none", b""), ("new/.wh.none", b"")], "a keep d d/x d/sub d/sub/y e e/z new"),
    "all of a directory": ([("d/", None), ("d/.wh..wh..opq", b"")], "a keep d e e/z"),
    "all of a directory, in which the layer has more": (
        [("d/", None), ("d/mine", b"m"), ("d/.wh..wh..opq", b""), ("d/sub/", None), ("d/sub/mine", b"m")],
        "a keep d d/mine d/sub d/sub/mine e e/z"),
    "all of a directory, with a new file deep in an old directory": (
        [("d/.wh..wh..opq", b""), ("d/sub/mine", b"m")], "a keep d d/sub d/sub/mine e e/z"),
    "a directory that is made anew after it": ([(".wh.d", b""), ("d/", None), ("d/new", b"n")], "a keep d d/new e e/z"),
    "a directory that is made anew before it": ([("d/", None), ("d/new", b"n"), (".wh.d", b"")], "a keep d d/new e e/z"),
    "all there is": ([(".wh..wh..opq", b""), ("only", b"o")], "only"),
    "of AUFS": ([(".wh..wh.plnk", b""), (".wh..wh.aufs", b"")], "a keep d d/x d/sub d/sub/y e e/z"),
    "a device 0:0": ([("a", DEVICE), ("d", DEVICE)], "keep e e/z"),
    "an opaque attribute": ([("d", OPAQUE), ("d/mine", b"m")], "a keep d d/mine e e/z"),
}


OTHER_DEVICE = object()  # 5:1, no whiteout


def tar_of(path, entries):
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        for name, what in entries:
            info = tarfile.TarInfo(name.rstrip("/"))
            if what in (DEVICE, OTHER_DEVICE):
                info.type, info.devmajor, info.devminor = tarfile.CHRTYPE, *((0, 0) if what is DEVICE else (5, 1))
            elif what is OPAQUE or what is None:
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                info.pax_headers = {"SCHILY.xattr.trusted.overlay.opaque": "y"} if what is OPAQUE else {}
            else:
                info.size = len(what)
            archive.addfile(info, io.BytesIO(what if isinstance(what, bytes) else b""))
    return path


def directory_of(path, entries):
    path.mkdir()
    for name, what in entries:
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if what in (DEVICE, OTHER_DEVICE):
            os.mknod(file, stat.S_IFCHR | 0o600, 0 if what is DEVICE else os.makedev(5, 1))
        elif what is OPAQUE or what is None:
            file.mkdir(exist_ok=True)
            if what is OPAQUE:
                os.setxattr(file, "trusted.overlay.opaque", b"y")
        else:
            file.write_bytes(what)
    return path


def names(image):
    listing = run_well("cramfs-dump", "-R", image).decode().splitlines()
    return sorted(line.split()[-1].strip("/") for line in listing if line.startswith(("-", "d")) and line.split()[-1] != "/")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", ["tar", "directory"])
def test_a_layer_deletes_what_it_says(kind, case, tmp_path):
    entries, left = CASES[case]
    if kind == "directory" and os.geteuid() != 0 and any(what in (DEVICE, OPAQUE) for _, what in entries):
        pytest.skip("only root can make it")
    lower = tar_of(tmp_path / "lower.tar", LOWER.items())
    upper = (tar_of if kind == "tar" else directory_of)(tmp_path / "upper", entries)
    done = run("mkcramfs-xip", "--quiet", "-q", "--whiteouts", lower, upper, tmp_path / "out.img")
    assert done.returncode == CLEAN, done.stderr
    assert names(tmp_path / "out.img") == sorted(left.split())


@pytest.mark.parametrize("case", CASES)
def test_without_the_option_they_are_packed_with_a_warning(case, tmp_path):
    entries, _ = CASES[case]
    lower = tar_of(tmp_path / "lower.tar", LOWER.items())
    upper = tar_of(tmp_path / "upper.tar", entries)
    replace = ["--allow=replace"] if case == "a device 0:0" else []  # one is over a directory with files
    if replace:
        assert run("mkcramfs-xip", "-q", lower, upper, tmp_path / "out.img").returncode == OPERATIONAL
    done = run("mkcramfs-xip", "-q", *replace, lower, upper, tmp_path / "out.img")
    assert done.returncode == CLEAN
    said = [line for line in done.stderr.decode().splitlines() if "--whiteouts" in line]
    assert len(said) == 1 and said[0].startswith(f"mkcramfs-xip: warning: {upper}: "), done.stderr
    packed = names(tmp_path / "out.img")
    assert all(name.rstrip("/") in packed for name, what in entries if what is not DEVICE)


@pytest.mark.parametrize("kind", ["tar", pytest.param("directory", marks=root_only)])
def test_a_device_that_is_no_whiteout_loses_what_it_takes_the_place_of(kind, tmp_path):
    """Only the end of an entry shows which device it is; over a directory, and over a link to one."""
    lower = tar_of(tmp_path / "lower.tar", LOWER.items())
    upper = (tar_of if kind == "tar" else directory_of)(tmp_path / "upper", [("a", DEVICE), ("d", OTHER_DEVICE), ("e", DEVICE)])
    arguments = ["mkcramfs-xip", "-q", "--whiteouts", lower, upper, tmp_path / "out.img"]
    done = run(*arguments)
    assert done.returncode == OPERATIONAL, done.stderr
    [said] = done.stderr.decode().splitlines()
    assert said.startswith(f"mkcramfs-xip: /d: is a device in {upper} and a directory in {lower}: 3 entries in it would be lost"), said
    assert not (tmp_path / "out.img").exists()
    done = run(*arguments, "--allow=replace")
    assert done.returncode == CLEAN and done.stderr.count(b"warning") == 1 and b"3 entries in it are lost" in done.stderr, done.stderr
    assert names(tmp_path / "out.img") == ["keep"]


def test_only_sources_before_the_layer_lose_something(tmp_path):
    first = tar_of(tmp_path / "1.tar", [("a", b"1"), ("b", b"1")])
    second = tar_of(tmp_path / "2.tar", [(".wh.a", b"")])
    third = tar_of(tmp_path / "3.tar", [("a", b"3"), (".wh.b", b"")])
    run_well("mkcramfs-xip", "-q", "--whiteouts", first, second, third, tmp_path / "out.img")
    assert names(tmp_path / "out.img") == ["a"]


def test_many_whiteouts_of_deep_trees_take_no_longer_than_the_entries(tmp_path):
    """One pass for each source, and no recursion: 20000 nested names, and as many marks."""
    path, entries = "", []
    for _ in range(2000):
        path += "d/"
        entries.append((path, None))
    lower = tar_of(tmp_path / "lower.tar", entries)
    upper = tar_of(tmp_path / "upper.tar", [(f".wh.{number}", b"") for number in range(20000)] + [("d/.wh.d", b"")])
    run_well("mkcramfs-xip", "-q", "--whiteouts", lower, upper, tmp_path / "out.img")
    assert names(tmp_path / "out.img") == ["d"]
