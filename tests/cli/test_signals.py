"""A program that a signal ends leaves no temporary file."""
import os
import resource
import signal
import subprocess
import time

import pytest

from tools import OPERATIONAL, directory, run_well


@pytest.fixture
def slow(tmp_path):
    """A build that waits with its temporary file made: the extents go to a fifo that nobody reads."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "f").write_bytes(b"x")
    os.mkfifo(tmp_path / "extents")
    return source, tmp_path / "extents"


def wait_for_temporary_file(program, beside, threads=1):
    """Until the image's temporary file is there, and the program has that many threads."""
    deadline = time.monotonic() + 20
    while len(os.listdir(f"/proc/{program.pid}/task")) < threads or not [name for name in os.listdir(beside) if name.startswith(".cramfs-xip.")]:
        assert time.monotonic() < deadline and program.poll() is None
        time.sleep(0.001)


def end_by_signal(program, number):
    program.send_signal(number)
    program.communicate(timeout=20)
    assert program.returncode == -number


@pytest.mark.parametrize("number", [
    signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGALRM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU,
    signal.SIGVTALRM, signal.SIGPROF, signal.SIGIO, signal.SIGPWR, signal.SIGRTMIN + 1, signal.SIGRTMAX])
def test_signals_leave_no_temporary_file_and_the_older_image(number, slow, tmp_path):
    source, extents = slow
    image = tmp_path / "out.img"
    image.write_bytes(b"older")
    command = [directory() / "mkcramfs-xip", f"--extents={extents}", source, image]
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_for_temporary_file(program, tmp_path)  # it is there before the fifo is opened, which waits for a reader
    end_by_signal(program, number)
    assert sorted(os.listdir(tmp_path)) == ["extents", "out.img", "source"]
    assert image.read_bytes() == b"older"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_same_signal_again_in_another_thread_leaves_no_temporary_file(number, tmp_path):
    """As from timeout(1), which sends it to the program and then to its group: here the second comes when the first removes the file."""
    source = tmp_path / "source"
    source.mkdir()
    for name in ("numbers", "squares", "more"):
        (source / name).write_bytes(name.encode() + b" ".join(b"%d" % (n * n) for n in range(1_000_000)))
    image = tmp_path / "out.img"
    image.write_bytes(b"older")
    environment = {**os.environ, "LD_PRELOAD": os.environ["CRAMFS_XIP_FAULTS"], "FAULT_CALLS": "unlink", "FAULT_AT": "1", "FAULT_KILL": str(int(number)),
                   "FAULT_LOG": str(tmp_path / "log"), "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}
    program = subprocess.Popen([directory() / "mkcramfs-xip", "--quiet", "-j4", "--level=9", source, image], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    wait_for_temporary_file(program, tmp_path, threads=9)
    end_by_signal(program, number)
    assert sorted(os.listdir(tmp_path)) == ["log", "out.img", "source"]
    assert image.read_bytes() == b"older"


def test_a_reader_that_goes_away_is_told(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "noise").write_bytes(os.urandom(1 << 20))
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run([directory() / "mkcramfs-xip", source, "-"], stdout=write_end, stderr=subprocess.PIPE)
    os.close(write_end)
    assert done.returncode == OPERATIONAL
    assert b"Broken pipe" in done.stderr


def test_a_file_size_limit_is_told(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "noise").write_bytes(os.urandom(1 << 20))
    command = [directory() / "mkcramfs-xip", source, tmp_path / "out.img"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)))
    assert done.returncode == OPERATIONAL
    assert b"out.img: cannot write: File too large" in done.stderr
    assert os.listdir(tmp_path) == ["source"]


def test_no_signal_means_an_image(slow, tmp_path):
    source, _ = slow
    run_well("mkcramfs-xip", source, tmp_path / "out.img")
