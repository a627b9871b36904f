#!/usr/bin/python3
"""updates.py BUILD/bin: how many erase blocks an update changes on a Debian armhf tree, laid out from scratch and with --like, and how many
bytes are sent for it; each update is applied, too.

Prints the tables of bench/README.md, which says what is compared; ends with 1 when a bound is not held.
"""
import argparse
import hashlib
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

import boot_profile  # noqa: F401 - it makes the path of what follows known
import packages

import case  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
ERASE_BLOCKS = (65536, 4096)
MOST_GROWTH = 1.05
# The base release, and packages from its archives of updates, by the names of packages that belong together.
PAIRS = {
    "openssl": (("libssl3", "openssl"), "3.0.20-1~deb12u2", "3.0.22-1~deb12u2"),
    "expat": (("libexpat1",), "2.5.0-1+deb12u2", "2.5.0-1+deb12u5"),
    "perl": (("perl-base",), "5.36.0-7+deb12u3", "5.36.0-7+deb12u4"),
    "python": (("python3.11-minimal", "libpython3.11-minimal"), "3.11.2-6+deb12u8", "3.11.2-6+deb12u9"),
    "glibc": (("libc6", "libc-bin"), "2.36-9+deb12u14", "2.36-9+deb12u7"),
}
# Most files of this package are small libraries, in which every second page has changed; see
# README.md.
BEYOND = "glibc"
CONFIGURATION, REMOVED, ADDED = "etc/ssl/openssl.cnf", "usr/bin/sqlite3", "etc/update.conf"


def fetch(names, debs):
    """{NAME or NAME=VERSION: the package's file}, and a line about each package that was fetched."""
    cache = os.environ.get("CRAMFS_XIP_CACHE")
    cache = pathlib.Path(cache or pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "cramfs-xip")
    found, said, others = {}, [], []
    for name in names:
        package, _, version = name.partition("=")
        at_hand = debs / f"{package}_{version}_armhf.deb" if debs and version else None
        if at_hand and at_hand.exists():
            found[name] = at_hand
            said.append(f"{package} {version} {hashlib.sha256(at_hand.read_bytes()).hexdigest()}")
        else:
            others.append(name)
    with tempfile.TemporaryDirectory() as unused:
        lines = subprocess.run([packages.SCRIPTS / "fetch-debian.sh", "--arch", "armhf", unused, *others], check=True,
                               stdout=subprocess.PIPE, text=True).stdout.splitlines()
    for name, line in zip(others, lines, strict=True):
        found[name] = cache / "deb" / f"{line.split()[-1]}.deb"
    return found, sorted(said + lines)


class Trees:
    """Trees of the packages, some in other versions, with changes added."""

    def __init__(self, work, debs):
        self.work = work
        self.paired = {package: pair for pair, (names, _, _) in PAIRS.items() for package in names}
        wanted = [name for name in packages.SYSTEM if name not in self.paired]
        wanted += [f"{name}={version}" for names, *versions in PAIRS.values() for name in names for version in versions]
        self.files, said = fetch(wanted, debs)
        print("\n".join(said))

    def make(self, name, updated=(), changes=()):
        root = self.work / name
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        for package in packages.SYSTEM:
            pair = self.paired.get(package)
            key = f"{package}={PAIRS[pair][1 + (pair in updated)]}" if pair else package
            subprocess.run(["dpkg-deb", "-x", self.files[key], root], check=True)
        shutil.rmtree(root / "usr/share")
        for change in changes:
            change(root)
        return root


def edit(root):
    with open(root / CONFIGURATION, "a", encoding="ascii") as file:
        file.write("# one line more\n")


def replace_a_word(root):
    """The file keeps its length."""
    path = root / CONFIGURATION
    data = path.read_bytes()
    assert data.count(b"default") > 3
    path.write_bytes(data.replace(b"default", b"DEFAULT", 1))


def add(root):
    (root / ADDED).write_bytes(b"".join(b"key%d = %d\n" % (number, number * number) for number in range(500)))


def remove(root):
    (root / REMOVED).unlink()


def add_program(root):
    shutil.copy(root / "bin/busybox", root / "bin/busybox.new")
    with open(root / "bin/busybox.new", "r+b") as file:
        file.seek(100000)
        file.write(b"another build of it")


