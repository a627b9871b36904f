"""The superblock, the image around it, and the bytes without an owner."""
from cases import SHAPES, Found, case
from maker import (CHARACTER, DIRECTORY, ENTRY_WINDOW, EXT_BLOCK_POINTERS, FSID_VERSION_2, HOLES, REGULAR, SHIFTED_ROOT_OFFSET,
                   SORTED_DIRS, SUPER_BYTES, Image, deflated, directory, file, hole, special, stored)


def small(shape, **options):
    return Image(shape, directory(b"d"), file(b"f", deflated(b"hello " * 9)), **options)


@case(Found("truncated"))
def superblock_counts_a_page_more_than_the_file_holds(shape, wrong):
    image = small(shape)
    # The CRC is that of the existing bytes, so that only the size is wrong.
    image.super_fields["size"] = image.length + wrong * shape.page
    return image.bytes()


@case(Found("super-size"))
def superblock_counts_less_than_its_own_end(shape, wrong):
    # Without entries, or their place would be outside, too.
    image = Image(shape)
    if wrong:
        image.super_fields["size"] = shape.boot + SUPER_BYTES - 1
    return image.bytes()


@case(Found("flags-unknown"))
def flag_without_a_meaning(shape, wrong):
    return small(shape, flags=FSID_VERSION_2 | SORTED_DIRS | wrong * 4).bytes()


@case(Found("super-future"))
def field_for_future_use_is_used(shape, wrong):
    return small(shape, future=wrong).bytes()


@case(Found("super-name"))
def volume_name_has_a_byte_behind_its_end(shape, wrong):
    return small(shape, name=b"name\0" + b"x" * wrong).bytes()


@case(Found("root-mode", "/"))
def trap_7_root_that_nobody_else_should_read(shape, wrong):
    image = small(shape)
    image.root.mode = DIRECTORY | (0o700 if wrong else 0o755)
    return image.bytes()


@case(Found("root-name", "/"))
def root_has_the_length_of_a_name(shape, wrong):
    image = small(shape)
    image.root.name_units = wrong
    return image.bytes()


@case(Found("block-count"))
def superblock_counts_more_blocks_than_the_files_have(shape, wrong):
    return small(shape, blocks=1 + wrong).bytes()


@case(Found("block-count"))
def superblock_counts_fewer_blocks_than_stand_in_the_image(shape, wrong):
    return small(shape, blocks=1 - wrong).bytes()


@case(Found("ext-needless"))
def trap_10_older_readers_refuse_it_for_nothing(shape, wrong):
    return small(shape, flags=FSID_VERSION_2 | SORTED_DIRS | wrong * EXT_BLOCK_POINTERS).bytes()


@case(Found("super-flags"))
def unknown_flag_0x1000(shape, wrong):
    return small(shape, flags=FSID_VERSION_2 | SORTED_DIRS | wrong * 0x1000).bytes()


@case(Found("super-flags"))
def unknown_flag_in_the_topmost_bit(shape, wrong):
    return small(shape, flags=FSID_VERSION_2 | SORTED_DIRS | wrong << 31).bytes()


@case(Found("super-root", "/"))
def root_is_a_regular_file(shape, wrong):
    image = Image(shape)
    if wrong:
        image.root.mode = REGULAR | 0o755
    return image.bytes()


@case(Found("super-root", "/"))
def root_has_no_type(shape, wrong):
    image = Image(shape)
    if wrong:
        image.root.mode = 0o755
    return image.bytes()


@case(Found("root-offset", "/"))
def root_entries_are_shifted_and_no_flag_says_so(shape, wrong):
    shifted = 0 if wrong else SHIFTED_ROOT_OFFSET
    return small(shape, root_at=2048, flags=FSID_VERSION_2 | SORTED_DIRS | shifted).bytes()


@case(Found("signature"))
def signature_differs_in_a_byte(shape, wrong):
    return small(shape, signature=b"Compressed ROMF" + (b"s" if wrong else b"S")).bytes()


@case(Found("crc"))
def crc_differs_in_a_bit(shape, wrong):
    image = small(shape)
    good = image.word(int.from_bytes(image.bytes()[shape.boot + 32:shape.boot + 36], shape.order))
    image.super_fields["crc"] = int.from_bytes(good, shape.order) ^ wrong
    return image.bytes()


@case(Found("crc"))
def a_byte_of_the_image_changed_after_the_crc_was_made(shape, wrong):
    image = bytearray(small(shape).bytes())
    image[shape.boot + 36] ^= wrong  # the low or the high byte of the edition, which no other rule looks at
    return bytes(image)


@case(Found("old-format"))
def no_fsid_version_2(shape, wrong):
    return small(shape, flags=SORTED_DIRS | (0 if wrong else FSID_VERSION_2)).bytes()


@case(Found("old-format"))
def no_fsid_version_2_and_nothing_in_its_fields(shape, wrong):
    if not wrong:
        return small(shape).bytes()
    return small(shape, flags=0, size=0, crc=0, blocks=0, files=0).bytes()


@case(Found("counts"))
def superblock_counts_a_file_too_many(shape, wrong):
    return small(shape, files=3 + wrong).bytes()


@case(Found("image-length"))
def trap_5_image_ends_within_a_page(shape, wrong):
    image = small(shape)
    image.length += wrong * 4
    image.super_fields["size"] = image.length
    return image.bytes()


