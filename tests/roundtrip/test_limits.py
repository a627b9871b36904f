"""Every limit of the format: a value at the limit is packed, checked and extracted; one past it is an error.

Limits whose files are too large for a test (offsets, plain pointers, the image's size) are in tests/unit/test_layout.c.
"""
import os
import random
import stat
import tarfile

import pytest

import describe
from tools import CLEAN, OPERATIONAL, USAGE, run, run_well

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can extract owners and devices")


def build(tmp_path, manifest, *options):
    """Build from a manifest, which can have entries that cannot be made on disk."""
    (tmp_path / "a.mtree").write_text("#mtree\n/set uid=0 gid=0 mode=0644\n" + manifest)
    return run("mkcramfs-xip", *options, tmp_path / "a.mtree", tmp_path / "out.img")


def refused(tmp_path, manifest, complaint, *options):
    done = build(tmp_path, manifest, *options)
    assert done.returncode == OPERATIONAL
    assert complaint in done.stderr.decode()
    assert not (tmp_path / "out.img").exists()


def extracted(tmp_path, manifest, *options, page=4096):
    """Build, check and extract; returns the extracted tree."""
    done = build(tmp_path, manifest, *options)
    assert (done.returncode, done.stderr) == (CLEAN, b"")
    check(tmp_path, page)
    privileged = ["--privileged"] if os.geteuid() == 0 else []
    run_well("cramfsck", *privileged, "-b", str(page), "-x", tmp_path / "x", tmp_path / "out.img")
    return describe.describe(tmp_path / "x")


def check(tmp_path, page=4096):
    checked = run("cramfsck", "-E", "-b", str(page), tmp_path / "out.img")
    assert (checked.returncode, checked.stderr) == (CLEAN, b"")


def listed(tmp_path, page=4096):
    """The members of the image as a tar, which can have what a file system cannot."""
    data = run_well("cramfs-dump", "-b", str(page), "--tar", tmp_path / "out.img")
    (tmp_path / "out.tar").write_bytes(data)
    with tarfile.open(tmp_path / "out.tar") as archive:
        return {os.path.normpath(member.name): member for member in archive}


@pytest.mark.parametrize("options", [(), ("--legacy",), ("--no-holes",), ("-b", "65536")], ids=" ".join)
def test_file_size(options, tmp_path):
    most = (1 << 24) - 1
    page = 65536 if "-b" in options else 4096
    data = random.Random(11).randbytes(most - (1 << 23)) + bytes(1 << 23)
    (tmp_path / "f").write_bytes(data)
    extracted(tmp_path, "f type=file\n", *options, page=page)
    assert (tmp_path / "x" / "f").read_bytes() == data
    (tmp_path / "out.img").unlink()
    (tmp_path / "f").write_bytes(data + b"1")
    refused(tmp_path, "f type=file\n", "/f: the file has 16777216 bytes, over the format's limit of 16777215 bytes (16 MiB - 1); split it", *options)


@root_only
@pytest.mark.parametrize("keyword, most", [("uid", 65535), ("gid", 255)])
def test_owners(keyword, most, tmp_path):
    found = extracted(tmp_path, f"f type=fifo {keyword}={most}\n. type=dir mode=0755 {keyword}={most}\n")
    owner = (most, 0) if keyword == "uid" else (0, most)
    assert found[b"f"][2] == found[b""][2] == owner
    (tmp_path / "out.img").unlink()
    refused(tmp_path, f"f type=fifo {keyword}={most + 1}\n", f"/f: {keyword} {most + 1} is over the format's limit of {most}")


def test_name_length(tmp_path):
    found = extracted(tmp_path, f"{'n' * 252} type=fifo\n{'d' * 252} type=dir mode=0755\n")
    assert sorted(found) == [b"", b"d" * 252, b"n" * 252]
    (tmp_path / "out.img").unlink()
    refused(tmp_path, f"{'n' * 253} type=fifo\n", "the name has 253 bytes, over the format's limit of 252 bytes; rename it")


