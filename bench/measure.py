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


def shown(command):
    return " ".join(map(str, command))


def run(command, statuses=(0,)):
    """The memory is from time(1), since a process that Python starts never counts as smaller than Python was. A command
    may end with "<" and the path of its standard input."""
    words, stdin = (command[:-2], command[-1]) if "<" in command else (command, os.devnull)
    with tempfile.NamedTemporaryFile("r") as peak, tempfile.TemporaryFile() as said, open(stdin, "rb") as opened:
        start = time.monotonic()
        process = subprocess.Popen(["/usr/bin/time", "-f", "%M", "-o", peak.name, *words], stdin=opened, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in statuses:
            said.seek(0)
            raise Failed(f"{shown(command)} ended with {process.returncode}:\n{said.read().decode(errors='replace')}")
        return Sample(wall, usage.ru_utime + usage.ru_stime, int(peak.read().split()[-1]) * 1024)


def first_thread_share(command):
    """The CPU time of the first thread, divided by that of the process. The kernel keeps both, in nanoseconds, until a
    process that has ended is waited for, so nothing is sampled and no root is needed."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    with open(f"/proc/{process.pid}/task/{process.pid}/schedstat") as opened:
        first = int(opened.read().split()[0]) / 1e9
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Failed(f"{shown(command)} ended with {process.returncode}")
    return first / (usage.ru_utime + usage.ru_stime)


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
