"""examples/profile on a target: the kernel does what its README says."""
import csv
import io
import os
import pathlib
import random
import subprocess
import zlib

import pytest

import debian_root
import guest
from conftest import ALL_KERNELS
from trees import PAGE

EXAMPLE = pathlib.Path(__file__).parents[2] / "examples" / "profile"
WORKLOAD = r"""
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

static void touch(const char *path, int read_page, int mapped_page)
{
    char byte;
    int file = open(path, O_RDONLY);
    const volatile char *bytes = mmap(NULL, 12 * 4096, PROT_READ, MAP_SHARED, file, 0);
    if (pread(file, &byte, 1, read_page * 4096) != 1 || bytes == MAP_FAILED)
        puts("the workload failed");
    else
        byte = bytes[mapped_page * 4096];
}

static void profile(const char *mount)
{
    printf("profile of %s\n", mount);
    fflush(stdout);
    if (fork() == 0)
        execl("/resident-pages", "resident-pages", mount, (char *)NULL);
    wait(NULL);
}

int main(void)
{
    mount("sysfs", "/sys", "sysfs", 0, NULL);
    mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
    for (char disk = 'a'; disk <= 'c'; disk++) {
        char path[64];
        snprintf(path, sizeof(path), "/sys/block/vd%c/queue/read_ahead_kb", disk);
        int file = open(path, O_WRONLY);
        if (file < 0 || write(file, "0", 1) != 1)
            puts("no readahead to turn off");
        snprintf(path, sizeof(path), "/dev/vd%c", disk);
        mount(path, "/mnt", "cramfs", MS_RDONLY, NULL);
    }
    touch("/mnt/data", 3, 7);
    touch("/data", 2, 9);
    profile("/mnt");
    profile("/");
    puts("done");
    fflush(stdout);
    reboot(RB_POWER_OFF);
}
"""


def build(machine, to, *sources, **options):
    command = [f"{machine.toolchain.prefix}gcc", "-O1", "-static", "-Wall", "-Wextra", "-Werror", "-o", to]
    subprocess.run([*command, *sources], check=True, **options)


@pytest.fixture(scope="module")
def said(arm, tools, tmp_path_factory):
    work = tmp_path_factory.mktemp("profile")
    root = work / "root"
    for name in ("", "sys", "dev", "mnt"):
        (root / name).mkdir()
    build(arm.machine, root / "init", "-x", "c", "-", input=WORKLOAD.encode())
    build(arm.machine, root / "resident-pages", *EXAMPLE.glob("*.c"))
    (root / "data").write_bytes(random.Random(77).randbytes(11 * PAGE + 5))
    (work / "rules").write_text("/data in-place\n")
    tools.pack(root, work / "image", "-q", f"--xip-rules={work}/rules")
    text = arm.console(work / "image", "/init").replace("\r", "")
    assert "the workload failed" not in text and "no readahead" not in text and "\ndone\n" in text, text
    return text


def profile(said, mount):
    """The rows that were printed for a mount, as (path, offset)."""
    lines = said.split(f"profile of {mount}\n")[1].split("resident-pages: ")[0].splitlines()
    assert lines[0] == "path,offset,count,contents,processes"
    return [(path, int(offset)) for path, offset, *_ in (line.split(",") for line in lines[1:] if line)]


def test_on_a_block_device_the_touched_pages_are_told_and_no_others(said):
    assert profile(said, "/mnt") == [("/data", 3 * PAGE), ("/data", 7 * PAGE)]


def test_pages_in_place_are_never_in_ram(said):
    """For the root on MTD: pages that were read are listed; mapped pages, and the text of running programs, are not."""
    rows = profile(said, "/")
    assert [row for row in rows if row[0] == "/data"] == [("/data", 2 * PAGE)]
    assert all(len([row for row in rows if row[0] == path]) < 30 for path in ("/init", "/resident-pages")), rows


# -- under-qemu.sh -------------------------------------------------------------------------------------------------------

