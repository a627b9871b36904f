"""Images for kernels without an MMU: each mapping is in place as a whole or not at all, and no page belongs to two
inodes."""
import json
import random

import pytest

import elf
import trees
from describe import describe, differences
from flat import flat_file
from tools import run_well

PAGE = 4096


def payload(seed, size):
    return random.Random(seed).randbytes(size)


def make_tree(root):
    tree = trees.Tree(root)
    tree.directory(b"bin")
    program = flat_file(3 * PAGE + 5, payload(1, 5 * PAGE + 77))
    tree.file(b"bin/one", program)
    tree.file(b"bin/two", program, mode=0o700)
    tree.file(b"bin/same", program)
    tree.file(b"bin/text-in-last-page", flat_file(2 * PAGE - 9, payload(2, 2 * PAGE)))
    tree.file(b"bin/wants-ram", flat_file(2 * PAGE, payload(3, 3 * PAGE + 1), flags=1))
    segments, size = elf.text_and_data(2 * PAGE, 100)
    tree.file(b"bin/elf", elf.elf_file(elf.Form(), segments, payload(5, size)))
    tree.file(b"noise", payload(4, PAGE))
    tree.file(b"noise-again", payload(4, PAGE), mode=0o600)
    return tree


@pytest.fixture(name="image")
def make_image(tmp_path):
    make_tree(tmp_path / "source")
    image = tmp_path / "image"
    run_well("mkcramfs-xip", "--kernel=nommu", "-q", tmp_path / "source", image)
    return image


def test_image_is_sound_and_holds_the_tree(image, tmp_path):
    run_well("cramfsck", image, "-x", tmp_path / "out")
    wrong = differences(describe(tmp_path / "source", owners=False), describe(tmp_path / "out", owners=False))
    assert not wrong, "\n".join(wrong)


def test_text_is_direct_whole_or_not_at_all(image):
    report = json.loads(run_well("cramfsck", "--xip-report=json", "--kernel=nommu", image))
    assert report["image"]["kernel"] == "nommu"
    found = {file["path"]: (file["program"], [(m["pages"], m["direct_pages"], m["reason"]) for m in file["mappings"]])
             for file in report["files"]}
    assert found["/bin/one"] == ("mapped", [(4, 4, None)])
    assert found["/bin/two"] == ("mapped", [(4, 4, None)])
    assert found["/bin/text-in-last-page"] == ("mapped", [(2, 0, "block 0 breaks the run: copied to RAM")])
    assert found["/bin/wants-ram"] == ("copied", [])
    assert found["/bin/elf"] == ("copied", [])


def stored_direct_pages(image):
    """{start of a stored block that a direct pointer reaches: the inodes (table offsets) that have it}, by hand."""
    data = image.read_bytes()
    word = lambda at: int.from_bytes(data[at:at + 4], "little")
    waiting, seen, found = [64], set(), {}
    while waiting:
        at = waiting.pop()
        mode, size, offset = word(at) & 0xffff, word(at + 4) & 0xffffff, (word(at + 8) >> 6) * 4
        if mode & 0o170000 == 0o040000:
            end = offset + size
            while offset < end:
                waiting.append(offset)
                offset += 12 + (word(offset + 8) & 63) * 4
        elif mode & 0o170000 == 0o100000 and offset not in seen:
            seen.add(offset)
            for block in range(-(-size // PAGE)):
                pointer = word(offset + 4 * block)
                if pointer >> 30 == 3:
                    found.setdefault((pointer & 0x3fffffff) * 4, []).append(offset)
    return found


def test_no_page_that_could_be_mapped_belongs_to_two_inodes(image):
    pages = stored_direct_pages(image)
    assert len(pages) >= 8  # the text of /bin/one and of /bin/two
    assert all(len(owners) == 1 for owners in pages.values())
    assert all(start % 4 == 0 for start in pages)


def test_runs_begin_cache_lines_and_not_pages(image):
    owner = {start: owners[0] for start, owners in stored_direct_pages(image).items()}
    runs = [start for start in owner
            if owner.get(start + PAGE) == owner[start] and owner.get(start - PAGE) != owner[start]]
    assert len(runs) == 2, owner
    assert all(start % 64 == 0 for start in runs)
    assert any(start % PAGE for start in runs)


def test_with_mmu_bflt_is_compressed_and_pages_are_shared(image, tmp_path):
    other = tmp_path / "mmu"
    said = run_well("mkcramfs-xip", "-v", "-q", tmp_path / "source", other)
    assert b"/bin/one: 0 pages in place: the loader of that kernel copies it to RAM; " in said
    assert b"/bin/elf: 2 pages in place: read-only segments; " in said


@pytest.mark.parametrize("what, flags", [("text", "r-x"), ("readonly", "r--r-x"), ("all", "all"), ("none", "")])
def test_what_is_wanted_of_programs(what, flags, tmp_path):
    segments, size = elf.separate_code(600, PAGE + 5, PAGE + 9, 300)
    tree = trees.Tree(tmp_path / "source")
    tree.file(b"program", elf.elf_file(elf.Form(), segments, payload(6, size)))
    image = tmp_path / "image"
    run_well("mkcramfs-xip", "-q", f"--xip={what}", tree.root, image)
    report = json.loads(run_well("cramfsck", "--xip-report=json", image))
    mappings = report["files"][0]["mappings"]
    direct = {m["flags"] for m in mappings if m["direct_pages"]}
    if flags == "all":
        assert report["files"][0]["direct_pages"] == report["files"][0]["pages"]
    else:
        assert direct == {flags[i:i + 3] for i in range(0, len(flags), 3)}
