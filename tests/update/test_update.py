"""cramfs-dump --diff --update: the contents of the file, and that it appears whole or not at all."""
import gzip
import hashlib
import os
import stat

import pytest

import payload
import scenes
import trees
from tools import ERRORS_LEFT, OPERATIONAL, USAGE, run, run_well


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    return {kind: scenes.pairs(tmp_path_factory.mktemp("pairs") / "work", kind) for kind in scenes.KINDS}


@pytest.mark.parametrize("kind", scenes.KINDS)
def test_manifest_is_that_of_the_images(pairs, kind, tmp_path):
    """Computed from the bytes, another way: every line, and every block in the order of writing."""
    for name, old, new, size in pairs[kind]:
        update = payload.Update(payload.write(old, new, size, tmp_path / f"{name}.tar"))
        before, after = old.read_bytes(), new.read_bytes()

        def digest(data):
            return hashlib.sha256(data).hexdigest() if data else "-"

        lines = ["cramfs-xip-update 1", f"erase-block {size}", f"old {len(before)} {digest(before)}", f"new {len(after)} {digest(after)}"]
        shifted, keep, last = 512 if kind.startswith("boot") else 0, None, []
        for at in range(0, len(after), size):
            a, b = before[at:at + size], after[at:at + size]
            if a == b and keep is not None:
                keep[1] += len(b)
                continue
            if keep:
                lines.append(f"keep {keep[0]} {keep[1]} {digest(after[keep[0]:sum(keep)])}")
            keep = [at, len(b)] if a == b else None
            if a != b:
                (last if at <= shifted < at + size else lines).append(f"write {at} {len(a)} {digest(a)} {len(b)} {digest(b)}")
        if keep:
            lines.append(f"keep {keep[0]} {keep[1]} {digest(after[keep[0]:sum(keep)])}")
        assert update.lines == [*lines, *last, "end"], name
        assert list(update.files) == ["manifest", "apply.sh", *[f"blocks/{i}.gz" for i in range(1, len(update.writes()) + 1)]]


def test_files_have_no_owner_no_time_and_no_other_mode(pairs, tmp_path):
    update = payload.Update(payload.write(*pairs["plain"][0][1:], tmp_path / "u.tar"))
    assert {(entry.mode, entry.uid, entry.gid, entry.mtime, entry.isreg()) for entry in update.entries} == {(0o644, 0, 0, 0, True)}
    assert all(data[4:8] == bytes(4) for name, data in update.files.items() if name.endswith(".gz"))
    assert all(gzip.decompress(data) for name, data in update.files.items() if name.endswith(".gz"))


def test_same_images_same_bytes(pairs, tmp_path):
    _, old, new, size = pairs["plain"][1]
    first = payload.write(old, new, size, tmp_path / "first.tar").read_bytes()
    os.utime(old, (1, 1))
    os.environ["TZ"] = "Asia/Tokyo"
    assert payload.write(old, new, size, tmp_path / "second.tar").read_bytes() == first
    assert run("cramfs-dump", "--diff", "--update=-", f"--erase-block={size}", old, new).stdout == first


def test_an_erase_block_is_64_kib_by_default(pairs, tmp_path):
    _, old, new, _ = pairs["plain"][0]
    run_well("cramfs-dump", "--diff", f"--update={tmp_path / 'u.tar'}", old, new)
    assert payload.Update(tmp_path / "u.tar").lines[1] == "erase-block 65536"


def test_file_is_replaced_when_it_is_whole(pairs, tmp_path):
    _, old, new, size = pairs["plain"][0]
    path = tmp_path / "u.tar"
    path.write_bytes(b"older")
    payload.write(old, new, size, path)
    assert payload.Update(path).lines and os.listdir(tmp_path) == ["u.tar"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_nothing_is_left_of_what_cannot_be_written(pairs, tmp_path):
    _, old, new, size = pairs["plain"][0]
    for path in (tmp_path / "no" / "u.tar", "/dev/full"):
        done = run("cramfs-dump", "--diff", f"--update={path}", f"--erase-block={size}", old, new)
        assert done.returncode == OPERATIONAL and done.stderr and os.listdir(tmp_path) == []


def test_no_image_is_replaced(pairs):
    _, old, new, _ = pairs["plain"][0]
    before = old.read_bytes(), new.read_bytes()
    for path in (old, new):
        done = run("cramfs-dump", "--diff", f"--update={path}", old, new)
        assert done.returncode == OPERATIONAL and b"would replace an input" in done.stderr
    assert (old.read_bytes(), new.read_bytes()) == before


def test_damaged_new_image_is_refused(pairs, tmp_path):
    _, old, new, _ = pairs["plain"][0]
    data = bytearray(new.read_bytes())
    data[-5000] ^= 1
    (tmp_path / "bad.img").write_bytes(data)
    done = run("cramfs-dump", "--diff", f"--update={tmp_path / 'u.tar'}", old, tmp_path / "bad.img")
    assert done.returncode == ERRORS_LEFT and b"it is damaged" in done.stderr and b"cramfsck prints the errors" in done.stderr
    assert os.listdir(tmp_path) == ["bad.img"]


def test_images_that_are_swapped_otherwise_are_refused(pairs, tmp_path):
    tree = trees.Tree(tmp_path / "tree")
    tree.file(b"file", b"x" * 5000)
    run_well("mkcramfs-xip", *scenes.owners(), "-q", "--swap16", tree.root, tmp_path / "swapped.img")
    for old, size in ((pairs["plain"][0][1], 4096), (pairs["swapped words"][0][1], 4096), (tmp_path / "swapped.img", 4097)):
        done = run("cramfs-dump", "--diff", f"--update={tmp_path / 'u.tar'}", f"--erase-block={size}", old, tmp_path / "swapped.img")
        assert done.returncode == OPERATIONAL and b"swapped" in done.stderr and not (tmp_path / "u.tar").exists()


def test_usage():
    for words, said in ((["--update=u", "a"], b"--update needs --diff"), (["--diff", "--update=u", "a"], b"needs two IMAGEs"),
                        (["--diff", "--update=u", "--blocks", "a", "b"], b"contradict each other"),
                        (["--diff", "--update=u", "--json", "a", "b"], b"has no JSON form")):
        done = run("cramfs-dump", *words)
        assert done.returncode == USAGE and said in done.stderr
