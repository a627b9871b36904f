"""The XIP report apart from mappings: lost pages, savings and costs, and files that share pages."""
import json
import random
import re

import pytest

import elf
import specimen
from on_terminal import on_terminal
from specimen import PAGE
from tools import run, run_well

NOISE = random.Random(41).randbytes(8 * PAGE)
ZEROES = bytes(PAGE)


def program(pages, fill=NOISE):
    """All of it is text, except a few bytes of its last page."""
    segments, size = elf.text_only(pages * PAGE - 100)
    return elf.elf_file(elf.Form(kind=elf.ET_EXEC), segments, fill[:size])


def report(tmp_path, children, *options, **form):
    image = tmp_path / "image"
    image.write_bytes(specimen.make_image(specimen.directory(children), **form))
    # The check finds hazards in some of these; the report is on standard output nevertheless.
    text = run("cramfsck", "--xip-report", "-v", *options, image).stdout.decode()
    found = json.loads(run("cramfsck", "--xip-report=json", *options, image).stdout)
    files = {file["path"]: file for file in found["files"]}
    for field in ("ram_saved_bytes", "flash_cost_bytes"):
        assert found["totals"][field] == sum(file[field] for file in files.values())
    assert list(files) == sorted(files), "the JSON is in path order"
    return text, files, found["totals"]


def listed(text):
    """[(path, direct, possible, pages, bar)] as the text has them."""
    rows = re.findall(r"^ +(\d+) +(\d+) +(\d+) ([#.-]+) +(?:\d+|=) (/.*)$", text, re.MULTILINE)
    return [(path, int(direct), int(direct) + int(lost), int(direct) + int(lost) + int(never), bar)
            for direct, lost, never, bar, path in rows]


BROKEN = {
    b"a whole": specimen.file(program(4), "dddd"),
    b"b broken": specimen.file(program(4), "dcdd"),
    b"c compressed": specimen.file(program(4), "cccc"),
    b"d broken, too": specimen.file(program(4), "dcdd"),
    b"e last": specimen.file(program(4), "dddc"),
    b"f data": specimen.file(NOISE[:4 * PAGE - 7], "dcdd"),
    b"g data never meant": specimen.file(NOISE[:4 * PAGE - 7], "cddd"),
    b"h text": specimen.file(b"hello\n"),
}
LOST = {"/c compressed": 4, "/b broken": 3, "/d broken, too": 3, "/f data": 2, "/e last": 1, "/a whole": 0}


def test_what_lost_most_comes_first_then_what_comes_first(tmp_path):
    text, files, totals = report(tmp_path, BROKEN)
    assert [line[0] for line in listed(text)] == list(LOST)
    assert "(2 other files have no loadable segment and no page in place)" in text
    for path, lost in LOST.items():
        assert files[path]["lost_pages"] == lost, path
    assert [file["possible_pages"] for file in files.values()] == [4, 4, 4, 4, 4, 3, 0, 0]
    assert (totals["possible_pages"], totals["lost_pages"], totals["direct_pages"]) == (23, 13, 10)
    assert {line.split("  ")[0].strip() or line.strip().split("  ")[0]: line.split()[-4:] for line in text.splitlines()
            if "are direct" in line or "are lost" in line or "can be direct" in line} == {
        "can be direct": ["23", "0.09", "100.0", "%"], "are direct": ["10", "0.04", "43.5", "%"],
        "are lost": ["13", "0.05", "56.5", "%"]}
    assert re.search(r"never can be +6 +0\.02$", text, re.MULTILINE)
    assert "RAM saved:  up to 0.04 MiB, if all direct pages are used" in text
    assert text.index("are lost") < text.index("most lost pages first") < text.index("/a whole"), "sums first"


def test_bar_tells_direct_from_lost_from_never(tmp_path):
    many = program(3, NOISE[:PAGE]) + ZEROES * 300  # pages outside of all segments never can be direct
    children = {**BROKEN, b"i large": specimen.file(many, "dd")}
    text, _, _ = report(tmp_path, children)
    bars = {path: (bar, direct, possible, pages) for path, direct, possible, pages, bar in listed(text)}
    assert bars["/a whole"][0] == 20 * "#"
    assert bars["/b broken"][0] == 5 * "#" + 15 * "."
    assert bars["/c compressed"][0] == 20 * "."
    assert bars["/f data"][0] == 5 * "#" + 10 * "." + 5 * "-"
    assert bars["/i large"] == ("#." + 18 * "-", 2, 3, 301), "one page of many shows"
    assert all(len(bar) == 20 for bar, *_ in bars.values())
    assert "#direct .lost -never" in text


