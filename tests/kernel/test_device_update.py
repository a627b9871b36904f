"""apply.sh on a board: busybox and mtd-utils write an update into a partition of CFI flash, also when the power is cut, again and again."""
import hashlib
import os
import random
import shutil
import subprocess
import time

import pytest

import flash
import guest

SEED = 20261126
ERASE_BLOCK = 256 << 10  # of QEMU's flash
PROGRAMS = ("bin/busybox", "usr/sbin/flash_erase", "usr/sbin/flash_unlock", "lib/ld-linux-armhf.so.3", "lib/arm-linux-gnueabihf/libc.so.6",
            "lib/arm-linux-gnueabihf/libresolv.so.2")
INIT = b"""#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev; mount -t tmpfs tmp /tmp
device=/dev/$(sed -n 's/^\\(mtd[0-9]*\\):.*"rootfs"$/\\1/p' /proc/mtd)
tar -xOf /update.tar apply.sh >/tmp/apply.sh
mkdir -p /mnt
if [ -e /mounted ]; then mount -t cramfs mtd:rootfs /mnt; fi
echo begin
sh /tmp/apply.sh /update.tar $device
echo code $?
if [ ! -e /mounted ]; then mount -t cramfs mtd:rootfs /mnt; fi
cat /mnt/etc/release
echo the end
sleep 1000
"""


class Board:
    """The machine, with the flash as it is and the update in its initramfs. It does not switch itself off: its power is cut."""

    def __init__(self, arm, work, old, update, programs, *files):
        self.ready = flash.flash_guest(arm.machine, "cfi-flash", old, work)
        self.flash = work / "flash"
        self.work = work
        directories = [(name, 0o40755, b"") for name in ("proc", "sys", "dev", "tmp", "mnt", "bin", "sbin", "usr", "usr/sbin", "lib",
                                                         "lib/arm-linux-gnueabihf")]
        nodes = [(name, 0o100755, (programs / name).resolve().read_bytes()) for name in PROGRAMS]
        nodes += [("init", 0o100755, INIT), ("update.tar", 0o100644, update.read_bytes()), *[(name, 0o100644, b"") for name in files]]
        (work / "initramfs").write_bytes(guest.cpio_archive([*directories, *nodes]))

    def run(self, cut=None, seconds=180):
        """The console's output until the end, or until that many seconds after the flash was first changed."""
        console = self.work / "console"
        console.write_bytes(b"")
        command = [*self.ready.machine.qemu, "-nodefaults", "-nographic", "-no-reboot", "-serial", f"file:{console}", "-kernel", self.ready.kernel,
                   "-dtb", self.ready.device_tree, "-initrd", self.work / "initramfs",
                   "-append", f"console={self.ready.machine.console} quiet panic=-1 rdinit=/init"]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        end, before = time.monotonic() + seconds, self.flash.read_bytes()
        while time.monotonic() < end and process.poll() is None and "the end" not in console.read_text(errors="replace"):
            time.sleep(0.02)
            if cut is not None and self.flash.read_bytes() != before:
                time.sleep(cut)
                break
        process.kill()
        said = process.communicate()[0].decode(errors="replace")
        return said + console.read_text(errors="replace").replace("\r", "")

    def image(self, length):
        return self.flash.read_bytes()[flash.PARTITION:flash.PARTITION + length]


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    root = tmp_path_factory.mktemp("mtd-utils") / "armhf"
    fetched = subprocess.run([guest.HERE.parents[1] / "scripts" / "fetch-debian.sh", "--arch", "armhf", root, "busybox", "libc6", "mtd-utils"],
                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if fetched.returncode:
        pytest.fail(fetched.stderr.decode())
    return root


@pytest.fixture(scope="module")
def release(tools, programs, tmp_path_factory):
    """(old image, new image, update between them)"""
    work = tmp_path_factory.mktemp("release")
    tree, owners = work / "tree", [] if os.geteuid() == 0 else ["--all-root"]
    for name in PROGRAMS:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy((programs / name).resolve(), tree / name)
    (tree / "etc").mkdir()
    (tree / "etc" / "release").write_text("old\n")
    tools.pack(tree, work / "old.img", "-q", *owners)
    rng = random.Random(SEED)
    (tree / "etc" / "release").write_text("the new release\n")
    (tree / "etc" / "data").write_bytes(rng.randbytes(600000))
    data = bytearray((tree / PROGRAMS[0]).read_bytes())
    data[300000:300008] = rng.randbytes(8)
    (tree / PROGRAMS[0]).write_bytes(data)
    tools.pack(tree, work / "new.img", "-q", *owners, f"--like={work / 'old.img'}", f"--erase-block={ERASE_BLOCK}")
    tools.run_well("cramfs-dump", "--diff", f"--update={work / 'update.tar'}", f"--erase-block={ERASE_BLOCK}", work / "old.img", work / "new.img")
    return work / "old.img", work / "new.img", work / "update.tar"


def test_update_of_a_partition(arm, release, programs, tmp_path):
    old, new, update = release
    board = Board(arm, tmp_path, old, update, programs)
    before = board.flash.read_bytes()
    said = board.run()
    assert "code 0\nthe new release\nthe end" in said, said
    assert "done: the new image is there" in said
    made, data = board.flash.read_bytes(), new.read_bytes()
    assert hashlib.sha256(board.image(len(data))).digest() == hashlib.sha256(data).digest()
    # Nothing is written elsewhere; the rest of the image's last erase block is erased.
    end = flash.PARTITION + -(-len(data) // ERASE_BLOCK) * ERASE_BLOCK
    assert made[:flash.PARTITION] == before[:flash.PARTITION] and made[end:] == before[end:]
    assert set(made[flash.PARTITION + len(data):end]) <= {0xff}
    assert "(0 blocks written)" in board.run()


def test_power_cut_again_and_again(arm, release, programs, tmp_path):
    """The machine is killed while it writes, at moments from a seed; in the end the new image is there."""
    print(f"seed {SEED}")
    rng = random.Random(SEED)
    old, new, update = release
    board = Board(arm, tmp_path, old, update, programs)
    data = new.read_bytes()
    states = set()
    for _ in range(5):
        board.run(cut=0.5 * rng.random())
        states.add(hashlib.sha256(board.image(len(data))).digest())
    said = board.run()
    assert "code 0\nthe new release\nthe end" in said, said
    assert board.image(len(data)) == data
    assert len(states - {hashlib.sha256(data).digest()}) > 1, "the power was not cut while the flash was written"


def test_mounted_partition_is_refused(arm, release, programs, tmp_path):
    old, new, update = release
    board = Board(arm, tmp_path, old, update, programs, "mounted")
    said = board.run()
    assert "code 8\nold\nthe end" in said and "it is mounted" in said, said
    assert board.image(old.stat().st_size) == old.read_bytes()
