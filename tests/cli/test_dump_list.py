"""cramfs-dump shows entries, inodes and bytes: the entries that paths and globs name, and the output for them."""
import os
import random
import re
import stat

import pytest

import elf
import specimen
import trees
from tools import ERRORS_LEFT, OPERATIONAL, USAGE, run, run_well

PAGE = 4096
PATHS = {b"bin/[", b"bin/sh", b"bin/ls", b"etc/motd", b"etc/.hidden", b"etc/init.d/rc", b"star*", b"starfish",
         b"new\nline", b"back\\slash"}


def program():
    segments, size = elf.text_and_data(3 * PAGE, 100)
    form = elf.Form(32, False, elf.ET_EXEC)
    return elf.elf_file(form, segments, random.Random(1).randbytes(size))


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    work = tmp_path_factory.mktemp("list")
    tree = trees.Tree(work / "tree")
    for path in (b"bin", b"etc", b"etc/init.d", b"empty"):
        tree.directory(path)
    for path in sorted(PATHS):
        tree.file(path, path * 700)
    tree.file(b"program", program(), mode=0o755)
    tree.symlink(b"sbin", b"bin")
    run_well("mkcramfs-xip", "-q", tree.root, work / "out.img")
    return work / "out.img"


def listed(image, *arguments):
    lines = run_well("cramfs-dump", image, *arguments).decode().splitlines()
    return [re.sub(r" -> .*", "", line.split(None, 5)[5]) for line in lines]


@pytest.mark.parametrize("paths, expected", [
    ([], ["/back\\\\slash", "/bin", "/empty", "/etc", "/new\\nline", "/program", "/sbin", "/star*", "/starfish"]),
    (["/"], ["/back\\\\slash", "/bin", "/empty", "/etc", "/new\\nline", "/program", "/sbin", "/star*", "/starfish"]),
    (["bin"], ["/bin/[", "/bin/ls", "/bin/sh"]),
    (["/bin/"], ["/bin/[", "/bin/ls", "/bin/sh"]),
    (["//bin/./sh"], ["/bin/sh"]),
    (["/bin/["], ["/bin/["]),
    (["/bin/?[sh]"], ["/bin/ls", "/bin/sh"]),
    (["/etc/*"], ["/etc/.hidden", "/etc/init.d/rc", "/etc/motd"]),
    (["/*/*/*"], ["/etc/init.d/rc"]),
    (["/star*"], ["/star*", "/starfish"]),
    (["/star\\*"], ["/star*"]),
    (["/new\nline"], ["/new\\nline"]),
    (["/back\\\\slash"], ["/back\\\\slash"]),
    (["/empty"], []),
    (["/sbin"], ["/sbin"]),
    (["/bin/sh", "/etc/motd", "/bin/sh"], ["/bin/sh", "/etc/motd"]),
])
def test_paths_and_globs_name_entries(image, paths, expected):
    assert listed(image, *paths) == expected


def test_recursion_lists_directories_and_all_below(image):
    assert listed(image, "-R", "/etc") == ["/etc", "/etc/.hidden", "/etc/init.d", "/etc/init.d/rc", "/etc/motd"]
    everything = listed(image, "--recursive")
    assert everything[0] == "/" and len(everything) == 1 + 4 + len(PATHS) + 2


@pytest.mark.parametrize("path, complaint", [
    ("/nothing", "/nothing: the image has no file or directory with this path"),
    ("/etc/motd/below", "/etc/motd/below: the image has no file or directory with this path"),
    ("/b*/nothing", "no file or directory with this path"),
    ("/sbin/sh", "/sbin/sh: '/sbin' in this path is a symbolic link; write the path that it leads to"),
])
@pytest.mark.parametrize("option", [[], ["--stat"], ["--cat"]], ids=str)
def test_paths_that_name_nothing_are_told(image, path, complaint, option):
    done = run("cramfs-dump", *option, path, image) if option else run("cramfs-dump", image, path)
    assert done.returncode == OPERATIONAL
    assert complaint in done.stderr.decode()
    assert done.stdout == b"" and done.stderr.count(b"\n") == 1


def test_marks_tell_whether_all_that_can_be_direct_is(image, tmp_path):
    """Data of a program never is; the last page of whole pages never is; a page after a compressed one is in place for nothing."""
    assert run_well("cramfs-dump", image, "/program").startswith(b"-rwxr-xr-x X ")
    assert run_well("cramfs-dump", image, "/bin/sh").startswith(b"-rw-r--r-- - ")
    noise = random.Random(3).randbytes(4 * PAGE)
    segments, size = elf.text_only(3 * PAGE + 100)
    text = elf.elf_file(elf.Form(32, False, elf.ET_EXEC), segments, noise[:size])
    files = {b"all": (text, "dddd"), b"broken": (text, "dcdd"), b"begin": (text, "dddc"), b"none": (text, "cccc"),
             b"shared": (text + b"more", "dddc"), b"data": (noise[:-9], "dddd"), b"part": (noise[:-9], "dddc"),
             b"tail": (noise, "dddc"), b"one page of whole pages": (noise[:PAGE], "c"), b"empty": (b"", "")}
    path = tmp_path / "marks"
    path.write_bytes(specimen.make_image(specimen.directory(
        {name: specimen.file(data, blocks) for name, (data, blocks) in files.items()})))
    marks = {line.split()[-1]: line.split()[1] for line in
             run_well("cramfs-dump", path).decode().replace("one page of whole ", "").splitlines()}
    assert marks == {"/all": "X", "/broken": "x", "/begin": "x", "/none": "-", "/shared": "x", "/data": "X", "/part": "x",
                     "/tail": "X", "/pages": "-", "/empty": "-"}


