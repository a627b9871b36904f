"""Images as sources: one that is built from a directory with some options, packed again with them, is the same image."""
import os
import random
import shutil
import stat
import subprocess

import pytest

import describe
import random_tree
from test_roundtrip import OPTIONS, available, owner_options, source  # noqa: F401 - a fixture
from tools import run, run_well

BUDGET = ["--xip-budget=64K"]
SETS = {
    **OPTIONS,
    "budget": BUDGET,
    "budget, pages of 16 KiB": [*BUDGET, "-b", "16K"],
    "without an MMU": ["--kernel=nommu"],
    "big endian, swapped, pages of 64 KiB": ["-N", "big", "--swap16", "-b", "64K"],
    "swapped 32, behind boot code": ["--swap32", "-p"],
    "name, edition, padding": ["-n", "firmware", "-e", "77", "--pad-to=4M", "--fill=0x00"],
    "whole programs": ["--xip=all"],
    "legacy, big endian, no holes": ["--legacy", "-N", "big", "--no-holes"],
}
SAYS = ["-n", "old", "-e", "5"]  # what no option sets again


def pack(options, *operands, **more):
    return run_well("mkcramfs-xip", "--quiet", *owner_options(), *options, *operands, **more)


@pytest.mark.parametrize("name", SETS)
def test_an_image_packed_again_is_that_image(source, name, tmp_path):  # noqa: F811
    options = available(SETS[name])
    pack(options, source, tmp_path / "old.img")
    pack(options, tmp_path / "old.img", tmp_path / "new.img")
    old = (tmp_path / "old.img").read_bytes()
    assert (tmp_path / "new.img").read_bytes() == old


@pytest.mark.parametrize("name", ["default", "legacy", "big endian", "pages of 64 KiB", "no holes"])
def test_from_any_image_to_the_default(source, name, tmp_path):  # noqa: F811
    """Order, pages and form are those of the options, and not of the source."""
    pack([], source, tmp_path / "right.img")
    pack([*SETS[name], *SAYS], source, tmp_path / "old.img")
    pack([], tmp_path / "old.img", tmp_path / "new.img")
    assert (tmp_path / "new.img").read_bytes() == (tmp_path / "right.img").read_bytes()


@pytest.mark.parametrize("seed", range(1, 5))
def test_profile_and_rules_go_by_the_same_paths(seed, tmp_path):
    random_tree.make_random_tree(tmp_path / "source", seed)
    files = [path for path, entry in describe.describe(tmp_path / "source", False).items() if stat.S_ISREG(entry[0])]
    chance = random.Random(seed)
    profile = tmp_path / "profile"
    lines = [b"/" + path + b",0,1\n" for path in sorted(files) if chance.random() < .5 and not set(path) & set(b'",\n\r\\')]
    profile.write_bytes(b"".join(lines))
    options = [f"--xip-profile={profile}", "--stale-profile=warn", "--xip-budget=32K"]
    assert lines
    pack(options, tmp_path / "source", tmp_path / "old.img")
    pack(options, tmp_path / "old.img", tmp_path / "new.img")
    assert (tmp_path / "new.img").read_bytes() == (tmp_path / "old.img").read_bytes()


@pytest.fixture
def work(tmp_path):
    tree = tmp_path / "tree"
    (tree / "etc").mkdir(parents=True)
    (tree / "etc" / "keep").write_bytes(bytes(range(256)) * 50)
    (tree / "etc" / "change").write_bytes(b"old\n" * 3000)
    (tree / "bin").mkdir()
    shutil.copy("/bin/true", tree / "bin" / "true")
    os.link(tree / "bin" / "true", tree / "bin" / "false")
    (tree / "bin" / "sh").symlink_to("true")
    with open(tree / "sparse", "wb") as sparse:
        sparse.truncate(1 << 20)
        sparse.write(b"end")
    pack([], tree, tmp_path / "old.img")
    return tmp_path


def extract(image, to):
    run_well("cramfsck", "-x", to, image)
    return describe.describe(to, False)


def test_one_file_is_changed_without_the_sources_of_the_others(work):
    overlay = work / "overlay" / "etc"
    overlay.mkdir(parents=True)
    (overlay / "change").write_bytes(b"new\n" * 2000)
    old = work / "old.img"
    before = old.read_bytes()
    pack([], old, work / "overlay", work / "new.img", f"--like={old}")
    shutil.copy(overlay / "change", work / "tree" / "etc" / "change")
    assert describe.differences(describe.describe(work / "tree", False), extract(work / "new.img", work / "out")) == []
    assert old.read_bytes() == before
    pack([], work / "tree", work / "right.img", f"--like={old}")
    assert (work / "new.img").read_bytes() == (work / "right.img").read_bytes()


