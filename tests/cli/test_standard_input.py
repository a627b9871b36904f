"""An image on standard input: a file, a pipe, and one that names the place."""
import subprocess

import pytest

import schemas
import trees
from tools import CLEAN, ERRORS_LEFT, OPERATIONAL, USAGE, directory, run_well


@pytest.fixture
def image(tmp_path):
    tree = trees.Tree(tmp_path / "tree")
    tree.file(b"motd", b"welcome\n" * 900)
    run_well("mkcramfs-xip", "-q", tree.root, tmp_path / "a.img")
    return tmp_path / "a.img"


def run(program, *arguments, **options):
    return subprocess.run([directory() / program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, **options)


def through(way, image):
    return {"stdin": open(image, "rb")} if way == "file" else {"input": image.read_bytes()}


@pytest.mark.parametrize("way", ["file", "pipe"])
def test_image_on_standard_input_is_read(image, way):
    done = run("cramfsck", "-E", "-", **through(way, image))
    assert (done.returncode, done.stdout, done.stderr) == (CLEAN, b"-: clean, 2 files\n", b"")
    assert run("cramfs-dump", "--cat=/motd", "-", **through(way, image)).stdout == b"welcome\n" * 900


def test_what_a_build_writes_to_standard_output_is_checked(image):
    build = subprocess.Popen([directory() / "mkcramfs-xip", "-q", image.parent / "tree", "-"], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL)
    done = run("cramfsck", "-", stdin=build.stdout)
    build.stdout.close()
    assert build.wait() == 0 and done.returncode == CLEAN and done.stdout == b"-: clean, 2 files\n"


@pytest.mark.parametrize("way", ["file", "pipe"])
def test_dump_on_standard_input_is_searched_and_opened_at_an_offset(image, way):
    dump = image.parent / "dump"
    dump.write_bytes(bytes(8192) + image.read_bytes())
    scanned = run("cramfsck", "--scan", "-", **through(way, dump))
    assert scanned.returncode == CLEAN and b"      8192 " in scanned.stdout and b" right " in scanned.stdout
    assert run("cramfsck", "--offset=8192", "-", **through(way, dump)).returncode == CLEAN


@pytest.mark.parametrize("program", ["cramfsck", "cramfs-dump"])
def test_what_a_search_finds_as_json(program, image, tmp_path):
    run_well("mkcramfs-xip", "-n", "\x1b[2J\u202e", "--swap16", "--endian=big", "--quiet", tmp_path / "tree", tmp_path / "swapped.img")
    dump = tmp_path / "dump"
    dump.write_bytes(bytes(4096) + image.read_bytes() + (tmp_path / "swapped.img").read_bytes())
    done = run(program, "--scan", "--json", dump)
    first, second = schemas.valid("scan", done.stdout)["superblocks"]
    assert done.returncode == CLEAN
    assert first["offset"] == 4096 and first["size"] == len(image.read_bytes()) and (first["endian"], first["swap"]) == ("little", 0)
    assert (second["endian"], second["swap"], second["crc"], second["name"]) == ("big", 16, "right", "\x1b[2J\u202e")
    assert rb"\u001b[2J\u202e" in done.stdout
    dump.write_bytes(bytes(4096))
    done = run(program, "--scan", "--json", dump)
    assert done.returncode == OPERATIONAL and schemas.valid("scan", done.stdout) == {"version": 1, "superblocks": []}
    assert b"contains no cramfs superblock" in done.stderr


def test_extraction_and_difference_with_standard_input(image):
    done = run("cramfsck", f"--extract={image.parent / 'out'}", "-", input=image.read_bytes())
    assert done.returncode == CLEAN and (image.parent / "out" / "motd").read_bytes() == b"welcome\n" * 900
    assert run("cramfs-dump", "--diff", "-", image, input=image.read_bytes()).returncode == CLEAN
    assert run("cramfs-dump", "--diff", "-", "-", input=image.read_bytes()).returncode == USAGE


def test_file_called_minus_has_a_path(image):
    (image.parent / "-").write_bytes(image.read_bytes())
    assert run("cramfsck", "./-", cwd=image.parent, stdin=subprocess.DEVNULL).returncode == CLEAN


@pytest.mark.parametrize("data", [b"", b"no image", bytes(100000)], ids=["nothing", "text", "zeroes"])
def test_no_image_on_standard_input_is_one_line(data):
    done = run("cramfsck", "-", input=data)
    assert done.returncode == OPERATIONAL and done.stderr.count(b"\n") == 1 and b"no cramfs superblock" in done.stderr


def test_damaged_image_on_standard_input(image):
    data = bytearray(image.read_bytes())
    data[36] ^= 1
    assert run("cramfsck", "-", input=bytes(data)).returncode == ERRORS_LEFT


def test_pipe_without_a_place_for_temporary_files_is_an_error(image):
    done = run("cramfsck", "-", input=image.read_bytes(), env={"TMPDIR": str(image.parent / "nowhere")})
    assert done.returncode == OPERATIONAL and b"TMPDIR" in done.stderr
