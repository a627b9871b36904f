#!/usr/bin/python3
"""budget.py BUILD/bin: what --xip-budget saves on a Debian armhf tree, against two simpler ways to choose.

Prints the table of docs/budget.md, and the versions of everything used. Ends with 1 if the tool does not win somewhere.
bench/README.md says what is compared, and how.
"""
import argparse
import collections
import hashlib
import json
import os
import pathlib
import platform
import re
import sys
import tempfile

import boot_profile
import packages

import case  # noqa: E402 - profile.py has made its path known

PERCENTS = (10, 25, 50, 75)
SPLIT_PERCENTS = (*PERCENTS, 100)
PAGE = 4096

EXPLAINED = re.compile(r"^(/.*): [1-9]\d* pages? in place: .*; costs (\d+) bytes of flash", re.M)  # a line of --explain

Choice = collections.namedtuple("Choice", "cost pages touches")


class Bench:
    """One tree and one way to count: every page the same, or by a profile."""

    def __init__(self, tools, root, work, rows=None):
        self.tools, self.root, self.work = tools, root, work
        self.image = work / "image"
        self.options = []
        self.touches = collections.defaultdict(dict)
        for path, offset, count in rows or []:
            self.touches[path][offset // PAGE] = count
        if rows is not None:
            boot_profile.write(rows, work / "profile.csv", root)
            self.options = [f"--xip-profile={work / 'profile.csv'}"]
        self.bare_size = self.pack("--xip=none")["bytes"]["image"]

    def pack(self, *options):
        stats = self.work / "stats.json"
        self.tools.pack(self.root, self.image, "-q", f"--stats=json:{stats}", *options)
        return json.loads(stats.read_text())

    def measure(self, *options):
        """The choice of these options, from the finished image and its XIP report."""
        cost = self.pack(*options)["bytes"]["image"] - self.bare_size
        report = self.tools.report(self.image)
        return Choice(cost, report["totals"]["direct_pages"], sum(map(self.saved_touches, report["files"])))

    def saved_touches(self, file):
        direct = set()
        for mapping in file["mappings"]:
            first = mapping["offset"] // PAGE
            direct.update(range(first, first + mapping["direct_pages"]))
        return sum(self.touches[file["path"]].get(page, 0) for page in direct)

    def full_cost(self):
        return self.pack(*self.options, "--xip-budget=4095M")["choice"]["full_cost"]

    def files(self):
        """The units of an all-or-nothing choice: (paths with these bytes, size, estimated cost) of each program with
        pages that could be in place. With a profile, only those that were touched."""
        stats = ["--explain", *self.options, "-q", self.root, self.image]
        said = self.tools.run("mkcramfs-xip", *stats)
        lines = (said.stdout + said.stderr).decode()
        found = collections.defaultdict(list)
        cost = collections.Counter()
        for path, bytes_of_flash in EXPLAINED.findall(lines):
            digest = hashlib.sha256((self.root / path[1:]).read_bytes()).digest()
            found[digest].append(path)
            cost[digest] += int(bytes_of_flash)
        return [(sorted(paths), (self.root / paths[0][1:]).stat().st_size, cost[digest])
                for digest, paths in found.items()]

    def rules_for(self, files):
        path = self.work / "rules"
        lines = [re.sub(r"([\\\[\]*?\s#])", r"\\\1", name) + " readonly" for paths, _, _ in files for name in paths]
        path.write_text("\n".join([*lines, "/* compressed", ""]))
        return [*self.options, f"--xip-rules={path}"]

    def cost_of(self, files):
        print(end=".", file=sys.stderr, flush=True)
        return self.pack(*self.rules_for(files))["bytes"]["image"] - self.bare_size

    def whole_files(self, files, budget):
        """Put each file in place in turn, if the budget still pays for it. The cost is always that of a built image;
        the estimates of --explain only decide which files to try, and how many at once."""
        # Images are whole pages long, so less than a page of the budget can buy nothing.
        budget -= budget % PAGE
        taken, cost, at = [], 0, 0
        while at < len(files):
            if files[at][2] > budget - cost:
                at += 1
                continue
            low, high, spent = at, len(files), cost
            end = reach(files, at, budget - cost)
            while low < high:
                found = self.cost_of(taken + files[at:end])
                if found > budget:
                    high = end = end - 1
                    continue
                low, spent = end, found
                if low == len(files) or files[low][2] > budget - spent:
                    break
                end = min(high, reach(files, low, budget - spent))
            if low > at:
                taken, cost = taken + files[at:low], spent
            at = low + 1
        return self.measure(*self.rules_for(taken))


def reach(files, at, left):
    """The end of the run of files from `at` on that should fit into the rest of the budget; at least one file."""
    for end in range(at, len(files)):
        left -= files[end][2]
        if left < 0:
            return max(end, at + 1)
    return len(files)


def largest_first(files):
    return sorted(files, key=lambda file: (-file[1], file[0]))


def by_name(files):
    return sorted(files)


def compare(bench, value, unit):
    """Print the rows of one way to count. Returns the points that the tool does not win. Whole files can leave a part
    of the budget unused, and the last pages save least. So each baseline is also compared with the tool at the budget
    that the baseline spent: then more saved is more for each byte."""
    full, files = bench.full_cost(), bench.files()
    print(f"\nfull cost {full} bytes of flash, {len(files)} programs and libraries; {unit} saved, KiB of flash spent\n")
    print("| budget | mkcramfs-xip | largest first | mkcramfs-xip for as much | by name | mkcramfs-xip for as much |")
    print("|---|---|---|---|---|---|", flush=True)
    lost = []
    for percent in PERCENTS:
        budget = full * percent // 100
        ours = bench.measure(*bench.options, f"--xip-budget={budget}")
        assert ours.cost <= budget
        cells = [f"{value(ours)} for {ours.cost // 1024}"]
        for order in (largest_first, by_name):
            other = bench.whole_files(order(files), budget)
            equal = bench.measure(*bench.options, f"--xip-budget={other.cost}")
            assert equal.cost <= other.cost <= budget
            cells += [f"{value(other)} for {other.cost // 1024}", str(value(equal))]
            if min(value(ours), value(equal)) <= value(other):
                lost.append(percent)
        print(f"| {percent} % | {' | '.join(cells)} |", flush=True)
    return lost


def compare_split(bench):
    """Print the rows of --xip-split: touched pages that are direct, KiB of flash, mappings added. Returns the points
    where cuts make the result worse, and 100 if all touched pages cost more than 62 % of their cost without cuts."""
    today = bench.measure(*bench.options)
    full = today.cost
    print(f"\n{today.touches} touched pages can be direct, for {full} bytes of flash without cuts\n")
    print("| budget | without | --xip-split | --xip-split=max |\n|---|---|---|---|", flush=True)
    lost = []
    for percent in SPLIT_PERCENTS:
        budget = f"--xip-budget={full * percent // 100}"
        plain = bench.measure(*bench.options, budget)
        cells = [f"{plain.touches} for {plain.cost // 1024}"]
        for split in ("--xip-split", "--xip-split=max"):
            cut = bench.measure(*bench.options, budget, split)
            added = json.loads((bench.work / "stats.json").read_text())["split"]["mappings"]
            cells.append(f"{cut.touches} for {cut.cost // 1024}, {added} more mappings")
            if cut.touches < plain.touches or cut.touches == plain.touches < today.touches:
                lost.append(percent)
            if percent == 100 and cut.cost > 0.62 * full:
                lost.append(percent)
        print(f"| {percent} % | {' | '.join(cells)} |", flush=True)
    return lost


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bin", type=pathlib.Path, help="the directory with mkcramfs-xip and cramfsck")
    parser.add_argument("--count", choices=("pages", "touches", "split"), help="only one of the tables")
    parser.add_argument("--profile", type=pathlib.Path, help="use this profile instead of booting")
    parser.add_argument("--save-profile", type=pathlib.Path, help="keep the profile of the boot here")
    options = parser.parse_args()
    tools = case.Tools(options.bin.resolve())
    with tempfile.TemporaryDirectory(prefix="budget-") as name:
        work = pathlib.Path(name)
        root = work / "root"
        print(packages.fetch_tree(root, packages.SYSTEM), end="")
        boot_profile.prepare(root)
        print(tools.run_well("mkcramfs-xip", "--version").decode().splitlines()[0] + ", Python "
              + platform.python_version())
        pages = Bench(tools, root, work)
        known = {path for paths, _, _ in pages.files() for path in paths}
        rows = boot_profile.read(options.profile) if options.profile else boot_profile.take(tools, root, work, known)
        assert known.issuperset(row[0] for row in rows), "the profile is of another tree"
        if options.save_profile:
            boot_profile.write(rows, options.save_profile, root)
        digest = hashlib.sha256(repr(sorted(rows)).encode()).hexdigest()
        print(f"profile: {len(rows)} pages of {len({row[0] for row in rows})} files, {digest[:16]}")
        lost = []
        if options.count in (None, "pages"):
            lost += compare(pages, lambda choice: choice.pages, "pages of RAM")
        if options.count in (None, "touches"):
            lost += compare(Bench(tools, root, work, rows), lambda choice: choice.touches, "touched pages")
        if options.count in (None, "split"):
            lost += compare_split(Bench(tools, root, work, rows))
    return os.EX_OK if not lost else f"not won at {lost} %"


if __name__ == "__main__":
    sys.exit(main())