def test_flash_cost_is_a_page_less_what_it_would_take_otherwise(tmp_path):
    """Pages that no compressor makes smaller, and pages of zeroes."""
    children = {
        b"noise": specimen.file(NOISE[:2 * PAGE + 1000], "ddd"),
        b"zeroes": specimen.file(ZEROES + ZEROES + b"\0", "ddd"),
        b"zeroes as holes": specimen.file(ZEROES + ZEROES + b"\0", "hhh"),
    }
    _, files, _ = report(tmp_path, children)
    assert files["/noise"]["flash_cost_bytes"] == PAGE - 1000  # the rest of its last page
    assert files["/zeroes"]["flash_cost_bytes"] == 3 * PAGE
    assert files["/zeroes as holes"]["flash_cost_bytes"] == 0
    assert [file["ram_saved_bytes"] for file in files.values()] == [3 * PAGE, 3 * PAGE, 0]
    # At no page something else may follow, and only the bytes of the file count.
    _, files, _ = report(tmp_path, children, "--kernel=nommu", skew=64)
    assert [file["flash_cost_bytes"] for file in files.values()] == [0, 2 * PAGE + 1, 0]


def test_text_that_compresses_costs_what_it_would_save(tmp_path):
    _, files, _ = report(tmp_path, {b"words": specimen.file(b"every page the same words\n" * 600, "dddd")})
    assert 3.8 * PAGE < files["/words"]["flash_cost_bytes"] < 4 * PAGE


SHARING = {b"one": specimen.file(program(3, ZEROES * 3), "ddd"), b"two": specimen.file(program(3, ZEROES * 3), "ddd", uid=1)}


def test_shared_page_is_charged_to_the_first_and_saves_for_each(tmp_path):
    text, files, totals = report(tmp_path, SHARING, shared_pages=True)
    alone = report(tmp_path, {b"one": SHARING[b"one"]})[1]["/one"]["flash_cost_bytes"]
    assert files["/one"]["flash_cost_bytes"] == totals["flash_cost_bytes"] == alone > 2 * PAGE
    assert files["/two"]["flash_cost_bytes"] == 0
    assert [file["ram_saved_bytes"] for file in files.values()] == 2 * [3 * PAGE]
    assert [file["shares_with"] for file in files.values()] == [None, "/one"]
    assert "shares pages in place with /one\n" in text and "HAZARD" not in text


def fdpic(data):
    return data[:elf.EI_OSABI] + bytes([elf.OSABI_ARM_FDPIC]) + data[elf.EI_OSABI + 1:]


@pytest.mark.parametrize("base, warned", [(0x50000000, False), (0xffffc000, False), (0xffffd000, True), (0x160000000, True)])
def test_a_base_above_4_gib_warns_where_programs_have_32_bits(tmp_path, base, warned):
    image = tmp_path / "image"
    image.write_bytes(specimen.make_image(specimen.directory({b"one": specimen.file(program(3, ZEROES * 3), "ddd")})))
    assert image.stat().st_size == 0x4000
    done = run("cramfsck", "--xip-report", f"--base={base:#x}", image)
    assert done.returncode == 0 and ("1 of its programs are 32-bit programs" in done.stderr.decode()) == warned, done.stderr


def test_fdpic_by_its_loaders(tmp_path):
    """Without an MMU the flag EF_ARM_PIC means a copy in RAM; with one, FDPIC has a loader of its own."""
    keeps = bytearray(fdpic(SHARING[b"one"].data))
    keeps[36] |= 0x20
    children = {b"fdpic": specimen.file(fdpic(SHARING[b"one"].data), "ddd"), b"keeps": specimen.file(bytes(keeps), "ddd")}
    text, files, _ = report(tmp_path, children, "--kernel=nommu")
    assert [file["program"] for file in files.values()] == ["mapped", "copied"] and "ptrace" in text
    text, files, _ = report(tmp_path, children, "--kernel=fdpic")
    assert [file["direct_pages"] for file in files.values()] == [3, 3] and "ptrace" not in text


def test_shared_page_without_an_mmu_is_a_hazard_and_the_checker_agrees(tmp_path):
    children = {name: specimen.file(fdpic(node.data), "ddd", uid=node.uid) for name, node in SHARING.items()}
    text, files, _ = report(tmp_path, children, "--kernel=nommu", shared_pages=True, skew=64)
    assert [file["shares_with"] for file in files.values()] == [None, "/one"]
    assert "shares pages in place with /one: HAZARD" in text
    findings = json.loads(run("cramfsck", "--json", "--kernel=nommu", tmp_path / "image").stdout)["findings"]
    assert [finding["path"] for finding in findings if finding["rule"] == "in-place-shared"] == ["/two"]
    apart, files, _ = report(tmp_path, children, "--kernel=nommu", skew=64)
    assert [file["shares_with"] for file in files.values()] == [None, None] and "HAZARD" not in apart
    # Pages that need not be aligned cost flash just as those that are.
    assert all(file["flash_cost_bytes"] > PAGE for file in files.values())


