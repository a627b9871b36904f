"""Where the other tools come from.

Old releases of them are slow, so the newest packages of Debian are unpacked beside the system's and run there with their
own libraries, by their own dynamic linker: this needs no root and changes nothing. If they cannot be had, the installed
programs are measured, and the report says so. Programs in a folder of the caller's, built from any source, take the place
of both.
"""
import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import sys

import packages

RELEASE = "sid"
NEEDED = {"mkfs.cramfs": "util-linux-extra", "fsck.cramfs": "util-linux-extra", "mksquashfs": "squashfs-tools",
          "sqfstar": "squashfs-tools", "unsquashfs": "squashfs-tools", "mkfs.erofs": "erofs-utils",
          "fsck.erofs": "erofs-utils", "genromfs": "genromfs"}
# Which option prints the version; others print it with --version.
ASKED = {"mkfs.erofs": "-V", "fsck.erofs": "-V", "mksquashfs": "-version", "sqfstar": "-version", "unsquashfs": "-version",
         "genromfs": "-h"}
FOLDERS = ("", "bin", "sbin", "usr/bin", "usr/sbin")


@dataclasses.dataclass(frozen=True)
class Program:
    words: tuple     # that run it
    version: str
    origin: str

    def __str__(self):
        return f"{self.version} ({self.origin})"


def version_of(name, words):
    done = subprocess.run([*words, ASKED.get(name, "--version")], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    found = re.search(r"\d+\.\d+[.\d]*", done.stdout)
    return found[0] if found else "of an unknown version"


def is_of_util_linux(program):
    """Our own programs may be installed under the name of a peer."""
    return "util-linux" in subprocess.run([*program.words, "--version"], stdout=subprocess.PIPE, text=True).stdout


def find(folder, name):
    paths = (folder / place / name for place in FOLDERS)
    return next((path for path in paths if os.access(path, os.X_OK)), None)


def cache():
    base = os.environ.get("CRAMFS_XIP_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "cramfs-xip")
    return pathlib.Path(base) / "peers"


def fetch_newest():
    """The folder with the newest packages, or None."""
    root = cache() / RELEASE
    fresh = root.with_name(f"{RELEASE}.{os.getpid()}")
    wanted = sorted({*NEEDED.values()})
    print(f"fetching the other tools of Debian {RELEASE}: {' '.join(wanted)}", file=sys.stderr)
    done = subprocess.run([packages.SCRIPTS / "fetch-debian.sh", "--release", RELEASE, "--dependencies", fresh, *wanted],
                          stdout=subprocess.DEVNULL)
    if done.returncode == 0:
        shutil.rmtree(root, ignore_errors=True)
        fresh.rename(root)
        return root
    shutil.rmtree(fresh, ignore_errors=True)
    print(f"Debian {RELEASE} cannot be had: the installed tools are measured", file=sys.stderr)
    return None


def with_libraries(root, name):
    """The words that run a program of an unpacked system with the libraries of that system, or None."""
    path = find(root, name)
    linker = next(iter([*root.glob("usr/lib*/ld-linux*.so.*"), *root.glob("usr/lib/*/ld-linux*.so.*")]), None)
    if not path or not linker:
        return None
    libraries = ":".join(map(str, root.glob("usr/lib/*-linux-gnu*")))
    return (str(linker), "--argv0", name, "--library-path", libraries, str(path))


def installed_release():
    with open("/etc/os-release") as opened:
        found = dict(line.rstrip().replace('"', "").split("=", 1) for line in opened if "=" in line)
    return f"{found.get('NAME', 'the system').split()[0]} {found.get('VERSION_CODENAME', '')}".strip()


def candidates(name, folder, newest):
    """How a program can be run, the best first: its words, and where it comes from."""
    if folder and find(folder, name):
        yield (str(find(folder, name)),), "given"
    if newest and with_libraries(newest, name):
        yield with_libraries(newest, name), f"Debian {RELEASE}"
    if shutil.which(name):
        yield (shutil.which(name),), installed_release()


def choose(which):
    """The programs by name; `which` is "newest", "installed" or a folder. A program that does not exist is left out."""
    folder = None if which in ("newest", "installed") else pathlib.Path(which).resolve()
    newest = None if which == "installed" else fetch_newest()
    chosen = {}
    for name in NEEDED:
        for words, origin in candidates(name, folder, newest):
            chosen[name] = Program(words, version_of(name, words), origin)
            break
    return chosen


def missing(chosen):
    """The packages of the programs that do not exist."""
    return sorted({package for name, package in NEEDED.items() if name not in chosen})
