import os
import pathlib
import subprocess

import pytest

PROJECT = pathlib.Path(__file__).parents[2]
BUILD = pathlib.Path(os.environ["CRAMFS_XIP_BIN"]).parent


def run(*command, **options):
    """Runs a command that must end well; what it wrote to both outputs, which is shown when it does not."""
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    assert done.returncode == 0, f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


@pytest.fixture(scope="session")
def cache():
    """The build's variables, as CMake keeps them."""
    lines = (BUILD / "CMakeCache.txt").read_text().splitlines()
    entries = (line.partition("=") for line in lines if line and not line.startswith(("#", "//")))
    return {name.partition(":")[0]: value for name, _, value in entries}


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """A copy of all that is installed; tests do not change it."""
    prefix = tmp_path_factory.mktemp("installed") / "prefix"
    run("cmake", "--install", BUILD, "--prefix", prefix)
    return prefix
