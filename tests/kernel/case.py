"""One tree, from the packer to the kernel and back: pack it, predict, boot, observe, compare.

The programs under test are those in the directory that CRAMFS_XIP_BIN names.
"""
import dataclasses
import json
import os
import pathlib
import subprocess

import elf
import oracle
import programs
from trees import Tree


class Tools:
    def __init__(self, directory):
        self.directory = pathlib.Path(directory)

    def run(self, program, *arguments):
        command = [self.directory / program, *arguments]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run_well(self, program, *arguments):
        done = self.run(program, *arguments)
        shown = " ".join(map(str, [program, *arguments]))
        errors = done.stderr.decode(errors="replace")
        assert done.returncode == 0, f"{shown} ended with {done.returncode}:\n{errors}"
        return done.stdout

    def pack(self, source, image, *options):
        self.run_well("mkcramfs-xip", "--quiet", *options, source, image)

    def report(self, image, *options):
        return json.loads(self.run_well("cramfsck", "--xip-report=json", *options, image))

    def extents(self, image, *options):
        return self.run_well("cramfs-dump", "--extents", *options, image)


@dataclasses.dataclass
class Case:
    """The facts about one tree, expected and observed."""
    source: pathlib.Path
    image: pathlib.Path
    expected: dict
    report: dict
    observation: object
    machine: object

    def reported(self, path):
        """The report's entry of a file, links of the tree resolved."""
        real = "/" + os.path.relpath(os.path.realpath(self.source / path), os.path.realpath(self.source))
        return next(file for file in self.report["files"] if file["path"] == real)

    def compare(self):
        comparison = oracle.Comparison()
        # Without an MMU nothing hides the bytes after a file's end in the ROM, where the next page need not
        # begin.
        ignored = () if self.machine.mmu else ("nonzero_tail",)
        oracle.compare_tree(comparison, self.expected, self.observation, ignored=ignored)
        oracle.compare_report(comparison, self.report, self.observation, self.source)
        return comparison


def pack(tools, source, image, *options):
    """Pack the tree with one job and with several, and check that the tools agree with each other."""
    planned, again = image.with_suffix(".extents"), image.with_suffix(".again")
    tools.pack(source, image, "-j1", f"--extents={planned}", *options)
    tools.pack(source, again, f"-j{os.cpu_count() + 1}", *options)
    assert image.read_bytes() == again.read_bytes(), f"{source}: other bytes with -j1 than with more jobs"
    again.unlink()

    kernel = [option for option in options if str(option).startswith("--kernel=")] or ["--kernel=mmu"]
    page = [word for word in options if word.startswith("--block-size=")]
    found = tools.extents(image, *kernel, *page)
    assert planned.read_bytes() == found, f"{image}: the extents found are not the extents planned"
    checked = tools.run("cramfsck", *page, image)
    findings = (checked.stdout + checked.stderr).decode(errors="replace")
    assert checked.returncode == 0, f"cramfsck {image}: exit {checked.returncode}:\n{findings}"


def look_at(guest, tools, source, image, all_root=False, extra_requests=(), **boot):
    """Predict, boot and observe an existing image, whoever made it; `boot` is for Guest.boot."""
    report = tools.report(image, *guest.machine.report_options)
    observation = guest.boot(image, [*oracle.requests(report), *extra_requests], **boot)
    return Case(source, image, oracle.expected_tree(source, all_root), report, observation, guest.machine)


def run_case(guest, tools, source, image, *options, **more):
    """Pack with mkcramfs-xip, and look_at() it. A plain user's tree has that user's owners, which -q replaces."""
    if os.geteuid() != 0:
        options += ("-q",)
    machine = guest.machine
    pack(tools, source, image, *options, *machine.order_options, *machine.kernel_options)
    return look_at(guest, tools, source, image, "-q" in options, **more)


def compare_programs(guest, tools, work, forms):
    """Programs linked in several ways, {name: options}, are packed and run; where each was loaded is compared, too."""
    tree = Tree(work / "source")
    for name, options in forms.items():
        tree.file(name, programs.build(guest.machine.toolchain, programs.LONG_WHERE, *options).read_bytes(), 0o755)
    observed = run_case(guest, tools, work / "source", work / "image", extra_requests=[f"run {name.hex()}" for name in forms])
    comparison = observed.compare()
    for run in observed.observation.runs:
        assert (run["status"], run["output"][:8]) == (0, b"text at "), run
        twice = elf.is_placed_twice((work / "source" / run["path"].decode()).read_bytes())
        oracle.compare_load(comparison, observed.reported(run["path"].decode()), run["messages"], twice)
    return comparison


def loader_disagreements(case):
    """The differences between the report's mappings of a file and those of our own reading of its program headers."""
    disagreements = []
    for file in case.report["files"]:
        with open(os.path.join(os.fsencode(case.source), oracle.path_of(file)), "rb") as opened:
            expected = elf.loader_mappings(opened.read())
        reported = [(m["offset"], m["pages"], m["flags"]) for m in file["mappings"]]
        if expected != reported:
            disagreements.append(f"{file['path']}: the report says {reported}, the program headers {expected}")
    return disagreements