def test_prices_are_the_same_for_any_number_of_threads(tmp_path):
    root = tmp_path / "root"
    root.mkdir()
    rng = random.Random(7)
    for number in range(20):
        pages = [rng.randbytes(rng.randrange(PAGE)).ljust(PAGE, b"\0") for _ in range(rng.randrange(1, 40))]
        (root / f"p{number}").write_bytes(program(len(pages) + 1, b"".join(pages) + NOISE[:PAGE]))
    run_well("mkcramfs-xip", "-q", root, tmp_path / "image")
    found = {run_well("cramfsck", "--xip-report=json", f"-j{jobs}", tmp_path / "image") for jobs in (1, 2, 3, 8, 64)}
    assert len(found) == 1 and json.loads(found.pop())["totals"]["flash_cost_bytes"] > 100 * PAGE


def test_names_of_one_inode_are_charged_once(tmp_path):
    source, image = tmp_path / "source", tmp_path / "image"
    source.mkdir()
    for name in ("first", "second"):
        (source / name).write_bytes(program(4, bytes(range(256)) * 64))
    run_well("mkcramfs-xip", "-q", source, image)
    found = json.loads(run_well("cramfsck", "--xip-report=json", image))
    first, second = found["files"]
    assert first["ram_saved_bytes"] == found["totals"]["ram_saved_bytes"] == 4 * PAGE
    assert first["flash_cost_bytes"] == found["totals"]["flash_cost_bytes"] > 0
    assert (second["ram_saved_bytes"], second["flash_cost_bytes"], second["possible_pages"]) == (0, 0, 4)
    assert found["totals"]["possible_pages"] == 4
    text = run_well("cramfsck", "--xip-report", image).decode()
    assert re.search(r" = /second$", text, re.MULTILINE) and "(= marks another name of a file" in text
    assert "the same inode as /first" in run_well("cramfsck", "--xip-report", "-v", image).decode()


@pytest.mark.parametrize("option, reason", [
    ("--base=0", "no physical address"), ("--base=0x50000400", "data is not page aligned"),
])
def test_what_an_address_spoils_is_lost(option, reason, tmp_path):
    _, files, totals = report(tmp_path, {b"a": BROKEN[b"a whole"]}, option)
    assert (totals["direct_pages"], totals["possible_pages"], totals["lost_pages"]) == (0, 4, 4)
    assert files["/a"]["mappings"][0]["reason"] == reason


def test_last_page_of_whole_pages_is_never_asked_for(tmp_path):
    source, image = tmp_path / "source", tmp_path / "image"
    source.mkdir()
    segments, size = elf.text_only(3 * PAGE)
    (source / "program").write_bytes(elf.elf_file(elf.Form(kind=elf.ET_EXEC), segments, NOISE[:size]))
    run_well("mkcramfs-xip", "-q", source, image)
    totals = json.loads(run_well("cramfsck", "--xip-report=json", image))["totals"]
    assert (totals["pages"], totals["possible_pages"], totals["lost_pages"]) == (3, 2, 0)
    # If another maker puts it in place, it is direct, and counts.
    _, files, totals = report(tmp_path, {b"p": specimen.file((source / "program").read_bytes(), "ddd")})
    assert (totals["direct_pages"], totals["possible_pages"]) == (3, 3)


LONG = b"d" * 90 + b"/" + b"e" * 12 + b"/program"


def tall(path):
    """Nested directories, the innermost with a program that is wholly in place, as far as it can be."""
    first, _, rest = path.partition(b"/")
    return {first: specimen.directory(tall(rest)) if rest else specimen.file(program(4), "dddd")}


def image_of(tmp_path, children):
    path = tmp_path / "image"
    path.write_bytes(specimen.make_image(specimen.directory(children)))
    return path


def test_a_line_has_80_columns_and_a_path_with_segments_is_whole(tmp_path):
    image = image_of(tmp_path, {**BROKEN, **tall(LONG), "é".encode() * 60: specimen.file(program(4), "dcdd")})
    lines = run("cramfsck", "--xip-report", image).stdout.decode().splitlines()
    assert max(map(len, lines)) == 80
    assert any(line.endswith(" .../eeeeeeeeeeee/program") for line in lines)
    assert any(re.search(r" \.\.\.é{32}$", line) for line in lines), "by characters, and none is cut"
    assert not any("segment" in line for line in lines if "loadable" not in line and "give a path" not in line)
    lines = run("cramfsck", "--xip-report", "-v", image).stdout.decode().splitlines()
    assert any(line.endswith("/" + LONG.decode()) for line in lines)


