"""Each call that a build makes fails once: then the older image is there, or the whole new one, and no other file."""
import errno
import io
import os
import random
import re
import signal
import subprocess
import tarfile

import pytest

from tools import CLEAN, OPERATIONAL, directory

OLDER = b"an older image\n"
OPENING = "open64,openat64,dup,fdopen,fopen64,fdopendir"
LOOKING = "read,pread64,readdir64,fstat64,fstatat64,readlinkat,syscall"
WRITING = "write,pwrite64,ftruncate64,fsync,close,rename,fclose,fchmod"
MOST = 400  # calls of a build; more would mean that the fault never comes


class Scene:
    """A source, the arguments for it, and the image that it should give."""

    def __init__(self, work, kind):
        self.work = work
        self.image = work / "images" / "out.img"
        self.temporary = work / "temporary"
        self.stdin = None
        self.stdout = None
        self.jobs = 1
        self.image.parent.mkdir()
        self.temporary.mkdir()
        (work / "source" / "etc").mkdir(parents=True)
        (work / "source" / "noise").write_bytes(random.Random(7).randbytes(150000))
        (work / "source" / "etc" / "motd").write_bytes(b"welcome\n" * 1000)
        (work / "source" / "etc" / "link").symlink_to("motd")
        (work / "table").write_text("/dev d 755 0 0 - - - - -\n/dev/null c 666 0 0 1 3 - - -\n")
        self.older = OLDER  # the files that are there before, under each name
        self.kept = {}      # files that no build may touch, alone in their directories
        self.arguments = getattr(self, kind)()
        self.put_older()
        subprocess.run(self.command(), stdin=self.input(), stdout=self.output(), check=True, stderr=subprocess.DEVNULL)
        self.expected = self.result()

    def put_older(self, names=("out.img",)):
        for path in self.image.parent.iterdir():
            path.unlink()
        for name in names:
            (self.image.parent / name).write_bytes(self.older)

    def directory_and_table(self):
        return ["-D", self.work / "table", self.work / "source", self.image]

    def several_jobs(self):
        """Enough for several readers and several writers; which of them makes the call that fails can differ."""
        self.jobs = 3
        for i in range(3):
            (self.work / "source" / f"large{i}").write_bytes(random.Random(i).randbytes(300_000))
        return self.directory_and_table()

    def an_archive_for_several_jobs(self):
        self.several_jobs()
        return self.archive()

    def byproducts(self):
        beside = self.image.parent
        return [f"--extents={beside / 'extents'}", f"--depfile={beside / 'depfile'}", self.work / "source", self.image]

    def archive(self):
        self.pack("w:gz", self.work / "a.tar.gz")
        return [self.work / "a.tar.gz", self.image]

    def archive_on_standard_input(self):
        self.pack("w", self.work / "a.tar")
        self.stdin = self.work / "a.tar"
        return ["-", self.image]

    def manifest(self):
        (self.work / "source" / "a.mtree").write_text(
            "#mtree\n/set uid=0 gid=0 mode=0644\n./n type=file contents=noise\n./m type=file contents=etc/motd\n./etc/link type=link\n")
        return [self.work / "source" / "a.mtree", self.image]

    def out(self):
        self.stdout = self.image
        return [self.work / "source", "-"]

    def older_release(self):
        """An image of the same tree but for some of its pages."""
        noise = self.work / "source" / "noise"
        now = noise.read_bytes()
        noise.write_bytes(now[:20000] + b"another release" + now[20015:90000])
        path = self.work / "older" / "older.img"
        path.parent.mkdir()
        subprocess.run([directory() / "mkcramfs-xip", "-q", self.work / "source", path], check=True, stderr=subprocess.DEVNULL)
        noise.write_bytes(now)
        self.kept[path] = path.read_bytes()
        return path

    def like_an_older_image(self):
        return [f"--like={self.older_release()}", "--erase-block=4K", f"--extents={self.image.parent / 'extents'}",
                self.work / "source", self.image]

    def like_the_image_that_it_replaces(self):
        self.older = self.older_release().read_bytes()
        return ["--force", f"--like={self.image}", "--erase-block=4K", self.work / "source", self.image]

    def pack(self, mode, path):
        with tarfile.open(path, mode) as archive:
            archive.add(self.work / "source", ".")
            archive.addfile(tarfile.TarInfo("empty"), io.BytesIO())

    def command(self):
        return [directory() / "mkcramfs-xip", "-q", f"-j{self.jobs}", *self.arguments]

    def input(self):
        return open(self.stdin, "rb") if self.stdin else subprocess.DEVNULL

    def output(self):
        return open(self.stdout, "wb") if self.stdout else subprocess.DEVNULL

    def result(self):
        """{name: contents} of the image and the other files that there should be."""
        return {path.name: path.read_bytes() for path in self.image.parent.iterdir()}

    def run(self, log, **faults):
        """A build with a fault; None when it did not come."""
        self.put_older(self.expected)
        log.unlink(missing_ok=True)
        environment = {**os.environ, "LC_ALL": "C", "LD_PRELOAD": os.environ["CRAMFS_XIP_FAULTS"], "TMPDIR": str(self.temporary),
                       "FAULT_LOG": str(log), **{f"FAULT_{name.upper()}": str(value) for name, value in faults.items()},
                       # AddressSanitizer requires to be the first library; here it need not be.
                       "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}
        done = subprocess.run(self.command(), stdin=self.input(), stdout=self.output(), stderr=subprocess.PIPE, env=environment)
        assert b"Sanitizer" not in done.stderr, done.stderr.decode()
        for path, data in self.kept.items():
            assert path.read_bytes() == data and list(path.parent.iterdir()) == [path], done
        return done if log.exists() else None

    def each(self, log, **faults):
        """Builds with the fault at the first call, the second and so on, until it comes no more."""
        came = 0
        for at in range(1, MOST):
            done = self.run(log, at=at, **faults)
            if not done:
                assert came, "no call is of that kind"
                return
            came += 1
            yield f"{faults}: {log.read_text()}, number {at}", done
        pytest.fail(f"over {MOST} calls")


KINDS = ["directory_and_table", "several_jobs", "an_archive_for_several_jobs", "byproducts", "archive", "archive_on_standard_input",
         "manifest", "out", "like_an_older_image", "like_the_image_that_it_replaces"]


@pytest.fixture(params=KINDS)
def scene(request, tmp_path):
    assert os.path.exists(os.environ.get("CRAMFS_XIP_FAULTS", "")), "CRAMFS_XIP_FAULTS names the library that CMake builds"
    return Scene(tmp_path, request.param)


def check_whole(what, scene, found):
    """Each file is the older one or the new one, and there is nothing else."""
    assert found.keys() == scene.expected.keys(), what
    for name, data in found.items():
        assert data in (scene.older, scene.expected[name]), f"{what}: {name} has {len(data)} bytes"
    if found["out.img"] != scene.older:
        assert found == scene.expected, what


def check_failure(what, scene, done, number):
    """A reported fault: with the reason, a path, and the older image."""
    said = done.stderr.decode()
    assert done.returncode == OPERATIONAL, f"{what}\n{said}"
    # libarchive forgets why it could not look for a format.
    assert os.strerror(number) in said or "it is damaged, or its device is" in said, f"{what}\n{said}"
    assert re.search(r"^mkcramfs-xip: (\S*/\S*: |-: |cannot write to standard output: )", said, re.MULTILINE), f"{what}\n{said}"
    if "standard output" not in said and not scene.stdout:
        assert scene.image.read_bytes() == scene.older, f"{what}\n{said}"


@pytest.mark.parametrize("calls, number, told", [
    (OPENING, errno.EMFILE, {"open64"}), (LOOKING, errno.EIO, {"read"}),
    (WRITING, errno.ENOSPC, {"pwrite64", "fsync", "close", "rename"}), ("write,pwrite64", errno.EPIPE, {"pwrite64"}),
    (WRITING, errno.EIO, {"pwrite64", "fsync", "close", "rename"}),
], ids=["opening", "looking", "disk full", "pipe", "disk broken"])
def test_a_call_that_fails(calls, number, told, scene, tmp_path):
    """Some calls may fail, as the fsync() of a directory; a failure of those in `told` must be reported, at least
    once."""
    failed = set()
    for what, done in scene.each(tmp_path / "log", calls=calls, errno=number):
        if done.returncode != CLEAN:
            failed.add((tmp_path / "log").read_text())
            check_failure(what, scene, done, number)
        elif not scene.stdout:
            assert scene.result() == scene.expected, what
        if not scene.stdout:
            check_whole(what, scene, scene.result())
        assert not os.listdir(scene.temporary), what
    # With several threads, a call has another number each time, and the fault may miss it.
    assert scene.stdout or (told <= failed if scene.jobs == 1 else told & failed)


@pytest.mark.parametrize("fault", [{"errno": errno.EINTR}, {"short": 1}], ids=["interrupted", "short"])
def test_a_read_or_write_that_does_not_do_all_goes_on(fault, scene, tmp_path):
    for what, done in scene.each(tmp_path / "log", calls="read,write,pread64,pwrite64", **fault):
        assert done.returncode == CLEAN, f"{what}\n{done.stderr.decode()}"
        assert scene.result() == scene.expected, what


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EAGAIN])
def test_a_system_without_random_numbers_makes_the_same_image(number, scene, tmp_path):
    """The key of the hashes is drawn once, and shows nowhere."""
    for what, done in scene.each(tmp_path / "log", calls="getrandom", errno=number):
        assert done.returncode == CLEAN, f"{what}\n{done.stderr.decode()}"
        assert scene.stdout or scene.result() == scene.expected, what


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT, signal.SIGKILL])
@pytest.mark.parametrize("tmpfile", [True, False], ids=["", "no O_TMPFILE"])
def test_a_signal_at_any_call(number, tmpfile, scene, tmp_path):
    """Only SIGKILL can leave a temporary file, and no signal a part of an image."""
    faults = {"signal": int(number)} if tmpfile else {"signal": int(number), "no_tmpfile": 1}
    for what, done in scene.each(tmp_path / "log", **faults):
        assert done.returncode == -number, f"{what}: exit {done.returncode}\n{done.stderr.decode()}"
        found = scene.result()
        if number == signal.SIGKILL:
            found = {name: data for name, data in found.items() if not name.startswith(".cramfs-xip.")}
        else:
            assert not os.listdir(scene.temporary), what
        if not scene.stdout:
            check_whole(what, scene, found)


def test_a_temporary_file_that_sigkill_left_does_not_matter(scene, tmp_path):
    if scene.stdout:
        pytest.skip("there is none")
    what, _ = next(scene.each(tmp_path / "log", signal=int(signal.SIGKILL), calls="fsync"))
    assert [name for name in os.listdir(scene.image.parent) if name.startswith(".cramfs-xip.")], what
    subprocess.run(scene.command(), stdin=scene.input(), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = scene.result()
    assert {name: found[name] for name in scene.expected} == scene.expected


@pytest.mark.parametrize("arguments", [["/proc/self/mem"], ["-D", "/proc/self/mem", "source"]], ids=["archive", "device table"])
def test_what_cannot_be_read_is_told(arguments, source, image):
    """A read of a process's page 0 is EIO, and no library is needed for it."""
    image.write_bytes(OLDER)
    done = subprocess.run([directory() / "mkcramfs-xip", *[source if name == "source" else name for name in arguments], image],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, "LC_ALL": "C"})
    assert done.returncode == OPERATIONAL
    assert b"/proc/self/mem: cannot read the " in done.stderr and b"Input/output error" in done.stderr
    assert image.read_bytes() == OLDER and sorted(os.listdir(image.parent)) == ["out.img", "source"]
