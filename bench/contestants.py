"""The programs that are measured, and their command lines.

Each packs or checks with its defaults, except for options that make images of the same kind: pages of 4 KiB, owners of
0, and as many processors as the bench may use. No option makes a program do less than its defaults.
"""
import dataclasses
import pathlib
import shutil
import typing

CRAMFS, SQUASHFS, EROFS, ROMFS = "mkfs.cramfs -z", "mksquashfs", "mkfs.erofs", "genromfs"
DEFAULT, SMALLEST, FASTEST, XIP = "default level", "--level=12", "--level=1", "with XIP"
OURS = (DEFAULT, SMALLEST, FASTEST, XIP)
# Like the image of the same tree, with one file more.
REBUILD, REBUILD_SMALLEST = "rebuild, --like", "rebuild, --like, --level=12"
REBUILDS = (REBUILD, REBUILD_SMALLEST)
ADDED = "added" # a directory with that file, beside the images
PEERS = (CRAMFS, SQUASHFS, EROFS, ROMFS)
COMPRESSING_PEERS = (CRAMFS, SQUASHFS, EROFS)


@dataclasses.dataclass(frozen=True)
class Builder:
    name: str
    image: str                 # the name of what it makes
    command: typing.Callable   # of the tree and the image


@dataclasses.dataclass(frozen=True)
class Checker:
    name: str
    builder: str               # whose image it reads
    command: typing.Callable   # of the image and a directory that is not there


def builders(bin, cores):
    def ours(*options):
        return lambda tree, image: [bin / "mkcramfs-xip", "--quiet", "--all-root", *options, tree, image]

    def rebuild(older, *options):
        def command(tree, image):
            beside = pathlib.Path(image).with_name
            return [bin / "mkcramfs-xip", "--quiet", "--all-root", "--xip=none", *options, f"--like={beside(older)}", tree, beside(ADDED), image]
        return command
    return [
        Builder(CRAMFS, "peer.cramfs", lambda tree, image: ["mkfs.cramfs", "-z", tree, image]),
        Builder(SQUASHFS, "peer.squashfs",
                lambda tree, image: ["mksquashfs", tree, image, "-b", "4096", "-comp", "gzip", "-noappend", "-all-root",
                                     "-no-progress", "-processors", str(cores)]),
        Builder(EROFS, "peer.erofs",
                lambda tree, image: ["mkfs.erofs", "-zlz4hc", "-C4096", "--all-root", "--quiet", image, tree]),
        Builder(ROMFS, "peer.romfs", lambda tree, image: ["genromfs", "-f", image, "-d", tree]),
        Builder(DEFAULT, "default.img", ours("--xip=none")),
        Builder(SMALLEST, "smallest.img", ours("--xip=none", "--level=12")),
        Builder(FASTEST, "fastest.img", ours("--xip=none", "--level=1")),
        Builder(XIP, "xip.img", ours()),
        Builder(REBUILD, "rebuild.img", rebuild("default.img")),
        Builder(REBUILD_SMALLEST, "rebuild-smallest.img", rebuild("smallest.img", "--level=12")),
    ]


# fsck.cramfs refuses an image whose superblock says that it has holes, as those of mkfs.cramfs -z.
PLAIN_CRAMFS = Builder("mkfs.cramfs", "plain.cramfs", lambda tree, image: ["mkfs.cramfs", tree, image])

CRAMFSCK, CRAMFSCK_EXTRACT = "cramfsck", "cramfsck --extract=DIR"
CRAMFSCK_SAME = "cramfsck, image of mkfs.cramfs"
FSCK, FSCK_EXTRACT = "fsck.cramfs --extract", "fsck.cramfs --extract=DIR"
UNSQUASHFS, FSCK_EROFS = "unsquashfs -d DIR", "fsck.erofs --extract"


def checkers(bin):
    return [
        Checker(CRAMFSCK, DEFAULT, lambda image, _: [bin / "cramfsck", image]),
        Checker(CRAMFSCK_SAME, PLAIN_CRAMFS.name, lambda image, _: [bin / "cramfsck", image]),
        Checker(FSCK, PLAIN_CRAMFS.name, lambda image, _: ["fsck.cramfs", "--extract", image]),
        Checker(FSCK_EROFS, EROFS, lambda image, _: ["fsck.erofs", "--extract", image]),
        Checker(CRAMFSCK_EXTRACT, DEFAULT, lambda image, to: [bin / "cramfsck", f"--extract={to}", image]),
        Checker(FSCK_EXTRACT, PLAIN_CRAMFS.name, lambda image, to: ["fsck.cramfs", f"--extract={to}", image]),
        Checker(UNSQUASHFS, SQUASHFS, lambda image, to: ["unsquashfs", "-no-progress", "-d", to, image]),
    ]


# Trees that peers check in a reasonable time.
CHECKED_BY_ALL = ("debian", "large")

NEEDED = {"mkfs.cramfs": "util-linux-extra", "fsck.cramfs": "util-linux-extra", "mksquashfs": "squashfs-tools",
          "unsquashfs": "squashfs-tools", "mkfs.erofs": "erofs-utils", "fsck.erofs": "erofs-utils",
          "genromfs": "genromfs", "/usr/bin/time": "time"}


def missing():
    """The packages of the programs that are not installed."""
    return sorted({package for program, package in NEEDED.items() if not shutil.which(program)})
