"""Extraction as root and as a plain user, and the entries that it refuses."""
import os
import stat
import subprocess

import pytest

import hostile
from cases import SHAPES
from maker import (BLOCK_DEVICE, CHARACTER, FIFO, REGULAR, Image, Shape, deflated, directory, file, hole, link, special,
                   stored)
from scene import everything_in, hand_over, needs_root

SHAPE = Shape()


def special_tree():
    return Image(SHAPE, special(b"block", BLOCK_DEVICE | 0o660, 0x0701), special(b"char", CHARACTER | 0o600, 0x0103),
                 directory(b"sgid", file(b"suid", stored(b"x"), mode=0o6755), mode=0o3777),
                 file(b"suid", stored(b"x"), mode=0o4755))


@pytest.mark.parametrize("as_user", [False, pytest.param(True, marks=needs_root)], ids=["as we are", "as a plain user"])
def test_set_id_bits_and_devices_are_not_made_without_being_asked_for(scene, as_user):
    prefix = hand_over(scene) if as_user else ()
    run = scene.extract(special_tree(), prefix=prefix)
    assert run.returncode == 0
    assert run.stderr.count(b"\n") <= 3 and b"device" in run.stderr and b"--privileged" in run.stderr
    assert scene.names() == ["sgid", "sgid/suid", "suid"]
    for name in scene.names():
        assert (scene.target / name).lstat().st_mode & 0o6000 == 0


@needs_root
def test_privileged_extraction_makes_set_id_bits_and_devices(scene):
    assert scene.extract(special_tree(), "--privileged").returncode == 0
    assert (scene.target / "suid").lstat().st_mode == REGULAR | 0o4755
    assert (scene.target / "sgid" / "suid").lstat().st_mode == REGULAR | 0o6755
    about = (scene.target / "char").lstat()
    assert about.st_mode == CHARACTER | 0o600 and about.st_rdev == os.makedev(1, 3)
    assert (scene.target / "block").lstat().st_rdev == os.makedev(7, 1)


@needs_root
def test_set_id_bits_outlive_the_change_of_owner(scene):
    scene.extract(Image(SHAPE, file(b"f", stored(b"x"), mode=0o6755, uid=1000, gid=100)), "--privileged")
    about = (scene.target / "f").lstat()
    assert (about.st_mode, about.st_uid, about.st_gid) == (REGULAR | 0o6755, 1000, 100)


@pytest.mark.parametrize("content", ["file", ".hidden", "folder", "link"])
def test_directory_that_is_not_empty_is_refused_untouched(scene, content):
    there = scene.target / content
    {"folder": there.mkdir, "link": lambda: there.symlink_to("/")}.get(content, lambda: there.write_bytes(b"mine"))()
    before = everything_in(scene.target)
    run = scene.extract(Image(SHAPE, file(b"file", stored(b"x"))))
    assert run.returncode == 8 and run.stderr
    assert everything_in(scene.target) == before


def test_file_in_place_of_the_directory_is_refused_untouched(scene):
    scene.target.rmdir()
    scene.target.write_bytes(b"mine")
    scene.before = scene.outside()
    assert scene.extract(Image(SHAPE, file(b"f", stored(b"x")))).returncode == 8
    assert scene.target.read_bytes() == b"mine"
    scene.target.unlink()


