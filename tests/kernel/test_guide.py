"""Kernels show what docs/guide.md says about boards: root= lines, and /proc/PID/smaps of running programs."""
import pathlib
import re
import shutil
import subprocess

import pytest

import guest
from flash import FLASH_BASE, PARTITION, flash_guest

GUIDE = pathlib.Path(__file__).parents[2] / "docs" / "guide.md"
# Shows of itself, and of a program that can lie anywhere, the entry of the text in smaps; as the first process.
SHOW = r"""
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

static void show_devices(void)
{
    char line[512];
    FILE *file = fopen("/proc/mtd", "r");
    while (file && fgets(line, sizeof(line), file))
        fputs(line, stdout);
}

/* Where the text is, and these two lines of what smaps says of it. */
static void show_text(void)
{
    char line[512];
    int shown = 0;
    FILE *file = fopen("/proc/self/smaps", "r");
    while (file && fgets(line, sizeof(line), file)) {
        shown = shown || strstr(line, "r-xp");
        if (shown && (strstr(line, "r-xp") || strncmp(line, "Rss:", 4) == 0 || strstr(line, "VmFlags")))
            fputs(line, stdout);
        if (shown && strstr(line, "VmFlags"))
            break;
    }
}

int main(int count, char **arguments)
{
    int first = getpid() == 1;
    if (first) {
        mount("proc", "/proc", "proc", 0, NULL);
        show_devices();
    }
    printf("text of %s\n", arguments[0]);
    show_text();
    fflush(stdout);
    if (first) {
        if (fork() == 0)
            execl("/anywhere", "/anywhere", (char *)NULL);
        wait(NULL);
        printf("done\n");
        fflush(stdout);
        reboot(RB_POWER_OFF);
    }
    return count < 1;
}
"""


@pytest.fixture(scope="module")
def tree(arm, tmp_path_factory):
    root = tmp_path_factory.mktemp("guide") / "root"
    for name in ("", "proc", "dev", "lib"):
        (root / name).mkdir()
    for name in ("ld-linux-armhf.so.3", "libc.so.6"):
        shutil.copy(f"/usr/arm-linux-gnueabihf/lib/{name}", root / "lib")
    for name, options in (("init", ["-static", "-no-pie"]), ("anywhere", ["-pie", "-fPIE"])):
        command = [f"{arm.machine.toolchain.prefix}gcc", "-O1", "-Wall", "-Werror", *options, "-o", root / name, "-x", "c", "-"]
        subprocess.run(command, input=SHOW.encode(), check=True)
    return root


def look(arm, tools, tree, work, root="mtd:xipfs", *options):
    """{program: the entry of its text in smaps} after a boot, and the console's output."""
    tools.pack(tree, work / "image", "-q", *options)
    said = arm.console(work / "image", "/init", root=root).replace("\r", "")
    assert "\ndone\n" in said, said
    return {program: said.split(f"text of {program}\n")[1].split("text of ")[0] for program in ("/init", "/anywhere")}, said


def resident(entry):
    return int(re.search(r"^Rss: +(\d+) kB", entry, re.MULTILINE).group(1))


def flags(entry):
    return re.search(r"^VmFlags: (.*)", entry, re.MULTILINE).group(1).split()


def rom_device(said):
    return int(re.search(r'^mtd(\d+): .*"xipfs"', said, re.MULTILINE).group(1))


@pytest.fixture(scope="module")
def in_place(arm, tools, tree, tmp_path_factory):
    work = tmp_path_factory.mktemp("in-place")
    return (*look(arm, tools, tree, work), work / "image")


def test_text_in_place_takes_no_ram_and_has_the_flags_of_the_guide(arm, in_place):
    entries, _, image = in_place
    assert [resident(entry) for entry in entries.values()] == [0, 0]
    # All of a mapping at once: the offset is the address in the ROM. A part of one: the offset in the file.
    assert "pf" in flags(entries["/init"]) and "mm" in flags(entries["/anywhere"])
    begin, offset = re.match(r"(\w+)-\w+ r-xp (\w+) ", entries["/init"]).groups()
    base = arm.machine.rom_base
    assert base < int(offset, 16) < base + image.stat().st_size and int(begin, 16) != int(offset, 16)
    assert int(re.match(r"\S+ r-xp (\w+) ", entries["/anywhere"]).group(1), 16) < 1 << 20


def test_compressed_text_takes_ram_and_has_none_of_these_flags(arm, tools, tree, tmp_path):
    entries, _ = look(arm, tools, tree, tmp_path, "mtd:xipfs", "--xip=none")
    for entry in entries.values():
        assert resident(entry) > 0 and not {"pf", "mm"} & set(flags(entry)), entry


@pytest.mark.parametrize("line", ["mtd{}", "/dev/mtdblock{}", "1f{:02x}"])
def test_other_root_lines_run_in_place_too(arm, tools, tree, tmp_path, in_place, line):
    entries, _ = look(arm, tools, tree, tmp_path, line.format(rom_device(in_place[1])))
    assert [resident(entry) for entry in entries.values()] == [0, 0]


def test_from_a_disk_nothing_runs_in_place(arm, tools, tree, tmp_path):
    entries, _ = look(arm, tools, tree, tmp_path, "/dev/vdc")  # the first disk of the command line
    for entry in entries.values():
        assert resident(entry) > 0 and not {"pf", "mm"} & set(flags(entry)), entry


def test_chips_that_cannot_be_pointed_at_are_refused_in_the_words_of_the_guide(arm, tools, tree, tmp_path):
    """The machine's own flash, two chips that are one device."""
    tools.pack(tree, tmp_path / "image", "-q")
    said = arm.console(tmp_path / "image", "/init", root="mtd0")
    assert re.search("cramfs: unable to get direct memory access to mtd:", said), said
    assert "cramfs: unable to get direct memory access to mtd:NAME" in GUIDE.read_text()


# -- NOR flash, the second bank of the machine's --------------------------------------------------------------------

def assert_runs_in_flash(said, image):
    text = said.split("text of /init\n")[1].split("text of ")[0]
    address = int(re.match(r"\S+ r-xp (\w+) ", text).group(1), 16)
    assert resident(text) == 0 and 0 < address - FLASH_BASE - PARTITION < image.stat().st_size
    assert "\ndone" in said


def test_a_partition_of_flash_as_rom_runs_in_place_and_the_machine_switches_off(arm, tools, tree, tmp_path):
    image = tmp_path / "image"
    tools.pack(tree, image, "-q")
    ready = flash_guest(arm.machine, "mtd-rom", image, tmp_path)
    assert_runs_in_flash(ready.console(image, "/init", root="mtd:rootfs").replace("\r", ""), image)


def test_a_partition_of_cfi_flash_runs_in_place_and_the_machine_does_not_switch_off(arm, tools, tree, tmp_path):
    """If it does one day, the guide and cramfs-xip(5) must be changed."""
    image = tmp_path / "image"
    tools.pack(tree, image, "-q")
    ready = flash_guest(arm.machine, "cfi-flash", image, tmp_path)
    with pytest.raises(guest.GuestFailed, match="no power-off within") as failed:
        ready.console(image, "/init", timeout=30, root="mtd:rootfs")
    assert_runs_in_flash(str(failed.value).replace("\r", ""), image)
