"""--xip-rules and --xip-sticky: the choice of files in place, file by file."""
import os
import pathlib
import random
import re
import subprocess

import pytest

import elf
from determinism import same_in_either_order
from dynamic import DT_NEEDED, DT_RUNPATH, DT_STRSZ, DT_STRTAB, dynamic_file
from elf import ET_EXEC, R, W, X, Form, Segment, elf_file
from flat import flat_file
from tools import OPERATIONAL, USAGE, run, run_well

PAGE = elf.PAGE
LOADER = "/lib/ld-linux.so.3"
FORMS = [Form(bits, big) for bits in (32, 64) for big in (False, True)]


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)


def four_segments(kind=ET_EXEC):
    """A page of headers, two of text, one of constants, and a bit of data."""
    segments, size = elf.separate_code(PAGE, 2 * PAGE, PAGE, 100)
    return elf_file(Form(kind=kind), segments, noise(size, 2))


def module():
    data = bytearray(four_segments())
    data[16:18] = (1).to_bytes(2, "little")  # ET_REL
    return bytes(data)


@pytest.fixture
def tree(tmp_path):
    root = tmp_path / "tree"
    root.mkdir()
    return root


def put(root, path, content=b"", mode=0o644):
    file = root / path.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    file.chmod(mode)


class Build:
    """The output of a build: `pages` and `why` by path, and the lines of standard error."""

    def __init__(self, tree, rules, *options):
        work = tree.parent
        self.image = work / "out.img"
        (work / "rules").write_bytes(rules.encode(errors="surrogateescape") if isinstance(rules, str) else rules)
        done = run("mkcramfs-xip", "-v", "-q", "--xip-rules=rules", *options, tree, self.image, cwd=work)
        self.code = done.returncode
        self.said = [line.removeprefix("mkcramfs-xip: ") for line in done.stderr.decode(errors="replace").splitlines()]
        self.said = [line for line in self.said if "nothing is in place, though" not in line]  # test_idle.py
        found = re.findall(r"^(/.*): (\d+) pages in place: (.*?)(?:; \d+ (?:deflated|stored|holes))*$", done.stdout.decode(errors="replace"), re.MULTILINE)
        self.pages = {path: int(pages) for path, pages, _ in found}
        self.why = {path: why for path, _, why in found}

    def rule_lines(self):
        """{path: line of the rule that decides}"""
        lines = {path: re.search(r"\(rules:(\d+)\)$", why) for path, why in self.why.items()}
        return {path: int(line.group(1)) for path, line in lines.items() if line}

    def kinds(self, path):
        """The kinds of the extents of a file, without its table."""
        rows = run_well("cramfs-dump", "--extents", self.image).decode().splitlines()
        return {row.split()[2] for row in rows[1:] if f" {path} block" in row}


def build(tree, rules, *options, said=()):
    made = Build(tree, rules, *options)
    assert (made.code, made.said) == (0, list(said))
    run_well("cramfsck", made.image)
    return made


# -- words -------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("word, pages, why", [
    ("in-place", 5, "a whole file"),
    ("text", 2, "executable segments"),
    ("readonly", 4, "read-only segments"),
    ("compressed", 0, "compressed"),
    ("stored", 0, "stored as it is, not in place"),
])
@pytest.mark.parametrize("default", ["none", "text", "readonly", "all"])
def test_each_word_for_a_program(tree, word, pages, why, default):
    put(tree, "/bin/program", four_segments(), 0o755)
    put(tree, "/bin/other", four_segments() + b"other", 0o755)
    made = build(tree, f"/bin/program {word}\n", f"--xip={default}")
    assert made.pages == {"/bin/program": pages, "/bin/other": {"none": 0, "text": 2, "readonly": 4, "all": 5}[default]}
    assert made.why["/bin/program"] == f"{why} (rules:1)"
    assert "(" not in made.why["/bin/other"]


@pytest.mark.parametrize("word, pages, kinds", [
    ("in-place", 3, {"in-place"}), ("text", 0, {"deflated"}), ("readonly", 0, {"deflated"}),
    ("compressed", 0, {"deflated"}), ("stored", 0, {"stored"}),
])
def test_each_word_for_data(tree, word, pages, kinds):
    put(tree, "/share/font.ttf", b"glyphs " * 1500)
    made = build(tree, f"*.ttf {word}\n")
    assert made.pages == {"/share/font.ttf": pages}
    assert made.kinds("/share/font.ttf") == kinds
    assert run_well("cramfs-dump", "--cat=/share/font.ttf", made.image) == b"glyphs " * 1500


