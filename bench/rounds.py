"""Runs every tool in turn, round after round, on one tree, and keeps the results."""
import collections
import hashlib
import shutil
import statistics
import subprocess
import sys

import cold
import contestants
import measure
import workloads

# A tool whose first run takes longer is not run again: some take minutes with many small files.
PATIENCE = 30
COLD_READERS = 8


class Results:
    """The measurements for one tree: for each tool its samples, and the size of its image."""

    def __init__(self, workload, tree, made_of):
        self.workload, self.tree, self.made_of = workload, tree, made_of
        self.files, self.size = workloads.count(tree)
        self.samples = collections.defaultdict(list)
        self.once = set()
        self.sizes = {}
        self.floor_parts = collections.defaultdict(list)
        self.shares = []

    def median(self, name):
        return measure.median(self.samples[name])

    def part(self, name):
        return measure.median(self.floor_parts[name])

    def first_thread_share(self):
        return statistics.median(self.shares)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Measuring:
    def __init__(self, build, out, cores, tools, can_be_cold):
        self.bin, self.floor, self.out, self.cores = build / "bin", build / "bench" / "floor", out, cores
        self.tools = [tool for tool in tools if can_be_cold or not tool.cold]

    def time(self, results, tool, at, keep):
        """The first run fills the caches; it counts only if there is no other."""
        print(f"  {tool.name}", end="", file=sys.stderr, flush=True)
        if tool.cold:
            cold.make(at.tree)
        sample = measure.run(tool.command(at), tool.statuses)
        print(f" {sample.wall:.2f} s,", end="", file=sys.stderr, flush=True)
        if not keep and sample.wall > PATIENCE:
            results.once.add(tool.name)
        if keep or tool.name in results.once:
            results.samples[tool.name].append(sample)

    def run_one(self, results, tool, at, keep):
        if tool.name in results.once or (tool.helps and keep):
            return
        if tool.makes:
            at[tool.name].unlink(missing_ok=True)
        if tool.helps:
            measure.run(tool.command(at))
            return
        self.time(results, tool, at, keep)
        if tool.makes:
            results.sizes[tool.name] = at[tool.name].stat().st_size
        if tool.ours:
            self.hold_to_promises(tool, at[tool.name])
        shutil.rmtree(at.to, ignore_errors=True)

    def hold_to_promises(self, tool, image):
        """The checker finds nothing in the first image, and all later ones are the same, byte for byte."""
        new = tool.name not in self.digests
        found = self.digests.setdefault(tool.name, digest(image))
        if found != digest(image):
            raise measure.Failed(f"{tool.name}: another image than the time before")
        if not new:
            return
        done = subprocess.run([self.bin / "cramfsck", image], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise measure.Failed(f"cramfsck {image} ended with {done.returncode}:\n{done.stdout}")

    def measure_floor(self, results, at, tools):
        """The floor runs between the runs that are compared with it, so that the machine is the same."""
        size = results.sizes[contestants.DEFAULT]
        parts = measure.floor(self.floor, "build", at.tree, "default", self.cores, size, self.out / "floor")
        parts |= measure.floor(self.floor, "check", at[contestants.DEFAULT], self.cores)
        if any(tool.cold for tool in tools):
            cold.make(at.tree)
            parts |= measure.floor(self.floor, "cold", at.tree, COLD_READERS)
        return parts

    def finish_round(self, results, at, tools, keep):
        parts = self.measure_floor(results, at, tools)
        shares = [measure.first_thread_share(tool.command(at)) for tool in tools if tool.name == contestants.XIP]
        if keep:
            results.shares += shares
            for name, sample in parts.items():
                results.floor_parts[name].append(sample)

    def run(self, results, rounds):
        self.digests = {}
        tools = [tool for tool in self.tools if results.workload in tool.trees]
        at = contestants.Places(results.workload, results.tree, self.out, contestants.images(tools))
        workloads.edit(results.workload, at.tree, at.edited)
        if results.workload == contestants.DEBIAN:
            workloads.pack(at.tree, at.tar)
        for turn in range(rounds + 1):
            print(f"{results.workload}, round {turn} of {rounds}:", end="", file=sys.stderr)
            for tool in tools:
                self.run_one(results, tool, at, keep=turn > 0)
            if results.workload != contestants.TENTH:
                self.finish_round(results, at, tools, keep=turn > 0)
            print(file=sys.stderr)
        return results
