"""The measurements of run.sh, in Markdown."""
import contestants
import targets

MIB = 1 << 20
PARTS = {"read": "reading every file, one thread", "compress": "compressing every block that is needed, all processors",
         "write": "writing the image", "inflate": "inflating every block, all processors"}


def table(*rows):
    """The first row is the header."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return [lines[0], "|" + "---|" * len(rows[0]), *lines[1:], ""]


def measured_rows(results):
    rows = [("tool", "wall, s", "CPU time, s", "peak memory, MiB", "image, bytes")]
    built = [name for name in (*contestants.PEERS, *contestants.OURS, *contestants.REBUILDS) if name in results.samples]
    for name in [*built, *(name for name in results.samples if name not in built)]:
        sample = results.median(name)
        size = results.sizes.get(name)
        again = " (once)" if name in results.once else ""
        rows.append((name + again, f"{sample.wall:.3f}", f"{sample.processor:.3f}", f"{sample.memory / MIB:.1f}",
                     str(size) if size else ""))
    return rows


def ratios(results, ours, peer):
    mine, theirs = results.median(ours), results.median(peer)
    cells = [f"{theirs.wall / mine.wall:.2f} × as fast", f"CPU time {mine.processor / theirs.processor:.2f}",
             f"memory {mine.memory / theirs.memory:.2f}"]
    if ours in results.sizes and peer in results.sizes:
        cells.append(f"size {results.sizes[ours] / results.sizes[peer]:.4f}")
    return ", ".join(cells)


def ratio_rows(results, ours, peers):
    peers = [peer for peer in peers if peer in results.samples]
    rows = [("", *(f"against {peer}" for peer in peers))]
    return rows + [(name, *(ratios(results, name, peer) for peer in peers)) for name in ours]


CHECK_RATIOS = (
    (contestants.CRAMFSCK, (contestants.UNSQUASHFS, contestants.FSCK_EROFS)),
    (contestants.CRAMFSCK_SAME, (contestants.FSCK,)),
    (contestants.CRAMFSCK_EXTRACT, (contestants.FSCK_EXTRACT, contestants.UNSQUASHFS)),
)


def check_ratio_rows(results):
    rows = [("", "against", "ratios")]
    for ours, peers in CHECK_RATIOS:
        rows += [(ours, peer, ratios(results, ours, peer)) for peer in peers if peer in results.samples]
    return rows if len(rows) > 1 else []


def floor_lines(results, cores):
    rows = [("part of the floor", "wall, s", "CPU time, s")]
    for name, what in PARTS.items():
        part = results.part(name)
        rows.append((what, f"{part.wall:.3f}", f"{part.processor:.3f}"))
    ours, check = results.median(contestants.DEFAULT), results.median(contestants.CRAMFSCK)
    floor, overlapped = targets.build_floor(results, cores), targets.overlapped_floor(results, cores)
    processors = sum(results.part(name).processor for name in ("read", "compress", "write"))
    inflate = results.part("inflate")
    return [*table(*rows),
            f"The floor of a build is {floor:.3f} s; our default level takes {ours.wall / floor:.2f} times as long. If writing "
            f"overlapped, the floor would be {overlapped:.3f} s, and ours {ours.wall / overlapped:.2f} times that. In CPU time the floor is "
            f"{processors:.3f} s, and ours {ours.processor / processors:.2f} times that. cramfsck takes "
            f"{check.wall / inflate.wall:.2f} times as long as inflating, {check.processor / inflate.processor:.2f} times in "
            "CPU time.", ""]


def of_tree(results, files, size, cores):
    lines = [f"### {results.workload}: {files} files, {size} bytes", "", *table(*measured_rows(results)),
             "Ours against each of the others: how many times as fast, and our CPU time, memory and size divided by theirs:", "",
             *table(*ratio_rows(results, contestants.OURS, contestants.PEERS))]
    checks = check_ratio_rows(results)
    return lines + (table(*checks) if checks else []) + floor_lines(results, cores)


def of_tenth(results, files):
    sample = results.median(contestants.DEFAULT)
    return [f"### {results.workload}: {files} files", "",
            f"default level: {sample.wall:.3f} s, {sample.processor:.3f} s of CPU time, "
            f"{1e6 * sample.wall / files:.1f} µs a file", ""]


def of_targets(found):
    return table(("build", "compared with", "target", "measured", ""),
                 *((target.work, target.against, target.wanted, target.measured,
                    "met" if target.held else "**missed**") for target in found))


def commands(builders, checkers):
    commands = [builder.command("TREE", "IMAGE") for builder in builders]
    commands += [checker.command("IMAGE", "DIR") for checker in checkers]
    shown = (" ".join(str(getattr(word, "name", word)) for word in command) for command in commands)
    return [f"    {line}" for line in dict.fromkeys(shown)]
