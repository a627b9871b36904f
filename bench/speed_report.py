"""The measurements of run.sh, in Markdown."""
import contestants as of
import rounds
import targets

MIB = 1 << 20
PARTS = {"read": "reading every file, one thread", "compress": "compressing every block that is needed, all processors",
         "write": "writing the image", "inflate": "inflating every block, all processors",
         "cold": f"reading the tree with a cold cache, {rounds.COLD_READERS} threads"}

PAIRS = (
    (of.REBUILD, (of.DEFAULT,)), (of.REBUILD_SMALLEST, (of.SMALLEST,)), (of.REBUILD_XIP, (of.XIP,)),
    (of.EXPLAIN, (of.BUDGET,)), (of.CURVE, (of.BUDGET,)), (of.CUT_CURVE, (of.CUT_BUDGET,)),
    (of.TAR, (of.SQFSTAR, of.EROFS_TAR)),
    (of.COLD, (of.COLD_SQUASHFS, of.COLD_LZ4, of.DEFAULT)), (of.COLD_XIP, (of.COLD_SQUASHFS, of.COLD_LZ4, of.XIP)),
    (of.CRAMFSCK, (of.UNSQUASHFS, of.FSCK_EROFS)), (of.CRAMFSCK_SAME, (of.FSCK,)),
    (of.CRAMFSCK_EXTRACT, (of.FSCK_EXTRACT, of.UNSQUASHFS, of.UNSQUASHFS_128K, of.FSCK_EROFS_EXTRACT)),
    (of.REPORT, (of.CRAMFSCK_XIP,)), (of.DIFF, (of.CRAMFSCK_XIP,)), (of.USAGE, (of.CRAMFSCK,)),
)


def table(*rows):
    """The first row is the header."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return [lines[0], "|" + "---|" * len(rows[0]), *lines[1:], ""]


def measured_rows(results):
    rows = [("tool", "wall, s", "CPU time, s", "peak memory, MiB", "image, bytes")]
    for name in results.samples:
        sample = results.median(name)
        size = results.sizes.get(name)
        again = " (once)" if name in results.once else ""
        rows.append((name + again, f"{sample.wall:.3f}", f"{sample.processor:.3f}", f"{sample.memory / MIB:.1f}",
                     str(size) if size else ""))
    return rows


def ratios(results, ours, other):
    mine, theirs = results.median(ours), results.median(other)
    cells = [f"{theirs.wall / mine.wall:.2f} × as fast", f"CPU time {mine.processor / theirs.processor:.2f}",
             f"memory {mine.memory / theirs.memory:.2f}"]
    if ours in results.sizes and other in results.sizes:
        cells.append(f"size {results.sizes[ours] / results.sizes[other]:.4f}")
    return ", ".join(cells)


def peer_rows(results):
    rows = [("compared with", *of.OURS)]
    return rows + [(peer, *(ratios(results, ours, peer) for ours in of.OURS)) for peer in of.PEERS]


def pair_rows(results):
    rows = [("", "compared with", "ratios")]
    for ours, others in PAIRS:
        rows += [(ours, other, ratios(results, ours, other)) for other in others if {ours, other} <= results.samples.keys()]
    return rows


def floor_lines(results, cores):
    rows = [("part of the floor", "wall, s", "CPU time, s")]
    for name in results.floor_parts:
        part = results.part(name)
        rows.append((PARTS[name], f"{part.wall:.3f}", f"{part.processor:.3f}"))
    ours, check = results.median(of.DEFAULT), results.median(of.CRAMFSCK)
    floor, overlapped = targets.build_floor(results, cores), targets.overlapped_floor(results, cores)
    processors = sum(results.part(name).processor for name in ("read", "compress", "write"))
    inflate = results.part("inflate")
    return [*table(*rows),
            f"The floor of a build is {floor:.3f} s; our default level takes {ours.wall / floor:.2f} times as long. If writing "
            f"overlapped, the floor would be {overlapped:.3f} s, and ours {ours.wall / overlapped:.2f} times that. In CPU time the floor is "
            f"{processors:.3f} s, and ours {ours.processor / processors:.2f} times that. cramfsck takes "
            f"{check.wall / inflate.wall:.2f} times as long as inflating, {check.processor / inflate.processor:.2f} times in "
            f"CPU time. {of.XIP[0].upper() + of.XIP[1:]}, the first thread takes {100 * results.first_thread_share():.1f} % of the CPU time.", ""]


def of_tree(results, cores):
    return [f"### {results.workload}: {results.files} files, {results.size} bytes", "", *table(*measured_rows(results)),
            "Ours compared with each of the others: how many times as fast, and our CPU time, memory and size divided by theirs:", "",
            *table(*peer_rows(results)), *table(*pair_rows(results)), *floor_lines(results, cores)]


def of_tenth(results):
    sample = results.median(of.DEFAULT)
    return [f"### {results.workload}: {results.files} files", "",
            f"default level: {sample.wall:.3f} s, {sample.processor:.3f} s of CPU time, "
            f"{1e6 * sample.wall / results.files:.1f} µs a file", ""]


def of_targets(found):
    return table(("build", "compared with", "target", "measured", ""),
                 *((target.work, target.against, target.wanted, target.measured,
                    "met" if target.held else "**missed**") for target in found))


def commands(tools, workloads):
    """Each command once, by the name in the tables."""
    rows = {}
    for workload in workloads:
        at = of.Shown(workload, of.images(tools))
        for tool in tools:
            if workload in tool.trees:
                words = " ".join(str(getattr(word, "name", word)) for word in tool.command(at))
                rows[words] = f"| {tool.name} | `{words}` |"
    return ["| name | command |", "|---|---|", *rows.values(), ""]
