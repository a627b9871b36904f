"""Pointer tables, pointers, and the blocks that they point at."""
import zlib

from cases import SMALL_PAGES, Found, case
from maker import DIRECT, STORED, Image, deflated, directory, file, hole, special, stored


@case(Found("table-outside", "/f"))
def table_begins_at_the_images_end(shape, wrong):
    target = file(b"f", size=0)
    image = Image(shape, target)
    if wrong:
        target.offset, target.size = image.length, 9
    return image.bytes()


@case(Found("table-outside", "/f"))
def table_of_a_file_of_16_mib_is_cut_by_the_images_end(shape, wrong):
    # The last 4 bytes of the image are the table's first pointer.
    target = file(b"f", size=0)
    image = Image(shape, target)
    if wrong:
        target.offset, target.size = image.length - 4, (1 << 24) - 1
    return image.bytes()


@case(Found("table-outside", "/f"))
def table_lies_at_the_largest_offset_an_inode_holds(shape, wrong):
    target = file(b"f", size=0)
    image = Image(shape, target)
    if wrong:
        target.offset, target.size = ((1 << 26) - 1) * 4, 1
    return image.bytes()


@case(Found("table-overlap", "/b"))
def table_begins_at_anothers_second_pointer(shape, wrong):
    first = file(b"a", hole(), hole(), size=shape.page + 1)
    second = file(b"b", hole(), size=7)
    image = Image(shape, first, second)
    if wrong:  # that pointer is a hole for both, since both tables end at the same place
        second.offset = second.at = first.at + 4
        second.blocks = [first.blocks[1]]
    return image.bytes()


@case(Found("table-overlap", "/b"))
def table_lies_in_a_directory(shape, wrong):
    inner, second = directory(b"a", special(b"name", 0o100644)), file(b"b", hole(), size=7)
    image = Image(shape, inner, second)
    if wrong:
        second.offset, second.blocks = inner.at + 12, []  # the name
    return image.bytes()


@case(Found("pointer-backwards", "/f", 0))
def first_pointer_ends_in_its_own_table(shape, wrong):
    target = file(b"f", hole(), size=7)
    image = Image(shape, target)
    image.flags = image.needed_flags()
    target.blocks[0].pointer -= 4 * wrong
    if wrong:
        image.flags &= ~0x100  # no hole is left
    return image.bytes()


@case(Found("pointer-backwards", "/f", 1))
def second_pointer_ends_a_byte_before_its_start(shape, wrong):
    target = file(b"f", deflated(b"x" * shape.page), hole(), size=shape.page + 7)
    image = Image(shape, target)
    target.blocks[1].pointer -= wrong
    return image.bytes()


@case(Found("pointer-backwards", "/f", 1))
def plain_pointer_behind_a_page_in_place_ends_in_it(shape, wrong):
    target = file(b"f", stored(b"x" * shape.page, direct=True, align=shape.page), hole(), size=shape.page + 7)
    image = Image(shape, target)
    target.blocks[1].pointer -= wrong
    return image.bytes()


@case(Found("pointer-outside", "/f", 0))
def direct_stored_block_is_cut_by_the_images_end(shape, wrong):
    target = file(b"f", stored(bytes(10), direct=True))
    image = Image(shape, target)
    target.blocks[0].pointer = (image.length - 12 + 4 * wrong) >> 2 | DIRECT | STORED
    return image.bytes()


@case(Found("pointer-outside", "/f", 0))
def direct_stored_block_at_4_gib(shape, wrong):
    target = file(b"f", stored(bytes(10), direct=True))
    image = Image(shape, target)
    if wrong:
        target.blocks[0].pointer = (1 << 30) - 1 | DIRECT | STORED
    return image.bytes()


@case(Found("pointer-outside", "/f", 0))
def plain_stored_block_ends_behind_the_images_end(shape, wrong):
    target = file(b"f", stored(bytes(20)))
    image = Image(shape, target)
    target.at = target.offset = image.length - 24  # table and block fill the image to its last byte
    target.blocks[0].at = target.at + 4
    target.blocks[0].pointer = image.length | STORED
    if wrong:  # one byte more of both, so that neither is short
        target.blocks[0].pointer += 1
        target.size += 1
    return image.bytes()


