"""One tree, read as a directory and from archives of every kind: the same image, byte for byte."""
import gzip
import io
import os
import random
import stat
import subprocess
import tarfile
import zipfile

import pytest

import describe
import trees
from tools import OPERATIONAL, USAGE, directory, run, run_well

LARGE = (1 << 24) - 1  # the longest file that the format holds


def options():
    return [] if os.geteuid() == 0 else ["-q"]


def simple_tree(root):
    """The nodes that even the oldest tar can hold: files, directories, links, hard links."""
    rng = random.Random(5)
    tree = trees.Tree(root)
    os.chmod(tree.root, 0o755)  # whatever the umask: some archives do not hold the root
    tree.directory(b"empty", 0o711)
    tree.directory(b"sub", 0o755, uid=3, gid=4)
    tree.file(b"sub/text", trees.compressible(rng, 30000), 0o644, uid=1000, gid=100)
    tree.file(b"sub/noise", trees.incompressible(rng, 20000), 0o4755)
    tree.file(b"nothing", b"", 0o600)
    tree.symlink(b"link", b"sub/text")
    os.link(tree.root + b"/sub/text", tree.root + b"/hard")
    return tree


def full_tree(root):
    """More nodes, for newer archives: devices, fifos, awkward names, the longest file."""
    tree = simple_tree(root)
    rng = random.Random(6)
    tree.special(b"null", stat.S_IFCHR, 0o666, major=1, minor=3)
    tree.special(b"disk", stat.S_IFBLK, 0o660, gid=6, major=8, minor=1)
    tree.special(b"fifo", stat.S_IFIFO, 0o622)
    tree.file(b"with space", b"1")
    tree.file(b"new\nline", b"2")
    tree.file("naïve-名前".encode(), b"3")
    tree.file(b"not utf-8 \xff\xfe", b"4")
    tree.file(b"n" * 252, b"5")
    deep = b"/".join([b"deep" * 20] * 4)
    os.makedirs(os.path.join(tree.root, deep))
    tree.file(deep + b"/file", b"6")
    tree.file(b"large", trees.patchwork(rng, 1 << 20) * 15 + bytes(LARGE - (15 << 20)))
    tree.file(b"sparse", bytes(3 << 20) + b"end")
    os.truncate(tree.root + b"/sparse", 5 << 20)
    return tree


def make(tree, archive, *command):
    """Runs a command in the tree; what it writes to standard output is the archive."""
    with open(archive, "wb") as out:
        subprocess.run(command, cwd=tree.root, stdout=out, check=True)


def tar(*arguments):
    return lambda tree, archive: make(tree, archive, "tar", "-c", *arguments, ".")


def cpio(form):
    return lambda tree, archive: make(tree, archive, "sh", "-c", f"find . -print0 | cpio --quiet -0 -o -H {form}")


def zipped(tree, archive):
    """zip has no entry for the root; it is made as the one here is, 0755."""
    subprocess.run(["zip", "-q", "-r", "-y", f"{archive}.zip", "."], cwd=tree.root, check=True)
    os.rename(f"{archive}.zip", archive)


def netbsd_mtree(*arguments, again=None):
    """The output of mtree -c; with `again`, a letter, the form in which mtree prints it after reading it."""
    def write(tree, archive):
        make(tree, archive, "mtree", "-c", *arguments, "-p", ".")
        if again:
            os.rename(archive, f"{archive}.first")
            make(tree, archive, "mtree", again, "-f", f"{archive}.first")
    return write


def bsdtar_mtree(options=""):
    return lambda tree, archive: make(tree, archive, "bsdtar", "-c", "--format=mtree", *([f"--options={options}"] if options else []), ".")


FULL = {
    "gnu": tar("--format=gnu"),
    "gnu, sparse": tar("--format=gnu", "--sparse"),
    "pax": tar("--format=pax"),
    "pax, sparse, xz": tar("--format=pax", "--sparse", "--xz"),
    "gnu, gzip": tar("--format=gnu", "--gzip"),
    "pax, zstd": tar("--format=pax", "--zstd"),
    "newc": cpio("newc"),
    "odc": cpio("odc"),
    "mtree of NetBSD": netbsd_mtree(),
    "mtree of NetBSD, devices": netbsd_mtree("-K", "device,nlink,sha256"),
    "mtree of NetBSD, full paths": netbsd_mtree(again="-C"),
    "mtree of NetBSD, names last": netbsd_mtree("-K", "device", again="-D"),
    "mtree of bsdtar": bsdtar_mtree(),
    "mtree of bsdtar, all": bsdtar_mtree("mtree:all,mtree:use-set,mtree:indent"),
}
SIMPLE = {
    "v7": tar("--format=v7"),
    "ustar": tar("--format=ustar"),
    "ustar, xz": tar("--format=ustar", "--xz"),
    "zip": zipped,
}


