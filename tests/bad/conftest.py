"""Shared by the hostile cases: the programs under test, and their output."""
import os
import pathlib
import subprocess
import sys
import tempfile

import pytest

sys.path[:0] = [str(pathlib.Path(__file__).parent), str(pathlib.Path(__file__).parents[1] / "support")]

import programs  # noqa: E402
import scene as places  # noqa: E402


@pytest.fixture(scope="session")
def tools():
    directory = os.environ.get("CRAMFS_XIP_BIN")
    if not directory:
        pytest.fail("CRAMFS_XIP_BIN is not set: it names the directory with cramfsck and cramfs-dump")
    for program in ("cramfsck", "cramfs-dump"):
        if not os.access(os.path.join(directory, program), os.X_OK):
            pytest.fail(f"no {program} in {directory}: build the project, or correct CRAMFS_XIP_BIN")
    return programs.Programs(pathlib.Path(directory).resolve())


@pytest.fixture
def scene(tools):
    top = pathlib.Path(tempfile.mkdtemp(prefix="cramfs-bad-"))  # not tmp_path, which a plain user cannot enter
    yield places.Scene(tools, top)
    subprocess.run(["chmod", "-R", "u+rwx", top], stderr=subprocess.DEVNULL, check=False)
    subprocess.run(["rm", "-rf", top], check=True)  # shutil's recursion ends before the deepest of these trees
