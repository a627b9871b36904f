"""examples/update/uboot in a real U-Boot under QEMU: CFI flash, power cuts, images and blocks that are refused.

Only with CRAMFS_XIP_UBOOT, the u-boot.bin of qemu_arm_defconfig with the options below. To make it from Debian's source package, which
`apt-get source u-boot` unpacks if apt's sources have deb-src (Debian's own binary, in u-boot-qemu, has neither `hash` nor `unzip`):

    make qemu_arm_defconfig
    scripts/config -e CMD_HASH -e SHA256 -e CMD_UNZIP -d SYS_FLASH_CFI_WIDTH_8BIT -e SYS_FLASH_CFI_WIDTH_32BIT -d SYS_FLASH_USE_BUFFER_WRITE
    make olddefconfig && make CROSS_COMPILE=arm-linux-gnueabihf- u-boot.bin

This needs the packages gcc-arm-linux-gnueabihf, make, bison, flex, bc and libssl-dev. The flash is the second one of QEMU's "virt": two
chips of 16 bits in parallel, with erase blocks of 256 KiB. Without the width, U-Boot finds half of it, with erase blocks of 128 KiB.
With QEMU 7.2.22, U-Boot's buffered writes fail after the first buffer of an erase block; so U-Boot must write word by word.
"""
import mmap
import os
import re
import shutil
import subprocess
import time

import pytest

import payload
import scenes
from test_templates import EXAMPLES, well

UBOOT = os.environ.get("CRAMFS_XIP_UBOOT")
QEMU = shutil.which("qemu-system-arm")
BANK, BANK_SIZE, ERASE_BLOCK = 0x04000000, 64 << 20, 256 << 10
BEFORE = 4 * ERASE_BLOCK  # bytes of the flash before the image; U-Boot's environment is among them
SCRIPT, LOAD, RAM = 0x41000000, 0x42000000, 0x46000000

pytestmark = [pytest.mark.skipif(not UBOOT, reason="to run: CRAMFS_XIP_UBOOT=FILE, a u-boot.bin made as test_real_uboot.py describes"),
              pytest.mark.skipif(not (QEMU and shutil.which("mkimage")), reason="no qemu-system-arm or no mkimage")]


