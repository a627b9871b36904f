"""Runs the programs under limits, and reads cramfsck's findings."""
import json
import os
import pathlib
import re
import subprocess
import tempfile

import usage
from cases import Found
from schemas import valid

HEADER = pathlib.Path(__file__).parents[2] / "include" / "cramfs" / "finding.h"
SANITIZED = os.environ.get("CRAMFS_XIP_SANITIZED") == "1"  # a sanitizer's shadow needs address space without limit
MEMORY = 1536 << 20
MOST_LINES = 16 << 20  # bytes of them that are looked at
SECONDS = 20 * (4 if SANITIZED else 1)

EMPTY = '{"version": 1, "image": {"size": 0, "endian": "little", "page_size": 4096}, "entries": []}'  # when no path matches
ACCOUNTED = 1 << 20  # smaller images are asked where each of their bytes goes
# Commands that read all of an image.
DUMPS = (["-R"], ["--long", "-R", "--json"], ["--stat=/*"], ["--extents"], ["--du"], ["--map"], ["--map=svg"],
         ["--mtree"], ["--device-table"], ["--tar", "--max-extract=64M"])

LINE = re.compile(rb"^(?P<severity>error|hazard|note): (?:(?P<path>/.*?): )?(?:block (?P<block>\d+) )?(?:at \d+: )?"
                  rb"(?P<what>.+) \[(?P<rule>[a-z0-9-]+): (?P<sentence>.+)\]$")


def rules():
    """name: (severity, sentence) for every rule that the header lists."""
    joined = HEADER.read_text().replace("\\\n", " ")
    rule = r'X\(\w+,\s*"([a-z0-9-]+)",\s*(ERROR|HAZARD|NOTE),\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)'
    listed = {}
    for name, severity, texts in re.findall(rule, joined):
        sentence = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', texts)).replace('\\"', '"')
        listed[name] = (severity.lower(), sentence)
    return listed


class Finding:
    def __init__(self, image, line):
        prefix = os.fsencode(image) + b": "
        assert line.startswith(prefix), f"not a line about the image: {line!r}"
        match = LINE.match(line[len(prefix):])
        assert match, f"not a finding: {line!r}"
        self.severity, self.rule = match["severity"].decode(), match["rule"].decode()
        self.sentence = match["sentence"].decode()
        path = os.fsdecode(match["path"] or b"")
        self.found = Found(self.rule, path, int(match["block"]) if match["block"] else None)


class Programs:
    def __init__(self, directory):
        self.directory = directory

    def run(self, program, *arguments, prefix=(), stdout=subprocess.PIPE, seconds=SECONDS, **options):
        limits = ["prlimit", "--core=0"] + ([] if SANITIZED else [f"--as={MEMORY}"])
        command = [*limits, *prefix, self.directory / program, *arguments]
        with tempfile.TemporaryFile() as errors:  # a hostile image can make more lines than memory should hold
            run = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=errors, timeout=seconds,
                                 check=False, **options)
            errors.seek(0)
            run.stderr = errors.read(MOST_LINES)
        # A sanitizer ends the program with a status of its own; no signal has any place here.
        assert run.returncode in (0, 4, 8, 16), f"{program} ended with {run.returncode}: {run.stderr[-2000:]!r}"
        assert b"runtime error" not in run.stderr and b"Sanitizer" not in run.stderr, run.stderr[-4000:]
        return run

    def check(self, image, page, *arguments):
        """All findings of cramfsck, with notes, and its exit status."""
        run = self.run("cramfsck", "-v", f"-b{page}", *arguments, image)
        return [Finding(image, line) for line in run.stderr.splitlines()], run.returncode

    def read_all_ways(self, image, page, seconds=SECONDS):
        """Every command that reads an image ends in time, by itself, and prints at least one line if it refuses the
        image."""
        size = f"-b{page}"
        checked = self.run("cramfsck", "-v", size, image, seconds=seconds)
        report = self.run("cramfsck", "--xip-report=json", size, image, seconds=seconds)
        if report.returncode in (0, 4):
            json.loads(report.stdout)
        dumps = [self.run("cramfs-dump", *mode, size, image, stdout=subprocess.DEVNULL, seconds=seconds) for mode in DUMPS]
        itself = self.run("cramfs-dump", "--diff", size, image, image, seconds=seconds)
        assert itself.stdout == b"", "it differs from itself"
        for run in (checked, report, itself, *dumps):
            assert run.returncode == 0 or run.stderr, f"ended with {run.returncode} and gave no reason"
            assert run.returncode != 16
        if os.stat(image).st_size < ACCOUNTED and dumps[0].returncode != 8:
            usage.check(lambda *arguments: self.run("cramfs-dump", *arguments).stdout, image, size)
            valid("list", self.run("cramfs-dump", "-R", "--json", size, image).stdout)
            valid("stat", self.run("cramfs-dump", "--stat=/*", "--stat=/*/*", "--json", size, image).stdout or EMPTY)
        return checked
