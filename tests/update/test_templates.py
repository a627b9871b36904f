"""examples/update: the files for U-Boot, SWUpdate and RAUC, checked by their own tools, and executed where that is possible here."""
import os
import pathlib
import random
import shutil
import subprocess

import pytest

import payload
import scenes
import trees
from tools import run_well

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples" / "update"
FLASH, LOAD, RAM = 0x08100000, 0x10000000, 0x10800000
SEED = 20261127


def needs(*tools):
    missing = [tool for tool in tools if not shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin:/sbin")]
    return pytest.mark.skipif(missing != [], reason=f"no {', '.join(missing)}")


def well(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options)
    assert done.returncode == 0, done.stdout.decode(errors="replace")
    return done.stdout


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """(old image, new image, update, its parts)"""
    work = tmp_path_factory.mktemp("release")
    scene = scenes.Scene(work)
    old, new = scene.update(scenes.add)
    update = payload.write(old, new, 4096, work / "update.tar")
    return old.read_bytes(), new.read_bytes(), update, payload.Update(update)


# U-Boot's commands over a file that is the memory, for bash: its shell reads the same `if`, `test` and variables. `exit` is that of
# U-Boot 2023.01, which does not end a script. test_real_uboot.py has a real U-Boot.
UBOOT = f"""
loadaddr={LOAD:#x} ramdisk_addr_r={RAM:#x}
peek() {{ dd if="$memory" bs=4096 iflag=skip_bytes,count_bytes skip=$(($1)) count=$(($2)) 2>/dev/null; }}
poke() {{ dd of="$memory" bs=4096 oflag=seek_bytes seek=$(($1)) conv=notrunc 2>/dev/null; }}
hash() {{ local digest; digest=$(peek "$2" "$3" | sha256sum); printf -v "$4" %s "${{digest%% *}}"; }}
setenv() {{ printf -v "$1" %s "${{2-}}"; }}
setexpr() {{ printf -v "$1" 0x%x $(($2 + $4)); }}
gunzipped() {{ peek "$1" $((1 << 20)) | gunzip -c 2>/dev/null | head -c $(($2)); }}
unzip() {{ gunzipped "$1" "$3" | poke "$2"; [ "$(gunzipped "$1" "$3" | wc -c)" -eq $(($3)) ]; }}
sectors() {{ [ $(($1 % sector)) -eq 0 ] && [ $((($2 + 1) % sector)) -eq 0 ]; }}
protect() {{ [ "$1" = off ] && sectors "$2" "$3"; }}
erase() {{ sectors "$1" "$2" && head -c $(($2 + 1 - $1)) /dev/zero | tr '\\0' '\\377' | poke "$1"; }}
cp.b() {{ peek "$1" "$3" | poke "$2"; }}
exit() {{ return "${{1-0}}"; }}
source "$script"
"""


class UBoot:
    def __init__(self, work, release):
        self.old, self.new, update, self.parts = release
        self.memory, self.script, blocks = work / "memory", work / "update.cmd", work / "update.bin"
        well(EXAMPLES / "uboot" / "make-script.sh", update, hex(FLASH), self.script, blocks)
        self.blocks = blocks.read_bytes()
        self.writes = self.parts.writes()

    def run(self, flash, blocks=None, ram=b"", **variables):
        """(its output, the flash afterwards)"""
        with open(self.memory, "wb") as memory:
            for address, data in ((FLASH, flash), (LOAD, blocks or self.blocks), (RAM, ram)):
                memory.seek(address)
                memory.write(data)
            memory.truncate(LOAD + (1 << 25))
        environment = {**os.environ, "memory": str(self.memory), "script": str(self.script), "sector": "4096", **variables}
        done = subprocess.run(["bash", "-c", UBOOT], stdout=subprocess.PIPE, env=environment)
        assert (done.returncode == 0) == (b"The new image is there" in done.stdout)
        with open(self.memory, "rb") as memory:
            memory.seek(FLASH)
            return done.stdout, memory.read(max(len(flash), len(self.new)))

    def refuses(self, said, *arguments, **more):
        printed, after = self.run(*arguments, **more)
        assert said in printed and b"Nothing was written" in printed and b"Writing" not in printed
        assert after[:len(arguments[0])] == arguments[0]


@pytest.fixture
def uboot(tmp_path, release):
    return UBoot(tmp_path, release)


@needs("mkimage")
def test_mkimage_takes_the_script(uboot, tmp_path):
    well("mkimage", "-A", "arm", "-T", "script", "-C", "none", "-n", "update", "-d", uboot.script, tmp_path / "update.scr")
    assert b"Linux Script" in well("mkimage", "-l", tmp_path / "update.scr")


def test_script_gives_the_new_image(uboot):
    said, flash = uboot.run(uboot.old)
    assert b"Writing" in said and b"The new image is there" in said and flash[:len(uboot.new)] == uboot.new
    said, again = uboot.run(flash)
    assert b"Writing" not in said and b"The new image is there" in said and again == flash


def test_script_goes_on_after_a_power_cut(uboot):
    rng = random.Random(SEED)
    print(f"seed {SEED}")
    for number, (offset, _, data) in enumerate(uboot.writes):
        flash = bytearray(uboot.old)
        for begin, _, block in uboot.writes[:number]:
            flash[begin:begin + len(block)] = block
        at = rng.randrange(len(data))
        flash[offset:offset + len(data)] = data[:at] + b"\xff" * (len(data) - at)
        said, after = uboot.run(bytes(flash))
        assert b"The new image is there" in said and after[:len(uboot.new)] == uboot.new, number


def test_script_refuses_another_image_and_damaged_blocks(uboot):
    last = uboot.writes[-1][0]
    for at in (last, len(uboot.old) // 2):
        flash = bytearray(uboot.old)
        flash[at] ^= 1
        assert not any(at in range(offset, offset + len(data)) for offset, _, data in uboot.writes[:1])
        uboot.refuses(b"Not the old image", bytes(flash))
    blocks = bytearray(uboot.blocks)
    blocks[len(blocks) // 2] ^= 0x10
    uboot.refuses(b"is damaged", uboot.old, bytes(blocks))


def test_script_refuses_a_damaged_block_that_an_earlier_run_left_in_ram(uboot):
    """Such a block cannot be unpacked, but the memory where it would be has the right bytes."""
    uboot.refuses(b"Block 1 is damaged", uboot.old, b"\0" + uboot.blocks[1:], ram=uboot.writes[0][2])


def test_script_refuses_erase_blocks_that_are_not_those_of_the_flash(uboot):
    """U-Boot rounds a length up to whole erase blocks, and would erase the bytes after it."""
    uboot.refuses(b"Not an erase block of the flash", uboot.old, sector="8192")


def test_script_needs_a_word_to_overwrite_an_image_of_which_nothing_is_left(tmp_path):
    for name, data in (("old", b"a"), ("new", b"b")):
        tree = trees.Tree(tmp_path / name)
        tree.file(b"file", data)
        run_well("mkcramfs-xip", "-q", *scenes.owners(), tree.root, tmp_path / f"{name}.img")
    old, new = tmp_path / "old.img", tmp_path / "new.img"
    update = payload.write(old, new, 65536, tmp_path / "update.tar")
    uboot = UBoot(tmp_path, (old.read_bytes(), new.read_bytes(), update, payload.Update(update)))
    assert len(uboot.writes) == 1
    torn = uboot.new[:100] + b"\xff" * (len(uboot.new) - 100)
    uboot.refuses(b"Nothing of the old image is there", torn)
    said, flash = uboot.run(torn, xip_allow_torn="yes")
    assert b"The new image is there" in said and flash[:len(uboot.new)] == uboot.new
    said, flash = uboot.run(uboot.old)
    assert b"The new image is there" in said and flash[:len(uboot.new)] == uboot.new


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    if not shutil.which("openssl"):
        pytest.skip("no openssl")
    work = tmp_path_factory.mktemp("key")
    well("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", work / "key.pem", "-out", work / "cert.pem", "-days", "3650", "-subj", "/CN=test")
    return work / "key.pem", work / "cert.pem"


@needs("rauc", "mksquashfs")
def test_rauc_makes_and_reads_the_bundle(release, key, tmp_path):
    bundle = tmp_path / "bundle"
    bundle.mkdir()
    for path in (EXAMPLES / "rauc" / "manifest.raucm", EXAMPLES / "rauc" / "hook.sh", release[2]):
        shutil.copy(path, bundle)
    well("rauc", "bundle", f"--key={key[0]}", f"--cert={key[1]}", bundle, tmp_path / "update.raucb")
    said = well("rauc", f"--conf={EXAMPLES / 'rauc' / 'system.conf'}", f"--keyring={key[1]}", "info", tmp_path / "update.raucb")
    assert b"my-board" in said and b"update.tar" in said and b"install" in said


@payload.needs_busybox
@pytest.mark.parametrize("shell", [["sh"], ["busybox", "sh"]], ids=" ".join)
def test_hook_of_rauc_applies_the_update(release, tmp_path, shell):
    old, new, update, _ = release
    (tmp_path / "flash").write_bytes(old)
    environment = {**os.environ, "RAUC_IMAGE_NAME": str(update), "RAUC_SLOT_DEVICE": str(tmp_path / "flash")}
    well(*shell, EXAMPLES / "rauc" / "hook.sh", "slot-install", env=environment)
    assert (tmp_path / "flash").read_bytes() == new
    (tmp_path / "flash").write_bytes(new[::-1])
    assert subprocess.run([*shell, EXAMPLES / "rauc" / "hook.sh", "slot-install"], env=environment, capture_output=True).returncode != 0


@pytest.fixture
def swupdate(release, tmp_path):
    """The template, for a file in place of the partition and for another place than /run."""
    copy = tmp_path / "swupdate"
    shutil.copytree(EXAMPLES / "swupdate", copy)
    (tmp_path / "flash").write_bytes(release[0])
    for path in copy.iterdir():
        text = path.read_text()
        path.write_text(text.replace("/dev/mtd3", str(tmp_path / "flash")).replace("/run/", f"{tmp_path}/"))
    return copy


@needs("swupdate", "cpio", "openssl")
@pytest.mark.skipif(os.geteuid() != 0, reason="SWUpdate is for root")
def test_swupdate_installs_the_archive(release, swupdate, key, tmp_path):
    well(swupdate / "make-swu.sh", release[2], tmp_path / "update.swu", *key)
    command = ["swupdate", "-k", key[1], "-H", "my-board:1.0", "-i", tmp_path / "update.swu"]
    assert b"SWUPDATE successful" in well(*command, "-c", cwd=tmp_path)
    assert (tmp_path / "flash").read_bytes() == release[0]
    # Its exit status includes the commands after an update, which depend on the system and are missing here.
    done = subprocess.run(command, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True)
    assert b"SWUPDATE successful" in done.stdout + done.stderr
    assert (tmp_path / "flash").read_bytes() == release[1]
    assert not (tmp_path / "update.tar").exists()
