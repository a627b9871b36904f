"""The examples do what they say."""
import os
import pathlib
import subprocess

import elf
from tools import run_well


def example(name, *arguments):
    path = pathlib.Path(os.environ["CRAMFS_XIP_BIN"]).parent / "examples" / name
    return subprocess.run([path, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def test_runs_in_place_names_programs_that_do_not(source, tmp_path):
    segments, size = elf.text_and_data(9000, 100)
    (source / "program").write_bytes(elf.elf_file(elf.Form(), segments, bytes(range(256)) * (size // 256 + 1)))
    run_well("mkcramfs-xip", source, tmp_path / "good.img")
    run_well("mkcramfs-xip", "--xip=none", source, tmp_path / "bad.img")
    good = example("runs-in-place", tmp_path / "good.img")
    assert (good.returncode, good.stdout) == (0, b"")
    bad = example("runs-in-place", tmp_path / "bad.img")
    assert (bad.returncode, bad.stdout) == (1, b"/program: 0 of 3 pages of text in place: no extended block pointers\n")
    assert example("runs-in-place", tmp_path / "none.img").returncode == 8
