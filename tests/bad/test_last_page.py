"""The last page of a file in place, where it reaches over the end of the file system: the kernel looks at the flash."""
import json

import pytest

from cases import SHAPES, Found
from maker import Image, file, stored

each_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


def image_of(shape, behind=b""):
    """One page in place of 100 bytes; the superblock counts 300 bytes of it, and the file holds the page."""
    image = Image(shape, file(b"f", stored(b"x" * 100, direct=True, align=shape.page)))
    at = image.root.entries[0].blocks[0].at
    image.super_fields["size"] = at + 300
    image.patch(at + shape.page - len(behind), behind)
    return image.bytes(), at


def report(tools, path, shape, *options):
    run = tools.run("cramfsck", f"-b{shape.page}", "--xip-report=json", "--crc=ignore", *options, path)
    [found] = json.loads(run.stdout)["files"]
    return found["direct_pages"], found["reason"]


@each_shape
def test_zeroes_after_the_file_systems_end_leave_the_page_direct(tools, tmp_path, shape):
    path = tmp_path / "last.img"
    path.write_bytes(image_of(shape)[0])
    assert report(tools, path, shape) == (1, None)
    findings, _ = tools.check(path, shape.page)
    assert [finding.found for finding in findings] == [Found("trailing-bytes")]


@each_shape
def test_a_byte_after_the_file_systems_end_makes_the_page_shared(tools, tmp_path, shape):
    path = tmp_path / "last.img"
    path.write_bytes(image_of(shape, behind=b"\1")[0])
    assert report(tools, path, shape) == (0, "no suitable block remaining")
    findings, _ = tools.check(path, shape.page)
    assert Found("tail-shared", "/f", 0) in [finding.found for finding in findings]


@each_shape
def test_flash_after_the_end_of_the_file_is_not_known_to_be_zero(tools, tmp_path, shape):
    image, at = image_of(shape)
    path = tmp_path / "last.img"
    path.write_bytes(image[:at + 300])
    assert report(tools, path, shape) == (0, "no suitable block remaining")


@pytest.mark.parametrize("behind, pages", [(b"", 1), (b"\1", 0)], ids=["zeroes", "a byte"])
@pytest.mark.parametrize("width", [2, 4])
def test_the_same_of_a_dump_with_swapped_bytes(tools, tmp_path, width, behind, pages):
    shape = SHAPES[0]
    image = image_of(shape, behind)[0]
    path = tmp_path / "swapped.img"
    path.write_bytes(b"".join(image[at:at + width][::-1] for at in range(0, len(image), width)))
    assert report(tools, path, shape)[0] == pages


def test_in_a_dump_the_bytes_after_the_image_decide(tools, tmp_path):
    shape = SHAPES[0]
    image, at = image_of(shape)
    path = tmp_path / "dump.img"
    for fill, pages in ((b"\0", 1), (b"\xff", 0)):
        path.write_bytes(fill * 512 * 8 + image[:at + 300] + fill * shape.page)
        assert report(tools, path, shape, "--offset=4096")[0] == pages