@pytest.mark.parametrize("word", ["in-place", "text", "readonly"])
@pytest.mark.parametrize("kernel", ["mmu", "nommu"])
def test_modules_and_scripts_never_go_in_place(tree, word, kernel):
    put(tree, "/lib/modules/a.ko", module())
    put(tree, "/bin/script", b"#!/bin/sh\n" + b"echo\n" * 2000, 0o755)
    made = build(tree, f"* {word}\n", f"--kernel={kernel}")
    assert made.pages == {"/lib/modules/a.ko": 0, "/bin/script": 0}
    assert made.why["/lib/modules/a.ko"] == "an ELF file that no loader maps (rules:1)"


def test_writable_segments_go_in_place_only_with_the_whole_file(tree):
    segments = [Segment(R | W, 0, 2 * PAGE + 9, 0x10000), Segment(R | X, 3 * PAGE, PAGE - 9, 0x10000 + 3 * PAGE)]
    put(tree, "/a", elf_file(Form(kind=ET_EXEC), segments, noise(4 * PAGE - 9)))
    put(tree, "/b", elf_file(Form(kind=ET_EXEC), segments, noise(4 * PAGE - 9, 5)))
    assert build(tree, "/a in-place\n/b readonly\n").pages == {"/a": 4, "/b": 1}


def test_without_an_mmu_rules_are_for_what_its_loader_maps(tree):
    put(tree, "/bin/flat", flat_file(3 * PAGE, noise(4 * PAGE + 5)), 0o755)
    put(tree, "/bin/left", flat_file(3 * PAGE, noise(4 * PAGE + 6)), 0o755)
    put(tree, "/bin/elf", four_segments(), 0o755)
    put(tree, "/share/table", noise(PAGE + 1))
    put(tree, "/share/pages", noise(PAGE))
    made = build(tree, "left compressed\n/bin text\n/share in-place\n", "--kernel=nommu")
    assert made.pages == {"/bin/flat": 3, "/bin/left": 0, "/bin/elf": 0, "/share/table": 2, "/share/pages": 0}
    assert made.why["/bin/elf"] == "the loader of that kernel copies it to RAM (rules:2)"


def test_without_an_mmu_a_program_of_whole_pages_has_its_segments_in_place(tree):
    """Not the whole file: its last page is not direct, so a mapping of all of it would be a copy."""
    put(tree, "/bin/text", flat_file(3 * PAGE, noise(4 * PAGE)), 0o755)
    put(tree, "/bin/all-text", flat_file(4 * PAGE, noise(4 * PAGE, 2)), 0o755)
    put(tree, "/bin/more", flat_file(3 * PAGE, noise(4 * PAGE + 1, 3)), 0o755)
    assert build(tree, "", "--xip=all", "--kernel=nommu").pages == {"/bin/text": 3, "/bin/all-text": 0, "/bin/more": 5}


# -- which rule decides ------------------------------------------------------------------------------------------

def test_the_first_rule_that_fits_decides_across_lines_and_files(tree):
    for path in ("/a/one", "/a/two", "/b/one", "/b/deep/er/two", "/c"):
        put(tree, path, b"x")
    (tree.parent / "more").write_text("one stored\n* text\n")
    made = Build(tree, "# first\n\n/a/one text\n  /a\tcompressed # all below\r\ndeep/er readonly", "--xip-rules=more")
    assert (made.code, made.said) == (0, [])
    assert {path: why.split("(")[1] for path, why in made.why.items()} == {
        "/a/one": "rules:3)", "/a/two": "rules:4)", "/b/one": "more:1)", "/b/deep/er/two": "rules:5)", "/c": "more:2)"}


