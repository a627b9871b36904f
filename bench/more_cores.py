#!/usr/bin/python3
"""How much faster a run of one of our programs would be on more processors, computed from one run on this machine.

The program runs under perf(1) (phases.py) twice, in turn: with the jobs that its command says, at least 2, so that workers
are threads of their own; and with -j1. CPU time is counted and not wall time, so that other work on the machine disturbs
little.

  before, after   what the first thread does before the workers start and after they end: nothing runs beside it
  beside          what the first thread does while the workers run, or between two times that they run
  workers         what all workers do

  time(n) = before + after + max(beside, (beside + workers) / n)

It is compared with the CPU time of the runs with -j1, which waits for nothing. Assumptions: the workers' work divides evenly; the first thread never waits for them
before its own work is done; n processors are as fast as these, and memory, caches and locks do not get slower (Linux
writes to a file for one thread at a time, so writing the image to it does not). So time(n) is a lower limit, and the
speedup an upper one.
"""
import argparse

import phases


def seconds_by_phase(samples):
    found = {name: 0.0 for name in ("before", "beside", "after", "workers")}
    for phase, whats in phases.phases(samples).items():
        found[phase.split()[-2 if phase.endswith("them") else 0]] += len(whats) / phases.FREQUENCY
    return found


def time_with(processors, spent):
    shared = spent["beside"] + spent["workers"]
    return spent["before"] + spent["after"] + max(spent["beside"], shared / processors)


def report(runs, alone, processors):
    spent = {name: sum(run[name] for run in runs) / len(runs) for name in runs[0]}
    alone = sum(alone) / len(alone)
    total = sum(spent.values())
    first = total - spent["workers"]
    print(", ".join(f"{name} {seconds:.3f} s" for name, seconds in spent.items()))
    print(f"-j1: {alone:.3f} s")
    print(f"first thread: {100 * first / total:.0f} % of {total:.3f} s of CPU time")
    for count in processors:
        print(f"{count} processors: {time_with(count, spent):.3f} s, {alone / time_with(count, spent):.2f} times as fast as 1")
    return alone / time_with(max(processors), spent)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processors", type=int, nargs="+", default=[2, 4, 8], metavar="N", help="default: 2 4 8")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="the mean of so many runs; default: 5")
    parser.add_argument("--at-least", type=float, metavar="TIMES",
                        help="exit with 1 if the most processors are not so many times as fast as 1")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="PROGRAM ARGUMENT...")
    arguments = parser.parse_args()
    if not arguments.command:
        parser.error("no PROGRAM")
    runs = []
    alone = []
    for _ in range(arguments.runs):
        runs.append(seconds_by_phase(phases.record(arguments.command)))
        alone.append(len(phases.record([*arguments.command, "-j1"])) / phases.FREQUENCY)
    times = report(runs, alone, arguments.processors)
    if arguments.at_least and times < arguments.at_least:
        raise SystemExit(f"missed: {times:.2f} times, not at least {arguments.at_least:.2f}")


if __name__ == "__main__":
    main()
