"""Fixtures that more than one folder of tests uses."""
import pathlib
import shutil
import subprocess
import tempfile

import pytest


@pytest.fixture
def public_path():
    """A directory that every user can enter and write to. pytest's own directories are private, and each run makes them
    private again."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="cramfs-xip-"))
    path.chmod(0o777)
    yield path
    subprocess.run(["chmod", "-R", "u+rwx", path], check=False)
    shutil.rmtree(path)