@pytest.mark.parametrize("glob, fits", [
    ("*.o", {"/a.o", "/lib/c.o"}),
    ("/*.o", {"/a.o"}),
    ("doc/*.html", {"/lib/doc/d.html", "/doc/e.html"}),
    ("/doc", {"/doc/e.html", "/doc/deep/f.html"}),
    ("./doc", {"/doc/e.html", "/doc/deep/f.html"}),
    ("./*.o", {"/a.o"}),
    ("./lib/./doc/.", {"/lib/doc/d.html"}),
    ("doc//*.html", {"/lib/doc/d.html", "/doc/e.html"}),
    ("doc", {"/doc/e.html", "/doc/deep/f.html", "/lib/doc/d.html"}),
    ("[ab].*", {"/a.o", "/b.c"}),
    ("?.[!oc]*", {"/lib/doc/d.html", "/doc/e.html", "/doc/deep/f.html"}),
    ("/lib/*", {"/lib/c.o", "/lib/doc/d.html"}),
    ("with\\ blank", {"/with blank"}),
    ("\\#odd\\[", {"/#odd["}),
    ("*\udcff*", {"/\ufffd"}),
])
def test_globs_fit_as_those_of_exclude(tree, glob, fits):
    for path in ("a.o", "b.c", "lib/c.o", "lib/doc/d.html", "doc/e.html", "doc/deep/f.html", "with blank", "#odd["):
        put(tree, path, b"x")
    with open(os.fsencode(tree) + b"/\xff", "wb") as file:
        file.write(b"x")
    made = build(tree, f"{glob} stored\n")
    assert made.rule_lines() == dict.fromkeys(fits, 1)
    left = Build(tree, "", f"--exclude={glob}")
    assert set(made.why) - set(left.why) == fits


def test_what_fits_nothing_is_told(tree):
    put(tree, "/bin/a", b"x")
    (tree / "bin" / "link").symlink_to("a")
    build(tree, "/nowhere text\n/bin/link text\n/bin text\na stored\n/bin/?? stored\n", said=[
        "warning: rules:1: no file matches '/nowhere'",
        "warning: rules:2: no file matches '/bin/link', only links or devices, to which rules do not apply; "
        "name the file that a link leads to",
        "note: rules:4: earlier rules decide for all files that match 'a'",
        "warning: rules:5: no file matches '/bin/??'"])


def test_empty_rules_change_nothing(tree):
    put(tree, "/bin/program", four_segments(), 0o755)
    with_rules = build(tree, "# nothing\n").image.read_bytes()
    run_well("mkcramfs-xip", "-q", tree, tree.parent / "plain.img")
    assert (tree.parent / "plain.img").read_bytes() == with_rules


# -- the sticky bit ----------------------------------------------------------------------------------------------

def test_sticky_files_go_in_place_where_no_rule_fits(tree):
    put(tree, "/share/font", noise(PAGE + 1), 0o1644)
    put(tree, "/share/ruled", noise(PAGE + 2), 0o1644)
    put(tree, "/share/plain", noise(PAGE + 3))
    (tree / "share").chmod(0o1755)  # of a directory it means something else
    made = build(tree, "ruled compressed\n", "--xip-sticky")
    assert made.pages == {"/share/font": 2, "/share/ruled": 0, "/share/plain": 0}
    assert made.why["/share/font"] == "a whole file (--xip-sticky)"
    assert build(tree, "ruled compressed\n").pages["/share/font"] == 0


# -- the manual --------------------------------------------------------------------------------------------------

def test_the_rules_in_the_manual_are_rules(tree):
    manual = (pathlib.Path(__file__).parents[2] / "man" / "cramfs-xip-rules.5").read_text()
    displays = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", manual, re.DOTALL | re.MULTILINE)
    displays = [display for display in displays if not display.startswith("$ ")]  # a command, which runs elsewhere
    assert len(displays) >= 4
    for display in displays:
        made = Build(tree, display.replace("\\e", "\\"))
        assert made.code == 0, made.said
        assert all(line.startswith(("warning: rules:", "note: rules:")) for line in made.said), made.said


# -- what cannot be ----------------------------------------------------------------------------------------------

KINDS = "in-place, text, readonly, compressed and stored"


