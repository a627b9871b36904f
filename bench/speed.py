"""Time, memory and size of mkcramfs-xip, cramfsck and cramfs-dump, side by side with their peers and with the floor.

run.sh builds the programs and calls this; bench/README.md says what is compared, and how.
"""
import argparse
import os
import pathlib
import shutil
import sys
import tempfile

import cold
import contestants
import machine
import measure
import peers
import rounds
import speed_documents
import speed_report
import targets
import workloads

WORKLOADS = contestants.ALL
ROUNDS = 5
KERNEL_SEES = {contestants.DEFAULT: 0, contestants.SMALLEST: 0, contestants.FASTEST: 0, contestants.XIP: 2000}


def parse(arguments):
    parser = argparse.ArgumentParser(prog="run.sh", description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often each tool is run; default {ROUNDS}")
    parser.add_argument("--workload", choices=WORKLOADS, action="append", help="only this one; may be repeated")
    parser.add_argument("--quick", action="store_true", help="one round, a tenth of the small files, not the large tree")
    parser.add_argument("--cores", type=int, help="processors for all of them; default: all there are")
    parser.add_argument("--trees", type=pathlib.Path, help="keep the trees here, or take those that are here")
    parser.add_argument("--out", type=pathlib.Path, default="/dev/shm",
                        help="where images go and files are extracted; default: /dev/shm, so that no disk is measured")
    parser.add_argument("--peers", default="newest", metavar="WHICH",
                        help=f"the other tools: newest, those of Debian {peers.RELEASE} (the default); installed; or a folder of programs that "
                             "are taken instead of the newest")
    parser.add_argument("--kernel", action="store_true", help="boot a kernel with the images of the 50 MB tree")
    parser.add_argument("--markdown", type=pathlib.Path, help="write all that is printed to this file, too")
    parser.add_argument("--readme", action="store_true", help="put the results into README.md and bench/README.md")
    parser.add_argument("--assert", dest="demand", action="store_true", help="end with 1 when a target is missed")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("--rounds is at least 1")
    if options.quick:
        options.rounds = 1
    options.workload = options.workload or (WORKLOADS[:2] if options.quick else WORKLOADS)
    if options.readme and (options.quick or set(options.workload) != set(WORKLOADS)):
        parser.error("--readme needs all three trees, whole")
    return options


def use_cores(wanted):
    """For this process, and all processes that it starts."""
    available = sorted(os.sched_getaffinity(0))
    if wanted and not 0 < wanted <= len(available):
        raise measure.Failed(f"--cores={wanted}: there are {len(available)}")
    os.sched_setaffinity(0, available[:wanted or len(available)])
    return wanted or len(available)


def see_with_kernel(options, out, tree, tools):
    import kernel_check
    programs = kernel_check.case.Tools(options.build / "bin")
    lines = []
    for tool in tools:
        if tool.name in KERNEL_SEES:
            print(f"booting with {tool.makes}", file=sys.stderr)
            counted = kernel_check.expect(programs, tree, out / tool.makes, KERNEL_SEES[tool.name])
            lines.append(f"- {tool.name}: {counted['files']} files and {counted['bytes']} bytes read right, "
                         f"{counted['mappings']} mappings as predicted, {counted['direct_pages']} pages direct")
    return ["A booted ARM kernel, from ROM and from a disk, of the images of this run:", "", *lines, ""]


class Bench:
    def __init__(self, options, trees, out, cores, tools):
        self.options, self.trees, self.out, self.cores, self.tools = options, trees, out, cores, tools
        self.measuring = rounds.Measuring(options.build, out, cores, tools, cold.can_be(trees, machine.file_system))
        self.found, self.results = [], {}

    def measure(self, workload):
        tree, made_of = workloads.make(self.trees, workload, self.options.quick)
        results = self.results[workload] = rounds.Results(workload, tree, made_of)
        return self.measuring.run(results, self.options.rounds)

    def run(self, workload):
        os.sync()  # only pages that are on the disk leave the cache
        results = self.measure(workload)
        lines = speed_report.of_tree(results, self.cores)
        judge = targets.Judge(results, self.cores)
        if workload == contestants.DEBIAN:
            targets.judge_debian(judge)
            if self.options.kernel:
                lines += see_with_kernel(self.options, self.out, results.tree, self.tools)
        elif workload == contestants.LARGE:
            targets.judge_large(judge)
        for image in self.out.iterdir():
            if image.is_file():
                image.unlink()
        if workload == contestants.SMALL:
            tenth = self.measure(contestants.TENTH)
            lines += speed_report.of_tenth(tenth)
            targets.judge_small(judge, tenth)
        targets.judge_any(judge)
        self.found += judge.found
        return lines + ["Input:", "", *(f"    {line}" for line in results.made_of.splitlines()), ""]


def run(options, temporary, programs):
    cores = use_cores(options.cores)
    trees = options.trees or temporary / "trees"
    trees.mkdir(parents=True, exist_ok=True)
    bin = options.build / "bin"
    with tempfile.TemporaryDirectory(prefix="cramfs-bench-", dir=options.out) as name:
        out = pathlib.Path(name)
        about = machine.describe(bin, cores, trees, out, programs)
        bench = Bench(options, trees, out, cores, contestants.tools(bin, cores, lambda peer: programs[peer].words))
        details = []
        for workload in options.workload:
            details += bench.run(workload)
    rounds_told = "one round" if options.rounds == 1 else f"medians of {options.rounds} rounds"
    shown = contestants.tools(pathlib.Path(), cores, lambda peer: [peer])
    lines = [*about, f"- {rounds_told}, the tools in turn, after one round that is not counted", "",
             *speed_report.of_targets(bench.found), *details,
             "The commands; each image has a name, by which later commands read it:", "",
             *speed_report.commands(shown, options.workload)]
    return lines, bench


def find_peers(options):
    programs = peers.choose(options.peers)
    missing = [*peers.missing(programs), *(["time"] if not shutil.which("/usr/bin/time") else [])]
    if missing:
        sys.exit(f"run.sh: not installed: {' '.join(missing)}; scripts/install-packages.sh bench does it")
    if not peers.is_of_util_linux(programs["mkfs.cramfs"]):
        sys.exit(f"run.sh: {programs['mkfs.cramfs'].words[-1]} is not util-linux's: put that first into PATH")
    return programs


def main():
    options = parse(sys.argv[1:])
    programs = find_peers(options)
    with tempfile.TemporaryDirectory(prefix="cramfs-bench-") as name:
        try:
            lines, bench = run(options, pathlib.Path(name), programs)
        except (measure.Failed, AssertionError) as failure:
            sys.exit(f"\nrun.sh: {str(failure).strip()}")
    print(*lines, sep="\n")
    if options.markdown:
        options.markdown.write_text("\n".join(lines))
    if options.readme:
        speed_documents.write(lines, bench.results, programs, bench.cores, options.rounds)
    return 1 if options.demand and not all(target.held for target in bench.found) else os.EX_OK


if __name__ == "__main__":
    sys.exit(main())
