"""--like: an image is laid out like an older one, or a message says why not."""
import json
import random
import shutil

import pytest

import elf
import extents
import flat
import trees
from tools import CLEAN, OPERATIONAL, USAGE, run, run_well

PAGE = 4096
LINES = b"".join(b"%d: a line of a file\n" % number for number in range(2000))


def program(seed, pages):
    rng = random.Random(seed)
    segments, size = elf.text_only(pages * PAGE)
    return elf.elf_file(elf.Form(), segments, trees.incompressible(rng, size))


class Release:
    """A tree, and the image that is there."""

    def __init__(self, work, *options):
        self.work, self.tree, self.options = work, work / "tree", ["-q", *options]
        self.old, self.new, self.stats = work / "old.img", work / "new.img", work / "stats.json"
        self.tree.mkdir()
        (self.tree / "etc").mkdir()
        (self.tree / "etc/rc").write_bytes(LINES)
        (self.tree / "etc/zz").write_bytes(LINES[5:9000])
        for number, pages in enumerate((30, 4, 50, 3)):
            (self.tree / f"program{number}").write_bytes(program(number, pages))

    def pack(self):
        run_well("mkcramfs-xip", *self.options, self.tree, self.old)
        return self.old.read_bytes()

    def run(self, *more, old=None, out=None):
        return run("mkcramfs-xip", *self.options, f"--like={old or self.old}", f"--stats=json:{self.stats}", *more,
                   self.tree, out or self.new)

    def update(self, *more):
        done = self.run("--erase-block=4K", *more)
        assert done.returncode == CLEAN, done.stderr
        checked = run("cramfsck", "-E", self.new)
        assert checked.returncode == CLEAN, checked.stderr
        return json.loads(self.stats.read_text())["like"]

    def places(self, image):
        """{(path and blocks, kind): (offset, length)}"""
        rows = [line.split(None, 3) for line in run_well("cramfs-dump", "--extents", image).decode().splitlines()[1:]]
        return {(row[3], row[2]): (int(row[0]), int(row[1])) for row in rows if len(row) > 3}


@pytest.fixture
def release(tmp_path):
    return Release(tmp_path)


def direct_pages(image):
    return json.loads(run_well("cramfsck", "--xip-report=json", image))["totals"]["direct_pages"]


def test_only_what_changed_is_written(release):
    release.pack()
    (release.tree / "etc/rc").write_bytes(LINES.replace(b"700: a line", b"700: A line"))
    told = release.update()
    assert told["kept"] and told["differing"] <= told["least"] + 1 <= 4
    before, after = release.places(release.old), release.places(release.new)
    moved = {key for key in before if before[key] != after.get(key)}
    assert all(path.startswith("/etc/rc") for path, _ in moved), moved


def test_a_block_that_still_fits_stays_in_its_place(release):
    """A page of few words takes fewer bytes than one of numbers."""
    release.pack()
    (release.tree / "etc/rc").write_bytes(LINES[:PAGE] + b"x" * PAGE + LINES[2 * PAGE:])
    told = release.update()
    assert release.places(release.old) == release.places(release.new)
    assert told["differing"] <= 4
    said = run("cramfsck", "-v", release.new)
    assert said.returncode == CLEAN and b"block-slack" not in said.stderr  # zeroes after the stream


def numbers(seed, pages):
    """Pages that compress to about half, each to another length."""
    rng = random.Random(seed)
    return b"".join(b"%d\n" % rng.randrange(10**9) for _ in range(pages * 500))[:pages * PAGE]


@pytest.mark.parametrize("shift", range(4))
def test_a_file_that_has_grown_by_a_page_keeps_its_compressed_pages(release, shift):
    """The longer pointer table has no room. The first page gets a direct pointer where it is, the others keep their plain ones."""
    data = numbers(4 + shift, 60)
    (release.tree / "etc/grown").write_bytes(data)
    release.pack()
    (release.tree / "etc/grown").write_bytes(data + numbers(9, 1))
    told = release.update()
    assert told["kept"] and told["differing"] <= 5
    before, after = release.places(release.old), release.places(release.new)
    assert after["/etc/grown", "table"] != before["/etc/grown", "table"]
    offset, length = before["/etc/grown blocks 0-59", "deflated"]
    assert any(place[0] <= offset and offset + length <= sum(place) for (path, kind), place in after.items()
               if path.startswith("/etc/grown blocks 0-") and kind == "deflated"), after
    assert run_well("cramfs-dump", "--cat=/etc/grown", release.new) == data + numbers(9, 1)


