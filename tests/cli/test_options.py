"""The command line: help, usage errors, and options in any place."""
import os
import re
import subprocess
import sys

import pytest

from tools import CLEAN, OPERATIONAL, PROGRAMS, USAGE, directory, run, run_well


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_goes_to_standard_output_in_80_columns(program, option):
    done = run(program, option)
    assert done.returncode == CLEAN
    assert done.stderr == b""
    lines = done.stdout.decode().splitlines()
    assert [line.split()[0] for line in lines[:3]] == [program] * 3 and lines[3] == ""
    assert lines[4].startswith(f"Usage: {program} [OPTION...] ")
    assert max(map(len, lines)) <= 80
    assert any("Exit status" in line for line in lines)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("option", ["-V", "--version"])
def test_version_names_the_compressors(program, option):
    said = run_well(program, option).decode()
    assert re.match(rf"{program} \(cramfs-xip\) \d+\.\d+\.\d+\n", said)
    assert re.search(r"^zlib \d+\.\d+", said, re.MULTILINE)
    assert said.count("(default)") == 1


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("arguments, complaint", [
    (["--nonsense"], "unknown option '--nonsense' (argument 1)"),
    (["--usage"], "unknown option '--usage' (argument 1)"),
    (["-hZ"], None),
    (["-Z"], "unknown option '-Z'"),
    (["-b"], "option '-b' needs a value"),
    (["--block-size"], "option '--block-size' needs a value"),
    (["--help=x"], "option '--help' takes no value"),
    (["-b", "4095", "x"], "4095 is not 4096"),
    (["-b", "131072", "x"], "131072 is not 4096"),
    (["-b", "-1", "x"], "is not a size"),
    (["-b", "4096x", "x"], "is not a size"),
    (["-b", "4kk", "x"], "is not a size"),
    ([], "there is no operand"),
])
def test_usage_errors_are_one_line_on_standard_error(program, arguments, complaint):
    done = run(program, *arguments)
    if complaint is None:  # help comes first, and ends the program
        assert done.returncode == CLEAN
        return
    assert done.returncode == USAGE
    assert done.stdout == b""
    assert complaint in done.stderr.decode()
    assert done.stderr.decode().endswith(f"; try '{program} --help'\n")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("size", ["8192", "0x2000", "8K", "8k", "0x8k"])
def test_a_size_has_suffixes_in_large_and_small_letters(program, size):
    done = run(program, "-b", "64k", "-b", size, "-b", "5K", "x", "x")
    assert b"--block-size: 5K is not 4096, 8192" in done.stderr


def test_what_follows_the_image_is_to_be_extracted():
    done = run("cramfsck", "a", "b")
    assert done.returncode == USAGE
    assert b"'b': a PATH needs --extract=DIR" in done.stderr


@pytest.mark.parametrize("arguments, complaint", [
    (["--xip=some"], "'some' is not one of none, text, readonly, auto, all"),
    (["--endian=middle"], "'middle' is not one of little, big, host"),
    (["--compressor=lzma"], "'lzma' is not one of libdeflate, zlib, zopfli"),
    (["--level=0"], "level 0 is not between 1 and "),
    (["--level=13"], "level 13 is not between 1 and "),
    (["--level=100"], "100 is not between "),
    (["--compressor=zlib", "--level=10"], "10 is not between 1 and 9, the levels of zlib"),
    (["--name=seventeen bytes!!"], "17 bytes, over the format's limit of 16 bytes"),
    (["--edition=4294967296"], "not between 0 and 4294967295"),
    (["--jobs=0"], "not between 1 and 256"),
    (["--legacy", "--xip=auto"], "--legacy images have nothing in place"),
])
def test_wrong_values_name_the_option_and_what_it_takes(arguments, complaint, source, image):
    done = run("mkcramfs-xip", *arguments, source, image)
    assert done.returncode == USAGE
    assert complaint in done.stderr.decode()
    assert not image.exists()


