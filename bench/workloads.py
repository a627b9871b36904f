"""The trees for run.sh. Each has the same bytes every time, except for the versions of packages."""
import os
import random
import shutil
import subprocess

import packages

SEED = 20170831
FILE_SIZE = 1024
FILES_IN_A_DIRECTORY = 1000
SMALL = {"small": 100_000, "small-tenth": 10_000}
DEBIAN = {"debian": packages.MIDDLE, "large": packages.LARGE}
EDITED = {"debian": "etc/bash.bashrc", "large": "etc/bash.bashrc"}


def make_small_files(root, count):
    """Files of 1 KiB: every second file is new, each other file equals one before it. New files are words that compress
    to half their size."""
    rng = random.Random(SEED)
    words = [bytes(rng.choices(b"etaoinshrdlu", k=rng.randint(2, 9))) for _ in range(2000)]
    made = []
    for index in range(count):
        if index % FILES_IN_A_DIRECTORY == 0:
            directory = root / f"{index // FILES_IN_A_DIRECTORY:03}"
            directory.mkdir(parents=True)
        if index % 2 == 0:
            made.append(b" ".join(rng.choices(words, k=FILE_SIZE // 3))[:FILE_SIZE])
        contents = made[-1] if index % 2 == 0 else rng.choice(made)
        (directory / f"{index:06}").write_bytes(contents)
    return f"{count} files of {FILE_SIZE} bytes, {count - len(made)} of them equal to another, seed {SEED}\n"


def is_made_of(record, wanted):
    """Whether a tree exists and was made from these packages, if it has packages."""
    if not record.exists():
        return False
    return not wanted or [line.split()[0] for line in record.read_text().splitlines()] == wanted


def make(trees, workload, quick):
    """Make the tree of a workload, or use the existing one. Returns the tree, and the packages that it was made
    from."""
    root = trees / (workload + ("-quick" if quick and workload in SMALL else ""))
    record = root.with_suffix(".made-of")
    if not is_made_of(record, DEBIAN.get(workload)):
        record.unlink(missing_ok=True)
        shutil.rmtree(root, ignore_errors=True)
        if workload in SMALL:
            made_of = make_small_files(root, SMALL[workload] // (10 if quick else 1))
        else:
            made_of = packages.fetch_tree(root, DEBIAN[workload])
        record.write_text(made_of)
    return root, record.read_text()


def edit(workload, tree, to):
    """A directory with one file of the tree, the first line of it edited, to lay over the tree."""
    name = EDITED.get(workload, "000/000000")
    shutil.rmtree(to, ignore_errors=True)
    made = to / name
    made.parent.mkdir(parents=True)
    shutil.copystat((tree / name).parent, made.parent)
    _, end, rest = (tree / name).read_bytes().partition(b"\n")
    made.write_bytes(b"# one line is edited" + end + rest)
    shutil.copystat(tree / name, made)


def pack(tree, tar):
    subprocess.run(["tar", "-C", tree, "--sort=name", "--owner=0", "--group=0", "--numeric-owner", "-cf", tar, "."], check=True)


def count(root):
    """Files, and the bytes in them."""
    files = size = 0
    for directory, _, names in os.walk(root):
        for name in names:
            path = os.path.join(directory, name)
            if not os.path.islink(path):
                files += 1
                size += os.path.getsize(path)
    return files, size
