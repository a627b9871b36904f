"""A maker of small cramfs images, independent of the tools under test, for testing the oracle itself.

It lays out what it is told, also what a kernel reads wrongly: the oracle must notice. Little-endian, 4 KiB pages.
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
LONGEST_ENTRY = INODE + 252  # what the kernel reads at once from an entry on MTD


@dataclasses.dataclass
class Node:
    mode: int
    data: bytes = b""            # a file's bytes, a symlink's target
    blocks: str = ""             # a letter for each block, from the first on; the others are compressed:
                                 # c: compressed; d: a page in place; g: the same, behind an unused page; h: hole
    children: dict = dataclasses.field(default_factory=dict)
    entries_at: int = 0


def file(data, blocks="", mode=0o644):
    return Node(stat.S_IFREG | mode, data, blocks)


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


def _inode(node, name, offset, size):
    return struct.pack("<III", node.mode, size, len(_padded(name)) // 4 | offset // 4 << 6) + _padded(name)


def _directories(root):
    """Breadth first, so that a directory's entries follow one another."""
    found = [root]
    for node in found:
        found += [child for _, child in sorted(node.children.items()) if stat.S_ISDIR(child.mode)]
    return found


def _entries_size(node):
    return sum(INODE + len(_padded(name)) for name in node.children)


def make_image(root, share_tables=False, room_behind_entries=LONGEST_ENTRY, dirty_tails=False, skew=0):
    """The image's bytes.

    share_tables: entries of equal contents get one table of block pointers, whatever their types and modes are.
    room_behind_entries: the least number of bytes from the last directory's end to the image's end.
    dirty_tails: what follows a file in its last page in place is not zero.
    skew: pages in place begin this many bytes (a multiple of 4) behind a page's begin.
    """
    image = bytearray(SUPERBLOCK)
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
            entry = _inode(child, name, offset, size)
            image[at:at + len(entry)] = entry
            at += len(entry)

    image += bytes(max(0, entries_end + room_behind_entries - len(image)))
    _write_pages(image, pages, skew, b"\xff" if dirty_tails else b"\0")
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
        struct.pack_into("<I", image, pointer, DIRECT | len(image) >> 2)
        compressed = zlib.compress(block) if kind == "c" else b""
        image += struct.pack("<H", len(compressed)) + compressed
    image += bytes(-len(image) % 4)
    return table


def _write_pages(image, pages, skew, filler):
    if pages:
        image += bytes(-len(image) % PAGE + skew)
    for pointer, block, kind in pages:
        if kind == "g":
            image += bytes(PAGE)
        struct.pack_into("<I", image, pointer, UNCOMPRESSED | DIRECT | len(image) >> 2)
        image += block.ljust(PAGE, filler)


def _write_superblock(image, root):
    flags = FSID_VERSION_2 | SORTED_DIRS | HOLES | EXT_BLOCK_POINTERS
    header = struct.pack("<4I16s4I16s", MAGIC, len(image), flags, 0, b"Compressed ROMFS", 0, 0, 0, 1, b"specimen")
    image[:SUPERBLOCK] = header + _inode(root, b"", root.entries_at if root.children else 0, _entries_size(root))
    struct.pack_into("<I", image, 32, zlib.crc32(image))
