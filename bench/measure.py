"""One run of a program, measured, and the median of several."""
import collections
import os
import statistics
import subprocess
import tempfile
import time

# Seconds of wall time, seconds of all its processors, bytes of memory at its peak.
Sample = collections.namedtuple("Sample", "wall processor memory")


class Failed(Exception):
    """A measured program failed; the message has its output."""


def run(command):
    """The memory is from time(1), since a process that Python starts never counts as smaller than Python was."""
    with tempfile.NamedTemporaryFile("r") as peak, tempfile.TemporaryFile() as said:
        start = time.monotonic()
        process = subprocess.Popen(["/usr/bin/time", "-f", "%M", "-o", peak.name, *command],
                                   stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            shown = " ".join(map(str, command))
            raise Failed(f"{shown} ended with {process.returncode}:\n{said.read().decode(errors='replace')}")
        return Sample(wall, usage.ru_utime + usage.ru_stime, int(peak.read().split()[-1]) * 1024)


def median(samples):
    """The median of each number by itself."""
    return type(samples[0])(*map(statistics.median, zip(*samples)))


def floor(program, *arguments):
    """The parts that floor.c measures, by name."""
    done = subprocess.run([program, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failed(f"floor {' '.join(map(str, arguments))}: {done.stderr}")
    lines = [line.split() for line in done.stdout.splitlines()]
    return {name: Sample(float(wall), float(processor), 0) for name, wall, processor, _ in lines}
