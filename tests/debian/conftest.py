"""The packages of a Debian release: the host's own, or the one in CRAMFS_XIP_DEBIAN_RELEASE (for example trixie)."""
import os
import pathlib
import shutil
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))

import printed  # noqa: E402 - it needs what the path above brings
from building import PROJECT, SECOND_BUILD  # noqa: E402
from debian_tree import Tree  # noqa: E402

RELEASE = os.environ.get("CRAMFS_XIP_DEBIAN_RELEASE")
TARBALL = next(SECOND_BUILD.glob("cramfs-xip-*.tar.xz"), None)
NAME = TARBALL.name.removesuffix(".tar.xz") if TARBALL else None


def pytest_configure():
    if os.geteuid() != 0:
        pytest.exit("the Debian packages are NOT tested: debootstrap and chroot need root", 77)
    assert TARBALL, "tests/source makes the tarball that the packages are made from: run that first"


def commands_of_the_readme(reason):
    """Commands of the README that other tests do not run."""
    return [command.line for command in printed.in_markdown((PROJECT / "README.md").read_text()) if command.not_run == reason]


class Workshop:
    """A system in which packages are built, as the README says, from the unpacked tarball."""

    def __init__(self, root):
        self.tree = Tree(root, RELEASE)
        self.folder = self.tree.root / "tmp" / "sources"
        self.folder.mkdir()
        self.tree.install("sudo")
        self.build_dep, self.build, self.install = commands_of_the_readme("makes Debian packages")

    def run(self, command, directory):
        return self.tree.run("bash", "-c", command, directory=f"/tmp/sources/{directory}")

    def make_packages(self):
        shutil.unpack_archive(TARBALL, self.folder)
        self.run(self.build_dep, NAME)
        self.tree.keep_packages()
        self.run(self.build, NAME)

    def make_source_package(self):
        shutil.copy(TARBALL, self.folder / f"{NAME.replace('-xip-', '-xip_')}.orig.tar.xz")
        self.run("dpkg-buildpackage -S -us -uc", NAME)

    def make_packages_again(self):
        """From the source package, in a folder of another name, and without the tests."""
        self.run("mkdir again && cd again && dpkg-source -x ../*.dsc elsewhere", "")
        self.run("DEB_BUILD_OPTIONS=nocheck dpkg-buildpackage -b -us -uc -Pnocheck", "again/elsewhere")


@pytest.fixture(scope="session")
def workshop(tmp_path_factory):
    """A system that has made the packages and the source package in its folder."""
    made = Workshop(tmp_path_factory.mktemp("workshop") / "tree")
    made.make_packages()
    made.make_source_package()
    yield made
    made.tree.remove()


@pytest.fixture(scope="session")
def packages(workshop):
    """{name: package}, without those for debuggers."""
    found = {path.name.partition("_")[0]: path for path in workshop.folder.glob("*.deb")}
    return {name: path for name, path in found.items() if not name.endswith("-dbgsym")}


@pytest.fixture(scope="session")
def tree(tmp_path_factory):
    """A minimal system. Each test removes our packages; their dependencies may stay."""
    made = Tree(tmp_path_factory.mktemp("debian") / "tree", RELEASE)
    yield made
    made.remove()
