"""Whatever an image claims, time and memory depend on its real size, and no input ends a program by a signal."""
import concurrent.futures
import json
import os
import random
import re
import subprocess
import sys

import pytest

import hostile
import programs
from cases import SHAPES
from maker import (CHARACTER, DIRECTORY, REGULAR, SHIFTED_ROOT_OFFSET, Image, Shape, deflated, directory, file, hole,
                   link, special, stored)

SEED = 20240229
MUTANTS = 600 if programs.SANITIZED else 3000  # a sanitizer takes ten times as long to start


@pytest.mark.parametrize("make, status", [
    (hostile.lattice, 4),
    (lambda: hostile.nest(20_000 if programs.SANITIZED else 200_000), 0),  # each shows 4 KB of its path
    (hostile.nest_of_long_names, 0),
    (hostile.files_of_one_hole, 0),
    (lambda: hostile.files_of_one_hole(different=True), 0),
    (lambda: hostile.overlapping(DIRECTORY, claim=2 << 20), 4),  # an error for every 12 bytes: 60 MB of lines
    (lambda: hostile.overlapping(DIRECTORY, fill=b"\xff"), 4),
    (lambda: hostile.overlapping(REGULAR), 4),
    (lambda: hostile.overlapping(REGULAR, fill=b"\0\1\0\xc0", flags=0x801), 4),
    (hostile.entries_of_one_name, 4),
    (hostile.entries_in_descending_order, 4),
], ids=["lattice of 2^40 paths", "200000 levels", "10000 levels of names of 252 bytes", "200 files of one hole",
        "200 files of one hole and different owners", "overlapping directories", "overlapping directories of 0xff",
        "overlapping tables", "overlapping tables of direct pointers", "100000 entries of one name",
        "100000 names in descending order"])
def test_time_and_memory_follow_from_the_bytes_there_are(tools, tmp_path, make, status):
    image = tmp_path / "hostile.img"
    image.write_bytes(make())
    assert tools.read_all_ways(image, 4096).returncode == status


def test_blocks_that_share_one_stream_are_inflated_once_not_once_for_each_pointer(tools, tmp_path):
    image = tmp_path / "shared.img"
    image.write_bytes(hostile.blocks_that_share_one_stream())
    assert tools.read_all_ways(image, 4096).returncode == 0


def test_program_of_20000_names_is_read_once_for_the_report(tools, tmp_path):
    # 20 bytes of the image make each name, and must not cost 16 MiB of zeroes each.
    image = tmp_path / "names.img"
    image.write_bytes(hostile.program_of_many_names(20_000, 1, (1 << 24) - 1))
    assert tools.read_all_ways(image, 4096).returncode == 0


def test_programs_of_many_sizes_over_one_table_are_not_all_read(tools, tmp_path):
    # No two entries are one inode, so each is looked at: 2,000 times 16 MiB would take a minute.
    image = tmp_path / "sizes.img"
    image.write_bytes(hostile.program_of_many_names(2_000, 1, (1 << 24) - 1, shorter=1))
    assert tools.read_all_ways(image, 4096).returncode == 0  # a hazard for each
    files = json.loads(tools.run("cramfsck", "--xip-report=json", image).stdout)["files"]
    read = [file["path"] for file in files if file["program"] == "mapped"]
    assert len(files) == 2_000 and read == ["/00000", "/00001", "/00002"][:len(read)] and read


def test_touches_of_many_sizes_over_one_table_are_counted_once(tools, tmp_path):
    # If each name went through the names after it for each of its 4,096 pages, this would take minutes.
    image, profile = tmp_path / "sizes.img", tmp_path / "sizes.csv"
    image.write_bytes(hostile.program_of_many_names(4_000, 1, (1 << 24) - 1, shorter=1))
    profile.write_text("".join(f"/{name:05},0,1\n" for name in range(4_000)))
    run = tools.run("cramfsck", "--xip-report=json", f"--xip-profile={profile}", image)
    assert json.loads(run.stdout)["missed"] == [{"path": "/00000", "offset": 0, "touches": 4_000}]


def test_report_of_many_mappings_of_many_names_keeps_within_memory(tools, tmp_path):
    image = tmp_path / "mappings.img"
    image.write_bytes(hostile.program_of_many_names(20_000, 100, 3 * 4096))
    run = tools.run("cramfsck", "--xip-report=json", image, stdout=subprocess.DEVNULL)
    assert run.returncode == 0


