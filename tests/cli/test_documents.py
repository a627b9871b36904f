"""Manuals agree with the programs: options, exit statuses, rules, reasons, fields and output."""
import json
import os
import pathlib
import random
import re
import shutil
import subprocess

import pytest

import elf
import schemas
from example import hello_program, make_rootfs
from printed import displays
from tools import PROGRAMS, USAGE, run, run_well

PROJECT = pathlib.Path(__file__).parents[2]
MANUALS = sorted((PROJECT / "man").glob("*.[1-8]"))


def manual(program):
    return (PROJECT / "man" / f"{program}.1").read_text()


def help_options(program):
    """The options of the list in --help, without values."""
    found = set()
    for line in run_well(program, "--help").decode().splitlines():
        listed = re.match(r" {2}(?:(-\w), |    )?(?: {2})?(--[a-z0-9-]+)|  (-\w) ", line)
        found.update(option for option in listed.groups() if option) if listed else None
    return found


def manual_options(text):
    """The options that the manual explains: an .It Fl each, before its other sections."""
    found = set()
    for item in re.findall(r"^\.It (Fl .*)", text.split(".Sh DESCRIPTION")[1].split("\n.Sh ")[0], re.MULTILINE):
        found.update("-" + option for option in re.findall(r"\bFl (-?\w[\w-]*)", item))
    return found


def synopsis_options(text):
    """The options that the synopsis names: groups of letters, or one option each."""
    synopsis = text.split(".Sh SYNOPSIS")[1].split("\n.Sh ")[0]
    found = set()
    for option in re.findall(r"^\.(?:Op )?Fl (\S+)", synopsis, re.MULTILINE):
        found.update([f"-{option}"] if option.startswith("-") else (f"-{letter}" for letter in option))
    return found


def help_forms(program):
    """{option: its argument}, as --help writes it: "=SIZE", "[=FORM]", or nothing. A letter has a blank."""
    found = {}
    for line in run_well(program, "--help").decode().splitlines():
        listed = re.match(r"  (?:(-\w), |    )(--[a-z0-9-]+)(\S*)|  (-\w)( [A-Z]+)?(?: |$)", line)
        if listed:
            letter, option, argument, alone, its_argument = listed.groups()
            if alone:
                found[alone] = its_argument or ""
            else:
                found[option] = argument
                if letter:
                    found[letter] = argument.replace("=", " ")
    return found


def manual_forms(lines):
    """The same for .It or .Op lines of a manual."""
    found = {}
    for form in (form for line in lines for form in line.split(" , ")):
        for macros, shown in ((r"Op ([=:]) Ns Ar (\w+)", r"[\1\2]"), (r" : Ns Ar ", ":"), (r"\bAr : Ns\b", ""),
                              (r" ?\bNs ?", ""), (r"\b(?:Ar|Cm) ", "")):
            form = re.sub(macros, shown, form)
        option, argument = re.match(r"Fl (-?[\w-]+)(.*)", form).groups()
        found[f"-{option}"] = re.sub(r"[a-z]+", lambda word: word.group() if word.group() == "json" else word.group().upper(),
                                     argument)
    return found


@pytest.mark.parametrize("program", PROGRAMS)
def test_manual_and_help_give_options_the_same_arguments(program):
    described = manual(program).split(".Sh DESCRIPTION")[1].split("\n.Sh ")[0].replace("\\\n", "")
    wanted = help_forms(program)
    assert len([argument for argument in wanted.values() if argument]) >= 5, "the help was not understood"
    assert manual_forms(re.findall(r"^\.It (Fl .*)", described, re.MULTILINE)) == wanted
    synopsis = manual(program).split(".Sh SYNOPSIS")[1].split("\n.Sh ")[0]
    named = manual_forms(re.findall(r"^\.Op (Fl (?:-|\w ).*)", synopsis, re.MULTILINE))
    assert named == {option: wanted[option] for option in named}


