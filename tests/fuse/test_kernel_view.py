"""What Linux's own cramfs shows besides names and bytes: numbers, counts, and refused operations."""
import errno
import mmap
import os

import pytest

from maker import CHARACTER, DIRECTORY, FIFO, REGULAR, Image, Node, Shape, deflated, directory, file, hole, link, special, stored

PAGE = 4096


def write(tmp_path, image):
    path = tmp_path / "image"
    path.write_bytes(image if isinstance(image, bytes) else image.bytes())
    return path


@pytest.mark.parametrize("shape", [Shape(), Shape("big", 16384, boot=512)], ids=str)
def test_an_inode_number_is_where_the_data_are_or_else_the_entry(tmp_path, mount, shape):
    body = file(b"body", deflated(b"a" * 100))
    empty, pipe = file(b"empty"), special(b"pipe", FIFO | 0o600)
    odd = special(b"tty", CHARACTER | 0o600, 0x0A2C)
    away = link(b"away", b"else/where")
    under = directory(b"under", file(b"x", deflated(b"x")))
    image = Image(shape, away, body, empty, pipe, odd, under)
    mounted = mount(write(tmp_path, image), f"-b{shape.page}")

    def number(name):
        return os.lstat(mounted.point / name).st_ino

    assert [number(node.name.decode()) for node in (away, body, under)] == [node.offset for node in (away, body, under)]
    assert [number(node.name.decode()) for node in (empty, pipe, odd)] == [node.inode_at + 1 for node in (empty, pipe, odd)]
    assert os.lstat(mounted.point).st_ino == image.root.offset
    listed = {entry.name: entry.inode() for entry in os.scandir(mounted.point)}
    assert listed == {name: number(name) for name in listed}
    device = os.lstat(mounted.point / "tty").st_rdev
    assert (os.major(device), os.minor(device)) == (10, 44)


def test_a_device_number_has_8_bits_and_8(tmp_path, mount):
    image = Image(Shape(), special(b"wide", CHARACTER | 0o600, 0x030A2C))
    device = os.lstat(mount(write(tmp_path, image), says=b"device-number").point / "wide").st_rdev
    assert (os.major(device), os.minor(device)) == (10, 44)


def test_everybody_may_read_and_enter_the_root(tmp_path, mount):
    image = Image(Shape(), file(b"f", deflated(b"f")))
    image.root.mode = DIRECTORY | 0o1200
    assert oct(os.lstat(mount(write(tmp_path, image)).point).st_mode) == oct(DIRECTORY | 0o1755)


def test_a_long_directory_is_listed_whole_and_in_its_order(tmp_path, mount):
    names = [b"%05d" % i + b"n" * (i % 200) for i in range(3000)]
    mounted = mount(write(tmp_path, Image(Shape(), *(file(name, size=0) for name in names))))
    assert [entry.name for entry in os.scandir(os.fsencode(mounted.point))] == names


def test_statfs_has_the_counts_of_the_superblock(tmp_path, mount):
    image = Image(Shape(), file(b"f", deflated(b"a" * PAGE), deflated(b"b")), blocks=77, files=5)
    counted = os.statvfs(mount(write(tmp_path, image)).point)
    assert (counted.f_bsize, counted.f_blocks, counted.f_files) == (PAGE, 77, 5)
    assert (counted.f_bfree, counted.f_bavail, counted.f_ffree, counted.f_namemax) == (0, 0, 0, 252)
    assert counted.f_flag & os.ST_RDONLY


def test_statfs_of_an_image_without_counts(tmp_path, mount):
    image = Image(Shape(), file(b"f", deflated(b"a")), flags=0, blocks=77, files=5)
    counted = os.statvfs(mount(write(tmp_path, image)).point)
    assert (counted.f_blocks, counted.f_files) == (0, 0)


def test_holes_read_as_zeroes_and_mapped_pages_are_the_bytes(tmp_path, mount):
    middle = bytes(range(256)) * 16
    image = Image(Shape(), file(b"f", hole(), stored(middle, direct=True, align=PAGE), deflated(b"end"), size=2 * PAGE + 3))
    with open(mount(write(tmp_path, image)).point / "f", "rb") as opened:
        wanted = bytes(PAGE) + middle + b"end"
        assert opened.read() == wanted
        with mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ) as mapped:
            assert mapped[:] == wanted


def test_last_page_that_read_loses_is_lost(tmp_path, mount):
    """Direct and stored, in a file of whole pages: read(2) of Linux gives zeroes."""
    image = Image(Shape(), file(b"f", stored(b"y" * PAGE, direct=True, align=PAGE)))
    assert (mount(write(tmp_path, image)).point / "f").read_bytes() == bytes(PAGE)


def test_size_without_a_place_is_no_size(tmp_path, mount):
    image = Image(Shape(), Node(b"nowhere", REGULAR | 0o644, size=5000, offset=0), file(b"z", deflated(b"z")))
    mounted = mount(write(tmp_path, image), says=b"file-nowhere")
    assert os.lstat(mounted.point / "nowhere").st_size == 0
    assert (mounted.point / "nowhere").read_bytes() == b""


def test_a_target_ends_at_its_first_zero(tmp_path, mount):
    image = Image(Shape(), link(b"l", b"first\0second"))
    assert os.readlink(mount(write(tmp_path, image), says=b"link-nul").point / "l") == "first"


def test_entries_of_one_inode_number_keep_what_their_entries_say(tmp_path, mount):
    """A kernel shows one of them for both, depending on the order. Here each shows its own type."""
    body = file(b"body", deflated(b"text"), mode=0o600)
    image = Image(Shape(), body, file(b"twin", mode=0o4755, size=4, offset=body.offset))
    twin = image.root.entries[1]
    twin.offset = body.offset
    mounted = mount(write(tmp_path, image))
    statuses = [os.lstat(mounted.point / name) for name in ("body", "twin")]
    assert [oct(status.st_mode & 0o7777) for status in statuses] == ["0o600", "0o4755"]
    assert statuses[0].st_ino == statuses[1].st_ino
    assert (mounted.point / "twin").read_bytes() == b"text"


def test_nothing_can_be_changed(tmp_path, mount):
    point = mount(write(tmp_path, Image(Shape(), directory(b"d", file(b"x", deflated(b"x"))), file(b"f", deflated(b"f")))), "-orw").point
    for change in (lambda: (point / "new").write_bytes(b""), lambda: (point / "f").write_bytes(b""), lambda: (point / "f").unlink(),
                   lambda: (point / "new").mkdir(), lambda: (point / "d").rmdir(), lambda: (point / "f").rename(point / "g"),
                   lambda: (point / "f").chmod(0o777), lambda: os.truncate(point / "f", 0), lambda: (point / "l").symlink_to("f"),
                   lambda: os.link(point / "f", point / "g"), lambda: os.setxattr(point / "f", "user.a", b"b"),
                   lambda: os.utime(point / "f")):
        with pytest.raises(OSError) as refused:
            change()
        assert refused.value.errno == errno.EROFS


def test_a_name_that_is_not_there(tmp_path, mount):
    point = mount(write(tmp_path, Image(Shape(), file(b"f", deflated(b"f"))))).point
    for name in ("g", "f2", "F", "f" * 252, "f" * 255):
        assert not os.path.lexists(point / name)
    with pytest.raises(NotADirectoryError):
        os.lstat(point / "f" / "x")
