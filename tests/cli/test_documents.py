"""Manuals and completions say what the programs do: the same options, rules, reasons and output."""
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess

import pytest

from tools import PROGRAMS, directory, run, run_well

PROJECT = pathlib.Path(__file__).parents[2]
MANUALS = sorted((PROJECT / "man").glob("*.[1-8]"))
VALUES = {
    "mkcramfs-xip": {
        "--xip=": "none text readonly auto all",
        "--kernel=": "mmu nommu",
        "--allow=": "uid gid size name device directory target unreadable changed xattr all",
        "--endian=": "little big host",
        "--compressor=": "libdeflate zlib",
        "--block-size=": "4096 8192 16384 32768 65536",
    },
    "cramfsck": {
        "--xip-report=": "text json",
        "--kernel=": "mmu nommu v3",
        "--crc=": "error warn ignore",
        "--severity=": "error hazard note",
        "--block-size=": "4096 8192 16384 32768 65536",
    },
    "cramfs-dump": {"--map=": "text svg", "--block-size=": "4096 8192 16384 32768 65536"},
}
# The words as a user types them: a short option takes its value from the next one.
SHORT_VALUES = [("mkcramfs-xip", "-N", "--endian="), *((program, "-b", "--block-size=") for program in PROGRAMS)]


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


