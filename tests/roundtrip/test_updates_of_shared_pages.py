"""Updates of trees whose files are made of a few pages: pages that stay, pages that are shared and pages in place meet in
every way.

Seeds are fixed. Each image must be clean, hold the tree, have the extents that were planned, and laid out like itself be itself.
"""
import random

import pytest

import few_pages
from test_updates import Release
from tools import run_well

SEEDS = range(1, 61)
RELEASES = 4
RULES = {"stored": "* stored\n", "mixed": "/a* in-place\n/d/* compressed\n* text\n"}
OPTIONS = [
    [], ["--xip=none"], ["--xip=all"], ["--xip-rules=stored"], ["--xip-rules=mixed"], ["--kernel=nommu"],
    ["--kernel=nommu", "--xip=all"], ["--legacy"], ["--legacy", "--no-holes"], ["--no-holes"], ["--xip-budget=40K"],
    ["--xip-budget=100K", "-N", "big"], ["-p"], ["--xip=readonly", "--compressor=zlib"],
]


class SharingRelease(Release):
    """A release whose tree is made of few pages."""

    def __init__(self, work, seed):
        rng = random.Random(seed)
        self.work, self.rng, self.tree, self.image = work, rng, work / "source", work / "0.img"
        for name, text in RULES.items():
            (work / name).write_text(text)
        self.options = ["-q", *(option.replace("rules=", f"rules={work}/") for option in rng.choice(OPTIONS))]
        self.files = few_pages.Tree(self.tree, rng)
        run_well("mkcramfs-xip", *self.options, self.tree, self.image)

    def assert_like_itself(self, erase_block):
        before = self.image.read_bytes()
        self.update("again.img", erase_block, "--slack=1000")
        assert self.image.read_bytes() == before


@pytest.mark.parametrize("seed", SEEDS)
def test_pages_that_many_files_share_stay_right(seed, tmp_path):
    release = SharingRelease(tmp_path, seed)
    for number in range(1, RELEASES + 1):
        for _ in range(release.rng.choice((1, 1, 2, 4))):
            release.files.edit()
        erase_block = "--erase-block=" + release.rng.choice(("256", "300", "4K", "16K", "64K"))
        release.update(f"{number}.img", erase_block, f"--slack={release.rng.choice((0, 5, 50, 1000))}")
        release.check()
        release.assert_like_itself(erase_block)