def test_pages_that_go_in_place_move_none_of_those_after_them(release):
    segments, size = elf.text_only(6 * PAGE)
    data = elf.elf_file(elf.Form(), segments, numbers(3, 7)[:size]) + numbers(4, 60)
    (release.tree / "program4").write_bytes(data)
    rules = release.work / "rules"
    rules.write_text("program4 compressed\n")
    run_well("mkcramfs-xip", *release.options, f"--xip-rules={rules}", release.tree, release.old)
    told = release.update("--slack=20")
    assert told["kept"] and told["differing"] <= 6 + 5
    assert direct_pages(release.new) == direct_pages(release.old) + 6
    assert run_well("cramfs-dump", "--cat=/program4", release.new) == data


def test_a_renamed_file_keeps_its_place(release):
    release.pack()
    (release.tree / "program2").rename(release.tree / "etc/renamed")
    told = release.update()
    before, after = release.places(release.old), release.places(release.new)
    assert after["/etc/renamed", "table"] == before["/program2", "table"]
    run_key = next(key for key in before if key[0].startswith("/program2 ") and key[1] == "in-place")
    assert after[run_key[0].replace("/program2", "/etc/renamed"), "in-place"] == before[run_key]
    assert told["differing"] <= 2


def test_another_mode_moves_no_data(release):
    release.pack()
    (release.tree / "program2").chmod(0o755)
    assert release.update()["differing"] == 1
    assert release.places(release.old) == release.places(release.new)


def test_room_of_what_was_removed_is_used(release):
    size = len(release.pack())
    (release.tree / "program2").unlink()
    (release.tree / "aprogram").write_bytes(program(9, 45))
    told = release.update("--slack=10")
    assert told["kept"] and release.new.stat().st_size == size


def test_a_program_that_has_grown_does_not_leave_its_room_behind(release):
    """The shorter one after it moves."""
    size = len(release.pack())
    before = direct_pages(release.old)
    (release.tree / "program2").write_bytes(program(2, 52))
    told = release.update("--slack=10")
    assert told["kept"] and release.new.stat().st_size <= size + 8 * PAGE
    assert direct_pages(release.new) == before + 2
    first = program(0, 30)
    assert release.new.read_bytes().count(first[:PAGE]) == 1


def scattered(release):
    """Twelve programs of a page, each in an erase block of 64 KiB of its own, and changed."""
    for number in range(12):
        (release.tree / f"{number:02}").write_bytes(program(100 + number, 2))
        (release.tree / f"{number:02}-large").write_bytes(program(200 + number, 18))
    release.pack()
    for number in range(12):
        path = release.tree / f"{number:02}"
        data = path.read_bytes()
        path.write_bytes(data[:2000] + b"changed" + data[2007:])


def test_small_programs_that_change_far_from_each_other_are_written_together(release):
    scattered(release)
    told = release.update("--erase-block=64K")
    assert told["kept"] and told["differing"] <= 4
    assert direct_pages(release.new) == direct_pages(release.old)
    release.old.write_bytes(release.new.read_bytes())
    assert release.update("--erase-block=64K")["differing"] == 0


@pytest.mark.parametrize("options", [["--erase-block=64K", "--slack=1"], ["--erase-block=4K"]])
def test_where_that_would_be_too_large_or_gain_nothing_they_are_written_where_they_are(release, options):
    scattered(release)
    told = release.update(*options)
    assert told["kept"] and 12 <= told["differing"] <= 16
    assert len(release.new.read_bytes()) == len(release.old.read_bytes())


def test_what_is_new_goes_where_a_program_is_rewritten(release):
    for number in range(12):
        (release.tree / f"more{number:02}").write_bytes(program(100 + number, 7))
    release.pack()
    for number in 3, 6, 9:
        (release.tree / f"more{number:02}").unlink()
    (release.tree / "more05").write_bytes(program(400, 7))
    room = release.places(release.old)["/more06 blocks 0-5", "in-place"]
    (release.tree / "new").write_bytes(program(500, 7))
    assert release.update("--erase-block=64K", "--slack=20")["kept"]
    assert release.places(release.new)["/new blocks 0-5", "in-place"] == room


