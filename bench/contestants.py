"""The programs that are measured, and their command lines.

Each packs or reads with its defaults, except for options that make images of the same kind, or that someone would choose
who wants the best of the tool: pages of 4 KiB, owners of 0, a good level, as many processors as the bench may use.
"""
import dataclasses
import pathlib
import typing

DEBIAN, SMALL, TENTH, LARGE = "debian", "small", "small-tenth", "large"
ALL, SYSTEMS = (DEBIAN, SMALL, LARGE), (DEBIAN, LARGE)

CRAMFS, ROMFS = "mkfs.cramfs -z", "genromfs"
SQUASHFS, SQUASHFS_WHOLE, SQUASHFS_128K = "mksquashfs", "mksquashfs -no-fragments", "mksquashfs, blocks of 128 KiB"
LZ4, DEFLATE, FRAGMENTS = "mkfs.erofs, lz4hc", "mkfs.erofs, deflate", "mkfs.erofs, deflate and fragments"
PEERS = (CRAMFS, SQUASHFS, SQUASHFS_WHOLE, SQUASHFS_128K, LZ4, DEFLATE, FRAGMENTS, ROMFS)
# Those that compress pages of 4 KiB one by one, as cramfs must; mksquashfs packs the ends of files together, too.
ALIKE = (CRAMFS, SQUASHFS, SQUASHFS_WHOLE, LZ4, DEFLATE)

DEFAULT, SMALLEST, FASTEST, XIP = "default level", "--level=12", "--level=1", "with XIP"
OURS = (DEFAULT, SMALLEST, FASTEST, XIP)
# The tree with one line edited, like the image of the tree before.
REBUILD, REBUILD_SMALLEST, REBUILD_XIP = "rebuild, --like", "rebuild, --like, --level=12", "rebuild, --like, with XIP"
BUDGET, EXPLAIN, CURVE = "--xip-budget", "--xip-budget, --explain", "--what-if"
CUT_BUDGET, CUT_CURVE = "--xip-budget, --xip-split", "--what-if, --xip-split"
TAR, SQFSTAR, EROFS_TAR = "from a tar", "sqfstar", "mkfs.erofs --tar"
COLD, COLD_XIP = "default level, cold", "with XIP, cold"
COLD_SQUASHFS, COLD_LZ4 = "mksquashfs, cold", "mkfs.erofs, lz4hc, cold"

CRAMFSCK, CRAMFSCK_XIP, CRAMFSCK_SAME = "cramfsck", "cramfsck, image with XIP", "cramfsck, image of mkfs.cramfs"
CRAMFSCK_EXTRACT, REPORT = "cramfsck --extract=DIR", "cramfsck --xip-report"
DIFF, USAGE = "cramfs-dump --diff", "cramfs-dump --du"
FSCK, FSCK_EXTRACT = "fsck.cramfs --extract", "fsck.cramfs --extract=DIR"
FSCK_EROFS, FSCK_EROFS_EXTRACT = "fsck.erofs --extract", "fsck.erofs --extract=DIR"
UNSQUASHFS, UNSQUASHFS_128K = "unsquashfs -d DIR", "unsquashfs -d DIR, blocks of 128 KiB"
PLAIN_CRAMFS = "mkfs.cramfs"

# About half of what all pages in place cost.
SPENT = {DEBIAN: "6M", LARGE: "36M"}


@dataclasses.dataclass(frozen=True)
class Tool:
    name: str
    command: typing.Callable      # of Places
    makes: str = ""               # the name of its image
    trees: tuple = ALL
    ours: bool = False            # its image must be clean, and the same in each round
    cold: bool = False            # no file of the tree is in the page cache
    helps: bool = False           # makes what others read, and is not measured
    statuses: tuple = (0,)        # exit statuses of success