@pytest.mark.parametrize("program", PROGRAMS)
def test_manual_and_help_have_the_same_exit_statuses(program):
    said = run_well(program, "--help").decode().split("Exit status: ")[1].replace("\n", " ")
    wanted = re.findall(r"(?:^|; )(\d+) ", said)
    assert len(wanted) >= 3
    section = manual(program).split(".Sh EXIT STATUS")[1].split("\n.Sh ")[0]
    assert re.findall(r"^\.It (\d+)$", section, re.MULTILINE) == wanted


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_lists_options_at_all(program):
    options = help_options(program)
    assert {"-h", "--help", "-V", "--version", "-b", "--block-size"} <= options


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_fits_two_screens_and_has_no_empty_heading(program):
    lines = run_well(program, "--help").decode().splitlines()
    assert len(lines) <= 100
    headings = [i for i, line in enumerate(lines) if re.match(r"[A-Z].*:$", line)]
    assert len(headings) >= 2
    assert all(lines[i - 1] == "" and lines[i + 1].startswith("  ") for i in headings)


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_begins_with_examples_that_the_program_takes(program, example):
    """Nothing is mounted: there is no /no/mnt."""
    shutil.copy(example / "rootfs.img", example / "old.img")
    shutil.copy(example / "rootfs.img", example / "flash.bin")
    for line in run_well(program, "--help").decode().splitlines()[:3]:
        command, task = line.split(" # ")
        name, *words = command.replace(" /mnt ", " /no/mnt ").split()
        assert name == program and task[0].isupper() and task[-1] != "."
        done = run(program, *words, cwd=example)
        assert done.returncode != USAGE, done.stderr


@pytest.mark.parametrize("program", PROGRAMS)
def test_manual_explains_the_options_of_help(program):
    assert manual_options(manual(program)) == help_options(program)


def test_manual_has_the_options_in_the_order_of_help():
    items = re.findall(r"^\.It (Fl .*)", manual("mkcramfs-xip").split(".Sh DESCRIPTION")[1].split("\n.Sh ")[0], re.MULTILINE)
    described = ["-" + option for item in items for option in re.findall(r"\bFl (-?\w[\w-]*)", item)]
    listed = re.findall(r"^  (?:(-\w), |    )?(--[a-z0-9-]+)?", run_well("mkcramfs-xip", "--help").decode(), re.MULTILINE)
    assert [option for option in described if option.startswith("--")] == [long for _, long in listed if long]


@pytest.mark.parametrize("program", PROGRAMS)
def test_synopsis_names_each_option_once(program):
    """A long option is there only if it has no letter. A synopsis may be short, like the usage in --help."""
    if re.search(r"^\.Op Ar option \.\.\.$", manual(program), re.MULTILINE):
        return
    items = re.findall(r"^\.It (Fl .*)", manual(program), re.MULTILINE)
    with_letter = {"-" + long for item in items for long in re.findall(r"Fl \w\b.*, Fl (-[\w-]+)", item)}
    assert synopsis_options(manual(program)) == help_options(program) - with_letter


def test_every_rule_stands_in_the_manual_with_its_severity():
    header = (PROJECT / "include" / "cramfs" / "finding.h").read_text().replace("\\\n", " ")
    rules = re.findall(r'X\(\w+,\s*"([a-z0-9-]+)",\s*(ERROR|HAZARD|NOTE),', header)
    assert len(rules) > 40, "the header's list was not understood"
    listed = re.findall(r"^\.It Ic ([a-z0-9-]+) Pq (\w+)$", manual("cramfsck"), re.MULTILINE)
    assert sorted(listed) == sorted((name, severity.lower()) for name, severity in rules)


def test_findings_that_the_format_names_exist():
    """cramfs-xip(5) names the finding of each trap."""
    named = re.findall(r"^Finding.*\n\.Ic ([a-z-]+)", (PROJECT / "man" / "cramfs-xip.5").read_text(), re.MULTILINE)
    assert len(named) >= 7
    assert set(named) <= set(re.findall(r"^\.It Ic ([a-z0-9-]+) Pq", manual("cramfsck"), re.MULTILINE))


def test_every_reason_stands_in_the_manual():
    source = (PROJECT / "src" / "xip" / "mapping.c").read_text().split("cramfs_reason_text(")[1]
    source = re.sub(r'%" PRI\w+ "', "N", source)
    reasons = set(re.findall(r'"([^"]* [^"]*)"', source))
    enumerated = re.findall(r"^    CRAMFS_REASON_(\w+)[, ]",
                            (PROJECT / "include" / "cramfs" / "mapping.h").read_text(), re.MULTILINE)
    assert len(reasons) == len(enumerated) - 1, "the source was not understood"  # all but NONE
    listed = re.search(r"\.Ss The reasons\n(.*?)\n\.Ss ", manual("cramfsck"), re.DOTALL).group(1)
    assert set(re.findall(r"^\.It Li (.*)", listed, re.MULTILINE)) == reasons


