"""Bad input gets one clear line with the path, the number that broke a rule and the remedy, and no image."""
import os
import stat
import subprocess

import pytest

from namespaces import in_mount_namespace
from tools import OPERATIONAL, USAGE, as_plain_user, directory, run

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make such a file")


def expect_error(source, image, code, *parts, options=(), prefix=()):
    """One line that holds all the parts; no image, no temporary file."""
    done = run("mkcramfs-xip", *options, source, image, prefix=list(prefix))
    said = done.stderr.decode(errors="replace")
    assert done.returncode == code, said
    assert len(said.splitlines()) == 1, said
    for part in parts:
        assert part in said, said
    assert not image.exists()
    assert not [name for name in os.listdir(image.parent) if name.startswith(".cramfs-xip")]


def test_missing_directory(tmp_path, image):
    expect_error(tmp_path / "nowhere", image, OPERATIONAL, "nowhere", "No such file or directory")


def test_file_that_is_no_archive(tmp_path, image):
    (tmp_path / "file").write_bytes(b"no archive at all\n")
    expect_error(tmp_path / "file", image, OPERATIONAL, "file", "cannot read the archive", "Unrecognized archive format")


def test_unreadable_directory(public_path):
    secret = public_path / "source" / "secret"
    secret.mkdir(parents=True)
    secret.chmod(0)
    expect_error(public_path / "source", public_path / "out.img", OPERATIONAL, "/secret", "Permission denied", prefix=as_plain_user())


def test_file_of_16_mib(source, image):
    with open(source / "big", "wb") as file:
        file.truncate(1 << 24)
    expect_error(source, image, OPERATIONAL, "/big", "16777216", "16777215", "split it")


def test_largest_file_is_packed(source, image):
    with open(source / "big", "wb") as file:
        file.truncate((1 << 24) - 1)
    assert run("mkcramfs-xip", source, image).returncode == 0


@root_only
def test_gid_256_names_q(source, image):
    os.chown(source / "etc", 0, 256)
    expect_error(source, image, OPERATIONAL, "/etc", "gid 256", "255", "-q")


@root_only
def test_uid_65536(source, image):
    os.chown(source / "etc", 65536, 0)
    expect_error(source, image, OPERATIONAL, "/etc", "uid 65536", "65535", "-q")


@root_only
def test_q_makes_every_owner_fit(source, image):
    os.chown(source / "etc", 65536, 256)
    assert run("mkcramfs-xip", "-q", source, image).returncode == 0


def test_name_of_253_bytes(source, image):
    (source / ("n" * 253)).write_bytes(b"")
    expect_error(source, image, OPERATIONAL, "nnn", "253 bytes", "252", "rename")


@root_only
def test_device_10_300(source, image):
    os.mknod(source / "dev", stat.S_IFCHR | 0o600, os.makedev(10, 300))
    expect_error(source, image, OPERATIONAL, "/dev", "10:300", "255")


def test_all_limits_are_told_at_once(source, image):
    for name in ("a", "b", "c"):
        (source / (name * 253)).write_bytes(b"")
    done = run("mkcramfs-xip", source, image)
    assert done.returncode == OPERATIONAL
    assert len(done.stderr.splitlines()) == 3


def test_output_directory_that_does_not_exist(source, tmp_path):
    done = run("mkcramfs-xip", source, tmp_path / "nowhere" / "out.img")
    assert done.returncode == OPERATIONAL
    assert b"out.img" in done.stderr and b"No such file" in done.stderr


def test_output_directory_that_cannot_be_written(public_path):
    locked = public_path / "locked"
    locked.mkdir(mode=0o555)
    (public_path / "source").mkdir()
    expect_error(public_path / "source", locked / "out.img", OPERATIONAL, "out.img", "Permission denied", prefix=as_plain_user())


def test_full_disk(source, tmp_path):
    """A file system of 64 KiB, in a mount namespace of its own."""
    (source / "noise").write_bytes(os.urandom(200000))
    disk = tmp_path / "disk"
    disk.mkdir()
    script = ('mount -t tmpfs -o size=64k none "$1" && echo older > "$1/out.img" || exit 99; '
              '"$2" "$3" "$1/out.img"; code=$?; ls -A "$1"; cat "$1/out.img"; exit $code')
    done = subprocess.run([*in_mount_namespace(), "sh", "-c", script, "sh", disk,
                           directory() / "mkcramfs-xip", source], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode != 99, done.stderr.decode()
    assert done.returncode == OPERATIONAL
    assert b"out.img" in done.stderr and b"No space left on device" in done.stderr
    assert done.stdout == b"out.img\nolder\n"  # the older image, and nothing beside it


def test_full_device(source):
    done = run("mkcramfs-xip", source, "/dev/full")
    assert done.returncode == OPERATIONAL
    assert b"/dev/full" in done.stderr and b"No space left on device" in done.stderr


def test_image_inside_the_directory(source):
    for path in (source / "out.img", source / "etc" / "out.img"):
        done = run("mkcramfs-xip", source, path)
        assert done.returncode == USAGE
        assert b"inside" in done.stderr and b"write it to another directory" in done.stderr
        assert not path.exists()


def test_image_inside_the_directory_through_a_link(source, tmp_path):
    (tmp_path / "link").symlink_to(source / "etc")
    done = run("mkcramfs-xip", source, tmp_path / "link" / "out.img")
    assert done.returncode == USAGE
    assert sorted(os.listdir(source / "etc")) == ["motd"]


def test_malformed_elf_is_packed_and_told(source, image):
    (source / "cut").write_bytes(b"\x7fELF\x01\x01\x01" + bytes(9) + b"\x02\x00")
    done = run("mkcramfs-xip", source, image)
    assert done.returncode == 0
    assert b"warning: /cut: a malformed program is not put in place" in done.stderr


@pytest.mark.parametrize("contents", [b"", b"\x45", b"E=\xcd(" + bytes(40), b"x" * 5000])
@pytest.mark.parametrize("program", ["cramfsck", "cramfs-dump"])
def test_what_is_no_image(program, contents, tmp_path):
    (tmp_path / "no.img").write_bytes(contents)
    done = run(program, tmp_path / "no.img")
    assert done.returncode == OPERATIONAL
    assert b"not a cramfs image" in done.stderr
    assert done.stdout == b""


@pytest.mark.parametrize("program", ["cramfsck", "cramfs-dump"])
def test_missing_image(program, tmp_path):
    done = run(program, tmp_path / "no.img")
    assert done.returncode == OPERATIONAL
    assert b"no.img" in done.stderr and b"No such file" in done.stderr
