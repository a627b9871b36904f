"""Archives that are damaged, cut, joined or empty: formats x faults. What is not an error is the same tree.

tests/unit/test_damage.c cuts at every byte and flips bits, over the library; here are forms that only other programs write,
pipes, and the messages.
"""
import gzip
import io
import lzma
import os
import stat
import subprocess
import tarfile
import zipfile

import pytest

from archives import COMPRESSED, COMPRESSORS, FRAMED, OTHERS, PAYLOAD, Work, cpio, odc, tar, through, zipped
from namespaces import in_mount_namespace
from tools import CLEAN, OPERATIONAL, directory, run, run_well

@pytest.fixture
def work(tmp_path):
    return Work(tmp_path)


@pytest.mark.parametrize("pipe", [False, True], ids=["file", "pipe"])
@pytest.mark.parametrize("form", [*FRAMED, *OTHERS])
def test_a_whole_archive_is_packed_also_when_zeroes_follow(form, pipe, work):
    data = {**FRAMED, **OTHERS}[form]("a", "b")
    assert work.names(data, pipe=pipe) == ["a", "b"]
    assert work.names(data + bytes(70001), pipe=pipe) == ["a", "b"]


@pytest.mark.parametrize("pipe", [False, True], ids=["file", "pipe"])
@pytest.mark.parametrize("form", [*FRAMED, *OTHERS])
def test_what_follows_and_is_no_archive_is_an_error(form, pipe, work):
    data = {**FRAMED, **OTHERS}[form]("a", "b")
    if form == "iso":
        pytest.skip("what boots from one may follow it")
    work.refused(data + b"more of it\n" * 100, pipe=pipe)
    work.refused(data + bytes(512) + b"more of it\n" * 9000, pipe=pipe)


@pytest.mark.parametrize("compression", COMPRESSORS)
def test_its_compressor_is_installed(compression):
    if compression not in COMPRESSED:
        pytest.skip(f"{compression} is not installed: what it compresses is not tried")


@pytest.mark.parametrize("compression", COMPRESSED)
def test_what_follows_a_compressed_archive_is_an_error(compression, work):
    work.refused(COMPRESSED[compression](tar("a")) + b"more of it\n" * 100)