def test_every_line_that_is_wrong_is_told(tree):
    put(tree, "/a", b"x")
    lines = [b"/a text", b"/a", b"/a needs", b"/a xip", b"/a text stored", b"a b text", b"/ text", b"/a/ text",
             b"/a text\0", b"/" + b"a" * 8190 + b" text", b"/a stored text in-place", b"/a \x1b[1m", b". text", b"./ text", b"./a/ text"]
    made = Build(tree, b"\n".join(lines))
    none = f"the rule does not say what to do; write one of {KINDS} after the glob"
    word = f"is not one of {KINDS}, needs, must and nosplit; if it is part of a glob, write a backslash before the blank"
    both = f"before it; a rule has only one of {KINDS}"
    assert made.code == OPERATIONAL and not made.image.exists()
    assert made.said == [
        f"rules:2: {none}", f"rules:3: {none}", f"rules:4: 'xip' {word}", f"rules:5: 'stored' contradicts 'text' {both}",
        f"rules:6: 'b' {word}", "rules:7: '/' is the root, which is not a file; '/*' matches all its entries",
        "rules:8: '/a/' ends in '/', and no path does; leave out the '/' to match a directory",
        "rules:9: the line contains a NUL byte, and a rule file is a text file; correct it",
        "rules:10: the line has 8196 bytes, over the limit of 8191 bytes; shorten it",
        f"rules:11: 'text' contradicts 'stored' {both}", f"rules:11: 'in-place' contradicts 'stored' {both}",
        f"rules:12: '\\033[1m' {word}",
        "rules:13: '.' is the root, which is not a file; '/*' matches all its entries",
        "rules:14: './' is the root, which is not a file; '/*' matches all its entries",
        "rules:15: './a/' ends in '/', and no path does; leave out the '/' to match a directory"]


def test_a_line_of_8191_bytes_is_read(tree):
    put(tree, "/a", b"x")
    line = b"*" + b"a" * 8185 + b" text"
    assert len(line) == 8191
    assert Build(tree, line).code == 0
    assert Build(tree, b" " + line).code == OPERATIONAL


@pytest.mark.parametrize("option", ["--xip-rules=rules", "--xip-sticky"])
def test_old_images_have_nothing_in_place(tree, option):
    (tree.parent / "rules").write_text("* stored\n")
    done = run("mkcramfs-xip", "--legacy", option, tree, "out.img", cwd=tree.parent)
    assert done.returncode == USAGE
    assert f"leave out {option.split('=')[0]}".encode() in done.stderr


def test_a_file_of_rules_that_is_not_there_is_an_error(tree):
    done = run("mkcramfs-xip", "--xip-rules=nowhere", tree, "out.img", cwd=tree.parent)
    assert done.returncode == OPERATIONAL
    assert done.stderr == b"mkcramfs-xip: nowhere: cannot open the rule file: No such file or directory\n"


def test_make_is_told_of_rules(tree):
    put(tree, "/a", b"x")
    assert Build(tree, "* stored\n", "--depfile=deps").code == 0
    assert "rules" in (tree.parent / "deps").read_text().split()


# -- needs -------------------------------------------------------------------------------------------------------

NEEDED = "/bin/app readonly needs\n* compressed\n"


def closure(tree, rules=NEEDED, *options, said=()):
    """The paths that the first rule decides."""
    made = build(tree, rules, *options, said=said)
    return {path for path, line in made.rule_lines().items() if line == 1}


def missing(path, name):
    return f"warning: {path}: it needs '{name}', and the tree has no such library for its machine; add it"


def relative(path, name):
    return (f"warning: {path}: it needs '{name}', a path from the directory in which it is started, which is not known; "
            "name the right file in a rule")


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_needs_takes_in_libraries_theirs_and_the_interpreter(tree, form):
    put(tree, "/bin/app", dynamic_file(["libb.so.1"], form, interpreter=LOADER))
    put(tree, "/lib/ld-2.36.so", dynamic_file(form=form, text=3))
    (tree / "lib/ld-linux.so.3").symlink_to("ld-2.36.so")
    put(tree, "/usr/lib/libb.so.1.2", dynamic_file(["libc.so.6"], form))
    (tree / "usr/lib/libb.so.1").symlink_to("/usr/lib/libb.so.1.2")
    put(tree, "/lib/libc.so.6", dynamic_file([LOADER.rsplit("/", 1)[1]], form))
    put(tree, "/lib/libother.so", dynamic_file(form=form, text=4))
    made = build(tree, NEEDED)
    assert {path for path, line in made.rule_lines().items() if line == 1} == {
        "/bin/app", "/lib/ld-2.36.so", "/usr/lib/libb.so.1.2", "/lib/libc.so.6"}
    assert all(made.pages[path] > 0 for path, line in made.rule_lines().items() if line == 1)


