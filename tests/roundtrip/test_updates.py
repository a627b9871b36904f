"""Random trees, changed at random, and each packed like the image before: nothing is lost, and nothing moves without
need.

Seeds are fixed. Without root the trees have one owner and no devices.
"""
import json
import os
import random
import subprocess

import pytest

import describe
import random_edits
import random_tree
from test_roundtrip import JOBS, RULES, dump_options, owner_options, page_options
from tools import CLEAN, run, run_well

SEEDS = range(1, 5)
UPDATES = 5
OPTIONS = {
    "default": [],
    "big endian, pages of 16 KiB": ["-N", "big", "-b", "16K"],
    "pages of 64 KiB, no holes": ["-b", "65536", "--no-holes"],
    "nothing in place": ["--xip=none"],
    "rules": RULES,
    "rules, without an MMU": [*RULES, "--kernel=nommu"],
    "behind boot code": ["-p"],
    "legacy": ["--legacy"],
    "a budget": ["--xip-budget=100K"],
    "swapped bytes": ["--swap32"],
}


def as_tree(path):
    return os.fsencode(path)


def contents(path):
    return describe.describe(path, os.geteuid() == 0)


class Release:
    """A tree that changes, and the newest image of it."""

    def __init__(self, work, options, seed):
        self.work, self.options, self.rng = work, [*options, *owner_options()], random.Random(seed)
        self.tree, self.image = work / "source", work / "0.img"
        random_tree.make_random_tree(self.tree, seed, nodes=120)
        run_well("mkcramfs-xip", *self.options, self.tree, self.image)

    def change(self, edits):
        for _ in range(edits):
            random_edits.edit(self.rng, as_tree(self.tree))

    def update(self, name, *more):
        """Pack like the newest image. The result is then the newest one. Returns its --stats."""
        image, stats = self.work / name, self.work / "stats.json"
        run_well("mkcramfs-xip", "--force", *self.options, f"--like={self.image}", f"--stats=json:{stats}",
                 f"--extents={self.work}/planned", *more, self.tree, image)
        self.image = image
        return json.loads(stats.read_text())["like"]

    def check(self):
        """The image is clean, its extents are those that were planned, and it holds the tree."""
        pages = page_options(self.options)
        checked = run("cramfsck", "-E", *pages, self.image)
        said = [line for line in checked.stderr.splitlines() if b"are swapped in this file, " not in line]
        assert checked.returncode == CLEAN and said == [], checked.stderr.decode(errors="replace")
        assert (self.work / "planned").read_bytes() == run_well("cramfs-dump", "--extents", *dump_options(self.options), self.image)
        extracted = self.work / "extracted"
        run_well("cramfsck", "--privileged", "-x", extracted, *pages, self.image)
        assert describe.differences(contents(self.tree), contents(extracted)) == []
        subprocess.run(["rm", "-rf", extracted], check=True)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", OPTIONS)
def test_what_goes_in_comes_out_of_updates(name, seed, tmp_path):
    release = Release(tmp_path, OPTIONS[name], seed)
    kept = 0
    for number in range(1, UPDATES + 1):
        old = release.image
        release.change(release.rng.choice((1, 3, 20)))
        erase_block = release.rng.choice(("4K", "16K", "64K"))
        told = release.update(f"{number}.img", f"--erase-block={erase_block}",
                              f"--slack={release.rng.choice((5, 200, 1000))}")
        release.check()
        kept += told["kept"]
        assert told["least"] <= told["differing"] <= told["erase_blocks"]
        found = json.loads(run("cramfs-dump", "--diff", "--json", f"--erase-block={erase_block}",
                               *page_options(release.options), old, release.image).stdout)["erase_blocks"]
        assert (found["all"], found["differing"], found["least"]) == \
            (told["erase_blocks"], told["differing"], told["least"])
    assert kept >= 1


# Trees in which a choice for the same budget found more to take: equal runs of unequal files, blocks that several files free together.
EQUAL_RUNS = (8, 28, 32, 33, 39, 307)


@pytest.mark.parametrize("name, seed", [*((name, seed) for name in OPTIONS for seed in SEEDS), *(("a budget", seed) for seed in EQUAL_RUNS)])
def test_an_image_like_itself_is_itself(name, seed, tmp_path):
    """Also one that was laid out like another, and with room in it that nothing has taken."""
    release = Release(tmp_path, OPTIONS[name], seed)
    for number in range(3):
        if number:
            release.change(6)
            release.update(f"changed{number}.img", "--slack=1000")
        before = release.image.read_bytes()
        for erase_block in ("4K", "64K"):
            told = release.update("again.img", f"--erase-block={erase_block}", "--slack=1000")
            assert told["differing"] == told["least"] == 0
            assert release.image.read_bytes() == before


@pytest.mark.parametrize("seed", SEEDS)
def test_bytes_do_not_depend_on_jobs_nor_on_what_is_there(seed, tmp_path):
    release = Release(tmp_path, [], seed)
    old = release.image
    release.change(10)
    images = set()
    for jobs in JOBS:
        release.image = old
        release.update("new.img", f"-j{jobs}", "--slack=1000")
        images.add(release.image.read_bytes())
    run_well("mkcramfs-xip", "--force", *release.options, f"--like={old}", "--slack=1000", "--quiet", release.tree, old)
    images.add(old.read_bytes())
    assert len(images) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_another_compressor_changes_no_byte_of_what_has_not_changed(seed, tmp_path):
    release = Release(tmp_path, ["--compressor=zlib", "--level=3"], seed)
    before = release.image.read_bytes()
    release.options += ["--compressor=zlib", "--level=9"]
    assert release.update("again.img")["differing"] == 0
    assert release.image.read_bytes() == before
