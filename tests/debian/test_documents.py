"""What documents print runs as printed in a system that has only our package, or nothing but the sources."""
import re

import pytest

import example
import printed
from building import PROJECT, SECOND_BUILD, run
from conftest import NAME, commands_of_the_readme

# Manuals of commands and formats. The example of libcramfs-xip(3) is a program, which tests/package
# compiles.
# Nothing can be mounted in this system: tests/cli runs the commands of cramfs-fuse(1).
MANUALS = sorted(page for page in (PROJECT / "man").glob("*.[158]") if page.stem != "cramfs-fuse")
MARKDOWN = ("README.md", "docs/guide.md")


@pytest.fixture
def work(tree):
    """A directory of the tree, as it is called outside."""
    folder = tree.root / "tmp" / "documents"
    folder.mkdir()
    yield folder
    tree.run("rm", "-rf", "/tmp/documents")


@pytest.fixture(scope="module")
def programs(tree, packages):
    """Nothing is installed but the programs."""
    tree.install(packages["cramfs-xip"], "jq")  # which the guide uses
    yield
    tree.run("dpkg", "--purge", "cramfs-xip")


@pytest.fixture
def shell(tree, programs, monkeypatch):
    """Printed commands are run in the tree."""
    monkeypatch.setattr(printed, "SHELL", tree.command(*printed.SHELL, directory="/tmp/documents"))


@pytest.mark.parametrize("page", MANUALS, ids=lambda page: page.name)
def test_examples_of_the_manual_run_with_only_the_package(page, work, shell):
    example.make_rootfs(work)
    printed.run_commands(printed.in_manual(page.read_text()), work, None)


@pytest.mark.parametrize("name", MARKDOWN)
def test_commands_in_markdown_run_with_only_the_package(name, work, shell):
    example.make_system(work)
    printed.run_commands(printed.in_markdown((PROJECT / name).read_text()), work, None)


@pytest.fixture(scope="module")
def sources(tree):
    """The unpacked tarball in the tree, without any build."""
    tree.run("mkdir", "/tmp/sources")
    run("cp", "-r", SECOND_BUILD / NAME, tree.root / "tmp" / "sources")
    tree.install("sudo")
    yield f"/tmp/sources/{NAME}"
    tree.run("rm", "-rf", "/tmp/sources")


def test_the_quickstart_of_the_readme(tree, sources):
    quickstart, tests = commands_of_the_readme("installs packages")
    assert tests.startswith("./scripts/test.sh")  # which this is a part of
    said = tree.run("bash", "-c", quickstart, directory=sources)
    assert "rootfs.img: clean" in said and re.search(r"are lost +0 ", said)


def test_the_build_by_hand_of_the_readme(tree, sources):
    wanted = re.search(r"Packages needed on Debian: `([^`]+)`", (PROJECT / "README.md").read_text())[1]
    tree.install(*wanted.split())
    for reason, count in (("installs into the system", 1), ("needs an installed library", 2)):
        commands = commands_of_the_readme(reason)
        assert len(commands) == count
        for command in commands:
            tree.run("bash", "-c", command, directory=sources)
    assert tree.run("/usr/local/bin/cramfsck", "--version").startswith("cramfsck")
    tree.run("sh", "-c", "xargs rm < build/install_manifest.txt", directory=sources)
    tree.run("find", "/usr/local", "-path", "*/cramfs*", "-type", "d", "-empty", "-delete")
    assert not list(tree.root.glob("usr/local/**/*cramfs*"))  # it was all in the list


def test_the_packages_of_the_readme(workshop):
    """Where they were built, as a reader does."""
    workshop.run(workshop.install, NAME)
    assert "ok installed" in workshop.run("dpkg-query -W -f '${Status}' cramfs-xip", "")
    workshop.run("dpkg --purge cramfs-xip", "")
