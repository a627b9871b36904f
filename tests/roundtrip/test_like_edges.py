"""Updates that went wrong once, each cut down to the least tree that shows it."""
import json
import os
import random

import pytest

import elf
import flat
from maker import Image, Shape, deflated, directory, file, hole, link, stored
from tools import CLEAN, OPERATIONAL, USAGE, run, run_well
from trees import PAGE, compressible, incompressible


class Updates:
    """A directory, and images of it, each like the one before."""

    def __init__(self, work, *options):
        self.tree, self.image, self.number, self.options = work / "tree", work / "0.img", 0, options
        self.tree.mkdir()

    def fresh(self, *more):
        run_well("mkcramfs-xip", "-q", *self.options, *more, self.tree, self.image)

    def made(self, *files, least_size):
        """The first image, of files that are also put into the tree."""
        self.image.write_bytes(Image(Shape(), *files, least_size=least_size).bytes())
        for each in files:
            (self.tree / each.name.decode()).write_bytes(b"".join(block.data for block in each.blocks)[:each.size])

    def update(self, *more, slack=1000):
        """Pack the tree like the newest image. The result is then the newest one. Returns the messages."""
        old, self.number = self.image, self.number + 1
        self.image = old.with_name(f"{self.number}.img")
        stats = old.with_name("stats.json")
        run_well("mkcramfs-xip", "-q", "--erase-block=4K", f"--slack={slack}", *self.options, *more, f"--like={old}",
                 f"--stats=json:{stats}", self.tree, self.image)
        checked = run("cramfsck", "-E", self.image)
        assert checked.returncode == CLEAN, checked.stderr.decode(errors="replace")
        return json.loads(stats.read_text())["like"]

    def assert_like_itself(self, *more):
        before = self.image.read_bytes()
        assert self.update(*more)["differing"] == 0
        assert self.image.read_bytes() == before


def test_a_last_page_that_was_deflated_since_no_direct_pointer_reads_it_stored_stays(tmp_path):
    rng = random.Random(1)
    updates = Updates(tmp_path)
    first = incompressible(rng, PAGE)
    (updates.tree / "whole").write_bytes(first + compressible(rng, PAGE))
    updates.fresh()
    (updates.tree / "whole").write_bytes(first + incompressible(rng, PAGE))
    assert updates.update()["kept"]
    updates.assert_like_itself()
    (updates.tree / "whole").rename(updates.tree / "renamed")
    assert updates.update()["differing"] == 1


def test_two_encodings_of_one_page_both_stay(tmp_path):
    rng = random.Random(2)
    page = compressible(rng, PAGE)
    updates = Updates(tmp_path, "--legacy")
    for name in ("a", "b"):
        (updates.tree / name).mkdir()
    (updates.tree / "a/first").write_bytes(page + b"1")
    updates.fresh("--level=1")
    (updates.tree / "b/second").write_bytes(page + b"22")
    assert updates.update("--level=9")["kept"]
    updates.assert_like_itself("--level=9")


@pytest.mark.parametrize("old, new, remedy", [("--swap16", "--endian=little", "--swap16"), ("--swap16", "--swap32", "--swap16"),
                                              ("--endian=little", "--swap32", "without --swap16 and --swap32")])
def test_an_older_image_whose_bytes_are_swapped_otherwise_is_refused(old, new, remedy, tmp_path):
    """No byte of the flash would be as before, although no erase block seems to differ."""
    updates = Updates(tmp_path)
    (updates.tree / "file").write_bytes(b"contents")
    updates.fresh(old)
    done = run("mkcramfs-xip", "-q", new, f"--like={updates.image}", updates.tree, tmp_path / "new.img")
    assert done.returncode == USAGE and done.stderr.count(b"\n") == 1
    assert f"{updates.image}: ".encode() in done.stderr and remedy.encode() in done.stderr
    assert not (tmp_path / "new.img").exists()


def test_what_is_no_image_is_named(tmp_path):
    updates = Updates(tmp_path)
    updates.image.write_bytes(b"")
    done = run("mkcramfs-xip", f"--like={updates.image}", updates.tree, tmp_path / "new.img")
    assert done.returncode == OPERATIONAL and done.stderr.startswith(f"mkcramfs-xip: {updates.image}: ".encode())


def test_other_boot_code_changes_no_crc(tmp_path):
    updates = Updates(tmp_path)
    (updates.tree / "file").write_bytes(b"contents")
    for name, first in (("old", b"o"), ("new", b"n")):
        (tmp_path / name).write_bytes(first + bytes(range(1, 200)))
    updates.fresh(f"--boot-code={tmp_path / 'old'}")
    assert updates.update(f"--boot-code={tmp_path / 'new'}", "--erase-block=256")["differing"] == 1
    (updates.tree / "file").write_bytes(b"Contents")
    assert updates.update(f"--boot-code={tmp_path / 'new'}", "--erase-block=532")["differing"] == 1


