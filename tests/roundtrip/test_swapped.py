"""Files that are swapped after a source is listed and before its files are read.

Standard input is the last source: the sources before it have been listed when the program begins to read from there.
"""
import errno
import io
import os
import shutil
import subprocess
import tarfile

import pytest

from tools import CLEAN, OPERATIONAL, directory, run_well

SECRET = b"root:secret:"
CHANGED = b"changed while the image was built"


@pytest.fixture(params=["openat2", "ENOSYS", "EPERM"], autouse=True)
def way_to_files(request, monkeypatch):
    """How files are opened: all tests hold for both ways."""
    if request.param == "openat2":
        return
    monkeypatch.setenv("LD_PRELOAD", os.environ["CRAMFS_XIP_FAULTS"])
    monkeypatch.setenv("FAULT_CALLS", "")
    monkeypatch.setenv("FAULT_OPENAT2", str(getattr(errno, request.param)))
    monkeypatch.setenv("ASAN_OPTIONS", "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", ""))


def long_tar():
    """More than any pipe holds: when half of it is written, the program has begun to read it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("last")
        info.size = 4 << 20
        archive.addfile(info, io.BytesIO(bytes(info.size)))
    return out.getvalue()


TAR = long_tar()


def pack(source, image, swap, *options):
    """Packs source and a tar, with the swap between reading the one and the other."""
    process = subprocess.Popen([directory() / "mkcramfs-xip", "-q", *options, source, "-", image], stdin=subprocess.PIPE,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    process.stdin.write(TAR[:len(TAR) // 2])
    process.stdin.flush()
    swap()
    _, said = process.communicate(TAR[len(TAR) // 2:])
    return process.returncode, said


@pytest.fixture
def place(tmp_path):
    for root, text in (("src", b"of the tree."), ("outside", SECRET)):
        (tmp_path / root / "etc" / "deep").mkdir(parents=True)
        for name in ("etc/shadow", "etc/deep/shadow", "plain"):
            file = tmp_path / root / name
            file.write_bytes(text)
            os.utime(file, ns=(10**18, 10**18))
    return tmp_path


def replace(path, make):
    """The old entry is removed, and another one with the same name is made."""
    aside = path.with_name(path.name + ".aside")
    path.rename(aside.parent.parent / aside.name if path.parent.name != "src" else path.parent.parent / aside.name)
    make(path)


def copy_tree(source):
    return lambda path: shutil.copytree(source, path, symlinks=True)


SWAPS = {
    "a directory by a link": lambda p: replace(p / "src/etc", lambda path: path.symlink_to(p / "outside/etc")),
    "a directory by a relative link": lambda p: replace(p / "src/etc", lambda path: path.symlink_to("../outside/etc")),
    "a directory deeper by a link": lambda p: replace(p / "src/etc/deep", lambda path: path.symlink_to(p / "outside/etc/deep")),
    "a directory by another": lambda p: replace(p / "src/etc", copy_tree(p / "outside/etc")),
    "a directory by a link to itself": lambda p: replace(p / "src/etc", lambda path: path.symlink_to("etc")),
    "a directory by a file": lambda p: replace(p / "src/etc", lambda path: path.write_bytes(SECRET)),
    "a directory by nothing": lambda p: replace(p / "src/etc", lambda path: None),
    "a file by a link": lambda p: replace(p / "src/plain", lambda path: path.symlink_to(p / "outside/plain")),
    "a file by one like it": lambda p: replace(p / "src/plain", lambda path: shutil.copy2(p / "outside/plain", path)),
    "a file by a hard link": lambda p: replace(p / "src/plain", lambda path: os.link(p / "outside/plain", path)),
    "a file by a fifo": lambda p: replace(p / "src/plain", os.mkfifo),
    "a file by a directory": lambda p: replace(p / "src/plain", lambda path: path.mkdir()),
    "a file by nothing": lambda p: replace(p / "src/plain", lambda path: None),
    "a file that grows": lambda p: (p / "src/plain").open("ab").write(b"more"),
    "a file that shrinks": lambda p: os.truncate(p / "src/plain", 3),
    "a file that is emptied": lambda p: os.truncate(p / "src/plain", 0),
    "a file with other bytes": lambda p: (p / "src/plain").write_bytes(SECRET),
}


def manifest(place):
    (place / "m").write_text("#mtree\n/set uid=0 gid=0 mode=0644\n./etc type=dir mode=0755\n./etc/shadow type=file\n./other type=file contents=etc/deep/shadow\n./plain type=file\n")
    return place / "m", f"--mtree-root={place / 'src'}"


@pytest.mark.parametrize("swap", SWAPS)
@pytest.mark.parametrize("kind", ["directory", "manifest"])
def test_what_is_swapped_is_an_error_and_never_packed(kind, swap, place):
    arguments = manifest(place) if kind == "manifest" else (place / "src",)
    image = place / "out.img"
    code, said = pack(arguments[0], image, lambda: SWAPS[swap](place), *arguments[1:])
    assert code == OPERATIONAL and not image.exists(), said
    path = b"/plain" if "file" in swap.split()[:2] else b"/etc/deep/shadow" if "deeper" in swap and kind == "directory" else b"shadow"
    if kind == "manifest" and "deeper" in swap:
        path = b"/other"
    assert CHANGED in said and path in said, said


@pytest.mark.parametrize("kind", ["directory", "manifest"])
def test_where_changes_are_allowed_what_is_swapped_is_left_out(kind, place):
    arguments = manifest(place) if kind == "manifest" else (place / "src",)
    image = place / "out.img"
    code, said = pack(arguments[0], image, lambda: SWAPS["a directory by a link"](place), "--allow=changed", *arguments[1:])
    assert code == CLEAN and CHANGED in said, said
    packed = run_well("cramfs-dump", "--tar", image)
    assert SECRET not in packed and b"of the tree." in packed
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert not any("shadow" in name for name in archive.getnames())


def test_nothing_is_an_error_when_nothing_is_swapped(place):
    code, said = pack(place / "src", place / "out.img", lambda: None)
    assert code == CLEAN, said
    assert run_well("cramfs-dump", "--cat=/etc/deep/shadow", place / "out.img") == b"of the tree."


def test_the_source_itself_may_be_moved_away_and_be_a_link(place):
    (place / "link").symlink_to("src")
    code, said = pack(place / "link", place / "out.img", lambda: (place / "src").rename(place / "moved"))
    assert code == CLEAN, said
    assert run_well("cramfs-dump", "--cat=/plain", place / "out.img") == b"of the tree."


def test_links_are_what_they_were_when_the_directory_was_read(place):
    (place / "src/link").symlink_to("plain")

    def swap():
        (place / "src/link").unlink()
        (place / "src/link").symlink_to("etc/shadow")

    code, said = pack(place / "src", place / "out.img", swap)
    assert code == CLEAN, said
    with tarfile.open(fileobj=io.BytesIO(run_well("cramfs-dump", "--tar", place / "out.img"))) as archive:
        assert [member.linkname for member in archive.getmembers() if member.issym()] == ["plain"]
