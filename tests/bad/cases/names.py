"""Names, the entries that they name, and their order."""
from cases import Found, case
from cases.directories import node
from maker import (BLOCK_DEVICE, CHARACTER, FIFO, FSID_VERSION_2, SOCKET, SORTED_DIRS, Image, Node, deflated, directory,
                   file, hole, link, special, stored)


def one_name(shape, name, **fields):
    return Image(shape, directory(b"d", Node(name, 0o100644, **fields))).bytes()


@case(Found("name-empty", "/d/"))
def name_of_zeroes(shape, wrong):
    return one_name(shape, b"\0" if wrong else b"x")


@case(Found("name-empty", "/d/"))
def name_of_no_bytes(shape, wrong):
    return one_name(shape, b"" if wrong else b"x")


@case(Found("name-dot", "/d/."))
def name_dot(shape, wrong):
    return one_name(shape, b"." if wrong else b"x")


@case(Found("name-dot", "/d/.."))
def name_dot_dot(shape, wrong):
    return one_name(shape, b".." if wrong else b".x")


@case(Found("name-slash", "/d/a/b"))
def name_with_a_slash(shape, wrong):
    return one_name(shape, b"a/b" if wrong else b"a-b")


@case(Found("name-slash", "/d//"))
def name_that_is_a_slash(shape, wrong):
    return one_name(shape, b"/" if wrong else b"x")


@case(Found("name-nul", r"/d/a\000b"))
def name_with_a_nul_inside(shape, wrong):
    return one_name(shape, b"a\0b" if wrong else b"a-b")


@case(Found("name-nul", r"/d/\000b"))
def name_that_begins_with_nul(shape, wrong):
    return one_name(shape, b"\0b" if wrong else b"ab")


@case(Found("name-duplicate", "/d/a"))
def one_name_twice(shape, wrong):
    return Image(shape, directory(b"d", node(b"a"), node(b"a" if wrong else b"b"))).bytes()


@case(Found("name-duplicate", "/a"), Found("name-padding", "/a"))
def one_name_twice_with_different_padding(shape, wrong):
    # The kernel drops trailing zeroes when it lists. So two entries have one name, one padded by 4 bytes
    # more.
    return Image(shape, node(b"a"), Node(b"a" if wrong else b"b", 0o100644, name_units=1 + wrong)).bytes()


@case(Found("name-padding", "/d/a"))
def trap_11_name_padded_by_four_zeroes_too_many(shape, wrong):
    return one_name(shape, b"a", name_units=1 + wrong)


@case(Found("name-padding", "/d/abcd"))
def trap_11_name_of_four_bytes_padded_by_four_zeroes(shape, wrong):
    return one_name(shape, b"abcd", name_units=1 + wrong)


@case(Found("name-padding", "/d"))
def trap_11_name_of_a_directory_padded_to_252_bytes(shape, wrong):
    # Everything below it is lost, too.
    return Image(shape, directory(b"d", node(b"x"), name_units=63 if wrong else 1)).bytes()


@case(Found("name-padding", "/ab"))
def trap_11_padded_name_does_not_stop_the_lookup_of_one_of_its_length(shape, wrong):
    # lookup("aa") passes over it, by the length of the entry, where the greater name would stop it.
    return Image(shape, Node(b"ab" if wrong else b"a", 0o100644, name_units=1 + wrong), node(b"aa"),
                 flags=FSID_VERSION_2 | SORTED_DIRS).bytes()


@case(Found("name-duplicate", "/a"))
def one_name_twice_and_others_between_them(shape, wrong):
    flags = FSID_VERSION_2  # unsorted, so that only the name counts
    return Image(shape, node(b"a"), node(b"c"), node(b"b"), node(b"a" if wrong else b"d"), flags=flags).bytes()


def order(shape, *names, flags=FSID_VERSION_2 | SORTED_DIRS):
    return Image(shape, *map(node, names), flags=flags).bytes()


@case(Found("name-order", "/b"))
def trap_6_first_byte_less_than_that_of_the_name_before(shape, wrong):
    return order(shape, b"c" if wrong else b"a", b"b")


@case(Found("name-order", "/b"))
def trap_6_only_the_flag_makes_the_order_wrong(shape, wrong):
    return order(shape, b"c", b"b", flags=FSID_VERSION_2 | wrong * SORTED_DIRS)


