"""Puts the results of run.sh into bench/README.md, and a short form of them into README.md."""
import datetime
import pathlib
import textwrap

import contestants as of
import speed_report
import targets

PROJECT = pathlib.Path(__file__).resolve().parent.parent
BEGIN = "<!-- measured: bench/run.sh --readme writes the lines up to the end mark -->"
END = "<!-- measured: end -->"
WIDTH = 158

BUILDS = (
    ("mkfs.cramfs -z", of.CRAMFS), ("mksquashfs -b 4096 -comp gzip", of.SQUASHFS),
    ("mksquashfs -b 4096 -comp gzip -no-fragments", of.SQUASHFS_WHOLE), ("mksquashfs -comp gzip (blocks of 128 KiB)", of.SQUASHFS_128K),
    ("mkfs.erofs -zlz4hc,12 -C4096", of.LZ4), ("mkfs.erofs -zdeflate,level=9 -C4096", of.DEFLATE),
    ("mkfs.erofs -zdeflate,level=9 -C4096 -Eall-fragments", of.FRAGMENTS),
    ("**mkcramfs-xip --xip=none**", of.DEFAULT), ("mkcramfs-xip --xip=none --level=12", of.SMALLEST),
    ("mkcramfs-xip, all in place", of.XIP), ("mkcramfs-xip --xip=none --like, one line edited", of.REBUILD),
)


def replace(path, lines):
    """Put lines between the two marks of a document."""
    text = path.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"run.sh: {path} has no line '{BEGIN}' before a line '{END}'")
    path.write_text("\n".join([before + BEGIN, "", *lines, END + after]))


def deeper(lines):
    """Headings of the report become headings below the section of the document."""
    return ["#" + line if line.startswith("###") else line for line in lines]


def paragraph(*sentences):
    return [*textwrap.wrap(" ".join(sentences), WIDTH, break_long_words=False, break_on_hyphens=False), ""]


def origins(programs):
    named = (("util-linux", "mkfs.cramfs"), ("squashfs-tools", "mksquashfs"), ("erofs-utils", "mkfs.erofs"))
    return ", ".join(f"{package} {programs[name]}" for package, name in named)


def introduction(results, programs, cores, rounds):
    debian, small = results[of.DEBIAN], results[of.SMALL]
    return paragraph(
        f"Measured by `bench/run.sh` on {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d}: medians of {rounds} rounds on {cores} cores, all tools in "
        f"turn. The trees are {round(debian.size / 1e6)} MB of Debian's armhf packages, and {small.files} files of 1 KiB, half of them equal to another. Pages "
        f"and blocks have 4 KiB, except where the table names another size. The other tools: {origins(programs)}; mkfs.erofs runs with `--workers={cores}`.")


def build_rows(results):
    trees = [results[name] for name in (of.DEBIAN, of.SMALL)]
    rows = [("", "packages, seconds", "bytes", "small files, seconds", "bytes")]
    for shown, name in BUILDS:
        cells = [cell for tree in trees for cell in (f"{tree.median(name).wall:.2f}", str(tree.sizes[name]))]
        rows.append((shown, *((f"**{cell}**" for cell in cells) if name == of.DEFAULT else cells)))
    return rows


def floors(results, cores):
    debian, small = (results[name] for name in (of.DEBIAN, of.SMALL))
    times = [tree.median(of.DEFAULT).wall / targets.build_floor(tree, cores) for tree in (debian, small)]
    check = debian.median(of.CRAMFSCK).wall
    return (f"A build of the packages takes {times[0]:.2f} times as long as its unavoidable work: reading the files, compressing them on all cores, and "
            f"writing the image. With the small files it is {times[1]:.2f} times. `cramfsck` takes {check:.2f} s, "
            f"{check / debian.part('inflate').wall:.2f} times the time of inflating every block.")


def rebuilds(results):
    debian = results[of.DEBIAN]
    ratio = [debian.median(like).processor / debian.median(fresh).processor
             for like, fresh in ((of.REBUILD, of.DEFAULT), (of.REBUILD_SMALLEST, of.SMALLEST))]
    return (f"After one line is edited, a rebuild with `--like` takes {ratio[0]:.2f} times the CPU time of a build without it, {ratio[1]:.2f} times at level 12: "
            "unchanged pages are inflated and compared, not compressed again.")


def others(results):
    debian, large = results[of.DEBIAN], results[of.LARGE]
    wall = lambda tree, name: f"{tree.median(name).wall:.2f} s"
    yield (f"`cramfsck --extract` takes {wall(debian, of.CRAMFSCK_EXTRACT)} (unsquashfs {wall(debian, of.UNSQUASHFS)}, of blocks of 128 KiB "
           f"{wall(debian, of.UNSQUASHFS_128K)}; fsck.erofs {wall(debian, of.FSCK_EROFS_EXTRACT)}). From a tar, a build takes {wall(debian, of.TAR)} (sqfstar "
           f"{wall(debian, of.SQFSTAR)}, mkfs.erofs --tar {wall(debian, of.EROFS_TAR)}).")
    size = f"{round(large.size / 1e6)} MB of packages"
    if of.COLD in large.samples:
        yield (f"With a cold cache, {size} take {wall(large, of.COLD)}, or {wall(large, of.COLD_XIP)} with all in place (warm {wall(large, of.DEFAULT)} and "
               f"{wall(large, of.XIP)}; mksquashfs cold {wall(large, of.COLD_SQUASHFS)}, mkfs.erofs -zlz4hc,12 cold {wall(large, of.COLD_LZ4)}).")
    yield f"`cramfsck --xip-report` of an image of {size} takes {wall(large, of.REPORT)}."


def summary(results, programs, cores, rounds):
    return [*introduction(results, programs, cores, rounds), *speed_report.table(*build_rows(results)),
            *paragraph(floors(results, cores), rebuilds(results)), *paragraph(*others(results))]


def write(lines, results, programs, cores, rounds):
    replace(PROJECT / "bench/README.md", deeper(lines))
    replace(PROJECT / "README.md", summary(results, programs, cores, rounds))
