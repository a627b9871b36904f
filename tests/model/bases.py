"""The sound images that changes start from: small trees, so that most changes hit something."""
import io
import os
import pathlib
import random
import subprocess
import sys
import tarfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))

import elf  # noqa: E402
import flat  # noqa: E402

PAGE = 4096

# Each is an image of every tree.
OPTIONS = {
    "default": [],
    "none": ["--xip=none"],
    "legacy": ["--legacy"],
    "big": ["--endian=big"],
    "padded": ["--pad"],
    "nommu": ["--kernel=nommu"],
    "all": ["--xip=all"],
    "pages-16k": ["--block-size=16K"],
    "pages-64k": ["--block-size=64K", "--xip=all"],
    "whole-holes": ["--no-holes"],
    "big-legacy": ["--endian=big", "--legacy"],
    "big-padded": ["--endian=big", "--pad", "--xip=all"],
}


def add(archive, path, kind=tarfile.REGTYPE, data=b"", mode=0o644, owner=(0, 0), target="", device=(0, 0)):
    member = tarfile.TarInfo(path)
    member.type, member.mode, member.linkname, member.size = kind, mode, target, len(data)
    member.uid, member.gid = owner
    member.devmajor, member.devminor = device
    archive.addfile(member, io.BytesIO(data))


def text(rng, size):
    """Bytes that compress to about half."""
    return bytes(rng.choice(b"abcdefghijklmnop \n") for _ in range(size))


def program(rng):
    """Text of two pages, and data."""
    segments, size = elf.text_and_data(2 * PAGE - 100, 500)
    return elf.elf_file(elf.Form(), segments, text(rng, size))


def few(archive, rng):
    add(archive, "file", data=text(rng, 700))
    add(archive, "link", tarfile.SYMTYPE, target="file", mode=0o777)
    add(archive, "sub", tarfile.DIRTYPE, mode=0o755)
    add(archive, "sub/program", data=program(rng), mode=0o755)


def small(archive, rng):
    add(archive, "a", data=b"one line\n")
    add(archive, "b", data=b"one line\n", mode=0o600, owner=(7, 8))
    add(archive, "c", tarfile.SYMTYPE, target="one line", mode=0o777)
    add(archive, "null", tarfile.CHRTYPE, device=(1, 3), mode=0o666)


def mixed(archive, rng):
    page = rng.randbytes(PAGE)
    add(archive, "bin", tarfile.DIRTYPE, mode=0o755)
    add(archive, "bin/flat", data=flat.flat_file(2 * PAGE, rng.randbytes(2 * PAGE)), mode=0o755)
    add(archive, "bin/hard", tarfile.LNKTYPE, target="bin/flat", mode=0o755)
    add(archive, "dev", tarfile.DIRTYPE, mode=0o755)
    add(archive, "dev/null", tarfile.CHRTYPE, device=(1, 3), mode=0o666)
    add(archive, "dev/pipe", tarfile.FIFOTYPE, mode=0o600)
    add(archive, "dev/rom0", tarfile.BLKTYPE, device=(31, 0), mode=0o660, owner=(0, 6))
    add(archive, "empty", data=b"")
    add(archive, "holes", data=page + bytes(2 * PAGE) + text(rng, 100) + bytes(PAGE))
    add(archive, "holes2", data=bytes(3 * PAGE))
    add(archive, "link", tarfile.SYMTYPE, target="var/log/messages", mode=0o777)
    add(archive, "link2", tarfile.SYMTYPE, target="text", mode=0o777)
    add(archive, "text", data=b"text", mode=0o640, owner=(1, 2))
    add(archive, "two", data=page + text(rng, PAGE))
    add(archive, "var", tarfile.DIRTYPE, mode=0o755)
    add(archive, "var/log", tarfile.DIRTYPE, mode=0o700)
    add(archive, "var/log/messages", data=text(rng, PAGE + 1000))


def names(archive, rng):
    """Names of all lengths and bytes, so that lookup can go wrong."""
    for name in [b"a", b"ab", b"abc", b"abcd", b"abcde", b"b", b"ba", b"\x7f", b"\x80", b"\xff\xfe", b"z" * 100, b"z" * 252]:
        add(archive, os.fsdecode(name), data=name)
    path = ""
    for depth in range(6):
        path += f"d{depth}/"
        add(archive, path, tarfile.DIRTYPE, mode=0o755)
        add(archive, path + "x", data=text(rng, 300) if depth % 2 else b"")


def same(archive, rng):
    """Equal contents of several owners, types and lengths, which can be shared."""
    page = text(rng, 2 * PAGE)
    for name, owner, mode in ("a", (0, 0), 0o755), ("b", (1, 1), 0o644), ("c", (0, 0), 0o755), ("d", (2, 0), 0o4755):
        add(archive, name, data=page + b"tail", mode=mode, owner=owner)
        add(archive, name + "1", data=page[:100], mode=mode, owner=owner)
    add(archive, "link", tarfile.SYMTYPE, target=page[:100].decode().replace("\n", "-"), mode=0o777)
    add(archive, "text", data=page[:100].replace(b"\n", b"-"))


TREES = {"few": few, "small": small, "mixed": mixed, "names": names, "same": same}


def make(mkcramfs, folder):
    """Make all images in an existing folder. Returns their paths, always in the same order."""
    made = []
    for tree, fill in TREES.items():
        memory = io.BytesIO()
        with tarfile.open(fileobj=memory, mode="w", format=tarfile.GNU_FORMAT) as archive:
            fill(archive, random.Random(tree))
        for name, options in OPTIONS.items():
            path = pathlib.Path(folder) / f"{tree}-{name}.img"
            subprocess.run([mkcramfs, "--quiet", *options, "-", path], input=memory.getvalue(), check=True)
            made.append(path)
    return made


if __name__ == "__main__":
    for line in make(sys.argv[1], sys.argv[2]):
        print(line)