def test_names_made_for_one_hash_take_no_longer_than_others(tools, tmp_path):
    # Without a key for each process these took minutes: each name was compared with all before it.
    image = tmp_path / "names.img"
    image.write_bytes(hostile.names_of_one_hash())
    run = tools.run("cramfsck", image)
    assert run.returncode == 0 and run.stderr == b""
    tools.run("cramfs-dump", "--mtree", image, stdout=subprocess.DEVNULL)


def two_directories_that_contain_each_other(shape):
    first, second = directory(b"a", directory(b"x")), directory(b"b", directory(b"y"))
    image = Image(shape, first, second)
    first.entries[0].offset, first.entries[0].size = second.offset, second.size
    second.entries[0].offset, second.entries[0].size = first.offset, first.size
    return image.bytes()


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_two_directories_that_contain_each_other(tools, tmp_path, shape):
    image = tmp_path / "cycle.img"
    image.write_bytes(two_directories_that_contain_each_other(shape))
    assert tools.read_all_ways(image, shape.page).returncode == 4


@pytest.mark.parametrize("size", [0, 1, 75, 76, 4095, 0x7FFFFFFF, 0x80000000, 0xFFFFF000, 0xFFFFFFFF])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_superblock_claims_any_size(tools, tmp_path, shape, size):
    image = tmp_path / "size.img"
    whole = Image(shape, file(b"f", deflated(b"hello" * 900)), directory(b"d", file(b"g", stored(b"x"))))
    whole.super_fields["size"] = size
    image.write_bytes(whole.bytes())
    # The tree needs only 4095 bytes of a page of 4096: that is a hazard, and the CRC is right.
    expected = {0, 4} if size == 4095 else {4, 8}
    assert tools.read_all_ways(image, shape.page).returncode in expected


@pytest.mark.parametrize("offset", [0, 4, 64, 0x0FFFFFFC, 0x08000000])
@pytest.mark.parametrize("size", [1, 12, (1 << 24) - 1])
@pytest.mark.parametrize("mode", [DIRECTORY, REGULAR, 0o120000, CHARACTER, 0])
def test_inode_claims_the_ends_of_its_fields(tools, tmp_path, mode, size, offset):
    image = tmp_path / "inode.img"
    shape = Shape("big" if size == 12 else "little")
    whole = Image(shape, special(b"f", mode | 0o7777, size, uid=0xFFFF, gid=0xFF))
    whole.root.entries[0].offset = offset
    image.write_bytes(whole.bytes())
    tools.read_all_ways(image, shape.page)


@pytest.mark.parametrize("offset, size", [(0x0FFFFFFC, (1 << 24) - 1), (0, (1 << 24) - 1), (76, (1 << 24) - 1),
                                          (64, 12), (0, 12), (4, 4)])
def test_root_claims_the_ends_of_its_fields(tools, tmp_path, offset, size):
    image = tmp_path / "root.img"
    whole = Image(Shape(), special(b"f", REGULAR), flags=3 | SHIFTED_ROOT_OFFSET)
    whole.root.offset, whole.root.size = offset, size
    image.write_bytes(whole.bytes())
    assert tools.read_all_ways(image, 4096).returncode == 4


@pytest.mark.parametrize("pointer", [0, 1, 0x3FFFFFFF, 0x40000000, 0x7FFFFFFF, 0x80000000, 0xBFFFFFFF, 0xC0000000,
                                     0xFFFFFFFF])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_pointer_of_any_value_between_sound_ones(tools, tmp_path, shape, pointer):
    blocks = [deflated(b"a" * shape.page), deflated(b"b" * shape.page), deflated(b"c" * 9)]
    blocks[1].pointer = pointer
    image = tmp_path / "pointer.img"
    image.write_bytes(Image(shape, file(b"f", *blocks)).bytes())
    assert tools.read_all_ways(image, shape.page).returncode == 4


def everything(shape):
    page = bytes(range(1, 65)) * (shape.page // 64)
    return Image(shape, directory(b"d", file(b"x", deflated(page), hole(), stored(b"end"), size=2 * shape.page + 3),
                                  link(b"y", b"x"), directory(b"z", special(b"n", CHARACTER | 0o600, 0x105))),
                 file(b"e", stored(page, direct=True, align=shape.page), deflated(page, direct=True), hole(direct=True),
                      deflated(b"tail"), size=3 * shape.page + 4),
                 file(b"f", deflated(b"\x7fELF" + b"f" * 900)), special(b"p", 0o010600), directory(b"q")).bytes()


@pytest.mark.parametrize("order", ["little", "big"])
def test_image_cut_at_every_length(tools, tmp_path, order):
    whole = Image(Shape(order), directory(b"d", file(b"x", deflated(b"hello" * 99))), link(b"l", b"d/x"),
                  file(b"y", stored(b"bytes", direct=True))).bytes()

    def cut(lengths):
        image = tmp_path / f"cut-{lengths.start}.img"
        for length in lengths:
            image.write_bytes(whole[:length])
            if length % 64 == 0:
                assert tools.read_all_ways(image, 4096).returncode in (4, 8)
            else:
                assert tools.run("cramfsck", "-v", image).returncode in (4, 8)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(cut, [range(n, 600, 4) for n in range(4)] + [range(600 + n, len(whole), 36) for n in (0, 1)]))


