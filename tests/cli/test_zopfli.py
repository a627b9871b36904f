"""--compressor=zopfli: slow, the smallest images, and never larger than without it."""
import json
import os
import re
import resource
import subprocess

import pytest

from tools import CLEAN, OPERATIONAL, USAGE, directory, run, run_well

BUILT_IN = re.search(rb"^zopfli$", run_well("mkcramfs-xip", "--version"), re.MULTILINE)
SANITIZED = os.environ.get("CRAMFS_XIP_SANITIZED") == "1"
needs_zopfli = pytest.mark.skipif(not BUILT_IN, reason="this build has no zopfli")
ZOPFLI = ("-q", "--all-root", "--compressor=zopfli", "--level=2")


def compressors():
    lines = run_well("mkcramfs-xip", "--version").decode().splitlines()[1:]
    return [line.split()[0] for line in lines]


def smallest():
    return "--level=12" if "libdeflate" in compressors() else "--level=9"


@pytest.fixture(name="source")
def make_source(tmp_path):
    """Pages of a program, of text, of zeroes, of random bytes, and short ones."""
    root = tmp_path / "source"
    root.mkdir()
    program = (directory() / "mkcramfs-xip").read_bytes()
    (root / "program").write_bytes(program[:24 << 10])
    (root / "text").write_bytes(b"".join(b"line %d of %d\n" % (number, number * number) for number in range(700)))
    (root / "zeroes").write_bytes(bytes(10000))
    (root / "random").write_bytes(bytes(number * number * 7919 % 65537 % 251 for number in range(5000)))
    for size in (1, 7, 300, 2000):
        (root / f"short{size}").write_bytes(program[5000:5000 + size])
    (root / "link").symlink_to("a/" * 40)
    return root


@pytest.mark.skipif(BUILT_IN, reason="this build has zopfli")
def test_a_build_without_it_says_what_to_install(source, image):
    done = run("mkcramfs-xip", "--compressor=zopfli", source, image)
    assert done.returncode == USAGE
    assert b"this program was built without libzopfli; install it and build the program again, or choose another compressor" \
        in done.stderr
    assert not image.exists()


@needs_zopfli
def test_every_level_makes_a_clean_image_that_is_no_larger(source, image, tmp_path):
    run_well("mkcramfs-xip", "-q", "--all-root", smallest(), source, tmp_path / "other.img")
    before = None
    for level in (1, 2, 6, 15):
        run_well("mkcramfs-xip", "-q", "--all-root", "--compressor=zopfli", f"--level={level}", f"--stats=json:{tmp_path}/stats",
                 source, image)
        stats = json.loads((tmp_path / "stats").read_text())
        assert stats["options"]["compressor"] == "zopfli" and stats["options"]["level"] == level
        assert run("cramfsck", "-E", image).returncode == CLEAN
        assert image.stat().st_size <= (tmp_path / "other.img").stat().st_size
        deflated = stats["bytes"]["deflated"] + stats["bytes"]["stored"]
        assert before is None or deflated <= before + 16  # a search in steps: one level more may miss by some bytes
        before = deflated
    run_well("cramfsck", "-x", tmp_path / "out", image)
    for path in source.iterdir():
        if not path.is_symlink():
            assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes()


@needs_zopfli
@pytest.mark.parametrize("options", [["--legacy"], ["-b", "65536"], ["--fit=64K"], ["-N", "big"]], ids=" ".join)
def test_other_forms_of_images_are_clean(options, source, image):
    run_well("mkcramfs-xip", *ZOPFLI, *options, source, image)
    assert run("cramfsck", *(options if options[0] == "-b" else []), image).returncode == CLEAN


@needs_zopfli
def test_levels_are_the_most_deflate_blocks_of_a_page(source, image):
    done = run("mkcramfs-xip", "--compressor=zopfli", "--level=16", source, image)
    assert done.returncode == USAGE and b"level 16 is not between 1 and 15, the levels of zopfli" in done.stderr


@needs_zopfli
def test_the_image_is_the_same_for_any_number_of_jobs(source, image, tmp_path):
    run_well("mkcramfs-xip", *ZOPFLI, "-j1", source, image)
    for jobs in (2, 3, 8, 64):
        run_well("mkcramfs-xip", *ZOPFLI, f"-j{jobs}", source, tmp_path / "other.img")
        assert (tmp_path / "other.img").read_bytes() == image.read_bytes(), jobs


def processor_seconds(*words):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run_well(*words)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@needs_zopfli
@pytest.mark.skipif(SANITIZED, reason="sanitizers slow down only the rest")
def test_a_rebuild_takes_pages_from_the_older_image(source, image, tmp_path):
    options = (*ZOPFLI, "--xip=none")
    first = processor_seconds("mkcramfs-xip", *options, source, image)
    again = processor_seconds("mkcramfs-xip", *options, f"--like={image}", source, tmp_path / "new.img")
    assert (tmp_path / "new.img").read_bytes() == image.read_bytes()
    assert again < first / 3, (first, again)


@needs_zopfli
@pytest.mark.skipif(SANITIZED, reason="sanitizers take address space")
@pytest.mark.parametrize("jobs", [1, 3])
def test_when_memory_runs_out_that_is_an_error_and_no_crash(jobs, source, image):
    """libzopfli itself ends the program, by a signal or with a message of its own."""
    ends = set()
    for most in range(44 << 10, 400 << 10, 2 << 10 if jobs == 1 else 12 << 10):  # KiB
        command = ["sh", "-c", f'ulimit -v {most} && exec "$@"', "sh", directory() / "mkcramfs-xip", "-q", f"-j{jobs}", "--all-root",
                   "--compressor=zopfli", "--level=1", source, image]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode == 127:  # not enough to load the libraries
            continue
        assert done.returncode in (CLEAN, OPERATIONAL), (most, done)
        assert done.returncode == CLEAN or b"out of memory" in done.stderr, (most, done)
        ends.add(done.returncode)
        if done.returncode == CLEAN and jobs == 1:
            break
    assert CLEAN in ends
