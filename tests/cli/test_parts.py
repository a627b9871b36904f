"""A part of a source, and where it goes: --subtree, --strip-components, --into and --offset, the same for every kind of source."""
import gzip
import io
import itertools
import os
import subprocess
import tarfile

import pytest

from tools import CLEAN, OPERATIONAL, USAGE, run, run_well

TREE = {"top": b"of the top", "rootfs/": None, "rootfs/etc/": None, "rootfs/etc/motd": b"hello", "rootfs/etc/deep/": None,
        "rootfs/etc/deep/file": b"deep", "rootfs/sh": "etc/motd", "rootfs/plain": b"plain", "rootfs2/": None, "rootfs2/other": b"other"}


def make_directory(path):
    path.mkdir()
    for name, held in TREE.items():
        if held is None:
            (path / name).mkdir()
            (path / name).chmod(0o750)
        elif isinstance(held, str):
            (path / name).symlink_to(held)
        else:
            (path / name).write_bytes(held)
    path.chmod(0o711)
    return path


def make_tar(path):
    directory = make_directory(path.with_suffix(".d"))
    subprocess.run(["tar", "-C", directory, "--sort=name", "-cf", path, "."], check=True)
    return path


def make_cpio(path):
    directory = make_directory(path.with_suffix(".d"))
    names = subprocess.run(["find", ".", "-depth"], cwd=directory, check=True, stdout=subprocess.PIPE).stdout
    with open(path, "wb") as out:
        out.write(gzip.compress(subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=directory, input=names, check=True, stdout=subprocess.PIPE).stdout))
    return path


def make_zip(path):
    directory = make_directory(path.with_suffix(".d"))
    subprocess.run(["bsdtar", "-C", directory, "-cf", path, "--format=zip", "."], check=True)
    return path


def make_image(path):
    run_well("mkcramfs-xip", "-q", make_directory(path.with_suffix(".d")), path)
    return path


def manifest(path, relative):
    make_directory(path.parent / "files")
    lines = ["#mtree", ". type=dir mode=0711 uid=0 gid=0"]
    for name, held in TREE.items():
        words = "type=dir mode=0750" if held is None else f"type=link link={held}" if isinstance(held, str) else f"type=file contents=files/{name}"
        lines.append(f"./{name.rstrip('/')} {words} uid=0 gid=0")
    if relative:
        lines[2:] = ["top type=file contents=files/top", "rootfs type=dir mode=0750", "etc type=dir mode=0750", "motd type=file contents=files/rootfs/etc/motd",
                     "deep type=dir mode=0750", "file type=file contents=files/rootfs/etc/deep/file", "..", "..", "sh type=link link=etc/motd",
                     "plain type=file contents=files/rootfs/plain", "..", "rootfs2 type=dir mode=0750", "other type=file contents=files/rootfs2/other", ".."]
        lines.insert(1, "/set uid=0 gid=0 mode=0644")
    path.write_text("\n".join(lines) + "\n")
    return path


KINDS = {"directory": make_directory, "tar": make_tar, "cpio": make_cpio, "zip": make_zip, "image": make_image,
         "manifest of paths": lambda path: manifest(path, False), "manifest of names": lambda path: manifest(path, True)}


def expected(subtree, strip, into):
    """{path: (mode of a directory, target, bytes)}"""
    found = {}
    for name, held in {"": None, **TREE}.items():
        names = [part for part in name.split("/") if part]
        inside = subtree.split("/") if subtree else []
        if names[:len(inside)] != inside or (strip and len(names) - len(inside) <= strip):
            continue
        path = "/".join([part for part in into.split("/") if part] + names[len(inside) + strip:])
        found[path] = (0o750 if name else 0o711) if held is None else held
    parents = {path.rsplit("/", i)[0] for path in found for i in range(1, path.count("/") + 1)} | {""}
    return {path: found.get(path, 0o755) for path in found.keys() | parents}