class Places:
    """The paths in a command line."""

    def __init__(self, workload, tree, out, images):
        self.workload = workload
        self.tree, self.out = tree, out
        self.tar, self.edited, self.to = out / "tree.tar", out / "edited", out / "extracted"
        self.profile = pathlib.Path(__file__).resolve().parent / "debian-armhf.csv"
        self.images = images

    def __getitem__(self, name):
        return self.out / self.images[name]


class Shown(Places):
    """The same, as a reader of the report sees them."""

    def __init__(self, workload, images):
        super().__init__(workload, "TREE", pathlib.Path(), images)
        self.edited, self.to, self.profile = "EDITED", "DIR", "debian-armhf.csv"

    def __getitem__(self, name):
        return self.images[name]


def peer_builders(run, cores):
    def squashfs(name, image, *options, **others):
        command = [*run("mksquashfs")]
        return Tool(name, lambda at: [*command, at.tree, at[name], *options, "-comp", "gzip", "-noappend", "-all-root",
                                      "-no-progress", "-processors", str(cores)], image, **others)

    def erofs(name, image, *options, **others):
        command = [*run("mkfs.erofs"), *options, "-C4096", f"--workers={cores}", "--all-root", "--quiet"]
        return Tool(name, lambda at: [*command, at[name], at.tree], image, **others)

    tar = [*run("mkfs.erofs"), "--tar=f", "-zdeflate,level=9", "-C4096", f"--workers={cores}", "--all-root", "--quiet"]
    return [
        Tool(CRAMFS, lambda at: [*run("mkfs.cramfs"), "-z", at.tree, at[CRAMFS]], "peer.cramfs"),
        # fsck.cramfs refuses an image whose superblock says that it has holes, as those of mkfs.cramfs -z.
        Tool(PLAIN_CRAMFS, lambda at: [*run("mkfs.cramfs"), at.tree, at[PLAIN_CRAMFS]], "plain.cramfs", SYSTEMS, helps=True),
        squashfs(SQUASHFS, "peer.squashfs", "-b", "4096"),
        squashfs(SQUASHFS_WHOLE, "whole.squashfs", "-b", "4096", "-no-fragments"),
        squashfs(SQUASHFS_128K, "128k.squashfs"),
        erofs(LZ4, "lz4.erofs", "-zlz4hc,12"),
        erofs(DEFLATE, "deflate.erofs", "-zdeflate,level=9"),
        erofs(FRAGMENTS, "fragments.erofs", "-zdeflate,level=9", "-Eall-fragments"),
        Tool(ROMFS, lambda at: [*run("genromfs"), "-f", at[ROMFS], "-d", at.tree], "peer.romfs"),
        Tool(SQFSTAR, lambda at: [*run("sqfstar"), "-b", "4096", "-comp", "gzip", "-all-root", "-no-progress",
                                  "-processors", str(cores), at[SQFSTAR], "<", at.tar], "tar.squashfs", (DEBIAN,)),
        Tool(EROFS_TAR, lambda at: [*tar, at[EROFS_TAR], at.tar], "tar.erofs", (DEBIAN,)),
        squashfs(COLD_SQUASHFS, "cold.squashfs", "-b", "4096", trees=(LARGE,), cold=True),
        erofs(COLD_LZ4, "cold.erofs", "-zlz4hc,12", trees=(LARGE,), cold=True),
    ]


