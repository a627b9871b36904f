"""An entry that changes places with another while the program looks at it: the packed entry has the facts of one of the
two.

tests/support/faults.c exchanges them before each call that reads facts of a file, and perhaps back before a later one.
"""
import io
import os
import subprocess
import tarfile

import pytest

from tools import CLEAN, directory, run_well

CALLS = "openat64,fstat64,fstatat64,readlinkat,listxattr,llistxattr,flistxattr,syscall,readdir64"
MOST = 200  # of them; more would mean that the exchange never comes
NAMES = b"first", b"second"


def make(path, kind, number):
    if kind == "link":
        path.symlink_to(NAMES[number].decode())
        return
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
        (path / "in").write_bytes(NAMES[number])
    else:
        path.write_bytes(NAMES[number])
    path.chmod((0o755, 0o711)[number])


@pytest.fixture(params=["file", "link", "fifo", "directory"])
def twins(request, tmp_path):
    """Two of one kind, one in the source; the second has other facts, and an attribute."""
    paths = tmp_path / "src/twin", tmp_path / "aside/twin"
    for number, path in enumerate(paths):
        path.parent.mkdir()
        make(path, request.param, number)
    name = "user.comment" if request.param in ("file", "directory") else "trusted.comment"
    try:
        os.setxattr(paths[1], name, b"x", follow_symlinks=False)
    except OSError as error:
        pytest.skip(f"no {name} of a {request.param} here: {error}")
    return paths


@pytest.fixture(params=[True, False], ids=["listxattrat", "older kernel"])
def kernel(request):
    """With listxattrat(2), most attributes are listed by name."""
    return {} if request.param else {"FAULT_LISTXATTRAT": "1"}


def pack(twins, image, log, call, back, kernel):
    environment = {**os.environ, **kernel, "LD_PRELOAD": os.environ["CRAMFS_XIP_FAULTS"], "FAULT_LOG": str(log),
                   "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", ""),
                   "FAULT_CALLS": CALLS, "FAULT_AT": str(call), "FAULT_EXCHANGE": f"{twins[0]}:{twins[1]}",
                   "FAULT_BACK": str(call + back if back else 0)}
    return subprocess.run([directory() / "mkcramfs-xip", "-q", twins[0].parent, image], env=environment,
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def whose(image):
    """The entry to which the mode, the target and the bytes in the image belong."""
    with tarfile.open(fileobj=io.BytesIO(run_well("cramfs-dump", "--tar", image))) as archive:
        members = {member.name.removeprefix("./"): member for member in archive}
        twin = members["twin"]
        facts = {twin.linkname.encode()} if twin.issym() else {NAMES[twin.mode == 0o711]}
        return facts | {archive.extractfile(member).read() for member in members.values() if member.isfile()}


@pytest.mark.parametrize("back", [0, 1, 2, 3])
def test_an_entry_has_the_facts_of_one_file_whenever_it_is_exchanged(back, kernel, twins, tmp_path):
    image, log = tmp_path / "out.img", tmp_path / "log"
    first = os.lstat(twins[0]).st_ino
    seen = set()
    for call in range(1, MOST):
        log.unlink(missing_ok=True)
        image.unlink(missing_ok=True)
        done = pack(twins, image, log, call, back, kernel)
        assert done.returncode in (CLEAN, 8), (call, done.stderr)
        if done.returncode == CLEAN:
            facts = whose(image)
            assert len(facts) == 1, (call, facts)
            assert (b"1 extended attributes left out" in done.stderr) == (facts == {b"second"}), (call, facts, done.stderr)
            seen |= facts
        else:
            assert b"changed while the image was built" in done.stderr and not image.exists(), (call, done.stderr)
        if os.lstat(twins[0]).st_ino != first:
            for path, to in ((twins[0], tmp_path / "other"), (twins[1], twins[0]), (tmp_path / "other", twins[1])):
                path.rename(to)
        if not log.exists():
            assert b"first" in seen
            return
    raise AssertionError(f"more than {MOST} calls")