def test_an_earlier_rule_keeps_its_library_and_a_later_one_loses_it(tree):
    put(tree, "/bin/app", dynamic_file(["liba.so", "libb.so"]))
    put(tree, "/lib/liba.so", dynamic_file(["libc.so"]))
    put(tree, "/lib/libb.so", dynamic_file())
    put(tree, "/lib/libc.so", dynamic_file(text=5))
    made = build(tree, "liba.so stored\n/bin/app text needs\n/lib compressed\n")
    assert made.rule_lines() == {"/lib/liba.so": 1, "/bin/app": 2, "/lib/libb.so": 2, "/lib/libc.so": 2}


def test_the_earlier_of_two_rules_that_need_a_library_has_it(tree):
    put(tree, "/bin/one", dynamic_file(["liba.so"]))
    put(tree, "/bin/two", dynamic_file(["libb.so"]))
    put(tree, "/lib/liba.so", dynamic_file(["libc.so"], text=1))
    put(tree, "/lib/libb.so", dynamic_file(["libc.so", "liba.so"], text=2))
    put(tree, "/lib/libc.so", dynamic_file(text=3))
    made = build(tree, "/bin/two text needs\n/bin/one readonly needs\n")
    assert made.rule_lines() == {"/bin/two": 1, "/lib/libb.so": 1, "/lib/liba.so": 1, "/lib/libc.so": 1, "/bin/one": 2}


def test_a_rule_follows_only_files_that_it_decides(tree):
    put(tree, "/bin/app", dynamic_file(["liba.so"]))
    put(tree, "/bin/rare", dynamic_file(["libb.so"]))
    put(tree, "/lib/liba.so", dynamic_file(text=1))
    put(tree, "/lib/libb.so", dynamic_file(text=2))
    assert build(tree, "rare compressed\n/bin text needs\n").rule_lines() == {
        "/bin/rare": 1, "/bin/app": 2, "/lib/liba.so": 2}


def test_cycles_end(tree):
    put(tree, "/bin/app", dynamic_file(["liba.so"]))
    put(tree, "/lib/liba.so", dynamic_file(["libb.so", "liba.so"], text=1))
    put(tree, "/lib/libb.so", dynamic_file(["liba.so"], text=2))
    assert closure(tree) == {"/bin/app", "/lib/liba.so", "/lib/libb.so"}


def test_what_is_not_found_is_told_with_who_needs_it(tree):
    put(tree, "/bin/app", dynamic_file(["libgone.so", "liba.so"], interpreter="/lib/ld-gone.so", text=1))
    put(tree, "/lib/liba.so", dynamic_file(["libgone.so", "odd\n"], text=2))
    assert closure(tree, said=[missing("/bin/app", "/lib/ld-gone.so"), missing("/bin/app", "libgone.so"),
                               missing("/lib/liba.so", "libgone.so"), missing("/lib/liba.so", "odd\\n")]
                   ) == {"/bin/app", "/lib/liba.so"}


def test_of_much_that_is_missing_the_rest_is_counted(tree):
    put(tree, "/bin/app", dynamic_file([f"lib{number}.so" for number in range(103)]))
    made = Build(tree, NEEDED)
    assert made.code == 0 and len(made.said) == 101
    assert made.said[-1] == "warning: 3 more needed libraries were not found"


@pytest.mark.parametrize("other", [Form(64), Form(32, True), Form(machine=62), None], ids=str)
def test_only_libraries_of_the_same_machine_count(tree, other):
    put(tree, "/bin/app", dynamic_file(["liba.so"]))
    put(tree, "/lib/liba.so", dynamic_file(form=other) if other else b"INPUT(/lib/liba.so.1)\n")
    put(tree, "/usr/lib/liba.so", dynamic_file(text=7))
    assert closure(tree) == {"/bin/app", "/usr/lib/liba.so"}


@pytest.mark.parametrize("keyword", ["rpath", "runpath"])
@pytest.mark.parametrize("path, found", [
    ("/opt/lib", "/opt/lib"),
    ("/nowhere:relative::/opt/lib/", "/opt/lib"),
    ("$ORIGIN/../private", "/usr/private"),
    ("${ORIGIN}", "/usr/bin"),
    ("$ORIGIN/../../../../private", "/private"),
    ("/link", "/opt/lib"),
    ("$LIB:/opt/$LIB:$ORIGINAL", "/lib"),
    ("", "/lib"),
])
def test_run_paths_come_before_the_usual_directories(tree, keyword, path, found):
    places = ("/opt/lib", "/usr/private", "/usr/bin", "/private", "/lib")
    put(tree, "/usr/bin/app", dynamic_file(["liba.so"], **{keyword: path}))
    for number, place in enumerate(places):
        put(tree, f"{place}/liba.so", dynamic_file(text=number))
    (tree / "link").symlink_to("opt/lib")
    assert closure(tree, "app readonly needs\n* compressed\n") == {"/usr/bin/app", f"{found}/liba.so"}


