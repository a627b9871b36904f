"""Compares the measurements with their targets."""
import collections

from contestants import COMPRESSING_PEERS, CRAMFS, CRAMFSCK, DEFAULT, OURS, REBUILD, REBUILD_SMALLEST, SMALLEST, SQUASHFS, XIP

MIB = 1 << 20

Target = collections.namedtuple("Target", "work against wanted measured held")


def build_floor(results, cores):
    """The seconds that every build needs: to compress on all processors, which reading shares; then to write, since a
    block's place depends on the lengths of the blocks before it."""
    read, compress, write = (results.part(name) for name in ("read", "compress", "write"))
    return compress.wall + read.processor / cores + write.wall


def overlapped_floor(results, cores):
    """The same, if writing could go on at the same time."""
    read, compress, write = (results.part(name) for name in ("read", "compress", "write"))
    return max(compress.wall + (read.processor + write.processor) / cores, read.wall, write.wall)


def allowed_memory(results, name, cores):
    return results.sizes[name] + 32 * MIB + 10 * MIB * cores


class Judge:
    """The targets for one tree; adds them to `found`."""

    def __init__(self, results):
        self.results = results
        self.found = []

    def add(self, work, against, wanted, measured, held):
        self.found.append(Target(f"{self.results.workload}: {work}", against, wanted, measured, held))

    def faster(self, ours, peer, least):
        times = self.results.median(peer).wall / self.results.median(ours).wall
        self.add(ours, peer, f"at least {least} times faster", f"{times:.2f} times", times >= least)

    def at_most(self, work, against, ratio, most):
        self.add(work, against, f"at most {most} times", f"{ratio:.2f} times", ratio <= most)

    def size(self, ours, peer, most, wanted):
        ratio = self.results.sizes[ours] / self.results.sizes[peer]
        self.add(ours, peer, wanted, f"{100 * (ratio - 1):+.2f} %", most(ratio))


def judge_debian(judge, cores):
    results = judge.results
    judge.faster(DEFAULT, CRAMFS, 3.5)
    judge.size(DEFAULT, CRAMFS, lambda ratio: ratio < 1, "smaller")
    judge.faster(DEFAULT, SQUASHFS, 1.5)
    judge.size(SMALLEST, CRAMFS, lambda ratio: ratio <= 0.986, "at least 1.4 % smaller")
    judge.at_most(f"time of {SMALLEST}", CRAMFS, results.median(SMALLEST).wall / results.median(CRAMFS).wall, 1.2)
    judge.faster(XIP, CRAMFS, 5)
    # Pages that have not changed are inflated and compared, and not compressed again.
    for rebuild, build, most in ((REBUILD, DEFAULT, 1.05), (REBUILD_SMALLEST, SMALLEST, 0.25)):
        judge.at_most(f"CPU time of {rebuild}", build, results.median(rebuild).processor / results.median(build).processor, most)
    judge.at_most("time of the whole build", "the floor", results.median(DEFAULT).wall / build_floor(results, cores), 1.3)
    judge.at_most("time of cramfsck", "inflating every block",
                  results.median(CRAMFSCK).wall / results.part("inflate").wall, 1.5)


def judge_small(judge, tenth, files, tenth_files):
    judge.faster(DEFAULT, CRAMFS, 4)
    each = judge.results.median(DEFAULT).wall / files
    judge.at_most(f"time per file at {files} files", f"at {tenth_files}",
                  each / (tenth.median(DEFAULT).wall / tenth_files), 1.5)


def judge_any(judge, size, cores):
    """The targets for every tree. A peer whose image is larger than the files has compressed nothing, as mkfs.erofs
    does with files smaller than a block: its time is not a target."""
    results = judge.results
    for peer in COMPRESSING_PEERS:
        if results.sizes[peer] < size:
            times = results.median(peer).wall / results.median(DEFAULT).wall
            judge.add(DEFAULT, peer, "faster", f"{times:.2f} times", times > 1)
        judge.size(DEFAULT, peer, lambda ratio: ratio <= 1, "no larger")
        judge.size(SMALLEST, peer, lambda ratio: ratio < 1, "smaller")
    for name in OURS:
        used, allowed = results.median(name).memory, allowed_memory(results, name, cores)
        judge.add(f"peak memory, {name}", "image + 32 MiB + 10 MiB per job", f"at most {allowed / MIB:.1f} MiB", f"{used / MIB:.1f} MiB",
                  used <= allowed)