@root_only
@pytest.mark.parametrize("kind, held", [("char", stat.S_IFCHR), ("block", stat.S_IFBLK)])
def test_device_numbers(kind, held, tmp_path):
    found = extracted(tmp_path, f"d type={kind} device=native,255,255\n")
    assert (found[b"d"][0], found[b"d"][3]) == (held, os.makedev(255, 255))
    (tmp_path / "out.img").unlink()
    for numbers in ((256, 0), (0, 256)):
        refused(tmp_path, f"d type={kind} device=native,{numbers[0]},{numbers[1]}\n",
                f"/d: device {numbers[0]}:{numbers[1]} has a number over the format's limit of 255")


def names_of_directory(size):
    """Names whose entries take that many bytes, 12 and the name's to the next multiple of 4 each."""
    count, left = divmod(size, 264)
    if left and left < 16:
        count, left = count - 1, left + 264
    lengths = [252] * count + ([] if not left else [left - 12] if left <= 264 else [left // 2 // 4 * 4 - 12, left - left // 2 // 4 * 4 - 12])
    assert sum(12 + length for length in lengths) == size and all(4 <= length <= 252 for length in lengths)
    return [f"{number:07}".ljust(length, "n")[:length] if length >= 7 else f"{number}"[-length:] for number, length in enumerate(lengths)]


def test_directory_size(tmp_path):
    """Entries take multiples of 4 bytes, so the most is 3 bytes below the format's."""
    names = names_of_directory((1 << 24) - 4)
    assert len(set(names)) == len(names)
    text = "d type=dir mode=0755\n" + "".join(f"{name} type=fifo\n" for name in names)
    found = extracted(tmp_path, text)
    assert found.keys() == {b"", b"d", *(b"d/" + name.encode() for name in names)}
    (tmp_path / "out.img").unlink()
    names = names_of_directory(1 << 24)
    text = "d type=dir mode=0755\n" + "".join(f"{name} type=fifo\n" for name in names)
    refused(tmp_path, text, f"/d: its {len(names)} entries take 16777216 bytes, over the format's limit of 16777215 bytes; spread them")


@pytest.mark.parametrize("page", [4096, 8192, 16384, 32768, 65536])
def test_link_target(page, tmp_path):
    """No file system takes a target over 4095 bytes, but an image and a tar do."""
    target = random.Random(page).randbytes(page).hex()[:page - 1]
    done = build(tmp_path, f"l type=link link={target}\n", "-b", str(page))
    assert (done.returncode, done.stderr) == (CLEAN, b"")
    check(tmp_path, page)
    assert listed(tmp_path, page)["l"].linkname == target
    if page == 4096:
        run_well("cramfsck", "-x", tmp_path / "x", tmp_path / "out.img")
        assert os.readlink(tmp_path / "x" / "l") == target
    (tmp_path / "out.img").unlink()
    refused(tmp_path, f"l type=link link={target}x\n", f"/l: the link's target has {page} bytes, over the kernel's limit of {page - 1} bytes", "-b", str(page))


def test_volume_name(tmp_path):
    (tmp_path / "source").mkdir()
    run_well("mkcramfs-xip", "-q", "-n", "sixteen bytes ok", tmp_path / "source", tmp_path / "out.img")
    check(tmp_path)
    assert (tmp_path / "out.img").read_bytes()[48:64] == b"sixteen bytes ok"
    (tmp_path / "out.img").unlink()
    done = run("mkcramfs-xip", "-q", "-n", "seventeen bytes !", tmp_path / "source", tmp_path / "out.img")
    assert done.returncode == USAGE and b"has 17 bytes, over the format's limit of 16 bytes" in done.stderr
    assert not (tmp_path / "out.img").exists()


@pytest.mark.parametrize("number, code", [(0xffffffff, CLEAN), (0x100000000, USAGE)])
def test_edition(number, code, tmp_path):
    (tmp_path / "source").mkdir()
    assert run("mkcramfs-xip", "-q", "-e", str(number), tmp_path / "source", tmp_path / "out.img").returncode == code
    assert (tmp_path / "out.img").exists() == (code == CLEAN)
