"""Sources over each other: every kind of source over every kind, each kind of node over each; a loss is an error."""
import io
import itertools
import os
import stat
import subprocess
import tarfile

import pytest

from tools import CLEAN, OPERATIONAL, USAGE, as_plain_user, directory, run, run_well

# The kinds of /x: /real is a directory with `old` in it, /plain a file.
NODES = {
    "empty directory": tarfile.DIRTYPE, "directory": tarfile.DIRTYPE, "file": tarfile.REGTYPE, "hard link": tarfile.LNKTYPE,
    "link to a directory": tarfile.SYMTYPE, "absolute link to a directory": tarfile.SYMTYPE, "link to a link to a directory": tarfile.SYMTYPE,
    "link out of the root and back": tarfile.SYMTYPE, "link to a file": tarfile.SYMTYPE, "link to nothing": tarfile.SYMTYPE,
    "link to itself": tarfile.SYMTYPE, "fifo": tarfile.FIFOTYPE, "device": tarfile.CHRTYPE,
}
TARGETS = {
    "link to a directory": "real", "absolute link to a directory": "/real", "link to a link to a directory": "way",
    "link out of the root and back": "../../real/../real", "link to a file": "plain", "link to nothing": "none", "link to itself": "x",
}
LEADS = [node for node in TARGETS if "directory" in node or "back" in node]
LOWER_SOURCES = ["directory", "tar", "manifest"]
UPPER_SOURCES = ["directory", "tar", "manifest", "device table"]
TABLE = {"empty directory": "d 755 0 0 - - - - -", "fifo": "p 644 0 0 - - - - -", "device": "c 644 0 0 5 1 - - -"}


def entries_of(node, lower):
    """(name, type, target) of each entry of a source whose /x is such a node."""
    if lower:
        yield from [("real", tarfile.DIRTYPE, ""), ("real/old", tarfile.REGTYPE, ""), ("plain", tarfile.REGTYPE, ""), ("way", tarfile.SYMTYPE, "real")]
    if node == "hard link":
        yield ("other", tarfile.REGTYPE, "")
    yield ("x", NODES[node], "other" if node == "hard link" else TARGETS.get(node, ""))
    if node == "directory":
        yield ("x/old" if lower else "x/new", tarfile.REGTYPE, "")


def make_directory(path, entries):
    path.mkdir()
    for name, kind, target in entries:
        file = path / name
        if kind == tarfile.DIRTYPE:
            file.mkdir()
        elif kind == tarfile.REGTYPE:
            file.write_bytes(b"")
        elif kind == tarfile.SYMTYPE:
            file.symlink_to(target)
        elif kind == tarfile.LNKTYPE:
            os.link(path / target, file)
        elif kind == tarfile.FIFOTYPE:
            os.mkfifo(file)
        else:
            os.mknod(file, stat.S_IFCHR | 0o600, os.makedev(5, 1))
    return path


def make_tar(path, entries):
    with tarfile.open(path, "w") as archive:
        for name, kind, target in entries:
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.devmajor, info.devminor = kind, target, 5, 1
            archive.addfile(info)
    return path


def make_manifest(path, entries):
    words = {tarfile.DIRTYPE: "type=dir", tarfile.REGTYPE: "type=file contents=/dev/null", tarfile.LNKTYPE: "type=file contents=/dev/null",
             tarfile.FIFOTYPE: "type=fifo", tarfile.CHRTYPE: "type=char device=native,5,1"}
    path.write_text("#mtree\n/set uid=0 gid=0 mode=0755\n" + "".join(
        f"./{name} {words.get(kind) or f'type=link link={target}'}\n" for name, kind, target in entries))
    return path


MAKERS = {"directory": make_directory, "tar": make_tar, "manifest": make_manifest}


def expected(below, above):
    """Whether it is a loss, and the contents of /x and /real if it is allowed, or is not a loss."""
    is_directory = "directory" in (above, above.removeprefix("empty "))
    kind = NODES[above] if NODES[above] != tarfile.LNKTYPE else tarfile.REGTYPE
    new = {"x/new"} if above == "directory" else set()
    if is_directory and NODES[below] == tarfile.DIRTYPE:
        return False, kind, new | ({"x/old"} if below == "directory" else set()), {"real/old"}
    if is_directory and below in LEADS:
        return False, tarfile.SYMTYPE, set(), {"real/old"} | {name.replace("x", "real") for name in new}
    lost = is_directory or below == "directory" or (below in LEADS and kind != tarfile.SYMTYPE)
    return lost, kind, new, {"real/old"}


