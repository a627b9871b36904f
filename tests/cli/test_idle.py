"""Options, rules and profiles without effect: a warning, also with --quiet; an error, and no image, with --errors. Harmless ones are notes."""
import os
import random

import pytest

import elf
from elf import Form, elf_file
from flat import flat_file
from tools import CLEAN, USAGE, run, run_well

PAGE = elf.PAGE

NOWHERE = "nothing is in place, though {} asks for pages in place"


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "tree"
    (root / "bin").mkdir(parents=True)
    segments, size = elf.separate_code(PAGE, 2 * PAGE, PAGE, 100)
    (root / "bin/program").write_bytes(elf_file(Form(), segments, random.Random(1).randbytes(size)))
    (root / "motd").write_bytes(b"welcome\n" * 3000)
    (tmp_path / "rules").write_text("/bin/progam in-place\n")
    (tmp_path / "data.rules").write_text("/motd text\n")
    (tmp_path / "empty.csv").write_text("path,offset,count\n")
    (tmp_path / "wrong.csv").write_text("path,offset,count\n/bin/progam,0,1\n")
    (tmp_path / "motd.csv").write_text("path,offset,count\n/motd,0,1\n")
    return root


WARNINGS = [
    ("--xip-rules=rules --xip=none", "rules:1: no file matches '/bin/progam'"),
    ("--xip-rules=data.rules --xip=none", NOWHERE.format("--xip-rules")),
    ("--exclude=*.a", "--exclude: nothing matches '*.a'"),
    ("--xip-budget=1M --xip=none", "--xip-budget has no effect: --xip=none puts nothing in place"),
    ("--xip-budget=1M --legacy", "--xip-budget has no effect: a --legacy image has nothing in place"),
    ("--xip-profile=motd.csv --xip=none", "--xip-profile has no effect: --xip=none"),
    ("--xip-profile=motd.csv --xip-split --xip=none", "--xip-split has no effect: --xip=none"),
    ("--xip-profile=empty.csv", NOWHERE.format("--xip-profile")),
    ("--xip-profile=motd.csv", NOWHERE.format("--xip-profile")),
    ("--xip-profile=wrong.csv --stale-profile=warn", NOWHERE.format("--xip-profile")),
    ("--kernel=nommu", NOWHERE.format("--kernel=nommu")),
    ("-X", NOWHERE.format("-X")),
    ("--map-uid=1:2", "--map-uid has no effect: --all-root or --owner"),
    ("--gid-offset=1", "--gid-offset has no effect: --all-root or --owner"),
]


@pytest.mark.parametrize("options, said", WARNINGS)
def test_what_is_without_effect_is_a_warning_also_with_quiet(tree, tmp_path, options, said):
    words = ["--all-root", *options.split(), tree, "x.img"]
    done = run("mkcramfs-xip", "--quiet", *words, cwd=tmp_path)
    assert done.returncode == CLEAN and done.stdout == b""
    assert f"mkcramfs-xip: warning: {said}" in done.stderr.decode()
    os.unlink(tmp_path / "x.img")
    for strict in ("-E", "--errors", "--strict"):
        done = run("mkcramfs-xip", strict, *words, cwd=tmp_path)
        assert done.returncode == USAGE and f"mkcramfs-xip: {said}" in done.stderr.decode()
        assert not (tmp_path / "x.img").exists()