def test_a_pipe_is_no_older_image(tmp_path):
    """A pipe, as shells make it for --like=<(zcat old.img.gz); and "-" is a file's name."""
    updates = Updates(tmp_path)
    updates.fresh()
    out, into = os.pipe()
    os.write(into, updates.image.read_bytes())
    os.close(into)
    for old in (f"/dev/fd/{out}", "-"):
        done = run("mkcramfs-xip", f"--like={old}", updates.tree, tmp_path / "new.img", pass_fds=[out])
        assert done.returncode == OPERATIONAL and done.stderr.count(b"\n") == 1
        assert done.stderr.startswith(f"mkcramfs-xip: {old}: cannot ".encode())
        assert not (tmp_path / "new.img").exists()
    os.close(out)


def test_what_a_direct_pointer_led_to_is_read_when_it_is_the_last_of_a_file_of_whole_pages(tmp_path):
    """There the kernel reads a direct stored block as one without bytes."""
    rng = random.Random(7)
    updates = Updates(tmp_path)
    pages = [incompressible(rng, PAGE) for _ in range(2)]
    updates.made(file(b"a", *[stored(page, direct=True) for page in pages], stored(b"end")), least_size=0x4000)
    (updates.tree / "a").write_bytes(pages[0] + pages[1])
    assert updates.update()["kept"]
    assert run_well("cramfs-dump", "--cat=/a", updates.image) == pages[0] + pages[1]


def test_a_short_last_block_stays_behind_one_that_is_shared(tmp_path):
    rng = random.Random(8)
    updates = Updates(tmp_path)
    page = compressible(rng, PAGE)
    while len(deflated(page).raw) % 4 != 0:
        page = compressible(rng, PAGE)
    end = 0x2000 + 2 + len(deflated(page).raw)
    updates.made(file(b"a", deflated(page, direct=True, at=0x2000)),
                 file(b"b", deflated(page, direct=True, at=0x2000), stored(b"?")), least_size=0x4000)
    updates.update()
    planned = [line.split() for line in run_well("cramfs-dump", "--extents", updates.image).splitlines()]
    assert [b"%d" % end, b"1", b"stored", b"/b", b"block", b"1"] in planned


def test_a_last_block_too_short_to_share_one_in_place_stays(tmp_path):
    rng = random.Random(13)
    rules = tmp_path / "rules"
    rules.write_text("/f in-place\n/g stored\n")
    updates = Updates(tmp_path, f"--xip-rules={rules}")
    first, page = incompressible(rng, PAGE), incompressible(rng, PAGE)
    updates.made(file(b"f", stored(page, direct=True, at=0x1000), deflated(b"x")),
                 file(b"g", deflated(first), stored(page, direct=True, at=0x1000), deflated(b"x", direct=True, at=0x4000)),
                 least_size=0x5000)
    assert updates.update()["kept"]
    updates.assert_like_itself()


def test_what_is_to_be_stored_shares_no_block_that_another_file_has_compressed(tmp_path):
    rng = random.Random(15)
    rules = tmp_path / "rules"
    rules.write_text("/f stored\n/z stored\n")
    updates = Updates(tmp_path, f"--xip-rules={rules}")
    first, page = incompressible(rng, PAGE), compressible(rng, PAGE)
    updates.made(file(b"f", stored(first), deflated(page, direct=True)), least_size=0x5000)  # stored there, it would be lost
    (updates.tree / "z").write_bytes(page + incompressible(rng, 1000))
    assert updates.update()["kept"]
    assert b" 0 deflated, 2 stored" in run_well("cramfs-dump", "--stat=/z", updates.image)
    updates.assert_like_itself()


@pytest.mark.parametrize("more, options", [(0, ["--pad-to={}"]), (PAGE, ["--pad-to=erase-block", "--max-size={}"])])
def test_what_would_be_too_large_when_padded_is_laid_out_afresh(more, options, tmp_path):
    rng = random.Random(9)
    updates = Updates(tmp_path, "--erase-block=8K")
    for name in ("a", "b"):
        (updates.tree / name).write_bytes(incompressible(rng, 6 * PAGE))
    updates.fresh()
    (updates.tree / "a").write_bytes(incompressible(rng, 7 * PAGE))
    fresh = tmp_path / "fresh.img"
    run_well("mkcramfs-xip", "-q", "--pad-to=erase-block", "--erase-block=8K", updates.tree, fresh)
    size = fresh.stat().st_size
    assert updates.update(*(option.format(size + more) for option in options))["kept"] is False
    assert updates.image.stat().st_size == size


