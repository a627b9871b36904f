"""A profile from a boot under QEMU: which pages of a tree are in RAM after some work, as CSV for --xip-profile.

The tree boots from a block device with nothing in place, so that every page that is touched has to be in RAM. It uses
the kernel and the archive writer of tests/kernel.
"""
import csv
import io
import pathlib
import subprocess
import sys
import zlib

HERE = pathlib.Path(__file__).resolve().parent
KERNEL_TESTS = HERE.parent / "tests" / "kernel"
sys.path[:0] = [str(KERNEL_TESTS), str(HERE.parent / "tests" / "support")]

import guest  # noqa: E402 - it needs what the path above brings

COMPILE = ("arm-linux-gnueabihf-gcc", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-static")
RESIDENT_PAGES = sorted((HERE.parent / "examples" / "profile").glob("*.c"))
WORK = HERE / "guest" / "work.sh"
# The paths of the mount point and of the work in the image.
MOUNT_POINTS = ("proc", "dev", "tmp")
BEGIN, END = "profile begins", "profile ends: 0"


class BootFailed(Exception):
    """The guest did not finish its work; the message is the end of the console."""


def prepare(root):
    """Add the files that the boot needs to the tree. The image whose pages are chosen is made from the same tree."""
    for name in MOUNT_POINTS:
        (root / name).mkdir(exist_ok=True)
    (root / "work.sh").write_bytes(WORK.read_bytes())


def build_initramfs(work):
    files = []
    for name, sources in (("init", [HERE / "guest" / "init.c"]), ("resident-pages", RESIDENT_PAGES)):
        subprocess.run([*COMPILE, "-o", work / name, *sources], check=True)
        files.append((name, 0o100755, (work / name).read_bytes()))
    directories = [(name, 0o40755, b"") for name in ("dev", "sys", "mnt")]
    path = work / "initramfs"
    path.write_bytes(guest.cpio_archive([*directories, *files]))
    return path


def boot(image, work, timeout=400, words="", extra=()):
    """Boot, and return the console's lines. The timeout is long enough for a busy machine."""
    machine = guest.ARM
    kernel = pathlib.Path(guest.run(KERNEL_TESTS / "build-kernel.sh", machine.kernel).decode().strip()) / "image"
    console = work / "console"
    guest.run(*machine.qemu, "-nodefaults", "-nographic", "-no-reboot", "-serial", f"file:{console}",
              "-kernel", kernel, "-initrd", build_initramfs(work),
              "-drive", f"if=none,id=image,format=raw,readonly=on,file={image}",
              "-device", "virtio-blk-device,drive=image",
              *extra,
              "-append", f"console={machine.console} quiet panic=-1 {words}", timeout=timeout)
    return console.read_text(errors="replace").splitlines()


def take(tools, root, work, known):
    """The profile of the tree as rows (path, offset, count), only for the paths in `known`: these are the programs.
    Data that was read() is in RAM wherever the image has it."""
    image = work / "profiled.img"
    tools.pack(root, image, "-q", "--xip=none")
    lines = boot(image, work)
    if "work: 0" not in lines or BEGIN not in lines or END not in lines:
        raise BootFailed("\n".join(lines[-40:]))
    text = "\n".join(lines[lines.index(BEGIN) + 1:lines.index(END)])
    # Its header, and its last line on standard error, are printed on the same console.
    listed = [row for row in csv.reader(io.StringIO(text)) if len(row) >= 3 and row[0].startswith("/")]
    # A hard-linked file is listed once, under the name that was found first.
    first_names = {}
    for path in sorted(known):
        first_names.setdefault((root / path[1:]).stat().st_ino, path)
    rows = [(first_names.get((root / path[1:]).stat().st_ino), int(offset), int(count))
            for path, offset, count, *_ in listed]
    return [row for row in rows if row[0]]


def write(rows, path, root):
    """Write the rows as a file. The first row of each path has the id of the contents, so that another version is
    noticed."""
    with open(path, "w", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(("path", "offset", "count"))
        told = set()
        for row in rows:
            if row[0] not in told:
                told.add(row[0])
                row = (*row, f"crc32:{zlib.crc32((root / row[0][1:]).read_bytes()):08x}")
            writer.writerow(row)


def read(path):
    with open(path, newline="") as opened:
        return [(row[0], int(row[1]), int(row[2])) for row in list(csv.reader(opened))[1:]]
