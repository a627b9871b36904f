"""The files that a refusal of --max-size or --fit lists, and the bytes that they give back: builds without them must
agree."""
import os
import random
import re

import pytest

import elf
from dynamic import dynamic_file
from elf import ET_EXEC, R, X, Form, Segment, elf_file
from tools import OPERATIONAL, run, run_well

PAGE = elf.PAGE
NEAR = 3 * PAGE  # alignment, and where an image is cut to whole pages


def noise(size, seed):
    return random.Random(seed).randbytes(size)


def put(root, path, content, mode=0o644):
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(content)
    (root / path).chmod(mode)


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "tree"
    for number in range(40):
        put(root, f"lib/gconv/charset{number:02}", noise(9000, number))
    put(root, "lib/libused.so.1.2", dynamic_file(text=20000, needed=["libother.so"]))
    (root / "lib/libused.so.1").symlink_to("libused.so.1.2")
    put(root, "lib/libidle.so.1", dynamic_file(text=30000) + noise(50000, 91))
    put(root, "bin/program", dynamic_file(needed=["libused.so.1"], text=9000), 0o755)
    put(root, "bin/perl", noise(70000, 77), 0o755)
    os.link(root / "bin/perl", root / "bin/perl5.36.0")
    text = noise(3 * PAGE, 5)
    put(root, "bin/unstripped", elf_file(Form(kind=ET_EXEC), [Segment(R | X, 0, 3 * PAGE, 0x10000)], text) + noise(60000, 6), 0o755)
    put(root, "share/twins/one", noise(30000, 8))
    put(root, "share/twins/two", noise(30000, 8))
    return root


def refused(tree, tmp_path, option):
    done = run("mkcramfs-xip", "--all-root", option, tree, "x.img", cwd=tmp_path)
    assert done.returncode == OPERATIONAL and not (tmp_path / "x.img").exists()
    lines = done.stderr.decode().splitlines()
    return [line.removeprefix("mkcramfs-xip: ").removeprefix("note: ") for line in lines if "hard-linked" not in line]


def size_of(tree, tmp_path, *options):
    run_well("mkcramfs-xip", "--all-root", "--quiet", *options, tree, tmp_path / "y.img")
    return (tmp_path / "y.img").stat().st_size


@pytest.mark.parametrize("option", ["--max-size=100K", "--fit=100K"])
def test_sizes_are_those_of_builds_without_what_is_named(tree, tmp_path, option):
    said = refused(tree, tmp_path, option)
    bare = size_of(tree, tmp_path, "--xip=none")
    assert f"the image has {bare} bytes with nothing in place, and {size_of(tree, tmp_path)} with everything in place" in said[1]
    named = dict(re.findall(r"^(/\S+): without its? (?:\d+ files )?the image is (\d+) bytes smaller$", "\n".join(said), re.MULTILINE))
    named |= dict(re.findall(r"^(/\S+): without it the image is (\d+) bytes smaller$", "\n".join(said), re.MULTILINE))
    assert {"/lib/gconv", "/share/twins", "/bin", "/lib/libidle.so.1", "/bin/unstripped"} <= set(named)
    for path, saved in named.items():
        assert abs(bare - size_of(tree, tmp_path, "--xip=none", f"--exclude={path}") - int(saved)) <= NEAR, path
    assert "/lib/gconv: without its 40 files" in "\n".join(said)


def test_names_of_the_same_bytes_save_nothing_alone(tree, tmp_path):
    said = "\n".join(refused(tree, tmp_path, "--max-size=100K"))
    pairs = re.findall(r"^(\S+): it takes (\d+) bytes, but without it the image is only (\d+) bytes smaller, since (\S+) has the same bytes", said, re.MULTILINE)
    assert [(path, twin) for path, _, _, twin in pairs] == [("/bin/perl5.36.0", "/bin/perl"), ("/share/twins/two", "/share/twins/one")]
    bare = size_of(tree, tmp_path, "--xip=none")
    for path, taken, saved, twin in pairs:
        assert int(saved) < 100 and abs(bare - size_of(tree, tmp_path, "--xip=none", f"--exclude={path}")) <= PAGE
        both = bare - size_of(tree, tmp_path, "--xip=none", f"--exclude={path}", f"--exclude={twin}")
        assert abs(both - int(taken)) <= NEAR


def test_pairs_of_one_size_are_all_named(tmp_path):
    root = tmp_path / "tree"
    for number in range(4):
        for name in ("one", "two"):
            put(root, f"pair{number}/{name}", noise(20000, number))
    said = "\n".join(refused(root, tmp_path, "--max-size=8K"))
    assert re.findall(r"^(\S+): it takes \d+ bytes, but", said, re.MULTILINE) == [f"/pair{number}/two" for number in range(3)]


def test_libraries_that_nobody_links_and_what_is_not_loaded(tree, tmp_path):
    said = "\n".join(refused(tree, tmp_path, "--max-size=100K"))
    unlinked, = re.findall(r"no ELF file in the tree links 1 of its libraries, and without them the image is (\d+) bytes smaller .*: /lib/libidle\.so\.1$", said, re.MULTILINE)
    bare = size_of(tree, tmp_path, "--xip=none")
    assert abs(bare - size_of(tree, tmp_path, "--xip=none", "--exclude=libidle.so.1") - int(unlinked)) <= NEAR
    count, tails = re.search(r"^/bin/unstripped: .* of (\d+) ELF files take about (\d+) bytes", said, re.MULTILINE).groups()
    assert int(count) == 2 and 95000 <= int(tails) <= 115000  # 60000 of it, and 50000 after the last segment of libidle
    with open(tree / "bin/unstripped", "r+b") as file:
        file.truncate(3 * PAGE)
    said = "\n".join(refused(tree, tmp_path, "--max-size=100K"))
    assert "of 1 ELF files" in said


def test_what_is_left_for_running_in_place(tree, tmp_path):
    limit = size_of(tree, tmp_path, "--xip=none") - 20000
    rest = refused(tree, tmp_path, f"--fit={limit}")[-1]
    then, left, pages = map(int, re.search(r"the image has about (\d+) bytes with nothing in place, which leaves (\d+) bytes for .* up to (\d+) pages", rest).groups())
    assert then + left == limit and pages > 0 and rest.endswith(f"build with --fit={limit}")
    rest = refused(tree, tmp_path, "--fit=8K")[-1]
    then, over = map(int, re.search(r"has about (\d+) bytes with nothing in place, still (\d+) bytes too many", rest).groups())
    assert then - over == 8192 and "--exclude=GLOB" in rest


def test_stripping_and_unlinked_libraries_are_not_counted_twice(tree, tmp_path):
    rest = refused(tree, tmp_path, "--fit=8K")[-1]
    then = int(re.search(r"has about (\d+) bytes", rest)[1])
    with open(tree / "bin/unstripped", "r+b") as file:
        file.truncate(3 * PAGE)
    assert abs(size_of(tree, tmp_path, "--xip=none", "--exclude=libidle.so.1") - then) <= 2 * NEAR


def test_a_tree_without_files_has_advice_too(tmp_path):
    (tmp_path / "tree").mkdir()
    for number in range(400):
        (tmp_path / "tree" / f"directory{number}").mkdir()
    assert "with nothing in place" in refused(tmp_path / "tree", tmp_path, "--max-size=4K")[1]