def test_origin_is_where_the_file_is_and_not_the_link(tree):
    put(tree, "/opt/app/bin/app", dynamic_file(["liba.so"], runpath="$ORIGIN/../lib"))
    (tree / "bin").mkdir()
    (tree / "bin/app").symlink_to("/opt/app/bin/app")
    put(tree, "/opt/app/lib/liba.so", dynamic_file(text=1))
    put(tree, "/lib/liba.so", dynamic_file(text=2))
    assert closure(tree, "/opt/app/bin readonly needs\n* compressed\n") == {"/opt/app/bin/app", "/opt/app/lib/liba.so"}


def test_rpath_does_not_count_beside_runpath(tree):
    put(tree, "/bin/app", dynamic_file(["liba.so"], rpath="/one", runpath="/two"))
    put(tree, "/one/liba.so", dynamic_file(text=1))
    put(tree, "/lib/liba.so", dynamic_file(text=2))
    assert closure(tree) == {"/bin/app", "/lib/liba.so"}


@pytest.mark.parametrize("keyword, own, found", [
    ("rpath", None, "/private"), ("runpath", None, "/lib"), ("rpath", "/nowhere", "/lib")])
def test_rpath_holds_for_what_libraries_need_and_runpath_does_not(tree, keyword, own, found):
    put(tree, "/bin/app", dynamic_file(["liba.so"], **{keyword: "/private"}))
    put(tree, "/private/liba.so", dynamic_file(["libb.so"], runpath=own, text=1))
    put(tree, "/private/libb.so", dynamic_file(text=2))
    put(tree, "/lib/libb.so", dynamic_file(text=3))
    assert closure(tree) == {"/bin/app", "/private/liba.so", f"{found}/libb.so"}


def test_runpath_of_the_program_is_asked_when_nothing_else_has_it(tree):
    put(tree, "/bin/app", dynamic_file(["liba.so"], runpath="/private"))
    put(tree, "/private/liba.so", dynamic_file(["libb.so"], text=1))
    put(tree, "/private/libb.so", dynamic_file(text=2))
    put(tree, "/other/libb.so", dynamic_file(text=3))
    assert closure(tree) == {"/bin/app", "/private/liba.so", "/private/libb.so"}


@pytest.mark.parametrize("place", ["/lib", "/usr/lib", "/lib64", "/usr/lib64", "/lib/arm-linux-gnueabihf",
                                   "/usr/lib/arm-linux-gnueabi"])
def test_the_usual_directories(tree, place):
    put(tree, "/bin/app", dynamic_file(["liba.so"]))
    put(tree, f"{place}/liba.so", dynamic_file(text=1))
    put(tree, "/opt/one/liba.so", dynamic_file(text=2))
    put(tree, "/usr/lib/plugins/liba.so", dynamic_file(text=3))
    assert closure(tree) == {"/bin/app", f"{place}/liba.so"}


def test_directories_of_a_merged_usr(tree):
    put(tree, "/usr/bin/app", dynamic_file(["liba.so"], interpreter=LOADER))
    put(tree, "/usr/lib/liba.so", dynamic_file(text=1))
    put(tree, "/usr/lib/ld-linux.so.3", dynamic_file(text=2))
    (tree / "bin").symlink_to("usr/bin")
    (tree / "lib").symlink_to("usr/lib")
    assert closure(tree, "/usr/bin/app readonly needs\n* compressed\n") == {
        "/usr/bin/app", "/usr/lib/liba.so", "/usr/lib/ld-linux.so.3"}