@pytest.mark.parametrize("environment", [{}, {"POSIXLY_CORRECT": "1"}])
def test_options_stand_before_and_behind_operands(environment, source, tmp_path):
    environment = {**os.environ, **environment}
    images = []
    for number, arguments in enumerate((["-N", "big", "-e", "7", source], [source, "-N", "big", "-e7"],
                                        [source, "--edition=7", "--end", "big"])):
        image = tmp_path / f"{number}.img"
        run_well("mkcramfs-xip", *arguments, image, env=environment)
        images.append(image.read_bytes())
    run_well("mkcramfs-xip", source, tmp_path / "last.img", "-qe", "7", "-Nbig", env=environment)
    assert images[0] == images[1] == images[2]
    assert images[0][:4] == b"\x28\xcd\x3d\x45"
    assert (tmp_path / "last.img").exists()


def test_host_is_a_byte_order(source, tmp_path):
    run_well("mkcramfs-xip", "-N", "host", source, tmp_path / "a.img")
    run_well("mkcramfs-xip", "-N", sys.byteorder, source, tmp_path / "b.img")
    assert (tmp_path / "a.img").read_bytes() == (tmp_path / "b.img").read_bytes()


def test_name_and_edition_are_in_the_superblock(source, image):
    run_well("mkcramfs-xip", "-n", "sixteen bytes ok", "-e", "4294967295", source, image)
    said = run_well("cramfs-dump", "--super", image).decode()
    assert "name:     sixteen bytes ok\n" in said
    assert "edition:  4294967295\n" in said


def test_quiet_says_nothing_and_verbose_names_each_file(source, image):
    assert run_well("mkcramfs-xip", "--quiet", source, image) == b""
    assert b"/etc/motd: 0 pages in place: not a program; 2 deflated\n" in run_well("mkcramfs-xip", "-v", source, image)
    assert run_well("cramfsck", "--quiet", image) == b""


def test_a_full_standard_output_is_an_error(source, image):
    run_well("mkcramfs-xip", source, image)
    with open("/dev/full", "wb") as full:
        for command in (["cramfs-dump", image], ["cramfsck", "--xip-report=json", image], ["cramfsck", "--help"]):
            done = subprocess.run([directory() / command[0], *command[1:]], stdout=full, stderr=subprocess.PIPE)
            assert done.returncode == OPERATIONAL
            assert b"No space left on device" in done.stderr


@pytest.mark.parametrize("text, edition", [("010", 10), ("0x10", 16), ("16", 16)])
def test_numbers_are_decimal_or_begin_with_0x(text, edition, source, image):
    run_well("mkcramfs-xip", f"--edition={text}", source, image)
    assert re.search(rf"^edition: +{edition}$", run_well("cramfs-dump", "--super", image).decode(), re.MULTILINE)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("words, complaint", [
    (["-v", "--frob", "s", "x.img"], "unknown option '--frob' (argument 2)"),
    (["s", "x.img", "--frob=1"], "unknown option '--frob' (argument 3)"),
    (["s", "-vZ", "x.img"], "unknown option '-Z' (argument 2)"),
    (["-b", "--frob", "x.img", "x.img"], "--block-size: '--frob' is not a size"),
    (["s", "--block-size", "4096", "-b", "4K", "-Z", "x"], "unknown option '-Z' (argument 6)"),
    (["s", "x.img", "-b"], "option '-b' needs a value: -b SIZE"),
    (["-v", "--help=x", "s"], "option '--help' takes no value"),
])
def test_a_bad_option_is_named_wherever_it_is(program, words, complaint):
    letter = {"cramfs-dump": "-l", "cramfs-fuse": "-f"}.get(program, "-v")
    words = [word.replace("-v", letter) for word in words]
    done = run(program, *words)
    assert done.returncode == USAGE and done.stdout == b""
    assert done.stderr.decode() == f"{program}: {complaint}; try '{program} --help'\n" or "--block-size" in complaint
    assert complaint in done.stderr.decode()