def our_builders(bin):
    command = [bin / "mkcramfs-xip", "--quiet", "--all-root"]

    def ours(name, image, *options, tree=lambda at: [at.tree], **others):
        return Tool(name, lambda at: [*command, *options, *tree(at), at[name]], image, ours=True, **others)

    def like(name, image, older, *options, **others):
        return Tool(name, lambda at: [*command, *options, f"--like={at[older]}", at.tree, at.edited, at[name]], image,
                    ours=True, **others)

    def planned(name, *options, image="", **others):
        return Tool(name, lambda at: [*command, *options, f"--xip-budget={SPENT[at.workload]}", at.tree, at[name]], image,
                    ours=True, **others)

    def cut(name, *options, image=""):
        return Tool(name, lambda at: [*command, "--xip-split", f"--xip-profile={at.profile}", "--stale-profile=warn", *options,
                                      at.tree, *([at[name]] if image else [])], image, (DEBIAN,), ours=bool(image))
    none = "--xip=none"
    return [
        ours(DEFAULT, "default.img", none, trees=(*ALL, TENTH)),
        ours(SMALLEST, "smallest.img", none, "--level=12"),
        ours(FASTEST, "fastest.img", none, "--level=1"),
        ours(XIP, "xip.img"),
        like(REBUILD, "rebuild.img", DEFAULT, none),
        like(REBUILD_SMALLEST, "rebuild-smallest.img", SMALLEST, none, "--level=12"),
        like(REBUILD_XIP, "rebuild-xip.img", XIP, trees=SYSTEMS),
        planned(BUDGET, image="budget.img", trees=SYSTEMS),
        planned(EXPLAIN, "--explain", image="explain.img", trees=SYSTEMS),
        Tool(CURVE, lambda at: [*command, "--what-if", at.tree], "", SYSTEMS),
        cut(CUT_BUDGET, "--xip-budget=1M", image="cut.img"),
        cut(CUT_CURVE, "--what-if"),
        ours(TAR, "tar.img", none, tree=lambda at: [at.tar], trees=(DEBIAN,)),
        ours(COLD, "cold.img", none, trees=(LARGE,), cold=True),
        ours(COLD_XIP, "cold-xip.img", trees=(LARGE,), cold=True),
    ]


def readers(bin, run):
    check, dump = [bin / "cramfsck"], [bin / "cramfs-dump"]
    return [
        Tool(CRAMFSCK, lambda at: [*check, at[DEFAULT]]),
        Tool(CRAMFSCK_XIP, lambda at: [*check, at[XIP]], trees=SYSTEMS),
        Tool(CRAMFSCK_SAME, lambda at: [*check, at[PLAIN_CRAMFS]], trees=SYSTEMS),
        Tool(FSCK, lambda at: [*run("fsck.cramfs"), "--extract", at[PLAIN_CRAMFS]], trees=SYSTEMS),
        Tool(FSCK_EROFS, lambda at: [*run("fsck.erofs"), "--extract", at[DEFLATE]], trees=SYSTEMS),
        Tool(CRAMFSCK_EXTRACT, lambda at: [*check, f"--extract={at.to}", at[DEFAULT]], trees=SYSTEMS),
        Tool(FSCK_EXTRACT, lambda at: [*run("fsck.cramfs"), f"--extract={at.to}", at[PLAIN_CRAMFS]], trees=SYSTEMS),
        Tool(UNSQUASHFS, lambda at: [*run("unsquashfs"), "-no-progress", "-d", at.to, at[SQUASHFS]], trees=SYSTEMS),
        Tool(UNSQUASHFS_128K, lambda at: [*run("unsquashfs"), "-no-progress", "-d", at.to, at[SQUASHFS_128K]], trees=SYSTEMS),
        Tool(FSCK_EROFS_EXTRACT, lambda at: [*run("fsck.erofs"), f"--extract={at.to}", at[DEFLATE]], trees=SYSTEMS),
        Tool(REPORT, lambda at: [*check, "--xip-report", at[XIP]], trees=SYSTEMS),
        # Images of the same files, one with nothing in place: every block is somewhere else.
        Tool(DIFF, lambda at: [*dump, "--diff", at[DEFAULT], at[XIP]], trees=SYSTEMS, statuses=(1,)),
        Tool(USAGE, lambda at: [*dump, "--du", at[DEFAULT]]),
    ]


def tools(bin, cores, run):
    """All of them, each after those whose images it reads; `run` gives the words that run a peer."""
    return [*peer_builders(run, cores), *our_builders(bin), *readers(bin, run)]


def images(tools):
    return {tool.name: tool.makes for tool in tools if tool.makes}