def test_what_is_laid_out_like_the_image_it_replaces_does_not_depend_on_itself(tmp_path):
    updates = Updates(tmp_path)
    updates.fresh()
    rule = tmp_path / "rule.d"
    run_well("mkcramfs-xip", "-q", "--force", f"--like={updates.image}", f"--depfile={rule}", updates.tree, updates.image)
    assert rule.read_text().count(str(updates.image)) == 1 and str(updates.tree) in rule.read_text()


def test_much_room_in_small_erase_blocks_is_looked_at_once(tmp_path):
    """When each was searched from its beginning to its end, that took hours."""
    updates = Updates(tmp_path)
    updates.made(file(b"far", deflated(bytes(range(256)), direct=True, at=0x7000000)), least_size=0x7001000)
    for number in range(3):
        (updates.tree / f"new{number}").write_bytes(incompressible(random.Random(number), 9000))
    run_well("mkcramfs-xip", "-q", "--erase-block=256", f"--like={updates.image}", updates.tree, tmp_path / "new.img", timeout=600)


# -- runs in place that move for a longer one --------------------------------------------------------------------

def flat_program(rng, size):
    return flat.flat_file(size, incompressible(rng, size))


def elf_program(rng, size, more=b""):
    segments, _ = elf.text_in_the_middle(0, size, len(more))
    return elf.elf_file(elf.Form(), segments, incompressible(rng, size) + more)


def run_at(data, offset):
    """Its pages, in place one after the other."""
    return [stored(data[at:at + PAGE], direct=True, at=offset + at) for at in range(0, len(data), PAGE)]


def test_what_stands_close_behind_a_run_without_mmu_is_not_written_over_when_the_run_makes_way(tmp_path):
    rng = random.Random(3)
    updates = Updates(tmp_path, "--kernel=nommu")
    behind = bytes(range(256)) * 3 + incompressible(rng, 1500)
    updates.made(file(b"a", *run_at(flat_program(rng, 0x1dfc), 0x200)),
                 file(b"b", *run_at(flat_program(rng, 3 * PAGE - 1), 0x2000)),
                 file(b"c", *run_at(flat_program(rng, PAGE + 100), 0x5000)),
                 file(b"d", deflated(behind, direct=True, at=0x5000 + PAGE + 100)),
                 file(b"e", *run_at(flat_program(rng, 2 * PAGE + 50), 0x9000)), least_size=0xd000)
    (updates.tree / "b").unlink()
    (updates.tree / "f").write_bytes(flat_program(rng, 3 * PAGE + PAGE + 100 + 20))
    updates.update()


def test_what_a_plain_pointer_reaches_from_the_end_of_a_run_moves_when_the_run_makes_way(tmp_path):
    rng = random.Random(4)
    updates = Updates(tmp_path, "--kernel=nommu")
    program, data = flat_program(rng, 2 * PAGE), bytes(range(200)) * 20
    program = flat.flat_file(2 * PAGE, program + data)
    updates.made(file(b"a", *run_at(flat_program(rng, 0x1dfc), 0x200)),
                 file(b"b", *run_at(flat_program(rng, 3 * PAGE - 1), 0x2000)),
                 file(b"c", *run_at(program[:2 * PAGE], 0x5000), deflated(data)),
                 file(b"d", *run_at(flat_program(rng, 2 * PAGE + 50), 0x9000)), least_size=0xd000)
    (updates.tree / "b").unlink()
    (updates.tree / "e").write_bytes(flat_program(rng, 5 * PAGE - 64))
    updates.update()


def test_a_run_without_mmu_goes_into_room_of_less_than_a_page_where_no_other_is_in_place(tmp_path):
    rng = random.Random(14)
    updates = Updates(tmp_path, "--kernel=nommu")
    updates.made(file(b"a", *run_at(flat_program(rng, 400), 0x400)),
                 file(b"b", deflated(bytes(range(256)), direct=True, at=0x800)), least_size=0x1000)
    (updates.tree / "a").unlink()
    (updates.tree / "c").write_bytes(flat_program(rng, 500))
    updates.update()
    assert updates.image.stat().st_size == 0x1000


def test_runs_that_have_only_some_pages_in_common_do_not_make_way(tmp_path):
    rng = random.Random(5)
    updates = Updates(tmp_path)
    second = elf_program(rng, 2 * PAGE - 60)
    first = elf_program(rng, 2 * PAGE, bytes(44))
    first = first[:PAGE] + second[:PAGE] + first[2 * PAGE:]
    updates.made(file(b"a", *run_at(elf_program(rng, 6 * PAGE - 1), 0x2000)),
                 file(b"b", *run_at(first[:2 * PAGE], 0x8000), deflated(first[2 * PAGE:], direct=True, at=0xe000)),
                 file(b"c", *run_at(second, 0x9000)),
                 file(b"d", *run_at(elf_program(rng, 2 * PAGE + 50), 0xb000)), least_size=0xf000)
    (updates.tree / "a").unlink()
    (updates.tree / "e").write_bytes(elf_program(rng, 8 * PAGE - 20))
    updates.update(slack=20)


