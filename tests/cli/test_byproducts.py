"""Files beside the image: dependencies, statistics; swapped bytes; the progress bar."""
import fcntl
import json
import os
import pty
import re
import shutil
import struct
import subprocess
import termios

import pytest

import schemas
from tools import OPERATIONAL, USAGE, directory, run, run_well

MEMBERS = {
    "options": {"endian", "page_size", "kernel", "compressor", "level", "jobs"},
    "bytes": {"source", "image", "metadata", "deflated", "stored", "in_place", "inserted", "alignment", "padding"},
    "counts": {"entries", "in_place_pages", "shared_blocks", "shared_inodes", "holes"},
    "seconds": {"read", "plan", "write"},
}


def test_statistics_add_up(source, image, tmp_path):
    shutil.copy(directory() / "cramfsck", source / "program")
    (source / "inserted").write_bytes(b"x" * 100)
    stats = tmp_path / "stats.json"
    run_well("mkcramfs-xip", f"--stats=json:{stats}", "-i", source / "inserted", "-N", "big", "-j3", "--level=9",
             "--pad-to=8M", source, image)
    found = schemas.valid("stats", stats.read_text())
    assert found.pop("version") == 1
    assert {name: set(found[name]) for name in found} == MEMBERS
    size = found["bytes"]
    assert size["image"] + size["padding"] == 8 << 20 == image.stat().st_size
    assert size["image"] == sum(size[part] for part in ("metadata", "deflated", "stored", "in_place", "inserted", "alignment"))
    assert size["inserted"] == 100
    assert found["options"]["endian"] == "big" and found["options"]["level"] == 9 and found["options"]["jobs"] == 3
    assert found["counts"]["entries"] == 5
    assert found["counts"]["in_place_pages"] > 0


def test_statistics_go_to_standard_error_without_a_file(source, image):
    done = run("mkcramfs-xip", "--quiet", "--stats=json", source, image)
    assert done.returncode == 0 and done.stdout == b""
    assert json.loads(done.stderr)["bytes"]["image"] == image.stat().st_size


@pytest.mark.parametrize("value", ["text", "json:", "json,f", ""])
def test_wrong_statistics_are_told(value, source, image):
    done = run("mkcramfs-xip", f"--stats={value}", source, image)
    assert done.returncode == USAGE and b"neither json nor json:FILE" in done.stderr


def test_nothing_is_written_beside_an_image_that_fails(source, image, tmp_path):
    (source / "big").write_bytes(b"")
    os.truncate(source / "big", 1 << 24)
    done = run("mkcramfs-xip", f"--stats=json:{tmp_path / 's'}", f"--depfile={tmp_path / 'd'}", source, image)
    assert done.returncode == OPERATIONAL
    assert os.listdir(tmp_path) == ["source"]


@pytest.mark.parametrize("first, second", [("--depfile", "--extents"), ("--extents", "--stats"), ("--stats", "--depfile")])
def test_outputs_are_different_files(first, second, source, image, tmp_path):
    same = [f"{option}={'json:' if option == '--stats' else ''}{tmp_path / 'same'}" for option in (first, second)]
    done = run("mkcramfs-xip", *same, source, image)
    assert done.returncode == USAGE and b"named for two outputs" in done.stderr
    assert os.listdir(tmp_path) == ["source"]
    done = run("mkcramfs-xip", f"--depfile={image}", source, image)
    assert done.returncode == USAGE and not image.exists()


@pytest.mark.parametrize("option", ["--depfile=", "--extents=", "--stats=json:"])
def test_outputs_do_not_lie_in_a_source(option, source, image):
    done = run("mkcramfs-xip", f"{option}{source / 'x'}", source, image)
    assert done.returncode == USAGE and b"would be written inside" in done.stderr
    assert not image.exists() and not (source / "x").exists()


HARD_NAMES = ["plain", "two words", "hash#mark", "dollar$sign", "colon:name", "back\\slash", "backslash\\ blank", "umlaut-\u00e4",
              "tilde~", "{braces}", "a,b@c+d!e"]
# Names that make or ninja would misread: make once executed the first one.
UNWRITABLE = ["x!=touch${IFS}P;true", "a=b", "semi;colon", "pi|pe", "amper&sand", "star*", "quest?", "[ab]", "lib(member)", "percent%",
              "tab\there", "return\r", "end\\", "blank at the end ", "colon at the end:", "new\nline", "quote'", 'double"', "back`tick",
              "back\\#hash", "<less", "more>", "bell\a", "del\x7f"]


@pytest.fixture(name="named")
def make_named(source):
    for name in HARD_NAMES:
        (source / name).write_bytes(name.encode())
    return source


def depfile(source, image, tmp_path, *options):
    path = tmp_path / "out.d"
    done = run("mkcramfs-xip", f"--depfile={path}", *options, source, image)
    assert done.returncode == 0, done.stderr
    return path, done.stderr.decode()


