"""Tests that the same input gives the same bytes, whoever packs it and however the directories are listed."""
import os
import re
import subprocess

from tools import as_plain_user, run_well


def same_in_either_order(source, work, *options):
    """Lists every directory backwards, by a library that is preloaded; see reverse_readdir.c."""
    reverse = os.environ.get("CRAMFS_XIP_REVERSE_READDIR")
    assert reverse and os.path.exists(reverse), "CRAMFS_XIP_REVERSE_READDIR does not name the library that CMake builds"
    environment = {**os.environ, "LD_PRELOAD": reverse,
                   # AddressSanitizer requires to be the first library; here it need not be.
                   "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}
    listed = [run_well("mkcramfs-xip", "-v", *options, source, work / "forwards.img"),
              run_well("mkcramfs-xip", "-v", *options, source, work / "backwards.img", env=environment)]
    assert (work / "forwards.img").read_bytes() == (work / "backwards.img").read_bytes()
    said = [re.sub(rb"forwards|backwards|; [0-9.]+ s\n", b"", text) for text in listed]
    assert said[0] == said[1]


def same_for_any_user(source, public_path):
    """With -q, root and a plain user make the same image of a tree that both can read."""
    readable = public_path / "readable"
    subprocess.run(["cp", "-a", "--", source, readable], check=True)
    subprocess.run(["chmod", "-R", "a+rX", readable], check=True)
    run_well("mkcramfs-xip", "-q", readable, public_path / "mine.img")
    run_well("mkcramfs-xip", "-q", readable, public_path / "theirs.img", prefix=as_plain_user())
    assert (public_path / "mine.img").read_bytes() == (public_path / "theirs.img").read_bytes()
