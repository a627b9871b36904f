"""Options for mkcramfs-xip from a seed. What goes in place is chosen by budget, rules, profile and sticky bits."""
import dataclasses
import os
import random
import re
import stat
import zlib

from dynamic import dynamic_file

KINDS = (b"in-place", b"text", b"readonly", b"compressed", b"stored")
NEEDED = "needed"  # a directory with a program and the libraries that it needs


@dataclasses.dataclass
class Options:
    xip: str          # the pages that --xip selects
    chosen: bool      # whether budget, rules, profile or sticky bits choose among that
    words: list       # all options
    rules: bytes = b""

    def __str__(self):
        return f"{' '.join(self.words)}; rules {self.rules!r}"


def files_of(source):
    """The paths (bytes, from the root) of the files that are not empty, always in the same order."""
    root, found = os.fsencode(source), []
    for directory, _, names in os.walk(root):
        paths = (os.path.join(directory, name) for name in names)
        found += [os.path.relpath(path, root) for path in paths
                  if stat.S_ISREG(os.lstat(path).st_mode) and os.path.getsize(path)]
    return sorted(found)


def read(source, path):
    with open(os.path.join(os.fsencode(source), path), "rb") as file:
        return file.read()


# -- rules -------------------------------------------------------------------------------------------------------------

def escaped(name):
    """A glob that matches this name. A backslash cannot make the end of a line a part of it, but a question mark
    matches that, too."""
    return re.sub(rb"[ \t\r\v\f*?\[\]\\#!]", rb"\\\g<0>", name).replace(b"\n", b"?")


def random_glob(rng, path):
    """A glob that matches the path, and usually more."""
    directory, name = os.path.split(path)
    return rng.choice((
        b"/" + escaped(path),
        escaped(name),
        b"/" + escaped(path.split(b"/")[0]),
        escaped(os.path.basename(directory) or name),
        escaped(name[:1]) + b"*",
        b"*" + escaped(name[-1:]),
        b"[a-f]*",
        b"*",
    ))


def random_rules(rng, files):
    lines = [random_glob(rng, rng.choice(files)) + b" " + rng.choice(KINDS) + rng.choice((b"", b"", b" needs"))
             for _ in range(rng.randint(1, 12))]
    return b"# the first that fits decides\n" + b"\n".join(lines) + b"\n"


def add_needed(source):
    directory = source / NEEDED
    directory.mkdir()
    for name, needed in (("program", ["libone.so"]), ("libone.so", ["libtwo.so"]), ("libtwo.so", [])):
        (directory / name).write_bytes(dynamic_file(needed, runpath=f"/{NEEDED}"))


# -- profiles ----------------------------------------------------------------------------------------------------------

def random_profile(rng, source, files):
    """Rows of CSV: pages of programs most of all, some of them often, some never."""
    contents = {path: read(source, path) for path in files}
    programs = [path for path in files if contents[path][:4] in (b"\x7fELF", b"bFLT")]
    rows = [b"path,offset,count"]
    for _ in range(rng.randint(1, 120)):
        path = rng.choice(rng.choice((programs, programs, files)))
        data = contents[path]
        quoted = b'"' + rng.choice((b"", b"/")) + path.replace(b'"', b'""') + b'"'
        offset = rng.choice((b"%d", b"%#x")) % rng.randrange(len(data))
        check = rng.choice((b"", b",crc32:%08x" % zlib.crc32(data)))
        rows.append(b"%s,%s,%d%s" % (quoted, offset, rng.choice((0, 1, 1, 7, 1000)), check))
    return rng.choice((b"\n", b"\r\n")).join(rows)


# -- all of them -------------------------------------------------------------------------------------------------------

def random_budget(rng):
    return rng.choice(("0", str(rng.randint(1, 1 << 16)), str(rng.randint(1 << 16, 1 << 20)), "1G"))


def make_some_sticky(rng, source, files):
    for path in rng.sample(files, min(len(files), 30)):
        at = os.path.join(os.fsencode(source), path)
        os.chmod(at, stat.S_IMODE(os.lstat(at).st_mode) | stat.S_ISVTX)


def random_options(seed, work):
    """Options for the tree work/source, which may get more files and sticky bits; rules and profile are beside it."""
    rng = random.Random(seed)
    source = work / "source"
    xip = rng.choice(("auto", "readonly", "text", "all", "none"))
    words = [f"--xip={xip}", f"--level={rng.choice((1, 6, 9))}"]
    for option in ("--no-holes", "-p", "--compressor=zlib", "--pad-to=erase-block --erase-block=64K"):
        if rng.random() < 0.2:
            words += option.split()

    ways = rng.choice(((), (), ("budget",), ("rules",), ("profile",), ("budget", "rules"), ("budget", "profile"),
                       ("rules", "sticky"), ("budget", "rules", "profile", "sticky")))
    options = Options(xip, bool(ways), words)
    if "rules" in ways:
        add_needed(source)
    files = files_of(source)
    if "rules" in ways:
        options.rules = random_rules(rng, files)
        (work / "rules").write_bytes(options.rules)
        words.append(f"--xip-rules={work / 'rules'}")
    if "profile" in ways:
        (work / "profile").write_bytes(random_profile(rng, source, files))
        words.append(f"--xip-profile={work / 'profile'}")
    if "budget" in ways:
        words.append(f"--xip-budget={random_budget(rng)}")
    if "sticky" in ways:
        make_some_sticky(rng, source, files)
        words.append("--xip-sticky")
    return options
