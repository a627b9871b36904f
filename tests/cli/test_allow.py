"""--allow: what the format cannot hold is lost by class, with a warning each, and the rest is kept."""
import io
import os
import stat
import struct
import subprocess
import tarfile

import pytest

from describe import describe
from tools import OPERATIONAL, USAGE, as_plain_user, run, run_well

CLASSES = ["uid", "gid", "size", "name", "device", "directory", "target", "unreadable", "changed", "xattr"]


def member(name, **attributes):
    info = tarfile.TarInfo(name)
    info.mode = 0o644
    for key, value in attributes.items():
        setattr(info, key, value)
    return info


def archive(path, *members):
    """A tar of these members, each with as many zeroes as it says, and a file `kept` that fits."""
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for info in [*members, member("kept", size=4)]:
            tar.addfile(info, io.BytesIO(bytes(info.size)) if info.isreg() else None)
    return path


def entries(image, tmp_path):
    run_well("cramfsck", image, "--extract=" + str(tmp_path / "out"))
    return describe(tmp_path / "out", owners=False)


def refused_and_allowed(tar, image, loss, *said):
    """Without --allow an error; with that class a warning with the same words. Returns the warning."""
    done = run("mkcramfs-xip", tar, image)
    assert done.returncode == OPERATIONAL, done.stderr
    for part in said:
        assert part in done.stderr.decode()
    assert f"--allow={loss} accepts the loss" in done.stderr.decode()
    assert not image.exists()
    others = ",".join(sorted(set(CLASSES) - {loss}))
    assert run("mkcramfs-xip", f"--allow={others}", tar, image).returncode == OPERATIONAL
    done = run("mkcramfs-xip", f"--allow={loss}", tar, image)
    assert done.returncode == 0, done.stderr
    warning = done.stderr.decode(errors="surrogateescape")
    for part in ["warning: ", *said]:
        assert part in warning
    return warning


# Each class: a member one past the limit, one at it, the message, and the result.
ROOT_OWNED = "stored as 0, without set-id bits"


@pytest.mark.parametrize("loss, key, limit", [("uid", "uid", 65535), ("gid", "gid", 255)])
def test_an_owner_that_does_not_fit_becomes_root_without_set_id_bits(loss, key, limit, tmp_path, image):
    bad = archive(tmp_path / "bad.tar", member("f", mode=0o6755, **{key: limit + 1}))
    said = refused_and_allowed(bad, image, loss, f"/f: {loss} {limit + 1} is over the format's limit of {limit}")
    assert ROOT_OWNED in said
    mode, uid, gid = inode_of(image, b"f")
    assert (mode, uid, gid) == (stat.S_IFREG | 0o755, 0, 0)
    good = archive(tmp_path / "good.tar", member("f", mode=0o6755, **{key: limit}))
    assert run("mkcramfs-xip", good, image).stderr == b""
    assert inode_of(image, b"f") == (stat.S_IFREG | 0o6755, limit if key == "uid" else 0, limit if key == "gid" else 0)


def inode_of(image, name):
    """(mode, uid, gid) of an entry in the root, read by hand."""
    data = image.read_bytes()
    at, size = 76, struct.unpack_from("<I", data, 68)[0] & 0xffffff
    while at < 76 + size:
        first, second, third = struct.unpack_from("<III", data, at)
        length = (third & 63) * 4
        if data[at + 12:at + 12 + length].rstrip(b"\0") == name:
            return first & 0xffff, first >> 16, second >> 24
        at += 12 + length
    raise AssertionError(name)


LEFT_OUT = [
    ("size", member("f", size=1 << 24), member("f", size=(1 << 24) - 1), "the file has 16777216 bytes"),
    ("name", member("n" * 253), member("n" * 252), "the name has 253 bytes"),
    ("device", member("d", type=tarfile.CHRTYPE, devmajor=256), member("d", type=tarfile.CHRTYPE, devmajor=255),
     "device 256:0 has a number over the format's limit of 255"),
    ("device", member("d", type=tarfile.BLKTYPE, devminor=256), member("d", type=tarfile.BLKTYPE, devminor=255),
     "device 0:256 has a number over the format's limit of 255"),
    ("target", member("l", type=tarfile.SYMTYPE, linkname="t" * 4096), member("l", type=tarfile.SYMTYPE, linkname="t" * 4095),
     "the link's target has 4096 bytes, over the kernel's limit of 4095 bytes"),
]


@pytest.mark.parametrize("loss, bad, good, said", LEFT_OUT, ids=[f"{case[0]}-{number}" for number, case in enumerate(LEFT_OUT)])
def test_what_does_not_fit_is_left_out(loss, bad, good, said, tmp_path, image):
    warning = refused_and_allowed(archive(tmp_path / "bad.tar", bad), image, loss, said)
    assert "; left out" in warning
    listed = run_well("cramfs-dump", image)
    assert b"kept" in listed
    assert set(entries(image, tmp_path)) == {b"", b"kept"}
    run_well("cramfsck", image)
    assert run("mkcramfs-xip", archive(tmp_path / "good.tar", good), image).stderr == b""
    assert inode_of(image, os.fsencode(good.name))


ENTRY = 12 + 252
MOST_NAMES = ((1 << 24) - 1) // ENTRY


@pytest.fixture(name="crowd")
def make_crowd(tmp_path):
    """A directory `big` of as many empty files as one can have, with names as long as they can be."""
    big = tmp_path / "crowd" / "big"
    big.mkdir(parents=True)
    (tmp_path / "crowd" / "kept").touch()
    at = os.open(big, os.O_RDONLY)
    for number in range(MOST_NAMES):
        os.close(os.open(f"{number:0252}", os.O_CREAT | os.O_WRONLY, dir_fd=at))
    os.close(at)
    return tmp_path / "crowd"