def test_a_shared_block_stays_while_an_owner_lives(release):
    data = trees.incompressible(random.Random(5), 3 * PAGE + 100)
    for name, mode in (("a", 0o644), ("b", 0o600)):
        (release.tree / name).write_bytes(data)
        (release.tree / name).chmod(mode)
    old = release.pack()
    assert old.count(data[:PAGE]) == 1
    (release.tree / "a").unlink()
    release.update()
    new = release.new.read_bytes()
    assert new.count(data[:PAGE]) == 1 and new.index(data[:PAGE]) == old.index(data[:PAGE])


def test_a_name_more_in_the_root_makes_what_is_behind_make_way(release):
    release.pack()
    (release.tree / "another").write_bytes(b"new")
    told = release.update()
    assert told["kept"] and told["differing"] <= 4
    assert b"another" in run_well("cramfs-dump", release.new)


def test_a_name_more_in_each_directory_moves_none_of_their_files(release):
    for number in range(60):
        (release.tree / f"d{number:02}").mkdir()
        for name in range(60):
            (release.tree / f"d{number:02}/{name}").write_bytes(b"%d\n" % (number * 100 + name) * 20)
    release.pack()
    for number in range(60):
        (release.tree / f"d{number:02}/more").write_bytes(b"more\n")
    told = release.update()
    assert told["kept"] and told["differing"] <= told["least"] + 3


def test_bytes_of_what_was_removed_stay_where_nothing_is_written(release):
    """As the manual says; and they are gone without --like."""
    release.pack()
    secret = program(2, 50)[20 * PAGE:21 * PAGE]
    (release.tree / "program2").unlink()
    release.update("--slack=1000")
    assert secret in release.new.read_bytes()
    run_well("mkcramfs-xip", "-q", release.tree, release.new)
    assert secret not in release.new.read_bytes()


def test_past_the_slack_it_is_laid_out_afresh_and_told(release):
    release.pack()
    for number in (0, 2):
        (release.tree / f"program{number}").unlink()
    told = release.update("--slack=1000")
    assert told["kept"] and told["fresh_size"] < release.new.stat().st_size
    done = release.run("--slack=5", "--erase-block=4K")
    told = json.loads(release.stats.read_text())["like"]
    assert done.returncode == CLEAN and told["slack"] == 5
    fresh = release.work / "fresh.img"
    run_well("mkcramfs-xip", "-q", release.tree, fresh)
    if not told["kept"]:
        assert release.new.read_bytes() == fresh.read_bytes()
        assert b"note: laid out from scratch: " in done.stderr and b"from scratch, not like" in done.stdout
    assert release.new.stat().st_size <= fresh.stat().st_size * 1.05


def test_growth_past_the_slack_is_laid_out_afresh(tmp_path):
    """One program, which has grown: its room would be left, and nothing can make way."""
    release = Release(tmp_path)
    for number in (0, 1, 3):
        (release.tree / f"program{number}").unlink()
    release.pack()
    (release.tree / "program2").rename(release.tree / "a")
    (release.tree / "a").write_bytes(program(2, 51))
    (release.tree / "b").write_bytes(program(0, 50))
    done = release.run("--slack=0", "--erase-block=64K")
    told = json.loads(release.stats.read_text())["like"]
    fresh = release.work / "fresh.img"
    run_well("mkcramfs-xip", "-q", release.tree, fresh)
    assert done.returncode == CLEAN and release.new.stat().st_size == told["fresh_size"] == fresh.stat().st_size


def test_the_largest_size_counts(release):
    release.pack()
    (release.tree / "program2").unlink()
    size = json.loads(release.stats.read_text())["like"]["fresh_size"] if release.update("--slack=1000") else 0
    done = release.run("--slack=1000", f"--max-size={size}")
    assert done.returncode == CLEAN, done.stderr
    assert release.new.stat().st_size <= size


def test_a_pipe_gets_the_same_bytes(release):
    release.pack()
    (release.tree / "etc/rc").write_bytes(LINES[7:])
    release.update()
    piped = run("mkcramfs-xip", "-q", f"--like={release.old}", "--erase-block=4K", release.tree, "-")
    assert piped.stdout == release.new.read_bytes()
    assert b" erase blocks of 4096 bytes differ, " in piped.stderr


