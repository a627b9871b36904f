"""Where /proc is not mounted, as in a chroot or a build sandbox, nothing is lost silently."""
import os
import stat
import subprocess

import pytest

from namespaces import in_mount_namespace
from tools import directory

HIDE_PROC = 'mount -t tmpfs none /proc && exec "$@"'
ATTRIBUTE = "security.capability" if os.geteuid() == 0 else "user.comment"
pytestmark = pytest.mark.skipif(os.environ.get("CRAMFS_XIP_SANITIZED") == "1",
                                reason="sanitizers read /proc, even their own options, and end the program without it")
CAPABILITY = bytes.fromhex("0100000200040000000000000000000000000000")


def run(program, *arguments, **environment):
    command = [*in_mount_namespace(), "sh", "-c", HIDE_PROC, "sh", directory() / program, *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={**os.environ, "LC_ALL": "C", **environment})


@pytest.fixture
def marked(source):
    """A file with an attribute that an image cannot hold."""
    try:
        os.setxattr(source / "etc" / "motd", ATTRIBUTE, CAPABILITY)
    except OSError as error:
        pytest.skip(f"this file system takes no {ATTRIBUTE}: {error}")
    return source


@pytest.mark.parametrize("strict", [False, True], ids=["", "-E"])
def test_attributes_are_counted(strict, marked, image):
    done = run("mkcramfs-xip", "-q", *["-E"] * strict, marked, image)
    said = b"1 file capabilities left out" if ATTRIBUTE == "security.capability" else b"1 extended attributes left out"
    assert said in done.stderr and b"could not be examined" not in done.stderr, done
    assert done.returncode == (8 if strict else 0), done
    assert image.exists() != strict


def test_what_cannot_be_asked_is_counted(marked, image):
    os.symlink("etc", marked / "link")
    os.mkfifo(marked / "fifo")
    done = run("mkcramfs-xip", "-q", marked, image)
    assert b"warning: 2 files could not be examined for capabilities" in done.stderr and b"mount /proc" in done.stderr, done
    assert done.returncode == 0
    done = run("mkcramfs-xip", "-q", "-E", marked, image)
    assert done.returncode == 8 and b"2 files could not be examined" in done.stderr, done


@pytest.mark.parametrize("newer", [True, False], ids=["fchmodat2", "older kernel"])
def test_fifos_and_sockets_have_their_permissions(newer, source, image, tmp_path):
    os.mkfifo(source / "fifo")
    os.chmod(source / "fifo", 0o624)
    os.mknod(source / "socket", stat.S_IFSOCK | 0o600)
    os.chmod(source / "socket", 0o751)
    assert subprocess.run([directory() / "mkcramfs-xip", "-q", source, image], stderr=subprocess.DEVNULL).returncode == 0
    older = {"LD_PRELOAD": os.environ["CRAMFS_XIP_FAULTS"], "FAULT_CALLS": "", "FAULT_FCHMODAT": "1"}
    done = run("cramfsck", "-x", tmp_path / "out", image, **({} if newer else older))
    assert done.returncode == 0 and b"permissions" not in done.stderr, done
    assert stat.S_IMODE(os.lstat(tmp_path / "out" / "fifo").st_mode) == 0o624
    assert stat.S_IMODE(os.lstat(tmp_path / "out" / "socket").st_mode) == 0o751