def test_a_directory_that_is_too_large_is_left_out_with_all_below_it(crowd, tmp_path, image):
    assert run("mkcramfs-xip", "-q", crowd, image).stderr == b""
    assert inode_of(image, b"big")
    image.unlink()
    (crowd / "big" / "one more").touch()
    size = MOST_NAMES * ENTRY + 12 + 8
    warning = refused_and_allowed(crowd, image, "directory",
                                  f"/big: its {MOST_NAMES + 1} entries take {size} bytes, over the format's limit of 16777215 bytes")
    assert "; left out" in warning
    assert set(entries(image, tmp_path)) == {b"", b"kept"}
    # A name that is left out does not count for its directory any more, which is then small enough.
    (crowd / "big" / "one more").rename(crowd / "big" / ("n" * 253))
    assert run("mkcramfs-xip", "--allow=name", crowd, image).returncode == 0
    assert inode_of(image, b"big")


def test_everything_that_is_wrong_is_told_at_once(tmp_path, image):
    bad = archive(tmp_path / "bad.tar", member("n" * 253), member("u", uid=70000, gid=300),
                  member("f", size=1 << 24), member("l", type=tarfile.SYMTYPE, linkname="t" * 4096),
                  member("d", type=tarfile.CHRTYPE, devmajor=300))
    done = run("mkcramfs-xip", bad, image)
    assert done.returncode == OPERATIONAL
    assert len(done.stderr.splitlines()) == 6
    assert not image.exists()
    done = run("mkcramfs-xip", "--allow=all", bad, image)
    assert done.returncode == 0
    assert len(done.stderr.splitlines()) == 6
    run_well("cramfsck", image)


def test_many_losses_are_listed_up_to_a_hundred_and_then_counted(tmp_path, image):
    bad = archive(tmp_path / "bad.tar", *(member(f"{number:03}", gid=1000) for number in range(250)))
    said = run("mkcramfs-xip", "--allow=gid", bad, image).stderr.decode()
    assert len(said.splitlines()) == 101
    assert said.splitlines()[-1] == "mkcramfs-xip: warning: 150 more losses of class gid are not printed"


def test_unreadable_files_and_directories_are_left_out(public_path):
    root = public_path / "source"
    (root / "secret").mkdir(parents=True)
    (root / "secret" / "inside").write_bytes(b"x")
    for name in ("a", "b", "c"):
        (root / name).write_bytes(name.encode() * 9000)
    (root / "b").chmod(0)
    (root / "secret").chmod(0)
    image = public_path / "out.img"
    refused = run("mkcramfs-xip", root, image, prefix=as_plain_user())
    assert refused.returncode == OPERATIONAL and not image.exists()
    done = run("mkcramfs-xip", "-v", "--allow=unreadable", root, image, prefix=as_plain_user())
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines() == [
        b"mkcramfs-xip: warning: /secret: cannot open it: Permission denied; left out",
        b"mkcramfs-xip: warning: /b: cannot open it: Permission denied; left out"]
    assert [line.split(b":")[0] for line in done.stdout.splitlines()][:-1] == [b"/a", b"/c"]
    run_well("cramfsck", image)
    run_well("cramfsck", image, "-x", public_path / "out")
    assert sorted(os.listdir(public_path / "out")) == ["a", "c"]
    subprocess.run(["chmod", "-R", "u+rwx", root], check=True)


@pytest.mark.parametrize("options, code, kind", [
    ([], 0, b"warning: "), (["-E"], OPERATIONAL, b""), (["-E", "--allow=xattr"], 0, b"warning: "),
    (["--allow=xattr", "-E"], 0, b"warning: "), (["-E", "--allow=gid"], OPERATIONAL, b""),
])
def test_attributes_are_a_warning_or_with_e_an_error(options, code, kind, tmp_path, image):
    info = member("f")
    info.pax_headers = {"SCHILY.xattr.user.comment": "x"}
    done = run("mkcramfs-xip", *options, archive(tmp_path / "a.tar", info), image)
    assert done.returncode == code
    assert done.stderr == b"mkcramfs-xip: " + kind + b"1 extended attributes left out: the format has none\n"
    assert image.exists() == (code == 0)


def test_labels_are_no_error_even_with_e(tmp_path, image):
    info = member("f")
    info.pax_headers = {"SCHILY.xattr.security.selinux": "label"}
    done = run("mkcramfs-xip", "-E", archive(tmp_path / "a.tar", info), image)
    assert done.returncode == 0
    assert b"note: 1 SELinux labels left out" in done.stderr


def test_an_unknown_class_is_told_with_those_there_are(source, image):
    done = run("mkcramfs-xip", "--allow=gid,mode", source, image)
    assert done.returncode == USAGE
    assert f"--allow: 'mode' is not one of {', '.join(CLASSES)}" in done.stderr.decode()


def test_what_cannot_be_read_and_what_does_not_fit_are_told_together(public_path):
    root = public_path / "source"
    (root / "secret").mkdir(parents=True)
    (root / "unreadable").write_bytes(b"x")
    (root / "unreadable").chmod(0)
    (root / "secret").chmod(0)
    (root / "big").touch()
    os.truncate(root / "big", 1 << 24)
    image = public_path / "out.img"
    done = run("mkcramfs-xip", "-q", root, image, prefix=as_plain_user())
    assert done.returncode == OPERATIONAL
    assert [line.split(b":")[1].strip() for line in done.stderr.splitlines()] == [b"/secret", b"/big", b"/unreadable"]
    assert not image.exists()
    subprocess.run(["chmod", "-R", "u+rwx", root], check=True)