def remove_directory(root):
    shutil.rmtree(root / "usr/lib/arm-linux-gnueabihf/engines-3")


SINGLE = [
    ("one configuration file edited", (), (edit,)),
    ("the same, its length kept", (), (replace_a_word,)),
    ("one file added", (), (add,)),
    ("one program removed", (), (remove,)),
    *[(f"{pair} replaced by {versions[2]}", (pair,), ()) for pair, versions in PAIRS.items()],
]
IN_A_ROW = [
    ((), (edit,)), (("openssl",), ()), ((), (add,)), (("perl",), ()), ((), (remove,)), (("expat",), ()), ((), (add_program,)),
    (("python",), ()), ((), (remove_directory,)), ((), (replace_a_word,)),
]


class Choice:
    """Options that choose what goes in place, for a release and its updates."""

    def __init__(self, title, *options, count="pages"):
        self.title, self.options, self.count = title, options, count

    def pages(self, stats):
        """Pages in place that count: with a profile those that were touched."""
        return json.loads(stats.read_text())["choice"][self.count]


EVERYTHING = Choice("everything in place")
BUDGETS = [
    Choice("a budget of 2852 KiB", "--xip-budget=2852K"),
    Choice("a profile and a budget of 808 KiB", f"--xip-profile={HERE / 'debian-armhf.csv'}", "--stale-profile=warn", "--xip-budget=808K",
           count="touched_pages"),
]


class Bench:
    def __init__(self, tools, work, kernel):
        self.tools, self.work, self.kernel = tools, work, kernel
        self.missed = []
        self.sent = []  # rows of the last table

    def check(self, tree, image):
        checked = self.tools.run("cramfsck", "-E", image)
        assert checked.returncode == 0, checked.stderr.decode()
        pages = self.tools.report(image)["totals"]["direct_pages"]
        if self.kernel:
            import kernel_check
            assert kernel_check.expect(self.tools, tree, image, pages)["direct_pages"] >= pages
        return pages

    def differing(self, old, new, unit):
        done = self.tools.run("cramfs-dump", "--diff", "--json", f"--erase-block={unit}", old, new)
        assert done.returncode == 1, done.stderr.decode()
        return json.loads(done.stdout)["erase_blocks"]

    def pack(self, choice, tree, image, *options):
        """Returns the pages in place that count, when they are chosen for a budget."""
        stats = self.work / "stats.json"
        self.tools.pack(tree, image, "-q", *choice.options, *options, f"--stats=json:{stats}")
        return choice.pages(stats) if choice.options else None

    def update(self, name, old, tree, new, unit, single=True, choice=EVERYTHING):
        """One row of a table; afterwards `new` is the image like `old`."""
        fresh = self.work / "fresh.img"
        chosen = self.pack(choice, tree, fresh)
        kept = self.pack(choice, tree, new, f"--like={old}", f"--erase-block={unit}")
        pages = self.check(tree, new)
        if choice is EVERYTHING:
            assert pages == self.tools.report(fresh)["totals"]["direct_pages"]
        else:
            pages = f"{chosen} | {kept}"
        afresh, like = (self.differing(old, image, unit) for image in (fresh, new))
        growth = new.stat().st_size / fresh.stat().st_size
        held = like["differing"] <= 1.25 * like["least"] + 2
        if single and not held:
            self.missed.append(f"{name}, {choice.title}")
        print(f"| {name} | {unit // 1024} KiB | {afresh['differing']} | {like['differing']} | {like['least']} |"
              f" {100 * (growth - 1):+.2f} % | {pages} |", flush=True)
        ours = self.apply(old, new, unit)
        if choice is EVERYTHING:
            self.sent.append((name, unit, ours, *others_send(self.work, old, new)))
        return growth

    def apply(self, old, new, unit):
        """The bytes of the update that cramfs-dump writes; applied under busybox it gives the new image."""
        update, flash, script = (self.work / name for name in ("update.tar", "flash", "apply.sh"))
        self.tools.run_well("cramfs-dump", "--diff", f"--update={update}", f"--erase-block={unit}", old, new)
        shutil.copy(old, flash)
        script.write_bytes(subprocess.run(["tar", "-xOf", update, "apply.sh"], check=True, stdout=subprocess.PIPE).stdout)
        subprocess.run(["busybox", "sh", script, update, flash], check=True, stdout=subprocess.DEVNULL)
        assert flash.read_bytes() == new.read_bytes()
        return update.stat().st_size


