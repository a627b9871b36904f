"""An image that is cut short while a program reads it: an error that says so, or the result for the whole image, and never
a signal."""
import os
import random
import re
import shutil
import subprocess

import pytest

import trees
from tools import CLEAN, OPERATIONAL, directory, run_well

MOST = 200  # calls of a run; more would mean that the file is never cut
CALLS = "pread64,close"  # the calls that read an image, and those after that

WAYS = {
    "check": ["cramfsck", "{image}"],
    "extract": ["cramfsck", "--extract={out}", "{image}"],
    "scan": ["cramfsck", "--scan", "{image}"],
    "list": ["cramfs-dump", "-lR", "{image}"],
    "tar": ["cramfs-dump", "--tar", "{image}"],
    "the older of two": ["cramfs-dump", "--diff", "{image}", "{whole}"],
    "the newer of two": ["cramfs-dump", "--diff", "{whole}", "{image}"],
    "like": ["mkcramfs-xip", "-q", "-j1", "--force", "--like={image}", "{tree}", "{out}"],
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    assert os.path.exists(os.environ.get("CRAMFS_XIP_FAULTS", "")), "CRAMFS_XIP_FAULTS names the library that CMake builds"
    place = tmp_path_factory.mktemp("cut")
    tree = trees.Tree(place / "tree")
    tree.file(b"motd", b"welcome\n" * 900)
    tree.file(b"noise", random.Random(16).randbytes(1 << 20))
    run_well("mkcramfs-xip", "-q", tree.root, place / "whole.img")
    whole = (place / "whole.img").read_bytes()
    (place / "half.img").write_bytes(whole[:len(whole) // 2])
    return place


def result(place, way, image="whole.img", **faults):
    """Exit status, output (without the time of a build), the files that were made, and messages."""
    out = place / "out"
    shutil.rmtree(out) if out.is_dir() else out.unlink(missing_ok=True)
    shutil.copy(place / image, place / "a.img")
    command = [word.format(image=place / "a.img", whole=place / "whole.img", tree=place / "tree", out=out) for word in WAYS[way]]
    environment = {**os.environ, "LC_ALL": "C", "LD_PRELOAD": os.environ["CRAMFS_XIP_FAULTS"],
                   # AddressSanitizer requires to be the first library; here it need not be.
                   "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", ""), **faults}
    done = subprocess.run([directory() / command[0], *command[1:]], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    made = {path.name: path.read_bytes() for path in out.iterdir()} if out.is_dir() else out.read_bytes() if out.exists() else None
    return (done.returncode, re.sub(rb"[0-9.]+ s\n", b"", done.stdout), made), done.stderr.decode()


@pytest.mark.parametrize("way", WAYS)
def test_an_image_that_is_cut_while_it_is_read_is_an_error(way, place):
    whole, _ = result(place, way)
    before = result(place, way, "half.img")  # cut before it is opened
    assert whole[0] == CLEAN
    size = (place / "whole.img").stat().st_size
    log = place / "log"
    errors = 0
    for at in range(1, MOST):
        log.unlink(missing_ok=True)
        found, said = result(place, way, FAULT_CALLS=CALLS, FAULT_AT=str(at), FAULT_CUT=str(place / "a.img"), FAULT_LOG=str(log))
        if not log.exists():
            assert errors, "it was never cut while it was read"
            return
        if found != whole and (found, said) != before:
            errors += 1
            assert found[::2] == (OPERATIONAL, None) and whole[1].startswith(found[1]), f"call {at}: {found[0]}\n{said}"
            assert re.fullmatch(rf"[a-z-]+: {place / 'a.img'}: cannot read the image: while it was read, it shrank from {size} bytes to "
                                rf"{size // 2}\n", said), f"call {at}: {said}"
    pytest.fail(f"over {MOST} calls")


@pytest.mark.parametrize("way", ["check", "list", "the older of two", "the newer of two"])
def test_an_image_that_is_cut_while_its_last_bytes_are_copied_is_an_error(way, place):
    """Linux can give zeroes for what is cut off then: a read that succeeds is no proof."""
    whole, _ = result(place, way)
    size = (place / "whole.img").stat().st_size
    log = place / "log"
    errors = 0
    for at in range(1, MOST):
        log.unlink(missing_ok=True)
        found, said = result(place, way, FAULT_CALLS="pread64", FAULT_AT=str(at), FAULT_CUT_AFTER=str(place / "a.img"), FAULT_LOG=str(log))
        if not log.exists():
            assert errors, "it was never cut while it was read"
            return
        if f"it shrank from {size} bytes to {size // 2}\n" in said:
            assert found[0] == OPERATIONAL
            errors += 1
        else:  # the other image was being read
            assert "two" in way and found[0] in (CLEAN, 1), f"call {at}: {found[0]}\n{said}"
    pytest.fail(f"over {MOST} calls")
