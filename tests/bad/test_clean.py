"""Images that look odd, but that every kernel reads right: a finding would be a false alarm."""
import zlib

import pytest

from cases import SHAPES, Found
from cases.directories import node
from maker import (CHARACTER, DIRECT, FIFO, FSID_VERSION_2, REGULAR, SOCKET, SORTED_DIRS, BLOCK_DEVICE, Image, Node,
                   deflated, directory, file, hole, link, special, stored)

each_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


@pytest.fixture
def finds_nothing(tools, tmp_path):
    def check(image, shape):
        path = tmp_path / "odd.img"
        path.write_bytes(image.bytes())
        findings, status = tools.check(path, shape.page)
        assert [finding.found for finding in findings] == [] and status == 0
    return check


@each_shape
def test_root_entries_at_588_need_no_flag_wherever_the_superblock_is(finds_nothing, shape):
    finds_nothing(Image(shape, node(b"f"), root_at=588, flags=FSID_VERSION_2 | SORTED_DIRS), shape)


@each_shape
def test_empty_root(finds_nothing, shape):
    finds_nothing(Image(shape), shape)


@each_shape
def test_boot_code_is_not_unowned(finds_nothing, shape):
    image = Image(shape, node(b"f"))
    if shape.boot:
        image.patch(0, b"\xea" * shape.boot)
    finds_nothing(image, shape)


@each_shape
def test_entries_without_data_are_no_shared_inode(finds_nothing, shape):
    finds_nothing(Image(shape, special(b"a", REGULAR | 0o600), special(b"b", REGULAR | 0o4755, uid=7),
                        special(b"c", FIFO | 0o600), special(b"d", SOCKET | 0o600, gid=3),
                        special(b"e", CHARACTER | 0o600, 0xFFFF), special(b"f", BLOCK_DEVICE | 0o600, 0),
                        directory(b"g"), directory(b"h", mode=0o700)), shape)


@each_shape
def test_empty_file_may_have_the_offset_of_another(finds_nothing, shape):
    # The kernel numbers an inode without a size by its entry, not by its offset.
    first, second = file(b"a", hole(), size=7), special(b"b", REGULAR | 0o600)
    image = Image(shape, first, second)
    second.offset = first.offset
    finds_nothing(image, shape)


@each_shape
def test_bytes_behind_a_stream_are_its_blocks(finds_nothing, shape):
    stream = zlib.compress(b"hello" * 20) + bytes(50)
    finds_nothing(Image(shape, file(b"f", deflated(b"hello" * 20, raw=stream))), shape)


