"""cramfsck's findings: their text and place, exit statuses, and the program's other names."""
import json
import os
import pathlib
import random
import subprocess

import pytest

import elf
from tools import CLEAN, ERRORS_LEFT, OPERATIONAL, USAGE, directory, run, run_well

CRC_AT, EDITION_AT = 32, 36


@pytest.fixture
def packed(source, image):
    """An image of the small directory."""
    run_well("mkcramfs-xip", "-q", source, image)
    return image


def change(image, at, value=None):
    contents = bytearray(image.read_bytes())
    contents[at] = contents[at] ^ 0xff if value is None else value
    image.write_bytes(contents)


@pytest.fixture
def wrong_crc(packed):
    change(packed, EDITION_AT)  # nothing else looks at it
    return packed


@pytest.fixture
def with_hazard(tmp_path, source):
    """An image of a tool that makes one inode of equal files, whatever their modes."""
    (source / "private").write_bytes((source / "etc" / "motd").read_bytes())
    (source / "private").chmod(0o600)
    image = tmp_path / "hazard.img"
    subprocess.run(["mkfs.cramfs", source, image], check=True)
    return image


@pytest.mark.parametrize("page", [4096, 8192, 16384, 32768, 65536])
def test_page_size_of_programs_alone_is_found_out(tmp_path, image, page):
    """Their first blocks are in place, which shows nothing, and so do tables with bytes after them."""
    rng = random.Random(20261127)
    root = tmp_path / "root"
    root.mkdir()
    for number in range(2):
        segments, size = elf.separate_code(4096, rng.randrange(90000, 200000), 20000, 60000)
        words = [rng.randbytes(6) for _ in range(100)]
        (root / f"p{number}").write_bytes(elf.elf_file(elf.Form(), segments, b"".join(rng.choices(words, k=size // 6 + 1))[:size]))
    run_well("mkcramfs-xip", "-q", "-b", str(page), root, image)
    done = run("cramfsck", "--xip-report=json", "-E", image)
    assert done.returncode == CLEAN and json.loads(done.stdout)["image"]["page_size"] == page


def rules_of(done):
    return [line.rsplit(" [", 1)[1].split(":")[0] for line in done.stderr.decode().splitlines()]


@pytest.mark.parametrize("options, status, severity", [
    ([], ERRORS_LEFT, "error"), (["--crc=error"], ERRORS_LEFT, "error"), (["--crc=warn"], CLEAN, "hazard"),
    (["--crc=warn", "-E"], ERRORS_LEFT, "hazard"), (["--crc=ignore"], CLEAN, None), (["--crc=ignore", "-E"], CLEAN, None),
])
def test_wrong_crc_is_what_the_option_says(wrong_crc, options, status, severity):
    done = run("cramfsck", *options, wrong_crc)
    assert done.returncode == status
    assert done.stderr.decode().split(": ")[1:2] == ([severity] if severity else [])


def test_all_else_is_checked_with_a_wrong_crc(wrong_crc):
    change(wrong_crc, 4, 0)  # the superblock's size
    change(wrong_crc, 5, 0x70)
    for how in ("error", "warn", "ignore"):
        assert "truncated" in rules_of(run("cramfsck", f"--crc={how}", wrong_crc))


def test_hazards_count_as_errors_when_asked_to(with_hazard):
    done = run("cramfsck", with_hazard)
    assert (done.returncode, rules_of(done)) == (CLEAN, ["shared-inode"])
    assert done.stdout.decode().endswith(": 0 errors, 1 hazards, 4 files\n")
    assert run("cramfsck", "-E", with_hazard).returncode == ERRORS_LEFT


@pytest.mark.parametrize("options, expected", [
    (["--severity=error"], ["crc"]),
    ([], ["crc", "shared-inode"]),
    (["--severity=hazard"], ["crc", "shared-inode"]),
    (["--severity=note"], ["crc", "shared-inode", "super-future"]),
    (["-v"], ["crc", "shared-inode", "super-future"]),
    (["-v", "--severity=error"], ["crc"]),
])
def test_severity_filters_what_is_printed_and_not_the_exit_status(with_hazard, options, expected):
    change(with_hazard, 12)  # the field for future use; and so the CRC
    done = run("cramfsck", *options, with_hazard)
    assert sorted(rules_of(done)) == expected and done.returncode == ERRORS_LEFT
    assert done.stdout.decode().endswith(": 1 errors, 1 hazards, 4 files\n")
    if "-v" not in options:
        printed = json.loads(run("cramfsck", "--json", *options, with_hazard).stdout)["findings"]
        expected = expected if options else ["crc", "shared-inode", "super-future"]
        assert sorted(finding["rule"] for finding in printed) == expected


def test_filtered_hazards_still_count_as_errors_when_asked_to(with_hazard):
    assert run("cramfsck", "-E", "--severity=error", with_hazard).returncode == ERRORS_LEFT


def test_json_of_a_clean_image_is_one_object_and_nothing_else(packed):
    done = run("cramfsck", "--json", packed)
    assert (done.returncode, done.stderr, json.loads(done.stdout)) == (CLEAN, b"", {"version": 1, "findings": []})


@pytest.mark.parametrize("report", ["--xip-report", "--xip-report=text", "--xip-report=json"])
def test_json_holds_the_xip_report_when_asked_for(wrong_crc, report):
    done = run("cramfsck", "--json", report, wrong_crc)
    printed = json.loads(done.stdout)
    assert done.returncode == ERRORS_LEFT and done.stderr == b""
    assert [finding["rule"] for finding in printed["findings"]] == ["crc"]
    assert printed["xip"] == json.loads(run("cramfsck", "--xip-report=json", wrong_crc).stdout)


def test_json_says_what_the_lines_say(with_hazard):
    change(with_hazard, 12)
    lines = run("cramfsck", "-v", with_hazard).stderr.decode().splitlines()
    findings = json.loads(run("cramfsck", "--json", with_hazard).stdout)["findings"]
    assert len(lines) == 3
    for line, finding in zip(lines, findings, strict=True):
        path = f"{finding['path']}: " if finding["path"] else ""
        block = f"block {finding['block']} " if finding["block"] is not None else ""
        assert line == (f"{with_hazard}: {finding['severity']}: {path}{block}at {finding['offset']}: "
                        f"{finding['what']} [{finding['rule']}: {finding['must']}]")


def test_json_of_what_is_no_image_is_empty(source):
    done = run("cramfsck", "--json", source / "etc" / "motd")
    assert done.returncode == OPERATIONAL and done.stdout == b"" and done.stderr.count(b"\n") == 1


def test_json_to_a_full_disk_ends_with_8(wrong_crc):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([directory() / "cramfsck", "--json", wrong_crc], stdout=full, check=False,
                              stderr=subprocess.PIPE)
    assert done.returncode == OPERATIONAL and b"standard output" in done.stderr


@pytest.mark.parametrize("built_for, checked_for, expected", [
    ("mmu", "mmu", []), ("mmu", "v3", []), ("mmu", "nommu", ["in-place-shared"]), ("nommu", "nommu", []),
])
def test_pages_in_place_that_inodes_share_are_a_hazard_without_an_mmu(tmp_path, built_for, checked_for, expected):
    root = tmp_path / "programs"
    root.mkdir()
    segments, size = elf.text_only(3 * 4096)
    for name, mode in (("a", 0o755), ("b", 0o700)):
        (root / name).write_bytes(elf.elf_file(elf.Form(32, False, elf.ET_EXEC), segments, b"\x5a" * size))
        (root / name).chmod(mode)
    image = tmp_path / "programs.img"
    run_well("mkcramfs-xip", "-q", f"--kernel={built_for}", root, image)
    assert (b" in-place " in run_well("cramfs-dump", "--extents", image)) == (built_for == "mmu")
    done = run("cramfsck", f"--kernel={checked_for}", "-E", image)
    assert rules_of(done) == expected and done.returncode == (ERRORS_LEFT if expected else CLEAN)


@pytest.fixture
def many_errors(tmp_path):
    """An image whose blocks are all broken."""
    root = tmp_path / "many"
    root.mkdir()
    for number in range(300):
        (root / f"{number:03}").write_bytes(b"%d" % number * 2000)
    image = tmp_path / "many.img"
    run_well("mkcramfs-xip", "-q", root, image)
    contents = bytearray(image.read_bytes())
    at = 76 + 300 * 16 + 300 * 4  # after directory and tables
    contents[at:] = b"\x5a" * len(contents[at:])
    image.write_bytes(contents)
    return image


def test_each_rule_prints_some_findings_and_counts_the_others(many_errors):
    every = rules_of(run("cramfsck", "-v", "--severity=hazard", many_errors))
    done = run("cramfsck", many_errors)
    lines = done.stderr.decode().splitlines()
    assert len(every) > 300
    for rule in set(every):
        there = every.count(rule)
        printed = [line for line in lines if f" [{rule}: " in line]
        assert len(printed) == min(there, 21)
        if there > 20:
            assert f": {there - 20} more of these; -v prints them all [{rule}: " in printed[-1]
    hazards = every.count("ext-flag")
    assert f": {len(every) - hazards} errors, {hazards} hazards" in done.stdout.decode()
    assert len(json.loads(run("cramfsck", "--json", "--severity=hazard", many_errors).stdout)["findings"]) == len(every)


@pytest.fixture
def old_name(tmp_path):
    """cramfsck as a link called fsck.cramfs."""
    link = tmp_path / "fsck.cramfs"
    os.symlink(pathlib.Path(directory()).resolve() / "cramfsck", link)
    return link


def call(program, *arguments):
    return subprocess.run([program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=False)


@pytest.mark.parametrize("options", [[], ["-a"], ["-y"], ["-c"], ["-a", "-v"], ["-y", "-b", "4096"], ["-cv"], ["--extract"],
                                     ["--blocksize", "4096"], ["--verbose"], ["-ayvb4096", "--extract"]])
def test_options_of_older_checkers_are_taken_under_either_name(packed, old_name, options):
    for program in (old_name, directory() / "cramfsck"):
        done = call(program, *options, packed)
        assert (done.returncode, done.stderr) == (CLEAN, b"")
        assert done.stdout == f"{packed}: clean, 3 files\n".encode()
    change(packed, EDITION_AT)
    assert call(old_name, *options, packed).returncode == ERRORS_LEFT


@pytest.mark.parametrize("options", [["--extract={}"], ["-c", "-x", "{}"], ["-y", "-x{}", "-v"]])
def test_older_checkers_ways_to_extract(packed, old_name, tmp_path, options):
    target = tmp_path / "out"
    done = call(old_name, *(option.format(target) for option in options), packed)
    assert done.returncode == CLEAN and (target / "etc" / "motd").read_bytes() == b"welcome\n" * 1000


def test_old_name_speaks_of_itself(old_name):
    assert call(old_name, "--version").stdout.startswith(b"fsck.cramfs (cramfs-xip) ")
    assert b"Usage: fsck.cramfs [" in call(old_name, "--help").stdout
    assert call(old_name, "--nonsense", "x").stderr.startswith(b"fsck.cramfs: ")
    assert call(old_name).returncode == USAGE
    assert call(old_name, "/nonexistent").stderr.startswith(b"fsck.cramfs: /nonexistent: ")


def test_words_that_are_no_choice_are_refused(packed):
    for option in ("--crc=no", "--severity=warning", "--severity=", "--crc="):
        done = run("cramfsck", option, packed)
        assert done.returncode == USAGE and done.stderr.count(b"\n") == 1