def mutate(image, chance):
    """Up to 8 changes, most of them where superblock, entries and tables are."""
    image = bytearray(image)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(min(len(image), 700) if chance.random() < 0.9 else len(image))
        change = chance.randrange(4)
        if change == 0:
            image[at] ^= 1 << chance.randrange(8)
        elif change == 1:
            image[at] = chance.choice((0, 1, 0x2E, 0x2F, 0x7F, 0x80, 0xFF))
        elif change == 2:
            image[at] = chance.randrange(256)
        else:  # a word becomes a copy of another: offsets and pointers that mean something elsewhere
            at, other = at & ~3, chance.randrange(0, 700, 4)
            image[at:at + 4] = image[other:other + 4]
    return bytes(image)


def test_random_changes_never_crash_or_hang_a_program(tools, tmp_path):
    print(f"seed {SEED}")
    bases = [(everything(shape), shape.page) for shape in (Shape(), Shape("big"), Shape("little", 8192, boot=512))]

    def try_out(number):
        base, page = bases[number % len(bases)]
        image = tmp_path / f"mutant-{number}.img"
        image.write_bytes(mutate(base, random.Random(SEED + number)))
        if number % 5 == 0:
            tools.read_all_ways(image, page)
        else:
            tools.run("cramfsck", "-v", f"-b{page}", image)
        if number % 7 == 0:
            target = tmp_path / f"extracted-{number}"
            tools.run("cramfsck", f"-x{target}", "--max-extract=64M", f"-b{page}", image)
        image.unlink()  # one that fails stays

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(try_out, range(MUTANTS)))
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.startswith("extracted-")) == []


def test_image_larger_than_memory_is_refused_in_one_line(tools, tmp_path):
    if programs.SANITIZED:
        pytest.skip("a sanitizer needs memory without limit")
    image = tmp_path / "large.img"
    whole = Image(Shape(), special(b"f", REGULAR))
    whole.super_fields["size"] = 0xFFFFF000
    with open(image, "wb") as stream:
        stream.write(whole.bytes())
        stream.truncate(0xFFFFF000)
    run = tools.run("cramfsck", image)
    assert run.returncode == 8 and run.stderr.count(b"\n") == 1


def test_image_that_is_mostly_a_hole_takes_no_memory_for_it(tools, tmp_path):
    if programs.SANITIZED:
        pytest.skip("a sanitizer needs memory of its own")
    image = tmp_path / "hole.img"
    whole = Image(Shape(), special(b"f", REGULAR))
    whole.super_fields["size"] = 1 << 30
    image.write_bytes(whole.bytes())
    os.truncate(image, 1 << 30)
    # The peak of a process's memory includes the time before exec(2), and the tests use much memory: so a small process
    # starts it.
    begin = "import os, sys; print(*os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)[1:], sep='\\n')"
    done = subprocess.run([sys.executable, "-S", "-c", begin, tools.directory / "cramfsck", "--quiet", image], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True)
    status, usage = done.stdout.decode().splitlines()
    assert os.waitstatus_to_exitcode(int(status)) in (0, 4)
    assert int(re.search(r"ru_maxrss=(\d+)", usage).group(1)) < 128 << 10, "KiB"


@pytest.mark.parametrize("name", [b"\xff\xfe", b"\x01\x1b[2J", b'a"b\\c', b"\xc3(", "\u00e4\u20ac".encode(),
                                  b"a\nb: error: x"])
def test_names_of_any_bytes_leave_report_and_lines_whole(tools, tmp_path, name):
    image = tmp_path / "names.img"
    shape = Shape()
    image.write_bytes(Image(shape, file(name, stored(b"xyz", raw=b"xy"))).bytes())
    assert tools.read_all_ways(image, 4096).returncode == 0
    findings, _ = tools.check(image, 4096)
    control = any(byte < 0x20 for byte in name)
    assert [finding.rule for finding in findings] == ["name-control"] * control + ["block-short"]