@case(Found("name-order", "/ab"))
def trap_6_names_of_equal_length_in_the_wrong_order(shape, wrong):
    return order(shape, b"ac" if wrong else b"aa", b"ab")


@case(Found("name-order", "/~"))
def trap_6_names_are_sorted_by_signed_bytes(shape, wrong):
    # As signed bytes 0xa0 is less than 0x7e.
    return order(shape, b"\xa0", b"~") if wrong else order(shape, b"~", b"\xa0")


@case(Found("name-order", "/ab"))
def trap_6_name_is_hidden_behind_one_that_is_not_next_to_it(shape, wrong):
    # lookup("ab") stops at "ac", of its length and later; lookup("aaa") goes on, since its length differs.
    return order(shape, b"ac" if wrong else b"aa", b"aaa", b"ab")


@case(Found("name-order", "/b"), Found("name-order", "/c"))
def trap_6_two_names_in_order_both_hidden_behind_a_greater_one(shape, wrong):
    # "c" follows "b" as it should, and lookup("c") nevertheless stops at "d".
    return order(shape, b"d" if wrong else b"a", b"b", b"c")


@case(Found("name-order", "/d/x"))
def trap_6_order_within_a_directory_below_the_root(shape, wrong):
    return Image(shape, directory(b"d", node(b"y" if wrong else b"w"), node(b"x"))).bytes()


@case(Found("device-number", "/n"))
def trap_4_character_device_with_minor_300(shape, wrong):
    # The bytes of a builder that packs 10:300 as Linux does, with a minor number of 20 bits; the kernel reads
    # 10:44.
    return Image(shape, special(b"n", CHARACTER | 0o600, 0x10A2C if wrong else 0x0A2C)).bytes()


@case(Found("device-number", "/n"))
def trap_4_block_device_one_above_the_largest_number(shape, wrong):
    return Image(shape, special(b"n", BLOCK_DEVICE | 0o600, 0xFFFF + wrong)).bytes()


@case(Found("special-size", "/n"))
def fifo_with_a_size(shape, wrong):
    return Image(shape, special(b"n", FIFO | 0o600, wrong)).bytes()


@case(Found("special-size", "/n"))
def socket_with_the_largest_size(shape, wrong):
    return Image(shape, special(b"n", SOCKET | 0o600, ((1 << 24) - 1) * wrong)).bytes()


@case(Found("special-offset", "/n"))
def device_with_a_data_offset(shape, wrong):
    node = special(b"n", CHARACTER | 0o600, 0x103)
    image = Image(shape, node)
    node.offset = 76 * wrong
    return image.bytes()


@case(Found("special-offset", "/n"))
def fifo_with_a_data_offset(shape, wrong):
    node = special(b"n", FIFO | 0o600)
    image = Image(shape, node)
    node.offset = 4 * wrong
    return image.bytes()


@case(Found("name-control", r"/d/a\nb"))
def name_with_a_newline(shape, wrong):
    return one_name(shape, b"a\nb" if wrong else b"a-b")


@case(Found("name-control", r"/d/\033[2J"))
def name_that_clears_the_screen(shape, wrong):
    return one_name(shape, (b"\x1b" if wrong else b"\x20") + b"[2J")


@case(Found("name-control", r"/d/\177"))
def name_that_deletes(shape, wrong):
    return one_name(shape, b"\x7f" if wrong else b"\x7e")


@case(Found("name-control", r"/d/\302\233J"))
def name_with_a_control_of_two_bytes(shape, wrong):
    return one_name(shape, "\x9bJ".encode() if wrong else "\xe9J".encode())


@case(Found("name-control", r"/d/\233J"))
def name_with_a_control_that_is_no_utf8(shape, wrong):
    return one_name(shape, b"\x9bJ" if wrong else b"\xe9J")


@case(Found("name-control", r"/d/a\342\200\256gpj"))
def name_that_turns_round(shape, wrong):
    return one_name(shape, "a\u202egpj".encode() if wrong else "a\u203agpj".encode())


@case(Found("name-control", r"/d/\363\240\201\201"))
def name_of_a_tag(shape, wrong):
    return one_name(shape, "\U000e0041".encode() if wrong else "\U0001f600".encode())


