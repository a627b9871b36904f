"""Memory that runs out, at any allocation, in any thread: an error with a message, and nothing is half done."""
import json
import os
import pathlib
import random
import shutil
import subprocess

import pytest

from describe import describe
from tools import CLEAN, OPERATIONAL, directory, run_well

SANITIZED = os.environ.get("CRAMFS_XIP_SANITIZED") == "1"
SAMPLES = 30  # allocations of each program that fail, about

pytestmark = [pytest.mark.skipif(SANITIZED, reason="sanitizers have an allocator of their own"),
              pytest.mark.skipif("CS_GNU_LIBC_VERSION" not in os.confstr_names, reason="the library that fails is for glibc")]

CHANGING = "/sys/kernel/mm/transparent_hugepage"  # its files have fewer bytes than their sizes: each counts as changed

PROGRAMS = {
    "build": ("mkcramfs-xip", "-q", "--quiet", "-j3", "{source}", "{image}"),
    "like": ("mkcramfs-xip", "-q", "--quiet", "-j3", "--force", "--like={older}", "--xip-budget=50K", "{source}", "{image}"),
    "explain": ("mkcramfs-xip", "-q", "--quiet", "-j3", "--explain", "--xip-budget=50K", "{source}", "{image}"),
    "what if": ("mkcramfs-xip", "-q", "--quiet", "-j3", "--what-if", "{source}"),
    "changed": ("mkcramfs-xip", "-q", "--quiet", "-j3", "--allow=changed", "{source}", "{changing}", "{image}"),
    "many names": ("mkcramfs-xip", "-q", "--quiet", "-j3", "{names}", "{image}"),
    "check": ("cramfsck", "-j3", "{older}"),
    "extract": ("cramfsck", "--quiet", "-j3", "--extract={extracted}", "{older}"),
    "report": ("cramfsck", "-j3", "--xip-report", "{older}"),
    "report, JSON": ("cramfsck", "-j3", "--xip-report=json", "{older}"),
    "usage": ("cramfs-dump", "--du", "{older}"),
    "usage, JSON": ("cramfs-dump", "--du", "--json", "{older}"),
    "list, JSON": ("cramfs-dump", "-l", "-R", "--json", "{older}"),
    "entries, JSON": ("cramfs-dump", "--stat=/true", "--json", "{older}"),
    "superblock, JSON": ("cramfs-dump", "--super", "--json", "{older}"),
    "difference": ("cramfs-dump", "--diff", "{older}", "{same}"),
    "difference, JSON": ("cramfs-dump", "--diff", "--json", "{older}", "{same}"),
    "what if, JSON": ("mkcramfs-xip", "-q", "--quiet", "-j3", "--what-if=json", "{source}"),
}


class Scene:
    """A program, the files for it, and what it should do."""

    def __init__(self, work, words):
        self.work = work
        self.source = work / "source"
        self.results = work / "results"
        self.log = work / "log"
        self.source.mkdir()
        for i in range(4):
            (self.source / f"f{i}").write_bytes(random.Random(i).randbytes(100_000) + b"text " * 20_000)
        shutil.copy("/bin/true", self.source)
        (self.source / "link").symlink_to("true")
        for i in range(500):
            (work / "names" / str(i % 3)).mkdir(parents=True, exist_ok=True)
            (work / "names" / str(i % 3) / str(i)).symlink_to("a target")
        names = {"source": self.source, "names": work / "names", "older": work / "older", "same": work / "same", "changing": CHANGING,
                 "image": self.results / "image", "extracted": self.results / "x"}
        run_well("mkcramfs-xip", "-q", "--exclude=f1", self.source, names["older"])
        shutil.copy(names["older"], names["same"])
        self.command = [directory() / words[0], *(word.format(**names) for word in words[1:])]
        done, self.files = self.run()
        assert done.returncode == CLEAN, done
        self.expected = done.stdout, self.extracted()
        self.calls = int(self.log.read_text())

    def extracted(self):
        return describe(self.results / "x", owners=False) if (self.results / "x").exists() else None

    def run(self, **environment):
        shutil.rmtree(self.results, ignore_errors=True)
        self.results.mkdir()
        library = pathlib.Path(os.environ["CRAMFS_XIP_FAULTS"]).with_name("no_memory.so")
        environment = {**os.environ, "LC_ALL": "C", "TMPDIR": str(self.results), "LD_PRELOAD": str(library), "NO_MEMORY_LOG": str(self.log),
                       **environment}
        done = subprocess.run(self.command, stdin=subprocess.DEVNULL, capture_output=True, env=environment, check=False, timeout=60)
        return done, {path: path.read_bytes() for path in self.results.glob("*") if path.is_file()}


@pytest.mark.parametrize("which", ["AT", "FROM"])
@pytest.mark.parametrize("program", PROGRAMS)
def test_memory_that_runs_out(program, which, tmp_path):
    if "{changing}" in PROGRAMS[program] and not os.path.isdir(CHANGING):
        pytest.skip("this kernel has no such files")
    scene = Scene(tmp_path, PROGRAMS[program])
    failures = 0
    for call in range(1, scene.calls + 1, scene.calls // SAMPLES + 1):
        done, files = scene.run(**{f"NO_MEMORY_{which}": str(call)})
        assert done.returncode in (CLEAN, OPERATIONAL), (call, done)
        if done.returncode == CLEAN:
            assert (done.stdout, scene.extracted()) == scene.expected and files == scene.files, (call, done)
        else:
            failures += 1
            assert "memory" in done.stderr.decode() and not files, (call, done)
    assert failures > SAMPLES // 4


def test_statistics_are_whole_or_an_error(tmp_path):
    """The document has times, so it is not compared."""
    scene = Scene(tmp_path, ("mkcramfs-xip", "-q", "--quiet", "-j3", "--stats=json", "--xip-budget=50K", "{source}", "{image}"))
    failures = 0
    for call in range(1, scene.calls + 1, scene.calls // SAMPLES + 1):
        done, _ = scene.run(NO_MEMORY_AT=str(call))
        assert done.returncode in (CLEAN, OPERATIONAL), (call, done)
        if done.returncode == CLEAN:
            assert json.loads(done.stderr)["version"] == 1, (call, done)
        else:
            failures += 1
            assert "memory" in done.stderr.decode(), (call, done)
    assert failures > SAMPLES // 4
