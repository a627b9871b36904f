"""Damaged and hostile images: damage is reported once and gives EIO, the rest is shown, and the work is bounded."""
import errno
import os
import re
import stat
import time

import pytest

import cases
import cases.blocks
import cases.directories
import cases.names
import cases.streams
import cases.superblock
import hostile
import mounts
import programs
from maker import DIRECTORY, REGULAR, Image, Node, Shape, deflated, directory, file
from tools import ERRORS_LEFT, OPERATIONAL, run

PAGE = 4096
RULES = programs.rules()
SECONDS = 20 * (4 if mounts.SANITIZED else 1)


def write(tmp_path, image):
    path = tmp_path / "image"
    path.write_bytes(image if isinstance(image, bytes) else image.bytes())
    return path


def fails(wanted, action):
    with pytest.raises(OSError) as failed:
        action()
    assert failed.value.errno == wanted, failed.value


def test_only_the_damaged_page_of_a_file_fails(tmp_path, mount):
    texts = [bytes([65 + i]) * PAGE for i in range(8)]
    bad = deflated(texts[3], raw=b"\x78\x9cnot a stream")
    image = Image(Shape(), file(b"f", *(bad if i == 3 else deflated(text) for i, text in enumerate(texts))), file(b"g", deflated(b"g")))
    mounted = mount(write(tmp_path, image), says=b"1 errors; access to damaged files fails with EIO")
    assert re.match(rb"\S+: error: /f: block 3 at \d+: .*\[block-inflate: ", mounted.said())
    with open(mounted.point / "f", "rb", buffering=0) as opened:
        for i, text in enumerate(texts):
            if i == 3:
                fails(errno.EIO, lambda at=i: os.pread(opened.fileno(), PAGE, at * PAGE))
            else:
                assert os.pread(opened.fileno(), PAGE, i * PAGE) == text
    assert (mounted.point / "g").read_bytes() == b"g"


def test_a_directory_that_cannot_be_read_fails_and_others_do_not(tmp_path, mount):
    image = Image(Shape(), directory(b"gone", file(b"x", deflated(b"x")), offset=0x0FFFFF00), directory(b"here", file(b"y", deflated(b"y"))))
    mounted = mount(write(tmp_path, image), says=b"directory-outside")
    assert sorted(os.listdir(mounted.point)) == ["gone", "here"]
    fails(errno.EIO, lambda: os.listdir(mounted.point / "gone"))
    fails(errno.EIO, lambda: os.lstat(mounted.point / "gone" / "x"))
    assert (mounted.point / "here" / "y").read_bytes() == b"y"


def test_a_directory_that_is_cut_shows_what_is_there_and_then_fails(tmp_path, mount):
    inner = directory(b"cut", file(b"a", deflated(b"a")), file(b"b", deflated(b"b")))
    image = Image(Shape(), inner, file(b"z", deflated(b"z")))
    inner.size -= 2
    mounted = mount(write(tmp_path, image), says=b"cut")
    assert (mounted.point / "cut" / "a").read_bytes() == b"a"
    fails(errno.EIO, lambda: os.lstat(mounted.point / "cut" / "b"))
    found = []

    def collect():
        for entry in os.scandir(mounted.point / "cut"):
            found.append(entry.name)

    fails(errno.EIO, collect)
    assert found == ["a"]


def test_names_that_no_file_can_have_are_left_out(tmp_path, mount):
    names = [b"a/b", b"..", b".", b"n\0l", b"same", b"same", b"sound"]
    image = Image(Shape(), *(file(name, deflated(b"%d" % i)) for i, name in enumerate(names)), flags=1)
    mounted = mount(write(tmp_path, image), says=b"name-slash")
    assert sorted(os.listdir(mounted.point)) == ["same", "sound"]
    assert (mounted.point / "same").read_bytes() == b"4"  # the first, as a kernel finds it


