"""Images for a kernel without an MMU, as cramfs-dump shows them: pages that this kernel maps are in place, wherever they
begin."""
import json
import random

import pytest

import elf
import trees
from flat import flat_file
from tools import CLEAN, ERRORS_LEFT, run, run_well

PAGE = 4096
FDPIC = 65  # in e_ident[EI_OSABI]


def payload(seed, size):
    return random.Random(seed).randbytes(size)


def fdpic_file(seed):
    segments, size = elf.text_and_data(2 * PAGE, 100)
    file = bytearray(elf.elf_file(elf.Form(), segments, payload(seed, size)))
    file[7] = FDPIC
    return bytes(file)


PROGRAMS = {"bFLT": flat_file(3 * PAGE + 5, payload(1, 5 * PAGE + 77)), "FDPIC": fdpic_file(2)}


def pack(folder, kind, *more, kernel="nommu"):
    """An image of two programs for that kernel, of which the second does not begin at a page."""
    tree = trees.Tree(folder / "tree")
    tree.directory(b"bin")
    tree.file(b"bin/first", PROGRAMS[kind])
    tree.file(b"bin/second", PROGRAMS[kind], mode=0o700)
    for name, content in more:
        tree.file(name, content)
    (folder / "rules").write_text("/bin/* in-place\n")
    image = folder / "image"
    run_well("mkcramfs-xip", "-q", f"--kernel={kernel}", f"--xip-rules={folder}/rules", folder / "tree", image)
    return image


def in_place(image, *options):
    listing = json.loads(run_well("cramfs-dump", "-R", "--json", *options, image))
    return {entry["path"]: entry["pages"]["in_place"] for entry in listing["entries"] if entry.get("pages")}


def aligned(image):
    return in_place(image, "--kernel=mmu")


@pytest.mark.parametrize("kind", PROGRAMS)
def test_all_modes_call_in_place_what_is_for_such_a_kernel(kind, tmp_path):
    image = pack(tmp_path, kind)
    report = json.loads(run_well("cramfsck", "--xip-report=json", "--kernel=nommu", image))
    pages = in_place(image)
    assert sum(pages.values()) > sum(aligned(image).values())
    assert sum(pages.values()) >= sum(m["direct_pages"] for file in report["files"] for m in file["mappings"]) > 0
    assert in_place(image, "--kernel=nommu") == pages
    for words, wanted in ((["--stat=/bin/second"], f" {pages['/bin/second']} in place"), (["--extents"], " in-place "), (["--du"], " in-place"),
                          (["--map"], "X"), (["-l", "-R"], " X ")):
        text = run_well("cramfs-dump", *words, image).decode()
        assert wanted in text, (words, text)
        assert "direct stored" not in text


@pytest.mark.parametrize("kind", PROGRAMS)
def test_rebuilding_loses_no_page(kind, tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    old = pack(tmp_path / "old", kind)
    new = pack(tmp_path / "new", kind, (b"a", b"more"))
    told = json.loads(run("cramfs-dump", "--diff", "--json", old, new).stdout)
    counts = told["pages_in_place"]
    assert counts["lost"] == 0 and counts["gained"] == 0, counts


def test_other_programs_make_it_an_image_of_another_kernel(tmp_path):
    segments, size = elf.text_and_data(2 * PAGE, 100)
    other = elf.elf_file(elf.Form(), segments, payload(5, size))
    image = pack(tmp_path, "bFLT", (b"other", other))
    assert in_place(image) == aligned(image)
    assert in_place(image, "--kernel=nommu") != aligned(image)


def test_an_image_without_programs_is_what_the_option_says(tmp_path):
    tree = trees.Tree(tmp_path / "tree")
    tree.file(b"font", payload(7, 3 * PAGE + 9))
    tree.file(b"other", payload(8, 3 * PAGE + 9))
    (tmp_path / "rules").write_text("* in-place\n")
    image = tmp_path / "image"
    run_well("mkcramfs-xip", "-q", "--kernel=nommu", f"--xip-rules={tmp_path}/rules", f"--extents={tmp_path}/planned", tmp_path / "tree", image)
    assert run_well("cramfs-dump", "--extents", "--kernel=nommu", image) == (tmp_path / "planned").read_bytes()
    assert in_place(image) == aligned(image) != in_place(image, "--kernel=nommu")


@pytest.mark.parametrize("kind", PROGRAMS)
def test_a_gate_that_finds_nothing_names_the_kernel(kind, tmp_path):
    image = pack(tmp_path, kind)
    done = run("cramfsck", "--min-direct=90", image)
    assert done.returncode == ERRORS_LEFT
    assert f"{image}: note: the programs in the image run in place only without an MMU; use --kernel=nommu".encode() in done.stderr, done.stderr
    done = run("cramfsck", "--min-direct=30", "--kernel=nommu", image)
    assert done.returncode == CLEAN and b"note" not in done.stderr, done.stderr
