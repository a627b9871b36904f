"""Many readers at once: each of 8 threads reads the right bytes. Under ThreadSanitizer nothing is found."""
import concurrent.futures
import os
import random
import stat

import pytest

import random_tree
import shown
from tools import run_well

SEED = 20261128
THREADS = 8
READS = 400


def read_at_random(root, files, seed):
    rng = random.Random(seed)
    for _ in range(READS):
        path, wanted = rng.choice(files)
        at, length = rng.randint(0, len(wanted)), rng.choice((1, 100, 4096, 5000, 70_000, 300_000))
        file = os.open(os.path.join(os.fsencode(root), path), os.O_RDONLY)
        try:
            # Now and then, pages are read again from the program and not from the kernel's cache.
            if rng.random() < 0.5:
                os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            assert os.pread(file, length, at) == wanted[at:at + length], (path, at, length)
        finally:
            os.close(file)
        parent = os.path.dirname(path)
        assert os.path.basename(path) in os.listdir(os.path.join(os.fsencode(root), parent))


@pytest.mark.parametrize("page, single", [("4K", False), ("64K", False), ("4K", True)])
def test_eight_threads_read_right(tmp_path, mount, page, single):
    random_tree.make_random_tree(tmp_path / "source", SEED)
    owners = [] if os.geteuid() == 0 else ["-q"]
    run_well("mkcramfs-xip", "--quiet", *owners, "-b", page, tmp_path / "source", tmp_path / "image")
    mounted = mount(tmp_path / "image", "-b", page, *(["-s"] if single else []))
    files = [(path, shown.contents(tmp_path / "source", path, status.st_mode))
             for path, status in shown.nodes(tmp_path / "source").items() if stat.S_ISREG(status.st_mode)]
    assert len(files) > 100
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(read_at_random, mounted.point, files, SEED + i) for i in range(THREADS)]:
            done.result()
