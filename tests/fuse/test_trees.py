"""Trees of every kind of node and image, mounted: they equal the packed tree, node by node and byte by byte."""
import io
import os
import shutil
import stat
import subprocess
import tarfile

import pytest

import random_tree
import shown
from tools import run, run_well

SEED = 20261127
OPTIONS = {
    "default": [],
    "big endian, pages of 16 KiB": ["-N", "big", "-b", "16K"],
    "pages of 64 KiB": ["-b", "64K"],
    "legacy": ["--legacy"],
    "legacy, big endian": ["--legacy", "-N", "big"],
    "behind boot code": ["-p"],
    "bytes swapped by 2": ["--swap16"],
    "bytes swapped by 4": ["--swap32", "-p"],
    "without an MMU": ["--kernel=nommu"],
}
ROOT = os.geteuid() == 0
OWNERS = [] if ROOT else ["-q"]


@pytest.fixture(scope="module", name="source")
def make_source(tmp_path_factory):
    root = tmp_path_factory.mktemp("tree") / "source"
    random_tree.make_random_tree(root, SEED)
    return root


def pack(source, image, *options):
    run_well("mkcramfs-xip", "--quiet", *OWNERS, *options, source, image)
    return image


@pytest.mark.parametrize("name", OPTIONS)
def test_what_was_packed_is_mounted(source, tmp_path, mount, name):
    image = pack(source, tmp_path / "image", *OPTIONS[name])
    page = [option for option in OPTIONS[name] if option[0] != "-" and option.endswith("K")]
    mounted = mount(image, *(["-b", page[0]] if page else []), says=b"swapped" if "swap" in " ".join(OPTIONS[name]) else b"")
    assert shown.expect_tree(source, mounted.point, owners=ROOT) > 200


def test_tar_of_the_image_is_what_is_mounted(source, tmp_path, mount):
    """Another program's listing of the same image must agree. A tar has no sockets."""
    image = pack(source, tmp_path / "image")
    mounted = mount(image)
    tar = tarfile.open(fileobj=io.BytesIO(run("cramfs-dump", "--tar", image).stdout))
    found = shown.nodes(mounted.point)
    members = {os.fsencode(member.name).removeprefix(b".").strip(b"/"): member for member in tar}
    assert members.keys() == {path for path, status in found.items() if not stat.S_ISSOCK(status.st_mode)}
    for path, member in members.items():
        status = found[path]
        assert (path, member.mode, member.uid, member.gid) == (path, stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid)
        if member.isreg():
            assert shown.contents(mounted.point, path, status.st_mode) == tar.extractfile(member).read()
        if member.issym():
            assert shown.contents(mounted.point, path, status.st_mode) == os.fsencode(member.linkname)
        if member.isdev() and not member.isfifo():
            assert (os.major(status.st_rdev), os.minor(status.st_rdev)) == (member.devmajor, member.devminor)


def test_extraction_is_what_is_mounted(source, tmp_path, mount):
    image = pack(source, tmp_path / "image", "-b", "8K")
    run_well("cramfsck", "--quiet", "-b8K", "-x", tmp_path / "out", *(["--privileged"] if ROOT else []), image)
    mounted = mount(image, "-b8K")
    found = shown.nodes(mounted.point)
    extracted = shown.nodes(tmp_path / "out")
    assert extracted.keys() == found.keys()
    for path, status in extracted.items():
        assert shown.contents(mounted.point, path, status.st_mode) == shown.contents(tmp_path / "out", path, status.st_mode)


@pytest.mark.parametrize("option", ["--offset=65536", "--offset=0x10000", "-ooffset=65536", "-oro,offset=65536,noatime"])
def test_image_in_the_dump_of_a_flash(source, tmp_path, mount, option):
    image = pack(source, tmp_path / "image")
    dump = tmp_path / "dump"
    dump.write_bytes(b"\xff" * 65536 + image.read_bytes() + b"\xff" * 10000)
    shown.expect_tree(source, mount(dump, option).point, owners=ROOT)


def test_image_of_mkfs_cramfs(tmp_path, mount):
    """An image of another tool, with legacy pointers and owners of 0."""
    if not shutil.which("mkfs.cramfs"):
        pytest.skip("no mkfs.cramfs (package util-linux-extra)")
    tree = tmp_path / "tree"
    (tree / "directory").mkdir(parents=True)
    (tree / "directory" / "file").write_bytes(b"words and " * 3000)
    (tree / "hole").write_bytes(bytes(10000))
    (tree / "link").symlink_to("directory/file")
    subprocess.run(["mkfs.cramfs", "-z", tree, tmp_path / "image"], check=True, stdout=subprocess.DEVNULL)
    shown.expect_tree(tree, mount(tmp_path / "image").point, owners=False)


def test_an_empty_image(tmp_path, mount):
    (tmp_path / "tree").mkdir()
    pack(tmp_path / "tree", tmp_path / "image", "--allow=empty")
    mounted = mount(tmp_path / "image")
    assert os.listdir(mounted.point) == []
    assert os.lstat(mounted.point).st_ino == 1