def contents(image):
    found = {}
    with tarfile.open(fileobj=io.BytesIO(run_well("cramfs-dump", "--tar", image))) as archive:
        for member in archive.getmembers():
            name = member.name.removeprefix(".").removeprefix("/")
            found[name] = member.mode if member.isdir() else member.linkname if member.issym() else archive.extractfile(member).read()
    return found


def options(subtree, strip, into):
    return [f"--subtree={subtree}"] * bool(subtree) + [f"--strip-components={strip}"] * bool(strip) + [f"--into={into}"] * bool(into)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_source_takes_the_same_part(kind, tmp_path):
    source = KINDS[kind](tmp_path / "source")
    for subtree, strip, into in itertools.product(["", "rootfs", "rootfs/etc"], [0, 1, 2], ["", "/opt/app", "opt"]):
        wanted = expected(subtree, strip, into)
        image = tmp_path / "out.img"
        done = run("mkcramfs-xip", "-q", *options(subtree, strip, into), source, image)
        if set(wanted) == {""} and strip:
            assert done.returncode == OPERATIONAL and b"no entry is taken" in done.stderr, (subtree, strip, into, done.stderr)
            continue
        assert done.returncode == CLEAN, (subtree, strip, into, done.stderr)
        assert contents(image) == wanted, (subtree, strip, into)
        left_out = sum(held is not None and name.startswith(f"{subtree}/" * bool(subtree)) and len(name.split("/")) - len([p for p in subtree.split("/") if p]) <= strip
                       for name, held in TREE.items())
        said = f"{left_out} entries are left out, since all names of their paths are dropped".encode()
        assert (said in done.stderr) == bool(left_out), (subtree, strip, into, done.stderr)


@pytest.mark.parametrize("kind", KINDS)
def test_patterns_match_where_things_go(kind, tmp_path):
    source = KINDS[kind](tmp_path / "source")
    image = tmp_path / "out.img"
    run_well("mkcramfs-xip", "-q", "-E", "--exclude=/opt/etc/deep", "--exclude=/opt/plain", "--subtree=rootfs", "--into=opt", source, image)
    assert set(contents(image)) == {"", "opt", "opt/etc", "opt/etc/motd", "opt/sh"}
    assert run("mkcramfs-xip", "-q", "-E", "--exclude=/rootfs/etc", "--subtree=rootfs", source, image).returncode == USAGE


@pytest.mark.parametrize("kind", KINDS)
def test_a_subtree_that_is_not_there_is_an_error(kind, tmp_path):
    source = KINDS[kind](tmp_path / "source")
    for wrong in ("none", "rootfs/none", "rootf"):
        done = run("mkcramfs-xip", "-q", f"--subtree={wrong}", source, tmp_path / "out.img")
        assert done.returncode == OPERATIONAL and not (tmp_path / "out.img").exists(), done.stderr
    for wrong in ("top", "rootfs/sh"):
        done = run("mkcramfs-xip", "-q", f"--subtree={wrong}", source, tmp_path / "out.img")
        assert done.returncode == OPERATIONAL and not (tmp_path / "out.img").exists(), done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_two_entries_that_become_one_are_an_error(kind, tmp_path, monkeypatch):
    monkeypatch.setitem(TREE, "rootfs2/plain", b"second")
    if kind == "manifest of names":
        pytest.skip("has its own lines")
    source = KINDS[kind](tmp_path / "source")
    done = run("mkcramfs-xip", "-q", "--strip-components=1", source, tmp_path / "out.img")
    assert done.returncode == OPERATIONAL and b"/plain: two entries of" in done.stderr, done.stderr
    assert b"--allow=replace" in done.stderr
    assert run("mkcramfs-xip", "-q", "--allow=replace", "--strip-components=1", source, tmp_path / "out.img").returncode == CLEAN
    assert contents(tmp_path / "out.img")["plain"] in (b"second", b"plain")