def rich_tree(shape):
    page = bytes(range(1, 65)) * (shape.page // 64)
    files = {"d/in": page + bytes(shape.page) + b"end", "f": page * 2 + b"tail", "e": b"", "d/deep/x": b"deep",
             "zero": bytes(shape.page + 5)}
    tree = Image(shape,
                 directory(b"d", directory(b"deep", file(b"x", stored(b"deep"), mode=0o400), mode=0o555),
                           file(b"in", deflated(page), hole(), stored(b"end"), size=2 * shape.page + 3), mode=0o555),
                 file(b"e", size=0, mode=0), file(b"f", stored(page, direct=True, align=shape.page),
                                                  deflated(page, direct=True), deflated(b"tail")),
                 link(b"l", b"d/in"), special(b"p", FIFO | 0o640), file(b"zero", hole(), hole(direct=True),
                                                                         size=shape.page + 5))
    return tree, files


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("as_user", [False, pytest.param(True, marks=needs_root)], ids=["as we are", "as a plain user"])
def test_extracts_bytes_modes_and_links_into_directories_that_cannot_be_written(scene, shape, as_user):
    prefix = hand_over(scene) if as_user else ()
    tree, files = rich_tree(shape)
    assert scene.extract(tree, f"-b{shape.page}", prefix=prefix).returncode == 0
    assert scene.names() == ["d", "d/deep", "d/deep/x", "d/in", "e", "f", "l", "p", "zero"]
    modes = {name: stat.S_IMODE((scene.target / name).lstat().st_mode) for name in scene.names()}
    assert (modes["d"], modes["d/deep"], modes["d/deep/x"], modes["e"], modes["p"]) == (0o555, 0o555, 0o400, 0, 0o640)
    subprocess.run(["chmod", "-R", "u+rX", scene.target], check=True)
    assert {name: (scene.target / name).read_bytes() for name in files} == files
    assert os.readlink(scene.target / "l") == "d/in"


@needs_root
def test_plain_user_skips_owners_and_says_so_once(scene):
    prefix = hand_over(scene)
    tree = Image(SHAPE, file(b"a", stored(b"x"), uid=1, gid=2), file(b"b", stored(b"y"), uid=3, gid=4))
    run = scene.extract(tree, prefix=prefix)
    assert run.returncode == 0 and {(scene.target / name).stat().st_uid for name in "ab"} == {65534}
    assert (run.stdout + run.stderr).count(b"owner") == 1


@needs_root
def test_plain_user_fails_cleanly_where_nothing_can_be_written(scene):
    prefix = hand_over(scene)
    scene.target.chmod(0o555)
    run = scene.extract(Image(SHAPE, file(b"a", stored(b"x"))), prefix=prefix)
    assert run.returncode == 8 and run.stderr and scene.names() == []


def test_more_bytes_than_allowed_is_refused_before_anything_is_written(scene):
    run = scene.extract(hostile.files_of_one_hole())
    assert run.returncode == 8 and b"--max-extract" in run.stderr and scene.names() == []


def test_bytes_up_to_the_limit_are_extracted(scene):
    tree = Image(SHAPE, file(b"f", hole(), size=4096))
    assert scene.extract(tree, "--max-extract=4095").returncode == 8 and scene.names() == []
    assert scene.extract(tree, "--max-extract=4096").returncode == 0 and scene.names() == ["f"]


NODES = {"directory": lambda name: directory(name), "link": lambda name: link(name, b"x"),
         "fifo": lambda name: special(name, FIFO | 0o600), "empty file": lambda name: special(name, REGULAR | 0o600)}


@pytest.mark.parametrize("kind", NODES)
def test_entries_count_as_a_block_each_whatever_they_are(scene, kind):
    tree = Image(SHAPE, *(NODES[kind](b"%d" % n) for n in range(4)))
    run = scene.extract(tree, "--max-extract=16383")
    assert run.returncode == 8 and b"16384 bytes" in run.stderr and scene.names() == []
    assert scene.extract(tree, "--max-extract=16384").returncode == 0 and len(scene.names()) == 4


def test_entries_that_are_not_chosen_do_not_count(scene):
    scene.image.write_bytes(Image(SHAPE, *(directory(b"%d" % n) for n in range(4))).bytes())
    run = scene.tools.run("cramfsck", f"-x{scene.target}", "--max-extract=8191", scene.image, "0")
    assert run.returncode == 0 and scene.names() == ["0"]


def test_small_image_of_200000_directories_is_refused_under_a_small_limit(scene):
    run = scene.extract(hostile.nest(), "--max-extract=64M")
    assert run.returncode == 8 and scene.names() == []


@pytest.mark.parametrize("arguments", [["--extract=DIR", "IMAGE"], ["--cat=/f", "IMAGE"]], ids=["cramfsck", "cramfs-dump"])
def test_file_that_grows_over_the_systems_limit_is_a_reason_and_no_signal(scene, arguments):
    scene.image.write_bytes(Image(SHAPE, file(b"f", *[stored(bytes([n]) * 4096) for n in range(1, 10)])).bytes())
    words = [word.replace("DIR", str(scene.target)).replace("IMAGE", str(scene.image)) for word in arguments]
    program = "cramfs-dump" if "--cat=/f" in arguments else "cramfsck"
    with open(scene.top / "output", "wb") as output:
        run = scene.tools.run(program, *words, prefix=["prlimit", "--fsize=8192"], stdout=output)
    assert run.returncode == 8 and b"File too large" in run.stderr


def test_any_number_of_threads_extracts_the_same(scene):
    """Parts of files: several of one file, holes and a damaged block between them, and files that are not extracted."""
    page, rest = SHAPE.page, b"end"
    text = [deflated(bytes([number + 1]) * page) for number in range(150)]
    text[70] = deflated(b"x" * page, raw=b"no stream")
    files = [file(b"a", *text, deflated(rest)), directory(b"d", *(file(b"%03d" % n, deflated(b"%d" % n * 99)) for n in range(40))),
             file(b"e", *(deflated(b"y" * page) if n == 70 else hole() for n in range(140)), size=140 * page), file(b"f", mode=0o600)]
    found = []
    for jobs in (1, 2, 8, 64):
        run = scene.extract(Image(SHAPE, *files), f"-j{jobs}", "--force")
        assert run.returncode == 4
        contents = {name: (scene.target / name).read_bytes() for name in scene.names() if (scene.target / name).is_file()}
        assert contents["a"] == b"".join(bytes(page) if n == 70 else bytes([n + 1]) * page for n in range(150)) + rest
        assert contents["e"] == bytes(70 * page) + b"y" * page + bytes(69 * page) and contents["d/039"] == b"39" * 99
        found.append((contents, run.stderr))
    assert all(each == found[0] for each in found)


def test_lattice_of_directories_is_extracted_once(scene):
    assert scene.extract(hostile.lattice(12)).returncode == 4
    assert len(scene.names()) < 100


def test_levels_deeper_than_a_path_can_be_long(scene):
    assert scene.extract(hostile.nest_of_long_names(300)).returncode == 0
    found = subprocess.run(["find", scene.target, "-type", "d", "-printf", "x"], capture_output=True, check=False)
    assert found.stdout == b"x" * 301


def test_damaged_file_is_told_and_the_others_are_extracted(scene):
    broken = deflated(b"hello" * 99)
    broken.raw = broken.raw[:-1] + bytes([broken.raw[-1] ^ 1])
    run = scene.extract(Image(SHAPE, file(b"a", stored(b"1")), file(b"b", broken), file(b"c", stored(b"3"))))
    assert run.returncode == 4 and b"/b" in run.stderr
    assert (scene.target / "a").read_bytes() == b"1" and (scene.target / "c").read_bytes() == b"3"


def test_extract_without_a_directory_writes_nothing(scene):
    scene.image.write_bytes(rich_tree(SHAPE)[0].bytes())
    run = scene.tools.run("cramfsck", "--extract", scene.image, cwd=scene.target)
    assert run.returncode == 0 and scene.names() == []


def test_a_stream_that_begins_with_the_length_of_another_is_another_block(scene, tools):
    image, a, b = hostile.stream_that_begins_with_a_length()
    assert scene.extract(image, f"-b{image.shape.page}", "--force").returncode == 4
    assert ((scene.target / "a").read_bytes(), (scene.target / "b").read_bytes()) == (a, b)
    findings, _ = tools.check(scene.image, image.shape.page)
    assert [(finding.found.rule, finding.found.path) for finding in findings if finding.severity == "error"] == [
        ("block-overlap", "/b")]
