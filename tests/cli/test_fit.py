"""--fit finds the budget: the image has at most that size, and no more pages could be in place."""
import json
import os
import random
import re

import pytest

import elf
import flat
from tools import OPERATIONAL, USAGE, run, run_well

PAGE = 4096
SEED = 2121
SANITIZED = os.environ.get("CRAMFS_XIP_SANITIZED") == "1"
TREES = 20 if SANITIZED else 200


def program(random_numbers):
    """A program of one read-only segment, of a few pages that compress more or less."""
    pages = [random_numbers.randbytes(hard) + bytes(PAGE - hard)
             for hard in random_numbers.choices((0, 100, 1000, 2048, 3000, PAGE), k=random_numbers.randint(1, 3))]
    payload = b"".join(pages) + b"t" * random_numbers.randint(0, 500)
    return elf.elf_file(elf.Form(kind=elf.ET_EXEC), [elf.Segment(elf.R | elf.X, 0, len(payload), 0x8000)], payload)


def make_tree(root, random_numbers, programs):
    root.mkdir()
    for number in range(programs):
        (root / f"p{number}").write_bytes(program(random_numbers))
    (root / "data").write_bytes(random_numbers.randbytes(random_numbers.randint(1, 9000)))


class Images:
    def __init__(self, root, image):
        self.root, self.image = root, image

    def build(self, *options):
        """(the size of the image, how many pages are in place)"""
        stats = self.image.with_suffix(".json")
        run_well("mkcramfs-xip", "-q", "--quiet", "-j1", f"--stats=json:{stats}", *options, self.root, self.image)
        return self.image.stat().st_size, json.loads(stats.read_text())["choice"]["pages"]


@pytest.fixture(name="images")
def make_images(tmp_path):
    print(f"seed {SEED}")
    make_tree(tmp_path / "tree", random.Random(SEED), 6)
    return Images(tmp_path / "tree", tmp_path / "out.img")


def test_of_random_trees_no_budget_puts_more_in_place(tmp_path):
    print(f"seed {SEED}")
    random_numbers = random.Random(SEED)
    for number in range(TREES):
        make_tree(tmp_path / f"t{number}", random_numbers, random_numbers.randint(1, 2))
        images = Images(tmp_path / f"t{number}", tmp_path / "out.img")
        bare, full = images.build("--xip-budget=0")[0], images.build("--xip-budget=1G")[0]
        bound = random_numbers.randint(bare, full + 1)
        size, pages = images.build(f"--fit={bound}")
        every = [images.build(f"--xip-budget={budget}") for budget in range(0, full - bare + 1, PAGE)]
        best_size, best_pages = max((found for found in every if found[0] <= bound), key=lambda found: found[1])
        assert size <= bound and size > best_size - PAGE - 1 and pages >= best_pages, (number, bound, every)


def test_bounds_are_met_at_the_byte(images):
    bare, full = images.build("--xip-budget=0")[0], images.build("--xip-budget=1G")[0]
    assert full > bare + 3 * PAGE
    assert images.build(f"--fit={bare}")[0] == bare
    assert images.build(f"--fit={full}")[0] == full
    assert images.build(f"--fit={full - 1}")[0] < full
    assert images.build("--fit=1G") == images.build("--xip-budget=1G")


def test_an_image_that_is_too_large_with_nothing_in_place_is_refused(images):
    bare, full = images.build("--xip-budget=0")[0], images.build("--xip-budget=1G")[0]
    images.image.unlink()
    done = run("mkcramfs-xip", "-q", f"--fit={bare - 1}", images.root, images.image)
    assert done.returncode == OPERATIONAL and not images.image.exists()
    assert f"{bare} bytes, 1 bytes over --fit".encode() in done.stderr
    assert f"the image has {bare} bytes with nothing in place, and {full} with everything in place\n".encode() in done.stderr