def test_each_option_holds_for_the_source_after_it(tmp_path):
    base = make_tar(tmp_path / "base.tar")
    image = tmp_path / "out.img"
    run_well("mkcramfs-xip", "-q", "--subtree=rootfs", base, "--into=opt/a", "--strip-components=1", base, "--into=all", base, image)
    found = set(contents(image))
    assert {"etc/motd", "opt/a/etc/motd", "opt/a/other", "all/top", "all/rootfs/etc/motd"} <= found and "top" not in found and "opt/a/top" not in found


@pytest.mark.parametrize("arguments", [
    ["a", "--into=x", "out"], ["a", "out", "--into=x"], ["a", "out", "--subtree", "x"], ["--into=x", "--into=y", "a", "out"],
    ["--into=../x", "a", "out"], ["--subtree=a/..", "a", "out"], ["--subtree=", "a", "out"], ["--strip-components=x", "a", "out"],
    ["--strip-components=-1", "a", "out"], ["--offset=1", "a", "--offset=2", "out"]])
def test_what_stands_in_the_wrong_place_or_is_no_path_is_wrong_usage(arguments, tmp_path):
    (tmp_path / "a").mkdir()
    done = run("mkcramfs-xip", *arguments, cwd=tmp_path)
    assert done.returncode == USAGE and not (tmp_path / "out").exists(), done.stderr


def tar_of(path, *members):
    with tarfile.open(path, "w") as archive:
        for name, kind, held in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, held if kind == tarfile.LNKTYPE else ""
            info.size = len(held) if kind == tarfile.REGTYPE else 0
            archive.addfile(info, io.BytesIO(held) if kind == tarfile.REGTYPE else None)
    return path


def test_hard_links_across_the_border_of_a_part(tmp_path):
    image = tmp_path / "out.img"
    archive = tar_of(tmp_path / "a.tar", ("out/f", tarfile.REGTYPE, b"bytes"), ("in/g", tarfile.REGTYPE, b"mine"), ("in/h", tarfile.LNKTYPE, "in/g"), ("in/f", tarfile.LNKTYPE, "out/f"))
    done = run("mkcramfs-xip", "-q", "--subtree=in", archive, image)
    assert done.returncode == OPERATIONAL and b"f: is a hard link to 'out/f', which is not in the chosen part" in done.stderr, done.stderr
    run_well("mkcramfs-xip", "-q", "--exclude=/f", "--subtree=in", archive, image)
    assert contents(image) == {"": 0o755, "g": b"mine", "h": b"mine"}
    run_well("mkcramfs-xip", "-q", "--into=x", archive, "--into=y", archive, image)
    assert contents(image)["x/in/f"] == contents(image)["y/out/f"] == b"bytes"


def test_a_hard_link_that_comes_onto_its_own_file_is_nothing(tmp_path):
    """As with tar: the file is there, with its bytes, and nothing is lost. Another file in its place is a loss."""
    image = tmp_path / "out.img"
    (tmp_path / "d/a").mkdir(parents=True)
    (tmp_path / "d/b").mkdir()
    (tmp_path / "d/a/f").write_bytes(b"bytes")
    os.link(tmp_path / "d/a/f", tmp_path / "d/b/f")
    names = b"a\na/f\nb\nb/f\n"
    (tmp_path / "a.cpio").write_bytes(subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=tmp_path / "d", input=names, check=True, stdout=subprocess.PIPE).stdout)
    tar_of(tmp_path / "a.tar", ("a/f", tarfile.REGTYPE, b"bytes"), ("b/f", tarfile.LNKTYPE, "a/f"), ("./c//f", tarfile.LNKTYPE, "./a/f"))
    for source in ("a.tar", "a.cpio", "d"):
        said = run("mkcramfs-xip", "--strip-components=1", tmp_path / source, image)
        assert said.returncode == CLEAN and b"come here" not in said.stderr, (source, said.stderr)
        assert contents(image)["f"] == b"bytes", source
    (tmp_path / "d/b/f").unlink()
    (tmp_path / "d/b/f").write_bytes(b"bytes")
    tar_of(tmp_path / "a.tar", ("a/f", tarfile.REGTYPE, b"bytes"), ("b/g", tarfile.REGTYPE, b"other"), ("b/f", tarfile.LNKTYPE, "b/g"))
    for source in ("a.tar", "d"):
        said = run("mkcramfs-xip", "-q", "--strip-components=1", tmp_path / source, tmp_path / "no.img")
        assert said.returncode == OPERATIONAL and b"/f: two entries of" in said.stderr and not (tmp_path / "no.img").exists(), said.stderr


