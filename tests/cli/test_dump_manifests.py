"""What cramfs-dump writes, mkcramfs-xip takes back: the same tree, and the same image byte for byte."""
import io
import os
import random
import shutil
import stat
import subprocess
import tarfile

import pytest

import trees
from tools import ERRORS_LEFT, OPERATIONAL, run, run_well

OPTIONS = {
    "default": [],
    "big endian": ["-N", "big"],
    "pages of 64 KiB": ["-b", "64K"],
    "nothing in place": ["--xip=none"],
    "no holes": ["--no-holes"],
    "legacy": ["--legacy"],
    "behind boot code": ["-p"],
}
AWKWARD = (b"new\nline", b" leading", b"back\\slash", b"tab\there", b"#hash", b"equals=sign", b"glob*[?]", b"\xff\xfe",
           "naïve-名前".encode(), b"n" * 252, b"...", b"-dash", b"\x01\x7f")
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has owners and devices")


def fill(tree, names, sockets=False):
    rng = random.Random(9)
    tree.directory(b"sub", 0o2750, uid=3, gid=4)
    tree.file(b"sub/text", trees.compressible(rng, 30000), 0o644, uid=1000, gid=100)
    tree.file(b"sub/noise", trees.incompressible(rng, 20000), 0o4755)
    tree.file(b"sub/same", trees.incompressible(random.Random(1), 9000))
    tree.file(b"twin", trees.incompressible(random.Random(1), 9000))
    tree.file(b"holes", bytes(3 << 12) + b"end" + bytes(1 << 13))
    tree.file(b"nothing", b"", 0o600)
    tree.symlink(b"link", b"sub/\xfftext = # x", uid=7, gid=8)
    tree.special(b"null", stat.S_IFCHR, 0o666, gid=5, major=1, minor=3)
    tree.special(b"disk", stat.S_IFBLK, 0o660, gid=6, major=8, minor=255)
    tree.special(b"fifo", stat.S_IFIFO, 0o622)
    if sockets:
        tree.special(b"socket", stat.S_IFSOCK, 0o700)
    tree.directory(b"deep")
    deep = b"deep"
    for _ in range(8):
        deep += b"/" + b"d" * 60
        tree.directory(deep)
    tree.file(deep + b"/file", b"reached")
    for name in names:
        tree.file(name, name)


def pack(source, image, *options):
    run_well("mkcramfs-xip", *([] if os.geteuid() == 0 else ["-q"]), *options, source, image)
    return image.read_bytes()


def page(options):
    return options if "-b" in options else []


def write(path, *arguments):
    path.write_bytes(run_well("cramfs-dump", *arguments))
    return path


@pytest.mark.parametrize("name", OPTIONS)
def test_a_tar_packed_again_is_the_same_image(name, tmp_path):
    options = OPTIONS[name]
    tree = trees.Tree(tmp_path / "tree")
    fill(tree, AWKWARD)
    before = pack(tree.root, tmp_path / "a.img", *options)
    write(tmp_path / "a.tar", "--tar", *page(options), tmp_path / "a.img")
    assert pack(tmp_path / "a.tar", tmp_path / "b.img", *options) == before


@needs_root
def test_a_device_table_makes_an_extracted_tree_whole(tmp_path):
    """Extracted without privileges, so that owners, set-id bits and devices come from the table alone."""
    tree = trees.Tree(tmp_path / "tree")
    fill(tree, [name for name in AWKWARD if not any(byte <= 0x20 or byte == 0x7f for byte in name)])
    before = pack(tree.root, tmp_path / "a.img")
    write(tmp_path / "table", "--device-table", tmp_path / "a.img")
    run_well("cramfsck", "-x", tmp_path / "out", tmp_path / "a.img")
    subprocess.run(["chown", "-hR", "65534:65534", tmp_path / "out"], check=True)
    assert pack(tmp_path / "out", tmp_path / "b.img", "-D", tmp_path / "table") == before


def read_mtree(text):
    """{path: {keyword: value}}, from the description of the format: escapes are undone, values are bytes."""
    def unescape(word):
        parts = word.split(b"\\")
        return parts[0] + b"".join(bytes([int(part[:3], 8)]) + part[3:] for part in parts[1:])

    lines = text.split(b"\n")
    assert lines[0] == b"#mtree" and lines[-1] == b""
    found = {}
    for line in lines[1:-1]:
        if not line.startswith(b"#"):
            path, *words = line.split(b" ")
            found[unescape(path)] = {word.split(b"=", 1)[0].decode(): unescape(word.split(b"=", 1)[1]) for word in words}
    return found


def test_a_manifest_says_all_of_every_entry(tmp_path):
    tree = trees.Tree(tmp_path / "tree")
    fill(tree, AWKWARD, sockets=True)
    pack(tree.root, tmp_path / "a.img")
    text = run_well("cramfs-dump", "--mtree", tmp_path / "a.img")
    assert all(32 < byte < 127 or byte in b" \n" for byte in text)
    found = read_mtree(text)
    kinds = {stat.S_IFREG: b"file", stat.S_IFDIR: b"dir", stat.S_IFLNK: b"link", stat.S_IFCHR: b"char",
             stat.S_IFBLK: b"block", stat.S_IFIFO: b"fifo", stat.S_IFSOCK: b"socket"}
    expected = {}
    for folder, folders, files in os.walk(tree.root):
        for name in (b".", *folders, *files):
            at = os.path.join(folder, name)
            about = os.lstat(at)
            path = os.path.normpath(os.path.join(b".", os.path.relpath(at, tree.root)))
            path = path if path == b"." else b"./" + path
            owner = (about.st_uid, about.st_gid) if os.geteuid() == 0 else (0, 0)
            words = {"type": kinds[stat.S_IFMT(about.st_mode)], "mode": b"%04o" % stat.S_IMODE(about.st_mode),
                     "uid": b"%d" % owner[0], "gid": b"%d" % owner[1]}
            if stat.S_ISREG(about.st_mode):
                words |= {"size": b"%d" % about.st_size, "contents": path}
            if stat.S_ISLNK(about.st_mode):
                words["link"] = os.readlink(at)
            if stat.S_ISCHR(about.st_mode) or stat.S_ISBLK(about.st_mode):
                words["device"] = b"native,%d,%d" % (os.major(about.st_rdev), os.minor(about.st_rdev))
            expected[path] = words
    assert found == expected


