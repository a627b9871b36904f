"""Lines that a manifest may have, and lines that it may not."""
import errno
import gzip
import os
import stat

import pytest

import describe
from tools import CLEAN, OPERATIONAL, run, run_well

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can extract owners and devices")


def forbid_openat2(monkeypatch, number):
    """From here on the call fails in all programs, as on old kernels, or where a container forbids it."""
    monkeypatch.setenv("LD_PRELOAD", os.environ["CRAMFS_XIP_FAULTS"])
    monkeypatch.setenv("FAULT_CALLS", "")
    monkeypatch.setenv("FAULT_OPENAT2", str(number))
    # AddressSanitizer requires to be the first library; here it need not be.
    monkeypatch.setenv("ASAN_OPTIONS", "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", ""))


@pytest.fixture(params=["openat2", "name by name"], autouse=True)
def way_to_files(request, monkeypatch):
    """How the files of a manifest are opened: all tests hold for both."""
    if request.param == "name by name":
        forbid_openat2(monkeypatch, errno.ENOSYS)


@pytest.fixture
def place(tmp_path):
    """A directory with files to name, and room beside it."""
    root = tmp_path / "root"
    (root / "out").mkdir(parents=True)
    (root / "out" / "busybox").write_bytes(b"busybox")
    (root / "etc").mkdir()
    (root / "etc" / "passwd").write_bytes(b"root:x:0:0::/root:/bin/sh\nwww:x:33:33::/:/bin/false\nwww:x:1:1\n")
    (root / "etc" / "group").write_bytes(b"wheel:x:0:\nwww:x:34:\n")
    (tmp_path / "secret").write_bytes(b"secret")
    return root


def pack(place, text, *options, **how):
    (place / "a.mtree").write_bytes(text if isinstance(text, bytes) else text.encode())
    return run("mkcramfs-xip", *options, place / "a.mtree", place.parent / "out.img", **how)


def packed(place, text, *options, owners=True, warnings=()):
    """The tree in the image, after a build that prints only these lines."""
    done = pack(place, text, *options)
    said = done.stderr.splitlines()
    assert (done.returncode, len(said)) == (CLEAN, len(warnings)), done.stderr.decode()
    assert all(b"warning: " in line and warning in line for line, warning in zip(said, warnings)), done.stderr.decode()
    run_well("cramfsck", "-v", "-E", place.parent / "out.img")
    privileged = ["--privileged"] if os.geteuid() == 0 else []
    run_well("cramfsck", *privileged, "-x", place.parent / "x", place.parent / "out.img")
    return describe.describe(place.parent / "x", owners=owners)


def held(place, name):
    return (place.parent / "x" / name).read_bytes()


@root_only
def test_relative_and_full_names_set_and_unset(place):
    found = packed(place, r"""
# A comment.
/set type=file uid=1 gid=2 mode=0640
.            type=dir mode=0750
    bin      type=dir mode=0711 uid=7
        bb   contents=out/busybox
        ..
    dev      type=dir mode=0755
        tty\040x type=char mode=0600 device=native,5,1     # a comment, too
        raw  type=block mode=0660 device=0x80a
        cut  type=fifo
/unset mode uid
    ..
etc          type=dir mode=0700 uid=0
    passwd   mode=0600 uid=8
    ..
..
./bin/sh     type=link mode=0777 link=b\sb uid=0
./made/on/the/way \
             mode=0444 uid=9 \
             contents=./out/../out/busybox
""")
    assert {path: node[:3] for path, node in found.items()} == {
        b"": (stat.S_IFDIR, 0o750, (1, 2)),
        b"bin": (stat.S_IFDIR, 0o711, (7, 2)), b"bin/bb": (stat.S_IFREG, 0o640, (1, 2)),
        b"bin/sh": (stat.S_IFLNK, 0, (0, 2)),
        b"dev": (stat.S_IFDIR, 0o755, (1, 2)), b"dev/tty x": (stat.S_IFCHR, 0o600, (1, 2)),
        b"dev/raw": (stat.S_IFBLK, 0o660, (1, 2)), b"dev/cut": (stat.S_IFIFO, 0o640, (1, 2)),
        b"etc": (stat.S_IFDIR, 0o700, (0, 2)), b"etc/passwd": (stat.S_IFREG, 0o600, (8, 2)),
        b"made": (stat.S_IFDIR, 0o755, (0, 0)), b"made/on": (stat.S_IFDIR, 0o755, (0, 0)),
        b"made/on/the": (stat.S_IFDIR, 0o755, (0, 0)), b"made/on/the/way": (stat.S_IFREG, 0o444, (9, 2)),
    }
    assert found[b"bin/sh"][3] == b"b b"
    assert (found[b"dev/tty x"][3], found[b"dev/raw"][3]) == (os.makedev(5, 1), os.makedev(8, 10))
    assert held(place, "bin/bb") == held(place, "made/on/the/way") == b"busybox"