@case(Found("link-nul", "/l", 0))
def stored_target_with_a_nul(shape, wrong):
    return Image(shape, link(b"l", b"a\0b" if wrong else b"a/b")).bytes()


@case(Found("link-nul", "/l", 0))
def deflated_target_that_ends_with_a_nul(shape, wrong):
    target = link(b"l", b"far" * 30)
    target.blocks = [deflated(b"far" * 29 + (b"fa\0" if wrong else b"far"))]
    return Image(shape, target).bytes()


@case(Found("link-nul", "/l", 0), Found("block-short", "/l", 0))
def trap_12_target_stored_in_fewer_bytes_than_it_has(shape, wrong):
    return Image(shape, link(b"l", b"target", blocks=[stored(b"tar" if wrong else b"target")])).bytes()


@case(Found("link-nul", "/l", 0), Found("block-short", "/l", 0))
def trap_12_target_deflated_in_fewer_bytes_than_it_has(shape, wrong):
    target = b"far" * 30
    return Image(shape, link(b"l", target, blocks=[deflated(target[:90 - wrong])])).bytes()


@case(Found("link-nul", "/l", 0))
def trap_12_target_in_a_hole(shape, wrong):
    image = Image(shape, link(b"l", b"target", blocks=[hole() if wrong else stored(b"target")]), file(b"m", hole(), size=7))
    return image.bytes()


def shared(image, first, *others):
    """Point the one block of each of the others at that of the first, which is direct."""
    for other in others:
        block, there = other.blocks[0], first.blocks[0]
        block.at, block.raw, block.pointer = there.at, there.raw, there.pointer
    return image.bytes()


@case(Found("link-nul", "/m", 0))
def trap_12_target_shares_the_stored_block_of_a_file_that_holds_a_zero(shape, wrong):
    text = b"/etc/passwd" + (b"\0" if wrong else b"/") + b"hidden"
    first, second = file(b"f", stored(text, direct=True)), link(b"m", text, blocks=[stored(text, direct=True)])
    return shared(Image(shape, first, second), first, second)


@case(Found("link-nul", "/m", 0))
def trap_12_target_shares_the_deflated_block_of_a_file_that_holds_a_zero(shape, wrong):
    text = b"/etc/passwd" * 9 + (b"\0" if wrong else b"/") + b"hidden"
    first, second = file(b"f", deflated(text, direct=True)), link(b"m", text, blocks=[deflated(text, direct=True)])
    return shared(Image(shape, first, second), first, second)


@case(Found("link-nul", "/m", 0), Found("link-nul", "/n", 0))
def trap_12_each_link_that_shares_such_a_block(shape, wrong):
    text = b"a" + (b"\0" if wrong else b"/") + b"b"
    nodes = [file(b"f", stored(text, direct=True)), link(b"m", text, blocks=[stored(text, direct=True)]),
             link(b"n", text, blocks=[stored(text, direct=True)])]
    return shared(Image(shape, *nodes), *nodes)


@case(Found("shared-inode", "/l"), Found("link-nul", "/l", 0))
def trap_2_and_12_link_shares_the_table_of_a_file_that_holds_a_zero(shape, wrong):
    first, second = file(b"f", stored(b"a\0b" if wrong else b"a/b")), link(b"l", b"a/b")
    image = Image(shape, first, second)
    if wrong:
        second.offset = second.at = first.offset
        second.blocks = first.blocks
        image.super_fields["blocks"] = 2
    return image.bytes()


@case(Found("link-empty", "/l"))
def link_to_nowhere(shape, wrong):
    return Image(shape, link(b"l", b"" if wrong else b"x")).bytes()


@case(Found("link-length", "/l"))
def link_target_of_a_page(shape, wrong):
    return Image(shape, link(b"l", b"t" * (shape.page - (not wrong)))).bytes()


@case(Found("file-nowhere", "/f"))
def file_with_bytes_and_no_offset(shape, wrong):
    image = Image(shape, file(b"f", size=5 * wrong))
    image.root.entries[0].offset = 0
    return image.bytes()


@case(Found("file-nowhere", "/l"))
def link_with_bytes_and_no_offset(shape, wrong):
    # The image has to be wrong in both fields: a link is never empty.
    target = link(b"l", b"x")
    image = Image(shape, target)
    if wrong:
        target.offset, target.blocks = 0, []
    return image.bytes()