def test_a_type_that_linux_does_not_know(tmp_path, mount):
    image = Image(Shape(), Node(b"what", 0o050644, size=0, offset=0), file(b"z", deflated(b"z")))
    mounted = mount(write(tmp_path, image), says=b"[type: ")
    assert sorted(os.listdir(mounted.point)) == ["what", "z"]
    fails(errno.EIO, lambda: os.lstat(mounted.point / "what"))


def test_many_errors_are_counted_and_not_all_printed(tmp_path, mount):
    image = Image(Shape(), *(file(b"%03d" % i, deflated(b"x" * 99, raw=b"no stream at all")) for i in range(100)))
    mounted = mount(write(tmp_path, image), says=b"90 more errors; cramfsck prints them all")
    assert mounted.said().count(b"\n") == 11


def walk(point, most=5000, deep=60):
    """Read as a person would: some of the names, and a piece of each file. The only error may be EIO."""
    seen, waiting = 0, [(os.fsencode(point), 0)]
    while waiting and seen < most:
        path, level = waiting.pop()
        try:
            for name in os.listdir(path):
                seen += 1
                if seen > most:
                    break
                at = os.path.join(path, name)
                try:
                    mode = os.lstat(at).st_mode
                    if stat.S_ISDIR(mode) and level < deep and len(at) + 256 < 4096:
                        waiting.append((at, level + 1))
                    elif stat.S_ISREG(mode):
                        with open(at, "rb") as opened:
                            opened.read(300_000)
                    elif stat.S_ISLNK(mode):
                        os.readlink(at)
                except OSError as error:
                    assert error.errno in (errno.EIO, errno.ENAMETOOLONG, errno.ELOOP), (at, error)
        except OSError as error:
            assert error.errno in (errno.EIO, errno.ENAMETOOLONG), (path, error)
    return seen


HOSTILE = {
    "lattice": hostile.lattice,
    "one hole": lambda: hostile.files_of_one_hole(different=True),
    "deep": lambda: hostile.nest(20_000),
    "overlapping tables": lambda: hostile.overlapping(REGULAR),
    "deep, with long names": hostile.nest_of_long_names,
    "overlapping directories": lambda: hostile.overlapping(DIRECTORY, claim=2 << 20),
    "overlapping direct pointers": lambda: hostile.overlapping(REGULAR, fill=b"\0\1\0\xc0", flags=0x801),
    "one name": hostile.entries_of_one_name,
    "one hash": lambda: hostile.names_of_one_hash(20_000),
    "descending names": hostile.entries_in_descending_order,
}


# Sanitizers make the check of most of them long; tests/bad and the corpora have it under them.
@pytest.mark.parametrize("name", list(HOSTILE)[:3 if mounts.SANITIZED else None])
def test_hostile_images_take_no_longer_than_their_bytes(tmp_path, mount, name):
    image = write(tmp_path, HOSTILE[name]())
    begun = time.monotonic()
    mounted = mount(image, says=b"")
    mounted.says = mounted.said()
    assert walk(mounted.point) > 0
    assert time.monotonic() - begun < SECONDS


# One image for each rule, of the smallest pages.
EACH_RULE = {found.rule: case for case in reversed(cases.ALL) for found in case.found if Shape() in case.shapes}


def test_images_that_break_a_rule_are_mounted_or_refused_and_nothing_else(tmp_path, mount):
    mounts.skip_where_forbidden()
    refused = []
    assert len(EACH_RULE) > 55
    for rule, case in EACH_RULE.items():
        image = write(tmp_path, case.make(Shape(), True))
        tried = tmp_path / rule
        tried.mkdir()
        done = run("cramfs-fuse", f"-b{PAGE}", image, tried)  # in the background
        severities = {RULES[found.rule][0] for found in case.found}
        assert (b"error: " in done.stderr) == ("error" in severities), (rule, done.stderr)
        if done.returncode == 0:
            walk(tried)
            mounts.unmount(tried)
        else:
            refused.append(rule)
            assert done.returncode in (ERRORS_LEFT, OPERATIONAL) and done.stderr
    assert set(refused) <= {"super-root", "vendor-format"}, refused