def complete_in_bash(program, *words, breaks=None, cwd=None):
    """What bash offers for the last of the words, with the completion sourced and nothing else loaded."""
    script = f"""
        source "$1"
        {f"COMP_WORDBREAKS={breaks!r}" if breaks is not None else ""}
        shift
        function=$(complete -p {program}); function=${{function#*-F }}; function=${{function%% *}}
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        $function
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "--norc", "-uc", script, "bash", PROJECT / "completions" / "bash" / program,
                           program, *words], capture_output=True, text=True, check=True, cwd=cwd)
    assert done.stderr == ""
    return {line for line in done.stdout.splitlines() if line}


def bash_options(program):
    return {option.rstrip("=") for option in complete_in_bash(program, "-")}


def zsh_options(program):
    """The options in the specs of _arguments."""
    text = (PROJECT / "completions" / "zsh" / f"_{program}").read_text()
    assert text.startswith(f"#compdef {program}\n")
    found = set()
    for line in re.findall(r"^    (['(].*?)\[", text, re.MULTILINE):
        specs = re.sub(r"^'\([^)]*\)", "'", line)  # which options exclude this one
        found.update(option.rstrip("+=-") for option in re.findall(r"--?\w[\w-]*[+=]?-?", specs))
    return found


def fish_options(program):
    text = (PROJECT / "completions" / "fish" / f"{program}.fish").read_text()
    assert f"complete -c {program}\n" in text
    found = set()
    for line in re.findall(r"^\$c (.*)", text, re.MULTILINE):
        found.update(f"-{letter}" for letter in re.findall(r"(?:^| )-s (\w)", line))
        found.update(f"--{name}" for name in re.findall(r"(?:^| )-l ([\w-]+)", line))
    return found


@pytest.mark.parametrize("program", PROGRAMS)
def test_help_lists_options_at_all(program):
    options = help_options(program)
    assert {"-h", "--help", "-V", "--version", "-b", "--block-size"} <= options
    usage = run_well(program, "--help").decode().split("\n\n")[0]
    assert options == set(re.findall(r"--[a-z0-9-]+", usage)) | {option for option in options if len(option) == 2}


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("where", [bash_options, zsh_options, fish_options])
def test_completions_offer_the_options_of_help(program, where):
    assert where(program) == help_options(program)


@pytest.mark.parametrize("program", PROGRAMS)
def test_manual_explains_the_options_of_help(program):
    assert manual_options(manual(program)) == help_options(program)


@pytest.mark.parametrize("program", PROGRAMS)
def test_synopsis_names_each_option_once(program):
    """A long option stands there only when it has no letter."""
    items = re.findall(r"^\.It (Fl .*)", manual(program), re.MULTILINE)
    with_letter = {"-" + long for item in items for long in re.findall(r"Fl \w\b.*, Fl (-[\w-]+)", item)}
    assert synopsis_options(manual(program)) == help_options(program) - with_letter


@pytest.mark.parametrize("program, option, words",
                         [(program, option, words) for program in PROGRAMS for option, words in VALUES[program].items()])
def test_bash_offers_the_words_of_an_option(program, option, words):
    words = set(words.split())
    name = option.rstrip("=")
    assert complete_in_bash(program, name, "=") == words  # as bash splits it
    assert complete_in_bash(program, name, "=", min(words)[:1]) == {w for w in words if w[0] == min(words)[0]}
    assert complete_in_bash(program, option, breaks=" \t\n") == {option + word for word in words}
    for word in words:
        assert word in run_well(program, "--help").decode() or "block-size" in option


@pytest.mark.parametrize("program, letter, option", SHORT_VALUES)
def test_bash_offers_the_words_of_a_letter(program, letter, option):
    assert complete_in_bash(program, letter, "") == set(VALUES[program][option].split())


def test_bash_offers_files_for_operands_and_directories_to_extract_to(tmp_path):
    (tmp_path / "a tree").mkdir()
    (tmp_path / "a.img").touch()
    assert complete_in_bash("mkcramfs-xip", "a", cwd=tmp_path) == {"a tree", "a.img"}
    assert complete_in_bash("mkcramfs-xip", "-N", "big", "a", cwd=tmp_path) == {"a tree", "a.img"}
    assert complete_in_bash("mkcramfs-xip", "--xip", "=", "none", "-q", "a tree", "a", cwd=tmp_path) == {"a tree", "a.img"}
    assert complete_in_bash("cramfsck", "--extract", "a", cwd=tmp_path) == {"a tree", "a.img"}
    assert complete_in_bash("cramfsck", "--extract", "=", "a", cwd=tmp_path) == {"a tree"}
    assert complete_in_bash("cramfsck", "-x", "a", cwd=tmp_path) == {"a tree"}
    assert complete_in_bash("cramfs-dump", "a", cwd=tmp_path) == {"a tree", "a.img"}


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
@pytest.mark.parametrize("program", PROGRAMS)
def test_zsh_can_read_its_completion(program):
    subprocess.run(["zsh", "-fn", PROJECT / "completions" / "zsh" / f"_{program}"], check=True)


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
@pytest.mark.parametrize("program", PROGRAMS)
def test_fish_offers_options_and_words(program):
    def offers(line):
        script = f"source {PROJECT / 'completions' / 'fish'}/{program}.fish; complete -C '{program} {line}'"
        done = subprocess.run(["fish", "--no-config", "-c", script], capture_output=True, text=True, check=True)
        return {offer.split("\t")[0] for offer in done.stdout.splitlines()}

    long = {option for option in help_options(program) if option.startswith("--")}
    assert {offer.rstrip("=") for offer in offers("--")} == long
    for option, words in VALUES[program].items():
        assert offers(option) == {option + word for word in words.split()}


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


def test_every_reason_of_verbose_stands_in_the_manual():
    source = (PROJECT / "src" / "xip" / "select.c").read_text().split("wanted_text(enum")[1]
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
    said = done.stdout.splitlines()
    for other in MANUALS:  # our own pages need not be installed yet
        name, section = other.name.rsplit(".", 1)
        said = [line for line in said
                if not re.search(rf"referenced manual not found: Xr {name} {section}( \(\d+ times\))?$", line)]
    assert said == []


def test_there_are_manuals():
    assert {page.name for page in MANUALS} >= {*(f"{program}.1" for program in PROGRAMS), "cramfs-xip.5"}


def example_program():
    """The /bin/hello of the manuals: two segments, r-x and rw-, that share the third of its four pages."""
    segments = ((5, 0, 0, 0x2a40, 0x2a40), (6, 0x2df0, 0x3df0, 0x708, 0x1a10))
    head = b"\x7fELF\x02\x01\x01" + bytes(9)
    head += struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0x1000, 64, 0, 0, 64, 56, len(segments), 0, 0, 0)
    for flags, offset, address, file_size, memory_size in segments:
        head += struct.pack("<IIQQQQQQ", 1, flags, offset, address, address, file_size, memory_size, 0x1000)
    body = b"".join(struct.pack("<I", 0xe3a00000 + i * 7) for i in range(13560 // 4))
    return head + body[len(head):]


@pytest.fixture
def example(tmp_path):
    """A directory with the rootfs and rootfs.img that the manuals speak of."""
    root = tmp_path / "rootfs"
    for made in (root, root / "bin", root / "etc"):
        made.mkdir()
        made.chmod(0o755)
    (root / "bin" / "hello").write_bytes(example_program())
    (root / "bin" / "hello").chmod(0o755)
    (root / "bin" / "hi").symlink_to("hello")
    (root / "etc" / "motd").write_bytes(b"welcome\n" * 1000)
    (root / "etc" / "motd").chmod(0o644)
    run_well("mkcramfs-xip", "-q", "-n", "hello", root, tmp_path / "rootfs.img")
    return tmp_path


def displays(text):
    """The literal displays of a manual, as mandoc would show them."""
    return [display.replace("\\(aq", "'").replace("\\(dq", '"').replace("\\-", "-").replace("\\&", "").replace("\\e", "\\")
            for display in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", text, re.DOTALL | re.MULTILINE)]


def without_what_compressors_decide(text):
    """Lengths of compressed blocks, and what follows from them, differ by compressor and version."""
    text = re.sub(r"crc: +0x[0-9a-f]{8}", "crc", text)
    text = re.sub(r"\b(libdeflate|zlib)\b", "compressor", text)
    text = re.sub(r"\d+ bytes of flash", "bytes of flash", text)
    return re.sub(r"^((?: +\d+){3} [#.-]+ +\d+) +\d+ ", r"\1 cost ", text, flags=re.MULTILINE)  # a file in the XIP report


def places_left_out(text):
    """The same line by line, without the offsets and lengths that depend on a compressed block's length."""
    lines = [line for line in without_what_compressors_decide(text).splitlines()
             if not re.fullmatch(r" +\d+ +[1-3] gap", line)]
    return [re.sub(r" +(\d+) +(\d+ )?", " # ", line) if re.search(r"deflated|stored|table|gap|/hi|motd", line) else line
            for line in lines]


