"""Boot code before the image, padding after it, and a limit of its size."""
import os

import pytest

from tools import OPERATIONAL, USAGE, run, run_well


@pytest.fixture
def noisy(source):
    """About 200 KiB that do not compress, in files of different sizes."""
    for number in range(12):
        (source / f"noise{number:02}").write_bytes(os.urandom(1000 * (number + 10)))
    return source


def test_boot_area_is_left_free(noisy, image):
    run_well("mkcramfs-xip", "-p", noisy, image)
    data = image.read_bytes()
    assert data[:512] == bytes(512)
    assert data[512:516] == bytes.fromhex("453dcd28")
    checked = run("cramfsck", "-v", "-E", image)
    assert (checked.returncode, checked.stderr) == (0, b"")


@pytest.mark.parametrize("length", [0, 1, 511, 512])
def test_boot_code_stands_in_front(length, noisy, image, tmp_path):
    code = bytes(range(1, 200)) * 3
    (tmp_path / "boot.bin").write_bytes(code[:length])
    run_well("mkcramfs-xip", f"--boot-code={tmp_path}/boot.bin", noisy, image)
    assert image.read_bytes()[:512] == code[:length].ljust(512, b"\0")
    checked = run("cramfsck", "-v", "-E", image)
    assert (checked.returncode, checked.stderr) == (0, b"")


def test_boot_code_of_513_bytes_is_refused(noisy, image, tmp_path):
    (tmp_path / "boot.bin").write_bytes(bytes(513))
    done = run("mkcramfs-xip", f"--boot-code={tmp_path}/boot.bin", noisy, image)
    assert done.returncode == USAGE and b"more than 512 bytes" in done.stderr
    done = run("mkcramfs-xip", f"--boot-code={tmp_path}/nowhere", noisy, image)
    assert done.returncode == USAGE and b"No such file" in done.stderr


@pytest.mark.parametrize("options, unit, fill", [
    (["--pad-to=erase-block", "--erase-block=64K"], 65536, 0xff),
    (["--pad-to=erase-block", "--erase-block=100000", "--fill=0x00"], 100000, 0),
    (["--pad-to=1M"], 1 << 20, 0xff),
])
def test_padding_is_behind_the_file_system(options, unit, fill, noisy, image, tmp_path):
    run_well("mkcramfs-xip", noisy, tmp_path / "bare.img")
    run_well("mkcramfs-xip", *options, noisy, image)
    bare, padded = (tmp_path / "bare.img").read_bytes(), image.read_bytes()
    assert padded[:len(bare)] == bare
    assert len(padded) % unit == 0 and len(padded) - len(bare) < unit
    assert set(padded[len(bare):]) == {fill}
    run_well("cramfsck", image)


def test_limit_is_kept_to_the_byte(noisy, image):
    run_well("mkcramfs-xip", noisy, image)
    size = image.stat().st_size
    image.unlink()
    run_well("mkcramfs-xip", f"--max-size={size}", noisy, image)
    image.unlink()
    done = run("mkcramfs-xip", f"--max-size={size - 1}", noisy, image)
    lines = done.stderr.decode().splitlines()
    assert done.returncode == OPERATIONAL
    assert f"would have {size} bytes, 1 bytes over --max-size" in lines[0]
    assert f"the image has {size} bytes with nothing in place, and {size} with everything in place" in lines[1]
    assert "/noise11: without it the image is 21" in lines[2] and "/noise02" in lines[11]
    assert "build with --fit=" in lines[-1]
    assert not image.exists()


def test_limit_counts_the_padding(noisy, image):
    done = run("mkcramfs-xip", "--max-size=500K", "--pad-to=erase-block", "--erase-block=1M", noisy, image)
    assert done.returncode == OPERATIONAL and b"would have 1048576 bytes, 536576 bytes over --max-size" in done.stderr


def test_padding_to_less_than_the_image_is_an_error(noisy, image):
    done = run("mkcramfs-xip", "--pad-to=4K", noisy, image)
    assert done.returncode == OPERATIONAL and b"over --pad-to" in done.stderr


def test_erase_block_is_wanted_with_its_word(noisy, image):
    done = run("mkcramfs-xip", "--pad-to=erase-block", noisy, image)
    assert done.returncode == USAGE and b"needs --erase-block" in done.stderr
