"""Directories and files are read by several threads: the image and the messages are those of one thread."""
import errno
import os
import resource

import pytest

from tools import CLEAN, OPERATIONAL, as_plain_user, run, run_well

JOBS = 1, 2, 3, 8, 64
FILES = 700  # more than two groups of those that are read together


@pytest.fixture
def many(public_path):
    source = public_path / "many"
    source.mkdir()
    for number in range(FILES):
        below = source / f"{number % 40:02}"
        below.mkdir(exist_ok=True)
        (below / f"{number:03}").write_bytes(b"%d " % number * (number * 3 + 1))
    return source


@pytest.fixture
def crowded(public_path):
    """One directory with entries of all kinds, more than several threads take at once; names with newlines."""
    source = public_path / "tree" / "crowded"
    source.mkdir(parents=True)
    makers = (lambda path: path.write_bytes(path.name.encode() * 9), lambda path: path.symlink_to(path.name * 3),
              lambda path: path.mkdir(), os.mkfifo)
    for number in range(FILES):
        makers[number % 7 % 4](source / f"{number * 7919 % FILES:03}\n{number}")
    for number in range(7, FILES, 70):
        os.setxattr(source / f"{number * 7919 % FILES:03}\n{number}", "user.comment", b"x")
    return source


@pytest.fixture
def rows(public_path):
    """Directories that are listed while the entries of the one before them are examined, and some that are not."""
    source = public_path / "rows"
    for row in range(8):
        below = source / f"{row:02}" / ("deeper" if row == 3 else "")
        below.mkdir(parents=True)
        for number in range(5 if row == 5 else 140):
            (below / f"{number:03}").write_bytes(b"%d" % (number % 70))
        if row == 6:
            (below / "below").mkdir()
    return source


@pytest.mark.parametrize("limit", [64, 12, 9, 8])
@pytest.mark.parametrize("tree", ["many", "crowded", "rows"])
def test_few_descriptors_are_enough_for_many_jobs(tree, limit, request, tmp_path):
    source = request.getfixturevalue(tree)
    made = set()
    for jobs in JOBS:
        image = tmp_path / f"{jobs}.img"
        done = run("mkcramfs-xip", "-q", f"-j{jobs}", source, image,
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
        assert done.returncode == CLEAN, done
        made.add((image.read_bytes(), done.stderr))
    assert len(made) == 1


def test_names_that_cannot_be_examined_are_reported_in_path_order(crowded, public_path):
    """A directory without the right to search it gives its names and nothing else."""
    crowded.chmod(0o444)
    said = set()
    for jobs in JOBS:
        done = run("mkcramfs-xip", "-q", f"-j{jobs}", crowded.parent, public_path / "out.img", prefix=as_plain_user())
        assert done.returncode == OPERATIONAL, done
        said.add(done.stderr)
    crowded.chmod(0o755)
    assert len(said) == 1
    shown = [line.split()[1] for line in said.pop().decode().splitlines() if "cannot examine it: Permission denied" in line]
    assert len(shown) == FILES and shown == sorted(shown)


def make_on_threads(image, *arguments):
    """Makes the image with any number of threads; returns it, and the messages."""
    made = set()
    for jobs in JOBS:
        image.unlink(missing_ok=True)
        done = run("mkcramfs-xip", "-q", f"-j{jobs}", *arguments, image)
        made.add((image.read_bytes() if image.exists() else None, done.stderr))
    assert len(made) == 1, [said for _, said in made]
    return made.pop()


def test_names_left_out_are_left_out_of_directories_that_are_listed_ahead(rows, tmp_path):
    image, said = make_on_threads(tmp_path / "out.img", "--exclude=1*", "--exclude=06/below", "--exclude=/04", "--exclude=nothing", rows)
    assert b"below" not in image and said.count(b"match") == 1 and b"nothing" in said


@pytest.mark.parametrize("allow", [(), ("--allow=replace",)], ids=["", "allowed"])
def test_a_directory_that_was_listed_ahead_and_is_then_replaced_gives_nothing(allow, tmp_path):
    """The earlier source's link leads from p to the root, where p's files are put: one of them replaces the directory r."""
    for name in ("earlier", "later/p", "later/r"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "earlier" / "p").symlink_to(".")
    for number in range(200):
        (tmp_path / "later" / "p" / f"r{number or ''}").write_bytes(b"file")
        (tmp_path / "later" / "r" / f"lost{number}").write_bytes(b"lost")
    image, said = make_on_threads(tmp_path / "out.img", *allow, tmp_path / "earlier", tmp_path / "later")
    assert b"two entries of" in said and (b"lost1" not in image if allow else image is None)


@pytest.mark.parametrize("tree", ["crowded", "rows"])
@pytest.mark.parametrize("calls, number", [("openat64", errno.EMFILE), ("openat64", errno.ENOENT), ("fstat64,fstatat64", errno.EIO),
                                           ("flistxattr,listxattr,syscall", errno.EIO), ("readlinkat", errno.EIO),
                                           ("fdopendir,readdir64", errno.EIO)])
def test_a_call_that_fails_in_any_thread_is_reported_or_does_not_matter(calls, number, tree, request, tmp_path):
    source = request.getfixturevalue(tree)
    image, log = tmp_path / "out.img", tmp_path / "log"
    run_well("mkcramfs-xip", "-q", "-j3", source, image)
    expected = image.read_bytes()
    for at in range(1, FILES * 2, 149):
        image.unlink(missing_ok=True)
        log.unlink(missing_ok=True)
        environment = {"LD_PRELOAD": os.environ["CRAMFS_XIP_FAULTS"], "FAULT_LOG": str(log), "FAULT_CALLS": calls,
                       "FAULT_AT": str(at), "FAULT_ERRNO": str(number), "LC_ALL": "C",
                       "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}
        done = run("mkcramfs-xip", "-q", "-j3", source, image, env={**os.environ, **environment})
        if not log.exists():
            assert at > 1 or tree == "rows", "the call never comes"
            return
        if done.returncode == CLEAN:
            assert image.read_bytes() == expected
        else:
            assert done.returncode == OPERATIONAL and not image.exists(), done
            assert os.strerror(number).encode() in done.stderr or b"changed while the image was built" in done.stderr, done


@pytest.mark.parametrize("allow", [(), ("--allow=unreadable",)], ids=["", "allowed"])
def test_unreadable_files_are_reported_in_path_order(allow, many, public_path):
    unreadable = sorted(f"{number % 40:02}/{number:03}" for number in range(3, FILES, 50))
    for name in unreadable:
        (many / name).chmod(0)
    said = set()
    images = set()
    for jobs in JOBS:
        image = public_path / "out.img"
        image.unlink(missing_ok=True)
        done = run("mkcramfs-xip", "-q", f"-j{jobs}", *allow, many, image, prefix=as_plain_user())
        said.add(done.stderr)
        images.add(image.read_bytes() if image.exists() else None)
        assert (done.returncode == OPERATIONAL) == (not allow), done
    lines = [line for line in said.pop().decode().splitlines() if "cannot open it: Permission denied" in line]
    assert not said and len(images) == 1 and (images == {None}) == (not allow)
    assert [name for name in unreadable if any(name in line for line in lines)] == unreadable
    assert [next(name for name in unreadable if name in line) for line in lines] == unreadable