COMMANDS = ("busybox sleep 2 & busybox sleep 2 & busybox sleep 2; wait; busybox md5sum /data/read | busybox cut -c 1-32",
            "test ! -e /tmp/left && busybox touch /tmp/left && busybox cat /data/read >/dev/null")


@pytest.fixture(scope="module", params=["armhf", "arm64"] if ALL_KERNELS else ["armhf"])
def profiled(request, tools, tmp_path_factory):
    """A Debian root profiled with two workloads: the tree, and the script's output."""
    work = tmp_path_factory.mktemp("under-qemu")
    machine = guest.ARM if request.param == "armhf" else guest.ARM64["arm64"]
    root = work / "root"
    packages = request.getfixturevalue(f"debian_{request.param}")
    subprocess.run(["cp", "-a", packages, root], check=True)
    for name in ("bin", "sbin", "lib"):
        if not (root / name).exists():
            (root / name).symlink_to(f"usr/{name}")
    (root / "bin/sh").symlink_to("busybox")
    (root / "data").mkdir()
    (root / "data/read").write_bytes(random.Random(78).randbytes(3 * PAGE + 9))
    (root / "data/not read").write_bytes(bytes(3 * PAGE))
    os.link(root / "data/read", root / "data/second name")
    done = subprocess.run([EXAMPLE / "under-qemu.sh", root, *COMMANDS], capture_output=True,
                          env=os.environ | {"MKCRAMFS_XIP": tools.directory / "mkcramfs-xip"})
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    (work / "profile").write_bytes(done.stdout)
    return machine, root, work, done


def of_file(profiled, path):
    """The rows of a file: [(offset, contents and processes)]."""
    found = csv.reader(io.StringIO(profiled[3].stdout.decode()), strict=True)
    return [(int(row[1]), *row[3:]) for row in found if row[0] == path]


def test_the_pages_of_each_command_are_there_with_their_contents_and_processes(profiled):
    _, root, _, done = profiled
    crc = f"crc32:{zlib.crc32((root / 'data/read').read_bytes()):08x}"
    once = [(0, crc, "0"), *((page * PAGE,) for page in range(1, 4))]
    assert of_file(profiled, "/data/read") == 2 * once
    assert not of_file(profiled, "/data/second name") and not of_file(profiled, "/data/not read")
    processes = [int(row[2]) for row in of_file(profiled, "/bin/busybox") if len(row) > 2]
    assert len(processes) == 2 and 4 <= processes[0] <= 6, processes  # the shell, three that sleep, and the programs that start them
    assert of_file(profiled, "/bin/busybox")[0][0] == 0
    md5 = subprocess.run(["md5sum", root / "data/read"], capture_output=True, check=True).stdout[:32]
    assert md5 in done.stderr.splitlines()


def test_what_it_prints_is_a_profile_of_the_tree_and_of_no_changed_one(profiled, tools):
    _, root, work, _ = profiled
    options = ["-q", f"--xip-profile={work / 'profile'}", "--xip-split"]
    tools.run_well("mkcramfs-xip", *options, root, work / "image")
    report = tools.report(work / "image", f"--xip-profile={work / 'profile'}")
    assert report["totals"]["touched_direct_pages"] > 50
    path = root / "bin/busybox"
    before = path.read_bytes()
    path.write_bytes(before[:-1] + b"!")
    try:
        changed = tools.run("mkcramfs-xip", "--force", *options, root, work / "image")
    finally:
        path.write_bytes(before)
    assert changed.returncode != 0 and b"busybox: the profile is of another version of the file: the file is now crc32:" in changed.stderr


def test_a_command_that_fails_gives_no_profile(profiled, tools):
    _, root, _, _ = profiled
    done = subprocess.run([EXAMPLE / "under-qemu.sh", root, "echo to be seen; exit 9"], capture_output=True,
                          env=os.environ | {"MKCRAMFS_XIP": tools.directory / "mkcramfs-xip"})
    assert done.returncode == 1 and not done.stdout
    assert b"to be seen\n" in done.stderr and b"ended with status 9" in done.stderr and b"the command failed" in done.stderr