@root_only
def test_a_log_of_install_as_makefs_reads_it(place):
    """FreeBSD's: full paths, names for owners, tags, lines that come twice, contents anywhere."""
    (place.parent / "obj").mkdir()
    (place.parent / "obj" / "su").write_bytes(b"su")
    found = packed(place, f"""#mtree 2.0
. type=dir uname=root gname=wheel mode=0755
./etc type=dir uname=root gname=wheel mode=0755 tags=package=runtime
./etc/passwd type=file uname=root gname=wheel mode=0644 contents={place}/etc/passwd
./etc/group type=file uname=root gname=wheel mode=0644 contents={place}/etc/group size=21
./srv type=dir uname=www gname=www mode=0755
./bin/su type=file uname=root gname=wheel mode=0555 time=0.0 flags=schg contents={place.parent}/obj/su
./bin/su type=file uname=root gname=wheel mode=4555 tags=package=runtime
./var/empty type=file uname=root gname=wheel mode=0600 contents=/dev/null
""", "--mtree-root=/")
    assert found[b"bin/su"][:3] == (stat.S_IFREG, 0o4555, (0, 0)) and held(place, "bin/su") == b"su"
    assert found[b"srv"][2] == (33, 34)
    assert held(place, "var/empty") == b""


def test_owners_that_the_tree_does_not_know_are_told_once(place):
    text = "/set uname=ghost gname=wheel\n" + "".join(f"./f{number} type=fifo mode=0600\n" for number in range(5))
    done = pack(place, "./etc type=dir uid=0 gid=0\n./etc/group type=file uid=0 gid=0 mode=0644\n" + text)
    assert done.returncode == OPERATIONAL
    said = done.stderr.decode().splitlines()
    assert len(said) == 1
    assert "a.mtree:4: /f0 belongs to 'ghost', and /etc/passwd is not in the tree; add the file" in said[0]
    assert pack(place, text, "-q").returncode == CLEAN  # names do not matter then


