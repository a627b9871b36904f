"""Completions in the real shells, installed where each of them looks: options, their words, files and directories.

The expected completions come from the programs: the options of --help, and for an option with a closed list of words
those in the message about a wrong word.
"""
import os
import pathlib
import re
import shutil
import subprocess

import pytest

import shells
from tools import PROGRAMS, USAGE, run, run_well

BASH, ZSH, FISH = "share/bash-completion/completions", "share/zsh/site-functions", "share/fish/vendor_completions.d"
PAGES = {"4096", "8192", "16384", "32768", "65536"}
# Options whose values are neither words of a closed list nor numbers: (program, option): words, or files.
SUGGESTED = {
    "--pad-to": {"erase-block"},
    "--level": {str(level) for level in range(1, 13)},
    "--stats": {"json"},
}
FILE_ARGUMENTS, DIRECTORY_ARGUMENTS = {"FILE", "IMAGE", "OLD"}, {"DIR"}


def options_with_values(program):
    """{option: (letter or None, name of the argument, whether it may be left out)}, from the list in --help."""
    found = {}
    for line in run_well(program, "--help").decode().splitlines():
        listed = re.match(r"  (?:(-\w), |    )(--[a-z0-9-]+)(\[?)=(\S+?)\]?(?:  |$)", line)
        if listed:
            letter, option, optional, argument = listed.groups()
            found[option] = (letter, argument, bool(optional))
        short = re.match(r"  (-\w) ([A-Z]+)  ", line)
        if short:
            found[short.group(1)] = (short.group(1), short.group(2), False)
    return found


def closed_words(program, option):
    """The closed list of words that an option takes, from the message about a wrong one; None if it takes any word."""
    joint = "" if len(option) == 2 else "="
    done = run(program, f"{option}{joint}@", "nothing", "nothing.img")
    if done.returncode != USAGE:
        return None
    said = done.stderr.decode()
    listed = re.search(r": '@' is not one of (.*);", said)
    return set(listed.group(1).split(", ")) if listed else None


def wanted_words(program, option):
    if option == "--block-size":
        return PAGES
    words = closed_words(program, option)
    if option == "--allow":
        return words | {"all"}
    return words or SUGGESTED.get(option)


@pytest.fixture(scope="module")
def prefix(tmp_path_factory):
    """What `cmake --install` makes."""
    to = tmp_path_factory.mktemp("installed")
    build = pathlib.Path(os.environ["CRAMFS_XIP_BIN"]).parent
    subprocess.run(["cmake", "--install", build, "--prefix", to], check=True, stdout=subprocess.DEVNULL)
    return to


@pytest.fixture(scope="module", params=list(shells.SHELLS))
def shell(request, prefix, tmp_path_factory):
    assert shutil.which(request.param.split("-")[0]), f"{request.param} not found: scripts/install-packages.sh test"
    home = tmp_path_factory.mktemp(request.param)
    (home / "a tree").mkdir()
    (home / "a.img").touch()
    started = shells.SHELLS[request.param](home, prefix / "share")
    yield started
    started.close()


def test_completions_are_installed_for_each_program(prefix):
    for folder, form in ((BASH, "{}"), (ZSH, "_{}"), (FISH, "{}.fish")):
        assert {path.name for path in (prefix / folder).iterdir()} == {form.format(program) for program in PROGRAMS}


@pytest.mark.parametrize("package, folder", [("bash-completion", BASH), ("fish", FISH)])
def test_completions_are_installed_where_the_shell_s_package_says(package, folder):
    done = subprocess.run(["pkg-config", "--variable=completionsdir", package], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"/usr/{folder}"


@pytest.mark.parametrize("program", PROGRAMS)
def test_options_are_those_of_help(program, shell):
    text = run_well(program, "--help").decode()
    long = set(re.findall(r"^  (?:-\w, |    )(--[a-z0-9-]+)", text, re.MULTILINE))
    letters = set(re.findall(r"^  (-\w)\b", text, re.MULTILINE))
    assert len(long) >= 8 and len(letters) > 3
    assert {offer.rstrip("=") for offer in shell.offers(f"{program} --")} == long
    assert {offer.rstrip("=") for offer in shell.offers(f"{program} -")} == long | letters


def without_commas(offers):
    """Some shells continue with the next word of a list at once."""
    return {offer.rstrip(",") for offer in offers}


@pytest.mark.parametrize("program", PROGRAMS)
def test_words_are_those_that_the_program_takes(program, shell):
    told = 0
    for option, (letter, _, optional) in options_with_values(program).items():
        words = wanted_words(program, option)
        if words is None:
            continue
        told += 1
        assert without_commas(shell.offers(f"{program} {option}=")) == words
        start = min(words)[:2]
        assert without_commas(shell.offers(f"{program} -q {option}={start}")) == {w for w in words if w.startswith(start)}
        if not optional:
            assert without_commas(shell.offers(f"{program} {option} ")) == words
        if letter:
            assert shell.offers(f"{program} {letter} ") == words
    assert told >= {"mkcramfs-xip": 9, "cramfsck": 5, "cramfs-dump": 2, "cramfs-fuse": 1}[program]


def without_slashes(offers):
    """Some shells mark a directory."""
    return {offer.rstrip("/") for offer in offers}


@pytest.mark.parametrize("program", PROGRAMS)
def test_files_and_directories_are_offered_where_one_is_wanted(program, shell):
    kinds = set()
    for option, (letter, argument, optional) in options_with_values(program).items():
        if wanted_words(program, option):
            continue
        wanted = {"a tree", "a.img"} if argument in FILE_ARGUMENTS else \
            {"a tree"} if argument in DIRECTORY_ARGUMENTS else set()
        kinds.add(len(wanted))
        typed = [f"{letter} a"] if letter else []
        if option != letter:
            typed += [f"{option}=a"] if optional else [f"{option}=a", f"{option} a"]
        for line in typed:
            assert without_slashes(shell.offers(f"{program} {line}")) == wanted, line
    assert kinds == {"mkcramfs-xip": {0, 1, 2}, "cramfsck": {0, 1, 2}, "cramfs-dump": {0, 2}, "cramfs-fuse": {0}}[program]


@pytest.mark.parametrize("line", ["mkcramfs-xip ", "mkcramfs-xip -N big ", "mkcramfs-xip --xip=none -q ", "cramfsck ",
                                  "cramfsck --extract ", "cramfsck --xip-report ", "cramfs-dump ", "cramfs-dump --map "])
def test_operands_are_files(line, shell):
    assert without_slashes(shell.offers(line + "a")) == {"a tree", "a.img"}


def test_a_list_goes_on_behind_a_comma(shell):
    assert without_commas(shell.offers("mkcramfs-xip --allow=uid,gi")) == {"uid,gid"}


# fish is asked what it offers, above; its keys need a terminal that answers questions.
@pytest.mark.parametrize("shell", [name for name in shells.SHELLS if name != "fish"], indirect=True)
@pytest.mark.parametrize("typed, completed", [
    ("mkcramfs-xip --xip=re", "mkcramfs-xip --xip=readonly "),
    ("mkcramfs-xip --ext", "mkcramfs-xip --extents="),  # the value follows at once
    ("mkcramfs-xip a\\ ", "mkcramfs-xip a\\ tree/"),
    ("cramfsck --forc", "cramfsck --force "),
    ("cramfsck -x a", "cramfsck -x a\\ tree/"),
])
def test_tab_finishes_the_word(typed, completed, shell):
    assert shell.after_tab(typed) == completed