def test_excludes_rules_and_device_tables_see_it_as_any_source(work):
    (work / "table").write_text("/dev d 755 0 0 - - - - -\n/dev/null c 666 0 0 1 3 - - -\n")
    (work / "rules").write_text("/etc/keep stored\n")
    options = ["--exclude=change", "-D", work / "table", f"--xip-rules={work / 'rules'}"]
    pack(options, work / "tree", work / "right.img")
    pack(options, work / "old.img", work / "new.img")
    assert (work / "new.img").read_bytes() == (work / "right.img").read_bytes()
    done = run("mkcramfs-xip", "--exclude=nowhere", "-E", work / "old.img", work / "no.img")
    assert done.returncode and b"nothing matches 'nowhere'" in done.stderr


def test_an_image_over_a_directory_and_whiteouts_over_an_image(work):
    (work / "below").mkdir()
    (work / "below" / "own").write_bytes(b"own")
    (work / "above" / "etc").mkdir(parents=True)
    (work / "above" / "etc" / ".wh.change").write_bytes(b"")
    pack(["--whiteouts"], work / "below", work / "old.img", work / "above", work / "new.img")
    (work / "tree" / "etc" / "change").unlink()
    shutil.copy(work / "below" / "own", work / "tree" / "own")
    assert describe.differences(describe.describe(work / "tree", False), extract(work / "new.img", work / "out")) == []


def test_an_image_from_a_pipe(work):
    with open(work / "old.img", "rb") as image:
        cat = subprocess.Popen(["cat"], stdin=image, stdout=subprocess.PIPE)
        pack([], "-", work / "piped.img", stdin=cat.stdout)
        cat.stdout.close()
        assert cat.wait() == 0
    assert (work / "piped.img").read_bytes() == (work / "old.img").read_bytes()


@pytest.mark.parametrize("compress", ["gzip", "xz"])
def test_a_compressed_image(work, compress):
    with open(work / "old.img", "rb") as image:
        done = subprocess.run([compress, "-c"], stdin=image, stdout=subprocess.PIPE, check=True)
    (work / "old.img.z").write_bytes(done.stdout)
    pack([], work / "old.img.z", work / "new.img")
    assert (work / "new.img").read_bytes() == (work / "old.img").read_bytes()
    (work / "old.img.z").write_bytes(done.stdout[:-5])
    cut = run("mkcramfs-xip", work / "old.img.z", work / "cut.img")
    assert cut.returncode == 8 and not (work / "cut.img").exists(), cut.stderr


@pytest.mark.parametrize("form", ["file", "link", "input"])
def test_the_image_is_not_written_over_its_source(work, form):
    old = work / "old.img"
    before = old.read_bytes()
    (work / "link.img").symlink_to("old.img")
    with open(old, "rb") as image:
        operands = ["-" if form == "input" else old, work / "link.img" if form == "link" else old]
        done = run("mkcramfs-xip", "--force", *operands, stdin=image)
    assert done.returncode == 16 and b"overwrite a source" in done.stderr, done.stderr
    assert old.read_bytes() == before


def test_a_tar_whose_first_file_is_an_image_is_a_tar(work):
    """There the superblock is at 512, as after boot code."""
    subprocess.run(["tar", "-C", work, "-cf", work / "a.tar", "old.img"], check=True)
    assert (work / "a.tar").read_bytes()[512:516] == (work / "old.img").read_bytes()[:4]
    pack([], work / "a.tar", work / "new.img")
    names = run_well("cramfs-dump", work / "new.img")
    assert b"old.img" in names and b"etc" not in names


def test_hidden_in_a_larger_file_it_ends_where_it_says(work):
    (work / "long.img").write_bytes((work / "old.img").read_bytes() + b"\xff" * 100_000)
    pack([], work / "long.img", work / "new.img")
    assert (work / "new.img").read_bytes() == (work / "old.img").read_bytes()


def flip_a_block(work, path):
    """An image in which a block of that file does not inflate."""
    image = bytearray((work / "old.img").read_bytes())
    for line in run_well("cramfs-dump", "--extents", work / "old.img").decode().splitlines():
        if path in line and "deflated" in line:
            offset = int(line.split()[0], 0)
            image[offset + 8] ^= 0xff
            image[offset + 9] ^= 0xff
            break
    else:
        pytest.fail("no block of it")
    (work / "bad.img").write_bytes(image)
    return work / "bad.img"


