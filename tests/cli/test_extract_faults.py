"""Each system call of an extraction fails once: the extraction then fails, and the message has the system's reason."""
import errno
import os
import subprocess

import pytest

from tools import OPERATIONAL, run_well

OPENING = "open64,openat64,dup,fdopendir"
LOOKING = "readdir64,fstat64"
WRITING = "pwrite64,ftruncate64,fchmod"
MOST = 100  # calls of an extraction; more would mean that the fault never comes


@pytest.fixture(name="small_image")
def make_small_image(tmp_path, image):
    deep = tmp_path / "source" / "d" / "e"
    deep.mkdir(parents=True)
    (deep / "f").write_bytes(b"deep\n")
    (deep.parent / "g").write_bytes(os.urandom(9000))
    (tmp_path / "source" / "h").write_bytes(b"hello\n")
    run_well("mkcramfs-xip", "-q", tmp_path / "source", image)
    return image


@pytest.mark.parametrize("calls", [OPENING, LOOKING, WRITING])
def test_a_call_that_fails_is_reported_with_its_reason(calls, small_image, tmp_path):
    program = os.path.join(os.environ["CRAMFS_XIP_BIN"], "cramfsck")
    log = tmp_path / "log"
    for at in range(1, MOST):
        log.unlink(missing_ok=True)
        environment = {**os.environ, "LC_ALL": "C", "LD_PRELOAD": os.environ["CRAMFS_XIP_FAULTS"], "FAULT_LOG": str(log), "FAULT_CALLS": calls,
                       "FAULT_AT": str(at), "FAULT_ERRNO": str(errno.ENFILE),
                       "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}
        command = [program, "--quiet", "-x", tmp_path / f"{at}", small_image]
        done = subprocess.run(command, env=environment, capture_output=True, check=False)
        if not log.exists():
            break
        assert done.returncode == OPERATIONAL, (at, log.read_text())
        assert os.strerror(errno.ENFILE) in done.stderr.decode(), (at, log.read_text(), done.stderr)
    assert 1 < at < MOST - 1, "it has such calls, and each failed"