def test_long_lists_count_the_pages(image):
    line = run_well("cramfs-dump", "--long", image, "/program").decode().splitlines()[1].split()
    pages, place, deflated, stored, holes = map(int, line[6:11])
    assert pages == 4 and place == 3 and place + deflated + stored + holes == pages


@pytest.mark.parametrize("path", sorted(PATHS))
def test_cat_writes_the_bytes(image, path):
    literal = path.replace(b"\\", b"\\\\").replace(b"*", b"\\*")
    assert run_well("cramfs-dump", b"--cat=" + literal, image) == path * 700


def test_cat_writes_several_files_of_a_glob_and_of_operands(image):
    assert run_well("cramfs-dump", "--cat", "/bin/?s", "--cat=/etc/motd", image) == b"bin/ls" * 700 + b"etc/motd" * 700
    assert run_well("cramfs-dump", "--cat", "/bin/ls", image, "/etc/motd") == b"bin/ls" * 700 + b"etc/motd" * 700


def test_cat_of_what_is_no_file_is_told(image):
    for path in ("/bin", "/sbin"):
        done = run("cramfs-dump", "--cat", path, image)
        assert done.returncode == OPERATIONAL and b"is not a regular file" in done.stderr


def test_cat_of_a_damaged_file_has_zeroes_and_says_so(image, tmp_path):
    rows = run_well("cramfs-dump", "--extents", image).decode().splitlines()
    offset = next(int(row.split()[0]) for row in rows if "deflated" in row and "/etc/motd block" in row)
    data = bytearray(image.read_bytes())
    data[offset + 2:offset + 6] = b"\xff\xff\xff\xff"
    (tmp_path / "bad.img").write_bytes(data)
    done = run("cramfs-dump", "--cat=/etc/motd", tmp_path / "bad.img")
    assert done.returncode == ERRORS_LEFT
    assert b"/etc/motd: 1 of its blocks cannot be read" in done.stderr
    assert len(done.stdout) == len(b"etc/motd" * 700) and done.stdout[:PAGE] == bytes(PAGE)


def test_stat_shows_each_block_where_the_extents_have_it(image):
    text = run_well("cramfs-dump", "--stat=/program", image).decode()
    assert "type:     file\n" in text and "mode:     -rwxr-xr-x (0755)\n" in text
    blocks = [line.split() for line in text.split("holds\n")[1].splitlines()]
    assert [block[0] for block in blocks] == ["0", "1", "2", "3"]
    assert [block[3] for block in blocks[:3]] == ["in-place"] * 3
    extents = run_well("cramfs-dump", "--extents", image).decode()
    assert re.search(rf"^ +{blocks[0][4]} +{3 * PAGE} in-place +/program blocks 0-2$", extents, re.MULTILINE)
    assert sum(int(block[6]) for block in blocks) == int(re.search(r"size: +(\d+)", text)[1])


def test_stat_of_names_of_one_inode_shows_the_table_once(tmp_path):
    tree = trees.Tree(tmp_path / "tree")
    tree.file(b"a", b"same" * 3000)
    tree.file(b"b", b"same" * 3000)
    run_well("mkcramfs-xip", "-q", tree.root, tmp_path / "out.img")
    text = run_well("cramfs-dump", "--stat=/*", tmp_path / "out.img").decode()
    assert text.count("pointer") == 1 and "table:    that of /a\n" in text


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a device")
def test_stat_of_a_device_has_its_numbers(tmp_path):
    tree = trees.Tree(tmp_path / "tree")
    tree.special(b"null", stat.S_IFCHR, major=1, minor=3)
    run_well("mkcramfs-xip", tree.root, tmp_path / "out.img")
    assert b"device:   1, 3\n" in run_well("cramfs-dump", "--stat=null", tmp_path / "out.img")


@pytest.mark.parametrize("arguments, complaint", [
    (["--super", "--du", "IMAGE"], "--super and --du contradict each other"),
    (["--super", "IMAGE", "/bin"], "'/bin' is one operand too many: name one IMAGE with --super"),
    (["--depth=2", "IMAGE"], "--depth needs --du"),
    (["--map", "--json", "IMAGE"], "--map has no JSON form; leave out --json"),
    (["--map=ascii", "IMAGE"], "'ascii' is not one of text, svg"),
    (["--du", "-R", "IMAGE"], "--long and --recursive need a listing"),
    (["--du", "--erase-block=64K", "IMAGE"], "--erase-block needs --map, --html or --diff"),
    (["--map", "--erase-block=1K", "IMAGE"], "--erase-block: for a map it must be at least 4096 bytes"),
    (["--diff", "--erase-block=255", "IMAGE", "IMAGE"], "--erase-block: 255 is not between 256 and 1073741824"),
    (["--mtree", "--max-extract=1", "IMAGE"], "--max-extract needs --tar"),
    (["--diff", "IMAGE"], "--diff needs two IMAGEs"),
    (["--diff", "IMAGE", "IMAGE", "IMAGE"], "one operand too many"),
    (["--scan", "--du", "IMAGE"], "--scan and --du contradict each other"),
])
def test_wrong_usage_is_told_in_one_line(image, arguments, complaint):
    done = run("cramfs-dump", *[image if word == "IMAGE" else word for word in arguments])
    assert done.returncode == USAGE
    assert complaint in done.stderr.decode() and done.stderr.count(b"\n") == 1
    assert done.stdout == b""
