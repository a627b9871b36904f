"""A virtual machine that reads a cramfs image: build its parts, boot it, and read its agent's records.

The image is there twice: loaded into a window of memory that the kernel knows as ROM (the MTD device "xipfs"), and as a
virtio disk. The agent (guest/agent.c) runs as init from an initramfs, or is started by the image's own /sbin/init.
"""
import dataclasses
import json
import os
import pathlib
import subprocess
import tempfile

import programs
from programs import Toolchain, run

RESULTS_SIZE = 256 << 20  # a sparse file: only what the agent writes takes room
SECTOR = 512
HERE = pathlib.Path(__file__).parent
MOUNTS = ("mtd", "block")


@dataclasses.dataclass(frozen=True)
class Machine:
    """The machine for a kernel of build-kernel.sh. The ROM window is taken out of the machine's memory."""
    kernel: str
    qemu: tuple
    toolchain: Toolchain
    console: str
    rom_base: int
    rom_size: int
    big: bool = False       # the byte order of the images that this kernel mounts
    mmu: bool = True
    page: int = 4096
    words: tuple = ()       # more of the kernel's command line
    debian: str = "armhf"   # Debian's name for what its programs run on
    triplet: str = "arm-linux-gnueabihf"
    loader: str = "lib/ld-linux-armhf.so.3"

    @property
    def order_options(self):
        """For mkcramfs-xip: an image that this kernel mounts."""
        return (*(("-N", "big") if self.big else ()), *self.page_options)

    @property
    def page_options(self):
        """For all programs: this kernel's page size."""
        return () if self.page == 4096 else (f"--block-size={self.page}",)

    @property
    def kernel_options(self):
        """For mkcramfs-xip and cramfsck: what this kernel maps."""
        return () if self.mmu else ("--kernel=nommu",)

    @property
    def report_options(self):
        """For cramfsck: what this kernel maps of an image in this ROM."""
        return (*self.kernel_options, *self.page_options, f"--base={self.rom_base:#x}")


ARM = Machine(
    kernel="arm",
    qemu=("qemu-system-arm", "-M", "virt", "-cpu", "cortex-a15", "-m", "512"),
    toolchain=Toolchain("arm-linux-gnueabihf-"),
    console="ttyAMA0",
    rom_base=0x50000000,
    rom_size=256 << 20,
)
# physmap rounds a window down to a power of two, and a window this large needs room among the kernel's addresses.
LARGE_ARM = dataclasses.replace(ARM, qemu=(*ARM.qemu[:-1], "1024"), rom_base=0x60000000, rom_size=512 << 20,
                                words=("vmalloc=700M",))
ARMBE = dataclasses.replace(ARM, kernel="armbe", big=True,
                            toolchain=Toolchain("arm-linux-gnueabihf-", ("-mbig-endian",), ("-Wl,--be8",)))
ARM_6_1 = dataclasses.replace(ARM, kernel="arm-6.1")


def arm64(kernel, page):
    return Machine(
        kernel=kernel,
        qemu=("qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a76", "-m", "512"),
        toolchain=Toolchain("aarch64-linux-gnu-", (f"-DPAGE_BYTES={page}",)),
        console="ttyAMA0",
        rom_base=0x50000000,
        rom_size=256 << 20,
        page=page,
        debian="arm64",
        triplet="aarch64-linux-gnu",
        loader="lib/ld-linux-aarch64.so.1",
    )


ARM64 = {machine.kernel: machine for machine in (arm64("arm64-64k", 65536), arm64("arm64-16k", 16384), arm64("arm64", 4096))}
RISCV_NOMMU = Machine(
    kernel="riscv-nommu",
    qemu=("qemu-system-riscv64", "-M", "virt", "-cpu", "rv64,mmu=false", "-m", "512", "-bios", "none"),
    toolchain=Toolchain("riscv64-linux-gnu-", ("-mcmodel=medany",), ("-Wl,--no-relax",), flat=True),
    console="ttyS0",
    rom_base=0x90000000,
    rom_size=64 << 20,
    mmu=False,
)


class GuestFailed(Exception):
    """The machine did not answer all requests; the message ends with the console's last lines."""


@dataclasses.dataclass
class Observation:
    """The agent's records, sorted by kind (guest/record.h)."""
    nodes: dict       # mount -> path (bytes) -> record
    mappings: list    # in the order of the requests
    regions: list
    runs: list        # likewise
    boot_messages: list
    errors: list      # failures, as text


def cpio_archive(nodes):
    """A "newc" archive of (name, mode, data): the form of an initramfs, without the need to be root or to have cpio."""
    archive = bytearray()
    for name, mode, data in [*nodes, ("TRAILER!!!", 0, b"")]:
        fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0]
        archive += b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
        archive += bytes(-len(archive) % 4) + data
        archive += bytes(-len(archive) % 4)
    return bytes(archive)


def build_initramfs(agent, path):
    directories = [(name, 0o40755, b"") for name in ("proc", "sys", "dev", "mnt")]
    path.write_bytes(cpio_archive([*directories, ("init", 0o100755, agent.read_bytes())]))


def build_device_tree(machine, path):
    """The machine's own tree, plus the ROM window: memory that the kernel leaves alone, with an mtd-rom over it."""
    base, size = machine.rom_base, machine.rom_size
    page = base & ~0xfff
    blob = path.with_suffix(".machine")
    run(*machine.qemu, "-machine", f"dumpdtb={blob}", "-nodefaults", "-nographic")
    source = run("dtc", "-q", "-I", "dtb", "-O", "dts", blob).decode() + f"""
/ {{
    reserved-memory {{
        #address-cells = <2>; #size-cells = <2>; ranges;
        rom@{page:x} {{ reg = <0 {page:#x} 0 {base - page + size:#x}>; no-map; }};
    }};
    xipfs@{base:x} {{
        compatible = "mtd-rom"; reg = <0 {base:#x} 0 {size:#x}>; bank-width = <4>; linux,mtd-name = "xipfs";
    }};
}};
"""
    run("dtc", "-q", "-I", "dts", "-O", "dtb", "-o", path, "-", input=source.encode())


