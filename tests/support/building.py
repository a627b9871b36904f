"""The build under test, for tests of what is installed and packaged."""
import os
import pathlib
import subprocess

PROJECT = pathlib.Path(__file__).parents[2]
BUILD = pathlib.Path(os.environ["CRAMFS_XIP_BIN"]).parent
SECOND_BUILD = BUILD / "tests" / "second"  # the tarball, and what tests/source unpacks and builds of it; tests/debian takes the tarball


def run(*command, **options):
    """Run a command that must succeed, and return both outputs. They are printed if it fails."""
    command = [str(word) for word in command]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          stdin=subprocess.DEVNULL, **options)
    assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


def variables():
    """The build's variables, from CMake's cache."""
    lines = (BUILD / "CMakeCache.txt").read_text().splitlines()
    entries = (line.partition("=") for line in lines if line and not line.startswith(("#", "//")))
    return {name.partition(":")[0]: value for name, _, value in entries}
