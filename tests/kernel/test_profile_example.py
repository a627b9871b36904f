"""examples/profile on a target: what its README tells is what a kernel does."""
import pathlib
import random
import subprocess

import pytest

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
    """Of the root on MTD: what was read is, but what was mapped is not, nor is the text of what runs."""
    rows = profile(said, "/")
    assert [row for row in rows if row[0] == "/data"] == [("/data", 2 * PAGE)]
    assert all(len([row for row in rows if row[0] == path]) < 30 for path in ("/init", "/resident-pages")), rows