def test_text_report_in_the_manual_is_what_the_program_prints(example):
    documented = [display for display in displays(manual("cramfsck")) if display.startswith("XIP report:")]
    printed = run_well("cramfsck", "--xip-report", "rootfs.img", cwd=example).decode()
    assert [without_what_compressors_decide(display) for display in documented] == \
        [without_what_compressors_decide(printed)]


def test_json_report_in_the_manual_is_what_the_program_prints(example):
    """As values, and in this order: the white space is json-c's."""
    documented = [display for display in displays(manual("cramfsck")) if display.startswith('{"image"')]
    printed = run_well("cramfsck", "--xip-report=json", "rootfs.img", cwd=example)
    reports = [json.loads(text) for text in (*documented, printed)]
    for report in reports:
        report["totals"]["flash_cost_compressor"] = None
        for costly in (report["totals"], *report["files"]):
            costly["flash_cost_bytes"] = None
    assert len(reports) == 2
    assert json.dumps(reports[0]) == json.dumps(reports[1])


def numbers_left_out(text):
    """What sums hold, and how wide they are, a compressor decides."""
    return [re.sub(r" *[+-]?\d+(\.\d+)?", "#", line) for line in text.splitlines()]


@pytest.mark.parametrize("arguments, shown, left_out", [
    (["-R"], "drwxr-xr-x", places_left_out),
    (["-Rl"], "mode ", places_left_out),
    (["--super"], "offset:   0", places_left_out),
    (["--stat=/bin/hello"], "path:", places_left_out),
    (["--extents"], "    offset", places_left_out),
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
        text = text.split(f".Ss {section}\n")[1].split("\n.Sh ")[0]
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
    other_program = example_program()[:176] + example_program()[:175:-1]
    for name, mode in ((b"/\xfd", 0o755), (b"/\xfe", 0o700)):  # two inodes, so the pages are shared
        with open(os.fsencode(example / "rootfs" / "bin") + name, "wb") as file:
            file.write(other_program)
            os.fchmod(file.fileno(), mode)
    run_well("mkcramfs-xip", "-q", "rootfs", "rootfs.img", cwd=example)
    report = json.loads(run_well("cramfsck", "--xip-report=json", "rootfs.img", cwd=example))
    assert documented_fields("cramfsck", "JSON") == fields_of(report)
    odd = next(file for file in report["files"] if file["path"].startswith("/etc/") and "path_bytes" in file)
    assert odd["path"] == "/etc/\ufffd" and bytes.fromhex(odd["path_bytes"]) == b"/etc/\xff"
    shared, = (file for file in report["files"] if file["shares_with"])
    assert bytes.fromhex(shared["path_bytes"]) == b"/bin/\xfe" and shared["flash_cost_bytes"] == 0
    assert shared["shares_with"] == "/bin/\ufffd" and bytes.fromhex(shared["shares_with_bytes"]) == b"/bin/\xfd"


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
    """But for the numbers that a compressor decides."""
    documented = [json.loads(display) for display in displays(manual("cramfsck")) if display.startswith('{"findings"')]
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
    found = fields_of(json.loads(run("cramfsck", "--json", damaged).stdout))
    found |= fields_of(json.loads(run("cramfsck", "--json", damaged.parent / "rootfs.img").stdout))
    assert documented_fields("cramfsck", "Findings as JSON") == found | {"xip"}


def examples(page):
    section = page.read_text().split(".Sh EXAMPLES")
    lines = re.findall(r"^\.Dl \$ (.*)", section[1].split("\n.Sh ")[0], re.MULTILINE) if len(section) > 1 else []
    return [line.replace("\\(aq", "'").replace("\\(dq", '"').replace("\\-", "-").replace("\\&", "") for line in lines]


@pytest.mark.parametrize("program", PROGRAMS)
def test_examples_of_the_manual_run_as_printed(program, example):
    """In their order, in one directory, as a user would type them."""
    commands = examples(PROJECT / "man" / f"{program}.1")
    assert len(commands) >= 3
    environment = {**os.environ, "PATH": f"{directory().resolve()}:{os.environ['PATH']}"}
    for command in commands:
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=example, env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        said = [line for line in done.stderr.splitlines() if ": note: " not in line]  # a plain user sets no owners
        assert said == [], command