def make(tmp_path, image, dependencies):
    """Whether make would build the image again."""
    makefile = tmp_path / "Makefile"
    makefile.write_text(f"{image}:\n\t@echo again\ninclude {dependencies}\n")
    done = subprocess.run(["make", "-s", "-f", makefile, str(image)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return "again" in done.stdout


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
@pytest.mark.parametrize("name", HARD_NAMES)
def test_make_builds_again_when_a_file_changes(name, named, image, tmp_path):
    dependencies, _ = depfile(named, image, tmp_path)
    os.utime(image, (2e9, 2e9))
    assert not make(tmp_path, image, dependencies)
    os.utime(named / name, (2.1e9, 2.1e9))
    assert make(tmp_path, image, dependencies)


@pytest.mark.skipif(not shutil.which("make"), reason="make is not installed")
def test_make_builds_again_when_a_file_is_added_or_gone(named, image, tmp_path):
    dependencies, _ = depfile(named, image, tmp_path)
    os.utime(image, (2e9, 2e9))
    (named / "plain").unlink()
    assert make(tmp_path, image, dependencies)
    depfile(named, image, tmp_path)
    os.utime(image, (2e9, 2e9))
    (named / "etc" / "new").touch()
    os.utime(named / "etc", (2.1e9, 2.1e9))
    assert make(tmp_path, image, dependencies)


def test_all_that_was_read_is_named(named, image, tmp_path):
    for name in ("table", "excludes", "boot", "inserted"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "other").mkdir()
    subprocess.run(["tar", "-C", tmp_path, "-cf", tmp_path / "other.tar", "other"], check=True)
    dependencies, _ = depfile(named, image, tmp_path, "-D", tmp_path / "table", f"--exclude-from={tmp_path / 'excludes'}",
                              f"--boot-code={tmp_path / 'boot'}", "-i", tmp_path / "inserted", tmp_path / "other.tar")
    assert dependencies.read_text().startswith(f"{image}:")
    lines = dependencies.read_text().replace(" \\\n", "\n").splitlines()
    for name in ("table", "excludes", "boot", "inserted", "other.tar", "source/etc", "source/etc/motd", "source"):
        assert f" {tmp_path / name}" in lines


def ninja(tmp_path, image, dependencies):
    """Whether ninja would build the image again, once it has built it."""
    (tmp_path / "build.ninja").write_text(f"rule pack\n  command = true\n  depfile = {dependencies}\nbuild {image}: pack\n")
    done = subprocess.run(["ninja", "-C", tmp_path, "-n", str(image)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    return "no work to do" not in done.stdout


@pytest.mark.parametrize("name", UNWRITABLE)
def test_a_name_that_cannot_be_written_is_left_out_and_reported(name, source, image, tmp_path):
    (source / name).touch()
    dependencies, said = depfile(source, image, tmp_path)
    assert "left out of the depfile: make and ninja have no common way to write this name" in said
    rest = {str(source), str(source / "etc"), str(source / "etc" / "motd")}
    words = dependencies.read_text().replace(" \\\n", "").split()
    assert {word.rstrip(":") for word in words} <= rest | {str(image)}
    done = run("mkcramfs-xip", f"--depfile={tmp_path / 'd'}", source / "etc", tmp_path / name)
    assert done.returncode == USAGE and b"give the image another name" in done.stderr
    assert not (tmp_path / name).exists() and not (tmp_path / "d").exists()


# Of single bytes, in a name: these can be written.
WRITABLE = {*b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", *b"_-.+,@{}!~ #:$\\", *range(0x80, 0x100)}


@pytest.mark.skipif(not shutil.which("make") or not shutil.which("ninja"), reason="make or ninja is not installed")
def test_make_and_ninja_agree_on_names_of_every_byte(source, image, tmp_path):
    """All inputs are named at once. Then each one changes, alone: both tools see it, or neither does and the name was
    reported."""
    names = {byte: os.path.join(os.fsencode(source), b"x" + bytes([byte]) + b"y") for byte in range(1, 256) if byte != ord("/")}
    for name in names.values():
        with open(name, "wb"):
            pass
    dependencies, said = depfile(source, image, tmp_path)
    assert said.count("left out of the depfile") == len(names) - len(WRITABLE)
    ninja(tmp_path, image, dependencies)
    subprocess.run(["ninja", "-C", tmp_path, str(image)], check=True, capture_output=True)
    os.utime(image, (2e9, 2e9))
    assert not make(tmp_path, image, dependencies) and not ninja(tmp_path, image, dependencies)
    for byte, name in names.items():
        os.utime(name, (2.1e9, 2.1e9))
        seen = make(tmp_path, image, dependencies), ninja(tmp_path, image, dependencies)
        os.utime(name, (1e9, 1e9))
        assert seen == (byte in WRITABLE,) * 2, name
    os.unlink(names[ord("$")])
    assert make(tmp_path, image, dependencies) and ninja(tmp_path, image, dependencies)


def swapped(data, unit):
    return b"".join(data[i:i + unit][::-1] for i in range(0, len(data), unit))


@pytest.mark.parametrize("bits", [16, 32])
@pytest.mark.parametrize("options", [[], ["-N", "big"], ["-p", "--pad-to=erase-block", "--erase-block=20K"]])
def test_swapped_images_are_swapped_as_a_whole_and_read_all_the_same(bits, options, source, image, tmp_path):
    run_well("mkcramfs-xip", *options, source, tmp_path / "plain.img")
    run_well("mkcramfs-xip", f"--swap{bits}", *options, source, image)
    assert image.read_bytes() == swapped((tmp_path / "plain.img").read_bytes(), bits // 8)
    checked = run("cramfsck", image)
    assert checked.returncode == 0
    run_well("cramfsck", image, "-x", tmp_path / "out")
    assert (tmp_path / "out" / "etc" / "motd").read_bytes() == (source / "etc" / "motd").read_bytes()
    assert run_well("cramfs-dump", "--extents", image) == run_well("cramfs-dump", "--extents", tmp_path / "plain.img")


def test_padding_of_a_swapped_image_is_whole_units(source, image):
    assert run("mkcramfs-xip", "--swap32", "--pad-to=1000002", source, image).returncode == USAGE
    assert run("mkcramfs-xip", "--swap16", "--pad-to=1000002", source, image).returncode == 0


def on_terminal(*arguments, columns=80):
    """What the program writes to a terminal as its standard error."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
    process = subprocess.Popen([directory() / "mkcramfs-xip", *arguments], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    said = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # the terminal is gone with the last who had it open
            break
        if not piece:
            break
        said += piece
    process.stdout.read()
    assert process.wait() == 0
    os.close(ours)
    return said


def slow_work():
    """(the highest level, MiB that take it a second or more on any machine)"""
    return ("--level=12", 16) if b"libdeflate" in run_well("mkcramfs-xip", "--version") else ("--level=9", 48)


LEVEL, MEBIBYTES = slow_work()


@pytest.fixture(name="slow")
def make_slow(tmp_path):
    """Enough work that a bar is seen."""
    root = tmp_path / "slow"
    root.mkdir()
    words = (directory() / "mkcramfs-xip").read_bytes()
    for number in range(MEBIBYTES):
        piece = words[number * 37 + 1:]  # different from page to page: equal pages are compressed once
        (root / str(number)).write_bytes((piece * (1 + (1 << 20) // len(piece)))[:1 << 20])
    return root


def test_a_terminal_shows_a_bar_and_nothing_is_left_of_it(slow, image):
    said = on_terminal(LEVEL, "-j1", slow, image)
    bars = re.findall(rb"\r +(\d+) % \[(#*)(-*)\] [0-9.]+ of [0-9.]+ MiB((?:, \d+:\d\d left)?)\x1b\[K", said)
    assert len(bars) >= 2
    assert [int(bar[0]) for bar in bars] == sorted(int(bar[0]) for bar in bars)
    assert all(len(bar[1] + bar[2] + bar[3]) == 48 for bar in bars)
    assert said.endswith(b"\r\x1b[K")
    narrow = on_terminal(LEVEL, "-j1", slow, image, columns=40)
    assert re.search(rb"\[[#-]{8}\]", narrow)


@pytest.mark.skipif(b"zopfli" not in run_well("mkcramfs-xip", "--version"), reason="without zopfli nothing takes long enough")
def test_the_bar_of_a_long_build_shows_the_time_left_and_moves_inside_a_file(image, tmp_path):
    root = tmp_path / "long"
    root.mkdir()
    program = (directory() / "mkcramfs-xip").read_bytes()[:90 << 10]
    (root / "one-file").write_bytes(program + program[1:] + program[2:])
    said = on_terminal("--compressor=zopfli", "--level=6", "--xip=none", "--all-root", "-j1", root, image)
    left = [int(minutes) * 60 + int(seconds) for minutes, seconds in re.findall(rb"MiB, (\d+):(\d\d) left\x1b\[K", said)]
    assert left and max(left) < 600 and left[-1] <= left[0], said
    assert len(set(re.findall(rb"\r +(\d+) %", said))) >= 3


def test_no_bar_in_a_pipe_or_when_quiet(slow, image):
    assert run("mkcramfs-xip", LEVEL, "-j1", slow, image).stderr == b""
    assert on_terminal(LEVEL, "-j1", "--quiet", slow, image) == b""
    assert b"%" not in on_terminal(LEVEL, "-j1", "-v", slow, image)