@each_shape
def test_all_mixtures_of_plain_and_direct_blocks(finds_nothing, shape):
    page = bytes(range(1, 65)) * (shape.page // 64)
    blocks = [deflated(page), stored(page, direct=True), hole(), stored(page), deflated(page, direct=True), hole(),
              deflated(page), hole(direct=True), stored(page), stored(page, direct=True, align=shape.page),
              deflated(page), stored(page, direct=True), deflated(b"end", direct=True)]
    finds_nothing(Image(shape, file(b"f", *blocks, size=12 * shape.page + 3)), shape)


@each_shape
def test_one_zero_length_word_is_the_hole_of_every_file(finds_nothing, shape):
    files = [file(b"%d" % n, hole(direct=True), hole(direct=True), size=2 * shape.page) for n in range(4)]
    image = Image(shape, *files)
    for each in files:
        for block in each.blocks:
            block.pointer = files[0].blocks[0].at >> 2 | DIRECT
    finds_nothing(image, shape)


@each_shape
def test_files_share_whole_blocks_under_their_own_tables(finds_nothing, shape):
    page = b"shared" * (shape.page // 6) + b"tail"[:shape.page % 6]
    first = file(b"a", deflated(page, direct=True), deflated(page))
    second = file(b"b", deflated(page, direct=True), deflated(page), mode=0o600)
    image = Image(shape, first, second)
    for block, shared in zip(second.blocks, first.blocks):
        block.at, block.pointer = shared.at, shared.pointer
    finds_nothing(image, shape)


@each_shape
def test_last_block_stored_in_place_and_not_whole(finds_nothing, shape):
    finds_nothing(Image(shape, file(b"f", stored(b"x" * shape.page, direct=True, align=shape.page),
                                    stored(b"y", direct=True, align=shape.page))), shape)


@each_shape
def test_last_block_of_whole_pages_compressed_behind_pages_in_place(finds_nothing, shape):
    finds_nothing(Image(shape, file(b"f", stored(b"x" * shape.page, direct=True, align=shape.page),
                                    deflated(b"y" * shape.page, direct=True))), shape)


@each_shape
def test_name_of_252_bytes_and_names_padded_by_0_to_3(finds_nothing, shape):
    finds_nothing(Image(shape, node(b"a"), node(b"ab"), node(b"abc"), node(b"abcd"), node(b"n" * 252), flags=FSID_VERSION_2),
                  shape)


@each_shape
def test_longer_name_before_its_own_beginning_is_found_by_lookup(finds_nothing, shape):
    # Lookup compares bytes only of names of one length, and the first bytes are equal.
    finds_nothing(Image(shape, node(b"ab"), node(b"a")), shape)


@each_shape
def test_unsorted_directory_without_the_flag(finds_nothing, shape):
    finds_nothing(Image(shape, node(b"c"), node(b"a"), node(b"b"), flags=FSID_VERSION_2), shape)


@each_shape
def test_last_entry_begins_264_bytes_before_the_end(finds_nothing, shape):
    image = Image(shape, directory(b"d", node(b"f"), at=shape.page - 264))
    image.length = shape.page
    finds_nothing(image, shape)


def test_two_pages_in_place_whose_offsets_had_hashes_with_one_lower_half(tools, tmp_path):
    # They were taken for one page that two inodes have, at which a kernel without an MMU panics.
    shape = SHAPES[0]
    files = [file(name, stored(name * shape.page, direct=True, at=at), deflated(b"x", direct=True), size=shape.page + 1)
             for name, at in ((b"a", 437504), (b"b", 3523712))]
    image = Image(shape, *files, least_size=3523712 + 2 * shape.page)
    path = tmp_path / "odd.img"
    path.write_bytes(image.bytes())
    findings, status = tools.check(path, shape.page, "--kernel=nommu")
    assert [finding.found for finding in findings] == [] and status == 0


@each_shape
def test_flags_that_a_kernel_ignores(finds_nothing, shape):
    finds_nothing(Image(shape, file(b"f", stored(b"x")), flags=0xF03), shape)


@each_shape
def test_each_missing_flag_is_told_once_per_image(tools, tmp_path, shape):
    # The flags belong to the image: one line reports them, however many blocks there are.
    files = [file(b"%d" % n, hole(), stored(b"x"), size=shape.page + 1) for n in range(3)]
    path = tmp_path / "flags.img"
    path.write_bytes(Image(shape, *files, flags=FSID_VERSION_2 | SORTED_DIRS).bytes())
    found = [finding.found for finding in tools.check(path, shape.page)[0]]
    assert sorted(found) == [Found("ext-flag", "/0", 1), Found("holes-flag", "/0", 0)]


@each_shape
def test_link_may_share_a_files_page_in_place_without_an_mmu(tools, tmp_path, shape):
    # Nothing maps a link.
    target, text = link(b"l", b"x" * 50, blocks=[stored(b"x" * 50, direct=True)]), file(b"f", stored(b"x" * 50, direct=True))
    image = Image(shape, text, target)
    target.blocks[0].at, target.blocks[0].pointer = text.blocks[0].at, text.blocks[0].pointer
    path = tmp_path / "odd.img"
    path.write_bytes(image.bytes())
    findings, status = tools.check(path, shape.page, "--kernel=nommu", "-E")
    assert not [finding for finding in findings if finding.severity != "note"] and status == 0