@pytest.mark.skipif(SANITIZED, reason="sanitizers take minutes to read 4 GiB")
def test_everything_can_be_more_than_any_image_has(tmp_path):
    """Without an MMU each inode has pages of its own: 260 of 16 MiB are over 4 GiB. The files are sparse."""
    root, image, stats = tmp_path / "tree", tmp_path / "out.img", tmp_path / "stats"
    root.mkdir()
    size = (1 << 24) - 70000
    for number in range(260):
        with open(root / f"f{number}", "wb") as file:
            file.write(flat.flat_file(size - 100, bytes(64), data_end=size))
            file.truncate(size)
        (root / f"f{number}").chmod(0o400 | number & 0xFF | number >> 8 << 9)
    options = ["-q", "--kernel=nommu", "-b64K", f"--stats=json:{stats}", root, image]
    done = run("mkcramfs-xip", "--fit=4K", *options)
    size = int(re.search(rb"would have (\d+) bytes", done.stderr)[1])
    said = f"the image has {size} bytes with nothing in place, and more than the format's limit with everything in place\n"
    assert done.returncode == OPERATIONAL and said.encode() in done.stderr
    run_well("mkcramfs-xip", "--fit=64M", *options)
    found = json.loads(stats.read_text())["choice"]
    assert found["full_cost"] is None and found["cost"] == 0


def test_a_refusal_of_max_size_has_both_sizes_and_names_fit(images):
    bare, full = images.build("--xip-budget=0")[0], images.build("--xip-budget=1G")[0]
    done = run("mkcramfs-xip", "-q", f"--max-size={bare}", images.root, images.image)
    said = f"the image has {bare} bytes with nothing in place, and {full} with everything in place".encode()
    assert done.returncode == OPERATIONAL and said + b"; --fit=SIZE puts" in done.stderr
    done = run("mkcramfs-xip", "-q", f"--max-size={bare - 1}", images.root, images.image)
    assert done.returncode == OPERATIONAL and said + b"\n" in done.stderr


def test_the_smallest_of_all_bounds_counts(images):
    bare = images.build("--xip-budget=0")[0]
    bound = bare + 3 * PAGE
    expected = images.build(f"--fit={bound}")
    assert bare < expected[0] <= bound
    assert images.build("--fit=1G", f"--max-size={bound}") == expected
    assert images.build(f"--fit={bound}", "--max-size=1G") == expected
    size, pages = images.build("--fit=1G", f"--pad-to={bound}", "--fill=0x00")
    assert (size, pages) == (bound, expected[1])
    size, pages = images.build(f"--fit={bound + PAGE - 1}", "--pad-to=erase-block", f"--erase-block={bound}")
    assert (size, pages) == (bound, expected[1])


def test_with_an_older_image_the_final_one_is_within_the_bound(images, tmp_path):
    bare = images.build("--xip-budget=0")[0]
    bound = bare + 4 * PAGE
    images.build(f"--fit={bound}")
    old = tmp_path / "old.img"
    images.image.rename(old)
    for number in range(6):
        (images.root / f"p{number}").write_bytes(program(random.Random(SEED + number)))
    bare = images.build("--xip-budget=0")[0]
    size, _ = images.build(f"--fit={bare + 2 * PAGE}", f"--like={old}", "--slack=1000", "--erase-block=4K")
    assert size <= bare + 2 * PAGE
    run_well("cramfsck", "-E", images.image)


def test_by_a_profile_what_is_touched_comes_first(images, tmp_path):
    profile = tmp_path / "profile"
    profile.write_text("path,offset,count\np5,0,1\n")
    bare = images.build(f"--xip-profile={profile}", "--xip-budget=0")[0]
    size, pages = images.build(f"--xip-profile={profile}", f"--fit={bare + PAGE}")
    assert pages == 1 and size <= bare + PAGE


def test_a_budget_beside_it_is_an_error(images):
    done = run("mkcramfs-xip", "--fit=1M", "--xip-budget=1M", images.root, images.image)
    assert done.returncode == USAGE and b"leave out --xip-budget" in done.stderr
    for size in ("0", "x"):
        done = run("mkcramfs-xip", f"--fit={size}", images.root, images.image)
        assert done.returncode == USAGE and b"--fit" in done.stderr
