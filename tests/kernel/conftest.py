"""Shared by all kernel tests: the programs under test, a guest that is ready to boot, and Debian's armhf packages.

Nothing here skips: a kernel test that did not run proves nothing. A missing part is a failure that names the remedy.
"""
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))

import case  # noqa: E402 - it needs what the path above brings
import cut_root  # noqa: E402
import debian_root  # noqa: E402
import guest  # noqa: E402
import pages  # noqa: E402
from fixtures import public_path  # noqa: E402, F401

BUSYBOX = ("busybox", "libc6", "libc-bin", "libgcc-s1", "libcrypt1")
SCRIPTS = pathlib.Path(__file__).parents[2] / "scripts"


def pytest_terminal_summary(terminalreporter):
    if os.geteuid() != 0:
        terminalreporter.write_line("not root: the trees had one owner, no devices and no unreadable modes")


@pytest.fixture(scope="session")
def tools():
    directory = os.environ.get("CRAMFS_XIP_BIN")
    if not directory:
        pytest.fail("CRAMFS_XIP_BIN is not set: it names the directory with mkcramfs-xip, cramfsck and cramfs-dump")
    for program in ("mkcramfs-xip", "cramfsck", "cramfs-dump"):
        if not os.access(os.path.join(directory, program), os.X_OK):
            pytest.fail(f"no {program} in {directory}: build the project, or correct CRAMFS_XIP_BIN")
    return case.Tools(directory)


def make_guest(machine, tmp_path_factory, emulator_package, compiler_package):
    for program, package in ((machine.qemu[0], emulator_package), ("dtc", "device-tree-compiler"),
                             (machine.toolchain.prefix + "gcc", compiler_package)):
        if not shutil.which(program):
            pytest.fail(f"{program} not found: apt-get install {package}")
    return guest.Guest(machine, tmp_path_factory.mktemp(machine.kernel))


ARM_PACKAGES = ("qemu-system-arm", "gcc-arm-linux-gnueabihf linux-libc-dev-armhf-cross")


@pytest.fixture(scope="session")
def arm(tmp_path_factory):
    return make_guest(guest.ARM, tmp_path_factory, *ARM_PACKAGES)


@pytest.fixture(scope="session")
def armbe(tmp_path_factory):
    return make_guest(guest.ARMBE, tmp_path_factory, *ARM_PACKAGES)


@pytest.fixture(scope="session", params=["arm", "armbe"])
def either_arm(request):
    """Each byte order in turn."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def riscv_nommu(tmp_path_factory):
    return make_guest(guest.RISCV_NOMMU, tmp_path_factory, "qemu-system-misc",
                      "gcc-riscv64-linux-gnu linux-libc-dev-riscv64-cross")


# Kernels that are fast enough for each run; with CRAMFS_XIP_ALL_KERNELS=1 (test.sh --all-kernels)
# the others, too.
ALL_KERNELS = os.environ.get("CRAMFS_XIP_ALL_KERNELS") == "1"
ARM64_KERNELS = ("arm64-64k", "arm64-16k", "arm64") if ALL_KERNELS else ("arm64-64k",)
collect_ignore = [] if ALL_KERNELS else ["test_linux_6_1.py"]


@pytest.fixture(scope="module", params=ARM64_KERNELS)
def arm64(request, tmp_path_factory):
    """Each arm64 kernel in turn. While one is there, trees and ELF files are made for its pages: see pages.py."""
    machine = guest.ARM64[request.param]
    with pages.of(machine.page):
        yield make_guest(machine, tmp_path_factory, "qemu-system-arm", "gcc-aarch64-linux-gnu libc6-dev-arm64-cross")


def fetch_debian(root, arch, packages):
    fetched = subprocess.run([SCRIPTS / "fetch-debian.sh", "--arch", arch, root, *packages], stderr=subprocess.PIPE)
    if fetched.returncode:
        pytest.fail(fetched.stderr.decode())
    return root


@pytest.fixture(scope="session")
def debian_armhf(tmp_path_factory):
    """A directory with Debian's armhf busybox and C library unpacked into it. Copy it; do not change it."""
    return fetch_debian(tmp_path_factory.mktemp("debian") / "armhf", "armhf", BUSYBOX)


@pytest.fixture(scope="session")
def debian_arm64(tmp_path_factory):
    """The same for arm64."""
    return fetch_debian(tmp_path_factory.mktemp("debian") / "arm64", "arm64", BUSYBOX)


@pytest.fixture(scope="session")
def debian_root_tree(arm, debian_armhf, tmp_path_factory):
    """The same as a tree that boots on the arm machine."""
    root = tmp_path_factory.mktemp("root") / "root"
    debian_root.make_root(root, debian_armhf, arm)
    return root


@pytest.fixture(scope="session")
def debian_at_work(arm, tmp_path_factory):
    """Debian's armhf perl, sqlite3, bash and openssl as a root that boots, with real work to do."""
    work = tmp_path_factory.mktemp("debian-at-work")
    cut_root.make(work / "root", fetch_debian(work / "packages", "armhf", cut_root.PACKAGES), arm)
    return work / "root"


@pytest.fixture(scope="session")
def arm_6_1(tmp_path_factory):
    return make_guest(guest.ARM_6_1, tmp_path_factory, *ARM_PACKAGES)