@pytest.mark.parametrize("configuration, found", [
    ("/opt/a\n", "a"),
    ("# /opt/a\n\n  /opt/b \t# b\n/opt/a", "b"),
    ("hwcap 1 x\n/opt/a=libc6\n", "a"),
    ("include ld.so.conf.d/*.conf\n/opt/a\n", "b"),
    ("/opt/a\ninclude ld.so.conf.d/*.conf\n", "a"),
    ("include /etc/ld.so.conf.d/20-c.conf /etc/ld.so.conf.d/10-b.conf\n", "c"),
    ("include ld.so.conf.d/20-c.conf ld.so.conf.d/*.conf\n", "c"),
    ("include ld.so.conf.d/*.conf ld.so.conf.d/20-c.conf\n", "b"),
    ("include ld.so.conf.d/chain ld.so.conf.d/10-b.conf ld.so.conf.d/20-c.conf\n", "c"),
    pytest.param("include gone /etc/ld.so.conf.d/10-b.conf" + " gone" * 126 + " /etc/ld.so.conf.d/20-c.conf\n", "b", id="129 globs"),
    pytest.param("include" + " gone" * 127 + "\ninclude /etc/ld.so.conf.d/20-c.conf /etc/ld.so.conf.d/10-b.conf\n", "c", id="127 globs and 2"),
    pytest.param("include" + " gone" * 128 + "\ninclude /etc/ld.so.conf.d/20-c.conf\n", None, id="128 globs and 1"),
    ("include\tld.so.conf\ninclude */*\ninclude gone.conf\nopt/b\n/opt/c\r\n", "c"),
    ("include ld.so.conf.d/loop\n/opt/a\n", "c"),
    ("/opt/gone\n", None),
])
def test_ld_so_conf_with_its_includes(tree, configuration, found):
    put(tree, "/bin/app", dynamic_file(["liba.so"]))
    for number, place in enumerate(("/opt/a", "/opt/b", "/opt/c", "/lib")):
        put(tree, f"{place}/liba.so", dynamic_file(text=number))
    put(tree, "/etc/ld.so.conf", configuration.encode())
    put(tree, "/etc/ld.so.conf.d/10-b.conf", b"/opt/b\n")
    put(tree, "/etc/ld.so.conf.d/20-c.conf", b"/opt/c\n")
    put(tree, "/etc/ld.so.conf.d/chain", b"include 20-c.conf\n/opt/a\n")
    put(tree, "/etc/ld.so.conf.d/.hidden.conf", b"/opt/a\n")
    put(tree, "/etc/ld.so.conf.d/loop", b"include /etc/ld.so.conf loop\n/opt/c\n")
    assert closure(tree) == {"/bin/app", f"/opt/{found}/liba.so" if found else "/lib/liba.so"}


def test_the_only_file_of_a_name_is_the_last_resort(tree):
    put(tree, "/bin/app", dynamic_file(["liba.so"]))
    put(tree, "/odd/place/liba.so", dynamic_file(text=1))
    (tree / "odd/liba.so").symlink_to("place/liba.so")
    put(tree, "/odd/other/liba.so", b"not a library")
    assert closure(tree) == {"/bin/app", "/odd/place/liba.so"}
    put(tree, "/odd/second/liba.so", dynamic_file(text=2))
    assert closure(tree, said=["warning: /bin/app: it needs 'liba.so', and the tree has several, but none where its "
                               "loader looks; name the right file in a rule"]) == {"/bin/app"}


def test_a_name_with_a_slash_is_a_path(tree):
    put(tree, "/bin/app", dynamic_file(["/opt/link.so", "opt/liba.so", "/opt/gone.so"]))
    put(tree, "/opt/liba.so", dynamic_file(text=1))
    (tree / "opt/link.so").symlink_to("../../opt/liba.so")
    assert closure(tree, said=[relative("/bin/app", "opt/liba.so"), missing("/bin/app", "/opt/gone.so")]) == {
        "/bin/app", "/opt/liba.so"}


@pytest.mark.parametrize("name", ["opt/liba.so", "./liba.so", "../opt/liba.so", "$LIB/liba.so", "$ORIGINAL/liba.so"])
def test_a_library_at_a_path_from_nowhere_is_not_looked_for(tree, name):
    put(tree, "/bin/app", dynamic_file([name], runpath="/opt"))
    for place in ("/bin/liba.so", "/opt/liba.so", "/lib/liba.so", "/bin/opt/liba.so"):
        put(tree, place, dynamic_file(text=1))
    assert closure(tree, said=[relative("/bin/app", name)]) == {"/bin/app"}