def test_the_older_image_may_be_replaced(release):
    release.pack()
    (release.tree / "etc/rc").write_bytes(LINES[7:])
    release.update()
    shutil.copy(release.old, release.work / "copy.img")
    assert release.run("--force", "--erase-block=4K", out=release.old).returncode == CLEAN
    assert release.old.read_bytes() == release.new.read_bytes()


def test_the_summary_counts_as_a_comparison_does(release):
    release.pack()
    (release.tree / "etc/rc").write_bytes(LINES[7:])
    done = release.run("--erase-block=8K")
    line = done.stdout.decode().splitlines()[-1]
    compared = run("cramfs-dump", "--diff", "--erase-block=8K", release.old, release.new).stdout.decode().splitlines()[-1]
    assert line.startswith(f"like {release.old}: {compared}; ")
    assert str(release.old) in run_well("mkcramfs-xip", "-q", "--quiet", f"--like={release.old}", "--depfile=/dev/stdout",
                                        release.tree, release.new).decode()


def test_where_no_room_is_left_for_what_inodes_point_to_it_is_laid_out_afresh(release):
    """Tables must be below 256 MiB, and all of that is full."""
    release.options = ["--xip=none", "--level=1"]
    rng = random.Random(1)
    for number in range(18):
        (release.tree / f"large{number:02}").write_bytes(rng.randbytes((16 << 20) - 1))
    release.pack()
    (release.tree / "more").write_bytes(b"a name more in the root\n")
    done = release.run("--erase-block=64K")
    assert done.returncode == CLEAN
    assert b"leaves no room for the new files within the format's limits" in done.stderr
    assert not json.loads(release.stats.read_text())["like"]["kept"]
    assert run("cramfsck", "-E", release.new).returncode == CLEAN
    # Removed files leave room for it.
    (release.tree / "large03").unlink()
    assert release.update("--slack=100")["differing"] < 20
    shutil.rmtree(release.work)  # pytest would keep it


@pytest.mark.parametrize("old, new, said", [
    (["-N", "big"], [], "big-endian byte order; build with --endian=big"),
    ([], ["-N", "big"], "little-endian byte order; build with --endian=little"),
    (["-b", "16K"], [], "has pages of 16384 bytes, not 4096; build with --block-size=16384"),
    ([], ["-b", "8K"], "has pages of 4096 bytes, not 8192; build with --block-size=4096"),
])
def test_another_form_is_refused(tmp_path, old, new, said):
    release = Release(tmp_path, *old)
    release.pack()
    release.options = ["-q", *new]
    done = release.run()
    assert done.returncode == USAGE and said in done.stderr.decode() and not release.new.exists()
    assert str(release.old) in done.stderr.decode()


def test_another_kernel_is_refused(tmp_path):
    """Programs for one without an MMU begin where no page does."""
    release = Release(tmp_path, "--kernel=nommu")
    for number in range(4):
        (release.tree / f"flat{number}").write_bytes(flat.flat_file(5 * PAGE + 100 * number, trees.compressible(random.Random(number), 6 * PAGE + 100 * number)))
    release.pack()
    release.options = ["-q"]
    done = release.run()
    assert done.returncode == USAGE and b"without an MMU" in done.stderr and not release.new.exists()
    release.options = ["-q", "--kernel=nommu"]
    assert release.run().returncode == CLEAN and release.new.read_bytes() == release.old.read_bytes()


def test_pages_that_no_compressor_makes_smaller_do_not_tell_for_which_kernel_they_are(tmp_path):
    """They are stored wherever they happen to lie, also where the other kind of kernel would map them."""
    release = Release(tmp_path, "--kernel=nommu")
    for number in range(4):
        data = trees.incompressible(random.Random(number), 6 * PAGE + 100 * number)
        (release.tree / f"flat{number}").write_bytes(flat.flat_file(5 * PAGE + 100 * number, data))
    release.pack()
    release.options = ["-q"]
    assert release.run("--slack=100").returncode == CLEAN
    assert run("cramfsck", "-E", release.new).returncode == CLEAN