def test_the_guide_has_a_remedy_for_each_reason():
    reasons = re.findall(r"^\.It Li (.*)", re.search(r"\.Ss The reasons\n(.*?)\n\.Ss ", manual("cramfsck"), re.DOTALL)[1],
                         re.MULTILINE)
    table = (PROJECT / "docs" / "guide.md").read_text().split("| reason | what to do |")[1].split("\n\n")[0]
    named = re.findall(r"`([^`]+)`", "\n".join(row.split(" | ")[0] for row in table.splitlines()))
    assert sorted(named) == sorted(reasons)


def test_every_reason_of_verbose_stands_in_the_manual():
    source = (PROJECT / "src" / "xip" / "why_not_in_place.c").read_text().split("selected_text(enum")[1]
    reasons = set(re.findall(r'return "(.*)";', source))
    assert len(reasons) > 5, "the source was not understood"
    listed = re.search(r"gives these reasons:\n(.*?)\n\.El", manual("mkcramfs-xip"), re.DOTALL).group(1)
    assert set(re.findall(r"^\.It Li (.*)", listed, re.MULTILINE)) == reasons


def test_every_kind_of_extent_stands_in_the_manual():
    source = (PROJECT / "src" / "format" / "extent.c").read_text()
    kinds = set(re.findall(r'\[CRAMFS_EXTENT_\w+\] = "([a-z-]+)"', source))
    assert len(kinds) >= 8, "the source was not understood"
    listed = manual("cramfs-dump").split("The kinds are:")[1].split("\n.Ss ")[0]
    assert set(re.findall(r"^\.It Li ([a-z-]+)", listed, re.MULTILINE)) == kinds | {"gap"}


@pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is not installed")
@pytest.mark.parametrize("page", MANUALS, ids=lambda page: page.name)
def test_mandoc_finds_nothing(page):
    done = subprocess.run(["mandoc", "-Tlint", page], capture_output=True, text=True)
    # Pages of others, and ours, need not be installed; but a page of ours must be one of those in man/.
    ours = {tuple(other.name.rsplit(".", 1)) for other in MANUALS}

    def may_be_missing(line):
        found = re.search(r"referenced manual not found: Xr (\S+) (\d)( \(\d+ times\))?$", line)
        return found and ("cramfs" not in found[1] or found.groups()[:2] in ours)

    said = [line for line in done.stdout.splitlines() if not may_be_missing(line)]
    assert said == []


def test_there_are_manuals():
    assert {page.name for page in MANUALS} >= {*(f"{program}.1" for program in PROGRAMS), "cramfs-xip.5"}


@pytest.fixture(name="example")
def make_example(tmp_path):
    """A directory with the rootfs and rootfs.img of the manuals."""
    make_rootfs(tmp_path)
    return tmp_path


def without_what_compressors_decide(text):
    """Lengths of compressed blocks, and what follows from them, differ by compressor and version."""
    text = re.sub(r"crc: +0x[0-9a-f]{8}", "crc", text)
    text = re.sub(r"\b(libdeflate|zlib)\b", "compressor", text)
    text = re.sub(r"flash cost: [0-9.]+", "flash cost:", text)
    return re.sub(r"^((?: +\d+){3} [#.-]+) +\d+ ", r"\1 cost ", text, flags=re.MULTILINE)  # a file in the XIP report


def places_left_out(text):
    """The same line by line, without the offsets and lengths that depend on a compressed block's length."""
    lines = [line for line in without_what_compressors_decide(text).splitlines()
             if not re.fullmatch(r" +\d+ +[1-3] gap", line)]
    return [re.sub(r" +(\d+) +(\d+ )?", " # ", line) if re.search(r"deflated|stored|table|gap|/hi|motd", line) else line
            for line in lines]


def test_text_report_in_the_manual_is_what_the_program_prints(example):
    documented = [display for display in displays(manual("cramfsck")) if display.startswith("XIP report:")]
    printed = run_well("cramfsck", "--xip-report", "rootfs.img", "/bin", cwd=example).decode()
    assert [without_what_compressors_decide(display) for display in documented] == \
        [without_what_compressors_decide(printed)]


def test_json_report_in_the_manual_is_what_the_program_prints(example):
    """As values, and in this order: the white space is json-c's."""
    documented = [display for display in displays(manual("cramfsck")) if '"totals": {' in display]
    printed = run_well("cramfsck", "--xip-report=json", "rootfs.img", cwd=example)
    reports = [json.loads(text) for text in (*documented, printed)]
    for report in reports:
        report["totals"]["flash_cost_compressor"] = None
        for costly in (report["totals"], *report["files"]):
            costly["flash_cost_bytes"] = None
    assert len(reports) == 2
    assert json.dumps(reports[0]) == json.dumps(reports[1])


