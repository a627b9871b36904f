"""Time, memory and size of mkcramfs-xip and cramfsck, side by side with their peers and with the floor.

run.sh builds the programs and calls this; bench/README.md says what is compared, and how.
"""
import argparse
import os
import pathlib
import shutil
import sys
import tempfile

import contestants
import machine
import measure
import rounds
import speed_report
import targets
import workloads

WORKLOADS = ("debian", "small", "large")
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
    parser.add_argument("--kernel", action="store_true", help="boot a kernel with the images of the 50 MB tree")
    parser.add_argument("--markdown", type=pathlib.Path, help="write all that is printed to this file, too")
    parser.add_argument("--assert", dest="demand", action="store_true", help="end with 1 when a target is missed")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("--rounds is at least 1")
    if options.quick:
        options.rounds = 1
    options.workload = options.workload or (WORKLOADS[:2] if options.quick else WORKLOADS)
    return options


def use_cores(wanted):
    """For this process, and all processes that it starts."""
    available = sorted(os.sched_getaffinity(0))
    if wanted and not 0 < wanted <= len(available):
        raise measure.Failed(f"--cores={wanted}: there are {len(available)}")
    os.sched_setaffinity(0, available[:wanted or len(available)])
    return wanted or len(available)


def see_with_kernel(options, out, tree):
    import kernel_check
    tools = kernel_check.case.Tools(options.build / "bin")
    lines = []
    for builder in contestants.builders(options.build / "bin", 1):
        if builder.name in KERNEL_SEES:
            print(f"booting with {builder.image}", file=sys.stderr)
            counted = kernel_check.expect(tools, tree, out / builder.image, KERNEL_SEES[builder.name])
            lines.append(f"- {builder.name}: {counted['files']} files and {counted['bytes']} bytes read right, "
                         f"{counted['mappings']} mappings as predicted, {counted['direct_pages']} pages direct")
    return ["A booted ARM kernel, from ROM and from a disk, of the images of this run:", "", *lines, ""]


class Bench:
    def __init__(self, options, trees, out, cores):
        self.options, self.trees, self.out, self.cores = options, trees, out, cores
        self.measuring = rounds.Measuring(options.build, out, cores)
        self.found = []

    def measure(self, workload, only_ours=False):
        tree, made_of = workloads.make(self.trees, workload, self.options.quick)
        results = rounds.Results(workload, tree, made_of)
        return self.measuring.run(results, self.options.rounds, only_ours)

    def run(self, workload):
        results = self.measure(workload)
        files, size = workloads.count(results.tree)
        lines = speed_report.of_tree(results, files, size, self.cores)
        judge = targets.Judge(results)
        if workload == "debian":
            targets.judge_debian(judge, self.cores)
            if self.options.kernel:
                lines += see_with_kernel(self.options, self.out, results.tree)
        for image in self.out.iterdir():
            if image.is_file():
                image.unlink()
        if workload == "small":
            tenth = self.measure("small-tenth", only_ours=True)
            tenth_files, _ = workloads.count(tenth.tree)
            lines += speed_report.of_tenth(tenth, tenth_files)
            targets.judge_small(judge, tenth, files, tenth_files)
        targets.judge_any(judge, size, self.cores)
        self.found += judge.found
        return lines + ["Input:", "", *(f"    {line}" for line in results.made_of.splitlines()), ""]


def run(options, temporary):
    cores = use_cores(options.cores)
    trees = options.trees or temporary / "trees"
    trees.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="cramfs-bench-", dir=options.out) as name:
        out = pathlib.Path(name)
        about = machine.describe(options.build / "bin", cores, trees, out)
        bench = Bench(options, trees, out, cores)
        details = []
        for workload in options.workload:
            details += bench.run(workload)
    rounds_told = "one round" if options.rounds == 1 else f"medians of {options.rounds} rounds"
    lines = [*about, f"- {rounds_told}, the tools in turn, after one round that is not counted", "",
             *speed_report.of_targets(bench.found), *details,
             "The commands, with TREE, IMAGE and DIR for the paths:", "",
             *speed_report.commands(contestants.builders(options.build / "bin", cores),
                                    contestants.checkers(options.build / "bin")), ""]
    return "\n".join(lines), all(target.held for target in bench.found)


def main():
    options = parse(sys.argv[1:])
    missing = contestants.missing()
    if missing:
        sys.exit(f"run.sh: not installed: {' '.join(missing)}; scripts/install-packages.sh bench does it")
    if not machine.util_linux_is_the_peer():
        sys.exit(f"run.sh: {shutil.which('mkfs.cramfs')} is not util-linux's: put that first into PATH")
    with tempfile.TemporaryDirectory(prefix="cramfs-bench-") as name:
        try:
            text, held = run(options, pathlib.Path(name))
        except (measure.Failed, AssertionError) as failure:
            sys.exit(f"\nrun.sh: {str(failure).strip()}")
    print(text)
    if options.markdown:
        options.markdown.write_text(text)
    return os.EX_OK if held or not options.demand else 1


if __name__ == "__main__":
    sys.exit(main())
