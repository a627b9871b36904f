"""Shared by the tests of the model: the program, and the images that changes start from."""
import os
import pathlib
import subprocess
import sys

import pytest

TESTS = pathlib.Path(__file__).parents[1]
sys.path[:0] = [str(pathlib.Path(__file__).parent), str(TESTS / "bad"), str(TESTS / "support")]

import bases  # noqa: E402
import tools  # noqa: E402


@pytest.fixture(scope="session")
def model():
    """Runs the program; its result with text."""
    program = os.environ.get("CRAMFS_XIP_MODEL") or tools.directory().parent / "tests" / "model" / "model"
    assert os.access(program, os.X_OK), f"no {program}: build the project, or set CRAMFS_XIP_MODEL"

    def run(*arguments):
        done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, errors="replace")
        assert done.returncode in (0, 1), f"exit {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done
    return run


@pytest.fixture(scope="session")
def base_images(tmp_path_factory):
    return bases.make(tools.directory() / "mkcramfs-xip", tmp_path_factory.mktemp("bases"))
