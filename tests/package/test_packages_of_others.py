"""scripts/install-packages.sh where there is no apt: it names the packages, and continues if everything is there."""
import os
import shutil
import subprocess

import pytest

from building import PROJECT

MANAGERS = {"dnf": "libarchive-devel", "apk": "argp-standalone", "pacman": "json-c"}
TOOLS = ("bash", "sh", "env", "dirname", "cc", "cmake", "ninja", "pkg-config", "c++", "python3")


@pytest.fixture
def system(tmp_path):
    """Called with programs: a PATH with these alone, and with a package manager that must not be run."""
    def make(manager, tools=TOOLS):
        folder = tmp_path / "bin"
        folder.mkdir()
        for tool in tools:
            found = "/usr/bin/python3" if tool == "python3" else shutil.which(tool)
            (folder / tool).symlink_to(found)
        if manager:
            (folder / manager).write_text(f"#!/bin/sh\ntouch {tmp_path}/was-run\nexit 1\n")
            (folder / manager).chmod(0o755)
        return folder

    yield make
    assert not (tmp_path / "was-run").exists()


def install_packages(path, *groups, **environment):
    return subprocess.run([PROJECT / "scripts" / "install-packages.sh", *groups], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, env=dict(os.environ, PATH=str(path), **environment))


@pytest.mark.parametrize("manager", MANAGERS)
def test_names_are_printed_and_it_goes_on(manager, system):
    done = install_packages(system(manager), "build", "test")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"what is needed: {manager} " in done.stdout
    assert MANAGERS[manager] in done.stdout.split() and "clang" in done.stdout.split()


def test_without_any_package_manager_it_goes_on_too(system):
    done = install_packages(system(None), "build")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("manager", MANAGERS)
def test_what_is_missing_is_named(manager, system, tmp_path):
    path = system(manager, [tool for tool in TOOLS if tool != "cmake"])
    done = install_packages(path, "build", PKG_CONFIG_LIBDIR=str(tmp_path))
    assert done.returncode == 8
    assert "missing: cmake\n" in done.stderr and "missing: libarchive (for pkg-config)\n" in done.stderr
    assert "ninja" not in done.stderr
    assert MANAGERS[manager] in done.stdout.split()


def test_work_that_is_for_debian_says_so(system):
    done = install_packages(system("dnf"), "build", "kernel")
    assert (done.returncode, done.stdout) == (8, "")
    assert "group kernel" in done.stderr
