#!/usr/bin/python3
"""phases.py PROGRAM ARGUMENT...: where a run of one of our programs spends its time of processors, thread by thread.

The first thread works alone, then beside the workers, then alone again. More processors do not shorten its time alone.
Time of processors is counted and not wall time, so that other work on the machine disturbs little. Needs perf(1).
"""
import collections
import os
import re
import subprocess
import sys
import tempfile

FREQUENCY = 5000  # samples a second
SHOWN = 8
SAMPLE = re.compile(r"\s*(\d+)\s+([\d.]+):\s+[0-9a-f]+ (.*) \((.*)\)")
Sample = collections.namedtuple("Sample", "thread time what")


def record(command):
    """The functions that were running, thread by thread. Functions of a library without symbols count as the
    library."""
    with tempfile.TemporaryDirectory() as work:
        data = os.path.join(work, "perf.data")
        subprocess.run(["perf", "record", "-q", "-o", data, "-F", str(FREQUENCY), "-T", "--", *command], check=True,
                       stdout=subprocess.DEVNULL)
        text = subprocess.run(["perf", "script", "-i", data, "-F", "tid,time,ip,sym,dso"], check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    found = filter(None, map(SAMPLE.match, text.splitlines()))
    return [Sample(int(thread), float(time), os.path.basename(library) if symbol == "[unknown]" else symbol)
            for thread, time, symbol, library in (match.groups() for match in found)]


def phases(samples):
    main = samples[0].thread
    times = [sample.time for sample in samples if sample.thread != main] or [samples[-1].time]
    first, last = min(times), max(times)
    by_phase = collections.defaultdict(list)
    for sample in samples:
        if sample.thread != main:
            phase = "workers"
        elif sample.time < first:
            phase = "main thread, before them"
        else:
            phase = "main thread, beside them" if sample.time <= last else "main thread, after them"
        by_phase[phase].append(sample.what)
    return by_phase


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__.splitlines()[0])
    for phase, whats in sorted(phases(record(sys.argv[1:])).items()):
        shown = ", ".join(f"{what} {count / FREQUENCY:.3f}" for what, count in collections.Counter(whats).most_common(SHOWN))
        print(f"{phase}: {len(whats) / FREQUENCY:.3f} s: {shown}")


if __name__ == "__main__":
    main()
