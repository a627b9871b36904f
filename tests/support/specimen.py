"""A maker of small cramfs images, independent of the tools under test, for testing the oracle itself.

It makes any layout that it is given, also ones that a kernel reads wrongly: the oracle must notice. 4 KiB pages.
"""
import dataclasses
import os
import stat
import struct
import zlib

PAGE = 4096
SUPERBLOCK, INODE = 76, 12
MAGIC = 0x28CD3D45
FSID_VERSION_2, SORTED_DIRS, HOLES, EXT_BLOCK_POINTERS = 0x1, 0x2, 0x100, 0x800
UNCOMPRESSED, DIRECT = 1 << 31, 1 << 30
LONGEST_ENTRY = INODE + 252  # the bytes that the kernel reads at once from an entry on MTD


@dataclasses.dataclass
class Node:
    mode: int
    data: bytes = b""            # a file's bytes, a symlink's target
    blocks: str = ""             # a letter for each block, from the first on; the others are compressed:
                                 # c: compressed; d: a page in place; g: the same, after an unused page; h: hole
    uid: int = 0
    children: dict = dataclasses.field(default_factory=dict)
    entries_at: int = 0


class Image(bytearray):
    """The bytes so far, with the byte order of their words."""

    def __init__(self, size, big):
        super().__init__(size)
        self.order = ">" if big else "<"
        self.big = big

    def pack(self, form, at, *values):
        struct.pack_into(self.order + form, self, at, *values)


def file(data, blocks="", mode=0o644, uid=0):
    return Node(stat.S_IFREG | mode, data, blocks, uid)


def symlink(target):
    return Node(stat.S_IFLNK | 0o777, target)


def directory(children, mode=0o755):
    return Node(stat.S_IFDIR | mode, children=children)


def write_source(root, path):
    """The source tree of a specimen."""
    path.mkdir()
    for name, node in root.children.items():
        at = path / os.fsdecode(name)
        if stat.S_ISDIR(node.mode):
            write_source(node, at)
        elif stat.S_ISLNK(node.mode):
            os.symlink(node.data, at)
        else:
            at.write_bytes(node.data)
            at.chmod(stat.S_IMODE(node.mode))


def _padded(name):
    return name + bytes(-len(name) % 4)


def _inode(image, at, node, name, offset, size):
    """The fields of each word begin at its low end when little-endian, at its high end when big-endian."""
    length = len(_padded(name)) // 4
    if image.big:
        words = (node.mode << 16 | node.uid, size << 8, length << 26 | offset // 4)
    else:
        words = (node.mode | node.uid << 16, size, length | offset // 4 << 6)
    image.pack("3I", at, *words)
    image[at + INODE:at + INODE + len(_padded(name))] = _padded(name)


def _directories(root):
    """Breadth first, so that a directory's entries follow one another."""
    found = [root]
    for node in found:
        found += [child for _, child in sorted(node.children.items()) if stat.S_ISDIR(child.mode)]
    return found


def _entries_size(node):
    return sum(INODE + len(_padded(name)) for name in node.children)


def make_image(root, share_tables=False, room_behind_entries=LONGEST_ENTRY, dirty_tails=False, skew=0,
               shared_pages=False, big=False):
    """The image's bytes.

    share_tables: entries of equal contents get one table of block pointers, whatever their types and modes are.
    room_behind_entries: the least number of bytes from the last directory's end to the image's end.
    dirty_tails: bytes after a file's end in its last page in place are not zero.
    skew: pages in place begin this many bytes (a multiple of 4) after the beginning of a page.
    shared_pages: equal pages in place are stored once, whichever files they belong to.
    big: the byte order.
    """
    image = Image(SUPERBLOCK, big)
    directories = _directories(root)
    for node in directories:
        node.entries_at = len(image)
        image += bytes(_entries_size(node))
    entries_end = len(image)

    tables, pages = {}, []
    for node in directories:
        at = node.entries_at
        for name, child in sorted(node.children.items()):
            if stat.S_ISDIR(child.mode):
                offset, size = child.entries_at if child.children else 0, _entries_size(child)
            else:
                offset, size = _write_file(image, child, tables if share_tables else {}, pages), len(child.data)
            _inode(image, at, child, name, offset, size)
            at += INODE + len(_padded(name))

    image += bytes(max(0, entries_end + room_behind_entries - len(image)))
    _write_pages(image, pages, skew, b"\xff" if dirty_tails else b"\0", shared_pages)
    _write_superblock(image, root)
    # The superblock's size ends with the image's contents; a block device needs whole pages.
    return bytes(image) + bytes(-len(image) % PAGE)


def _write_file(image, node, tables, pages):
    """Write table and compressed blocks; note the pages in place for later. Returns the table's offset."""
    if not node.data:
        return 0
    if node.data in tables:
        return tables[node.data]
    image += bytes(-len(image) % 4)
    table = tables[node.data] = len(image)
    blocks = [node.data[at:at + PAGE] for at in range(0, len(node.data), PAGE)]
    image += bytes(4 * len(blocks))
    for index, block in enumerate(blocks):
        pointer = table + 4 * index
        kind = node.blocks[index:index + 1] or "c"
        if kind in "dg":
            pages.append((pointer, block, kind))
            continue
        image += bytes(-len(image) % 4)
        image.pack("I", pointer, DIRECT | len(image) >> 2)
        compressed = zlib.compress(block) if kind == "c" else b""
        image += struct.pack(image.order + "H", len(compressed)) + compressed
    image += bytes(-len(image) % 4)
    return table


def _write_pages(image, pages, skew, filler, shared):
    starts = {}
    if pages:
        image += bytes(-len(image) % PAGE + skew)
    for pointer, block, kind in pages:
        if kind == "g":
            image += bytes(PAGE)
        if not shared or block not in starts:
            starts[block] = len(image)
            image += block.ljust(PAGE, filler)
        image.pack("I", pointer, UNCOMPRESSED | DIRECT | starts[block] >> 2)


def _write_superblock(image, root):
    flags = FSID_VERSION_2 | SORTED_DIRS | HOLES | EXT_BLOCK_POINTERS
    image.pack("4I16s4I16s", 0, MAGIC, len(image), flags, 0, b"Compressed ROMFS", 0, 0, 0, 1, b"specimen")
    _inode(image, SUPERBLOCK - INODE, root, b"", root.entries_at if root.children else 0, _entries_size(root))
    image.pack("I", 32, zlib.crc32(image))
