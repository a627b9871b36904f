"""Each call of cramfs-dump --update fails once, and each signal comes once at each: then the older file is there, or the whole new one."""
import errno
import os
import signal
import subprocess

import pytest

import payload
import scenes
from tools import CLEAN, OPERATIONAL, directory

OLDER = b"an older update\n"
CALLS = "open64,openat64,dup,fdopen,write,pwrite64,fsync,close,rename,fclose,fchmod"
MOST = 300


class Writing:
    def __init__(self, work):
        (work / "scene").mkdir()
        old, new = scenes.Scene(work / "scene").update(scenes.edit)
        self.file, self.log = work / "out" / "update.tar", work / "log"
        self.file.parent.mkdir()
        self.command = [directory() / "cramfs-dump", "--diff", f"--update={self.file}", "--erase-block=4K", old, new]
        self.expected = payload.write(old, new, 4096, self.file).read_bytes()

    def each(self, **faults):
        """Runs with the fault at the first call, the second and so on, until it comes no more: (what, exit status, what it says)."""
        for at in range(1, MOST):
            self.file.write_bytes(OLDER)
            self.log.unlink(missing_ok=True)
            environment = {**os.environ, "LC_ALL": "C", "LD_PRELOAD": os.environ["CRAMFS_XIP_FAULTS"], "FAULT_LOG": str(self.log), "FAULT_AT": str(at),
                           **{f"FAULT_{name.upper()}": str(value) for name, value in faults.items()},
                           "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}
            done = subprocess.run(self.command, stdin=subprocess.DEVNULL, capture_output=True, env=environment)
            assert b"Sanitizer" not in done.stderr, done.stderr
            if not self.log.exists():
                assert at > 1, "no call is of that kind"
                return
            yield f"{faults}: {self.log.read_text()}, number {at}", done.returncode, done.stderr.decode()
        pytest.fail(f"over {MOST} calls")

    def check(self, what):
        assert os.listdir(self.file.parent) == ["update.tar"], what
        assert self.file.read_bytes() in (OLDER, self.expected), what


@pytest.fixture
def writing(tmp_path):
    return Writing(tmp_path)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EMFILE], ids=["disk full", "disk broken", "no more files"])
def test_a_call_that_fails(writing, number):
    failed = 0
    for what, code, said in writing.each(calls=CALLS, errno=number):
        writing.check(what)
        assert code in (CLEAN, OPERATIONAL), f"{what}\n{said}"
        if code == OPERATIONAL:
            failed += 1
            # The manifest is made in memory, in a stream too.
            assert os.strerror(number) in said or "fclose" in what and "out of memory" in said, f"{what}\n{said}"
            # Standard output is closed when all is done.
            assert writing.file.read_bytes() == (writing.expected if "standard output" in said else OLDER), what
        else:
            assert writing.file.read_bytes() == writing.expected, what
    assert failed > 3


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("tmpfile", [True, False], ids=["", "no O_TMPFILE"])
def test_a_signal_at_any_call(writing, number, tmpfile):
    for what, code, said in writing.each(signal=int(number), **({} if tmpfile else {"no_tmpfile": 1})):
        assert code == -number, f"{what}\n{said}"
        writing.check(what)