def contents(image):
    with tarfile.open(fileobj=io.BytesIO(run_well("cramfs-dump", "--tar", image))) as archive:
        members = {member.name.removeprefix("./"): member for member in archive.getmembers()}
    kind = members["x"].type if members["x"].type != tarfile.LNKTYPE else tarfile.REGTYPE
    return kind, {name for name in members if name.startswith("x/")}, {name for name in members if name.startswith("real/")}


def check(below, above, arguments, tmp_path):
    lost, *result = expected(below, above)
    image = tmp_path / "out.img"
    done = run("mkcramfs-xip", *arguments, image)
    if lost:
        assert done.returncode == OPERATIONAL and not image.exists(), (below, above, done.stderr)
        for part in (b" /x: is a", b"lower", b"upper", b"lost" if "link" not in below or "directory" in above else b"link leads to", b"--allow=replace"):
            assert part in done.stderr, (below, above, done.stderr)
        assert run("mkcramfs-xip", "--allow=all", *arguments, image).returncode == OPERATIONAL
        done = run("mkcramfs-xip", "--allow=replace", *arguments, image)
        assert b"warning: " in done.stderr and b"/x: is a" in done.stderr, (below, above, done.stderr)
    assert done.returncode == CLEAN, (below, above, done.stderr)
    assert contents(image) == tuple(result), (below, above)


@pytest.mark.parametrize("upper", MAKERS)
@pytest.mark.parametrize("lower", MAKERS)
def test_every_node_over_every_node(lower, upper, tmp_path):
    may_make_devices = os.geteuid() == 0
    for number, (below, above) in enumerate(itertools.product(NODES, NODES)):
        if not may_make_devices and (("device", "directory") in ((below, lower), (above, upper))):
            continue
        place = tmp_path / str(number)
        place.mkdir()
        first = MAKERS[lower](place / "lower", entries_of(below, True))
        check(below, above, ["-q", first, MAKERS[upper](place / "upper", entries_of(above, False))], place)


@pytest.mark.parametrize("above", TABLE)
def test_a_device_table_over_every_node(above, tmp_path):
    """A table never makes a directory in the place of another node, or a node in the place of a directory, whatever is
    allowed."""
    (tmp_path / "upper").write_text(f"/x {TABLE[above]}\n")
    for below in NODES:
        place = tmp_path / below.replace(" ", "-")
        place.mkdir()
        arguments = ["-q", "-D", tmp_path / "upper", make_tar(place / "lower", entries_of(below, True))]
        lost = expected(below, above)[0]
        if (above == "empty directory" and lost) or (above != "empty directory" and NODES[below] == tarfile.DIRTYPE):
            done = run("mkcramfs-xip", "--allow=replace", *arguments, place / "out.img")
            assert done.returncode == OPERATIONAL and b"/x" in done.stderr, (below, done.stderr)
        else:
            check(below, above, arguments, place)


def names(image):
    with tarfile.open(fileobj=io.BytesIO(run_well("cramfs-dump", "--tar", image))) as archive:
        return {member.name.removeprefix("./") for member in archive.getmembers()} - {"", "."}


def merged_usr(path):
    return make_tar(path, [("usr", tarfile.DIRTYPE, ""), ("usr/lib", tarfile.DIRTYPE, ""), ("usr/lib/ld.so", tarfile.REGTYPE, ""),
                           ("lib", tarfile.SYMTYPE, "usr/lib"), ("lib64", tarfile.SYMTYPE, "lib")])


@pytest.mark.parametrize("upper", MAKERS)
def test_an_overlay_with_a_real_lib_leaves_the_loader_where_it_is(upper, tmp_path):
    entries = [("lib", tarfile.DIRTYPE, ""), ("lib/modules", tarfile.DIRTYPE, ""), ("lib/modules/m.ko", tarfile.REGTYPE, ""),
               ("lib64", tarfile.DIRTYPE, ""), ("lib64/libc.so", tarfile.REGTYPE, "")]
    overlay = MAKERS[upper](tmp_path / "overlay", entries)
    run_well("mkcramfs-xip", "-q", merged_usr(tmp_path / "base.tar"), overlay, tmp_path / "out.img")
    assert names(tmp_path / "out.img") == {"usr", "usr/lib", "usr/lib/ld.so", "lib", "lib64", "usr/lib/modules", "usr/lib/modules/m.ko", "usr/lib/libc.so"}


