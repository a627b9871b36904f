"""Images that claim more than they have. They are made as bytes, since they are too deep or too wide to build as
trees."""
import struct
import zlib

from maker import DIRECT, DIRECTORY, FSID_VERSION_2, HOLES, REGULAR, Block, Image, Node, Shape, file

SHAPE = Shape()
LARGEST = (1 << 24) - 4  # entries of one directory together, as the 24 bits of its size allow


def image_of(length, root_size, root_offset=76, flags=FSID_VERSION_2 | HOLES, **fields):
    image = Image(SHAPE, flags=flags, **fields)
    image.length = -(-length // SHAPE.page) * SHAPE.page
    image.root.offset, image.root.size = root_offset, root_size
    return image


def entry(image, name, mode, size, offset, **fields):
    return image.inode(Node(name, mode, size=size, offset=offset, **fields)) + name.ljust(-(-len(name) // 4) * 4, b"\0")


def lattice(levels=40):
    """Each level has two entries for the next one: 2^levels paths."""
    image = image_of(76 + 32 * (levels + 1) + 264, 32)
    for level in range(levels):
        last = level == levels - 1
        below = (0, 0) if last else (32, 76 + 32 * (level + 1))
        image.patch(76 + 32 * level, b"".join(entry(image, name, DIRECTORY | 0o755, *below) for name in (b"a", b"b")))
    return image.bytes()


def nest(levels=200_000):
    image = image_of(76 + 16 * levels + 264, 16)
    deep = [entry(image, b"d", DIRECTORY | 0o755, 16, 76 + 16 * (level + 1)) for level in range(levels - 1)]
    image.patch(76, b"".join(deep) + entry(image, b"d", DIRECTORY | 0o755, 0, 0))
    return image.bytes()


def nest_of_long_names(levels=10_000):
    """Their paths together are some 12 GB."""
    image = image_of(76 + 264 * levels + 264, 264)
    deep = [entry(image, b"n" * 252, DIRECTORY | 0o755, 264, 76 + 264 * (level + 1)) for level in range(levels - 1)]
    image.patch(76, b"".join(deep) + entry(image, b"n" * 252, DIRECTORY | 0o755, 0, 0))
    return image.bytes()


def files_of_one_hole(files=200, size=(1 << 24) - 1, different=False):
    table = 76 + 16 * files
    pointers = -(-size // SHAPE.page)
    image = image_of(table + 4 * pointers, 16 * files)
    image.patch(76, b"".join(entry(image, b"%03d" % n, REGULAR | 0o644, size, table, uid=n * different)
                             for n in range(files)))
    image.patch(table, image.word(table + 4 * pointers) * pointers)
    return image.bytes()


def overlapping(mode, count=5000, fill=b"\0", flags=FSID_VERSION_2, claim=LARGEST):
    """Directories or files, each 4 bytes after the one before it, and each claiming about 16 MiB."""
    start = 76 + 20 * count
    image = image_of(start + 4 * count + claim, 20 * count, flags=flags)
    image.patch(start, fill * ((image.length - start) // len(fill)))
    image.patch(76, b"".join(entry(image, b"%05d" % n, mode | 0o755, claim, start + 4 * n) for n in range(count)))
    return image.bytes()


def entries_of_one_name(count=100_000, flags=FSID_VERSION_2 | HOLES):
    image = image_of(76 + 16 * count + 264, 16 * count, flags=flags)
    image.patch(76, entry(image, b"same", REGULAR | 0o644, 0, 0) * count)
    return image.bytes()


def entries_in_descending_order(count=100_000, flags=FSID_VERSION_2 | HOLES | 2):
    image = image_of(76 + 20 * count + 264, 20 * count, flags=flags)
    image.patch(76, b"".join(entry(image, b"%06d" % n, REGULAR | 0o644, 0, 0) for n in reversed(range(count))))
    return image.bytes()


def blocks_that_share_one_stream(files=400, pages=4095):
    """Direct pointers, each to the one stream: little image, much to inflate."""
    stream = zlib.compress(bytes(SHAPE.page), 9)
    table, size = 76 + 16 * files, pages * SHAPE.page
    at = table + 4 * pages * files
    image = image_of(at + 2 + len(stream), 16 * files, flags=FSID_VERSION_2 | 0x800)
    image.patch(76, b"".join(entry(image, b"%03d" % n, REGULAR | 0o644, size, table + 4 * pages * n)
                             for n in range(files)))
    image.patch(table, image.word(at >> 2 | 1 << 30) * (pages * files))
    image.patch(at, len(stream).to_bytes(2, "little") + stream)
    return image.bytes()


def stream_that_begins_with_a_length():
    """The image, for pages of 16 KiB, and the bytes of /a and /b. /a's zlib stream begins with 78 5e: that is also the length
    of /b's direct block, whose stream begins after these two bytes. Its first bytes, 08 d7, are a zlib header to /b, and
    to /a a stored block of 0x2d7 bytes, in which the rest of /b's stream is."""
    shape, length, tail = Shape(page=1 << 14), 0x2d7, bytes(65 + i % 26 for i in range(256))
    b = b"g\xc0" + tail
    rest = b"\0\x20" + struct.pack("<HH", len(tail), len(tail) ^ 0xffff) + tail + zlib.adler32(b).to_bytes(4, "big")
    a = rest.ljust(length, b"z")
    stream = b"\x78\x5e\x08" + struct.pack("<HH", length, length ^ 0xffff) + a + b"\1\0\0\xff\xff"
    stream += zlib.adler32(a).to_bytes(4, "big")
    block = Block(a, raw=stream.ljust(2 + 0x5e78, b"\0"))
    image = Image(shape, file(b"a", block), file(b"b", Block(b, raw=b"", direct=True)))
    image.root.entries[1].blocks[0].pointer = block.at >> 2 | DIRECT
    return image, a, b


def program_of_many_names(names, headers, size, shorter=0):
    """One table of pointers, and names that all have its inode: an ELF file of `headers` PT_LOADs. Each size is smaller than the last by
    `shorter`."""
    length = min(size, 0x3000)
    program = b"\x7fELF\1\1\1" + bytes(9)
    program += struct.pack("<HHIIIIIHHHHHH", 2, 40, 1, 0x10000, 52, 0, 0, 52, 32, headers, 0, 0, 0)
    program += struct.pack("<8I", 1, 0, 0x10000, 0x10000, length, length, 5, 4096) * headers
    stream = zlib.compress(program.ljust(SHAPE.page, b"\0"))
    table, pointers = 76 + 20 * names, -(-size // SHAPE.page)
    end = table + 4 * pointers + len(stream)
    image = image_of(end, 20 * names)
    image.patch(76, b"".join(entry(image, b"%05d" % n, REGULAR | 0o755, size - n * shorter, table) for n in range(names)))
    image.patch(table, image.word(end) * pointers + stream)  # every page but the first is a hole
    return image.bytes()


# The hash of names as it was, without a key: 64-bit words, and steps that can be run backwards.
WORD = (1 << 64) - 1
MULTIPLY_A, MULTIPLY_B = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F
DIVIDE_A, DIVIDE_B = (pow(factor, -1, 1 << 64) for factor in (MULTIPLY_A, MULTIPLY_B))


def unmix(mixed, value):
    """The hash before mix(hash, value) = mixed."""
    turned = (mixed ^ mixed >> 32) * DIVIDE_A & WORD
    return (turned >> 29 | turned << 35 & WORD) ^ value * MULTIPLY_B & WORD


def mix(value, word):
    value ^= word * MULTIPLY_B & WORD
    value = ((value << 29 & WORD) | value >> 35) * MULTIPLY_A & WORD
    return value ^ value >> 32


def name_of_one_hash(number):
    """Names of 16 bytes that all have one hash in the root. The first 8 bytes are `number` in letters."""
    first = b"".join(b"%c" % (0x30 + (number >> shift & 15)) for shift in range(0, 32, 4))
    even = mix(mix(MULTIPLY_A, int.from_bytes(first, "little")), 0)
    odd = (unmix(unmix(0x0123456789ABCDEF, MULTIPLY_B), 0) ^ even) * DIVIDE_B & WORD
    second = (unmix(unmix(odd, 0), 0) ^ 16) * DIVIDE_B & WORD
    return first + second.to_bytes(8, "little")


def names_of_one_hash(count=150_000):
    names = []
    number = 0
    while len(names) < count:
        name = name_of_one_hash(number)
        number += 1
        if 0 not in name and 0x2F not in name:
            names.append(name)
    image = image_of(76 + 28 * count + 264, 28 * count, flags=FSID_VERSION_2)
    image.patch(76, b"".join(entry(image, name, REGULAR | 0o644, 0, 0) for name in names))
    return image.bytes()
