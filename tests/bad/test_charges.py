"""Bytes that extents of different lengths share are charged to the first owner, too."""
import json

import pytest

from maker import EXT_BLOCK_POINTERS, FSID_VERSION_2, Image, Shape, directory, file, stored

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