def test_a_manifest_goes_up_to_where_it_came_from(tmp_path):
    (tmp_path / "files" / "lib").mkdir(parents=True)
    (tmp_path / "files" / "lib" / "a").write_bytes(b"of lib")
    (tmp_path / "m").write_text("#mtree\n. type=dir mode=0755 uid=0 gid=0\nlib type=dir mode=0750 uid=0 gid=0\n    a type=file\n..\nnext type=dir mode=0700 uid=0 gid=0\n..\n")
    run_well("mkcramfs-xip", "-q", f"--mtree-root={tmp_path / 'files'}", merged_usr(tmp_path / "base.tar"), tmp_path / "m", tmp_path / "out.img")
    assert names(tmp_path / "out.img") >= {"next", "usr/lib/a", "lib", "usr/lib/ld.so"}
    assert run_well("cramfs-dump", "--cat=/usr/lib/a", tmp_path / "out.img") == b"of lib"


@pytest.mark.parametrize("upper", ["directory", "tar"])
def test_files_of_merged_directories_are_read_excluded_and_named_by_where_they_are(upper, tmp_path):
    overlay = tmp_path / "overlay"
    (overlay / "lib").mkdir(parents=True)
    (overlay / "lib" / "a").write_bytes(b"bytes of a")
    (overlay / "lib" / "b").write_bytes(b"bytes of b")
    os.link(overlay / "lib" / "a", overlay / "lib" / "c")
    source = overlay
    if upper == "tar":
        source = tmp_path / "overlay.tar"
        subprocess.run(["tar", "-C", overlay, "-cf", source, "lib"], check=True)
    image = tmp_path / "out.img"
    run_well("mkcramfs-xip", "-q", "-E", "--exclude=/usr/lib/b", f"--depfile={tmp_path / 'dep'}", merged_usr(tmp_path / "base.tar"), source, image)
    assert names(image) == {"usr", "usr/lib", "usr/lib/ld.so", "lib", "lib64", "usr/lib/a", "usr/lib/c"}
    for name in "ac":
        assert run_well("cramfs-dump", f"--cat=/usr/lib/{name}", image) == b"bytes of a"
    if upper == "directory":
        assert f" {overlay}/lib/a " in (tmp_path / "dep").read_text()
    assert run("mkcramfs-xip", "-q", "-E", "--exclude=/lib/b", merged_usr(tmp_path / "base.tar"), source, image).returncode == USAGE


def test_what_an_archive_names_through_a_link_without_naming_the_directory(tmp_path):
    upper = make_tar(tmp_path / "upper.tar", [("lib/deep/er", tarfile.REGTYPE, ""), ("lib/second", tarfile.LNKTYPE, "lib/deep/er"), ("plain/x", tarfile.REGTYPE, "")])
    base = make_tar(tmp_path / "base.tar", [("usr/lib/old", tarfile.REGTYPE, ""), ("lib", tarfile.SYMTYPE, "/usr/lib"), ("plain", tarfile.REGTYPE, "")])
    done = run("mkcramfs-xip", "-q", base, upper, tmp_path / "out.img")
    assert done.returncode == OPERATIONAL and b"/plain: is a directory in" in done.stderr, done.stderr
    run_well("mkcramfs-xip", "-q", "--allow=replace", base, upper, tmp_path / "out.img")
    assert names(tmp_path / "out.img") == {"usr", "usr/lib", "usr/lib/old", "lib", "usr/lib/deep", "usr/lib/deep/er", "usr/lib/second", "plain", "plain/x"}


def test_two_files_of_a_directory_that_come_to_one_place(tmp_path):
    overlay = tmp_path / "overlay"
    for place in ("lib", "usr/lib"):
        (overlay / place).mkdir(parents=True)
        (overlay / place / "same").write_text(place)
    base = merged_usr(tmp_path / "base.tar")
    done = run("mkcramfs-xip", "-q", base, overlay, tmp_path / "out.img")
    assert done.returncode == OPERATIONAL and b"/usr/lib/same: two entries of" in done.stderr, done.stderr
    run_well("mkcramfs-xip", "-q", "--allow=replace", base, overlay, tmp_path / "out.img")
    assert run_well("cramfs-dump", "--cat=/usr/lib/same", tmp_path / "out.img") == b"usr/lib"


def make_cpio(path, entries):
    tree = make_directory(path.with_suffix(".d"), entries)
    named = "\n".join(name for name, _, _ in entries)
    with open(path, "wb") as archive:
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=tree, input=named.encode(), stdout=archive, check=True)
    return path


def make_image(path, entries):
    run_well("mkcramfs-xip", "-q", "--all-root", make_directory(path.with_suffix(".d"), entries), path)
    return path