def numbers_left_out(text):
    """The compressor decides the sums and their width."""
    return [re.sub(r" *[+-]?\d+(\.\d+)?", "#", line) for line in text.splitlines()]


@pytest.mark.parametrize("arguments, shown, left_out", [
    (["-R"], "drwxr-xr-x", places_left_out),
    (["-Rl"], "mode ", places_left_out),
    (["--super"], "offset:   0", places_left_out),
    (["--stat=/bin/hello"], "path:", places_left_out),
    (["--extents"], "    offset     length kind", places_left_out),
    (["--du"], "     bytes", numbers_left_out),
    (["--map", "--erase-block=8K"], "         0", places_left_out),
    (["--mtree"], "#mtree", str),
    (["--device-table"], "# name", str),
    (["--json", "/bin/hi"], "{", numbers_left_out),
], ids=lambda part: " ".join(part) if isinstance(part, list) else "")
def test_dump_in_the_manual_is_what_the_program_prints(example, arguments, shown, left_out):
    documented = [display for display in displays(manual("cramfs-dump")) if display.startswith(shown)]
    printed = run_well("cramfs-dump", "rootfs.img", *arguments, cwd=example).decode()
    assert [left_out(display) for display in documented] == [left_out(printed)]


def test_difference_in_the_manual_is_what_the_program_prints(example):
    (example / "rootfs" / "etc" / "motd").chmod(0o600)
    (example / "rootfs" / "etc" / "issue").write_bytes(b"new\n")
    (example / "rootfs" / "etc" / "issue").chmod(0o644)
    run_well("mkcramfs-xip", "-q", "-n", "hello", "rootfs", "new.img", cwd=example)
    documented = [display for display in displays(manual("cramfs-dump")) if display.startswith("added")]
    done = run("cramfs-dump", "--diff", "--erase-block=4K", "rootfs.img", "new.img", cwd=example)
    assert done.returncode == 1
    assert [numbers_left_out(display) for display in documented] == [numbers_left_out(done.stdout.decode())]
    done = run("cramfs-dump", "--diff", "--blocks", "--erase-block=4K", "rootfs.img", "new.img", cwd=example)
    documented, = [display for display in displays(manual("cramfs-dump")) if "superblock\n    padding" in display]
    hashes = r"\b[0-9a-f]{64}\b"
    assert re.sub(hashes, "", documented) == re.sub(hashes, "", done.stdout.decode())


def test_summary_in_the_manual_is_what_the_program_prints(example):
    printed = run_well("mkcramfs-xip", "-q", "rootfs", "rootfs.img", cwd=example).decode()
    documented = [display for display in displays(manual("mkcramfs-xip")) if display.startswith("rootfs.img:")]
    # The sizes that a compressor decides are the deflated bytes and the alignment, which take up the rest.
    varying = r"\d+ (deflated|alignment)|[0-9.]+ s$"
    assert [re.sub(varying, r"\1", display.replace("\n", " ").strip()) for display in documented] == \
        [re.sub(varying, r"\1", printed.strip())]


def documented_fields(program, section=None):
    fields = set()
    text = manual(program).replace("\\\n", "")
    if section:
        text = re.split(r"\n\.S[hs] ", text.split(f".Ss {section}\n")[1])[0]
    for item in re.findall(r"^\.It (Va .*)", text, re.MULTILINE):
        fields.update(re.findall(r"Va (\S+)", item))
    return fields


def fields_of(value, name=""):
    """The names of all members, as the manual writes them."""
    found = set()
    for key, member in value.items():
        path = f"{name}.{key}" if name else key
        if isinstance(member, dict):
            found |= fields_of(member, path)
        elif isinstance(member, list):
            inside = [fields_of(each, f"{key}[]") for each in member if isinstance(each, dict)]
            found |= {f"{path}[]"}.union(*inside)
        else:
            found.add(path)
    return found


