"""A maker of right and wrong cramfs images: a second implementation of the format.

Written from the description of the format alone. lay() lays out a tree, and fills in every place that the caller left
open. A case can then change a size, an offset, a pointer or single bytes. bytes() encodes that unchanged, with a right
CRC, so that only the change is wrong.
"""
import dataclasses
import zlib

MAGIC = 0x28CD3D45
SIGNATURE = b"Compressed ROMFS"
SUPER_BYTES, INODE_BYTES, POINTER_BYTES = 76, 12, 4
CRC_AT, NAME_AT, ROOT_AT = 32, 48, 64  # within the superblock
ENTRY_WINDOW = 264  # the bytes that a kernel on MTD reads from the beginning of an entry

FSID_VERSION_2, SORTED_DIRS = 0x1, 0x2
HOLES, WRONG_SIGNATURE, SHIFTED_ROOT_OFFSET, EXT_BLOCK_POINTERS = 0x100, 0x200, 0x400, 0x800

STORED, DIRECT = 1 << 31, 1 << 30

FIFO, CHARACTER, DIRECTORY, BLOCK_DEVICE, REGULAR, LINK, SOCKET = (
    0o010000, 0o020000, 0o040000, 0o060000, 0o100000, 0o120000, 0o140000)


def aligned(value, unit):
    return -(-value // unit) * unit


@dataclasses.dataclass(frozen=True)
class Shape:
    """The parameters of every case: byte order, page size, and the bytes left for boot code at the beginning."""
    order: str = "little"
    page: int = 4096
    boot: int = 0

    def __str__(self):
        return f"{self.order}-{self.page}" + (f"-boot{self.boot}" if self.boot else "")


@dataclasses.dataclass(eq=False)
class Block:
    """One block. `raw` is its bytes in the image, `data` the bytes that a reader should get; no bytes mean a hole."""
    data: bytes = b""
    stored: bool = False
    direct: bool = False
    raw: bytes = None
    at: int = None  # where it starts, its 16-bit length included; only a direct block can choose
    align: int = 4
    pointer: int = None

    def __post_init__(self):
        if self.raw is None:
            self.raw = self.data if self.stored or not self.data else zlib.compress(self.data)

    @property
    def prefixed(self):
        return self.direct and not self.stored


def deflated(data, **options):
    return Block(data, **options)


def stored(data, **options):
    return Block(data, stored=True, **options)


def hole(**options):
    return Block(**options)


@dataclasses.dataclass(eq=False)
class Node:
    """An entry. lay() fills in fields that are None: `size` and `offset` are those of the inode, both in bytes."""
    name: bytes
    mode: int
    entries: list = dataclasses.field(default_factory=list)
    blocks: list = dataclasses.field(default_factory=list)
    size: int = None
    offset: int = None
    uid: int = 0
    gid: int = 0
    at: int = None         # where its entries or its pointer table are really put
    name_units: int = None  # of 4 bytes
    inode_at: int = None

    @property
    def directory(self):
        return bool(self.entries)

    def name_bytes(self):
        units = aligned(len(self.name), 4) // 4 if self.name_units is None else self.name_units
        return self.name.ljust(units * 4, b"\0")[:units * 4]

    def walk(self):
        yield self
        for entry in self.entries:
            yield from entry.walk()


def directory(name, *entries, mode=0o755, **fields):
    return Node(name, DIRECTORY | mode, entries=list(entries), **fields)


def file(name, *blocks, mode=0o644, size=None, **fields):
    if size is None:
        size = sum(len(block.data) for block in blocks)
    return Node(name, REGULAR | mode, blocks=list(blocks), size=size, **fields)


def link(name, target, **fields):
    return Node(name, LINK | 0o777, **{"blocks": [stored(target)] if target else [], "size": len(target), **fields})


def special(name, mode, number=0, **fields):
    return Node(name, mode, size=number, offset=0, **fields)


class Image:
    def __init__(self, shape, *entries, flags=None, root_at=None, least_size=0, **super_fields):
        self.shape = shape
        self.root = directory(b"", *entries, at=root_at)
        self.flags = flags           # None: the size that the tree needs
        self.super_fields = super_fields  # size, future, signature, crc, edition, blocks, files, name
        self.least_size = least_size
        self.patches = []
        self.length = None  # of the file system, once laid out
        self.lay()

    # Layout: the superblock, the directories, then each table with its blocks.

    def lay(self):
        self.cursor = self.shape.boot + SUPER_BYTES
        last_entry = 0
        for node in self.root.walk():
            if node.directory:
                node.at = self.place(node.at, sum(INODE_BYTES + len(entry.name_bytes()) for entry in node.entries))
                where = node.at
                for entry in node.entries:
                    entry.inode_at = where
                    last_entry = max(last_entry, where)
                    where += INODE_BYTES + len(entry.name_bytes())
                node.size = where - node.at if node.size is None else node.size
            if node.offset is None and not node.blocks:
                node.offset = node.at or 0
            node.size = node.size or 0
        for node in self.root.walk():
            if node.blocks:
                self.lay_file(node)
        self.length = aligned(max(self.cursor, last_entry + ENTRY_WINDOW, self.least_size), self.shape.page)

    def place(self, at, length, align=4):
        if at is None:
            at = aligned(self.cursor, align)
            self.cursor = at + length
        return at

    def lay_file(self, node):
        node.at = self.place(node.at, len(node.blocks) * POINTER_BYTES)
        if node.offset is None:
            node.offset = node.at
        end = node.at + len(node.blocks) * POINTER_BYTES
        for block in node.blocks:
            length = len(block.raw) + 2 * block.prefixed
            if block.direct:
                block.at = self.place(block.at, length, block.align)
                bits, end = block.at >> 2, block.at + (self.shape.page if block.stored else length)
            else:
                block.at = end
                bits = end = end + length
                self.cursor = max(self.cursor, end)
            if block.pointer is None:
                block.pointer = bits | (STORED if block.stored else 0) | (DIRECT if block.direct else 0)

    # Encoding.

    def word(self, value):
        return value.to_bytes(4, self.shape.order)

    def inode(self, node):
        units = len(node.name_bytes()) // 4
        if self.shape.order == "little":
            words = (node.mode | node.uid << 16, node.size | node.gid << 24, units | node.offset // 4 << 6)
        else:
            words = (node.mode << 16 | node.uid, node.size << 8 | node.gid, units << 26 | node.offset // 4)
        return b"".join(map(self.word, words))

    def needed_flags(self):
        flags = FSID_VERSION_2 | SORTED_DIRS
        if self.root.offset not in (0, 76, 588):
            flags |= SHIFTED_ROOT_OFFSET
        for node in self.root.walk():
            for block in node.blocks:
                flags |= EXT_BLOCK_POINTERS if block.direct or block.stored else 0
                flags |= 0 if block.raw else HOLES
        return flags

    def superblock(self):
        nodes = list(self.root.walk())
        fields = dict(magic=MAGIC, size=self.length, future=0, signature=SIGNATURE, edition=0, name=b"bad",
                      blocks=sum(len(node.blocks) for node in nodes), files=len(nodes), crc=0)
        fields.update(self.super_fields)
        flags = self.needed_flags() if self.flags is None else self.flags
        return b"".join([self.word(fields["magic"]), self.word(fields["size"]), self.word(flags),
                         self.word(fields["future"]), fields["signature"], self.word(fields["crc"]),
                         self.word(fields["edition"]), self.word(fields["blocks"]), self.word(fields["files"]),
                         fields["name"].ljust(16, b"\0"), self.inode(self.root)])

    def patch(self, at, new):
        self.patches.append((at, new))

    def bytes(self):
        image = bytearray(self.length)

        def put(at, new):
            if at < len(image):  # the case is about the part outside
                image[at:at + len(new)] = new[:len(image) - at]

        for node in self.root.walk():
            if node.inode_at:
                put(node.inode_at, self.inode(node) + node.name_bytes())
            for number, block in enumerate(node.blocks):
                prefix = len(block.raw).to_bytes(2, self.shape.order) if block.prefixed else b""
                put(block.at, prefix + block.raw)
                put(node.at + number * POINTER_BYTES, self.word(block.pointer))
        put(self.shape.boot, self.superblock())
        for at, new in self.patches:
            put(at, new)
        if "crc" not in self.super_fields:
            self.seal(image)
        return bytes(image)

    def seal(self, image):
        """The CRC of the bytes that the superblock counts, with the field itself as 0."""
        at = self.shape.boot + CRC_AT
        end = int.from_bytes(image[self.shape.boot + 4:self.shape.boot + 8], self.shape.order)
        image[at:at + 4] = bytes(4)
        image[at:at + 4] = self.word(zlib.crc32(image[self.shape.boot:end]))