class Guest:
    """A machine that is ready to boot. Boots share nothing but read-only files: they may run side by side."""

    def __init__(self, machine, work):
        self.machine = machine
        kernel = run(HERE / "build-kernel.sh", machine.kernel).decode().strip()
        self.kernel = pathlib.Path(kernel) / "image"
        self.agent = programs.build(machine.toolchain, programs.AGENT, load_to_ram=True)
        self.initramfs = work / "initramfs"
        self.device_tree = work / "machine.dtb"
        build_initramfs(self.agent, self.initramfs)
        build_device_tree(machine, self.device_tree)

    def boot(self, image, requests=(), init=None, mounts=MOUNTS, timeout=120):
        """Boot once, let the agent read the mounts and answer the requests (lines of guest/agent.c). Returns an
        Observation.

        init: a path in the image, which is then the root and has to start the agent.
        """
        requests = [*(f"walk {mount}" for mount in mounts), *requests]
        with tempfile.TemporaryDirectory(prefix="boot-", dir=image.parent) as name:
            work = pathlib.Path(name)
            self._write_disks(work, requests)
            self._run(work, image, init, timeout)
            return read_results(work / "results", (work / "console").read_text(errors="replace"))

    def console(self, image, init, timeout=120, root="mtd:xipfs"):
        """Boot from the image with its own init, which ends by switching off. Returns the console's output.

        root: the kernel's root= argument; the image is in ROM and on the first disk.
        """
        with tempfile.TemporaryDirectory(prefix="boot-", dir=image.parent) as name:
            work = pathlib.Path(name)
            self._write_disks(work, ())
            self._run(work, image, init, timeout, root)
            return (work / "console").read_text(errors="replace")

    def _write_disks(self, work, requests):
        rom = f"rom {self.machine.rom_base:x} {self.machine.rom_base + self.machine.rom_size:x}"
        text = "".join(f"{line}\n" for line in [rom, *requests, "end"]).encode()
        (work / "requests").write_bytes(text + bytes(-len(text) % SECTOR))
        with open(work / "results", "wb") as results:
            results.truncate(RESULTS_SIZE)

    def _run(self, work, image, init, timeout, root="mtd:xipfs"):
        size = image.stat().st_size
        if size > self.machine.rom_size:
            raise GuestFailed(f"{image} has {size} bytes, the ROM window {self.machine.rom_size}: widen it in Machine")
        # panic=-1 with -no-reboot: a dead guest ends qemu at once. The log must hold every message of the boot.
        words = [f"console={self.machine.console}", *self.machine.words, "quiet", "panic=-1", "log_buf_len=4M",
                 'dyndbg="file fs/cramfs/inode.c +p"']
        command = [*self.machine.qemu, "-nodefaults", "-nographic", "-no-reboot", "-serial", f"file:{work}/console",
                   "-kernel", self.kernel, "-dtb", self.device_tree,
                   "-device", f"loader,file={image},addr={self.machine.rom_base:#x},force-raw=on"]
        for serial, path, read_only in (("image", image, "on"), ("requests", work / "requests", "on"),
                                        ("results", work / "results", "off")):
            command += ["-drive", f"if=none,id={serial},format=raw,readonly={read_only},file={path}",
                        "-device", f"virtio-blk-device,drive={serial},serial={serial}"]
        if init:
            words += [f"root={root}", "rootfstype=cramfs", "ro", f"init={init}"]
        else:
            command += ["-initrd", self.initramfs]
        (work / "console").touch()
        try:
            run(*command, "-append", " ".join(words), timeout=timeout)
        except subprocess.TimeoutExpired:
            raise GuestFailed(f"no power-off within {timeout} s; the console ends:\n{tail(work / 'console')}") from None


def tail(console):
    return "\n".join(console.read_text(errors="replace").splitlines()[-30:])


def read_results(path, console):
    observation = Observation({mount: {} for mount in MOUNTS}, [], [], [], [], [])
    count = 0
    with open(path, "rb") as results:
        for line in results:
            if not line.startswith(b"{"):
                break  # the rest of the disk is zeroes
            record = json.loads(line)
            if record["record"] == "end":
                if record["records"] != count:
                    raise GuestFailed(f"{count} records arrived of {record['records']}")
                return observation
            count += 1
            add_record(observation, record)
    last_lines = "\n".join(console.splitlines()[-30:])
    raise GuestFailed(f"the guest died after {count} records; the console ends:\n{last_lines}")


def add_record(observation, record):
    kind = record.pop("record")
    if "path" in record:
        record["path"] = bytes.fromhex(record["path"])
    if kind == "node":
        mount, path = record.pop("mount"), record.pop("path")
        if path in observation.nodes[mount]:
            observation.errors.append(f"{mount}: readdir gives {path!r} twice")
        observation.nodes[mount][path] = record
    elif kind == "mapping":
        observation.mappings.append(record)
    elif kind == "region":
        observation.regions.append(record)
    elif kind == "run":
        record["output"] = bytes.fromhex(record["output"]) if "output" in record else None
        observation.runs.append(record)
    elif kind == "boot":
        observation.boot_messages = record["messages"]
    elif kind == "error":
        observation.errors.append(f"{record['doing']} {record['path']!r}: {os.strerror(record['error'])}")
    else:
        raise GuestFailed(f"the agent wrote a record of kind {kind!r}")
