"""Images that are laid out like older ones: a booted kernel sees the new tree, and maps the pages of the report."""
import os
import random
import shutil
import subprocess

import pytest

import case
import few_pages
import random_edits
import random_tree

SEEDS = range(2701, 2707)
UPDATES = 3
# That many pages of a program change, and its file may grow.
CHANGED = ("bin/busybox", "usr/bin/ldd", "lib/arm-linux-gnueabihf/libc.so.6")


def is_big(seed):
    return seed % 3 == 0


def updated(guest, tools, work, seed):
    """A tree after some updates, each image like the one before; the last is booted."""
    rng = random.Random(seed)
    source, old = work / "source", work / "0.img"
    random_tree.make_random_tree(source, seed)
    owners = [] if os.geteuid() == 0 else ["-q"]
    options = [*guest.machine.order_options, *guest.machine.kernel_options, *owners]
    tools.pack(source, old, *options)
    like = ["--slack=1000", f"--erase-block={rng.choice(('4K', '16K', '64K'))}"]
    for number in range(1, UPDATES):
        for _ in range(10):
            random_edits.edit(rng, os.fsencode(source))
        new = work / f"{number}.img"
        tools.pack(source, new, f"--like={old}", *like, *options)
        old = new
    for _ in range(10):
        random_edits.edit(rng, os.fsencode(source))
    return case.run_case(guest, tools, source, work / "image", f"--like={old}", *like)


@pytest.mark.parametrize("seed", SEEDS)
def test_random_updates_are_mapped_as_predicted(arm, armbe, tools, seed, tmp_path):
    observed = updated(armbe if is_big(seed) else arm, tools, tmp_path, seed)
    observed.compare().verdict(nodes=400, files=200, bytes=2 << 20, mappings=150, direct_pages=150)
    assert not case.loader_disagreements(observed)


def test_random_updates_run_without_an_mmu(riscv_nommu, tools, tmp_path):
    updated(riscv_nommu, tools, tmp_path, 2710).compare().verdict(nodes=200, files=100, bytes=1 << 20)


@pytest.mark.parametrize("seed, options", [(2721, []), (2722, ["--xip=all"]), (2723, ["--no-holes"])])
def test_updates_of_pages_that_files_share_are_mapped_as_predicted(arm, tools, seed, options, tmp_path):
    rng = random.Random(seed)
    source, old = tmp_path / "source", tmp_path / "0.img"
    tree = few_pages.Tree(source, rng)
    tools.pack(source, old, "-q", *options)
    for number in range(1, 6):
        for _ in range(4):
            tree.edit()
        like = [f"--like={old}", "--slack=1000", f"--erase-block={rng.choice(('4K', '64K'))}"]
        old = tmp_path / f"{number}.img"
        tools.pack(source, old, "-q", *options, *like)
    tree.edit()
    observed = case.run_case(arm, tools, source, tmp_path / "image", *options, *like[1:], f"--like={old}")
    observed.compare().verdict(nodes=20, files=15, bytes=200000, mappings=8, direct_pages=20)


def change_program(rng, path):
    """Some pages in the middle change, and more pages follow the last one."""
    data = bytearray(path.read_bytes())
    for _ in range(4):
        at = rng.randrange(0x1000, len(data) - 8)
        data[at:at + 8] = rng.randbytes(8)
    path.chmod(0o755)
    path.write_bytes(bytes(data) + rng.randbytes(5000))


def test_an_update_of_debians_tree_is_mapped_as_predicted(arm, tools, debian_armhf, tmp_path):
    rng = random.Random(2711)
    source, old = tmp_path / "source", tmp_path / "old.img"
    subprocess.run(["cp", "-a", debian_armhf, source], check=True)
    owners = [] if os.geteuid() == 0 else ["-q"]
    tools.pack(source, old, *owners)
    for path in CHANGED:
        change_program(rng, (source / path).resolve())
    (source / "etc/update.conf").write_bytes(b"new = yes\n" * 400)
    shutil.rmtree(source / "usr/lib/arm-linux-gnueabihf/gconv", ignore_errors=True)
    observed = case.run_case(arm, tools, source, tmp_path / "image", f"--like={old}")
    report = tools.report(old)
    comparison = observed.compare()
    comparison.verdict(nodes=100, files=60, bytes=4 << 20, mappings=60, direct_pages=500)
    assert observed.report["totals"]["direct_pages"] <= report["totals"]["direct_pages"]
