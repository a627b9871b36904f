"""QEMU's mps2-an385: a Cortex-M3 without an MMU. It has no virtio, so no agent: the image's own init prints on the console.

The image is in the machine's second memory, which the kernel treats as ROM.
"""
import dataclasses
import os
import pathlib
import re
import struct
import subprocess
import tempfile
import time

import elf
import programs
from guest import GuestFailed, HERE, tail
from programs import FREESTANDING, SOURCES, Toolchain, run

ROM_BASE, ROM_SIZE = 0x20000000, 4 << 20
KERNEL, DEVICE_TREE = 0x21008000, 0x21c00000  # in its 16 MiB of RAM
TOOLCHAIN = Toolchain("arm-linux-gnueabihf-", ("-mcpu=cortex-m3", "-mthumb", "-mfloat-abi=soft"))
REPORT_OPTIONS = ("--kernel=nommu", f"--base={ROM_BASE:#x}")
END = "reboot: Restarting system"
E_PHOFF, E_FLAGS, EF_ARM_PIC = 28, 36, 0x20
PT_NULL, PT_INTERP = 0, 3
FDPIC = ("fdpic.c", "fdpic.S")
FDPIC_LINK = ("-fPIE", "-static", "-Wl,-z,noexecstack,--build-id=none", "-Wl,-T", SOURCES / "fdpic.ld")


def in_rom(address):
    return ROM_BASE <= address < ROM_BASE + ROM_SIZE


class Mps2:
    def __init__(self, work):
        built = pathlib.Path(run(HERE / "build-kernel.sh", "arm-nommu").decode().strip())
        self.kernel, self.machine_tree = built / "image", built / "device-tree"
        self.start = work / "start"
        elf = work / "start.elf"
        run(TOOLCHAIN.prefix + "gcc", *FREESTANDING, *TOOLCHAIN.options, "-static", "-Wl,-Ttext=0,--build-id=none",
            f"-DKERNEL={KERNEL:#x}", f"-DDEVICE_TREE={DEVICE_TREE:#x}", "-o", elf, SOURCES / "mps2.S")
        run(TOOLCHAIN.prefix + "objcopy", "-O", "binary", elf, self.start)

    def _write_device_tree(self, path, init):
        source = run("dtc", "-q", "-I", "dtb", "-O", "dts", self.machine_tree).decode() + f"""
/ {{
    chosen {{ bootargs = "console=ttyMPS0 ignore_loglevel panic=-1 root=mtd:xipfs rootfstype=cramfs ro init={init} \\
dyndbg=\\"file fs/cramfs/inode.c +p\\""; }};
    xipfs@{ROM_BASE:x} {{
        compatible = "mtd-rom"; reg = <{ROM_BASE:#x} {ROM_SIZE:#x}>; bank-width = <4>; linux,mtd-name = "xipfs";
    }};
}};
""".replace("\\\n", "")
        run("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", path, "-", input=source.encode())

    def console(self, image, init, timeout=120):
        """Boot from the image with its init, which ends by a restart. Returns the console's output, with cramfs's
        messages."""
        if image.stat().st_size > ROM_SIZE:
            raise GuestFailed(f"{image} has {image.stat().st_size} bytes, this machine's ROM {ROM_SIZE}")
        with tempfile.TemporaryDirectory(prefix="boot-", dir=image.parent) as name:
            work = pathlib.Path(name)
            self._write_device_tree(work / "tree", init)
            command = ["qemu-system-arm", "-M", "mps2-an385", "-nodefaults", "-nographic", "-nic", "none",
                       "-serial", f"file:{work}/console", "-kernel", self.start]
            for path, address in ((self.kernel, KERNEL), (work / "tree", DEVICE_TREE), (image, ROM_BASE)):
                command += ["-device", f"loader,file={path},addr={address:#x},force-raw=on"]
            return run_to_its_end(command, work / "console", timeout)


def run_to_its_end(command, console, timeout):
    """This machine can neither switch off nor start again: the boot ends when the kernel prints that it would
    restart."""
    console.touch()
    until = time.monotonic() + timeout
    with subprocess.Popen([os.fspath(word) for word in command]) as machine:
        try:
            while END not in (said := console.read_text(errors="replace")):
                if machine.poll() is not None or time.monotonic() > until:
                    raise GuestFailed(f"no end within {timeout} s; the console ends:\n{tail(console)}")
                time.sleep(0.1)
            return said
        finally:
            machine.kill()


# -- programs ------------------------------------------------------------------------------------------------------------

def fdpic_program(constant_displacement=False, interpreted=False):
    """The bytes of guest/fdpic.c. constant_displacement: its segments must keep their distances (EF_ARM_PIC)."""
    data = bytearray(programs.build(TOOLCHAIN, FDPIC, *FDPIC_LINK).read_bytes())
    data[elf.EI_OSABI] = elf.OSABI_ARM_FDPIC
    data[E_FLAGS] |= EF_ARM_PIC if constant_displacement else 0
    first_header, = struct.unpack_from("<I", data, E_PHOFF)
    assert struct.unpack_from("<I", data, first_header) == (PT_NULL,)
    struct.pack_into("<I", data, first_header, PT_INTERP if interpreted else PT_NULL)
    return bytes(data)


@dataclasses.dataclass
class Said:
    """The output of fdpic.c: where its text runs, and the addresses of its segments in a load map, by linked address."""
    text: int
    segments: dict   # "program" or "interpreter" -> {linked at: (address, size)}
    whole: list      # the maps whose data were whole


def read_said(text):
    said = Said(int(re.search(r"text at ([0-9a-f]{8})", text)[1], 16), {}, re.findall(r"(\w+) data whole", text))
    for whose, *numbers in re.findall(r"(\w+) segment ([0-9a-f]{8}) at ([0-9a-f]{8}) size ([0-9a-f]{8})", text):
        linked, address, size = (int(number, 16) for number in numbers)
        said.segments.setdefault(whose, {})[linked] = (address, size)
    return said