def test_a_run_with_a_word_of_zeroes_for_holes_behind_its_end_is_not_given_both(tmp_path):
    rng = random.Random(6)
    updates = Updates(tmp_path)
    updates.made(file(b"a", *run_at(elf_program(rng, 6 * PAGE - 1), 0x2000)),
                 file(b"b", *run_at(elf_program(rng, 2 * PAGE - 100), 0x8000)),
                 file(b"c", deflated(bytes(range(256)) * 16, direct=True, at=0xe000), hole(direct=True, at=0x9ff0),
                      deflated(b"end", direct=True, at=0xf000), size=2 * PAGE + 3),
                 file(b"d", *run_at(elf_program(rng, 2 * PAGE + 50), 0xb000)), least_size=0x10000)
    (updates.tree / "c").write_bytes(bytes(range(256)) * 16 + bytes(PAGE) + b"end")
    (updates.tree / "a").unlink()
    (updates.tree / "e").write_bytes(elf_program(rng, 8 * PAGE - 20))
    updates.update(slack=20)


# -- blocks whose last or first bytes share their 4 with what moves there ------------------------------------------------

def deflated_of(rng, rest):
    """A page whose deflated block has that many bytes, modulo 4."""
    page = compressible(rng, PAGE)
    while len(deflated(page).raw) % 4 != rest:
        page = compressible(rng, PAGE)
    return page


def ending_at(end, page):
    """The block of a page, reached by a direct pointer, that ends there."""
    return deflated(page, direct=True, at=end - 2 - len(deflated(page).raw))


def test_a_block_that_ends_a_byte_into_the_page_that_a_run_grows_to_moves(tmp_path):
    rng = random.Random(10)
    updates = Updates(tmp_path)
    program, page = elf_program(rng, 3 * PAGE - 100), deflated_of(rng, 3)
    updates.made(file(b"a", deflated(program[:PAGE]), *run_at(program[PAGE:], 0x5000)),
                 file(b"b", ending_at(0x4001, page), deflated(b"old")), least_size=0x8000)
    (updates.tree / "a").write_bytes(program)
    (updates.tree / "b").write_bytes(page + b"new")
    updates.update()


def test_a_block_whose_length_stands_where_a_run_without_mmu_grows_to_moves(tmp_path):
    rng = random.Random(11)
    updates = Updates(tmp_path, "--kernel=nommu")
    program, page = flat_program(rng, 2 * PAGE + 100), compressible(rng, PAGE)
    updates.made(file(b"a", *run_at(program, 0x2000)),
                 file(b"b", deflated(page, direct=True, at=0x2000 + len(program)), deflated(b"old")), least_size=0x6000)
    (updates.tree / "a").write_bytes(flat_program(rng, 2 * PAGE + 102))
    (updates.tree / "b").write_bytes(page + b"new")
    updates.update()


def test_a_block_whose_length_stands_where_a_directory_grows_to_moves(tmp_path):
    rng = random.Random(12)
    updates = Updates(tmp_path)
    page = compressible(rng, PAGE)
    names = [b"four", b"more"]
    updates.image.write_bytes(Image(Shape(), directory(b"d", *(link(name, b"x") for name in names), at=0x1000),
                                    file(b"e", deflated(page, direct=True, at=0x1000 + 2 * 16), deflated(b"old")),
                                    least_size=0x6000).bytes())
    (updates.tree / "d").mkdir()
    for name in ("four", "morelong"):
        (updates.tree / "d" / name).symlink_to("x")
    (updates.tree / "e").write_bytes(page + b"new")
    updates.update()


def test_slots_that_stay_share_no_run_that_begins_in_front_of_them(tmp_path):
    """The first page of z is now that of a, and so is the second; but the second stays, and the third comes after
    it."""
    rng = random.Random(10)
    first, second, third, other, changed, last = (compressible(rng, PAGE) for _ in range(6))
    updates = Updates(tmp_path)
    (updates.tree / "y").write_bytes(other + second + third)
    (updates.tree / "z").write_bytes(first + second + third)
    updates.fresh()
    (updates.tree / "a").write_bytes(changed + second + last)
    (updates.tree / "z").write_bytes(changed + second + third)
    assert updates.update()["kept"]
    updates.assert_like_itself()