@pytest.mark.parametrize("damage, code", [("missing", OPERATIONAL), ("text", OPERATIONAL), ("bit", OPERATIONAL)])
def test_what_is_no_sound_image_is_refused(release, damage, code):
    data = bytearray(release.pack())
    data[len(data) // 2] ^= 1
    other = release.work / "other.img"
    if damage != "missing":
        other.write_bytes(data if damage == "bit" else b"text " * 5000)
    done = release.run(old=other)
    assert done.returncode == code and str(other) in done.stderr.decode() and not release.new.exists()


@pytest.mark.parametrize("options, said", [
    (["--erase-block=128"], "--erase-block: with --like it must be at least 256 bytes"),
    (["--slack=1001"], "--slack: 1001 is not between 0 and 1000"),
    (["--slack=x"], "--slack: "),
])
def test_wrong_values_are_refused(release, options, said):
    release.pack()
    done = release.run(*options)
    assert done.returncode == USAGE and said in done.stderr.decode()


def test_erase_blocks_smaller_than_anything_work(release):
    release.pack()
    (release.tree / "etc/rc").write_bytes(LINES[7:])
    release.update()
    assert release.run("--erase-block=256").returncode == CLEAN
    told = json.loads(release.stats.read_text())["like"]
    assert told["erase_block"] == 256 and told["least"] <= told["differing"] < 40


@pytest.mark.parametrize("erase_block", [256, 4 << 10, 64 << 10, 192 << 10, 1 << 20])
def test_the_summary_counts_what_a_comparison_counts(release, erase_block):
    """Of the new image, only pieces of 64 KiB that differ are read into memory: the counts do not depend on it."""
    seed = 20261128
    print("seed", seed)
    rng = random.Random(seed)
    for number in range(12):
        (release.tree / f"noise{number}").write_bytes(rng.randbytes(rng.randrange(300 << 10)))
    release.pack()
    for number in (1, 4, 9):
        noise = bytearray((release.tree / f"noise{number}").read_bytes())
        noise[len(noise) // 2] ^= 1
        (release.tree / f"noise{number}").write_bytes(noise)
    (release.tree / "added").write_bytes(rng.randbytes(70 << 10))
    assert release.run(f"--erase-block={erase_block}", "--slack=50").returncode == CLEAN
    told = json.loads(release.stats.read_text())["like"]
    compared = json.loads(run("cramfs-dump", "--diff", "--json", f"--erase-block={erase_block}", release.old,
                              release.new).stdout)["erase_blocks"]
    assert (told["differing"], told["least"]) == (compared["differing"], compared["least"])
    assert 0 < told["least"] <= told["differing"]


def test_extents_in_order_do_not_overlap(release):
    release.pack()
    (release.tree / "program0").write_bytes(program(0, 33))
    release.update("--slack=50")
    end = 0
    for offset, length, _ in extents.read(run_well("cramfs-dump", "--extents", release.new)):
        assert offset == end
        end = offset + length


def fresh_size(release, *more):
    return release.update("--slack=1000", *more)["fresh_size"]


@pytest.fixture
def at_level_1(release):
    """With a file that level 9 makes pages shorter, in an image of level 1."""
    rng = random.Random(7)
    words = [bytes(rng.choices(b"etaoinshrdlu", k=6)) for _ in range(400)]
    (release.tree / "etc/text").write_bytes(b" ".join(rng.choices(words, k=60000)))
    release.options += ["--xip=none", "--level=1"]
    release.old_size = len(release.pack())
    release.options[-1] = "--level=9"
    run_well("mkcramfs-xip", *release.options, release.tree, release.work / "nine.img")
    assert (release.work / "nine.img").stat().st_size < release.old_size
    return release


def test_pages_that_the_older_image_has_are_not_compressed_again(at_level_1):
    """Laid out from scratch it has these bytes, too: it is as long as an image of level 1, although level 9 is
    requested."""
    assert fresh_size(at_level_1) == at_level_1.old_size


def test_pages_of_files_that_moved_are_not_compressed_again(at_level_1):
    (at_level_1.tree / "etc").rename(at_level_1.tree / "dir") # a name as long
    assert fresh_size(at_level_1) == at_level_1.old_size


def test_pages_that_changed_are_compressed(at_level_1):
    path = at_level_1.tree / "etc/text"
    text = path.read_bytes()[::-1]
    path.write_bytes(text)
    assert fresh_size(at_level_1) < at_level_1.old_size
    assert run_well("cramfs-dump", "--cat=/etc/text", at_level_1.new) == text
