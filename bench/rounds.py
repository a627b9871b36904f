"""Runs every tool in turn, round after round, on one tree, and keeps the results."""
import collections
import hashlib
import shutil
import subprocess
import sys

import contestants
import measure

# A tool whose first run takes longer is not run again: some take minutes with many small files.
PATIENCE = 60


class Results:
    """The measurements for one tree: for each contestant its samples, and the size of its image."""

    def __init__(self, workload, tree, made_of):
        self.workload, self.tree, self.made_of = workload, tree, made_of
        self.samples = collections.defaultdict(list)
        self.once = set()
        self.sizes = {}
        self.floor_parts = collections.defaultdict(list)

    def median(self, name):
        return measure.median(self.samples[name])

    def part(self, name):
        return measure.median(self.floor_parts[name])


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Measuring:
    def __init__(self, build, out, cores):
        self.bin, self.floor, self.out, self.cores = build / "bin", build / "bench" / "floor", out, cores
        (out / contestants.ADDED).mkdir()
        (out / contestants.ADDED / "a file more").write_text("a line\n")
        self.digests = {}

    def image(self, builder):
        return self.out / builder.image

    def time(self, results, name, command, keep):
        """The first run fills the caches; it counts only if there is no other."""
        print(f"  {name}", end="", file=sys.stderr, flush=True)
        sample = measure.run(command)
        print(f" {sample.wall:.2f} s,", end="", file=sys.stderr, flush=True)
        if not keep and sample.wall > PATIENCE:
            results.once.add(name)
        if keep or name in results.once:
            results.samples[name].append(sample)

    def build_one(self, results, builder, keep):
        if builder.name in results.once:
            return
        image = self.image(builder)
        image.unlink(missing_ok=True)
        self.time(results, builder.name, builder.command(results.tree, image), keep)
        results.sizes[builder.name] = image.stat().st_size
        if builder.name in (*contestants.OURS, *contestants.REBUILDS):
            self.hold_to_promises(builder, image)

    def hold_to_promises(self, builder, image):
        """The checker finds nothing in the first image, and all later ones are the same, byte for byte."""
        found = self.digests.setdefault(builder.name, digest(image))
        if found != digest(image):
            raise measure.Failed(f"{builder.name}: another image than the time before")
        if builder.name in self.checked:
            return
        done = subprocess.run([self.bin / "cramfsck", image], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise measure.Failed(f"cramfsck {image} ended with {done.returncode}:\n{done.stdout}")
        self.checked.add(builder.name)

    def check_one(self, results, checker, builder, keep):
        if checker.name in results.once or not self.image(builder).exists():
            return
        to = self.out / "extracted"
        self.time(results, checker.name, checker.command(self.image(builder), to), keep)
        shutil.rmtree(to, ignore_errors=True)

    def measure_floor(self, results, keep):
        """The floor runs between the runs that are compared with it, so that the machine is the same."""
        size = results.sizes[contestants.DEFAULT]
        parts = measure.floor(self.floor, "build", results.tree, "default", self.cores, size, self.out / "floor")
        ours = next(builder for builder in contestants.builders(self.bin, self.cores)
                    if builder.name == contestants.DEFAULT)
        parts |= measure.floor(self.floor, "check", self.image(ours), self.cores)
        for name, sample in parts.items():
            if keep:
                results.floor_parts[name].append(sample)

    def run(self, results, rounds, only_ours=False):
        self.digests, self.checked = {}, set()
        builders = contestants.builders(self.bin, self.cores)
        checkers = contestants.checkers(self.bin)
        if only_ours:
            builders = [builder for builder in builders if builder.name == contestants.DEFAULT]
            checkers = []
        elif results.workload not in contestants.CHECKED_BY_ALL:
            checkers = [checker for checker in checkers if checker.name == contestants.CRAMFSCK]
        by_name = {builder.name: builder for builder in [*builders, contestants.PLAIN_CRAMFS]}
        for turn in range(rounds + 1):
            print(f"{results.workload}, round {turn} of {rounds}:", end="", file=sys.stderr)
            if turn == 0 and any(checker.builder == contestants.PLAIN_CRAMFS.name for checker in checkers):
                plain = contestants.PLAIN_CRAMFS
                measure.run(plain.command(results.tree, self.image(plain)))
            for builder in builders:
                self.build_one(results, builder, keep=turn > 0)
            for checker in checkers:
                self.check_one(results, checker, by_name[checker.builder], keep=turn > 0)
            if not only_ours:
                self.measure_floor(results, keep=turn > 0)
            print(file=sys.stderr)
        return results
