"""Images mounted by cramfs-fuse, and the reason if that is not possible here."""
import functools
import os
import shutil
import subprocess
import tempfile
import time

import pytest

import tools

SECONDS = 60
SANITIZED = os.environ.get("CRAMFS_XIP_SANITIZED") == "1"


@functools.cache
def refusal():
    """Why nothing can be mounted here; None when it can."""
    if not (tools.directory() / "cramfs-fuse").exists():
        return "cramfs-fuse was not built: libfuse 3 is missing (libfuse3-dev)"
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "no /dev/fuse, or no permission to open it"
    if not shutil.which("fusermount3"):
        return "no fusermount3 (package fuse3)"
    with tempfile.TemporaryDirectory() as work:
        image, point = os.path.join(work, "image"), os.path.join(work, "point")
        os.mkdir(point)
        tools.run_well("mkcramfs-xip", "-q", point, image, "--allow=empty")
        done = tools.run("cramfs-fuse", image, point)
        if done.returncode != 0:
            return done.stderr.decode(errors="replace").strip()
        unmount(point)
    return None


def skip_where_forbidden():
    if refusal():
        pytest.skip(refusal())


def unmount(point):
    subprocess.run(["fusermount3", "-u", point], check=True)


class Mount:
    """A program in the foreground, and the directory that it serves."""

    def __init__(self, image, point, *options, says=b""):
        self.point = point
        point.mkdir()
        self.errors = tempfile.TemporaryFile()
        self.says = says
        self.program = subprocess.Popen([tools.directory() / "cramfs-fuse", "-f", *options, image, point],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self.errors)
        self.pid = self.program.pid
        deadline = time.monotonic() + SECONDS
        while not os.path.ismount(point) and self.program.poll() is None and time.monotonic() < deadline:
            time.sleep(0.005)
        assert os.path.ismount(point), self.said()

    def said(self):
        self.errors.seek(0)
        return self.errors.read()

    def end(self, how=unmount):
        """Unmount, or end the program as `how` does. Only the first call does anything."""
        if self.program is None:
            return
        program, self.program = self.program, None
        how(self.point)
        assert program.wait(SECONDS) == 0, self.said()
        assert not os.path.ismount(self.point)
        assert self.says in self.said() and b"Sanitizer" not in self.said(), self.said()
        assert self.says or self.said() == b""