class Board:
    """The flash is a file, which survives a power cut. Each run is a boot that executes the script."""

    def __init__(self, work, update):
        self.work, self.flash = work, work / "flash"
        well(EXAMPLES / "uboot" / "make-script.sh", update, hex(BANK + BEFORE), work / "update.cmd", work / "update.bin")
        well("mkimage", "-A", "arm", "-T", "script", "-C", "none", "-n", "update", "-d", work / "update.cmd", work / "update.scr")

    def put(self, image):
        with open(self.flash, "wb") as flash:
            flash.write(b"\xa5" * BEFORE + image)
            flash.write(b"\x5a" * (BANK_SIZE - flash.tell()))

    def image(self, size):
        """The bytes of the image. Those around its erase blocks must be as put() wrote them."""
        data, end = self.flash.read_bytes(), BEFORE + -(-size // ERASE_BLOCK) * ERASE_BLOCK
        assert data[:BEFORE] == b"\xa5" * BEFORE and data[end:] == b"\x5a" * (BANK_SIZE - end)
        return data[BEFORE:BEFORE + size]

    def run(self, cut=None):
        """What U-Boot printed. `cut` is a condition on the bytes of the flash: the power is cut as soon as it is true."""
        command = [QEMU, "-M", "virt", "-cpu", "cortex-a15", "-m", "256", "-display", "none", "-nic", "none", "-monitor", "none",
                   "-serial", "stdio", "-bios", UBOOT, "-drive", f"if=pflash,unit=1,format=raw,file={self.flash}"]
        for name, address in (("update.bin", LOAD), ("update.scr", SCRIPT)):
            command += ["-device", f"loader,file={self.work / name},addr={address:#x},force-raw=on"]
        self.printed, self.deadline = b"", time.monotonic() + 300
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0) as self.qemu:
            os.set_blocking(self.qemu.stdout.fileno(), False)
            try:
                self.wait(lambda: b"Hit any key" in self.printed)
                self.qemu.stdin.write(b" ")
                self.wait(lambda: b"=> " in self.printed)
                self.qemu.stdin.write(f"setenv loadaddr {LOAD:#x}; setenv ramdisk_addr_r {RAM:#x}; "
                                      f"source {SCRIPT:#x}; echo status=$?.\n".encode())
                if cut:
                    with open(self.flash, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as flash:
                        self.wait(lambda: cut(flash), 0.001)
                else:
                    self.wait(lambda: re.search(rb"status=\d\.", self.printed))
            finally:
                self.qemu.kill()
        return self.printed

    def wait(self, condition, pause=0.01):
        while not condition():
            self.printed += self.qemu.stdout.read() or b""
            assert time.monotonic() < self.deadline and self.qemu.poll() is None, self.printed.decode(errors="replace")
            time.sleep(pause)

    def succeeds(self, new):
        printed = self.run()
        assert b"The new image is there" in printed and b"status=0." in printed and self.image(len(new)) == new, printed
        return printed

    def refuses(self, said, image):
        self.put(image)
        before = self.flash.stat().st_mtime_ns
        printed = self.run()
        assert said in printed and b"Nothing was written" in printed and b"status=1." in printed, printed
        assert self.image(len(image)) == image and self.flash.stat().st_mtime_ns == before


def written(offset, data, count):
    """The condition that an erase block was erased, and the first `count` bytes of the data were then written, perhaps more."""
    begin = BEFORE + offset
    last = begin + ERASE_BLOCK - 256
    return lambda flash: flash[last:last + 256] == b"\xff" * 256 and flash[begin:begin + count] == data[:count]


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """(old image, new image). Only the first and the last erase block differ, and the last is short: U-Boot needs seconds for each."""
    scene = scenes.Scene(tmp_path_factory.mktemp("release"), size="256K")
    scene.tree.file(b"data/large", scene.rng.randbytes(3 * ERASE_BLOCK + 4096 - scene.image.stat().st_size))
    scene.image = scene.pack()
    return scene.update(scenes.add)


def test_update_is_complete_after_power_cuts(release, tmp_path):
    old, new = (path.read_bytes() for path in release)
    update = payload.write(*release, ERASE_BLOCK, tmp_path / "update.tar")
    (last, old_length, tail), (first, _, head) = payload.Update(update).writes()
    assert first == 0 and old_length < len(tail) < 65536
    board = Board(tmp_path, update)
    board.put(old)
    for offset, data, count in ((last, tail, len(tail) // 2), (last, tail, 0), (first, head, 0), (first, head, 20000)):
        board.run(cut=written(offset, data, count))
        assert board.image(len(new)) != new
    assert b"Writing" in board.succeeds(new)
    before = board.flash.stat().st_mtime_ns
    assert b"Writing" not in board.succeeds(new) and board.flash.stat().st_mtime_ns == before


def test_script_refuses_before_the_first_write(release, tmp_path):
    old, new = (path.read_bytes() for path in release)
    board = Board(tmp_path, payload.write(*release, ERASE_BLOCK, tmp_path / "update.tar"))
    for at in (0, len(old) // 2):  # the block that is written last, and one that is kept
        board.refuses(b"Not the old image", old[:at] + bytes([old[at] ^ 1]) + old[at + 1:])
    blocks = (tmp_path / "update.bin").read_bytes()
    for at in (2, len(blocks) // 2, len(blocks) - 100):  # 2: the method of compression; U-Boot ignores the two bytes before it
        (tmp_path / "update.bin").write_bytes(blocks[:at] + bytes([blocks[at] ^ 0x10]) + blocks[at + 1:])
        board.refuses(b"is damaged", old)
    board = Board(tmp_path, payload.write(*release, ERASE_BLOCK // 2, tmp_path / "small.tar"))
    board.refuses(b"Not an erase block of the flash", old)
