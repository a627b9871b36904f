"""Pairs of images, as releases follow each other: each kind of change, and each kind of image."""
import os
import random

import trees
from tools import run_well

SEED = 20261126


def owners():
    return [] if os.geteuid() == 0 else ["--all-root"]


class Scene:
    """A tree, and the images of it after each change."""

    def __init__(self, work, options=(), size="4K"):
        self.work, self.options, self.size = work, options, size
        self.rng = random.Random(SEED)
        self.tree = trees.Tree(work / "tree")
        self.count = 0
        for directory in (b"etc", b"data"):
            self.tree.directory(directory)
        self.tree.file(b"etc/motd", b"welcome\n" * 1000)
        for i in range(12):
            self.file(b"data/%02d" % i, 9000)
        self.image = self.pack()

    def file(self, name, most):
        self.tree.file(name, self.rng.randbytes(self.rng.randrange(1, most)))

    def pack(self, *options):
        self.count += 1
        image = self.work / f"{self.count}.img"
        run_well("mkcramfs-xip", "-q", *owners(), *self.options, *options, self.tree.root, image)
        return image

    def update(self, change, like=True):
        """(old image, new image)"""
        old = self.image
        change(self)
        self.image = self.pack(*([f"--like={old}", f"--erase-block={self.size}"] if like else []))
        return old, self.image


def edit(scene):
    scene.tree.file(b"etc/issue", b"new\n")


def add(scene):
    scene.file(b"data/more", 30000)


def remove(scene):
    os.unlink(scene.tree.root + b"/data/05")


def grow(scene):
    scene.tree.file(b"data/tail", scene.rng.randbytes(50000))


def shrink(scene):
    os.unlink(scene.tree.root + b"/data/tail")


def at_the_front(scene):
    scene.file(b"a", 3000)


def nothing(scene):
    pass


CHANGES = [edit, add, remove, grow, nothing, shrink]
# Options of the images, and the erase blocks that their updates are for.
KINDS = {
    "plain": ((), 4096),
    "large erase blocks": ((), 65536),
    "boot code": (("-p",), 4096),
    "boot code, small erase blocks": (("-p",), 512),
    "big-endian": (("-N", "big"), 8192),
    "swapped words": (("--swap32",), 4096),
    "odd erase blocks": ((), 5000),
}


def pairs(work, kind):
    """(name, old, new, erase block) of each update of one kind."""
    options, size = KINDS[kind]
    work.mkdir()
    scene = Scene(work, options, "4K" if size < 4096 else str(size))
    found = [(change.__name__, *scene.update(change), size) for change in CHANGES]
    found.append(("afresh", *scene.update(at_the_front, like=False), size))
    return found