def test_hard_links_of_cpios_have_their_bytes_with_the_last_name(tmp_path):
    (tmp_path / "d" / "a").mkdir(parents=True)
    (tmp_path / "d" / "b").mkdir()
    (tmp_path / "d" / "a" / "f").write_bytes(b"bytes")
    os.link(tmp_path / "d" / "a" / "f", tmp_path / "d" / "b" / "f")
    archive = tmp_path / "a.cpio"
    archive.write_bytes(subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=tmp_path / "d", input=b"a\na/f\nb\nb/f\n", check=True, stdout=subprocess.PIPE).stdout)
    run_well("mkcramfs-xip", "-q", "--subtree=b", archive, tmp_path / "out.img")
    assert contents(tmp_path / "out.img")["f"] == b"bytes"


def test_whiteouts_across_the_border_of_a_part(tmp_path):
    base = tar_of(tmp_path / "base.tar", ("in/old", tarfile.REGTYPE, b"1"), ("in/kept", tarfile.REGTYPE, b"1"))
    image = tmp_path / "out.img"
    layer = tar_of(tmp_path / "layer.tar", ("rootfs/in/.wh.old", tarfile.REGTYPE, b""), (".wh.unrelated", tarfile.REGTYPE, b""))
    run_well("mkcramfs-xip", "-q", "--whiteouts", base, "--subtree=rootfs", layer, image)
    assert set(contents(image)) == {"", "in", "in/kept"}
    for name in (".wh.rootfs", ".wh..wh..opq"):
        layer = tar_of(tmp_path / "layer.tar", ("rootfs/in/.wh.old", tarfile.REGTYPE, b""), (name, tarfile.REGTYPE, b""))
        done = run("mkcramfs-xip", "-q", "--whiteouts", base, "--subtree=rootfs", layer, image)
        assert done.returncode == OPERATIONAL and b"is a whiteout of a directory that contains the chosen part of the source" in done.stderr, done.stderr


def test_a_part_of_an_image_at_an_offset_of_its_file(tmp_path):
    source = make_image(tmp_path / "source")
    (tmp_path / "dump").write_bytes(b"\xff" * 70000 + source.read_bytes())
    run_well("mkcramfs-xip", "-q", "--subtree=rootfs", "--offset=70000", "--into=a", tmp_path / "dump", tmp_path / "out.img")
    assert contents(tmp_path / "out.img") == expected("rootfs", 0, "a")


def test_into_a_link_goes_where_it_leads_and_the_depfile_names_what_was_read(tmp_path):
    base = tmp_path / "base"
    (base / "usr" / "lib").mkdir(parents=True)
    (base / "lib").symlink_to("usr/lib")
    source = make_directory(tmp_path / "source")
    run_well("mkcramfs-xip", "-q", f"--depfile={tmp_path / 'dep'}", base, "--subtree=rootfs/etc", "--into=lib", source, tmp_path / "out.img")
    assert contents(tmp_path / "out.img")["usr/lib/deep/file"] == b"deep"
    assert f" {source}/rootfs/etc/deep/file " in (tmp_path / "dep").read_text()
    assert "/top" not in (tmp_path / "dep").read_text()