def test_manual_has_every_field_of_the_json(example):
    with open(os.fsencode(example / "rootfs" / "etc") + b"/\xff", "wb") as file:
        file.write(b"not UTF-8")
    other_program = hello_program()[:176] + hello_program()[:175:-1]
    for name, mode in ((b"/\xfd", 0o755), (b"/\xfe", 0o700)):  # two inodes, so the pages are shared
        with open(os.fsencode(example / "rootfs" / "bin") + name, "wb") as file:
            file.write(other_program)
            os.fchmod(file.fileno(), mode)
    run_well("mkcramfs-xip", "-q", "rootfs", "rootfs.img", cwd=example)
    (example / "profile").write_text("/bin/hello,0,1\n/bin/hello,12288,1\n")
    report = schemas.valid("xip-report", run_well("cramfsck", "--xip-report=json", "--xip-profile=profile", "rootfs.img", cwd=example))
    assert documented_fields("cramfsck", "JSON") == fields_of(report)
    odd = next(file for file in report["files"] if file["path"].startswith("/etc/") and "path_bytes" in file)
    assert odd["path"] == "/etc/\ufffd" and bytes.fromhex(odd["path_bytes"]) == b"/etc/\xff"
    shared, = (file for file in report["files"] if file["shares_with"])
    assert bytes.fromhex(shared["path_bytes"]) == b"/bin/\xfe" and shared["flash_cost_bytes"] == 0
    assert shared["shares_with"] == "/bin/\ufffd" and bytes.fromhex(shared["shares_with_bytes"]) == b"/bin/\xfd"


def test_manual_has_every_field_of_the_statistics(example):
    run_well("mkcramfs-xip", "-q", "rootfs", "old.img", cwd=example)
    size = 40 * 4096 - 1500  # far enough between touched pages for a cut; its name is not UTF-8
    cut = elf.elf_file(elf.Form(kind=elf.ET_EXEC), [elf.Segment(elf.R | elf.X, 0, size, 0x10000)],
                       random.Random(4).randbytes(64) * (size // 64) + bytes(1500))
    (example / "rootfs" / os.fsdecode(b"cut \xff")).write_bytes(cut)
    (example / "profile").write_bytes(b"/bin/hello,0,1\n/cut \xff,0,1\n/cut \xff,151552,1\n")
    run_well("mkcramfs-xip", "-q", "--xip-budget=1M", "--xip-profile=profile", "--xip-split", "--like=old.img",
             "--stats=json:stats", "rootfs", "rootfs.img",
             cwd=example)
    stats = schemas.valid("stats", (example / "stats").read_text())
    assert documented_fields("mkcramfs-xip", "Statistics") == fields_of(stats)


def test_manual_has_every_field_of_the_curve(example):
    (example / "rootfs" / "bin" / os.fsdecode(b"\xff")).write_bytes(hello_program())
    (example / "profile").write_text("/bin/hello,0,1\n")
    curve = json.loads(run_well("mkcramfs-xip", "-q", "--what-if=json", "--xip-profile=profile", "--fit=12K", "rootfs", cwd=example))
    assert documented_fields("mkcramfs-xip", "The curve") == fields_of(curve)


@pytest.fixture
def damaged(example):
    """The image of the manuals, with a byte of /etc/motd's block changed."""
    extents = run_well("cramfs-dump", "--extents", "rootfs.img", cwd=example).decode()
    at = int(re.search(r"(\d+) +\d+ deflated +/etc/motd", extents).group(1))
    image = bytearray((example / "rootfs.img").read_bytes())
    image[at + 2] ^= 0xff
    (example / "damaged.img").write_bytes(image)
    return example / "damaged.img"


def test_json_findings_in_the_manual_are_what_the_program_prints(damaged):
    """Except for the numbers that a compressor decides."""
    documented = [json.loads(display) for display in displays(manual("cramfsck")) if '"findings"' in display]
    printed = json.loads(run("cramfsck", "--json", damaged).stdout)
    for findings in (*(each["findings"] for each in documented), printed["findings"]):
        for finding in findings:
            finding["what"] = re.sub(r"0x\w+|\d+", "N", finding["what"])
            finding["offset"] = finding["offset"] if finding["path"] is None else None
    assert json.dumps(documented) == json.dumps([printed])


def test_manual_has_every_field_of_the_findings(damaged):
    with open(os.fsencode(damaged.parent / "rootfs" / "etc") + b"/\xff\n", "wb") as file:
        file.write(b"not UTF-8")
    run_well("mkcramfs-xip", "-q", "rootfs", "rootfs.img", cwd=damaged.parent)
    found = fields_of(schemas.valid("check", run("cramfsck", "--json", damaged).stdout))
    found |= fields_of(json.loads(run("cramfsck", "--json", damaged.parent / "rootfs.img").stdout))
    found |= fields_of(schemas.valid("check", run("cramfsck", "--json", "--require-xip=/etc", "--require-xip=/bin:100%", "--min-direct=1", "--base=0", damaged).stdout))
    assert documented_fields("cramfsck", "Findings as JSON") == found | {"xip"}
