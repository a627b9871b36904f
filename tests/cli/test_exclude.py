"""Patterns of --exclude, and the files that they leave out."""
import os
import subprocess

import pytest

from namespaces import in_mount_namespace
from tools import USAGE, directory, run, run_well


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "tree"
    for path in ("a.o", "b.c", "lib/c.o", "lib/doc/d.html", "doc/e.html", "doc/deep/f.html", "etc/fstab", "lib/etc/fstab"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(path.encode())
    return root


def names(image):
    lines = run_well("cramfs-dump", "-R", image).decode().splitlines()
    return {line.split()[-1] for line in lines if line[:2] in ("-r", "dr")} - {"/"}


ALL = {"/a.o", "/b.c", "/lib", "/lib/c.o", "/lib/doc", "/lib/doc/d.html", "/doc", "/doc/e.html", "/doc/deep",
       "/doc/deep/f.html", "/etc", "/etc/fstab", "/lib/etc", "/lib/etc/fstab"}


@pytest.mark.parametrize("patterns, gone", [
    ([], set()),
    (["*.o"], {"/a.o", "/lib/c.o"}),
    (["/*.o"], {"/a.o"}),
    (["doc/*.html"], {"/lib/doc/d.html", "/doc/e.html"}),
    (["/doc"], {"/doc", "/doc/e.html", "/doc/deep", "/doc/deep/f.html"}),
    (["doc"], {"/doc", "/doc/e.html", "/doc/deep", "/doc/deep/f.html", "/lib/doc", "/lib/doc/d.html"}),
    (["/etc/fstab", "b.?"], {"/etc/fstab", "/b.c"}),
    (["[ab].*"], {"/a.o", "/b.c"}),
])
@pytest.mark.parametrize("kind", ["directory", "archive"])
def test_globs_fit_from_the_root_or_from_any_name(patterns, gone, kind, tree, tmp_path, image):
    source = tree
    if kind == "archive":
        source = tmp_path / "tree.tar"
        subprocess.run(["tar", "-cf", source, "-C", tree, "."], check=True)
    done = run("mkcramfs-xip", *(f"--exclude={pattern}" for pattern in patterns), source, image)
    assert (done.returncode, done.stderr) == (0, b"")
    assert names(image) == ALL - gone


def test_patterns_from_a_file(tree, tmp_path, image):
    (tmp_path / "patterns").write_bytes(b"# not wanted\n\n*.o\r\n/doc")
    run_well("mkcramfs-xip", f"--exclude-from={tmp_path}/patterns", tree, image)
    assert names(image) == ALL - {"/a.o", "/lib/c.o", "/doc", "/doc/e.html", "/doc/deep", "/doc/deep/f.html"}
    done = run("mkcramfs-xip", "--exclude-from=/nowhere", tree, image)
    assert done.returncode == USAGE and b"/nowhere: cannot open the list of patterns: No such file" in done.stderr


def test_what_is_left_out_need_not_be_readable(tree, image):
    (tree / "huge").write_bytes(b"")
    os.truncate(tree / "huge", 1 << 24)
    run_well("mkcramfs-xip", "--exclude=/huge", tree, image)


def test_a_pattern_that_matches_nothing_is_reported(tree, image):
    done = run("mkcramfs-xip", "--exclude=*.a", tree, image)
    assert done.returncode == 0
    said = b"--exclude: nothing matches '*.a'; correct it or leave it out\n"
    assert done.stderr == b"mkcramfs-xip: warning: " + said
    done = run("mkcramfs-xip", "--quiet", "--exclude=*.a", tree, image)
    assert (done.returncode, done.stderr) == (0, b"mkcramfs-xip: warning: " + said)
    image.unlink()
    done = run("mkcramfs-xip", "-E", "--exclude=*.a", tree, image)
    assert done.returncode == USAGE
    assert done.stderr == b"mkcramfs-xip: " + said
    assert not image.exists()


@pytest.mark.parametrize("pattern", ["/doc/", "./doc", "//doc//", "./doc/."])
def test_slashes_at_the_end_and_dots_at_the_head_do_not_count(pattern, tree, image):
    done = run("mkcramfs-xip", "-q", f"--exclude={pattern}", tree, image)
    assert (done.returncode, done.stderr) == (0, b"")
    assert names(image) == {name for name in ALL if not name.startswith("/doc")}


def test_a_dot_at_the_head_stands_for_the_root(tree, image):
    run_well("mkcramfs-xip", "--exclude=./doc", tree, image)
    assert "/lib/doc" in names(image) and "/doc" not in names(image)
    run_well("mkcramfs-xip", "--exclude=doc/", tree, image)
    assert "/lib/doc" not in names(image) and "/doc" not in names(image)


def test_a_pattern_that_others_make_needless_is_not_idle(tree, image):
    done = run("mkcramfs-xip", "-E", "--exclude=*.o", "--exclude=/a.o", tree, image)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("pattern", ["", "/", "./", "."])
def test_a_pattern_for_nothing_or_all_is_refused(pattern, tree, image):
    assert run("mkcramfs-xip", f"--exclude={pattern}", tree, image).returncode == USAGE


def test_other_file_systems_are_entered_unless_told_not_to(tree, tmp_path):
    """In a mount namespace of its own, where everybody may mount."""
    (tree / "mounted").mkdir()
    script = ('mount -t tmpfs none "$1/mounted" && echo in > "$1/mounted/file" || exit 99; '
              '"$2" "$1" "$3/all.img" && "$2" --one-file-system "$1" "$3/one.img"')
    done = subprocess.run([*in_mount_namespace(), "sh", "-c", script, "sh", tree,
                           directory() / "mkcramfs-xip", tmp_path], stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr.decode()
    assert names(tmp_path / "all.img") == ALL | {"/mounted", "/mounted/file"}
    assert names(tmp_path / "one.img") == ALL | {"/mounted"}
