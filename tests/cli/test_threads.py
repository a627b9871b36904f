"""Threads: fewer than asked for, and many under a limit of memory, do the same work."""
import os
import random
import subprocess

import pytest

from tools import CLEAN, directory

SANITIZED = os.environ.get("CRAMFS_XIP_SANITIZED") == "1"


def run(*words, prefix=(), **environment):
    command = [*prefix, directory() / words[0], *words[1:]]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, env={**os.environ, "LC_ALL": "C", **environment}, check=False)


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "source"
    root.mkdir()
    (root / "true").write_bytes(open("/bin/true", "rb").read())
    for number in range(300):
        (root / f"{number}").write_bytes(random.Random(number).randbytes(99) * number)
    return root


def everything(tmp_path, tree, jobs, **how):
    """What each program that has threads makes and prints."""
    work = tmp_path / "work"
    subprocess.run(["rm", "-rf", work], check=True)
    work.mkdir()
    image, older = work / "image", work / "older"
    done = [run("mkcramfs-xip", "-q", "--quiet", jobs, "--exclude=1?", tree, older, **how),
            run("mkcramfs-xip", "-q", "--quiet", jobs, f"--like={older}", "--xip-budget=8K", "--explain", tree, image, **how),
            run("cramfsck", jobs, "--xip-report", image, **how),
            run("cramfsck", jobs, f"--extract={work / 'x'}", image, **how),
            run("cramfs-dump", "--du", image, **how),
            run("cramfs-dump", "--diff", older, image, **how)]
    assert [each.returncode for each in done] == [CLEAN] * 5 + [1], done
    files = {name: (work / "x" / name).read_bytes() for name in os.listdir(work / "x")}
    return image.read_bytes(), files, [(each.stdout, each.stderr) for each in done]


@pytest.mark.skipif(SANITIZED, reason="sanitizers start threads of their own")
def test_threads_that_the_system_refuses(tmp_path, tree):
    """`ulimit -u`, and limits of a container."""
    expected = everything(tmp_path, tree, "-j1")
    for threads in (0, 1, 3, 5):
        assert everything(tmp_path, tree, "-j8", LD_PRELOAD=os.environ["CRAMFS_XIP_FAULTS"], FAULT_THREADS=str(threads)) == expected, threads


@pytest.mark.skipif(SANITIZED, reason="sanitizers reserve address space")
def test_many_threads_under_a_limit_of_address_space(tmp_path, tree):
    """Each thread has a stack, and glibc gives each its own heap of up to 128 MiB; a machine with many processors has more of these."""
    expected = everything(tmp_path, tree, "-j1")
    prefix = ("prlimit", f"--as={1536 << 20}")
    assert everything(tmp_path, tree, "-j64", prefix=prefix, GLIBC_TUNABLES="glibc.malloc.arena_max=128") == expected