def read_options(kind, tree):
    return [f"--mtree-root={os.fsdecode(tree.root)}"] if kind.startswith("mtree") else []


@pytest.fixture(scope="module", params=[(simple_tree, "simple"), (full_tree, "full")], ids=lambda param: param[1])
def packed(request, tmp_path_factory):
    """The tree, and the image of its directory."""
    work = tmp_path_factory.mktemp("sources")
    tree = request.param[0](work / "tree")
    run_well("mkcramfs-xip", *options(), tree.root, work / "directory.img")
    return request.param[1], tree, (work / "directory.img").read_bytes()


@pytest.mark.parametrize("kind", [*FULL, *SIMPLE])
def test_archive_gives_the_image_of_the_directory(packed, kind, tmp_path):
    name, tree, expected = packed
    if kind in SIMPLE and name == "full":
        pytest.skip("this archive cannot hold it")
    (FULL.get(kind) or SIMPLE[kind])(tree, tmp_path / "archive")
    said = run("mkcramfs-xip", *options(), *read_options(kind, tree), tmp_path / "archive", tmp_path / "out.img",
               env={**os.environ, "LC_ALL": "C"})
    assert said.returncode == 0, said.stderr
    if kind == "zip":  # which knows no hard links
        assert said.stderr == b""
    else:
        assert b"2 names of hard-linked files" in said.stderr and len(said.stderr.splitlines()) == 1
    assert (tmp_path / "out.img").read_bytes() == expected


@pytest.mark.parametrize("command", ["tar -c .", "tar -c --format=pax -z .", "find . -print0 | cpio --quiet -0 -o -H newc",
                                     "mtree -c -p ."])
