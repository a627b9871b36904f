"""Extraction into a directory with files, and of chosen paths: only files with the name of an entry are replaced."""
import os
import stat

import pytest

import hostile
from maker import (DIRECTORY, FIFO, FSID_VERSION_2, Image, Node, Shape, deflated, directory, file, hole, link, special,
                   stored)
from scene import everything_in, hand_over, needs_root

SHAPE = Shape()


def tree():
    return Image(SHAPE, directory(b"d", directory(b"deep", file(b"x", stored(b"x"))),
                                  file(b"in", stored(b"new in"), mode=0o640)),
                 file(b"f", stored(b"new")), link(b"l", b"d/in"), special(b"p", FIFO | 0o600))


def test_what_stands_there_stays_and_what_has_the_name_is_replaced(scene):
    (scene.target / "d").mkdir()
    (scene.target / "d" / "in").write_bytes(b"old in, and longer")
    (scene.target / "d" / "mine").write_bytes(b"mine")
    (scene.target / "f").write_bytes(b"old")
    (scene.target / "other").symlink_to("f")
    assert scene.extract(tree(), "--force").returncode == 0
    assert scene.names() == ["d", "d/deep", "d/deep/x", "d/in", "d/mine", "f", "l", "other", "p"]
    assert (scene.target / "d" / "in").read_bytes() == b"new in" and (scene.target / "d" / "mine").read_bytes() == b"mine"
    assert stat.S_IMODE((scene.target / "d" / "in").stat().st_mode) == 0o640
    assert (scene.target / "f").read_bytes() == b"new" and os.readlink(scene.target / "l") == "d/in"


def test_extracting_twice_gives_what_extracting_once_gives(scene):
    def state():
        return {path: (mode, uid, gid, content)
                for path, (mode, uid, gid, _, content) in everything_in(scene.target).items()}
    assert scene.extract(tree(), "--force").returncode == 0
    once = state()
    assert scene.extract(tree(), "--force").returncode == 0
    assert state() == once
    assert scene.extract(tree()).returncode == 8  # not without


@pytest.mark.parametrize("leads_to", ["../two/three/../../victim", "../victim", "../folder", "..", "/", ".", "nowhere", "loop"])
@pytest.mark.parametrize("name", ["f", "d", "l", "p"])
def test_link_that_stands_in_the_way_is_replaced_and_not_followed(scene, name, leads_to):
    # scene.extract() checks that nothing outside has changed.
    (scene.target / name).symlink_to(name if leads_to == "loop" else leads_to)
    assert scene.extract(tree(), "--force").returncode == 0
    mode = (scene.target / name).lstat().st_mode
    assert {"f": stat.S_ISREG, "d": stat.S_ISDIR, "l": stat.S_ISLNK, "p": stat.S_ISFIFO}[name](mode)
    assert (scene.target / "d" / "in").read_bytes() == b"new in"


def test_link_to_a_directory_outside_below_one_that_stands(scene):
    (scene.target / "d").mkdir()
    (scene.target / "d" / "deep").symlink_to(scene.canary / "folder")
    assert scene.extract(tree(), "--force").returncode == 0
    assert (scene.target / "d" / "deep" / "x").read_bytes() == b"x" and not (scene.target / "d" / "deep").is_symlink()


@pytest.mark.parametrize("name", ["f", "d", "l", "p"])
def test_name_of_a_file_outside_is_taken_away_and_the_file_stays(scene, name):
    os.link(scene.canary / "victim", scene.target / name)
    scene.before = scene.outside()
    assert scene.extract(tree(), "--force").returncode == 0
    assert (scene.canary / "victim").read_bytes() == b"must stay" and (scene.canary / "victim").stat().st_nlink == 1


def test_fifo_in_the_way_does_not_wait_for_a_reader(scene):
    os.mkfifo(scene.target / "f")
    assert scene.extract(tree(), "--force").returncode == 0 and (scene.target / "f").read_bytes() == b"new"


@pytest.mark.parametrize("name", ["f", "l", "p"])
@pytest.mark.parametrize("empty", [True, False])
def test_directory_in_the_way_of_something_else_stays_and_is_told(scene, name, empty):
    (scene.target / name).mkdir()
    if not empty:
        (scene.target / name / "mine").write_bytes(b"mine")
    run = scene.extract(tree(), "--force")
    assert run.returncode == 8 and f"/{name}: cannot create: a directory".encode() in run.stderr
    assert (scene.target / name).is_dir() and (scene.target / "d" / "in").read_bytes() == b"new in"
    assert empty or (scene.target / name / "mine").read_bytes() == b"mine"


def test_first_of_two_entries_of_one_name_stays_with_force_too(scene):
    (scene.target / "x").write_bytes(b"old")
    twins = Image(SHAPE, file(b"x", stored(b"first")), file(b"x", stored(b"second")), flags=FSID_VERSION_2 | 0x800)
    assert scene.extract(twins, "--force").returncode == 4
    assert (scene.target / "x").read_bytes() == b"first"


@pytest.mark.parametrize("target", ["../folder", "..", "/"])
def test_link_of_the_image_then_a_directory_of_its_name(scene, target):
    run = scene.extract(Image(SHAPE, link(b"x", target.encode()), directory(b"x", file(b"victim", stored(b"overwritten"))),
                              flags=FSID_VERSION_2 | 0x800), "--force")
    assert run.returncode == 4 and os.readlink(scene.target / "x") == target


