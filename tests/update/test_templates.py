"""examples/update: the files for U-Boot, SWUpdate and RAUC, checked by their own tools, and executed where that is possible here."""
import os
import pathlib
import random
import shutil
import subprocess

import pytest

import payload
import scenes

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


# U-Boot's commands over a file that is the memory, for bash: its shell reads the same `if`, `test` and variables.
UBOOT = f"""
loadaddr={LOAD:#x} ramdisk_addr_r={RAM:#x}
peek() {{ dd if="$memory" bs=4096 iflag=skip_bytes,count_bytes skip=$(($1)) count=$(($2)) 2>/dev/null; }}
poke() {{ dd of="$memory" bs=4096 oflag=seek_bytes seek=$(($1)) conv=notrunc 2>/dev/null; }}
hash() {{ local digest; digest=$(peek "$2" "$3" | sha256sum); printf -v "$4" %s "${{digest%% *}}"; }}
setenv() {{ printf -v "$1" %s "$2"; }}
setexpr() {{ printf -v "$1" 0x%x $(($2 + $4)); }}
unzip() {{ peek "$1" $((1 << 20)) | gunzip -c 2>/dev/null | head -c $(($3)) | poke "$2"; }}
protect() {{ :; }}
erase() {{ head -c $((${{2#+}})) /dev/zero | tr '\\0' '\\377' | poke "$1"; }}
cp.b() {{ peek "$1" "$3" | poke "$2"; }}
source "$script"
"""


class UBoot:
    def __init__(self, work, release):
        self.old, self.new, update, self.parts = release
        self.memory, self.script, blocks = work / "memory", work / "update.cmd", work / "update.bin"
        well(EXAMPLES / "uboot" / "make-script.sh", update, hex(FLASH), self.script, blocks)
        self.blocks = blocks.read_bytes()
        self.writes = self.parts.writes()

    def run(self, flash, blocks=None):
        """(its output, the flash afterwards)"""
        with open(self.memory, "wb") as memory:
            for address, data in ((FLASH, flash), (LOAD, blocks or self.blocks)):
                memory.seek(address)
                memory.write(data)
            memory.truncate(LOAD + (1 << 25))
        done = subprocess.run(["bash", "-c", UBOOT], stdout=subprocess.PIPE, env={**os.environ, "memory": str(self.memory), "script": str(self.script)})
        with open(self.memory, "rb") as memory:
            memory.seek(FLASH)
            return done.stdout, memory.read(max(len(flash), len(self.new)))


@pytest.fixture
def uboot(tmp_path, release):
    return UBoot(tmp_path, release)


@needs("mkimage")
def test_mkimage_takes_the_script(uboot, tmp_path):
    well("mkimage", "-A", "arm", "-T", "script", "-C", "none", "-n", "update", "-d", uboot.script, tmp_path / "update.scr")
    assert b"Linux Script" in well("mkimage", "-l", tmp_path / "update.scr")


def test_script_gives_the_new_image(uboot):
    said, flash = uboot.run(uboot.old)
    assert b"The new image is there" in said and flash[:len(uboot.new)] == uboot.new
    said, again = uboot.run(flash)
    assert b"The new image is there" in said and again == flash


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
        said, after = uboot.run(bytes(flash))
        assert b"Not the old image" in said and b"Writing" not in said and after[:len(flash)] == flash
    blocks = bytearray(uboot.blocks)
    blocks[len(blocks) // 2] ^= 0x10
    said, after = uboot.run(uboot.old, bytes(blocks))
    assert b"is damaged" in said and b"Writing" not in said and after[:len(uboot.old)] == uboot.old


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
