import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))

from building import SECOND_BUILD, run  # noqa: E402 - it needs what the path above brings
from debian_tree import Tree  # noqa: E402


def pytest_configure():
    if os.geteuid() != 0:
        pytest.exit("the Debian packages are NOT tested: debootstrap and chroot need root", 77)


@pytest.fixture(scope="session")
def packages():
    """The packages by name, made in the build that tests/source leaves."""
    build = SECOND_BUILD / "build"
    for old in build.glob("*.deb"):
        old.unlink()
    run("cpack", cwd=build)
    return {path.name.partition("_")[0]: path for path in build.glob("*.deb")}


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    """A minimal system. Each test leaves it without our packages; what they depend on may stay."""
    made = Tree(tmp_path_factory.mktemp("debian") / "tree")
    yield made
    made.remove()
