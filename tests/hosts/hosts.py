"""Other hosts on this machine: each a folder with the three programs, built for it, which run from here.

musl, s390x and arm64 are the builds of scripts/try-musl.sh and scripts/try-cross.sh. i386 is built in a Debian tree of its own
and runs on this kernel; root is needed for that.
"""
import os
import platform

import pytest

from building import PROJECT, run
from debian_tree import Tree

PROGRAMS = ("mkcramfs-xip", "cramfsck", "cramfs-dump")
PACKAGES = ("gcc", "g++", "libc6-dev", "cmake", "ninja-build", "pkg-config", "zlib1g-dev", "libdeflate-dev", "libzopfli-dev", "libarchive-dev",
            "libelf-dev", "libjson-c-dev", "nettle-dev", "libcmocka-dev", "python3", "python3-pytest", "python3-jsonschema", "util-linux-extra", "cpio",
            "zstd", "xz-utils", "zip", "libarchive-tools", "mtree-netbsd", "make")


def by_script(*command):
    run(PROJECT / "scripts" / command[0], *command[1:], cwd=PROJECT)


class I386:
    """A build in a Debian tree of 32 bits."""

    def __init__(self, work):
        if os.geteuid() != 0:
            pytest.skip("i386 is not tested: debootstrap and chroot need root")
        self.tree = Tree(work / "tree", architecture="i386")
        self.tree.install(*PACKAGES)
        self.source = self.tree.root / "root" / "cramfs-xip"
        self.tree.add_project("/root/cramfs-xip")
        self.run("cmake", "-S", ".", "-B", "build", "-G", "Ninja", "-DCRAMFS_XIP_WERROR=ON", "-DBUILD_TESTING=ON")
        self.run("cmake", "--build", "build", "--target", *PROGRAMS, "cramfs-xip-unit-tests", "reverse_readdir", "faults")
        self.bin = work / "bin"
        self.bin.mkdir()
        for program in PROGRAMS:  # with the loader and the libraries of the tree, and the files of this host
            wrapper = self.bin / program
            wrapper.write_text(f'#!/bin/sh\nexec "{self.tree.root}/lib/ld-linux.so.2" --library-path '
                               f'"{self.tree.root}/lib/i386-linux-gnu:{self.tree.root}/usr/lib/i386-linux-gnu:{self.tree.root}/usr/lib" '
                               f'"{self.source}/build/bin/{program}" "$@"\n')
            wrapper.chmod(0o755)

    def run(self, *words):
        return self.tree.run(*words, directory="/root/cramfs-xip")

    def tests(self):
        """The unit tests, and one round of round-trip tests, in the tree."""
        self.run("ctest", "--test-dir", "build", "--output-on-failure", "-R", "^unit")
        environment = ("env", "CRAMFS_XIP_BIN=/root/cramfs-xip/build/bin", "PYTHONDONTWRITEBYTECODE=1",
                       "CRAMFS_XIP_REVERSE_READDIR=/root/cramfs-xip/build/tests/support/reverse_readdir.so")
        return self.run(*environment, "python3", "-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider",
                        "tests/roundtrip/test_roundtrip.py", "tests/roundtrip/test_limits.py", "-k", "not seed or 1-")

    def remove(self):
        self.tree.remove()


class Scripted:
    """A host that a script builds and tests."""

    def __init__(self, name, *script):
        by_script(*script)
        self.bin = PROJECT / "build" / name / ("bin" if name == "musl" else "run")

    def tests(self):
        """The script has run the unit tests."""

    def remove(self):
        pass


def make(name, work):
    """NAME; or NAME:images, to compare only images if the host's own tests take long."""
    name, _, only = name.partition(":")
    assert name in ("i386", "s390x", "arm64", "musl") and only in ("", "images"), f"CRAMFS_XIP_HOSTS has '{name}': see tests/hosts"
    if platform.freedesktop_os_release()["ID"] != "debian":
        pytest.skip("its libraries are taken from Debian, which this is not")
    if name == "i386":
        return I386(work)
    only = ["--build-only"] if only else []
    return Scripted(name, "try-musl.sh", *only) if name == "musl" else Scripted(name, "try-cross.sh", *only, name)