@pytest.mark.parametrize("name", ["$ORIGIN/../opt/liba.so", "${ORIGIN}//../opt/liba.so"])
def test_origin_at_the_beginning_of_a_library_is_where_the_file_is(tree, name):
    put(tree, "/usr/bin/app", dynamic_file([name]))
    put(tree, "/usr/opt/liba.so", dynamic_file(text=1))
    put(tree, "/opt/liba.so", dynamic_file(text=2))
    assert closure(tree, "app readonly needs\n* compressed\n") == {"/usr/bin/app", "/usr/opt/liba.so"}


def test_what_is_no_dynamic_program_needs_nothing(tree):
    put(tree, "/bin/static", four_segments(), 0o755)
    put(tree, "/bin/script", b"#!/bin/sh\n", 0o755)
    put(tree, "/bin/empty")
    put(tree, "/lib/liba.so", dynamic_file())
    made = Build(tree, "/bin text needs\n")
    assert made.code == 0 and "/lib/liba.so" not in made.rule_lines()


@pytest.mark.parametrize("change, size, fault", [
    ({DT_STRTAB: 0x7fff0000}, None, "its dynamic string table is in no segment"),
    ({DT_STRTAB: 0}, None, "its dynamic string table is in no segment"),
    ({DT_STRSZ: 3}, None, "its run path is outside the dynamic string table"),
    ({DT_NEEDED: 0xffffffff}, None, "the name of a needed library is outside the dynamic string table"),
    ({DT_RUNPATH: 999}, None, "its run path is outside the dynamic string table"),
    ({}, 300, "its dynamic section is after the end of the file"),
])
def test_a_damaged_dynamic_section_is_told(tree, change, size, fault):
    put(tree, "/bin/app", dynamic_file(["liba.so"], runpath="/lib", change=change.items())[:size])
    put(tree, "/lib/liba.so", dynamic_file())
    assert closure(tree, said=[f"warning: /bin/app: it may need more libraries than were found: {fault}"]) == {"/bin/app"}


def test_a_program_of_too_many_libraries_is_told(tree):
    for count, told in ((1024, False), (1025, True)):
        put(tree, "/bin/app", dynamic_file(["liba.so"] * count))
        put(tree, "/lib/liba.so", dynamic_file())
        made = Build(tree, NEEDED)
        assert made.code == 0
        assert made.said == ["warning: /bin/app: it may need more libraries than were found: it needs more than 1024 libraries"] * told


def test_needs_from_an_archive(tree):
    put(tree, "/bin/app", dynamic_file(["liba.so"]))
    put(tree, "/lib/liba.so", dynamic_file(text=1))
    archive = tree.parent / "tree.tar"
    subprocess.run(["tar", "-cf", archive, "-C", tree, "."], check=True)
    assert closure(archive) == {"/bin/app", "/lib/liba.so"}


# -- determinism -------------------------------------------------------------------------------------------------

def forest(tree, seed):
    """Programs and libraries that need each other, in several places, with links among them."""
    chance = random.Random(seed)
    names = [f"lib{number}.so" for number in range(20)]
    places = ["lib", "usr/lib", "opt/lib", "odd", "lib/arm-linux-gnueabihf"]
    for number, name in enumerate(names):
        for place in chance.sample(places, chance.choice((0, 1, 1, 2))):
            put(tree, f"{place}/{name}", dynamic_file(chance.sample(names, 3), text=number))
    for number in range(20):
        keyword = chance.choice(({}, {"rpath": "/opt/lib"}, {"runpath": "$ORIGIN/../odd"}))
        put(tree, f"bin/app{number}", dynamic_file(chance.sample(names, 3), text=100 + number, **keyword))


@pytest.mark.parametrize("seed", range(3))
def test_same_image_in_any_order_and_for_any_number_of_jobs(tree, seed):
    forest(tree, seed)
    rules = tree.parent / "rules"
    rules.write_text("lib1*.so stored\napp[1-3] text needs\nlib*.so readonly\napp* in-place needs\n")
    same_in_either_order(tree, tree.parent, "-q", f"--xip-rules={rules}")
    run_well("mkcramfs-xip", "-q", "-j", "1", f"--xip-rules={rules}", tree, tree.parent / "one.img")
    run_well("mkcramfs-xip", "-q", "-j", "7", f"--xip-rules={rules}", tree, tree.parent / "seven.img")
    assert (tree.parent / "one.img").read_bytes() == (tree.parent / "seven.img").read_bytes()
    assert (tree.parent / "one.img").read_bytes() == (tree.parent / "forwards.img").read_bytes()