def test_archive_in_a_pipe_and_image_out_of_one(packed, command, tmp_path):
    """And a manifest, whose files are then those of the working directory."""
    _, tree, expected = packed
    script = f'set -o pipefail; {command} | "$0" "$@" - - | cat'
    done = subprocess.run(["bash", "-c", script, directory().resolve() / "mkcramfs-xip", *options()], cwd=tree.root,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == 0 and b"bytes from" in done.stderr
    assert done.stdout == expected


def test_what_cramfs_dump_writes_is_a_source_again(packed, tmp_path):
    """A manifest of an image, over the files that anybody can extract from it, gives that image."""
    _, tree, expected = packed
    (tmp_path / "out.img").write_bytes(expected)
    (tmp_path / "a.mtree").write_bytes(run_well("cramfs-dump", "--mtree", tmp_path / "out.img"))
    run("cramfsck", "-x", tmp_path / "x", tmp_path / "out.img")
    run_well("mkcramfs-xip", f"--mtree-root={tmp_path}/x", tmp_path / "a.mtree", tmp_path / "again.img")
    assert (tmp_path / "again.img").read_bytes() == expected


def tar_of(path, *members):
    """A tar with entries that GNU tar would not write: (name, type, data or link target)."""
    with tarfile.open(path, "w") as archive:
        for name, kind, held in members:
            info = tarfile.TarInfo(name)
            info.type = kind
            info.mode = 0o755 if kind == tarfile.DIRTYPE else 0o644
            if kind == tarfile.REGTYPE:
                info.size = len(held)
                archive.addfile(info, io.BytesIO(held))
            else:
                info.linkname = held or ""
                archive.addfile(info)
    return path


FILE, DIRECTORY, LINK, HARD = tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE


def extracted(image, to):
    run_well("cramfsck", "-x", to, image)
    return describe.describe(to, owners=False)


def test_later_sources_lie_over_earlier_ones(tmp_path):
    base = tmp_path / "base"
    (base / "dir").mkdir(parents=True)
    (base / "dir" / "kept").write_bytes(b"kept")
    (base / "dir" / "changed").write_bytes(b"old")
    (base / "gone").mkdir()
    (base / "gone" / "below").write_bytes(b"below")
    (base / "becomes-directory").symlink_to("elsewhere")
    layer = tar_of(tmp_path / "layer.tar", ("dir/changed", FILE, b"new"), ("gone", FILE, b"a file now"),
                   ("becomes-directory", DIRECTORY, None), ("becomes-directory/in", FILE, b"in"),
                   ("made/on/the/way", FILE, b"way"), ("/absolute", FILE, b"absolute"), ("./dotted", FILE, b"dotted"))
    last = tmp_path / "last"
    (last / "dir").mkdir(parents=True)
    (last / "dir" / "added").write_bytes(b"added")
    image = tmp_path / "out.img"
    done = run("mkcramfs-xip", "-q", base, layer, last, image)
    assert done.returncode == OPERATIONAL and not image.exists()
    assert b"1 entries in it would be lost, for example /gone/below" in done.stderr and b"/becomes-directory: is a directory in" in done.stderr
    run_well("mkcramfs-xip", "-q", "--allow=replace", base, layer, last, image)
    run_well("cramfsck", "-v", "-E", image)
    found = extracted(image, tmp_path / "x")
    assert sorted(found) == [b"", b"absolute", b"becomes-directory", b"becomes-directory/in", b"dir", b"dir/added",
                             b"dir/changed", b"dir/kept", b"dotted", b"gone", b"made", b"made/on", b"made/on/the",
                             b"made/on/the/way"]
    for path, contents in ((b"dir/changed", b"new"), (b"gone", b"a file now"), (b"dir/kept", b"kept")):
        assert (tmp_path / "x" / os.fsdecode(path)).read_bytes() == contents
    assert found[b"becomes-directory"][0] == stat.S_IFDIR


def test_names_that_come_twice_in_an_archive_hold_what_came_last(tmp_path):
    archive = tar_of(tmp_path / "a.tar", ("f", FILE, b"first"), ("f", FILE, b"second"), ("l", LINK, "x"), ("l", FILE, b"file"))
    run_well("mkcramfs-xip", archive, tmp_path / "out.img")
    extracted(tmp_path / "out.img", tmp_path / "x")
    assert (tmp_path / "x" / "f").read_bytes() == b"second"
    assert (tmp_path / "x" / "l").read_bytes() == b"file"


def newc(entries):
    """A cpio archive of (name, mode, inode, links, bytes); zlib makes little of it."""
    out = bytearray()
    for name, mode, inode, links, data in [*entries, (b"TRAILER!!!", 0, 0, 1, b"")]:
        fields = (inode, mode, 0, 0, links, 1, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        out += b"070701" + b"".join(b"%08x" % field for field in fields) + name + b"\0"
        out += bytes(-len(out) % 4) + data + bytes(-len(data) % 4)
    return gzip.compress(out, 1)


def test_names_that_come_and_go_leave_nothing_behind(tmp_path):
    # Looking for a name must not pass all that were once called so.
    come_and_go = [(b"d", 0o040755, 1, 1, b""), (b"d/f", 0o100644, 2, 1, b""), (b"d", 0o100644, 3, 1, b"")]
    (tmp_path / "a.cpio.gz").write_bytes(newc(come_and_go * 40000))
    run_well("mkcramfs-xip", tmp_path / "a.cpio.gz", tmp_path / "out.img")
    assert sorted(extracted(tmp_path / "out.img", tmp_path / "x")) == [b"", b"d"]


def test_many_pairs_of_hard_links(tmp_path):
    # The bytes of each come with the second name, and concern no other pair.
    pairs = [entry for n in range(60000) for entry in ((b"a%d" % n, 0o100644, n + 1, 2, b""),
                                                       (b"b%d" % n, 0o100644, n + 1, 2, b"%d" % (n % 100)))]
    (tmp_path / "a.cpio.gz").write_bytes(newc(pairs))
    run_well("mkcramfs-xip", tmp_path / "a.cpio.gz", tmp_path / "out.img")
    listing = run_well("cramfs-dump", "-R", tmp_path / "out.img").decode().splitlines()
    sizes = {line.split()[-1]: line.split()[4] for line in listing if line.startswith("-r")}
    assert len(sizes) == 120000 and all(sizes[f"/a{n}"] == sizes[f"/b{n}"] == str(len(str(n % 100))) for n in range(60000))


def test_file_that_inflates_without_end_is_refused_and_not_kept(tmp_path):
    class Pipe(io.BytesIO):  # into which zip writes the sizes after the bytes
        def seek(self, *_):
            raise OSError

    archive = Pipe()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out, out.open("f", "w") as file:
        for _ in range(64):
            file.write(bytes(1 << 20))
    # From a pipe: the sizes at the end cannot be looked up.
    done = subprocess.run(["prlimit", "--fsize=33554432", directory() / "mkcramfs-xip", "-", tmp_path / "out.img"],
                          input=archive.getvalue(), stderr=subprocess.PIPE)
    assert done.returncode == OPERATIONAL and b"the file has 67108864 bytes, over" in done.stderr, done.stderr


def test_a_file_that_inflates_without_end_can_be_left_out(tmp_path):
    class Pipe(io.BytesIO):
        def seek(self, *_):
            raise OSError

    archive = Pipe()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        with out.open("long", "w") as file:
            for _ in range(17):
                file.write(b"x" * (1 << 20))
        with out.open("short", "w") as file:
            file.write(b"kept")
    done = subprocess.run([directory() / "mkcramfs-xip", "-q", "--allow=size", "-", tmp_path / "out.img"],
                          input=archive.getvalue(), stderr=subprocess.PIPE)
    assert done.returncode == 0 and b"/long: the file has 17825792 bytes" in done.stderr, done.stderr
    run_well("cramfsck", tmp_path / "out.img", "-x", tmp_path / "out")
    assert os.listdir(tmp_path / "out") == ["short"]
    assert (tmp_path / "out" / "short").read_bytes() == b"kept"


@pytest.mark.parametrize("members, expected", [
    # A file named twice: GNU tar writes it as a link to itself.
    ([("a", FILE, b"held"), ("b", HARD, "a"), ("a", HARD, "a"), ("b", HARD, "a")], {"a": b"held", "b": b"held"}),
    # A later file takes the place of a name, not of the inode.
    ([("a", FILE, b"old"), ("b", HARD, "a"), ("a", FILE, b"new")], {"a": b"new", "b": b"old"}),
    ([("a", FILE, b"old"), ("b", HARD, "a"), ("a", LINK, "elsewhere")], {"b": b"old"}),
    ([("a", FILE, b""), ("b", HARD, "a"), ("b", FILE, b"own")], {"a": b"", "b": b"own"}),
])
def test_hard_links_keep_what_they_were_made_to(members, expected, tmp_path):
    run_well("mkcramfs-xip", tar_of(tmp_path / "a.tar", *members), tmp_path / "out.img")
    extracted(tmp_path / "out.img", tmp_path / "x")
    for name, contents in expected.items():
        assert (tmp_path / "x" / name).read_bytes() == contents


def test_owners_beyond_any_system_are_told_and_not_cut(tmp_path):
    info = tarfile.TarInfo("f")
    info.uid = (1 << 32) + 5
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.addfile(info)
    done = run("mkcramfs-xip", "-q", tmp_path / "a.tar", tmp_path / "out.img")
    assert done.returncode == OPERATIONAL and b"f: uid 4294967301 is not possible" in done.stderr


def test_an_image_does_not_overwrite_its_source(tmp_path):
    archive = tar_of(tmp_path / "a.tar", ("f", FILE, b"x"))
    before = archive.read_bytes()
    done = run("mkcramfs-xip", archive, archive)
    assert done.returncode == USAGE and b"would overwrite a source" in done.stderr
    assert archive.read_bytes() == before


@pytest.mark.parametrize("members, complaint", [
    ([("../out", FILE, b"x")], "../out: the path leads out of the tree"),
    ([("a/../../out", FILE, b"x")], "the path leads out of the tree"),
    ([("a/..", DIRECTORY, None)], "the path leads out of the tree"),
    ([("way", LINK, "/tmp"), ("way/file", FILE, b"x")], "way/file: 'way' in its path is not a directory"),
    ([("hard", HARD, "nowhere")], "hard: is a hard link to 'nowhere', and no earlier entry has that name"),
    ([(".", FILE, b"x")], "the root must be a directory"),
])
def test_entries_that_no_tree_can_hold_are_told(members, complaint, tmp_path):
    archive = tar_of(tmp_path / "bad.tar", *members, ("sound", FILE, b"sound"))
    done = run("mkcramfs-xip", archive, tmp_path / "out.img")
    assert done.returncode == OPERATIONAL
    assert complaint in done.stderr.decode()
    assert not (tmp_path / "out.img").exists()


def test_damaged_archives_make_no_image(tmp_path):
    whole = tar_of(tmp_path / "whole.tar", ("f", FILE, bytes(range(256)) * 100), ("g", FILE, b"g")).read_bytes()
    for length in (700, 5000, 26000):
        (tmp_path / "cut.tar").write_bytes(whole[:length])
        done = run("mkcramfs-xip", tmp_path / "cut.tar", tmp_path / "out.img")
        assert done.returncode == OPERATIONAL, length
        assert b"cut.tar: cannot read the archive" in done.stderr
        assert not (tmp_path / "out.img").exists()


def test_a_file_too_large_in_an_archive_is_told_and_not_kept(tmp_path):
    info = tarfile.TarInfo("huge")
    info.size = 1 << 24
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        archive.addfile(info, io.BytesIO(bytes(1 << 24)))
    done = run("mkcramfs-xip", tmp_path / "a.tar", tmp_path / "out.img")
    assert done.returncode == OPERATIONAL
    assert b"/huge: the file has 16777216 bytes" in done.stderr


def test_no_place_for_temporary_files_is_told(tmp_path):
    archive = tar_of(tmp_path / "a.tar", ("f", FILE, b"x"))
    done = run("mkcramfs-xip", archive, tmp_path / "out.img", env={**os.environ, "TMPDIR": "/nowhere"})
    assert done.returncode == OPERATIONAL
    assert b"set TMPDIR to another directory" in done.stderr
