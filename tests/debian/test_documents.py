"""What documents print runs as printed in a system that has only our package, or nothing but the sources."""
import re

import pytest

import example
import printed
from building import PROJECT, SECOND_BUILD, run

# Of commands and formats: the example of libcramfs-xip(3) is a program, which tests/package compiles.
MANUALS = sorted((PROJECT / "man").glob("*.[158]"))
MARKDOWN = ("README.md", "docs/guide.md")
TARBALL = next(iter(SECOND_BUILD.glob("cramfs-xip-*")), None)


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
    tree.install(packages["cramfs-xip"])
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
    """The unpacked tarball in the tree, in which nobody has built anything."""
    tree.run("mkdir", "/tmp/sources")
    run("cp", "-r", TARBALL, tree.root / "tmp" / "sources")
    tree.install("sudo")
    yield f"/tmp/sources/{TARBALL.name}"
    tree.run("rm", "-rf", "/tmp/sources")


def left_out(reason):
    """Commands of the README that other tests do not run."""
    return [command.line for command in printed.in_markdown((PROJECT / "README.md").read_text()) if command.not_run == reason]


def test_the_quickstart_of_the_readme(tree, sources):
    quickstart, tests = left_out("installs packages")
    assert tests.startswith("./scripts/test.sh")  # which this is a part of
    said = tree.run("bash", "-c", quickstart, directory=sources)
    assert "rootfs.img: clean" in said and re.search(r"\d+ of \d+ pages direct, 0 lost", said)


def test_the_build_by_hand_of_the_readme(tree, sources):
    wanted = re.search(r"It wants, from Debian: `([^`]+)`", (PROJECT / "README.md").read_text())[1]
    tree.install(*wanted.split())
    for reason, count in (("installs into the system", 1), ("wants an installed library", 2)):
        commands = left_out(reason)
        assert len(commands) == count
        for command in commands:
            tree.run("bash", "-c", command, directory=sources)
    assert tree.run("/usr/local/bin/cramfsck", "--version").startswith("cramfsck")
    tree.run("sh", "-c", "xargs rm < build/install_manifest.txt", directory=sources)
    tree.run("find", "/usr/local", "-name", "cramfs*", "-type", "d", "-empty", "-delete")
    assert not list(tree.root.glob("usr/local/**/*cramfs*"))  # it was all in the list


def test_the_packages_of_the_readme(tree, sources):
    """Behind the build by hand, as a reader may: that has left its build tree, for another prefix."""
    tree.install("dpkg-dev", "file")
    commands = left_out("makes Debian packages")
    assert len(commands) == 2
    for command in commands:
        tree.run("bash", "-c", command, directory=sources)
    assert "ok installed" in tree.run("dpkg-query", "-W", "-f", "${Status}", "cramfs-xip")
    tree.run("dpkg", "--purge", "cramfs-xip")
