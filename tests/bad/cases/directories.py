"""Directories: where their entries are, and that they are a tree."""
from cases import Found, case
from maker import NAME_AT, REGULAR, Image, Node, deflated, directory, file, hole, special


def node(name):
    """An entry without data: an empty file."""
    return special(name, REGULAR | 0o644)


@case(Found("directory-outside", "/d"))
def directory_begins_at_the_images_end(shape, wrong):
    image = Image(shape, directory(b"d"))
    if wrong:
        image.root.entries[0].offset, image.root.entries[0].size = image.length, 16
    return image.bytes()


@case(Found("directory-outside", "/d"))
def directory_of_16_mib_in_an_image_of_a_few_pages(shape, wrong):
    image = Image(shape, directory(b"d"))
    if wrong:
        image.root.entries[0].offset, image.root.entries[0].size = image.length - shape.page // 2, (1 << 24) - 4
    return image.bytes()


@case(Found("directory-cycle", "/d/e"))
def directory_contains_itself(shape, wrong):
    outer, inner = directory(b"d", directory(b"e")), None
    image = Image(shape, outer)
    inner = outer.entries[0]
    if wrong:
        inner.offset, inner.size = outer.offset, outer.size
    return image.bytes()


@case(Found("directory-cycle", "/d/e"))
def directory_contains_the_root(shape, wrong):
    inner = directory(b"e")
    image = Image(shape, directory(b"d", inner))
    if wrong:
        inner.offset, inner.size = image.root.offset, image.root.size
    return image.bytes()


@case(Found("directory-twice", "/b"))
def directory_has_two_names(shape, wrong):
    first, second = directory(b"a", node(b"x")), directory(b"b")
    image = Image(shape, first, second)
    if wrong:
        second.offset, second.size = first.offset, first.size
    return image.bytes()


@case(Found("directory-overlap", "/b"))
def directory_begins_at_anothers_second_entry(shape, wrong):
    first, second = directory(b"a", node(b"x"), node(b"y")), directory(b"b")
    image = Image(shape, first, second)
    if wrong:
        second.offset, second.size = first.offset + 16, first.size - 16
    return image.bytes()


@case(Found("directory-overlap", "/b"), Found("super-name"))
def directory_lies_in_the_superblock(shape, wrong):
    # The volume's name looks like an entry, so that only its place is wrong.
    other = directory(b"b")
    image = Image(shape, other)
    if wrong:
        image.super_fields["name"] = image.inode(node(b"x")) + b"x\0\0\0"
        other.offset, other.size, image.super_fields["files"] = shape.boot + NAME_AT, 16, 3
    return image.bytes()


@case(Found("directory-nowhere", "/d"))
def directory_with_a_size_and_no_offset(shape, wrong):
    image = Image(shape, directory(b"d", size=16 * wrong))
    return image.bytes()


@case(Found("directory-nowhere", "/"))
def root_with_a_size_and_no_offset(shape, wrong):
    # The kernel says "empty filesystem" and then lists the superblock as entries.
    image = Image(shape)
    image.root.size = 16 * wrong
    return image.bytes()


@case(Found("entry-cut", "/d"))
def four_bytes_behind_the_last_entry(shape, wrong):
    inner = directory(b"d", node(b"x"))
    image = Image(shape, inner)
    inner.size += 4 * wrong  # the padding of the image, which has no owner
    return image.bytes()


@case(Found("name-cut", "/d"))
def name_reaches_behind_its_directory(shape, wrong):
    inner = directory(b"d", node(b"x"))
    image = Image(shape, inner)
    inner.entries[0].name_units = 1 + wrong  # into padding that holds zeroes
    image.super_fields["files"] = 3 - wrong  # an entry that is cut does not count
    return image.bytes()


@case(Found("type", "/f"))
def entry_of_type_0(shape, wrong):
    return Image(shape, Node(b"f", 0o644 if wrong else REGULAR | 0o644)).bytes()


@case(Found("type", "/f"))
def entry_of_type_0xf(shape, wrong):
    return Image(shape, Node(b"f", (0xF000 if wrong else REGULAR) | 0o644)).bytes()


@case(Found("shared-inode", "/l"), Found("link-nul", "/l", 0))  # the table is of a hole: no target
def trap_2_link_and_file_share_a_table(shape, wrong):
    first, second = file(b"f", hole(), size=7), file(b"l", hole(), size=7)
    image = Image(shape, first, second)
    second.offset = second.at = first.offset
    second.blocks = first.blocks
    if wrong:
        second.mode = 0o120644
    return image.bytes()


def two_names_of_one_table(shape, **difference):
    first, second = file(b"f", hole(), size=7), file(b"g", hole(), size=7)
    image = Image(shape, first, second)
    second.offset = second.at = first.offset
    second.blocks = first.blocks
    for field, value in difference.items():
        setattr(second, field, value)
    return image.bytes()


@case(Found("shared-inode", "/g"))
def trap_2_equal_files_of_different_modes_share_a_table(shape, wrong):
    return two_names_of_one_table(shape, mode=REGULAR | (0o600 if wrong else 0o644))


@case(Found("shared-inode", "/g"))
def trap_2_equal_files_of_different_owners_share_a_table(shape, wrong):
    return two_names_of_one_table(shape, uid=wrong)


@case(Found("shared-inode", "/g"))
def trap_2_equal_files_of_different_groups_share_a_table(shape, wrong):
    return two_names_of_one_table(shape, gid=wrong)


def longer_file_of_one_table(shape, second_block, shared=True):
    """/g has one block more than /f, whose table is the beginning of its own."""
    page = deflated(b"x" * shape.page, direct=True)  # a plain block begins where its table ends
    short, long = file(b"f", hole(), size=shape.page), file(b"g", page, second_block, size=shape.page + 7)
    image = Image(shape, short, long)
    if shared:
        short.offset = short.at = long.offset
        short.blocks = long.blocks[:1]
    return image.bytes()


@case(Found("shared-inode", "/g"))
def trap_2_longer_file_shares_the_table_of_a_shorter_one(shape, wrong):
    return longer_file_of_one_table(shape, deflated(b"1234567", direct=True), wrong)


@case(Found("shared-inode", "/g"), Found("prefix-outside", "/g", 1))
def longer_file_has_a_bad_pointer_after_those_of_a_shorter_one(shape, wrong):
    return longer_file_of_one_table(shape, hole(pointer=0x7FFFFFF0 if wrong else None), wrong)


@case(Found("shared-inode", "/g"), Found("block-inflate", "/g", 1))
def longer_file_has_a_damaged_block_after_those_of_a_shorter_one(shape, wrong):
    return longer_file_of_one_table(shape, deflated(b"1234567", direct=True, raw=b"no zlib" if wrong else None), wrong)


@case(Found("shared-inode", "/g"))
def trap_2_files_of_different_sizes_share_a_table(shape, wrong):
    return two_names_of_one_table(shape, size=7 + wrong)
