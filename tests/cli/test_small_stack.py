"""Stacks may be small: 64 KiB are enough for everything that the programs do."""
import os
import subprocess
import tarfile

import pytest

from tools import directory

SMALL = 64  # KiB
pytestmark = pytest.mark.skipif(os.environ.get("CRAMFS_XIP_SANITIZED") == "1", reason="sanitizers take more stack")


def run(*words, **options):
    # Arguments and environment may have a quarter of the stack only.
    command = ["sh", "-c", f'ulimit -s {SMALL} && exec "$@"', "sh", directory() / words[0], *words[1:]]
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={"PATH": "/bin:/usr/bin", "LC_ALL": "C.UTF-8"}, **options)


def run_well(*words):
    done = run(*words)
    assert done.returncode == 0, (words, done)
    return done


def highest_level():
    """The level that takes most room to compress."""
    return "--level=12" if b"libdeflate" in run_well("mkcramfs-xip", "--version").stdout else "--level=9"


@pytest.fixture
def tree(tmp_path):
    """Some of everything: programs, a path near PATH_MAX, many equal files, a long target."""
    root = tmp_path / "source"
    (root / "bin").mkdir(parents=True)
    (root / "bin" / "true").write_bytes(open("/bin/true", "rb").read())
    (root / "link").symlink_to("x" * 4000)
    for number in range(300):
        (root / f"{number}").write_bytes(os.urandom(5) * number * 10)
    deep = os.open(root, os.O_RDONLY)
    for _ in range(15):
        os.mkdir("d" * 240, dir_fd=deep)
        inner = os.open("d" * 240, os.O_RDONLY, dir_fd=deep)
        os.close(deep)
        deep = inner
    os.close(deep)
    return root


def options_of_sources(tmp_path, tree, kind):
    if kind == "archive":
        with tarfile.open(tmp_path / "a.tar.xz", "w:xz") as archive:
            archive.add(tree, ".")
        return [tmp_path / "a.tar.xz"]
    if kind == "manifest":
        (tree / "a.mtree").write_text("#mtree\n" + "".join(f"./{number} type=file mode=0644\n" for number in range(300)))
        return [tree / "a.mtree"]
    (tmp_path / "table").write_text("/dev d 755 0 0 - - - - -\n/dev/null c 666 0 0 1 3 - - -\n")
    return ["-D", tmp_path / "table", tree]


@pytest.mark.parametrize("kind", ["directory", "archive", "manifest"])
def test_all_that_the_programs_do_takes_little_stack(kind, tree, tmp_path):
    image, like = tmp_path / "out.img", tmp_path / "like.img"
    source = options_of_sources(tmp_path, tree, kind)
    run_well("mkcramfs-xip", "-q", "-j4", "--pad-to=8M", *source, image)
    run_well("mkcramfs-xip", "-v", "--explain", f"--like={image}", "--xip-budget=32K", highest_level(), *source, like)
    run_well("mkcramfs-xip", "-q", "-b", "65536", *source, tmp_path / "large-pages.img")
    if b"zopfli" in run_well("mkcramfs-xip", "--version").stdout:
        few = ("--exclude=[0-9]*", "--exclude=ddd*", "--compressor=zopfli", "--level=2", "-b", "65536")
        run_well("mkcramfs-xip", "-q", *few, *source, tmp_path / "small.img")
    run_well("cramfsck", "-v", image)
    run_well("cramfsck", "-b", "65536", tmp_path / "large-pages.img")
    run_well("cramfsck", "--xip-report", image)
    run_well("cramfsck", "-x", tmp_path / "x", image)
    run_well("cramfsck", "--scan", image)
    for what in ("-R", "-l", "--stat=*", "--tar", "--mtree", "--device-table", "--map", "--map=svg", "--du", "--extents", "--super",
                 "--json"):
        run_well("cramfs-dump", what, image)
    done = run("cramfs-dump", "--diff", image, like)
    assert done.returncode in (0, 1), done


def test_a_build_that_fails_leaves_nothing(tree, tmp_path):
    (tmp_path / "images").mkdir()
    done = run("mkcramfs-xip", "-q", "--max-size=4K", tree, tmp_path / "images" / "out.img")
    assert done.returncode == 8 and b"over --max-size" in done.stderr, done
    assert not os.listdir(tmp_path / "images")