def test_named_files_are_listed_with_their_segments_and_sums_stay(tmp_path):
    image = image_of(tmp_path, {b"bin": specimen.directory({b"one": BROKEN[b"b broken"], b"two": BROKEN[b"a whole"]}),
                                b"other": BROKEN[b"c compressed"]})
    everything = run("cramfsck", "--xip-report", image).stdout.decode()
    for named, paths in ((["bin"], ["/bin/one", "/bin/two"]), (["/bin/t*"], ["/bin/two"])):
        text = run("cramfsck", "--xip-report", image, *named).stdout.decode()
        assert [line[0] for line in listed(text)] == paths
        assert text.count("  segment 0 r-x") == len(paths)
        assert text.split("Files,")[0] == everything.split("Files,")[0]
    done = run("cramfsck", "--xip-report", image, "bin/none")
    assert done.returncode == 8 and b"bin/none" in done.stderr and not listed(done.stdout.decode())
    for form in (["--xip-report=json"], ["--json", "--xip-report"], []):
        done = run("cramfsck", *form, image, "bin")
        assert done.returncode == 16 and b"a PATH needs" in done.stderr, form


def test_a_run_that_ends_where_its_read_only_part_ends_reads_as_success(tmp_path):
    """A position-independent file is mapped with room for all segments; the part after its own segment does not
    count."""
    segments = (elf.Segment(elf.R | elf.X, 0, 3 * PAGE, 0), elf.Segment(elf.R | elf.W, 3 * PAGE, 2 * PAGE, 3 * PAGE))
    data = elf.elf_file(elf.Form(kind=elf.ET_DYN), segments, NOISE[:5 * PAGE - 100])
    good = run("cramfsck", "--xip-report", "-v", image_of(tmp_path, {b"p": specimen.file(data, "dddcc")})).stdout.decode()
    assert "  segment 0 r-x at 0x000000: all 3 pages direct\n" in good and "breaks" not in good
    assert "  segment 1 rw- at 0x003000: 2 pages, never direct: vma is writable\n" in good
    bad = run("cramfsck", "--xip-report", "-v", image_of(tmp_path, {b"p": specimen.file(data, "ddccc")})).stdout.decode()
    assert "  segment 0 r-x at 0x000000: 2 of 3 direct: block 2 breaks the run\n" in bad
    assert re.search(r"^ +1 +1  block N breaks the run$", bad, re.MULTILINE)
    none = run("cramfsck", "--xip-report", "-v", image_of(tmp_path, {b"p": specimen.file(data, "ccccc")})).stdout.decode()
    assert "0 of 3 direct: unsuitable block layout\n" in none
    # The last page of whole pages never can be direct: nothing is lost.
    whole = specimen.file(program(3) + NOISE[:100], "ddc")
    text = run("cramfsck", "--xip-report", "-v", image_of(tmp_path, {b"p": whole})).stdout.decode()
    assert "lost pages  files" not in text and "2 of 3 direct, all that can be" in text


def test_with_a_profile_each_file_says_what_is_used_and_missed(tmp_path):
    image = image_of(tmp_path, BROKEN)
    (tmp_path / "profile").write_text("/b broken,0,1\n/b broken,4096,1\n/b broken,8192,9\n/a whole,0,1\n")
    text = run("cramfsck", "--xip-report", f"--xip-profile={tmp_path}/profile", image).stdout.decode()
    assert re.search(r"^ +1 +3 +0 [#.]+ +\d+ +1 +2 /b broken$", text, re.MULTILINE), text
    assert "RAM saved:  0.01 MiB by this profile: 2 of 4 touched pages are direct" in text
    assert "up to" not in text


def test_bars_have_colours_on_a_terminal_that_knows_them(tmp_path):
    image = image_of(tmp_path, {b"f data": BROKEN[b"f data"], **tall(LONG)})
    words = ("cramfsck", "--xip-report", image)
    colourful = on_terminal(*words, columns=80, TERM="xterm")
    assert f"\033[32m{5 * '#'}\033[m\033[33m{10 * '.'}\033[m\033[90m{5 * '-'}\033[m" in colourful
    plain = run(*words).stdout.decode()
    assert "\033" not in plain and re.sub(r"\033\[\d*m", "", colourful) == plain
    for environment in ({"TERM": "dumb"}, {"TERM": "xterm", "NO_COLOR": "1"}, {}):
        assert on_terminal(*words, columns=80, **environment) == plain
    assert LONG.decode() in on_terminal(*words, columns=160, TERM="dumb"), "a wider one has room for the path"