@pytest.mark.parametrize("options, said", [
    ("--slack=3", "--slack has no effect: --like is not given"),
    ("--erase-block=64K", "--erase-block has no effect"),
    ("--fill=0x00", "--fill has no effect: --pad-to is not given"),
    ("--stale-profile=warn", "--stale-profile has no effect: --xip-profile is not given"),
    ("--kernel=nommu --xip=none", "--kernel has no effect: --xip=none"),
    ("--xip-sticky", "--xip-sticky has no effect: no file has the sticky bit"),
])
def test_what_does_no_harm_is_a_note(tree, tmp_path, options, said):
    words = ["--all-root", *options.split(), tree, "x.img"]
    assert f"mkcramfs-xip: note: {said}" in run("mkcramfs-xip", "--strict", *words, cwd=tmp_path).stderr.decode()
    done = run("mkcramfs-xip", "--quiet", "--strict", *words, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (CLEAN, b"")


@pytest.mark.parametrize("options", [
    "--xip-budget=8K", "--xip-budget=0", "--xip-budget=100", "--kernel=mmu", "--fit=1M", "--fit=1M --xip=none", "--map-uid=1:2 --owner=0:0 --uid-offset=0",
])
def test_what_has_an_effect_is_quiet(tree, tmp_path, options):
    owners = "--map-uid" in options
    done = run("mkcramfs-xip", "--quiet", *(["--all-root"] if not owners else []), *options.split(), tree, "x.img", cwd=tmp_path)
    assert done.returncode == CLEAN and (done.stderr == b"") == (not owners)


@pytest.mark.parametrize("maps, said", [
    (["uid=4321:5"], ["--map-uid=4321:5 has no effect: no file is left with uid 4321; correct it or leave it out"]),
    (["gid=4321:5", "uid=4322:5"], ["--map-uid=4322:5 has no effect: no file is left with uid 4322; correct it or leave it out",
                                    "--map-gid=4321:5 has no effect: no file is left with gid 4321; correct it or leave it out"]),
    ([f"uid={os.geteuid()}:0", f"uid={os.geteuid()}:1", f"gid={os.getegid()}:0"],
     [f"--map-uid={os.geteuid()}:1 has no effect: no file is left with uid {os.geteuid()}; correct it or leave it out"]),
])
def test_a_map_of_owners_that_nothing_has_is_a_warning(tree, tmp_path, maps, said):
    words = ["--quiet", *(f"--map-{each}" for each in maps), "--allow=uid,gid", tree, "x.img"]
    done = run("mkcramfs-xip", *words, cwd=tmp_path)
    assert done.returncode == CLEAN
    assert [line for line in done.stderr.decode().splitlines() if "has no effect" in line] == [f"mkcramfs-xip: warning: {each}" for each in said]
    assert run("mkcramfs-xip", "-E", *words, cwd=tmp_path).returncode == USAGE


def test_misspelled_rules_are_not_silent(tree, tmp_path):
    done = run("mkcramfs-xip", "--quiet", "--all-root", "--xip=none", "--xip-rules=rules", tree, "x.img", cwd=tmp_path)
    assert done.stderr.decode().splitlines() == [
        "mkcramfs-xip: warning: rules:1: no file matches '/bin/progam'",
        "mkcramfs-xip: warning: " + NOWHERE.format("--xip-rules") + ": none of the pages it chooses can be in place; --verbose prints the reason for each file"]


def test_a_program_for_the_kernel_is_an_effect(tree, tmp_path):
    (tree / "bin/flat").write_bytes(flat_file(2 * PAGE, b"text" * 5000))
    assert run("mkcramfs-xip", "--quiet", "--strict", "--all-root", "--kernel=nommu", tree, "x.img", cwd=tmp_path).stderr == b""


def test_allowed_losses_stay_warnings(tree, tmp_path):
    (tree / ("n" * 253)).write_bytes(b"x")
    done = run("mkcramfs-xip", "--strict", "--all-root", "--allow=name", tree, "x.img", cwd=tmp_path)
    assert done.returncode == CLEAN and b"warning: " in done.stderr
    assert run("mkcramfs-xip", "--strict", "--quiet", "--all-root", "--allow=name", tree, "x.img", cwd=tmp_path).stderr == b""


@pytest.mark.parametrize("options, said", [
    ("--base=0x1000000", "--base has no effect: it needs --xip-report, --require-xip or --min-direct"),
    ("--force", "--force has no effect: it needs --extract=DIR"),
    ("--privileged", "--privileged has no effect"),
    ("--max-extract=1M --extract", "--max-extract has no effect"),
    ("--scan --xip-report", "--xip-report has no effect"),
    ("--xip-report --xip-profile=wrong.csv", "wrong.csv: --xip-profile has no effect: none of its pages is in the image"),
])
def test_the_checker_warns_too(tree, tmp_path, options, said):
    run_well("mkcramfs-xip", "--quiet", "--all-root", tree, tmp_path / "x.img")
    done = run("cramfsck", "--quiet", *options.split(), "x.img", cwd=tmp_path)
    assert done.returncode == CLEAN and f"cramfsck: warning: {said}" in done.stderr.decode()
    done = run("cramfsck", "--strict", *options.split(), "x.img", cwd=tmp_path)
    assert done.returncode == USAGE and f"cramfsck: {said}" in done.stderr.decode()


@pytest.mark.parametrize("options", ["--base=0x1000000 --xip-report", "--base=0x1000000 --min-direct=1", "--max-extract=1M --extract=out", "--force --extract=out"])
def test_the_checker_is_quiet_about_what_counts(tree, tmp_path, options):
    run_well("mkcramfs-xip", "--quiet", "--all-root", tree, tmp_path / "x.img")
    assert run("cramfsck", "--strict", "--quiet", *options.split(), "x.img", cwd=tmp_path).stderr == b""
