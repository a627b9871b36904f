"""The programs under test, as a test runs them."""
import os
import pathlib
import subprocess

# mkfs.cramfs and fsck.cramfs of util-linux are not in the PATH of a plain user.
os.environ["PATH"] += ":/usr/sbin:/sbin"
os.umask(0o022)  # fixed, since tests compare the modes of files that they make

PROGRAMS = ("mkcramfs-xip", "cramfsck", "cramfs-dump")
if os.path.exists(os.path.join(os.environ.get("CRAMFS_XIP_BIN", ""), "cramfs-fuse")):  # where there is libfuse 3
    PROGRAMS += ("cramfs-fuse",)
CLEAN, ERRORS_LEFT, OPERATIONAL, USAGE = 0, 4, 8, 16


def directory():
    """The directory with the programs, from CRAMFS_XIP_BIN. Fails if that is not set."""
    path = os.environ.get("CRAMFS_XIP_BIN")
    assert path, "CRAMFS_XIP_BIN is not set: it names the directory with the programs"
    return pathlib.Path(path)


def run(program, *arguments, **options):
    """Run one of the programs and capture its output. It must never die of a signal."""
    command = [directory() / program, *arguments]
    prefix = options.pop("prefix", [])
    options.setdefault("stdin", subprocess.DEVNULL)
    done = subprocess.run([*prefix, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    assert done.returncode >= 0, f"{program} died of signal {-done.returncode}:\n{done.stderr.decode(errors='replace')}"
    assert b"Sanitizer" not in done.stderr, done.stderr.decode(errors="replace")
    return done


def run_well(program, *arguments, **options):
    """The same, and it must end with 0; returns its standard output."""
    done = run(program, *arguments, **options)
    assert done.returncode == CLEAN, f"{program}: exit {done.returncode}:\n{done.stderr.decode(errors='replace')}"
    return done.stdout


def as_plain_user():
    """The words to put before a command so that it runs as nobody; none if the tests run as a plain user."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