@needs_root
def test_plain_user_goes_into_own_directories_that_cannot_be_written(scene):
    prefix = hand_over(scene)
    closed = Image(SHAPE, directory(b"d", directory(b"e", file(b"f", stored(b"new")), mode=0o555), mode=0o555))
    for _ in range(2):
        assert scene.extract(closed, "--force", prefix=prefix).returncode == 0
        assert stat.S_IMODE((scene.target / "d" / "e").stat().st_mode) == 0o555
        assert (scene.target / "d" / "e" / "f").read_bytes() == b"new"


@needs_root
def test_plain_user_cannot_replace_what_belongs_to_others(scene):
    prefix = hand_over(scene)
    (scene.target / "d").mkdir(mode=0o755)  # root's
    (scene.target / "d" / "in").write_bytes(b"root's")
    run = scene.extract(tree(), "--force", prefix=prefix)
    assert run.returncode == 8 and b"/d/in: " in run.stderr and (scene.target / "d" / "in").read_bytes() == b"root's"
    assert (scene.target / "f").read_bytes() == b"new"


@needs_root
def test_set_id_files_of_others_are_replaced_and_not_written(scene):
    (scene.target / "f").write_bytes(b"old")
    os.chown(scene.target / "f", 1000, 1000)
    (scene.target / "f").chmod(0o4755)
    assert scene.extract(tree(), "--force").returncode == 0
    about = (scene.target / "f").stat()
    assert (stat.S_IMODE(about.st_mode), about.st_uid) == (0o644, 0)


def test_hostile_image_tells_some_failures_and_counts_the_others(scene):
    names = [Node(b"a/%03d" % n, 0o100644) for n in range(500)]
    run = scene.extract(Image(SHAPE, *names))
    told = [line for line in run.stderr.splitlines() if b": not extracted: " in line]
    assert run.returncode == 4 and len(told) == 20 and b"480 more entries could not be extracted" in run.stderr
    assert scene.names() == []


@pytest.mark.parametrize("paths, expected", [
    (["f"], ["f"]),
    (["/f"], ["f"]),
    (["d"], ["d", "d/deep", "d/deep/x", "d/in"]),
    (["d/in"], ["d", "d/in"]),
    (["/d/deep/"], ["d", "d/deep", "d/deep/x"]),
    (["d/*"], ["d", "d/deep", "d/deep/x", "d/in"]),
    (["d/i?", "l"], ["d", "d/in", "l"]),
    (["*/*/x"], ["d", "d/deep", "d/deep/x"]),
    (["[fl]"], ["f", "l"]),
    (["*"], ["d", "d/deep", "d/deep/x", "d/in", "f", "l", "p"]),
    (["/"], ["d", "d/deep", "d/deep/x", "d/in", "f", "l", "p"]),
])
def test_paths_choose_what_is_extracted(scene, paths, expected):
    scene.image.write_bytes(tree().bytes())
    run = scene.tools.run("cramfsck", f"-x{scene.target}", scene.image, *paths)
    assert run.returncode == 0 and scene.names() == expected


@pytest.mark.parametrize("paths", [["x"], ["f", "nothing"], ["d/../f"], ["l/in"], ["D"], ["*/nothing"], ["f/x"]])
def test_path_that_is_not_there_is_told_and_nothing_is_extracted(scene, paths):
    scene.image.write_bytes(tree().bytes())
    run = scene.tools.run("cramfsck", f"-x{scene.target}", scene.image, *paths)
    assert run.returncode == 8 and run.stderr.count(b"\n") == 1 and scene.names() == []


def test_paths_without_a_directory_to_extract_to_are_wrong_usage(scene):
    scene.image.write_bytes(tree().bytes())
    for options in ([], ["--extract"]):
        run = scene.tools.run("cramfsck", *options, scene.image, "f")
        assert run.returncode == 16 and b"'f'" in run.stderr


def test_limit_counts_what_was_chosen(scene):
    scene.image.write_bytes(Image(SHAPE, file(b"large", hole(), hole(), size=5000), file(b"small", stored(b"x"))).bytes())
    options = ["--max-extract=4096", f"-x{scene.target}", scene.image]
    assert scene.tools.run("cramfsck", *options).returncode == 8
    assert scene.tools.run("cramfsck", *options, "large").returncode == 8
    assert scene.tools.run("cramfsck", *options, "small").returncode == 0 and scene.names() == ["small"]


def test_damage_elsewhere_does_not_hinder_what_was_chosen(scene):
    broken = deflated(b"hello" * 99, raw=b"no zlib stream")
    scene.image.write_bytes(Image(SHAPE, file(b"a", broken), file(b"b", stored(b"good")),
                                  Node(b"x/y", DIRECTORY | 0o755)).bytes())
    run = scene.tools.run("cramfsck", f"-x{scene.target}", scene.image, "b")
    assert run.returncode == 4 and scene.names() == ["b"] and b"not extracted" not in run.stderr


def test_choice_from_a_hostile_image_takes_bounded_time(scene):
    scene.image.write_bytes(hostile.nest(2000))
    assert scene.tools.run("cramfsck", f"-x{scene.target}", scene.image, "*/*/*", "d/d").returncode == 0
