"""Wrong images as sources: refused if the checker finds an error; otherwise, and for the parts that can be read, the
result is a right image."""
import re

import pytest

import cases.blocks
import cases.directories
import cases.names
import cases.streams
import cases.superblock
import describe
import programs

RULES = programs.rules()
EACH = [pytest.param(case, shape, id=f"{case.make.__name__}-{shape}") for case in cases.ALL for shape in case.shapes]
LINE = re.compile(rb"^cramfsck: (/.*?): (?!note)", re.MULTILINE)
# A directory that cannot be walked is left out here, and empty there.
OF_DIRECTORIES = ("directory-",)


def options(shape):
    return ["-q", "-N", shape.order, "-b", str(shape.page), *(["-p"] if shape.boot else [])]


def tree_of(tools, image, to, *page_options):
    """The tree that the extractor makes of an image, and the paths for which it reports an error."""
    done = tools.run("cramfsck", "--crc=ignore", "-x", to, *page_options, image)
    return describe.describe(to, False), {name[1:] for name in LINE.findall(done.stderr)}


def check_same(tools, old, new, shape, tmp_path):
    """With the page size that opening finds; if the image has errors with it, and none with the requested size, with
    that one."""
    wanted = f"-b{shape.page}"
    found = tools.run("cramfsck", old).returncode == 0
    other = not found and tools.run("cramfsck", wanted, old).returncode == 0
    expected, lost = tree_of(tools, old, tmp_path / "old", *([wanted] if other else []))
    again, _ = tree_of(tools, new, tmp_path / "new", wanted)
    for path in lost - {b""}:  # there the extractor has zeroes, or the first of two names
        expected.pop(path, None)
        again.pop(path, None)
    assert describe.differences(expected, again) == []
    return found or other


def check_clean(tools, image, shape):
    checked = tools.run("cramfsck", "-E", "-b", str(shape.page), image)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("case, shape", EACH)
def test_a_wrong_image_is_refused_or_its_tree_is_packed(tools, tmp_path, case, shape):
    old, new = tmp_path / "old.img", tmp_path / "new.img"
    old.write_bytes(case.make(shape, True))
    wrong = "error" in {RULES[found.rule][0] for found in case.found}
    done = tools.run("mkcramfs-xip", *options(shape), old, new)
    if wrong and done.returncode == 0:  # with another page size the image is right
        assert check_same(tools, old, new, shape, tmp_path)
        return
    assert (done.returncode == 8) == wrong, done.stderr
    assert new.exists() != wrong
    if wrong:
        assert all(line.startswith(b"mkcramfs-xip: ") for line in done.stderr.splitlines())
        return
    check_clean(tools, new, shape)
    check_same(tools, old, new, shape, tmp_path)


@pytest.mark.parametrize("case, shape", [each for each in EACH if "error" in
                                         {RULES[found.rule][0] for found in each.values[0].found}])
def test_what_can_be_read_of_it_is_what_the_extractor_reads(tools, tmp_path, case, shape):
    old, new = tmp_path / "old.img", tmp_path / "new.img"
    old.write_bytes(case.make(shape, True))
    done = tools.run("mkcramfs-xip", "--allow=damaged", *options(shape), old, new)
    assert done.returncode in (0, 8), done.stderr
    if done.returncode:
        assert not new.exists()
        assert b"root" in done.stderr or b"[vendor-format]" in done.stderr or b"the link's target" in done.stderr
        return
    check_clean(tools, new, shape)
    if any(found.rule.startswith(OF_DIRECTORIES) for found in case.found):
        return
    check_same(tools, old, new, shape, tmp_path)


@pytest.mark.parametrize("case, shape", EACH)
def test_its_twin_is_packed(tools, tmp_path, case, shape):
    old, new = tmp_path / "old.img", tmp_path / "new.img"
    old.write_bytes(case.make(shape, False))
    done = tools.run("mkcramfs-xip", *options(shape), old, new)
    assert done.returncode == 0, done.stderr
    check_same(tools, old, new, shape, tmp_path)
