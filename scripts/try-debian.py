#!/usr/bin/env python3
"""try-debian.py [--quick] [--user] RELEASE: builds and tests in a tree of another Debian release (bullseye, bookworm, trixie, sid).

  (nothing)  everything is built with gcc and with clang; unit tests, headers and corpora of the fuzz targets are run
  --quick    runs ./scripts/test.sh --quick instead
  --user     as a plain user with sudo; otherwise as root

The tree is made by debootstrap, for which root is needed, and is gone afterwards. A tarball of the new system is kept
in ~/.cache/cramfs-xip/debootstrap.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
os.environ.setdefault("CRAMFS_XIP_BIN", str(PROJECT / "build" / "bin"))  # nothing here is built outside the tree
sys.path.insert(0, str(PROJECT / "tests" / "support"))

from debian_tree import Tree  # noqa: E402 - it needs what the path above brings

QUICK = "./scripts/test.sh --quick"
UNIT = """
./scripts/install-packages.sh build
for compiler in gcc clang; do
    echo "== $compiler: $($compiler --version | head -n 1); $(cmake --version | head -n 1)"
    CC=$compiler cmake -S . -B build/$compiler -G Ninja -DCRAMFS_XIP_WERROR=ON -DBUILD_TESTING=ON >/dev/null
    cmake --build build/$compiler >build/$compiler.log || { tail -n 40 build/$compiler.log; exit 1; }
    (cd build/$compiler && ctest --output-on-failure -j "$(nproc)" -R "^(unit|headers|fuzz)")
done
"""
UNIT_PACKAGES = ("g++", "clang", "libcmocka-dev", "python3-pytest")
USER = "tester"
FOLDER = "/checkout"  # a name that is in no path of an installed file


def arguments():
    parser = argparse.ArgumentParser(usage=__doc__.partition("\n")[0].partition(": ")[0],
                                     description=__doc__.partition("\n")[2], formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", metavar="RELEASE")
    parser.add_argument("--quick", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--user", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def test_in(tree, options):
    """Runs the tests in the tree, and shows what they print; returns the exit status."""
    tree.install("sudo", "ca-certificates", *(() if options.quick else UNIT_PACKAGES))
    tree.add_project(FOLDER)
    script = f"cd {FOLDER}; set -eo pipefail; " + (QUICK if options.quick else UNIT)
    command = ["bash", "-c", script]
    if options.user:
        tree.run("useradd", "--create-home", "--shell", "/bin/bash", USER)
        (tree.root / "etc/sudoers.d" / USER).write_text(f"{USER} ALL=(ALL:ALL) NOPASSWD: ALL\n")
        tree.run("chown", "-R", f"{USER}:{USER}", FOLDER)
        command = ["su", "-", USER, "-c", script]
    status = subprocess.run(tree.command(*command), check=False).returncode
    tree.keep_packages()
    return status


def main():
    options = arguments()
    if os.geteuid() != 0:
        sys.exit("try-debian: debootstrap and chroot need root")
    with tempfile.TemporaryDirectory() as work:
        os.chmod(work, 0o755)  # a plain user goes through it
        tree = Tree(pathlib.Path(work) / "tree", options.release)
        status = test_in(tree, options)
        tree.remove()
    print(f"== Debian {options.release}: {'passed' if status == 0 else 'FAILED'}")
    sys.exit(status)


if __name__ == "__main__":
    main()
