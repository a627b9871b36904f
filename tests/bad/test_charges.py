"""Bytes that extents of different lengths share are charged to the first owner, too."""
import json

import pytest

import hostile
from maker import EXT_BLOCK_POINTERS, FSID_VERSION_2, Image, Shape, deflated, directory, file, stored

PAGE = 4096
SHORT = 100


def charges(tools, tmp_path, *files):
    image = tmp_path / "shared.img"
    image.write_bytes(Image(Shape(), *files, flags=FSID_VERSION_2 | EXT_BLOCK_POINTERS).bytes())
    assert tools.read_all_ways(image, PAGE).returncode == 0
    told = json.loads(tools.run("cramfs-dump", "--du", "--json", image).stdout)
    return {kind["kind"]: kind for kind in told["kinds"]}, told


@pytest.mark.parametrize("long_first", [True, False])
def test_the_beginning_of_a_longer_block_is_charged_once(tools, tmp_path, long_first):
    page = bytes(range(1, 129)) * (PAGE // 128)
    tail = b"end"
    sizes = {"long": [stored(page, direct=True, at=2 * PAGE), stored(tail)],
             "short": [stored(page[:SHORT], direct=True, at=2 * PAGE)]}
    names = ("long", "short") if long_first else ("short", "long")
    files = [file(name, *sizes[which]) for name, which in zip((b"a", b"z"), names)]
    kinds, told = charges(tools, tmp_path, *files)
    assert kinds["in-place"]["bytes"] == PAGE
    assert kinds["in-place"]["shared"] == SHORT
    borrowed = next(kind for kind in told["types"] if kind["type"] == "file")["shared"]
    assert borrowed == SHORT
    assert (told["savings"]["shared_blocks"], told["savings"]["shared_bytes"]) == (1, SHORT)


def test_the_first_in_path_order_is_charged_wherever_its_extent_stands(tools, tmp_path):
    """The short block belongs to /a or to /d/z, so the directory is charged for it or not."""
    page = bytes(range(1, 129)) * (PAGE // 128)

    def own(*files):
        _, told = charges(tools, tmp_path, *files)
        return next(row for row in told["directories"] if row["path"] == "/d")

    long_in_front = own(file(b"a", stored(page, direct=True, at=2 * PAGE), stored(b"end")),
                        directory(b"d", file(b"z", stored(page[:SHORT], direct=True, at=2 * PAGE))))
    assert long_in_front["own"] < SHORT and long_in_front["shared"] == SHORT
    short_in_front = own(file(b"a", stored(page[:SHORT], direct=True, at=2 * PAGE)),
                         directory(b"d", file(b"z", stored(page, direct=True, at=2 * PAGE), stored(b"end"))))
    assert PAGE - SHORT <= short_in_front["own"] < PAGE and short_in_front["shared"] == SHORT


def test_flash_cost_of_a_page_is_not_charged_to_a_name_whose_cost_is_not_counted(tools, tmp_path):
    """To the kernel /a and /b are one inode, so the report has the cost of /a only. But /b is larger, and its second page is /c's, too."""
    page, tail = bytes(range(1, 129)) * (PAGE // 128), bytes(range(1, 51))
    first = file(b"a", stored(page, direct=True, at=2 * PAGE), stored(tail, direct=True, at=3 * PAGE), size=PAGE - 96)
    second, third = file(b"b", size=PAGE + len(tail)), file(b"c", stored(tail, direct=True, at=3 * PAGE))
    whole = Image(Shape(), first, second, third, flags=FSID_VERSION_2 | EXT_BLOCK_POINTERS, least_size=4 * PAGE)
    second.offset = first.offset
    image = tmp_path / "twins.img"
    image.write_bytes(whole.bytes())
    files = json.loads(tools.run("cramfsck", "--xip-report=json", image).stdout)["files"]
    assert [file["path"] for file in files] == ["/a", "/b", "/c"]
    costs = [file["flash_cost_bytes"] for file in files]
    assert costs[0] > 0 and costs[1] == 0 and costs[2] > 0
    assert [file["shares_with"] for file in files] == [None, None, None]


def names_of_one_table(tmp_path, sizes, *blocks):
    """An image of entries /0, /1 and so on, with one pointer table and these sizes."""
    files = [file(b"0", *blocks, size=sizes[0])] + [file(b"%d" % n, size=size) for n, size in enumerate(sizes) if n]
    whole = Image(Shape(), *files, flags=FSID_VERSION_2 | EXT_BLOCK_POINTERS, least_size=4 * PAGE)
    for further in files[1:]:
        further.offset = files[0].offset
    image = tmp_path / "names.img"
    image.write_bytes(whole.bytes())
    return image


@pytest.mark.parametrize("direct", [False, True])
def test_touches_of_names_of_different_sizes_are_counted_for_the_first_name(tools, tmp_path, direct):
    page = bytes(range(1, 129)) * (PAGE // 128)
    first = stored(page[:PAGE - 10], direct=True, at=2 * PAGE) if direct else deflated(page)
    image = names_of_one_table(tmp_path, [PAGE - 10, PAGE - 20, PAGE - 20, PAGE - 10, PAGE - 40], first)
    (tmp_path / "profile.csv").write_text("/0,0,1\n/1,10,2\n/2,20,4\n/3,4095,8\n/4,0,16\n/4,4096,32\n")
    report = json.loads(tools.run("cramfsck", "--xip-report=json", f"--xip-profile={tmp_path}/profile.csv", image).stdout)
    assert report["missed"] == ([] if direct else [{"path": "/0", "offset": 0, "touches": 31}])
    assert (report["totals"]["touched_pages"], report["totals"]["touched_direct_pages"]) == (1, int(direct))
    assert [file["touched_pages"] for file in report["files"]] == [1, 0, 0, 1, 0]
    assert [file["touched_direct_pages"] for file in report["files"]] == [int(direct), 0, 0, int(direct), 0]


def test_a_program_with_names_of_different_sizes_is_one_program_of_32_bits(tools, tmp_path):
    image = tmp_path / "names.img"
    image.write_bytes(hostile.program_of_many_names(3, 1, PAGE, shorter=1))
    run = tools.run("cramfsck", "--xip-report", "--base=0x100000000", image)
    assert b"and 1 of its programs are 32-bit programs" in run.stderr


def test_a_name_too_short_for_a_program_is_not_one_although_its_inode_is(tools, tmp_path):
    image = names_of_one_table(tmp_path, [PAGE, PAGE, 3, PAGE], deflated(b"\x7fELF" + bytes(range(1, 253))))
    told = json.loads(tools.run("cramfs-dump", "--du", "--json", image).stdout)
    types = {row["type"]: row["entries"] for row in told["types"]}
    assert (types["program"], types["file"]) == (3, 1)
