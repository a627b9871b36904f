"""Messages of the library name no option of a program, since others use it: the programs have the words for its remedies."""
import pathlib
import re

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ("mkcramfs-xip", "cramfsck", "cramfs-dump", "cramfs-fuse")
STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
OPTION = re.compile(r"(?<![\w-])(--[a-z][\w-]*|-[a-zA-Z])(?![\w-])")
OF_OTHERS = re.compile(r"(dpkg-deb|nanddump|mount|tar|sqfs2tar)( (?!--)[^ ]*)*? (without )?-.*")  # their options


def comments_blanked(text):
    return re.sub(r"/\*.*?\*/", lambda found: re.sub(r"[^\n]", " ", found.group()), text, flags=re.DOTALL)


def library_strings():
    for path in sorted((TOP / "src").rglob("*.[ch]")):
        if "cli" in path.relative_to(TOP / "src").parts:
            continue
        for line in comments_blanked(path.read_text()).splitlines():
            if not line.startswith("#include"):
                for found in STRING.finditer(line):
                    yield path.relative_to(TOP), found.group(1)


def test_the_library_names_no_option():
    strings = list(library_strings())
    assert len(strings) > 500  # the pattern still finds them
    named = [f"{path}: {text}" for path, text in strings if OPTION.search(OF_OTHERS.sub("", text))]
    assert named == []


def remedies():
    header = (TOP / "include/cramfs/diag.h").read_text()
    listed = re.search(r"enum cramfs_remedy \{(.*?)\}", header, re.DOTALL).group(1)
    return [name for name in re.findall(r"^ +(CRAMFS_REMEDY_\w+),", listed, re.MULTILINE) if not name.endswith("_NONE")]


def words(program):
    return re.findall(r'\[(CRAMFS_REMEDY_\w+)\] =\s+"([^"]*)"', (TOP / f"src/cli/{program}/remedies.c").read_text())


def test_each_remedy_has_words_in_some_program():
    assert {name for program in PROGRAMS for name, _ in words(program)} == set(remedies())


@pytest.mark.parametrize("program", PROGRAMS)
def test_options_in_the_words_are_those_of_the_program(program):
    """Or an option of another program that the message names."""
    page = (TOP / f"man/{program}.1").read_text()
    for name, text in words(program):
        for option in OPTION.findall(re.sub(r"cramfsck --scan", "", text)):
            assert re.search(rf"Fl (Fl )?{re.escape(option.lstrip('-'))}\b|Fl -{re.escape(option.lstrip('-'))}", page), (name, option)