@case(Found("prefix-outside", "/f", 0))
def direct_deflated_block_begins_at_the_images_end(shape, wrong):
    target = file(b"f", hole(direct=True), size=7)
    image = Image(shape, target)
    target.blocks[0].pointer = (image.length - 4 * (not wrong)) >> 2 | DIRECT
    if wrong:
        image.flags = image.needed_flags() & ~0x100
    return image.bytes()


@case(Found("pointer-outside", "/f", 0))
def length_in_front_of_a_direct_block_reaches_outside(shape, wrong):
    target = file(b"f", deflated(b"x" * 50, direct=True))
    image = Image(shape, target)
    stream = target.blocks[0].raw
    at = image.length - 4 * ((len(stream) + 2 + 3) // 4)
    target.blocks[0].at, target.blocks[0].pointer = at, at >> 2 | DIRECT
    target.blocks[0].raw = stream + bytes(image.length - at - 2 - len(stream))
    if wrong:
        length = len(target.blocks[0].raw) + 1
        image.patch(at, length.to_bytes(2, shape.order))
    return image.bytes()


@case(Found("block-length", "/f", 0))
def deflated_block_is_a_byte_longer_than_two_pages(shape, wrong):
    stream = zlib.compress(b"hello" * 20)
    return Image(shape, file(b"f", deflated(b"hello" * 20, raw=stream.ljust(2 * shape.page + wrong, b"\0")))).bytes()


@case(Found("block-length", "/f", 0), shapes=SMALL_PAGES)
def direct_deflated_block_is_a_byte_longer_than_two_pages(shape, wrong):
    stream = zlib.compress(b"hello" * 20).ljust(2 * shape.page + wrong, b"\0")
    return Image(shape, file(b"f", deflated(b"hello" * 20, raw=stream, direct=True))).bytes()


@case(Found("block-length", "/f", 0))
def stored_block_is_a_byte_longer_than_a_page(shape, wrong):
    page = b"x" * shape.page
    return Image(shape, file(b"f", stored(page, raw=page + b"x" * wrong))).bytes()


@case(Found("block-overlap", "/a", 0))
def block_begins_within_anothers(shape, wrong):
    first, second = file(b"a", stored(bytes(10), direct=True)), file(b"b", stored(bytes(10), direct=True))
    image = Image(shape, first, second)
    first.blocks[0].pointer = second.blocks[0].pointer + wrong  # in units of 4; shared whole it is right
    return image.bytes()


@case(Found("block-in-metadata", "/f", 0))
def block_lies_in_its_own_table(shape, wrong):
    target = file(b"f", stored(bytes(4), direct=True))
    image = Image(shape, target)
    target.blocks[0].pointer -= wrong
    return image.bytes()


@case(Found("block-inflate", "/f", 0))
def last_byte_of_a_stream_is_not_its_checksums(shape, wrong):
    target = file(b"f", deflated(b"hello" * 20))
    image = Image(shape, target)
    raw = bytearray(target.blocks[0].raw)
    raw[-1] ^= wrong
    target.blocks[0].raw = bytes(raw)
    return image.bytes()


@case(Found("block-inflate", "/f", 0))
def stream_of_deflate_without_the_zlib_header(shape, wrong):
    stream = zlib.compress(b"hello" * 20)
    return Image(shape, file(b"f", deflated(b"hello" * 20, raw=stream[2:-4] if wrong else stream))).bytes()


@case(Found("block-over-page", "/f", 0))
def stream_of_a_last_block_gives_a_byte_more_than_a_page(shape, wrong):
    # Anything up to a page would be block-past-end, so that the twin's file is that long.
    stream = zlib.compress(b"x" * (shape.page + wrong))
    return Image(shape, file(b"f", deflated(b"", raw=stream), size=100 if wrong else shape.page)).bytes()


@case(Found("block-over-page", "/f", 0))
def stream_gives_a_thousand_pages(shape, wrong):
    stream = zlib.compress(b"x" * shape.page * (1000 if wrong and shape.page == 4096 else 1 + 99 * wrong), 9)
    return Image(shape, file(b"f", deflated(b"", raw=stream), size=shape.page)).bytes()


@case(Found("block-inflate", "/f", 0))
def stream_of_a_page_lacks_its_last_byte(shape, wrong):
    # Some libraries take the missing bits for zeroes, and see more than a page.
    stream = zlib.compress(bytes(range(256)) * (shape.page // 256))
    return Image(shape, file(b"f", deflated(b"", raw=stream[:len(stream) - wrong]), size=shape.page)).bytes()


@case(Found("block-slack", "/f", 0))
def a_byte_behind_the_stream_in_its_block(shape, wrong):
    stream = zlib.compress(b"hello" * 20) + bytes(8) + bytes([wrong])
    return Image(shape, file(b"f", deflated(b"hello" * 20, raw=stream))).bytes()


@case(Found("hole-stored", "/f", 0))
def pointer_of_a_hole_says_stored(shape, wrong):
    target = file(b"f", hole(), stored(b"end"), size=shape.page + 3)
    image = Image(shape, target)
    target.blocks[0].pointer |= STORED * wrong
    return image.bytes()


@case(Found("pointer-outside", "/f", 0), Found("pointer-wrap", "/f", 1))
def plain_block_behind_a_direct_one_that_ends_beyond_1_gib(shape, wrong):
    # The direct pointer leads outside of the image, unless that has a GiB; the case is about the
    # pointer after it.
    # Zeroes, since no owner has the bytes that it does not point at.
    target = file(b"f", stored(bytes(shape.page), direct=True, align=shape.page), stored(bytes(3)), size=shape.page + 3)
    image = Image(shape, target)
    if wrong:
        target.blocks[0].pointer = (1 << 30) - shape.page + 4 >> 2 | DIRECT | STORED
        target.blocks[1].pointer = 4 + 3 | STORED
    return image.bytes()


@case(Found("tail-shared", "/f", 0))
def another_files_block_behind_the_end_of_a_page_in_place(shape, wrong):
    other = file(b"a", stored(b"y" * 100, direct=True))
    target = file(b"f", stored(b"x" * 100, direct=True, align=shape.page))
    image = Image(shape, other, target)
    if wrong:
        other.blocks[0].at = target.blocks[0].at + 200
        other.blocks[0].pointer = other.blocks[0].at >> 2 | DIRECT | STORED
    return image.bytes()


@case(Found("in-place-shared", "/g", 1), options=["--kernel=nommu"])
def two_inodes_have_a_page_in_place(shape, wrong):
    page = b"x" * shape.page
    first = file(b"f", stored(page, direct=True, align=shape.page), deflated(b"f"), size=shape.page + 1)
    second = file(b"g", deflated(b"y" * shape.page, direct=True), stored(page, direct=True, align=shape.page),
                  deflated(b"g"), size=2 * shape.page + 1)
    image = Image(shape, first, second)
    if wrong:
        second.blocks[1].at = first.blocks[0].at
        second.blocks[1].pointer = first.blocks[0].pointer
        second.blocks[2].pointer = first.blocks[1].pointer
        second.blocks[2].at = first.blocks[1].at
        second.blocks[2].raw = first.blocks[1].raw
    return image.bytes()


@case(Found("block-in-metadata", "/d/f", 0))
def block_lies_in_its_own_directory(shape, wrong):
    inner = directory(b"d", file(b"f", stored(b"name", direct=True)))
    image = Image(shape, inner)
    block = inner.entries[0].blocks[0]
    if wrong:  # the name of the entry
        block.at, block.pointer = inner.at + 12, inner.at + 12 >> 2 | DIRECT | STORED
        block.raw = b"f\0\0\0"
    return image.bytes()


@case(Found("block-inflate", "/f", 0))
def stream_lacks_its_last_byte(shape, wrong):
    stream = zlib.compress(b"hello" * 20)
    return Image(shape, file(b"f", deflated(b"hello" * 20, raw=stream[:len(stream) - wrong]))).bytes()


@case(Found("block-over-page", "/f", 1))
def stream_gives_a_byte_more_than_a_page(shape, wrong):
    page = b"x" * shape.page
    stream = zlib.compress(page + b"x" * wrong)
    return Image(shape, file(b"f", deflated(page), deflated(page, raw=stream), size=2 * shape.page)).bytes()


@case(Found("block-past-end", "/f", 0))
def stream_gives_a_byte_more_than_the_file_has(shape, wrong):
    return Image(shape, file(b"f", deflated(b"x" * 50), size=50 - wrong)).bytes()


@case(Found("block-past-end", "/f", 0))
def stored_block_holds_a_byte_more_than_the_file_has(shape, wrong):
    return Image(shape, file(b"f", stored(b"x" * 50), size=50 - wrong)).bytes()


def two_owners(shape, wrong, form, names, last):
    """A file of two pages, and one that ends inside a page: the last block of the second is the second block of the
    first."""
    page = b"x" * shape.page
    whole = file(names[0], deflated(b"y" * shape.page, direct=True), form(page, direct=True), form(page, direct=True),
                 deflated(b"z"), size=3 * shape.page + 1)
    part = file(names[1], form(page, direct=True), size=shape.page - last)
    image = Image(shape, *sorted([whole, part], key=lambda node: node.name))
    if wrong:
        block, there = part.blocks[0], whole.blocks[1]
        block.at, block.raw, block.pointer = there.at, there.raw, there.pointer
    else:
        part.size = shape.page
    return image.bytes()


@case(Found("block-past-end", "/b", 0))
def shorter_file_shares_the_deflated_block_of_one_before_it(shape, wrong):
    return two_owners(shape, wrong, deflated, (b"a", b"b"), 3)


@case(Found("block-past-end", "/a", 0))
def shorter_file_shares_the_deflated_block_of_one_after_it(shape, wrong):
    return two_owners(shape, wrong, deflated, (b"b", b"a"), 3)


@case(Found("block-past-end", "/b", 0), Found("block-past-end", "/c", 0))
def each_of_two_shorter_files_that_share_a_block(shape, wrong):
    page = b"x" * shape.page
    nodes = [file(name, deflated(page, direct=True)) for name in (b"a", b"b", b"c")]
    image = Image(shape, *nodes)
    for number, node in enumerate(nodes[1:], 1):
        node.blocks[0].at, node.blocks[0].pointer = nodes[0].blocks[0].at, nodes[0].blocks[0].pointer
        node.size -= number * wrong
    return image.bytes()


@case(Found("block-short", "/b", 0))
def longer_file_shares_the_block_of_one_before_it(shape, wrong):
    first, second = file(b"a", deflated(b"x" * 50, direct=True)), file(b"b", deflated(b"x" * 50, direct=True))
    image = Image(shape, first, second)
    second.blocks[0].at, second.blocks[0].pointer = first.blocks[0].at, first.blocks[0].pointer
    second.size += wrong
    return image.bytes()


@case(Found("block-past-end", "/b", 1))
def shorter_file_shares_a_plain_stored_block(shape, wrong):
    # Both have the direct block before it, too: a plain block begins where that one ends.
    first = file(b"a", deflated(b"x" * shape.page, direct=True), stored(b"y" * 50), size=shape.page + 50)
    second = file(b"b", deflated(b"x" * shape.page, direct=True), stored(b"y" * 50), size=shape.page + 50)
    image = Image(shape, first, second)
    for block, there in zip(second.blocks, first.blocks):
        block.at, block.pointer = there.at, there.pointer
    second.size -= wrong
    return image.bytes()


@case(Found("block-short", "/f", 0))
def stream_gives_a_byte_less_than_the_file_has(shape, wrong):
    return Image(shape, file(b"f", deflated(b"x" * 50), size=50 + wrong)).bytes()


@case(Found("block-short", "/f", 0))
def stored_block_holds_a_byte_less_than_a_page(shape, wrong):
    page = b"x" * shape.page
    raw = page[:len(page) - wrong]
    return Image(shape, file(b"f", stored(page, raw=raw), deflated(page), size=2 * shape.page)).bytes()


@case(Found("tail-lost", "/f", 0))
def trap_1_file_of_a_page_in_place(shape, wrong):
    page = b"x" * (shape.page - 1) + b"\0"  # the file that is a byte shorter ends in padding that holds zeroes
    target = file(b"f", stored(page, direct=True, align=shape.page), size=shape.page - (not wrong))
    return Image(shape, target).bytes()


@case(Found("tail-lost", "/f", 1))
def trap_1_last_of_two_pages_in_place(shape, wrong):
    pages = [stored(b"x" * shape.page, direct=True, align=shape.page),
             stored(b"y" * (shape.page - 1) + b"\0", direct=True, align=shape.page)]
    return Image(shape, file(b"f", *pages, size=2 * shape.page - (not wrong))).bytes()


@case(Found("tail-lost", "/f", 0))
def trap_1_last_block_direct_and_stored_at_no_page_boundary(shape, wrong):
    # read(2) loses it wherever it is; only mmap(2) needs the alignment.
    page = b"x" * (shape.page - 1) + b"\0"
    target = file(b"f", stored(page, direct=True), size=shape.page - (not wrong))
    return Image(shape, target).bytes()
