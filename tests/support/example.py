"""The root file systems of the documents' examples, made from scratch for each document, without bytes of other
projects."""
import random
import struct

import dynamic
from tools import run_well


def hello_program():
    """The /bin/hello of the manuals: two segments, r-x and rw-, that share the third of its four pages."""
    segments = ((5, 0, 0, 0x2a40, 0x2a40), (6, 0x2df0, 0x3df0, 0x708, 0x1a10))
    head = b"\x7fELF\x02\x01\x01" + bytes(9)
    head += struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0x1000, 64, 0, 0, 64, 56, len(segments), 0, 0, 0)
    for flags, offset, address, file_size, memory_size in segments:
        head += struct.pack("<IIQQQQQQ", 1, flags, offset, address, address, file_size, memory_size, 0x1000)
    body = b"".join(struct.pack("<I", 0xe3a00000 + i * 7) for i in range(13560 // 4))
    return head + body[len(head):]


def make_directory(path):
    path.mkdir()
    path.chmod(0o755)


def make_file(path, data, mode=0o644):
    path.write_bytes(data)
    path.chmod(mode)


def make_rootfs(directory):
    """The rootfs of the manuals: one program, a link to it, and a text file; and rootfs.img, packed from it."""
    root = directory / "rootfs"
    for path in (root, root / "bin", root / "etc"):
        make_directory(path)
    make_file(root / "bin" / "hello", hello_program(), 0o755)
    (root / "bin" / "hi").symlink_to("hello")
    make_file(root / "etc" / "motd", b"welcome\n" * 1000)
    run_well("mkcramfs-xip", "-q", "-n", "hello", root, directory / "rootfs.img")


def as_compressible_as_code(size, seed):
    """Bytes that come to about half when compressed."""
    chosen = random.Random(seed)
    words = [chosen.randbytes(4) for _ in range(96)]
    return b"".join(chosen.choice(words) if chosen.random() < 0.7 else chosen.randbytes(4) for _ in range(size // 4))


def linked_program(needed, size, seed, **options):
    """An ARM program or library that needs others, with text that compresses."""
    file = dynamic.dynamic_file(needed, text=size, **options)
    return file[:-size] + as_compressible_as_code(size, seed)


def make_system(directory):
    """The rootfs of the guide: like a small system's, with a shell, a program with a library of its own, and a font."""
    root = directory / "rootfs"
    folders = ("", "bin", "sbin", "dev", "etc", "lib", "proc", "sys", "tmp", "usr", "usr/bin", "usr/lib", "usr/share",
               "usr/share/fonts")
    for name in folders:
        make_directory(root / name)
    loader = "/lib/ld-linux-armhf.so.3"
    make_file(root / "lib" / "ld-linux-armhf.so.3", linked_program((), 120000, 1), 0o755)
    make_file(root / "lib" / "libc.so.6", linked_program(("ld-linux-armhf.so.3",), 900000, 2), 0o755)
    make_file(root / "usr" / "lib" / "libplay.so.1", linked_program(("libc.so.6",), 240000, 3))
    make_file(root / "bin" / "busybox", linked_program(("libc.so.6",), 600000, 4, interpreter=loader), 0o755)
    make_file(root / "usr" / "bin" / "player",
              linked_program(("libplay.so.1", "libc.so.6"), 80000, 5, interpreter=loader), 0o755)
    (root / "bin" / "sh").symlink_to("busybox")
    (root / "sbin" / "init").symlink_to("../bin/busybox")
    make_file(root / "etc" / "motd", b"welcome\n" * 1000)
    make_file(root / "usr" / "share" / "fonts" / "menu.ttf", as_compressible_as_code(70000, 6))
