"""Whole archives of each format and compression, for tests to damage; and how to pack them."""
import binascii
import bz2
import gzip
import io
import lzma
import os
import shutil
import stat
import subprocess
import tarfile
import tempfile
import zipfile

import describe
from tools import CLEAN, OPERATIONAL, directory, run_well

PAYLOAD = b"".join(b"%d bytes of a file " % number for number in range(400))


def tar(*names, form=tarfile.PAX_FORMAT, end=True):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(PAYLOAD), 0o4755
            archive.addfile(info, io.BytesIO(PAYLOAD))
        length = archive.offset
    return out.getvalue()[:length] + bytes(1024 if end else 0)


def cpio(*names, magic=b"070701", end=True):
    out = b""
    for name, data in [*((name, PAYLOAD) for name in names), *([("TRAILER!!!", b"")] if end else [])]:
        total = sum(data) if magic == b"070702" else 0
        fields = [1, 0o104755, 0, 0, 1, 1, len(data), 0, 0, 0, 0, len(name) + 1, total]
        for piece in (magic + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0", data):
            out += piece + bytes(-len(piece) % 4)
    return out


def odc(*names, end=True):
    out = b""
    for name, data in [*((name, PAYLOAD) for name in names), *([("TRAILER!!!", b"")] if end else [])]:
        out += b"070707" + b"".join(b"%06o" % field for field in (1, 1, 0o104755, 0, 0, 1, 0)) + b"%011o" % 0
        out += b"%06o%011o" % (len(name) + 1, len(data)) + name.encode() + b"\0" + data
    return out


def zipped(*names, method=zipfile.ZIP_DEFLATED, link=None):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name in names:
            info = zipfile.ZipInfo(name)
            info.external_attr, info.compress_type = (stat.S_IFREG | 0o4755) << 16, method
            archive.writestr(info, PAYLOAD)
        if link:
            info = zipfile.ZipInfo("link")
            info.external_attr, info.create_system, info.compress_type = (stat.S_IFLNK | 0o777) << 16, 3, method
            archive.writestr(info, link)
    return out.getvalue()


def made_by(command):
    """The archive of a folder with the files of that name, as a program writes it to standard output."""
    def write(*names):
        with tempfile.TemporaryDirectory() as folder:
            for name in names:
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(PAYLOAD)
                os.chmod(file.name, 0o4755)
            done = subprocess.run(["sh", "-c", command, "sh", *names], cwd=folder, stdout=subprocess.PIPE, check=True)
            return done.stdout
    return write


def through(*command):
    return lambda data: subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True).stdout


FRAMED = {
    "ustar": lambda *names, **how: tar(*names, form=tarfile.USTAR_FORMAT, **how),
    "gnu": lambda *names, **how: tar(*names, form=tarfile.GNU_FORMAT, **how),
    "pax": tar,
    "newc": cpio,
    "crc": lambda *names, **how: cpio(*names, magic=b"070702", **how),
    "odc": odc,
}
OTHERS = {
    "zip": zipped,
    "stored zip": lambda *names: zipped(*names, method=zipfile.ZIP_STORED),
    "7z": made_by('bsdtar -cf - --format=7zip "$@"'),
    "iso": made_by('bsdtar -cf - --format=iso9660 "$@"'),
    "ar": made_by('bsdtar -cf - --format=ar "$@"'),
}
COMPRESSORS = {
    "zstd": ("zstd", "-q", "-c"),
    "lz4": ("lz4", "-q", "-c"),
    "lzip": ("lzip", "-c"),
    "lzop": ("lzop", "-c"),
}
COMPRESSED = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE),
    **{name: through(*command) for name, command in COMPRESSORS.items() if shutil.which(command[0])},
}


class Work:
    def __init__(self, path):
        self.path = path
        self.image = path / "out.img"

    def pack(self, data, *options, pipe=False):
        source = self.path / "archive"
        source.write_bytes(data)
        self.image.unlink(missing_ok=True)
        command = [directory() / "mkcramfs-xip", "-q", *options, "-" if pipe else source, self.image]
        return subprocess.run(command, input=data if pipe else b"", stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def refused(self, data, *said, options=(), pipe=False):
        done = self.pack(data, *options, pipe=pipe)
        text = done.stderr.decode()
        assert done.returncode == OPERATIONAL and not self.image.exists(), text
        assert ("-: " if pipe else f"{self.path / 'archive'}: ") in text
        for part in said:
            assert part in text, text

    def names(self, data, *options, pipe=False):
        """The paths of the files in the image, after checking their bytes and modes."""
        done = self.pack(data, *options, pipe=pipe)
        assert done.returncode == CLEAN, done.stderr.decode()
        run_well("cramfsck", "-x", self.path / "x", "--force", self.image)
        found = describe.describe(self.path / "x", owners=False)
        subprocess.run(["chmod", "-R", "u+w", self.path / "x"], check=True)  # an ISO image has it for nothing
        subprocess.run(["rm", "-r", self.path / "x"], check=True)
        assert all(facts[0] == stat.S_IFREG for path, facts in found.items() if path)
        return sorted(path.decode() for path in found if path)


def as_v7(data):
    """The same tar with headers from before POSIX, which have no magic."""
    out, at = bytearray(data), 0
    while at < len(out) and out[at]:
        size = int(out[at + 124:at + 135], 8)
        out[at + 257:at + 512] = bytes(255)
        out[at + 148:at + 156] = b" " * 8
        out[at + 148:at + 156] = b"%06o\0 " % sum(out[at:at + 512])
        at += 512 + (size + 511) // 512 * 512
    return bytes(out)


def binary_cpio(*names, end=True):
    """Words of 16 bits, the high half of a number first."""
    out = b""
    for name, data in [*((name, PAYLOAD) for name in names), *([("TRAILER!!!", b"")] if end else [])]:
        words = [0o070707, 1, 1, 0o104755, 0, 0, 1, 0, 0, 0, len(name) + 1, len(data) >> 16, len(data) & 0xffff]
        for piece in (b"".join(word.to_bytes(2, "little") for word in words) + name.encode() + b"\0", data):
            out += piece + bytes(len(piece) % 2)
    return out


def lzw(data):
    """The output of compress(1), each byte as a code of 9 bits; the table is emptied before codes become longer."""
    bits, count = 0, 0
    for start in range(0, len(data), 247):
        for code in [*data[start:start + 247], 256]:  # 248 codes are whole groups of 8
            bits |= code << count
            count += 9
    return b"\x1f\x9d\x90" + bits.to_bytes((count + 7) // 8, "little")


def uuencode(data):
    lines = [binascii.b2a_uu(data[start:start + 45]) for start in range(0, len(data), 45)]
    return b"begin 644 name\n" + b"".join(lines) + b"`\nend\n"
