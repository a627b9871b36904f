"""The source tarball: it has the files of the repository, and programs built from it make the same images."""
import os
import shutil
import subprocess
import tarfile

import pytest

import random_tree
from building import BUILD, PROJECT, SECOND_BUILD, run, variables

RULES = PROJECT / "tests" / "roundtrip" / "mixed.rules"
SEED = 20261121
OPTIONS = {
    "default": [],
    "big endian": ["-N", "big", "-n", "volume", "-e", "7"],
    "pages of 16 KiB": ["-b", "16K"],
    "text only": ["--xip=text"],
    "whole programs": ["--xip=all"],
    "nothing in place": ["--xip=none"],
    "budget": ["--xip-budget=100K"],
    "rules": [f"--xip-rules={RULES}", "--xip-sticky"],
    "without an MMU": ["--kernel=nommu", f"--xip-rules={RULES}"],
    "legacy, no holes": ["--legacy", "--no-holes"],
    "zlib": ["--compressor=zlib", "--level=9"],
    "boot code, padding, swapped": ["-p", "--pad-to=8M", "--swap16"],
    "one thread": ["-j", "1"],
    "many threads": ["-j", "7"],
}


@pytest.fixture(scope="module")
def tarball(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tarball")
    run("cpack", "--config", BUILD / "CPackSourceConfig.cmake", "-B", folder)
    made = list(folder.glob("*.tar.xz"))
    assert len(made) == 1
    return made[0]


@pytest.fixture(scope="module")
def unpacked(tarball):
    shutil.rmtree(SECOND_BUILD, ignore_errors=True)
    SECOND_BUILD.mkdir(parents=True)
    shutil.copy(tarball, SECOND_BUILD)
    run("tar", "-C", SECOND_BUILD, "-xf", tarball)
    return SECOND_BUILD / tarball.name.removesuffix(".tar.xz")


@pytest.fixture(scope="module")
def second_programs(unpacked):
    """As distributions build it: without tests."""
    cache = variables()
    same = [f"-D{name}={cache[name]}" for name in ("CMAKE_C_COMPILER", "CMAKE_BUILD_TYPE", "CRAMFS_XIP_LIBDEFLATE", "CRAMFS_XIP_ZOPFLI")]
    build = SECOND_BUILD / "build"
    run("cmake", "-S", unpacked, "-B", build, "-G", cache["CMAKE_GENERATOR"], "-DBUILD_TESTING=OFF", *same)
    run("cmake", "--build", build, "--parallel", str(os.cpu_count()))
    return build / "bin"


def files_below(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()}


def test_the_tarball_has_what_the_repository_has(unpacked):
    if (PROJECT / ".git").exists():
        listed = subprocess.run(["git", "-C", PROJECT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                                check=True, stdout=subprocess.PIPE).stdout
        wanted = {os.fsdecode(name) for name in listed.split(b"\0") if name and os.path.lexists(PROJECT / os.fsdecode(name))}
    else:  # itself from a tarball, and built in
        wanted = {name for name in files_below(PROJECT) if not name.startswith("build") and "__pycache__" not in name}
    assert files_below(unpacked) == wanted


def test_the_tarball_is_one_folder_of_plain_modes(tarball):
    with tarfile.open(tarball) as archive:
        for member in archive:
            assert member.name.startswith(tarball.name.removesuffix(".tar.xz"))
            assert not member.mode & 0o6022, member.name


def make_image(programs, source, image, options):
    environment = dict(os.environ, CRAMFS_XIP_BIN=str(programs))
    owner = [] if os.geteuid() == 0 else ["-q"]
    subprocess.run([programs / "mkcramfs-xip", "-q", *options, *owner, source, image], check=True, env=environment)
    return image.read_bytes()


@pytest.mark.parametrize("name", OPTIONS)
def test_a_second_build_makes_the_same_images(name, second_programs, source, tmp_path):
    ours = make_image(BUILD / "bin", source, tmp_path / "first.img", OPTIONS[name])
    theirs = make_image(second_programs, source, tmp_path / "second.img", OPTIONS[name])
    assert ours == theirs


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    print("seed", SEED)
    folder = tmp_path_factory.mktemp("tree") / "source"
    random_tree.make_random_tree(folder, SEED)
    return folder