@root_only
def test_what_is_not_said_is_taken_from_the_disk(place):
    os.chown(place / "out" / "busybox", 5, 6)
    os.chmod(place / "out" / "busybox", 0o4711)
    os.symlink("somewhere", place / "link")
    os.mknod(place / "null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    found = packed(place, """
./out type=dir
./out/busybox type=file
./link type=link
./null type=char mode=0600
./copy type=file contents=out/busybox mode=0755 nochange
./gone type=dir
./sock type=socket
""")
    assert found[b"out/busybox"][:3] == found[b"copy"][:3] == (stat.S_IFREG, 0o4711, (5, 6))
    assert found[b"link"][3] == b"somewhere"
    assert found[b"null"][1:] == (0o600, (0, 0), os.makedev(1, 3))
    assert found[b"gone"][:3] == (stat.S_IFDIR, 0o755, (0, 0)) and found[b"sock"][:2] == (stat.S_IFSOCK, 0o644)


def test_optional_files_that_are_missing_are_counted(place):
    done = pack(place, "./a type=file optional\n./b type=file optional contents=out/gone\n./d type=dir optional\n"
                       "./out/busybox type=file optional\n", "-q")
    assert done.returncode == CLEAN
    assert done.stderr.decode() == f"mkcramfs-xip: note: {place}/a.mtree: 2 optional files do not exist, and are left out\n"
    run_well("cramfsck", "-x", place.parent / "x", place.parent / "out.img")
    assert sorted(describe.describe(place.parent / "x")) == [b"", b"d", b"out", b"out/busybox"]


@pytest.mark.parametrize("written, name", [
    (rb"a\040b", b"a b"), (rb"a\sb", b"a b"), (rb"na\M-C\M-/ve", "naïve".encode()), (rb"\M^?\M^@\M-a", b"\xff\x80\xe1"),
    (rb"n\nt\tr\ra\ab\bv\vf\f", b"n\nt\tr\ra\ab\bv\vf\f"), (rb"\^A\^?", b"\x01\x7f"), (rb"\033\E\1", b"\x1b\x1b\x01"),
    (rb"h\#x\*\?\[", b"h#x*?["), (rb"back\\slash\134", b"back\\slash\\"), (b"a#b", b"a#b"), (b"\xff\xfe", b"\xff\xfe"),
    ("名前".encode(), "名前".encode()), (rb"\377\\000", b"\xff\\000"),
])
def test_names_are_bytes_as_vis_writes_them(written, name, place):
    for style in (b"%s type=fifo\n", b"./%s type=fifo\n", b"#mtree\ntype=fifo %s\n"):
        done = pack(place, style % written, "-q")
        assert (done.returncode, done.stderr) == (CLEAN, b"")
        run_well("cramfsck", "-x", place.parent / "x", place.parent / "out.img")
        assert os.listdir(os.fsencode(place.parent / "x")) == [name]
        os.unlink(os.path.join(os.fsencode(place.parent / "x"), name))
        os.rmdir(place.parent / "x")


def test_lines_end_as_anywhere(place):
    text = b"#mtree\r\n./a \\\r\n  type=fifo\r\n\r\n   # comment\ntype=fifo ./b\\\\\n./c \\\n\\\ntype=fifo"
    found = packed(place, text, "-q")  # a backslash that another one escapes does not go on
    assert sorted(found) == [b"", b"a", b"b\\", b"c"]


def test_a_manifest_may_be_compressed_and_lie_over_other_sources(place):
    (place / "a.mtree.gz").write_bytes(gzip.compress(b"#mtree\n./etc/passwd type=file contents=out/busybox\n./etc type=dir mode=0700\n"))
    base = place.parent / "base"
    (base / "etc").mkdir(parents=True)
    (base / "etc" / "passwd").write_bytes(b"old")
    (base / "etc" / "kept").write_bytes(b"kept")
    run_well("mkcramfs-xip", "-q", base, place / "a.mtree.gz", place.parent / "out.img")
    run_well("cramfsck", "-x", place.parent / "x", place.parent / "out.img")
    assert held(place, "etc/passwd") == b"busybox" and held(place, "etc/kept") == b"kept"
    assert (place.parent / "x" / "etc").stat().st_mode & 0o777 == 0o700


def test_what_the_files_were_is_told_to_make(place):
    rule = place.parent / "depfile"
    text = f"#mtree\nout/busybox type=file\n./b type=file contents=etc/group\n./c type=file contents={place}/etc/passwd\n./d type=fifo\n"
    assert pack(place, text + "./e type=file contents=/dev/null\n", "-q", f"--depfile={rule}").returncode == CLEAN
    inputs = [line.strip(" \\") for line in rule.read_text().split("\n\n")[0].splitlines() if line.startswith(" ")]
    assert sorted(inputs) == [f"{place}/{name}" for name in ("a.mtree", "etc/group", "etc/passwd", "out/busybox")]


def test_files_that_cannot_be_read_can_be_allowed(place):
    done = pack(place, "#mtree\n./a type=file contents=gone\n./b type=fifo\n./link type=file contents=../secret\n", "-q", "--allow=unreadable")
    assert done.returncode == OPERATIONAL and b"outside" in done.stderr  # that is no matter of reading
    done = pack(place, "#mtree\n./a type=file contents=gone\n./b type=fifo\n", "-q", "--allow=unreadable")
    assert done.returncode == CLEAN
    assert b"warning: " in done.stderr and b"a.mtree:2: /a cannot be read as gone from " in done.stderr and b"; left out" in done.stderr
    run_well("cramfsck", "-x", place.parent / "x", place.parent / "out.img")
    assert os.listdir(place.parent / "x") == ["b"]


def test_excludes_hold_in_both_styles(place):
    found = packed(place, """#mtree
/set type=fifo
.       type=dir
doc     type=dir
    a
    b   type=dir
        c
        ..
    ..
kept
./doc/d
./x/doc/e
./x/f.o
./x/g
""", "-q", "--exclude=doc", "--exclude=*.o")
    assert sorted(found) == [b"", b"kept", b"x", b"x/g"]


def test_something_else_may_take_a_name(place):
    found = packed(place, """#mtree
./a type=dir
./a/b type=fifo
./a type=file contents=out/busybox
./c type=file contents=out/busybox
./c type=dir
./c/d type=fifo
""", "-q", warnings=[b":4: /a: is a regular file"])
    assert sorted(found) == [b"", b"a", b"c", b"c/d"]
    assert found[b"a"][0] == stat.S_IFREG and found[b"c"][0] == stat.S_IFDIR


@pytest.mark.parametrize("line, complaint", [
    ("f type=file contents=out/gone", "/f cannot be read as out/gone from {root}: No such file or directory; put the file there"),
    ("f type=file", "/f cannot be read from {root}: No such file or directory; put the file there"),
    ("f type=file contents=out", "/f is not a regular file on disk"),
    ("f type=file contents=fifo", "/f is not a regular file on disk"),
    ("link type=file", "/link is not a regular file on disk"),
    ("./linked/busybox type=file contents=loop", "cannot be read as loop from {root}: Too many levels of symbolic links"),
    ("f type=file contents=out/busybox size=8", "/f has size=8, and its file has 7 bytes; make the manifest again"),
    ("f type=file contents=../secret", "/f has contents=../secret, which is outside {root}; --mtree-root=DIR names another"),
    ("f type=file contents=out/../../secret", "which is outside {root}"),
    ("f type=file contents={up}/secret", "which is outside {root}"),
    ("f type=file contents={root}2/f", "which is outside {root}"),
    ("f type=file contents={root}/../secret", "which is outside {root}"),
    ("f type=file contents=way/secret", "/f cannot be read as way/secret"),
    ("f type=file contents=absolute", "/f cannot be read as absolute"),
    ("./way/secret type=file", "/way/secret cannot be read from {root}"),
    ("./../f type=fifo", "./../f: the path leads out of the tree"),
    ("./a/../../f type=fifo", "the path leads out of the tree"),
    (r"\056\056 type=fifo", r"the name '\\056\\056' is not possible for a file"),
    (r"\056 type=fifo", "is not possible for a file"),
    (r"a\057b type=fifo", "is not possible for a file"),
    (". type=fifo", "the root must be a directory"),
    (r"a\000b type=fifo", "contains an escape"),
    (r"a\400b type=fifo", "contains an escape"),
    (r"a\q type=fifo", r"the name 'a\\q' contains an escape that vis(1) does not write"),
    ("/etc/f type=fifo", "'/etc/f' is neither /set nor /unset; a path begins with './'"),
    ("f mode=0600", "has no type; add type=file"),
    ("f type=door", "type=door: the type must be file, dir,"),
    ("f type=fifo mode=u=rwz", "mode=u=rwz: it must be an octal number"),
    ("f type=fifo mode=10000", "mode=10000: it must be an octal number up to 7777"),
    ("f type=fifo mode=08", "mode=08: it must be"),
    ("f type=fifo uid=-1", "uid=-1: it must be a decimal number"),
    ("f type=fifo gid=4294967296", "gid=4294967296: it must be a decimal number"),
    ("f type=fifo uid=", "uid=: it must be"),
    ("f type=fifo size=9223372036854775808", "size=9223372036854775808"),
    ("f type=fifo mod=0600", "'mod=0600' is not a keyword of a manifest"),
    ("f type=fifo optional=1", "the keyword optional has no value"),
    ("f type=fifo size", "the keyword size needs a value"),
    ("f type=link", "/f has no link=; add it"),
    ("f type=char", "/f has no device=; add it, for example device=native,5,1"),
    ("f type=char device=native,5", "device=native,5: it must be like native,8,1"),
    ("f type=char device=native,1,2,3", "device=native,1,2,3: it must be"),
    ("f type=char device=native,1,4294967296", "it must be like"),
    ("f type=char device=0x", "it must be like"),
    ("f type=char device=native,300,1", "/f: device 300:1 has a number over the format's limit of 255"),
    ("/unset mod", "'mod' is not a keyword"),
    ("f type=fifo" + " uid=1" * 80, "more than 64 words"),
    ("f type=fifo uid=70000", "/f: uid 70000 is over the format's limit of 65535"),
    ("f type=fifo \0", "the line contains a NUL byte"),
    ("d type=dir\n./d type=fifo\nbelow type=fifo", "its directory was replaced by another file"),
])
def test_what_cannot_be_applied_is_told_with_its_line(line, complaint, place):
    os.mkfifo(place / "fifo")
    (place / "link").symlink_to("out/busybox")
    (place / "loop").symlink_to("loop")
    (place / "way").symlink_to("..")
    (place / "absolute").symlink_to(place.parent / "secret")
    line, complaint = (text.replace("{root}", str(place)).replace("{up}", str(place.parent)) for text in (line, complaint))
    done = pack(place, f"#mtree\n\n{line}\n")
    said = done.stderr.decode()
    assert done.returncode == OPERATIONAL, said
    assert complaint in said
    if "format's" not in complaint:  # which is found out in the whole tree
        assert f"a.mtree:{2 + len(line.splitlines())}: " in said
    assert len(said.splitlines()) == 1
    assert not (place.parent / "out.img").exists()


def test_all_that_is_wrong_is_told_at_once(place):
    done = pack(place, "#mtree\na type=door\nb type=file\nc type=fifo\nd type=link\n")
    assert [line.split(": ")[1].rsplit(":", 1)[1] for line in done.stderr.decode().splitlines()] == ["2", "3", "5"]


def test_what_set_gets_wrong_is_said_of_no_file(place):
    done = pack(place, b"#mtree\n/set type=file contents=si\\\xeddev\nf size=0\n")
    first, second = done.stderr.splitlines()
    assert done.returncode == OPERATIONAL
    assert b"a.mtree:2: contents=" in first and b"contains an escape" in first
    assert b"a.mtree:3: /f cannot be read" in second and b" as " not in second


def test_links_inside_the_root_lead_to_contents(place):
    (place / "lib").symlink_to("/out")
    (place / "out" / "lib.so").symlink_to("busybox")
    (place / "a.mtree").write_text("#mtree\nf type=file contents=lib/lib.so\ng type=file contents=../out/busybox\n")
    assert b"outside" in run("mkcramfs-xip", place / "a.mtree", place.parent / "out.img").stderr
    packed(place, f"#mtree\nf type=file contents=lib/lib.so\ng type=file contents={place}/lib/busybox\n", "-q")
    assert held(place, "f") == held(place, "g") == b"busybox"


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.EPERM, errno.EINVAL], ids=errno.errorcode.get)
@pytest.mark.parametrize("contents, expected", [
    ("up", b"busybox"), ("absolute", b"inside"), ("down/../busybox", b"busybox"), ("out/./back//busybox", b"busybox"),
    ("above", b"inside"), ("chain", b"busybox"), ("swapped/secret", b"inside"), ("out/busybox/", b""), ("out/busybox/x", b""),
    ("dangling", b""), ("loop", b""), ("forty", b"busybox"), ("too-many", b""),
])
def test_links_lead_to_the_same_without_openat2(contents, expected, number, place, monkeypatch):
    """Finds the same files as the kernel with the call, and nothing outside the root."""
    (place / "secret").write_bytes(b"inside")
    for link, target in (("up", "out/../out/busybox"), ("absolute", "/secret"), ("down", "out/deep"), ("above", "../../../secret"),
                         ("chain", "up"), ("swapped", "out/../.."), ("dangling", "out/gone"), ("loop", "loop"), ("out/back", "/out"),
                         ("1", "out/busybox"), ("forty", "39"), ("too-many", "40")):
        (place / link).symlink_to(target)
    (place / "out" / "deep").mkdir()
    for count in range(2, 41):
        (place / str(count)).symlink_to(str(count - 1))
    text = f"#mtree\nf type=file contents={contents}\n"
    with monkeypatch.context() as kernel:
        kernel.setenv("FAULT_OPENAT2", "0")
        by_kernel = pack(place, text, "-q", env={**os.environ, "LC_ALL": "C"})
    forbid_openat2(monkeypatch, number)
    by_name = pack(place, text, "-q", env={**os.environ, "LC_ALL": "C"})
    assert (by_name.returncode, by_name.stderr) == (by_kernel.returncode, by_kernel.stderr)
    assert by_name.returncode == (CLEAN if expected else OPERATIONAL), by_name.stderr.decode()
    if expected:
        assert packed(place, text, "-q", owners=False) and held(place, "f") == expected


def test_another_root_is_for_every_path(place):
    (place.parent / "a.mtree").write_text(f"#mtree\nout/busybox type=file\ng type=file contents={place}/out/busybox\n")
    done = run("mkcramfs-xip", place.parent / "a.mtree", place.parent / "out.img")
    assert done.returncode == OPERATIONAL
    run_well("mkcramfs-xip", "-q", f"--mtree-root={place}", place.parent / "a.mtree", place.parent / "out.img")
    done = run("mkcramfs-xip", "--mtree-root=/nowhere", place.parent / "a.mtree", place.parent / "out.img")
    assert done.returncode == OPERATIONAL and b"/nowhere: cannot open the directory of a manifest's files" in done.stderr


def test_what_only_begins_like_a_manifest_is_none(place):
    for text in (b"no manifest\n", b"# only a comment\n", b"f mode=0644\n", b"\n\n", b"a b type=file\n"):
        done = pack(place, text)
        assert done.returncode == OPERATIONAL and b"Unrecognized archive format" in done.stderr, text
    for text in (b"#mtree\n", b"# user\n\n/set type=fifo\n"):
        assert pack(place, text).returncode == OPERATIONAL and b"has no entries" in pack(place, text).stderr, text
        assert pack(place, text, "--allow=empty").returncode == CLEAN
    assert pack(place, b"f type=fifo \\\n  uid=0\n").returncode == CLEAN


@pytest.mark.parametrize("lines", [
    "d type=dir uid=0 gid=0 mode=0755\n" * 200000,  # each in the one before
    "d type=dir\n" * 50000,  # and each looked for on disk
    "./f type=fifo uid=0 gid=0\n" * 200000,
    "".join(f"f{number} type=fifo gid=0 uname=u{number}\n" for number in range(50000)),
], ids=["deep", "deep on disk", "one name", "unknown owners"])
def test_a_manifest_costs_no_more_than_its_length(lines, place):
    """Each would take minutes if it did."""
    done = pack(place, "#mtree\n./etc/passwd type=file\n" + lines, "--max-size=1", timeout=300)
    assert done.returncode == OPERATIONAL


GOMTREE = """#           user: root
#        machine: host
#           tree: /tmp/x
#           date: Thu Nov 26 12:00:00 2026

# .
/set type=file nlink=1 mode=0644 uid=0 gid=0
.               size=4096 type=dir mode=0755 nlink=3 tar_time=1795694400.000000000
    f           size=5 mode=04755 tar_time=1795694400.000000000 \\
                sha512256digest=00 xattr.user.mime_type=dGV4dA== xattr.security.capability=AQAAAgAgAAAAAAAA
    l           type=link mode=0777 link=f tar_time=1795694400.000000000

# d
d               size=4096 type=dir mode=0700 nlink=2 tar_time=1795694400.000000000
    g           size=0 tar_time=0.000000000 xattrs.user.x=
..
..
"""


def test_a_manifest_of_gomtree(place):
    (place / "d").mkdir()
    (place / "f").write_bytes(b"bytes")
    (place / "d" / "g").write_bytes(b"")
    done = pack(place, GOMTREE)
    assert done.returncode == CLEAN, done.stderr
    assert b"1 file capabilities left out" in done.stderr and b"2 extended attributes left out" in done.stderr
    listing = run_well("cramfs-dump", "-R", place.parent / "out.img").decode()
    assert "-rwsr-xr-x" in listing and "drwx------" in listing and "l -> f" in listing
    assert pack(place, GOMTREE, "-E").returncode == OPERATIONAL


@pytest.mark.parametrize("symbolic, mode", [
    ("u=rwx,go=rx", 0o755), ("u=rw,g=r,o=", 0o640), ("=rx", 0o555), ("a=r,u+w", 0o644), ("ug=rwx,o=rx,u+s", 0o4775), ("u=rwxs,g=xs,o=x", 0o6711),
    ("a=rwx,+t", 0o1777), ("u=rwx,g=u,o=g-w", 0o775), ("a=rwx,o-rwx", 0o770), ("u=x,a+X", 0o111), ("a+X", 0), ("u=rw+x-w", 0o500), ("0640", 0o640),
])
def test_symbolic_modes(symbolic, mode, place):
    found = packed(place, f"f type=fifo mode={symbolic} uid=0 gid=0\n", owners=False)
    kept = 0o7777 if os.geteuid() == 0 else 0o1777  # a plain user extracts no set-ID bits
    assert found[b"f"][1] & kept == mode & kept


@pytest.mark.parametrize("wrong", ["u", "rwx", "u=rwx,", ",u=r", "u=q", "u=rwx go=r", "8", "u==r,z", "=rwx,5"])
def test_wrong_modes_are_errors(wrong, place):
    assert pack(place, f"f type=fifo mode={wrong}\n").returncode == OPERATIONAL


def test_a_byte_order_mark_is_no_part_of_any_text(place):
    mark = b"\xef\xbb\xbf"
    (place / "f").write_bytes(b"x" * 5000)
    files = {"table": b"/dev d 755 0 0\n", "rules": b"/f stored\n", "profile": b"/f,0,1\n", "patterns": b"nothing\n"}
    options = {"table": "-D", "rules": "--xip-rules", "profile": "--xip-profile", "patterns": "--exclude-from"}
    for head, outcome in ((b"", CLEAN), (mark, CLEAN)):
        for name, text in files.items():
            (place.parent / name).write_bytes(head + text)
        arguments = [part for name, option in options.items() for part in
                     ([option, place.parent / name] if option == "-D" else [f"{option}={place.parent / name}"])]
        done = pack(place, head + b"f type=file mode=0644 uid=0 gid=0\n", *arguments)
        assert done.returncode == outcome, done.stderr
        image = (place.parent / "out.img").read_bytes()
        assert not head or image == plain
        plain = image
    for name, option in options.items():
        (place.parent / name).write_bytes("text\n".encode("utf-16"))
        done = pack(place, b"f type=file mode=0644\n", *([option, place.parent / name] if option == "-D" else [f"{option}={place.parent / name}"]))
        assert done.returncode != CLEAN and b"UTF-16" in done.stderr
