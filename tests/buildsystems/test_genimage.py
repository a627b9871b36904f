"""examples/genimage makes a flash with the image as a partition, at the place that it says."""
import json
import os
import pathlib
import random
import re
import shutil
import subprocess

import pytest

from tools import directory, run_well

EXAMPLE = pathlib.Path(__file__).parents[2] / "examples" / "genimage"
PAGE, ERASE_BLOCK = 4096, 65536
BOOT, KERNEL, ROOT, FLASH = 0, 512 << 10, 4 << 20, 16 << 20


def command_of_the_readme():
    command, = re.findall(r"^    (genimage .*)$", (EXAMPLE / "README.md").read_text(), re.MULTILINE)
    return command


def checks_of_the_readme():
    return re.findall(r"^    (cramfsck .*)$", (EXAMPLE / "README.md").read_text(), re.MULTILINE)


@pytest.fixture
def flash(tmp_path, make_rootfs):
    """The folder of the README's commands, after genimage ran in it."""
    assert shutil.which("genimage"), "genimage not found: apt-get install genimage"
    make_rootfs(tmp_path / "rootfs")
    shutil.copy(EXAMPLE / "genimage.cfg", tmp_path)
    (tmp_path / "images").mkdir()
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "u-boot.bin").write_bytes(b"boot" * 1001)
    (tmp_path / "input" / "zImage").write_bytes(b"kernel" * 10001)
    done = shell(command_of_the_readme(), tmp_path)
    assert done.returncode == 0, done.stderr
    return tmp_path


def shell(command, cwd):
    path = f"{directory().resolve()}:{os.environ['PATH']}"
    return subprocess.run(["sh", "-ec", command], cwd=cwd, env=os.environ | {"PATH": path}, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)


def test_partitions_hold_what_they_should(flash):
    whole = (flash / "images" / "flash.bin").read_bytes()
    image = (flash / "images" / "rootfs.cramfs-xip").read_bytes()
    assert len(whole) == FLASH and image[:4] == bytes.fromhex("453dcd28")
    for at, part in ((BOOT, b"boot" * 1001), (KERNEL, b"kernel" * 10001), (ROOT, image)):
        assert whole[at:at + len(part)] == part
    assert set(whole[ROOT + len(image):]) == {0xff}


def test_partition_begins_at_an_erase_block_and_a_page(flash):
    found = run_well("cramfsck", "--scan", flash / "images" / "flash.bin").decode().splitlines()
    assert [int(line.split()[0]) for line in found[1:]] == [ROOT]
    assert ROOT % ERASE_BLOCK == 0 and ROOT % PAGE == 0


def test_checker_accepts_the_partition_at_its_offset(flash):
    commands = checks_of_the_readme()
    assert len(commands) == 2
    for command in commands:
        done = shell(command, flash)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr


def test_checker_finds_what_is_wrong_in_the_partition(flash):
    whole = bytearray((flash / "images" / "flash.bin").read_bytes())
    whole[ROOT + 100] ^= 0xff
    (flash / "images" / "flash.bin").write_bytes(whole)
    assert shell(checks_of_the_readme()[0], flash).returncode == 4


def test_report_is_that_of_the_image_alone(flash):
    alone = json.loads(run_well("cramfsck", "--xip-report=json", flash / "images" / "rootfs.cramfs-xip"))
    inside = json.loads(run_well("cramfsck", "--xip-report=json", f"--offset={ROOT}", flash / "images" / "flash.bin"))
    assert inside == alone
    assert alone["totals"]["direct_pages"] == alone["totals"]["possible_pages"] > 0


def test_image_that_does_not_fit_the_partition_is_refused(flash):
    with open(flash / "rootfs" / "etc" / "large", "wb") as large:
        large.write(random.Random(8).randbytes(13 << 20))
    shutil.rmtree(flash / "tmp", ignore_errors=True)  # genimage 18 removed it by itself
    done = shell(command_of_the_readme(), flash)
    assert done.returncode != 0
    assert "--max-size" in done.stdout + done.stderr
