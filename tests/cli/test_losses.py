"""Data that the format cannot hold is reported, once for each class."""
import io
import os
import subprocess
import tarfile

import pytest

from tools import run

CAPABILITY = bytes.fromhex("0100000200040000000000000000000000000000")  # cap_net_bind_service, permitted and effective


def set_attribute(path, name, value):
    try:
        os.setxattr(path, name, value)
    except OSError as error:
        pytest.skip(f"this file system takes no {name}: {error}")


def test_those_of_the_source_itself_are_counted_too(source, image):
    """It becomes the root, or the directory that --into names."""
    set_attribute(source, "user.comment", b"x")
    for options in ([], ["--into=/opt"]):
        said = run("mkcramfs-xip", "-q", *options, source, image)
        assert (said.returncode, said.stderr.count(b"1 extended attributes left out")) == (0, 1), said.stderr


def test_attributes_of_a_directory_are_counted_by_class(source, image):
    for name in ("a", "b"):
        (source / name).write_bytes(b"")
        set_attribute(source / name, "user.comment", b"x")
    set_attribute(source / "a", "user.other", b"x")
    said = run("mkcramfs-xip", "-q", "--quiet", source, image)
    assert (said.returncode, said.stderr) == (0, b"")
    said = run("mkcramfs-xip", "-q", source, image)
    assert said.returncode == 0
    assert said.stderr == b"mkcramfs-xip: warning: 3 extended attributes left out: the format has none\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can set trusted attributes, which links and fifos can have, too")
@pytest.mark.parametrize("without", [{}, {"FAULT_LISTXATTRAT": "1"}], ids=["", "older kernel"])
def test_attributes_of_each_kind_of_entry_are_counted(without, source, image):
    (source / "empty").write_bytes(b"")
    (source / "link").symlink_to("etc")
    os.mkfifo(source / "fifo")
    for name in ("etc", "etc/motd", "empty", "link", "fifo"):
        try:
            os.setxattr(source / name, "trusted.comment", b"x", follow_symlinks=False)
        except OSError as error:
            pytest.skip(f"this file system takes no trusted.comment: {error}")
    environment = {**os.environ, "LD_PRELOAD": os.environ["CRAMFS_XIP_FAULTS"], "FAULT_CALLS": "", **without,
                   "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}
    said = run("mkcramfs-xip", "-q", source, image, env=environment)
    assert said.stderr == b"mkcramfs-xip: warning: 5 extended attributes left out: the format has none\n", said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can set capabilities")
def test_capabilities_are_told(source, image):
    set_attribute(source / "etc" / "motd", "security.capability", CAPABILITY)
    said = run("mkcramfs-xip", source, image)
    assert said.returncode == 0
    assert said.stderr.startswith(b"mkcramfs-xip: warning: 1 file capabilities left out")


def test_attributes_in_an_archive_are_counted(tmp_path, image):
    info = tarfile.TarInfo("f")
    info.pax_headers = {"SCHILY.xattr.user.comment": "x", "SCHILY.xattr.security.selinux": "label"}
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(info, io.BytesIO())
    said = run("mkcramfs-xip", tmp_path / "a.tar", image)
    assert said.returncode == 0
    assert b"warning: 1 extended attributes left out" in said.stderr
    assert b"note: 1 SELinux labels left out" in said.stderr


LINKS = (b"mkcramfs-xip: note: 3 names of hard-linked files became files of their own: the format has no link counts; "
         b"their bytes are stored once\n")


@pytest.fixture
def linked(source):
    """A file of three names, in a directory that has links, too, and one of a single name."""
    (source / "a").write_bytes(b"a" * 5000)
    for name in ("b", "etc/c"):
        os.link(source / "a", source / name)
    return source


def pack(kind, source, to):
    """The path of the source with the tree."""
    commands = {"directory": ":", "tar": 'tar -cf "$1" .', "newc": 'find . | cpio --quiet -o -H newc >"$1"',
                "odc": 'find . | cpio --quiet -o -H odc >"$1"', "mtree": 'bsdtar -cf "$1" --format=mtree .'}
    subprocess.run(["sh", "-c", commands[kind], "sh", to], cwd=source, check=True)
    return source if kind == "directory" else to


@pytest.mark.parametrize("kind", ["directory", "tar", "newc", "odc", "mtree"])
def test_names_of_hard_linked_files_are_counted(kind, linked, tmp_path, image):
    said = run("mkcramfs-xip", "-q", f"--mtree-root={linked}", pack(kind, linked, tmp_path / "packed"), image)
    assert (said.returncode, said.stderr) == (0, LINKS)


def test_names_count_once_and_not_when_something_else_took_them(tmp_path, image):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name, target in (("a", ""), ("b", "a"), ("b", "a"), ("c", "a"), ("c", "")):
            info = tarfile.TarInfo(name)
            info.type = tarfile.LNKTYPE if target else tarfile.REGTYPE
            info.linkname = target
            archive.addfile(info, io.BytesIO())
    said = run("mkcramfs-xip", "-q", tmp_path / "a.tar", image)
    assert said.returncode == 0 and b"note: 2 names of hard-linked files" in said.stderr
