"""examples/profile/resident-pages prints the pages that are in RAM, and brings in none itself."""
import csv
import ctypes
import io
import mmap
import os
import pathlib
import random
import resource
import subprocess
import time
import zlib

import pytest

from namespaces import in_mount_namespace
from tools import as_plain_user, run as run_tool, run_well

PAGE = mmap.PAGESIZE
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mmap.restype = ctypes.c_void_p
LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
LIBC.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p]
LIBC.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]


def program():
    return pathlib.Path(os.environ["CRAMFS_XIP_BIN"]).parent / "examples" / "resident-pages"


def run(*arguments, prefix=(), **options):
    done = subprocess.run([*prefix, program(), *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, **options)
    assert b"Sanitizer" not in done.stderr, done.stderr
    return done


def records(printed):
    """(path, offset, contents, processes) as any reader of RFC 4180 has them; the paths as bytes."""
    found = list(csv.reader(io.StringIO(printed.decode("latin-1"), newline=""), strict=True))
    assert found[0] == ["path", "offset", "count", "contents", "processes"]
    assert all(row[2] == "1" for row in found[1:])
    return [(row[0].encode("latin-1"), int(row[1]), *row[3:]) for row in found[1:]]


def rows(printed):
    """{path: offsets in order}; only the first row of a file has more than that."""
    pages = {}
    for path, offset, *more in records(printed):
        assert (len(more) == 2) == (path not in pages)
        pages.setdefault(path, []).append(offset)
    return pages


def crc_of(path):
    with open(path, "rb") as file:
        return f"crc32:{zlib.crc32(file.read()):08x}"


def resident(path):
    """The result of mincore(2) in this test."""
    size = os.path.getsize(path)
    file = os.open(path, os.O_RDONLY)
    address = LIBC.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, file, 0)
    os.close(file)
    vector = ctypes.create_string_buffer(-(-size // PAGE))
    assert LIBC.mincore(address, size, vector) == 0
    LIBC.munmap(address, size)
    return [number * PAGE for number, byte in enumerate(vector.raw) if byte & 1]


def drop(path):
    file = os.open(path, os.O_RDWR)
    os.fsync(file)  # dirty pages are not dropped
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)


def touch(path, pages):
    """Reads a byte of each page, through a mapping that asks for no readahead."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapping:
        mapping.madvise(mmap.MADV_RANDOM)
        for page in pages:
            mapping[page * PAGE]


class Tree:
    """Files with only the chosen pages in RAM."""

    def __init__(self, root):
        self.root = os.fsencode(root)
        self.expected = {}
        os.makedirs(self.root, exist_ok=True)

    def file(self, path, size, pages=()):
        at = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(at), exist_ok=True)
        with open(at, "xb") as file:
            file.write(random.Random(size).randbytes(size))
        drop(at)
        if size and resident(at):
            pytest.skip("this file system keeps every page in RAM")
        if pages:
            touch(at, pages)
            self.expected[b"/" + path] = [page * PAGE for page in pages]
            assert resident(at) == self.expected[b"/" + path], "more came in than was touched"

    def check(self, *arguments, **options):
        done = run(*(arguments or [self.root]), **options)
        assert (done.returncode, done.stderr.count(b"\n")) == (0, 1), done.stderr
        assert rows(done.stdout) == self.expected
        return done


@pytest.fixture(name="tree")
def make_tree(tmp_path):
    return Tree(tmp_path / "tree")


def test_pages_that_were_touched_and_no_others(tree):
    tree.file(b"bin/first", 10 * PAGE, [0, 3, 9])
    tree.file(b"bin/last-in-part", 2 * PAGE + 1, [2])
    tree.file(b"bin/untouched", 5 * PAGE)
    tree.file(b"empty", 0)
    tree.file(b"whole", 3 * PAGE, [0, 1, 2])
    done = tree.check()
    crc = crc_of(os.path.join(tree.root, b"bin/first")).encode()
    assert done.stdout.startswith(b"path,offset,count,contents,processes\n/bin/first,0,1,%s,0\n/bin/first,%d,1\n"
                                  % (crc, 3 * PAGE))
    assert done.stderr == b"resident-pages: 7 pages of 4 files are in RAM\n"


def test_looking_brings_nothing_in(tree):
    tree.file(b"file", 64 * PAGE, [40])
    for _ in range(3):
        tree.check()
    assert resident(os.path.join(tree.root, b"file")) == [40 * PAGE]


def test_pages_dropped_again_are_gone(tree):
    tree.file(b"file", 4 * PAGE, [1, 2])
    tree.check()
    drop(os.path.join(tree.root, b"file"))
    tree.expected = {}
    tree.check()


@pytest.mark.parametrize("name", [
    b"comma, comma", b'a "quoted" word', b'"', b"two\nlines", b"carriage\rreturn", b"\xff\xfe not UTF-8", b" spaces ",
    b"#", b"\x01\x7f", b"semi;colon", b"-", b'",\n"', bytes(range(1, 47)), b"n" * 255,
], ids=repr)
def test_names_of_any_bytes(name, tree):
    tree.file(name, 2 * PAGE, [1])
    tree.file(b"in " + name[:250] + b"/" + name, PAGE, [0])
    tree.check()


def test_names_are_quoted_only_when_they_have_to_be(tree):
    tree.file(b"a,b", PAGE, [0])
    tree.file(b"c d", PAGE, [0])
    tree.file(b'e"f', PAGE, [0])
    lines = tree.check().stdout.splitlines()[1:]
    assert [line.split(b",0,1,")[0] for line in lines] == [b'"/a,b"', b"/c d", b'"/e""f"']


def test_trees_deeper_than_any_path_and_wider_than_open_files(tree):
    """3000 levels, paths of 90,000 bytes, with room for 16 open files."""
    levels, name = 3000, b"d" * 29
    try:
        here = os.open(tree.root, os.O_RDONLY)
        for _ in range(levels):
            os.mkdir(name, dir_fd=here)
            below = os.open(name, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        os.mkdir(b"z", dir_fd=here)  # a directory after the file, so that the walk must find its way back
        for number in (0, 1):
            file = os.open(b"file%d" % number, os.O_RDWR | os.O_CREAT, dir_fd=here)
            os.write(file, bytes(2 * PAGE))
            os.close(file)  # written just now, and so in RAM
        os.close(here)
        tree.expected = {(b"/" + name) * levels + b"/file%d" % number: [0, PAGE] for number in (0, 1)}
        tree.file(b"zz", PAGE, [0])
        limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))  # noqa: E731
        csv.field_size_limit(1 << 20)
        tree.check(preexec_fn=limit)
    finally:
        subprocess.run(["rm", "-rf", tree.root], check=True)


def test_pages_behind_4_gib(tree):
    """A file with nothing in it takes no room; larger than one mapping, and than 32 bits."""
    path = os.path.join(tree.root, b"sparse")
    size = (5 << 30) + 123
    with open(path, "xb") as file:
        file.truncate(size)
    pages = [0, 4095, 4096, (4 << 30) // PAGE + 1, size // PAGE]
    with open(path, "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_RANDOM)
        for page in pages:
            os.pread(file.fileno(), 1, page * PAGE)
    tree.expected = {b"/sparse": [page * PAGE for page in pages]}
    assert resident(path) == tree.expected[b"/sparse"]
    tree.check()


def test_links_and_special_files_are_passed_over(tree, tmp_path):
    outside = Tree(tmp_path / "outside")
    outside.file(b"file", PAGE, [0])
    os.symlink(os.path.join(outside.root, b"file"), os.path.join(tree.root, b"link"))
    os.symlink(outside.root, os.path.join(tree.root, b"directory"))
    os.symlink(b"..", os.path.join(tree.root, b"cycle"))
    os.mkfifo(os.path.join(tree.root, b"fifo"))
    tree.file(b"file", PAGE, [0])
    tree.check(timeout=60)


def test_a_slash_behind_the_mount_and_a_relative_one_are_the_same(tree):
    tree.file(b"bin/file", PAGE, [0])
    tree.check(tree.root + b"/")
    tree.check(b"./" + os.path.basename(tree.root) + b"//", cwd=os.path.dirname(tree.root))


def test_what_is_mounted_below_is_left_out(tree):
    """In a mount namespace of its own, where everybody may mount."""
    tree.file(b"file", PAGE, [0])
    os.mkdir(os.path.join(tree.root, b"mounted"))
    script = ('mount -t tmpfs none "$1/mounted" && echo in | tee "$1/mounted/one" > "$1/mounted/two" || exit 99; '
              'exec "$0" "$1"')
    done = subprocess.run([*in_mount_namespace(), "sh", "-c", script, program(), tree.root],
                          capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    assert rows(done.stdout) == tree.expected
    assert done.stderr.endswith(b"; on other file systems, and left out: 1\n")


@pytest.mark.skipif(os.geteuid() != 0, reason="all files are one's own")
def test_files_of_others_are_an_error_and_not_a_guess(public_path):
    """For these files the kernel reports all pages as in RAM."""
    tree = Tree(public_path / "tree")
    os.chmod(tree.root, 0o755)
    tree.file(b"a not mine", 4 * PAGE, [0])
    tree.file(b"b mine", 4 * PAGE, [1])
    tree.file(b"c not readable", 4 * PAGE, [1])
    os.chown(os.path.join(tree.root, b"b mine"), 65534, 65534)
    os.chmod(os.path.join(tree.root, b"c not readable"), 0o600)
    done = run(tree.root, prefix=as_plain_user())
    assert done.returncode == 1 and rows(done.stdout) == {b"/b mine": [PAGE]}
    assert b"/a not mine: only its owner and root can know" in done.stderr
    assert b"/c not readable: Permission denied" in done.stderr


@pytest.mark.parametrize("arguments, status", [([], 2), (["/", "/nonexistent"], 1), (["/", "/"], 1), (["/nonexistent"], 1), (["/dev/null"], 1)])
def test_wrong_usage_prints_no_profile(arguments, status):
    done = run(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (status, b"", 1)


def test_a_full_disk_is_an_error(tree):
    tree.file(b"file", PAGE, [0])
    with open("/dev/full", "wb") as full:
        done = subprocess.run([program(), tree.root], stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1 and b"standard output" in done.stderr


def test_names_of_one_file_are_one_file(tree):
    """Its pages are in RAM once; the first name that is met has them."""
    tree.file(b"b/file", 4 * PAGE, [1, 2])
    os.mkdir(os.path.join(tree.root, b"a"))
    for name in (b"a/name", b"z"):
        os.link(os.path.join(tree.root, b"b/file"), os.path.join(tree.root, name))
    tree.expected = {b"/a/name": tree.expected[b"/b/file"]}
    tree.check()


def test_contents_are_those_of_the_whole_file_and_another_version_is_noticed(tree, tmp_path):
    sizes = {b"one": 1, b"page": PAGE, b"long": 70 * PAGE + 7}
    for name, size in sizes.items():
        tree.file(name, size, [0])
    done = tree.check()
    found = {path: contents for path, _, contents, _ in (row for row in records(done.stdout) if len(row) > 2)}
    assert found == {b"/" + name: crc_of(os.path.join(tree.root, name)) for name in sizes}
    profile = tmp_path / "profile"
    profile.write_bytes(done.stdout)
    command = ["mkcramfs-xip", "-q", f"--xip-profile={profile}", os.fsdecode(tree.root), tmp_path / "image"]
    run_well(*command)
    with open(os.path.join(tree.root, b"long"), "r+b") as file:
        file.write(b"another first byte")
    changed = run_tool(*command, "--force")
    assert changed.returncode != 0 and b"/long: the profile is of another version of the file" in changed.stderr


def test_a_file_that_no_image_can_hold_is_listed_without_contents(tree):
    tree.file(b"long", (1 << 24) - 1, [3])
    tree.file(b"longer", 1 << 24, [4])
    first = {path: contents for path, _, contents, _ in (row for row in records(tree.check().stdout) if len(row) > 2)}
    assert first[b"/longer"] == "" and first[b"/long"] == crc_of(os.path.join(tree.root, b"long"))


MAPS = """
import mmap, os, sys, time
file = open(sys.argv[1], "rb")
kept = [mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) for _ in range(3)]
kept[0][0]
time.sleep(float(sys.argv[2]))
"""


def test_processes_that_have_a_file_mapped_are_counted_once_each(tree):
    """Now; and with a command the most at once while it runs, although all have ended by then."""
    for name in (b"a", b"b", b"c"):
        tree.file(name, 2 * PAGE)

    def command(name, seconds):
        return ["/usr/bin/python3", "-c", MAPS, os.path.join(tree.root, name), str(seconds)]

    def processes(done):
        assert done.returncode == 0, done.stderr
        return {path: int(row[1]) for path, _, *row in records(done.stdout) if row}
    running = [subprocess.Popen(command(b"a", 1000)) for _ in range(3)] + [subprocess.Popen(command(b"b", 0))]
    try:
        running[3].wait()
        deadline = time.monotonic() + 60
        while processes(run(tree.root)) != {b"/a": 3, b"/b": 0}:
            assert time.monotonic() < deadline, processes(run(tree.root))
    finally:
        for process in running:
            process.kill()
            process.wait()
    script = 'for i in 1 2; do "$@" & done; wait; "$@"'
    assert processes(run(tree.root, "sh", "-c", script, "sh", *command(b"c", 2)))[b"/c"] == 2


def test_a_command_that_fails_is_said_and_the_profile_printed(tree):
    tree.file(b"file", PAGE, [0])
    for script, said in (("exit 7", b"sh: ended with status 7"), ("kill -9 $$", b"sh: ended with signal 9")):
        done = run(tree.root, "sh", "-c", script)
        assert done.returncode == 3 and said in done.stderr and rows(done.stdout) == tree.expected
    assert run(tree.root, "true").returncode == 0


MERGE = pathlib.Path(__file__).parents[2] / "examples" / "profile" / "merge.sh"


def test_merged_profiles_are_one_whose_counts_add_up(tree, tmp_path):
    tree.file(b"p", 3 * PAGE, [0, 2])
    (tmp_path / "one").write_bytes(tree.check().stdout)
    (tmp_path / "two").write_bytes(tree.check().stdout)
    merged = subprocess.run([MERGE, tmp_path / "one", tmp_path / "two"], check=True, stdout=subprocess.PIPE).stdout
    assert merged.count(b"path,") == 1 and len(records(merged)) == 4
    (tmp_path / "old").write_text("path,offset,count\n/p,0,1\n")
    for wrong in ("old", "missing"):
        done = subprocess.run([MERGE, tmp_path / "one", tmp_path / wrong], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert done.returncode == 1 and wrong.encode() in done.stderr and not done.stdout
    assert subprocess.run([MERGE], stdout=subprocess.PIPE, stderr=subprocess.PIPE).returncode == 2