def others_send(work, old, new):
    """The bytes of the whole image with zstd, and of the differences that xdelta3 and bsdiff make."""
    out = work / "sent"
    sizes = []
    for command in (["zstd", "-q", "-f", "-19", new, "-o", out],
                    ["xdelta3", "-f", "-e", "-9", "-S", "lzma", "-B", str(1 << 26), "-s", old, new, out],
                    ["bsdiff", old, new, out]):
        subprocess.run(command, check=True)
        sizes.append(out.stat().st_size)
    return sizes


def bytes_sent(rows):
    print("\nBytes sent\n\n| update | erase block | whole image, zstd | xdelta3 | bsdiff | `--update` |\n" + 6 * "|---" + "|")
    for name, unit, ours, *others in rows:
        print(f"| {name} | {unit // 1024} KiB | {' | '.join(map(str, others))} | {ours} |", flush=True)


def head(title, *pages):
    columns = ["update", "erase block", "from scratch", "`--like`", "floor", "size", *pages]
    print(f"\n{title}\n\n| {' | '.join(columns)} |\n" + len(columns) * "|---" + "|", flush=True)


def single_updates(bench, trees, old):
    head("Single updates", "direct pages")
    for name, updated, changes in SINGLE:
        tree = trees.make("tree", updated, changes)
        for unit in ERASE_BLOCKS:
            bench.update(name, old, tree, bench.work / "new.img", unit, single=updated != (BEYOND,))


def updates_for_a_budget(bench, trees, choice):
    """The older image is made for the same budget."""
    old = bench.work / "old-for-budget.img"
    bench.pack(choice, trees.make("tree"), old)
    counted = choice.count.replace("_", " ")
    head(f"Single updates, {choice.title}", f"{counted} in place from scratch", f"{counted} in place")
    for name, updated, changes in SINGLE:
        bench.update(name, old, trees.make("tree", updated, changes), bench.work / "new.img", ERASE_BLOCKS[0], updated != (BEYOND,), choice)


def updates_in_a_row(bench, trees, first):
    for unit in ERASE_BLOCKS:
        head(f"Ten updates in a row, erase blocks of {unit // 1024} KiB", "direct pages")
        updated, changes, old, growth = (), (), first, 0
        for number, (more_updated, more_changes) in enumerate(IN_A_ROW, 1):
            updated, changes = updated + more_updated, changes + more_changes
            what = " ".join([*more_updated, *[change.__name__.replace("_", " ") for change in more_changes]])
            new = bench.work / f"row{number}.img"
            growth = bench.update(f"{number}: {what}", old, trees.make("tree", updated, changes), new, unit, single=False)
            old = new
        if growth > MOST_GROWTH:
            bench.missed.append(f"size after ten updates, {unit}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bin", type=pathlib.Path, help="the directory with mkcramfs-xip, cramfsck and cramfs-dump")
    parser.add_argument("--debs", type=pathlib.Path,
                        help="take packages NAME_VERSION_armhf.deb from here, which the package sources do not have")
    parser.add_argument("--kernel", action="store_true", help="boot each image like another, and hold it against its report")
    options = parser.parse_args()
    tools = case.Tools(options.bin.resolve())
    with tempfile.TemporaryDirectory(prefix="updates-") as name:
        work = pathlib.Path(name)
        trees = Trees(work, options.debs)
        print(tools.run_well("mkcramfs-xip", "--version").decode().splitlines()[0] + ", Python " + platform.python_version())
        bench = Bench(tools, work, options.kernel)
        old = work / "old.img"
        tools.pack(trees.make("tree"), old, "-q")
        print(f"the image that is there: {old.stat().st_size} bytes")
        single_updates(bench, trees, old)
        for choice in BUDGETS:
            updates_for_a_budget(bench, trees, choice)
        updates_in_a_row(bench, trees, old)
        bytes_sent(bench.sent)
    return os.EX_OK if not bench.missed else f"bounds not held: {', '.join(bench.missed)}"


if __name__ == "__main__":
    sys.exit(main())