@pytest.mark.parametrize("form", [*FRAMED, *OTHERS])
def test_an_archive_that_is_cut_is_an_error(form, work):
    data = {**FRAMED, **OTHERS}[form]("a", "b")
    for length in range(1, len(data.rstrip(b"\0")), max(1, len(data) // 40)):
        if form == "ar" and length == len(data) // 2:
            continue
        work.refused(data[:length])


@pytest.mark.parametrize("form", FRAMED)
def test_without_the_mark_of_its_end_only_when_allowed(form, work):
    data = FRAMED[form]("a", "b", end=False)
    work.refused(data, "that ends a ", "--allow=unended")
    work.refused(data, "that ends a ", options=["--allow=all"])
    assert work.names(data, "--allow=unended") == ["a", "b"]
    assert b"warning: " in work.pack(data, "--allow=unended").stderr
    work.refused(data[:-3000], options=["--allow=unended"])
    for old in ("mkfs.cramfs", "mkcramfs"):
        if (directory() / old).exists():
            (work.path / "archive").write_bytes(data)
            assert run(old, work.path / "archive", work.image).returncode == OPERATIONAL


def test_one_block_of_zeroes_is_enough(work):
    assert work.names(tar("a", end=False) + bytes(512)) == ["a"]
    work.refused(tar("a", end=False) + bytes(511))


@pytest.mark.parametrize("compression", COMPRESSED)
@pytest.mark.parametrize("form", ["pax", "newc"])
def test_a_compressed_archive_that_is_cut_or_damaged_is_an_error(form, compression, work):
    data = COMPRESSED[compression](FRAMED[form]("a", "b"))
    assert work.names(data) == ["a", "b"]
    for length in range(1, len(data), max(1, len(data) // 25)):
        work.refused(data[:length])
    if compression == "lzma":  # which has no checksum
        return
    for at in range(len(data) // 3, len(data), max(1, len(data) // 25)):
        damaged = bytearray(data)
        damaged[at] ^= 0x10
        work.refused(bytes(damaged))


def test_the_crc_and_the_length_of_gzip_are_compared(work):
    data = bytearray(gzip.compress(tar("a")))
    for at, said in ((-8, "its CRC is wrong"), (-1, "its length is wrong")):
        data[at] ^= 1
        work.refused(bytes(data), "gzip: " + said)
        data[at] ^= 1
    work.refused(bytes(data[:-1]), "gzip: it is cut")


@pytest.mark.parametrize("pipe", [False, True], ids=["file", "pipe"])
@pytest.mark.parametrize("form, said", [("zip", "'b' is damaged"), ("stored zip", "'b' is damaged"), ("crc", "'b' is damaged: the checksum"),
                                        ("7z", "is damaged")])
def test_damaged_bytes_name_the_entry(form, said, pipe, work):
    data = bytearray({**FRAMED, **OTHERS}[form]("a", "b"))
    at = data.rfind(b"of a file") if form in ("crc", "stored zip") else len(data) * 2 // 5
    if form == "zip":
        at = len(data) * 3 // 5
    data[at] ^= 1
    work.refused(bytes(data), *([said] if form != "7z" else []), pipe=pipe)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_damaged_link_in_a_zip_is_an_error(method, work):
    target = b"target/" * 20
    data = bytearray(zipped("a", method=method, link=target))
    assert work.pack(bytes(data)).returncode == CLEAN
    at = data.rfind(b"target/") if method == zipfile.ZIP_STORED else data.rfind(b"PK\x01\x02", 0, data.rfind(b"PK\x01\x02")) - 8
    data[at] ^= 1
    work.refused(bytes(data), "'link' is damaged")


@pytest.mark.parametrize("form", ["newc", "crc", "odc"])
def test_a_damaged_header_of_a_cpio_loses_no_entry(form, work):
    data = bytearray(FRAMED[form]("a", "b", "c"))
    magic = data.find(data[:6], 10)
    data[magic + 1] ^= 1
    work.refused(bytes(data), f"the next header must begin at byte {magic},")


def test_a_name_of_gigabytes_takes_no_memory(work):
    data = cpio("a", "b")
    second = data.find(b"070701", 10)
    work.refused(data[:second + 94] + b"f0000000" + data[second + 102:], f"the next header must begin at byte {second},")


def test_a_damaged_header_of_a_tar_is_an_error(work):
    data = bytearray(FRAMED["ustar"]("a", "b"))
    data[data.find(b"b\0", 512)] ^= 1
    work.refused(bytes(data), "Damaged tar archive")


JOINED = {
    "tar, tar": (tar("a"), tar("b")),
    "newc, newc": (cpio("a"), cpio("b")),
    "newc, odc": (cpio("a"), odc("b")),
    "tar, cpio": (tar("a"), cpio("b")),
    **{f"newc, {name} of newc": (cpio("a"), pack(cpio("b"))) for name, pack in COMPRESSED.items()},
    **{f"{name} of newc, newc": (pack(cpio("a")), cpio("b")) for name, pack in COMPRESSED.items() if name in ("gzip", "bzip2", "zstd")},
    **{f"{name} of tar, the same": (pack(tar("a")), pack(tar("b"))) for name, pack in COMPRESSED.items() if name not in ("lzma", "lzop")},
}


@pytest.mark.parametrize("pipe", [False, True], ids=["file", "pipe"])
@pytest.mark.parametrize("kind", JOINED)
def test_archives_one_after_the_other_are_all_read(kind, pipe, work):
    first, second = JOINED[kind]
    assert work.names(first + second, pipe=pipe) == ["a", "b"]
    if kind.split(",")[0] in ("tar", "newc", "gzip of newc", "bzip2 of newc", "zstd of newc"):
        assert work.names(first + bytes(3001 * 4) + second + bytes(512), pipe=pipe) == ["a", "b"]


def test_a_later_archive_in_a_file_lies_over_those_before_it(work):
    second = tar("a").replace(b"%07o" % 0o4755, b"%07o" % 0o0600)
    header = bytearray(second)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header[:512])
    assert work.pack(tar("a") + bytes(header)).returncode == CLEAN
    assert b"-rw-------" in run_well("cramfs-dump", "-R", work.image)


def test_two_zips_in_one_file_are_refused(work):
    work.refused(zipped("a") + zipped("b"), "two zips, one after the other")


@pytest.mark.parametrize("pipe", [False, True], ids=["file", "pipe"])
@pytest.mark.parametrize("wrap", ["", *COMPRESSED])
def test_a_zip_keeps_modes_and_links_wherever_it_comes_from(wrap, pipe, work):
    data = zipped("a", link=b"target")
    done = work.pack(COMPRESSED[wrap](data) if wrap else data, pipe=pipe)
    assert done.returncode == CLEAN, done.stderr
    listing = run_well("cramfs-dump", "-R", work.image).decode()
    assert "-rwsr-xr-x" in listing and "link -> target" in listing


def test_a_zip_behind_a_program_is_read(work):
    for program in (b"#!/usr/bin/env python3\n", b"\x7fELF" + bytes(range(256)) * 20):
        out = io.BytesIO(program)
        out.seek(0, io.SEEK_END)
        with zipfile.ZipFile(out, "a") as archive:
            info = zipfile.ZipInfo("a")
            info.external_attr = (stat.S_IFREG | 0o4755) << 16
            archive.writestr(info, PAYLOAD)
        assert work.names(out.getvalue()) == ["a"]
        work.refused(out.getvalue()[:-1])


def test_a_zip_without_its_directory_is_refused(work):
    data = zipped("a", "b")
    cut = data[:data.rfind(b"PK\x01\x02", 0, data.rfind(b"PK\x01\x02"))]
    work.refused(cut, "the directory at the end of the zip is missing")
    work.refused(data + b"x" * 20000, "the directory at the end of the zip is missing")


EMPTY = {
    "nothing": b"", "zeroes": bytes(10240), "nothing, gzip": gzip.compress(b""), "zeroes, xz": lzma.compress(bytes(10240)),
    "tar": tar(), "newc": cpio(), "odc": odc(), "zip": zipped(), "manifest": b"#mtree\n", "ar": b"!<arch>\n",
    "7z": b"7z\xbc\xaf\x27\x1c\0\4\x8d\x9b\xd5\x0f" + bytes(20),
}


@pytest.mark.parametrize("pipe", [False, True], ids=["file", "pipe"])
@pytest.mark.parametrize("kind", EMPTY)
def test_an_archive_without_entries_is_an_error_unless_allowed(kind, pipe, work):
    work.refused(EMPTY[kind], "no entries", "--allow=empty", pipe=pipe)
    work.refused(EMPTY[kind], options=["--allow=all"], pipe=pipe)
    assert work.names(EMPTY[kind], "--allow=empty", pipe=pipe) == []


def test_the_pipe_of_a_program_that_failed_replaces_no_image(work):
    work.image.write_bytes(b"a good one")
    done = subprocess.run(f"false | {directory() / 'mkcramfs-xip'} - {work.image}", shell=True, stderr=subprocess.PIPE)
    assert done.returncode == OPERATIONAL and b"no entries" in done.stderr
    assert work.image.read_bytes() == b"a good one"


def at(offset, magic, length=4096):
    return bytes(offset) + magic + bytes(length - offset - len(magic))


IMAGES = {
    "squashfs": (at(0, b"hsqs"), "sqfs2tar"),
    "EROFS": (at(1024, b"\xe2\xe1\xf5\xe0"), "mount -o ro,loop"),
    "ext4": (at(1080, b"\x53\xef\1\0\1\0"), "mount -o ro,loop"),
    "a Debian package": (b"!<arch>\ndebian-binary   1342943816  0     0     100644  4         `\n2.0\n", "dpkg-deb --fsys-tarfile"),
}


@pytest.mark.parametrize("compression", ["", "gzip", "xz"])
@pytest.mark.parametrize("kind", IMAGES)
def test_what_holds_files_and_is_no_archive_is_refused_with_a_remedy(kind, compression, work):
    data, remedy = IMAGES[kind]
    work.refused(COMPRESSED[compression](data) if compression else data, kind, remedy, "| mkcramfs-xip - out.img")


def test_a_real_ext4_image_is_refused(work):
    path = work.path / "image"
    for kind in ("ext2", "ext4"):
        path.write_bytes(bytes(1 << 20))
        subprocess.run(["/sbin/mkfs.ext4", "-q", "-t", kind, path], check=True, stderr=subprocess.DEVNULL)
        work.refused(path.read_bytes(), "an ext2, ext3 or ext4 image")


def test_what_is_compressed_over_and_over_is_refused(work):
    data = tar("a")
    for _ in range(4):
        data = lzma.compress(gzip.compress(data))
    assert work.names(data) == ["a"]
    for _ in range(20):
        data = gzip.compress(data)
    work.refused(data, "compressed more than 8 times over")


@pytest.mark.parametrize("names, said", [
    (("./debian-binary", "./control.tar.gz", "./data.tar.gz"), "tar -xOf FILE ./data.tar.gz | mkcramfs-xip -"),
    (("debian-binary", "data.tar.zst"), "./data.tar.zst"),
    (("blobs/sha256/0", "index.json", "oci-layout"), "--whiteouts"),
    (("0/layer.tar", "manifest.json", "repositories"), "--whiteouts"),
])
def test_an_archive_that_holds_archives_is_refused_with_a_remedy(names, said, work):
    work.refused(gzip.compress(tar(*names)), said)
    work.refused(tar(*names), said)
    for name in names:
        if not name.endswith(".gz"):
            assert work.pack(tar(name)).returncode == CLEAN


@pytest.mark.parametrize("pipe", [False, True], ids=["file", "pipe"])
def test_frames_of_zstd_of_every_form(pipe, work):
    """With and without checksum, size and window; with runs, with raw bytes, with many blocks; with skippable frames
    between."""
    skippable = b"\x53\x2a\x4d\x18" + (1000).to_bytes(4, "little") + b"\x28\xb5\x2f\xfd" * 250
    large = tar("a", end=False) + bytes(3 << 20)
    for options in (["--no-check"], ["--check"], ["-19", "--long=20"], ["--no-content-size"]):
        packed = through("zstd", "-q", "-c", *options)(large)
        for data in (packed, skippable + packed, packed + skippable + through("zstd", "-q", "-c", *options)(tar("b")) + skippable):
            names = ["a", "b"] if data.count(packed) and len(data) > len(skippable) + len(packed) else ["a"]
            assert work.names(data + bytes(513), pipe=pipe) == names
            work.refused(data + b"more", pipe=pipe)
    work.refused(packed[:-1])
    work.refused(packed[:5])


def holes(count, size):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for number in range(count):
            info = tarfile.TarInfo(f"{number}")
            info.size = size
            archive.addfile(info, io.BytesIO(bytes(size)))
    return out.getvalue()


def test_what_archives_hold_is_bounded_and_one_line_says_so(work):
    """A few bytes of an archive can become any number of bytes."""
    data = holes(4, 1 << 20)
    assert len(data) < 10_000
    done = work.pack(data, "--max-unpacked=3M")
    assert done.returncode == OPERATIONAL and not work.image.exists()
    assert len(done.stderr.splitlines()) == 1 and b"3145728" in done.stderr and b"--max-unpacked" in done.stderr
    assert work.pack(data, "--max-unpacked=4M").returncode == CLEAN
    image = work.image.read_bytes()
    assert work.pack(image, "--max-unpacked=3M").returncode == OPERATIONAL  # an image just as well
    assert work.pack(image, "--max-unpacked=4M").returncode == CLEAN
    squeezed = gzip.compress(zipped("a") + bytes(1 << 20))  # which is kept whole
    assert b"--max-unpacked" in work.pack(squeezed, "--max-unpacked=100K").stderr


SPARSE = "mount -t tmpfs -o size=512k none \"$TMPDIR\" && exec \"$@\""


@pytest.mark.parametrize("kind", ["sparse tar", "zeroes in a tar.gz", "zeroes in a cpio"])
def test_the_spool_keeps_holes(kind, tmp_path):
    """A gigabyte of mostly zeroes goes through a file system of 512 KiB."""
    files = 64 if kind == "sparse tar" else 8
    archive, spool, image = tmp_path / "archive", tmp_path / "spool", tmp_path / "out.img"
    spool.mkdir()
    (tmp_path / "src").mkdir()
    for number in range(files):
        with (tmp_path / "src" / f"{number}").open("wb") as file:
            file.truncate((1 << 24) - 1)
            file.seek(1 << 20 | number)
            file.write(b"bytes")
    size = files * ((1 << 24) - 1)
    command = {"sparse tar": "tar -cS .", "zeroes in a tar.gz": "tar -c . | gzip -1", "zeroes in a cpio": "find . -type f | cpio -o -H newc --quiet"}[kind]
    with archive.open("wb") as out:
        subprocess.run(["sh", "-c", command], cwd=tmp_path / "src", stdout=out, check=True)
    done = subprocess.run([*in_mount_namespace(), "sh", "-c", SPARSE, "sh", directory() / "mkcramfs-xip", "-q", archive, image],
                          env={**os.environ, "TMPDIR": str(spool)}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert done.returncode == CLEAN, done.stderr
    assert b"from %d bytes of files:" % size in done.stdout + done.stderr, (done.stdout, done.stderr)
    assert run_well("cramfs-dump", "--cat=/7", image)[1 << 20 | 7:].startswith(b"bytes\0")


def test_a_full_temporary_folder_is_one_line_with_its_path_and_the_remedy(work, tmp_path):
    (tmp_path / "a.tar").write_bytes(tar("a", "b"))
    done = run("mkcramfs-xip", "-q", tmp_path / "a.tar", work.image, prefix=["prlimit", "--fsize=4096"],
               env={**os.environ, "TMPDIR": str(tmp_path)})
    assert done.returncode == OPERATIONAL, done.stderr
    assert len(done.stderr.splitlines()) == 1 and str(tmp_path).encode() in done.stderr and b"TMPDIR" in done.stderr


def test_compressed_bytes_that_add_up_to_one_digit_are_no_header_of_a_tar(work):
    """Failures that a time in a gzip header once caused: here a field that gzip ignores causes them."""
    extra = bytearray(600)
    head = b"\x1f\x8b\x08\x04" + bytes(6) + len(extra).to_bytes(2, "little")
    extra[148 - len(head):149 - len(head)] = b"5"
    signed = sum(byte - 256 * (byte > 127) for byte in head) + 8 * ord(" ") - 5
    for at in range(200, 200 + signed // 100):
        extra[at] = 256 - 100
    extra[300] = 256 - signed % 100 if signed % 100 else 0
    plain = gzip.compress(tar("a"), mtime=0)
    assert work.names(head + bytes(extra) + plain[10:]) == ["a"]
