"""Where an image is found, in what form, and for which page size it is taken."""
import json
import random
import subprocess

import pytest

import hostile
from cases import SHAPES
from maker import (FSID_VERSION_2, SIGNATURE, Image, Shape, deflated, directory, file, hole, link, special, stored)
from scene import needs_root

SEED = 20240301
PAGES = [4096 << i for i in range(5)]
each_shape = pytest.mark.parametrize("shape", [*SHAPES, Shape("little", 4096, boot=512)], ids=str)


def tree(shape, **options):
    """Enough to distinguish every page size from the others."""
    page = bytes(range(1, 65)) * (shape.page // 64)
    return Image(shape, directory(b"d", file(b"in", deflated(page), hole(), stored(b"end"), size=2 * shape.page + 3)),
                 file(b"f", stored(page, direct=True, align=shape.page), deflated(page, direct=True), deflated(b"tail")),
                 file(b"g", deflated(page), deflated(page[::-1])), link(b"l", b"d/in"), special(b"p", 0o010644),
                 **options)


def swapped(image, width):
    assert len(image) % width == 0
    out = bytearray(len(image))
    for i in range(width):
        out[i::width] = image[width - 1 - i::width]
    return bytes(out)


def noise(length):
    print(f"seed {SEED}")
    return random.Random(SEED).randbytes(length)


def looks_right(tools, path, *options):
    """Check that the image is clean, and the programs' messages on standard error. Returns the report's facts about the
    image."""
    run = tools.run("cramfsck", "-v", "-E", *options, path)
    assert run.returncode == 0, run.stderr
    report = tools.run("cramfsck", "--xip-report=json", "--quiet", *options, path)
    dump = tools.run("cramfs-dump", "-R", *options, path)
    assert dump.returncode == 0 and b" /d/in\n" in dump.stdout
    return run.stderr.decode(), json.loads(report.stdout)["image"]


@each_shape
@pytest.mark.parametrize("offset", [4, 512, 4096, 65536 + 28, 1000003])
def test_image_anywhere_in_a_dump(tools, tmp_path, shape, offset):
    path = tmp_path / "dump"
    path.write_bytes(noise(offset) + tree(shape).bytes() + noise(777))
    said, image = looks_right(tools, path, f"-b{shape.page}", f"--offset={offset}")
    assert said == "" and image["endian"] == shape.order


@each_shape
def test_offset_of_the_superblock_behind_boot_code_will_do(tools, tmp_path, shape):
    path = tmp_path / "dump"
    path.write_bytes(noise(8192) + tree(shape).bytes())
    for root_at in (None, 2048):  # a root right after the superblock, or somewhere
        path.write_bytes(noise(8192) + tree(shape, root_at=root_at).bytes())
        looks_right(tools, path, f"-b{shape.page}", f"--offset={8192 + shape.boot}")


def test_offset_without_a_superblock_is_refused_with_the_remedy(tools, tmp_path):
    path = tmp_path / "dump"
    path.write_bytes(noise(4096) + tree(SHAPES[0]).bytes())
    for offset in (0, 8, 4100, 1 << 40, (1 << 63) - 1):
        run = tools.run("cramfsck", f"--offset={offset}", path)
        assert run.returncode == 8 and run.stderr.count(b"\n") == 1 and b"--scan" in run.stderr


@each_shape
@pytest.mark.parametrize("width", [2, 4])
@pytest.mark.parametrize("offset", [0, 131072])
def test_swapped_dump_is_read_and_one_note_says_so(tools, tmp_path, shape, width, offset):
    path = tmp_path / "dump"
    path.write_bytes(swapped(noise(offset) + tree(shape).bytes(), width))
    said, image = looks_right(tools, path, f"-b{shape.page}", f"--offset={offset}")
    assert said.count("\n") == 1 and f"note: the bytes of each {8 * width}-bit word are swapped" in said
    assert image["endian"] == shape.order


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("width", [2, 4])
def test_swapped_dump_is_extracted(scene, shape, width):
    assert scene.extract(swapped(tree(shape).bytes(), width)).returncode == 0
    assert (scene.target / "l").readlink().as_posix() == "d/in"
    page = bytes(range(1, 65)) * (shape.page // 64)
    assert (scene.target / "f").read_bytes() == page + page + b"tail"


def test_magic_of_the_other_byte_order_and_no_signature_is_no_swap(tools, tmp_path):
    # Vendors leave the signature out; that alone must not swap an image's byte order.
    path = tmp_path / "image"
    path.write_bytes(tree(Shape("big"), signature=b"Vendor's own FS!").bytes())
    run = tools.run("cramfsck", "-v", "-b4096", path)
    assert run.returncode == 0 and b"[signature:" in run.stderr and b"swapped" not in run.stderr


@pytest.mark.parametrize("width", [2, 4])
def test_swapped_dump_cut_at_every_length_ends_in_findings(tools, tmp_path, width):
    whole = swapped(tree(Shape()).bytes(), width)
    path = tmp_path / "cut"
    for length in [*range(0, 140, 3), 1000, 1001, 1002, len(whole) - 1]:
        path.write_bytes(whole[:length])
        assert tools.run("cramfsck", "-v", path).returncode in (4, 8)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize("boot", [0, 512])
def test_page_size_is_found_out(tools, tmp_path, page, order, boot):
    path = tmp_path / "image"
    path.write_bytes(tree(Shape(order, page, boot)).bytes())
    said, image = looks_right(tools, path)
    assert image["page_size"] == page
    assert (f"pages of {page} bytes" in said) == (page != 4096) and said.count("\n") <= 1


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("blocks", [
    lambda page: [hole(), hole(), hole()],
    lambda page: [stored(b"x" * page, direct=True, align=page), stored(b"y" * page, direct=True, align=page),
                  stored(b"end", direct=True, align=page)],
    lambda page: [stored(noise(page)), stored(noise(page)), stored(b"end")],
    lambda page: [deflated(noise(page // 4) * 4), deflated(b"x" * page), deflated(b"end")],
    lambda page: [deflated(noise(page // 4) * 4, direct=True), deflated(b"x" * page, direct=True),
                  deflated(b"end", direct=True)],
], ids=["holes", "in place", "stored", "deflated", "direct"])
def test_one_kind_of_block_is_enough_to_find_the_page_size_out(tools, tmp_path, page, blocks):
    path = tmp_path / "image"
    files = [file(b"%d" % n, *blocks(page), size=2 * page + 3) for n in range(3)]
    path.write_bytes(Image(Shape("little", page), *files).bytes())
    run = tools.run("cramfsck", "--xip-report=json", "-E", path)
    assert run.returncode == 0 and json.loads(run.stdout)["image"]["page_size"] == page


@pytest.mark.parametrize("page", PAGES)
def test_page_size_is_found_out_though_some_files_are_damaged(tools, tmp_path, page):
    files = []
    for n in range(20):
        blocks = [deflated(noise(page // 4) * 4), deflated(b"end")]
        if n % 4 == 0:
            blocks[0].raw = b"broken" + blocks[0].raw[6:]
        files.append(file(b"%02d" % n, *blocks))
    path = tmp_path / "image"
    path.write_bytes(Image(Shape("little", page), *files).bytes())
    run = tools.run("cramfsck", "--xip-report=json", path)
    assert run.returncode == 4 and json.loads(run.stdout)["image"]["page_size"] == page


@pytest.mark.parametrize("second", [0, 0x21e], ids=["zero", "backwards"])
def test_one_damaged_pointer_does_not_make_larger_pages_of_it(tools, tmp_path, second):
    """With pages of 16 KiB or more only the first pointer counts: nothing contradicts, and nothing supports that."""
    path, page = tmp_path / "image", 4096
    blocks = [stored(bytes([n]) * page, direct=True, align=page) for n in range(1, 4)]
    blocks[1].pointer = second
    path.write_bytes(Image(Shape("little", page), file(b"f", *blocks)).bytes())
    run = tools.run("cramfsck", "--xip-report=json", path)
    assert run.returncode == 4 and json.loads(run.stdout)["image"]["page_size"] == page


def test_given_page_size_is_not_questioned(tools, tmp_path):
    path = tmp_path / "image"
    path.write_bytes(tree(Shape()).bytes())
    run = tools.run("cramfsck", "--xip-report=json", "-b8192", path)
    assert run.returncode == 4 and json.loads(run.stdout)["image"]["page_size"] == 8192


def scan(tools, path):
    run = tools.run("cramfsck", "--scan", path)
    assert tools.run("cramfs-dump", "--scan", path).stdout == run.stdout
    return run.returncode, [line.split(None, 5) for line in run.stdout.decode().splitlines()[1:]]


def test_scan_lists_superblocks_of_every_form_and_offset_takes_them(tools, tmp_path):
    path = tmp_path / "dump"
    dump, expected = noise(1 << 20)[:-60], []  # the first superblock is across the end of the scan's first piece
    for shape in (Shape(), Shape("big"), Shape("little", boot=512), Shape("big", boot=512)):
        for width, form in ((1, ""), (2, "/swap16"), (4, "/swap32")):
            image = swapped(tree(shape, name=b"a name").bytes(), width)
            expected.append([str(len(dump)), str(len(image)), str(shape.boot), shape.order + form, "right", "a name"])
            dump += image + noise(len(expected) * 100)
    path.write_bytes(dump)
    assert scan(tools, path) == (0, expected)
    for found in expected:
        looks_right(tools, path, f"--offset={found[0]}")
        looks_right(tools, path, f"--offset={int(found[0]) + int(found[2])}")


def test_scan_tells_wrong_crcs_old_images_and_hostile_names(tools, tmp_path):
    right = tree(Shape(), name=b"x").bytes()
    wrong = tree(Shape(), name=b"\x1b[2J\n\\", crc=1).bytes()
    old = tree(Shape(), name=b"old", flags=0, crc=0).bytes()
    cut = right[:5000]
    path = tmp_path / "dump"
    path.write_bytes(right + wrong + old + cut)
    status, found = scan(tools, path)
    assert status == 4
    assert [line[4:] for line in found] == [["right", "x"], ["wrong", r"\033[2J\n\\"], ["none", "old"], ["wrong", "x"]]


def test_scan_without_a_superblock_says_so(tools, tmp_path):
    path = tmp_path / "dump"
    for contents in (b"", b"x", noise(5000), SIGNATURE * 300, tree(Shape()).bytes()[:60]):
        path.write_bytes(contents)
        run = tools.run("cramfsck", "--scan", path)
        assert run.returncode == 8 and run.stdout == b"" and run.stderr.count(b"\n") == 1


@pytest.mark.parametrize("width", [1, 2, 4])
@pytest.mark.parametrize("boot", [False, True])
def test_scan_of_superblocks_that_all_claim_the_rest_takes_bounded_work(tools, tmp_path, width, boot):
    head = Image(Shape(), size=1 << 24, flags=FSID_VERSION_2, crc=5)
    head.root.offset = 588 if boot else 76
    path = tmp_path / "dump"
    path.write_bytes(swapped(head.superblock() * ((1 << 24) // 76 // 4 * 4), width))
    status, found = scan(tools, path)
    assert status == 4 and len(found) == (1 << 24) // 76 // 4 * 4
    assert {line[4] for line in found} == {"wrong", "untested"}


def test_a_dump_of_many_images_has_each_crc_tested(tools, tmp_path):
    path = tmp_path / "dump"
    path.write_bytes(b"".join(tree(Shape()).bytes() for _ in range(100)))
    status, found = scan(tools, path)
    assert status == 0 and [line[4] for line in found] == ["right"] * 100


def test_finding_the_page_size_of_a_hostile_image_takes_bounded_work(tools, tmp_path):
    path = tmp_path / "image"
    for make in (hostile.lattice, hostile.nest, hostile.nest_of_long_names, hostile.files_of_one_hole,
                 lambda: hostile.overlapping(0o100000), lambda: hostile.overlapping(0o100000, fill=b"\0\1\0\xc0"),
                 lambda: hostile.overlapping(0o040000, fill=b"\xff"), hostile.blocks_that_share_one_stream,
                 hostile.entries_of_one_name):
        path.write_bytes(make())
        run = tools.run("cramfsck", path)
        assert run.returncode in (0, 4)
        assert run.stderr.count(b"\n") < 21 * 63  # for people: some of each rule


@pytest.fixture
def device(tmp_path):
    """Makes a block device of a file."""
    attached = []

    def attach(contents):
        backing = tmp_path / "backing"
        backing.write_bytes(contents)
        run = subprocess.run(["losetup", "--find", "--show", backing], capture_output=True, text=True, check=False)
        if run.returncode:
            pytest.skip(f"no loop device: {run.stderr.strip()}")
        attached.append(run.stdout.strip())
        return attached[-1]

    yield attach
    for path in attached:
        subprocess.run(["losetup", "--detach", path], check=True)


@needs_root
@pytest.mark.parametrize("boot", [0, 512])
@pytest.mark.parametrize("width", [1, 2, 4])
def test_block_device_larger_than_its_image(tools, device, boot, width):
    image = swapped(tree(Shape("big", boot=boot)).bytes(), width)
    path = device(image + bytes(64 << 20))
    looks_right(tools, path)
    run = tools.run("cramfsck", "-v", path)
    assert run.returncode == 0 and b"[trailing-bytes:" in run.stderr
    path = device(noise(1 << 20) + image + noise(1 << 20))
    assert scan(tools, path)[1][0][0] == str(1 << 20)
    looks_right(tools, path, f"--offset={1 << 20}")
    assert tools.run("cramfsck", "--offset=512", path).returncode == 8
