"""Unusual older images for --like: wrong ones are refused, odd ones lead to a right image."""
import pytest

import cases.blocks
import cases.directories
import cases.names
import cases.superblock
import describe
import programs

RULES = programs.rules()
EACH = [pytest.param(case, shape, id=f"{case.make.__name__}-{shape}") for case in cases.ALL for shape in case.shapes]


def shape_options(shape):
    boot = ["-p"] if shape.boot else []
    return ["-q", "-N", shape.order, "-b", str(shape.page), *boot]


def severities(case):
    return {RULES[found.rule][0] for found in case.found}


def tree_of(tools, image, shape, to):
    """The contents of the image, as far as a user may extract them."""
    done = tools.run("cramfsck", "-x", to, "-b", str(shape.page), image)
    assert to.is_dir(), done.stderr
    return to


@pytest.mark.parametrize("case, shape", EACH)
def test_an_older_image_is_refused_or_leads_to_a_right_one(tools, tmp_path, case, shape):
    old, right, new = tmp_path / "old.img", tmp_path / "right.img", tmp_path / "new.img"
    old.write_bytes(case.make(shape, True))
    right.write_bytes(case.make(shape, False))
    tree = tree_of(tools, right, shape, tmp_path / "tree")
    (tree / "new file").write_bytes(b"a line\n" * 1000)
    done = tools.run("mkcramfs-xip", *shape_options(shape), f"--like={old}", "--slack=1000", tree, new)
    if "error" in severities(case):
        assert done.returncode in (8, 16), done.stderr
    if done.returncode:
        said = [line for line in done.stderr.decode(errors="replace").splitlines() if ": note: " not in line]
        assert len(said) == 1 and str(old) in said[0], done.stderr
        assert not new.exists()
        return
    checked = tools.run("cramfsck", "-E", "-b", str(shape.page), new)
    assert checked.returncode == 0, checked.stderr
    again = tree_of(tools, new, shape, tmp_path / "again")
    assert describe.differences(describe.describe(tree, False), describe.describe(again, False)) == []