@pytest.mark.parametrize("maker", [make_directory, make_tar, make_cpio, make_manifest, make_image])
def test_two_entries_of_one_source_that_meet_through_a_link(maker, tmp_path):
    """For every kind of source: neither entry is lost silently, nor are they mixed."""
    base = merged_usr(tmp_path / "base.tar")
    entries = [(name, tarfile.DIRTYPE, "") for name in ("lib", "usr", "usr/lib")]
    upper = maker(tmp_path / "upper", entries + [("lib/same", tarfile.REGTYPE, ""), ("usr/lib/same", tarfile.FIFOTYPE, "")])
    arguments = ["mkcramfs-xip", "-q", "--all-root", base, upper, tmp_path / "out.img"]
    done = run(*arguments)
    assert done.returncode == OPERATIONAL and done.stderr.count(b"\n") == 1, done.stderr
    assert b"/usr/lib/same: two entries of" in done.stderr and b"is the second; leave out one of the two" in done.stderr, done.stderr
    done = run(*arguments, "--allow=replace")
    assert done.returncode == CLEAN and b"is the second; the first is lost" in done.stderr, done.stderr
    assert "usr/lib/same" in names(tmp_path / "out.img")


def test_lines_of_a_manifest_that_meet_through_a_link_are_not_made_one(tmp_path):
    base = merged_usr(tmp_path / "base.tar")
    manifest = tmp_path / "m.mtree"
    manifest.write_text("#mtree\n./lib/same type=file contents=/dev/null uid=7 gid=8 mode=0711\n./usr/lib/same type=file contents=/dev/null mode=0600\n"
                        "usr/lib/same gid=9\n")  # of one path, which adds to the line before
    assert run("mkcramfs-xip", base, manifest, tmp_path / "out.img").returncode == OPERATIONAL
    run_well("mkcramfs-xip", "--allow=replace", base, manifest, tmp_path / "out.img")
    [line] = [line for line in run_well("cramfs-dump", "-R", tmp_path / "out.img").decode().splitlines() if line.endswith("usr/lib/same")]
    assert line.split()[:4] == ["-rw-------", "-", "0", "9"], line


def test_one_path_twice_is_no_second_entry(tmp_path):
    """Of archives and manifests, however it is written: the last wins."""
    base = merged_usr(tmp_path / "base.tar")
    for upper in (make_tar(tmp_path / "u.tar", [("./lib/same", tarfile.REGTYPE, ""), ("lib//./same", tarfile.FIFOTYPE, "")]),
                  make_manifest(tmp_path / "u.mtree", [("lib/same", tarfile.REGTYPE, ""), ("./lib//same", tarfile.FIFOTYPE, "")])):
        run_well("mkcramfs-xip", "-q", base, upper, tmp_path / "out.img", "--force")
        listing = run_well("cramfs-dump", "-R", tmp_path / "out.img").decode().splitlines()
        assert [line[0] for line in listing if line.endswith("/same")] == ["p"]


@pytest.mark.parametrize("maker", [make_tar, make_manifest])
@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
@pytest.mark.parametrize("options", [[], ["--whiteouts"]])
def test_an_entry_over_a_directory_of_its_own_source(maker, kind, options, tmp_path):
    """The last entry of a name wins, with a warning about entries below it. If an earlier source has entries there, that
    is an error."""
    entries = [("d", tarfile.DIRTYPE, ""), ("d/in", tarfile.REGTYPE, ""), ("d", kind, "t")]
    source = maker(tmp_path / "source", entries)
    done = run("mkcramfs-xip", "-q", *options, source, tmp_path / "out.img")
    assert done.returncode == CLEAN and names(tmp_path / "out.img") == {"d"}, done.stderr
    assert b"/d: is " in done.stderr and b"1 entries in it are lost, for example /d/in" in done.stderr and done.stderr.count(b"warning") == 1, done.stderr
    earlier = make_tar(tmp_path / "earlier.tar", [("d/other", tarfile.REGTYPE, "")])
    done = run("mkcramfs-xip", "-q", *options, earlier, source, tmp_path / "no.img")
    assert done.returncode == OPERATIONAL and b"2 entries in it would be lost" in done.stderr and not (tmp_path / "no.img").exists(), done.stderr


@pytest.mark.parametrize("links, followed", [(40, True), (41, False)])
def test_chains_of_links_are_followed_as_far_as_the_kernel_does(links, followed, tmp_path):
    chain = [(f"l{i}", tarfile.SYMTYPE, f"l{i + 1}" if i + 1 < links else "real") for i in range(links)]
    base = make_tar(tmp_path / "base.tar", [("real", tarfile.DIRTYPE, ""), *chain])
    upper = make_tar(tmp_path / "upper.tar", [("l0", tarfile.DIRTYPE, ""), ("l0/new", tarfile.REGTYPE, "")])
    done = run("mkcramfs-xip", "-q", base, upper, tmp_path / "out.img")
    assert done.returncode == (CLEAN if followed else OPERATIONAL), done.stderr
    if followed:
        assert "real/new" in names(tmp_path / "out.img")
    else:
        assert b"does not lead to a directory of the tree" in done.stderr


