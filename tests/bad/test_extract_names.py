"""Names and links that lead outside: nothing outside the directory changes, whatever the image names."""
import os
import stat

import pytest

from maker import CHARACTER, FIFO, FSID_VERSION_2, Image, Node, Shape, directory, file, hole, link, special, stored
from scene import needs_root

SHAPE = Shape()


def unsorted(*entries):
    """Duplicate names in the order that the case needs, whatever that order is."""
    return Image(SHAPE, *entries, flags=FSID_VERSION_2 | 0x800)


@pytest.mark.parametrize("name", [b"..", b".", b"", b"\0", b"a/b", b"/", b"/victim", b"../victim", b"../../victim",
                                  b"../folder/new", b"a\0b", b"\0victim", b"..\0\0x"])
@pytest.mark.parametrize("kind", ["file", "directory", "link"])
def test_name_that_is_none_is_not_extracted_and_the_rest_is(scene, name, kind):
    bad = {"file": lambda: file(name, stored(b"overwritten")),
           "directory": lambda: directory(name, file(b"victim", stored(b"overwritten"))),
           "link": lambda: link(name, b"elsewhere")}[kind]()
    run = scene.extract(unsorted(file(b"before", stored(b"first")), bad, file(b"behind", stored(b"second"))))
    assert run.returncode == 4
    assert (scene.target / "before").read_bytes() == b"first" and (scene.target / "behind").read_bytes() == b"second"
    assert scene.names() == ["before", "behind"]


FAILED = (4, 8)  # test_duplicate_name_is_the_images_error_and_not_the_systems says which
TARGETS = [b"../folder", b"../../folder", b"..", b"/", b"."]


@pytest.mark.parametrize("target", TARGETS)
def test_link_to_outside_then_a_directory_of_its_name_with_a_file_in_it(scene, target):
    run = scene.extract(unsorted(link(b"x", target), directory(b"x", file(b"victim", stored(b"overwritten")))))
    assert run.returncode in FAILED
    assert os.readlink(scene.target / "x") == target.decode() and scene.names() == ["x"]


def test_link_to_an_absolute_path_outside_then_a_directory_of_its_name(scene):
    outside = os.fsencode(scene.canary / "folder")
    run = scene.extract(unsorted(link(b"x", outside), directory(b"x", file(b"victim", stored(b"overwritten")))))
    assert run.returncode in FAILED


def test_link_to_a_file_outside_then_a_file_of_its_name(scene):
    run = scene.extract(unsorted(link(b"x", b"../../victim"), file(b"x", stored(b"overwritten"))))
    assert run.returncode in FAILED
    assert os.readlink(scene.target / "x") == "../../victim"


def test_link_to_a_file_that_is_not_there_then_a_file_of_its_name(scene):
    run = scene.extract(unsorted(link(b"x", b"../../new"), file(b"x", stored(b"created"))))
    assert run.returncode in FAILED and not (scene.inside.parent / "new").exists()


def test_directory_with_a_file_then_a_link_of_its_name_then_the_directory_again(scene):
    # The second directory cannot be the same entries: a directory has one name.
    run = scene.extract(unsorted(directory(b"x", file(b"first", stored(b"1"))), link(b"x", b"../../folder"),
                                 directory(b"x", file(b"victim", stored(b"overwritten")))))
    assert run.returncode in FAILED
    assert (scene.target / "x").is_dir() and not (scene.target / "x").is_symlink()


def test_link_chain_within_the_tree_that_leads_outside(scene):
    run = scene.extract(unsorted(link(b"a", b".."), link(b"b", b"a/folder"),
                                 directory(b"b", file(b"victim", stored(b"overwritten")))))
    assert run.returncode in FAILED


def test_mode_of_a_link_changes_nothing_that_it_points_to(scene):
    run = scene.extract(Image(SHAPE, Node(b"x", 0o120000, blocks=[stored(b"../../victim")], size=12)))
    assert run.returncode == 0 and os.readlink(scene.target / "x") == "../../victim"


def test_duplicate_name_is_the_images_error_and_not_the_systems(scene):
    # 8 would mean that the program could not work. It could, and the image is wrong: 4, as for every other bad
    # name.
    run = scene.extract(unsorted(file(b"x", stored(b"first")), file(b"x", stored(b"second"))))
    assert run.returncode == 4


def test_two_files_of_one_name_leave_the_first(scene):
    run = scene.extract(unsorted(file(b"x", stored(b"first")), file(b"x", stored(b"second"))))
    assert run.returncode in FAILED and (scene.target / "x").read_bytes() == b"first"


@pytest.mark.parametrize("jobs", [1, 2])
def test_file_after_a_large_file_that_is_left_out_is_whole(scene, jobs):
    """The large file has more parts than are inflated ahead, so it is left out while it is only begun."""
    large = [hole() for _ in range(3000)]
    run = scene.extract(unsorted(file(b"x", stored(b"first")), file(b"x", *large, size=3000 * SHAPE.page),
                                 file(b"y", stored(b"second"))), f"-j{jobs}")
    assert run.returncode == 4 and run.stderr.count(b": not extracted: ") == 1
    assert scene.names() == ["x", "y"]
    assert (scene.target / "x").read_bytes() == b"first" and (scene.target / "y").read_bytes() == b"second"


def test_fifo_then_a_file_of_its_name_does_not_wait_for_a_reader(scene):
    run = scene.extract(unsorted(special(b"x", FIFO | 0o600), file(b"x", stored(b"bytes"))))
    assert run.returncode in FAILED


@needs_root
def test_device_then_a_file_of_its_name_is_not_written_to(scene):
    run = scene.extract(unsorted(special(b"x", CHARACTER | 0o600, 0x103), file(b"x", stored(b"bytes"))), "--privileged")
    assert run.returncode in FAILED and stat.S_ISCHR((scene.target / "x").lstat().st_mode)