def test_a_damaged_image_is_refused_and_names_what_cannot_be_read(work):
    bad = flip_a_block(work, "/etc/keep")
    done = run("mkcramfs-xip", bad, work / "new.img")
    assert done.returncode == 8 and not (work / "new.img").exists()
    assert b"/etc/keep" in done.stderr and b"--allow=damaged" in done.stderr
    assert run("mkcramfs-xip", "--allow=all", bad, work / "new.img").returncode == 8


def test_what_can_be_read_of_a_damaged_image(work):
    bad = flip_a_block(work, "/etc/keep")
    done = run("mkcramfs-xip", "--allow=damaged", *owner_options(), bad, work / "new.img")
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if b"left out" in line]
    assert len(lines) == 1 and b"/etc/keep: left out: " in lines[0], done.stderr
    (work / "tree" / "etc" / "keep").unlink()
    pack([], work / "tree", work / "right.img")
    assert (work / "new.img").read_bytes() == (work / "right.img").read_bytes()


def test_where_only_the_checksum_is_wrong_nothing_is_left_out(work):
    image = bytearray((work / "old.img").read_bytes())
    image[32] ^= 1
    (work / "bad.img").write_bytes(image)
    assert run("mkcramfs-xip", work / "bad.img", work / "new.img").returncode == 8
    done = run("mkcramfs-xip", "--allow=damaged", *owner_options(), work / "bad.img", work / "new.img")
    assert done.returncode == 0 and b"[crc]" in done.stderr and b"left out" not in done.stderr, done.stderr
    assert (work / "new.img").read_bytes() == (work / "old.img").read_bytes()


def test_over_other_sources_nothing_of_them_is_lost_quietly(work):
    """As directories over each other: through a link to a directory, and never two entries at one place."""
    below = work / "below"
    (below / "usr" / "bin").mkdir(parents=True)
    (below / "usr" / "bin" / "base").write_bytes(b"base")
    (below / "bin").symlink_to("usr/bin")
    pack([], below, work / "old.img", work / "new.img")
    tree = extract(work / "new.img", work / "out")
    assert stat.S_ISLNK(tree[b"bin"][0]) and {b"usr/bin/base", b"usr/bin/true", b"usr/bin/sh"} <= set(tree)
    (work / "tree" / "usr" / "bin").mkdir(parents=True)
    (work / "tree" / "usr" / "bin" / "true").write_bytes(b"another")
    pack([], work / "tree", work / "two.img")
    done = run("mkcramfs-xip", below, work / "two.img", work / "lost.img")
    assert done.returncode == 8 and b"/usr/bin/true" in done.stderr and b"--allow=replace" in done.stderr, done.stderr
    assert not (work / "lost.img").exists()


def test_an_image_in_the_dump_of_a_flash(work):
    """The option holds for the source after it, and for no other."""
    old = (work / "old.img").read_bytes()
    dump = work / "flash.bin"
    dump.write_bytes(b"\xff" * 0x20000 + old + b"\xff" * 70_000)
    pack([], "--offset=0x20000", dump, work / "new.img")
    assert (work / "new.img").read_bytes() == old
    (work / "over").mkdir()
    (work / "over" / "more").write_bytes(b"more")
    with open(dump, "rb") as image:
        pack([], "--offset=128K", "-", work / "over", work / "new.img", stdin=image)
    (work / "tree" / "more").write_bytes(b"more")
    assert describe.differences(describe.describe(work / "tree", False), extract(work / "new.img", work / "out")) == []
    pack([], work / "over", "--offset=128K", dump, work / "again.img")
    assert extract(work / "again.img", work / "out2") == extract(work / "new.img", work / "out3")


@pytest.mark.parametrize("arguments, says", [
    (["old.img", "--offset=1", "new.img"], b"no SOURCE follows"),
    (["old.img", "new.img", "--offset=1"], b"no SOURCE follows"),
    (["--offset=1", "--offset=2", "old.img", "new.img"], b"twice"),
    (["--offset=-1", "old.img", "new.img"], b"--offset"),
])
def test_offset_of_no_source(work, arguments, says):
    done = run("mkcramfs-xip", *arguments, cwd=work)
    assert done.returncode == 16 and says in done.stderr, done.stderr


@pytest.mark.parametrize("source", ["tree", "a.tar", "old.img"])
def test_where_no_image_is(work, source):
    subprocess.run(["tar", "-C", work / "tree", "-cf", work / "a.tar", "."], check=True)
    done = run("mkcramfs-xip", "--offset=64", source, "new.img", cwd=work)
    assert done.returncode == 8 and source.encode() in done.stderr and not (work / "new.img").exists(), done.stderr
