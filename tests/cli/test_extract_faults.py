"""Each system call of an extraction fails once: the extraction then fails, and the message has the system's reason."""
import errno
import os
import random
import resource
import subprocess
import sys

import pytest

from describe import describe, differences
from tools import OPERATIONAL, run_well

OPENING = "open64,openat64,dup,fdopendir"
LOOKING = "readdir64,fstat64"
WRITING = "pwrite64,ftruncate64,fchmod"
MOST = 300  # calls of an extraction; more would mean that the fault never comes


def assert_same(expected, found):
    assert not differences(describe(expected, owners=False), describe(found, owners=False))


@pytest.fixture(name="small_image")
def make_small_image(tmp_path, image):
    deep = tmp_path / "source" / "d" / "e"
    deep.mkdir(parents=True)
    (deep / "f").write_bytes(b"deep\n")
    (deep.parent / "g").write_bytes(os.urandom(9000))
    (tmp_path / "source" / "h").write_bytes(b"hello\n")
    (tmp_path / "source" / "hole").write_bytes(b"a page" * 1000 + bytes(9000))
    (tmp_path / "source" / "large").write_bytes(os.urandom(700_000)) # several workers can write it
    run_well("mkcramfs-xip", "-q", tmp_path / "source", image)
    return image


@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize("calls", [OPENING, LOOKING, WRITING, "close"])
def test_a_call_that_fails_is_reported_with_its_reason(calls, jobs, small_image, tmp_path):
    program = os.path.join(os.environ["CRAMFS_XIP_BIN"], "cramfsck")
    log = tmp_path / "log"
    for at in range(1, MOST):
        log.unlink(missing_ok=True)
        environment = {**os.environ, "LC_ALL": "C", "LD_PRELOAD": os.environ["CRAMFS_XIP_FAULTS"], "FAULT_LOG": str(log), "FAULT_CALLS": calls,
                       "FAULT_AT": str(at), "FAULT_ERRNO": str(errno.ENFILE),
                       "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}
        command = [program, "--quiet", f"-j{jobs}", "-x", tmp_path / f"{at}", small_image]
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        if not log.exists():
            break
        # close() of a directory or of the image, or open() only to see how many files can be open: nothing was lost.
        if not done.returncode and log.read_text() in ("close", "open64"):
            assert_same(tmp_path / "source", tmp_path / f"{at}")
            continue
        assert done.returncode == OPERATIONAL, (at, log.read_text())
        assert os.strerror(errno.ENFILE) in done.stderr.decode(), (at, log.read_text(), done.stderr)
    assert 1 < at < MOST - 1, "it has such calls, and each failed"


JOBS = [1, 2, 3, 8, 64]


# Runs a program that inherits as many open files as its first argument says.
INHERITING = """
import os, sys
for _ in range(int(sys.argv[1])):
    os.set_inheritable(os.open("/dev/null", os.O_RDONLY), True)
os.execv(sys.argv[2], sys.argv[2:])
"""


def extracted_with_each_number_of_jobs(image, tmp_path, limit=lambda: None, prefix=()):
    """The directory that one thread extracts, and what it prints; other numbers of threads make and print the same."""
    program = os.path.join(os.environ["CRAMFS_XIP_BIN"], "cramfsck")
    directories = [tmp_path / f"jobs{jobs}" for jobs in JOBS]
    done = [subprocess.run([*prefix, program, f"-j{jobs}", "-x", directory, image], preexec_fn=limit, capture_output=True, check=False)
            for jobs, directory in zip(JOBS, directories)]
    for other in done[1:]:
        assert (other.returncode, other.stdout, other.stderr) == (done[0].returncode, done[0].stdout, done[0].stderr)
    return directories, done[0]


def test_any_number_of_jobs_makes_the_same_files_and_reports_the_same_damage(tmp_path, image):
    seed = 20261128
    print("seed", seed)
    source = tmp_path / "source"
    numbers = random.Random(seed)
    for i in range(150):
        folder = source / f"d{i % 7}" / f"e{i % 3}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"f{i}").write_bytes(numbers.randbytes(300) * numbers.randrange(30) + bytes(numbers.choice([0, 10000])))
        if i % 5 == 0:
            (folder / f"l{i}").symlink_to(f"f{i}")
    (source / "d3" / "large").write_bytes(numbers.randbytes(50) * 20000 + bytes(300000) + numbers.randbytes(400000))
    run_well("mkcramfs-xip", "-q", source, image)
    directories, done = extracted_with_each_number_of_jobs(image, tmp_path)
    assert done.returncode == 0
    for directory in directories:
        assert_same(source, directory)

    bytes_of_image = bytearray(image.read_bytes())
    for _ in range(12):
        bytes_of_image[numbers.randrange(len(bytes_of_image) // 2, len(bytes_of_image))] ^= 0x55
    image.write_bytes(bytes_of_image)
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    directories, done = extracted_with_each_number_of_jobs(image, damaged)
    assert done.stderr.count(b"cannot read a block") > 1
    for directory in directories[1:]:
        assert_same(directories[0], directory)


def test_a_file_that_is_too_large_to_write_is_reported_once_and_in_order(small_image, tmp_path):
    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
    _, done = extracted_with_each_number_of_jobs(small_image, tmp_path, limit)
    assert done.returncode == OPERATIONAL
    assert done.stderr.count(b"/large: cannot write: " + os.strerror(errno.EFBIG).encode()) == 1


@pytest.mark.parametrize("limit, inherited", [(24, 0), (64, 50), (64, 56)])
def test_few_files_may_be_open(limit, inherited, tmp_path, image):
    source = tmp_path / "source"
    source.mkdir()
    for i in range(200):
        (source / f"{i}").write_text(f"{i}\n")
    run_well("mkcramfs-xip", "-q", source, image)
    def restrict():
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    directories, done = extracted_with_each_number_of_jobs(image, tmp_path, restrict, [sys.executable, "-c", INHERITING, f"{inherited}"])
    assert done.returncode == 0, done.stderr
    for directory in directories:
        assert_same(source, directory)