@pytest.mark.parametrize("target", ["/", "..", ".", "real/..", "../../../..", "//./"])
def test_a_link_to_the_root_or_above_it_leads_to_the_root(target, tmp_path):
    base = make_tar(tmp_path / "base.tar", [("real", tarfile.DIRTYPE, ""), ("x", tarfile.SYMTYPE, target)])
    upper = make_tar(tmp_path / "upper.tar", [("x", tarfile.DIRTYPE, ""), ("x/real", tarfile.DIRTYPE, ""), ("x/x/x/real/new", tarfile.REGTYPE, "")])
    run_well("mkcramfs-xip", "-q", base, upper, tmp_path / "out.img")
    assert names(tmp_path / "out.img") == {"real", "real/new", "x"}


def test_many_entries_behind_links_with_long_ways(tmp_path):
    """Each link is gone through once for a source: these would be 20,000 times 40 targets of 1,500 bytes."""
    long = "./" * 700
    chain = [(f"l{i}", tarfile.SYMTYPE, long + (f"l{i + 1}" if i < 39 else "real")) for i in range(40)]
    base = make_tar(tmp_path / "base.tar", [("real", tarfile.DIRTYPE, ""), *chain])
    upper = make_tar(tmp_path / "upper.tar", [(f"l0/{i}", tarfile.FIFOTYPE, "") for i in range(20000)])
    run_well("mkcramfs-xip", "-q", base, upper, tmp_path / "out.img")
    assert len(names(tmp_path / "out.img")) == 20041


def test_directories_that_are_replaced_over_and_over(tmp_path):
    """Within one source the last entry wins; the loss of an entry of the source before is reported once."""
    base = make_tar(tmp_path / "base.tar", [("d", tarfile.DIRTYPE, ""), *((f"d/{i}", tarfile.FIFOTYPE, "") for i in range(5000))])
    upper = make_tar(tmp_path / "upper.tar", [("d", tarfile.FIFOTYPE if i % 2 else tarfile.DIRTYPE, "") for i in range(5000)])
    done = run("mkcramfs-xip", "-q", base, upper, tmp_path / "out.img")
    assert done.returncode == OPERATIONAL and done.stderr.count(b"\n") == 1 and b"5000 entries in it would be lost" in done.stderr, done.stderr


@pytest.mark.parametrize("upper", ["directory", "tar"])
def test_whiteouts_and_merged_directories(upper, tmp_path):
    """Everything there is deleted, except the directories on the way to the layer's entries; and a whiteout deletes
    through the link."""
    overlay = MAKERS[upper](tmp_path / "all", [(".wh..wh..opq", tarfile.REGTYPE, ""), ("lib", tarfile.DIRTYPE, ""), ("lib/mine", tarfile.REGTYPE, "")])
    base = merged_usr(tmp_path / "base.tar")
    run_well("mkcramfs-xip", "-q", "--whiteouts", base, overlay, tmp_path / "out.img")
    assert names(tmp_path / "out.img") == {"lib", "usr", "usr/lib", "usr/lib/mine"}
    one = MAKERS[upper](tmp_path / "one", [("lib", tarfile.DIRTYPE, ""), ("lib/.wh.ld.so", tarfile.REGTYPE, "")])
    run_well("mkcramfs-xip", "-q", "--whiteouts", base, one, tmp_path / "out.img")
    assert names(tmp_path / "out.img") == {"lib", "lib64", "usr", "usr/lib"}


def test_unreadable_parts_of_an_overlay_leave_what_was_there(public_path):
    base = make_tar(public_path / "base.tar", [("d", tarfile.DIRTYPE, ""), ("d/kept", tarfile.REGTYPE, "")])
    overlay = public_path / "overlay"
    (overlay / "d").mkdir(parents=True)
    os.chmod(overlay / "d", 0)
    with open(public_path / "out.img", "wb") as image:
        done = subprocess.run([*as_plain_user(), directory() / "mkcramfs-xip", "-q", "--allow=unreadable", base, overlay, "-"], stdout=image, stderr=subprocess.PIPE)
    os.chmod(overlay / "d", 0o755)
    assert done.returncode == CLEAN and b"left out" in done.stderr, done.stderr
    assert names(public_path / "out.img") == {"d", "d/kept"}