@pytest.mark.skipif(not shutil.which("bsdtar"), reason="bsdtar is not installed")
def test_libarchive_takes_the_manifest_with_the_extracted_files(tmp_path):
    """bsdtar reads the manifest beside the contents, and the tar that it makes packs to the same image."""
    tree = trees.Tree(tmp_path / "tree")
    fill(tree, AWKWARD)
    before = pack(tree.root, tmp_path / "a.img")
    write(tmp_path / "a.mtree", "--mtree", tmp_path / "a.img")
    run_well("cramfsck", "-x", tmp_path / "out", tmp_path / "a.img")
    subprocess.run(["bsdtar", "-c", "--format=pax", "-f", tmp_path / "b.tar", f"@{tmp_path}/a.mtree"],
                   cwd=tmp_path / "out", check=True, env={**os.environ, "LC_ALL": "C.UTF-8"}, stderr=subprocess.DEVNULL)
    assert pack(tmp_path / "b.tar", tmp_path / "b.img") == before


def test_other_readers_take_the_tar(tmp_path):
    tree = trees.Tree(tmp_path / "tree")
    fill(tree, [b"plain", "naïve-名前".encode()])
    pack(tree.root, tmp_path / "a.img")
    data = run_well("cramfs-dump", "--tar", tmp_path / "a.img")
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        names = {os.path.normpath(name) for name in archive.getnames()}
        assert {".", "plain", "naïve-名前", "sub/text", "null"} - names <= (set() if os.geteuid() == 0 else {"null"})
        assert archive.getmember("./sub/text").mtime == 0
        assert archive.extractfile("./sub/noise").read() == (tmp_path / "tree" / "sub" / "noise").read_bytes()


@pytest.mark.parametrize("option, names, complaint", [
    ("--tar", ["socket"], "/socket: left out: this form cannot have sockets"),
    ("--device-table", ["socket"], "/socket: left out: this form cannot have sockets"),
    ("--device-table", ["a b", "c\td", "e\nf"], "/a b: left out: a device table cannot have names with blanks "
                                               "(and 2 more like it); use --mtree"),
])
def test_what_a_form_cannot_hold_is_told_and_the_rest_written(option, names, complaint, tmp_path):
    tree = trees.Tree(tmp_path / "tree")
    for name in names:
        if name == "socket":
            tree.special(b"socket", stat.S_IFSOCK)
        else:
            tree.file(name.encode(), b"x")
    tree.file(b"other", b"x")
    pack(tree.root, tmp_path / "a.img")
    done = run("cramfs-dump", option, tmp_path / "a.img")
    assert done.returncode == OPERATIONAL
    assert done.stderr.decode() == f"cramfs-dump: {complaint}\n" or complaint in done.stderr.decode()
    assert b"other" in done.stdout


def test_a_tar_of_more_than_the_limit_is_refused(tmp_path):
    tree = trees.Tree(tmp_path / "tree")
    tree.file(b"a", bytes(60000))
    tree.file(b"b", bytes(60000))
    pack(tree.root, tmp_path / "a.img")
    done = run("cramfs-dump", "--tar", "--max-extract=119999", tmp_path / "a.img")
    assert done.returncode == OPERATIONAL and done.stdout == b""
    assert b"120000 bytes in all, over the limit of 119999 bytes; --max-extract=SIZE allows more" in done.stderr
    assert run("cramfs-dump", "--tar", "--max-extract=120000", tmp_path / "a.img").returncode == 0


def test_a_damaged_file_is_marked_or_told(tmp_path):
    tree = trees.Tree(tmp_path / "tree")
    tree.file(b"bad", b"text" * 9000)
    tree.file(b"good", b"good" * 9000)
    pack(tree.root, tmp_path / "a.img", "--xip=none")
    data = bytearray((tmp_path / "a.img").read_bytes())
    rows = run_well("cramfs-dump", "--extents", tmp_path / "a.img").decode().splitlines()
    table = next(int(row.split()[0]) for row in rows if row.endswith("/bad") and "table" in row)
    data[table:table + 4] = (0x3fffffff).to_bytes(4, "little")
    (tmp_path / "a.img").write_bytes(data)
    for option in ("--mtree", "--device-table"):
        done = run("cramfs-dump", option, tmp_path / "a.img")
        assert done.returncode == ERRORS_LEFT
        lines = done.stdout.decode().splitlines()
        assert [lines[i + 1].split()[0].strip("./") for i, line in enumerate(lines) if line == "# damaged:"] == ["bad"]
    done = run("cramfs-dump", "--tar", tmp_path / "a.img")
    assert done.returncode == ERRORS_LEFT and b"/bad: blocks that cannot be read are written as zeroes" in done.stderr
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        assert archive.extractfile("./bad").read()[:4096] == bytes(4096)
        assert archive.extractfile("./good").read() == b"good" * 9000
