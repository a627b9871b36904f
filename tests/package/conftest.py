import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))

import building  # noqa: E402 - it needs what the path above brings


@pytest.fixture(scope="session")
def cache():
    return building.variables()


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    """A copy of everything that is installed; tests do not change it."""
    prefix = tmp_path_factory.mktemp("installed") / "prefix"
    building.run("cmake", "--install", building.BUILD, "--prefix", prefix)
    return prefix