@case(Found("image-length"), Found("old-format"))
def image_without_a_size_ends_within_a_page(shape, wrong):
    image = small(shape, flags=SORTED_DIRS if wrong else FSID_VERSION_2 | SORTED_DIRS)
    image.length += wrong * 4
    return image.bytes()


@case(Found("trailing-bytes"))
def a_page_behind_the_image(shape, wrong):
    return small(shape).bytes() + wrong * bytes(shape.page)


@case(Found("unowned-bytes"))
def one_byte_in_the_padding_at_the_end(shape, wrong):
    image = small(shape)
    image.patch(image.length - 1, bytes([wrong]))
    return image.bytes()


@case(Found("unowned-bytes"))
def one_byte_between_two_tables(shape, wrong):
    # A stored byte, then three of padding before the next table.
    first, second = file(b"a", stored(b"x")), file(b"b", stored(b"y"))
    image = Image(shape, first, second)
    image.patch(second.at - 1, bytes([wrong]))
    return image.bytes()


@case(Found("unowned-bytes"), Found("tail-shared", "/f", 0))
def one_byte_behind_the_end_of_a_file_in_place(shape, wrong):
    # Rule 6 of mapping drops such a page: "last page is shared".
    image = Image(shape, file(b"f", stored(b"x" * 100, direct=True, align=shape.page)))
    image.patch(image.root.entries[0].blocks[0].at + 100, bytes([wrong]))
    return image.bytes()


@case(Found("holes-flag", "/f", 0))
def a_hole_and_no_flag_says_so(shape, wrong):
    holes = 0 if wrong else HOLES
    return Image(shape, file(b"f", hole(), size=9), flags=FSID_VERSION_2 | SORTED_DIRS | holes).bytes()


def extended(wrong):
    return FSID_VERSION_2 | SORTED_DIRS | (0 if wrong else EXT_BLOCK_POINTERS)


@case(Found("ext-flag", "/f", 0))
def a_stored_block_and_no_flag_says_so(shape, wrong):
    return Image(shape, file(b"f", stored(b"bytes")), flags=extended(wrong)).bytes()


@case(Found("ext-flag", "/f", 0))
def a_direct_block_and_no_flag_says_so(shape, wrong):
    return Image(shape, file(b"f", deflated(b"bytes" * 20, direct=True)), flags=extended(wrong)).bytes()


@case(Found("entry-near-end", "/f"))
def trap_3_last_entry_begins_260_bytes_before_the_end(shape, wrong):
    image = Image(shape, special(b"f", CHARACTER | 0o600))
    # The first multiple of the page that leaves room; the root's one entry is right before its end.
    near = shape.page * (1 + (shape.boot + SUPER_BYTES + ENTRY_WINDOW > shape.page)) - ENTRY_WINDOW + 4 * wrong
    image = Image(shape, special(b"f", CHARACTER | 0o600), root_at=near)
    image.length = near - 4 * wrong + ENTRY_WINDOW
    return image.bytes()


@case(Found("entry-near-end", "/d/f"))
def trap_3_directory_ends_at_the_images_end(shape, wrong):
    at = shape.page - (16 if wrong else ENTRY_WINDOW)
    image = Image(shape, directory(b"d", special(b"f", CHARACTER | 0o600), at=at))
    image.length = shape.page
    return image.bytes()


@case(Found("image-length"), Found("old-format"))
def trap_5_image_without_a_size_ends_within_a_page(shape, wrong):
    # The length is that of the file, whether the superblock counts it or not.
    image = small(shape, flags=SORTED_DIRS if wrong else FSID_VERSION_2 | SORTED_DIRS)
    return image.bytes()[:image.length - 1 * wrong]


@case(Found("vendor-format"))
def blocks_of_openrg_are_lzma_streams(shape, wrong):
    # The properties of LZMA, which are not a zlib stream.
    files = [file(b"%d" % n, deflated(b"hello" * 30, raw=b"\x5d\0\0\4\0" + b"x" * 40 if wrong else None)) for n in range(9)]
    return Image(shape, *files, flags=FSID_VERSION_2 | SORTED_DIRS | wrong * 0xA000).bytes()


@case(Found("vendor-format"))
def inodes_of_16_bytes(shape, wrong):
    names = [b"abcd", b"bcd", b"cd"]
    image = Image(shape, *(special(name, REGULAR | 0o644) for name in names))
    if wrong:
        entries = b"".join(image.inode(node) + b"\0\0\0\1" + node.name_bytes() for node in image.root.entries)
        image.root.size = len(entries)
        image.patch(image.root.at, entries)
    return image.bytes()


def with_spare(image, page, spare):
    return b"".join(image[at:at + page].ljust(page, b"\0") + b"\xff" * spare for at in range(0, len(image), page))


# After boot code, a dump like this has no superblock at 512.
NO_BOOT = [shape for shape in SHAPES if not shape.boot]


@case(Found("vendor-format"), shapes=NO_BOOT)
def dump_of_nand_with_16_spare_bytes_after_each_512(shape, wrong):
    image = small(shape).bytes()
    return with_spare(image, 512, 16) if wrong else image


@case(Found("vendor-format"), shapes=NO_BOOT)
def dump_of_nand_with_64_spare_bytes_after_each_2048(shape, wrong):
    image = small(shape).bytes()
    return with_spare(image, 2048, 64) if wrong else image


@case(Found("crc"))
def crc_is_stored_in_the_other_byte_order(shape, wrong):
    image = bytearray(small(shape).bytes())
    at = shape.boot + 32
    image[at:at + 4] = image[at:at + 4][::-1 if wrong else 1]
    return bytes(image)
