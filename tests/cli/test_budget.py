"""--xip-budget, --xip-profile and --explain: what is in place for how many bytes."""
import json
import os
import pathlib
import random
import re
import zlib

import pytest

import elf
from tools import OPERATIONAL, USAGE, run, run_well

PAGE = 4096


def program(pages, tail=100, segments=None):
    """A program of one read-only segment over these pages (bytes, or None for a page of zeroes), and a tail."""
    payload = b"".join(page if page is not None else bytes(PAGE) for page in pages) + b"t" * tail
    segments = segments or [elf.Segment(elf.R | elf.X, 0, len(payload), 0x8000)]
    return elf.elf_file(elf.Form(kind=elf.ET_EXEC), segments, payload)


def noise(seed, size=PAGE):
    return random.Random(seed).randbytes(size)


def soft(seed, hard=PAGE // 2):
    """A page in which only that many bytes do not compress."""
    return noise(seed, hard) + bytes(PAGE - hard)


class Bench:
    def __init__(self, root, image):
        self.root, self.image = root, image
        root.mkdir(exist_ok=True)

    def add(self, name, data, mode=0o755):
        (self.root / name).write_bytes(data)
        (self.root / name).chmod(mode)

    def size(self, *options):
        run_well("mkcramfs-xip", "-q", *options, self.root, self.image)
        run_well("cramfsck", self.image)
        return self.image.stat().st_size

    def choice(self, *options):
        stats = self.image.with_suffix(".json")
        run_well("mkcramfs-xip", "-q", f"--stats=json:{stats}", *options, self.root, self.image)
        run_well("cramfsck", self.image)
        return json.loads(stats.read_text())["choice"]

    def direct(self, *options):
        """{name: the number of direct pages of its read-only mappings}."""
        report = json.loads(run_well("cramfsck", "--xip-report=json", *options, self.image))
        return {file["path"][1:]: sum(m["direct_pages"] for m in file["mappings"]) for file in report["files"]}


@pytest.fixture(name="bench")
def make_bench(tmp_path, image):
    return Bench(tmp_path / "tree", image)


@pytest.fixture(name="mixed")
def make_mixed(bench):
    for number in range(6):
        pages = [soft(100 * number + page, 300 * (page + number) % PAGE) for page in range(9)]
        bench.add(f"p{number}", program(pages))
    return bench


def test_cost_is_the_size_over_that_with_nothing_in_place_and_never_over_the_budget(mixed):
    bare = mixed.size("--xip=none")
    full = mixed.size()
    for budget in (0, 1, PAGE - 1, PAGE, 3 * PAGE, 50000, full - bare - 1, full - bare, full):
        found = mixed.choice(f"--xip-budget={budget}")
        size = mixed.image.stat().st_size
        assert found["cost"] == size - bare <= budget
        assert found["full_cost"] == full - bare
        assert found["pages"] == sum(mixed.direct().values())
        assert found["pages"] + found["left_pages"] == 60


def shares(said):
    """The cost that --explain prints for each file."""
    return [int(cost) for cost in re.findall(r"; costs (\d+) bytes of flash", said)]


@pytest.mark.parametrize("kernel", ["mmu", "nommu"])
def test_shares_of_files_add_up_to_the_cost(mixed, kernel):
    """Equal files, links, pages that are free, and none at all."""
    for name in ("p1", "p2"):
        mixed.add(f"{name}.twin", (mixed.root / name).read_bytes(), mode=0o700)
        os.link(mixed.root / name, mixed.root / f"{name}.link")
    mixed.add("free", program([noise(1), noise(2)], tail=0) + noise(3, 77))
    for budget in ("0", "20000", "70000", "1G"):
        said = run_well("mkcramfs-xip", "-q", "--explain", f"--kernel={kernel}", f"--xip-budget={budget}", mixed.root,
                        mixed.image).decode()
        cost = int(re.search(r"^in place: (\d+) bytes of flash", said, re.MULTILINE)[1])
        assert len(shares(said)) == 11 and sum(shares(said)) == cost
    assert cost > 0 or kernel == "nommu"


def test_padding_alone_is_charged_to_the_pages_that_it_is_for(bench):
    bench.add("data", bytes(PAGE - 300), mode=0o644)
    bench.add("free", program([noise(1)], tail=0) + noise(3, 77))
    for filler in range(0, PAGE, 512):
        bench.add("filler", noise(4, filler), mode=0o644)
        said = run_well("mkcramfs-xip", "-q", "--explain", bench.root, bench.image).decode()
        cost = int(re.search(r"^in place: (\d+) bytes of flash", said, re.MULTILINE)[1])
        assert sum(shares(said)) == cost == bench.image.stat().st_size - bench.size("--xip=none")


def test_a_budget_of_just_the_cost_leaves_no_page_out(mixed):
    full = mixed.size() - mixed.size("--xip=none")
    found = mixed.choice(f"--xip-budget={full}")
    assert (found["cost"], found["left_pages"]) == (full, 0)
    assert mixed.choice(f"--xip-budget={full - 1}")["left_pages"] > 0


def test_more_budget_never_saves_less(mixed):
    pages = [mixed.choice(f"--xip-budget={budget}")["pages"] for budget in range(0, 200000, 10000)]
    assert pages == sorted(pages) and pages[0] < pages[-1]


def test_no_budget_and_one_that_is_enough_give_the_same_bytes(mixed, tmp_path):
    mixed.size()
    whole = mixed.image.read_bytes()
    for options in (["--xip-budget=1G"], ["--explain"], ["--explain", "-j1"], ["--xip-budget=1G", "-j5"]):
        mixed.size(*options)
        assert mixed.image.read_bytes() == whole
    mixed.size("--xip=none")
    bare = mixed.image.read_bytes()
    mixed.size("--xip-budget=0")
    assert mixed.image.read_bytes() == bare


def test_a_tree_without_bytes_has_nothing_to_choose(bench):
    bench.add("empty", b"")
    choice = bench.choice("--xip-budget=64K")
    assert (choice["pages"], choice["cost"]) == (0, 0)


def test_pages_that_do_not_compress_are_free(bench):
    bench.add("free", program([noise(1), noise(2)], tail=0) + noise(3, 77))
    bench.add("dear", program([soft(4, 10), soft(5, 10)]))
    bench.choice(f"--xip-budget={PAGE // 2}")
    assert bench.direct() == {"free": 2, "dear": 0}


def test_free_pages_behind_dear_ones_are_bought_with_them(bench):
    bench.add("behind", program([soft(1, 10), noise(2), noise(3), noise(4)]))
    bench.add("alone", program([soft(5, 10), soft(6, 10)]))
    bench.choice(f"--xip-budget={PAGE}")
    assert bench.direct() == {"behind": 4, "alone": 0}


def test_a_page_of_zeroes_costs_a_page(bench):
    bench.add("p", program([noise(1), None, noise(2)], tail=0) + b"t")
    found = bench.choice("--explain")
    assert found["full_cost"] >= PAGE
    bench.choice(f"--xip-budget={PAGE - 1}")
    assert bench.direct() == {"p": 1}


def test_the_last_page_of_whole_pages_saves_nothing(bench):
    bench.add("p", program([noise(1), noise(2)], tail=0))
    found = bench.choice("--explain")
    assert found["pages"] == 1 and found["left_pages"] == 0


def test_equal_files_cost_once_and_save_each(bench):
    data = program([soft(1, 2000), soft(2, 2000)])
    bench.add("a", data)
    alone = bench.choice("--explain")
    bench.add("b", data, mode=0o700)
    bench.add("c", data, mode=0o500)
    both = bench.choice("--explain")
    assert both["pages"] == 3 * alone["pages"]
    assert both["full_cost"] <= alone["full_cost"] + PAGE
    bench.add("other", program([soft(3, 2100), soft(4, 2100)]))
    bench.choice(f"--xip-budget={both['full_cost']}")
    direct = bench.direct()
    assert direct.pop("other") <= 1  # what padding leaves
    assert direct == {"a": 3, "b": 3, "c": 3}


def test_equal_segments_of_unequal_files_are_in_place_together(bench):
    text = [soft(1, 2000), soft(2, 2000), soft(3, 2000)]
    segments = [elf.Segment(elf.R | elf.X, 0, len(text) * PAGE, 0x8000)]
    bench.add("a", program([*text, noise(4)], segments=segments))
    bench.add("b", program([*text, noise(5)], segments=segments))
    bench.add("other", program([soft(6, 2100), soft(7, 2100)]))
    for budget in range(0, 5 * PAGE, PAGE // 2):
        found, direct = bench.choice(f"--xip-budget={budget}"), bench.direct()
        assert direct["a"] == direct["b"] and found["pages"] == sum(direct.values())


def test_names_of_one_inode_save_once(bench):
    data = program([soft(1, 2000)])
    bench.add("a", data)
    bench.add("b", data)
    assert bench.choice("--explain")["pages"] == 2


def test_a_page_whose_compressed_twin_stays_costs_a_whole_page(bench):
    shared = soft(1, 3000)
    bench.add("data", shared * 2, mode=0o644)
    bench.add("twin", program([noise(9), shared]))
    bench.add("plain", program([noise(8), soft(2, 3000)]))
    said = run_well("mkcramfs-xip", "-q", "--explain", bench.root, bench.image).decode()
    costs = {path: int(cost) for path, cost in re.findall(r"^(/\w+): .*; costs (\d+) bytes of flash", said, re.MULTILINE)}
    assert costs["/twin"] > 1.5 * costs["/plain"]
    assert costs["/data"] == 0


def test_a_page_of_two_segments_is_paid_once(bench):
    size = 3 * PAGE + 50
    middle = PAGE + 700
    segments = [elf.Segment(elf.R, 0, middle, 0x8000), elf.Segment(elf.R | elf.X, middle, size - middle, 0x8000 + middle)]
    bench.add("p", program([soft(1, 100), soft(2, 100), soft(3, 100)], tail=50, segments=segments))
    found = bench.choice("--explain")
    assert found["pages"] == 4  # of the file; the page in the middle is in both
    assert bench.direct() == {"p": 5}


def test_a_page_shared_with_a_writable_segment_can_be_chosen(bench):
    segments, size = elf.text_and_data(PAGE + 9, 300)
    bench.add("p", elf.elf_file(elf.Form(kind=elf.ET_EXEC), segments, noise(1, size)))
    assert bench.choice("--xip-budget=1M")["pages"] == 2


def test_without_mmu_segments_are_taken_whole_or_not(bench):
    from flat import flat_file
    bench.add("a", flat_file(3 * PAGE, noise(1, 64) + bytes(4 * PAGE)))
    bench.add("b", flat_file(2 * PAGE, noise(2, 64) + bytes(4 * PAGE)))
    for budget in range(0, 7 * PAGE, PAGE // 2):
        found = bench.choice("--kernel=nommu", f"--xip-budget={budget}")
        assert found["cost"] <= budget
        direct = bench.direct("--kernel=nommu")
        assert direct["a"] in (0, 3) and direct["b"] in (0, 2)
    assert direct == {"a": 3, "b": 2}


def profile(tmp_path, text):
    path = tmp_path / "profile.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return f"--xip-profile={path}"


def test_a_profile_takes_prefixes_up_to_the_last_page_touched(mixed, tmp_path):
    found = mixed.choice(profile(tmp_path, "path,offset,count\n/p0,0,3\n/p0,8192,1\n/p3,100,1\np5,0,0\n"))
    assert mixed.direct() == {"p0": 3, "p1": 0, "p2": 0, "p3": 1, "p4": 0, "p5": 0}
    assert found["pages"] == 4


def test_counts_decide_what_a_budget_buys(bench, tmp_path):
    for name in "ab":
        bench.add(name, program([soft(ord(name), 1000)]))
    for often, rare in ("ab", "ba"):
        bench.choice(profile(tmp_path, f"{often},0,100\n{rare},0,1\n{rare},0,1\n"), f"--xip-budget={PAGE}")
        assert bench.direct() == {often: 1, rare: 0}


def test_rows_of_one_page_add_up(bench, tmp_path):
    for name in "ab":
        bench.add(name, program([soft(ord(name), 1000)]))
    bench.choice(profile(tmp_path, "a,0,2\nb,0,1\nb,17,1\n/b,4095,1\n"), f"--xip-budget={PAGE}")
    assert bench.direct() == {"a": 0, "b": 1}


ODD = 'odd, "name"\nof two lines'


def test_names_are_quoted_as_csv_has_it(bench, tmp_path):
    bench.add(ODD, program([soft(1)]))
    bench.add("other", program([soft(2)]))
    text = '# a comment, "with a quote\r\n\r\n"/odd, ""name""\nof two lines",0x0,1\r\n"other",0,"0"'
    bench.choice(profile(tmp_path, text))
    assert bench.direct() == {ODD: 1, "other": 0}


NUL = "the row contains a NUL byte, and a profile is a text file; correct it"
CR = "a CR without an LF follows a field; end lines in LF or CR LF, and write a field that contains a CR in quotes"


@pytest.mark.parametrize("row, said", [
    ("/p0,0", "1: a row is a path, an offset, a count"),
    ("/p0,0,1,2,3", "1: a row is a path, an offset, a count"),
    ("/p0,x,1", "1: the offset is not a number"), ("/p0,-1,1", "1: the offset is not a number"),
    ("/p0,0,many", "1: the count is not a number"), ("/p0,0,18446744073709551616", "1: the count is not a number"),
    (",0,1", "1: the path is empty"), ('"/p0,0,1', "1: a quote is not closed"), ('/p"0,0,1', "1: a field contains a quote"),
    ('"/p0"x,0,1', "1: other characters follow a quoted field"),
    ("\n\n/p0,0,1\0", f"3: {NUL}"), ('"/p0\0junk",0,1', f"1: {NUL}"), ('"/p0",0,"1\0"', f"1: {NUL}"), ("/p0\0,0,1\n", f"1: {NUL}"),
    ("/p0\rjunk,0,1", f"1: {CR}"), ("/p0,0,1\r6", f"1: {CR}"), ('/p0,0,1\r\n"/p0"\r,0,1', f"2: {CR}"), ("/p0,0,1\r/p0,1,1\r", f"1: {CR}"),
    ("/p0,0,1\r", f"1: {CR}"), ("\r", f"1: {CR}"),
    ("/p0,0,1,md5:00", "1: the fourth column is neither crc32: and 8 hexadecimal digits nor build-id:"),
    ("/p0,0,1,crc32:123", "1: the fourth column"), ("/p0,0,1,crc32:12345678\n/p0,1,1,crc32:12345679", "2: another row gives"),
])
def test_wrong_rows_are_told_with_their_line(row, said, mixed, tmp_path):
    done = run("mkcramfs-xip", "-q", profile(tmp_path, row), mixed.root, mixed.image)
    assert done.returncode == OPERATIONAL
    assert f"profile.csv:{said}" in done.stderr.decode()
    assert done.stderr.count(b"profile.csv:") == 1
    assert not mixed.image.exists()


def test_a_cr_in_quotes_is_a_part_of_the_field(bench, tmp_path):
    bench.add("odd\rname", program([soft(1)]))
    bench.add("other", program([soft(2)]))
    bench.choice(profile(tmp_path, '"odd\rname",0,1\r\n"other",0,0\r\n'))
    assert bench.direct() == {"odd\rname": 1, "other": 0}


@pytest.mark.parametrize("header, row", [
    ("path,count,offset", "/p0,1,8192"), ("count,offset,path", "1,8192,/p0"),
    ("processes,count,contents,path,offset", "7,1,,/p0,8192"), ("# a comment\n\ncount,path,offset,processes", "1,/p0,8192"),
], ids=["path-count-offset", "count-offset-path", "all", "comment-first"])
def test_columns_are_read_by_the_names_of_the_header(header, row, mixed, tmp_path):
    option = profile(tmp_path, f"{header}\n{row}\n")
    mixed.size(option)
    assert mixed.direct()["p0"] == 3
    report = run_well("cramfsck", "--xip-report=json", option, mixed.image)
    assert json.loads(report)["totals"]["touched_pages"] == 1


COLUMNS = "a profile has the columns path, offset and count, and optionally contents and processes"


@pytest.mark.parametrize("text, said", [
    ("path,offset,touches\n", f'1: "touches" is not a column of a profile; {COLUMNS}'),
    ("path,offset\n/p0,0\n", f'1: "count" is missing from the header; {COLUMNS}'),
    ("#\noffset,count,contents", f'2: "path" is missing from the header; {COLUMNS}'),
    ("path,offset,count,offset", f'1: "offset" is in the header twice; {COLUMNS}'),
    ("path,offset,count,contents,processes,a,b,c,d,e", '1: "a" is not a column'), ("Path,offset,count", '1: "Path" is not a column'),
    ("\33[2J,offset,count", '1: "\\033[2J" is not a column'), ("x" * 5000 + ",offset,count", f'1: "{"x" * 32}" is not a column'),
    ("count,offset,path\n1,0", "2: the row does not have the columns of the header"),
    ("count,offset,path\n1,0,/p0,", "2: the row does not have the columns of the header"),
    ("path,count,offset\n/p0,0,", "2: the offset is not a number"),
    ("path,offset,count,processes\n/p0,0,1,many", "2: the processes are not a number up to 4194304"),
    ("path,offset,count,processes\n/p0,0,1,4194305", "2: the processes are not a number up to 4194304"),
    ("path,offset,count,contents\n/p0,0,1,md5:00", "2: the contents are neither crc32: and 8 hexadecimal digits nor build-id:"),
], ids=range(14))
def test_wrong_columns_are_told_by_both_programs(text, said, mixed, tmp_path):
    option = profile(tmp_path, text)
    mixed.size()
    for command in (["mkcramfs-xip", option, mixed.root, tmp_path / "none"], ["cramfsck", "--xip-report", option, mixed.image]):
        done = run(*command)
        assert done.returncode == OPERATIONAL
        assert done.stderr.decode().count("profile.csv:") == 1 and f"profile.csv:{said}" in done.stderr.decode()


def test_a_fourth_field_under_a_header_of_three_is_the_contents(mixed, tmp_path):
    """The oldest form of profiles; rows with the field and without are mixed."""
    option = profile(tmp_path, "path,offset,count\n/p0,0,1\n/p0,4096,1,\n/p0,8192,1,md5:00\n")
    mixed.size()
    done = run("mkcramfs-xip", option, mixed.root, tmp_path / "none")
    assert done.returncode == OPERATIONAL and done.stderr.count(b"profile.csv:") == 1 and b"profile.csv:4: the contents are neither" in done.stderr, done.stderr


STALE = [
    ("/none,0,1", "/none: the profile is of another version of the file: the tree has no such file"),
    ("/p0,40000,1", "/p0: the profile is of another version of the file: offset 40000 is after the end of the file, which has 36964 bytes"),
    ("/p0,0,1,crc32:00000000", "/p0: the profile is of another version of the file: the file is now crc32:"),
    ("/p0,0,1,build-id:0011", "/p0: the profile is of another version of the file: the file has no build id"),
]


@pytest.mark.parametrize("row, said", STALE)
def test_a_profile_of_other_files_is_an_error_or_a_warning(row, said, mixed, tmp_path):
    option = profile(tmp_path, row + "\n/p1,0,1\n")
    done = run("mkcramfs-xip", "-q", option, mixed.root, mixed.image)
    assert done.returncode == OPERATIONAL and said in done.stderr.decode()
    assert not mixed.image.exists()
    done = run("mkcramfs-xip", "-q", option, "--stale-profile=warn", mixed.root, mixed.image)
    assert done.returncode == 0 and "warning: " + said in done.stderr.decode()
    assert mixed.direct()["p1"] == 1
    assert run("mkcramfs-xip", "--stale-profile=maybe", mixed.root, mixed.image).returncode == USAGE


def test_contents_are_known_by_checksum_or_build_id(bench, tmp_path):
    data = program([soft(1)])
    note = b"\4\0\0\0\x14\0\0\0\3\0\0\0GNU\0" + bytes(range(20))
    noted = bytearray(program([soft(2)], segments=[elf.Segment(elf.R | elf.X, 0, PAGE + 100, 0x8000),
                                                   elf.Segment(elf.R, 2048, len(note), 0x8800)]))
    noted[52 + 32:52 + 36] = (4).to_bytes(4, "little")  # PT_NOTE
    noted[2048:2048 + len(note)] = note
    bench.add("a", data)
    bench.add("b", bytes(noted))
    bench.choice(profile(tmp_path, f"a,0,1,crc32:{zlib.crc32(data):08X}\nb,0,1,build-id:{bytes(range(20)).hex()}\n"))
    assert bench.direct() == {"a": 1, "b": 1}
    done = run("mkcramfs-xip", profile(tmp_path, "b,0,1,build-id:00010203\n"), bench.root, bench.image)
    assert b"the file is now build-id:000102030405" in done.stderr


def test_what_is_left_and_what_comes_next_are_told(mixed):
    said = run_well("mkcramfs-xip", "-q", "--xip-budget=20000", mixed.root, mixed.image).decode().splitlines()[-1]
    assert said.startswith("in place: ") and " more pages could be in place, next the " in said and " of /p" in said
    said = run_well("mkcramfs-xip", "-q", "--xip-budget=1M", mixed.root, mixed.image).decode().splitlines()[-1]
    assert said.endswith(" 0 more pages could be in place")


def test_verbose_tells_what_is_not_worth_it(mixed):
    said = run_well("mkcramfs-xip", "-q", "-v", "--xip-budget=0", mixed.root, mixed.image)
    assert b"/p0: 0 pages in place: other pages are worth more; 10 deflated\n" in said


def test_the_profile_s_pages_are_counted_alike_by_builder_and_report(mixed, tmp_path):
    """Over the names of an inode, in text and JSON; pages that are not direct, and direct pages that are not
    touched."""
    option = profile(tmp_path, "/p0,0,3\n/p0,8192,1\n/p3,100,1\n/p3,4096,7\n")
    said = run_well("mkcramfs-xip", "-q", option, "--xip-budget=100M", mixed.root, mixed.image).decode()
    found = re.search(r"bytes of flash for (\d+) pages \((\d+) touched\)", said)
    pages, touched = map(int, found.groups())
    report = json.loads(run_well("cramfsck", "--xip-report=json", option, mixed.image))
    totals = report["totals"]
    assert (totals["direct_pages"], totals["touched_direct_pages"], totals["touched_pages"]) == (pages, touched, 4)
    assert touched == 4 and not report["missed"]
    of_file = {file["path"]: (file["touched_pages"], file["touched_direct_pages"], file["untouched_direct_pages"])
               for file in report["files"]}
    direct = {file["path"]: file["direct_pages"] for file in report["files"]}
    assert of_file["/p0"] == (2, 2, direct["/p0"] - 2) and of_file["/p3"] == (2, 2, direct["/p3"] - 2)
    assert of_file["/p1"] == (0, 0, direct["/p1"])
    assert totals["untouched_direct_pages"] == sum(idle for _, _, idle in of_file.values()) == pages - touched
    text = run_well("cramfsck", "--xip-report", option, mixed.image).decode()
    assert f"profile: 4 pages touched, 4 touched pages direct: {4 * PAGE} bytes of RAM saved; {pages - 4} direct pages" in text
    for path, (touched_pages, touched_direct, _) in of_file.items():
        if direct[path]:
            assert re.search(rf" +{touched_direct} +{touched_pages - touched_direct} {path}$", text, re.M), text
    assert " used missed file\n" in text
    assert "missed" not in run_well("cramfsck", "--xip-report", mixed.image).decode()
    run_well("mkcramfs-xip", "-q", "--xip=none", mixed.root, mixed.image)
    report = json.loads(run_well("cramfsck", "--xip-report=json", option, mixed.image))
    assert [(row["path"], row["offset"], row["touches"]) for row in report["missed"]] == [
        ("/p3", 4096, 7), ("/p0", 0, 3), ("/p0", 8192, 1), ("/p3", 0, 1)]
    text = run_well("cramfsck", "--xip-report", option, mixed.image).decode()
    assert "4 pages touched, 0 touched pages direct" in text and "       7 /p3 0x001000\n" in text
    assert run("cramfsck", option, mixed.image).returncode == 16


def test_a_page_that_nobody_touches_is_taken_if_that_makes_two_runs_equal(bench, tmp_path):
    """The last page of b is not touched. With it, the run of its three segments is that of a, and the two cost three pages, not five."""
    text = [soft(1, 2000), soft(2, 2000), soft(3, 2000)]
    flags = (elf.R | elf.X, elf.R, elf.R | elf.X)
    segments = [elf.Segment(flag, page * PAGE, PAGE, 0x8000 + page * PAGE) for page, flag in enumerate(flags)]
    bench.add("a", program([*text, noise(4)], segments=segments))
    bench.add("b", program([*text, noise(5)], segments=segments))
    bench.add("other", program([soft(6, 2100), soft(7, 2100)]))
    touched = ["a,0,9", f"a,{PAGE},9", f"a,{2 * PAGE},9", "b,0,9", f"b,{PAGE},9", "other,0,1", f"other,{PAGE},1"]
    option = profile(tmp_path, "path,offset,count\n" + "\n".join(touched) + "\n")
    for budget in (3, 4, 5, 100):
        assert bench.choice(option, f"--xip-budget={budget * PAGE}")["cost"] == 3 * PAGE
        assert bench.direct() == {"a": 3, "b": 3, "other": 2}


def test_the_bench_reads_the_lines_of_explain(bench):
    """bench/budget.py has the regular expression; it once matched no line any more."""
    source = (pathlib.Path(__file__).resolve().parents[2] / "bench/budget.py").read_text()
    expression, = re.findall(r'^EXPLAINED = re\.compile\(r"(.*)", re\.M\)', source, re.M)
    bench.add("program", program([soft(1), soft(2)]))
    said = run_well("mkcramfs-xip", "-q", "--explain", bench.root, bench.image).decode()
    (path, cost), = re.findall(expression, said, re.M)
    assert path == "/program" and int(cost) > 0
