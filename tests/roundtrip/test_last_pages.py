"""Blocks may be larger than a page.

In a file of whole pages, a last block that does not compress is deflated nevertheless if only a direct pointer can
reach it. Then it has more bytes in the image than in the file.
"""
import json
import random

import pytest

import elf
import few_pages
import trees
from tools import run, run_well

PAGE = 4096


@pytest.mark.parametrize("compressor", ["zlib", "default"])
@pytest.mark.parametrize("filler", range(3700, 4000, 12))
def test_blocks_larger_than_a_page_read_right(filler, compressor, tmp_path):
    rng = random.Random(filler)
    tree = trees.Tree(tmp_path / "source")
    segments, size = elf.text_only(2 * PAGE)
    tree.file(b"prog", elf.elf_file(elf.Form(), segments, trees.incompressible(rng, size)) + trees.incompressible(rng, PAGE))
    tree.file(b"zfill", trees.incompressible(rng, filler))
    for number in range(6):
        tree.file(b"z%d" % number, trees.incompressible(rng, 5))
    options = ["--compressor=zlib"] if compressor == "zlib" else []
    run_well("mkcramfs-xip", "-q", *options, tree.root, tmp_path / "out.img")
    run_well("cramfsck", "-E", tmp_path / "out.img")


BIG = 65536


def big_program(rng, pages):
    """Its text is all pages but the last; no compressor makes any page smaller."""
    size = (pages - 1) * BIG
    return elf.elf_file(elf.Form(), [elf.Segment(elf.R | elf.X, 0, size, BIG)], trees.incompressible(rng, size)) + trees.incompressible(rng, BIG)


def build_and_extract(tmp_path, tree, *options):
    image = tmp_path / "out.img"
    built = run("mkcramfs-xip", "-q", "-b", "64K", *options, tree.root, image)
    assert built.returncode == 0, built.stderr
    run_well("cramfsck", "-b", "64K", f"--extract={tmp_path / 'out'}", image)
    for path in (tmp_path / "source").iterdir():
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes(), path.name
    return built.stderr.decode(), {file["path"]: file["direct_pages"] for file in json.loads(
        run_well("cramfsck", "-b", "64K", "--xip-report=json", image))["files"]}


@pytest.mark.parametrize("options", [[], ["--xip-budget=100M"], ["--compressor=zlib"]])
def test_a_large_last_page_that_does_not_compress_keeps_its_file_out_of_place_and_no_other(tmp_path, options):
    rng = random.Random(6400)
    tree = trees.Tree(tmp_path / "source")
    tree.file(b"whole", big_program(rng, 3))
    tree.file(b"longer", big_program(rng, 3) + b"!")
    tree.file(b"softer", big_program(rng, 3)[:-BIG] + b"soft" * (BIG // 4))
    said, direct = build_and_extract(tmp_path, tree, *options)
    assert said.count("warning") == 1 and "/whole: no page of it is in place: a file of whole pages needs a last page that compresses" in said
    assert direct == {"/longer": 2, "/softer": 2, "/whole": 0}


@pytest.mark.parametrize("zeroes", [0, 1])
@pytest.mark.parametrize("pages", [2, 3])
def test_a_large_last_page_that_does_not_compress_where_the_others_are_shared(tmp_path, pages, zeroes):
    """With another file, plain and in place: the page before the last has to be the file's own."""
    rng = random.Random(6401)
    shared = big_program(rng, pages)[:-BIG]
    tree = trees.Tree(tmp_path / "source")
    tree.file(b"donor", shared + b"soft")
    tree.file(b"data", shared[::-1] + b"soft")
    tree.file(b"like data", shared[::-1] + bytes(zeroes * BIG) + trees.incompressible(rng, BIG))
    tree.file(b"like donor", b"#!" + shared[2:] + bytes(zeroes * BIG) + trees.incompressible(rng, BIG))
    said, direct = build_and_extract(tmp_path, tree)
    assert "warning" not in said and direct["/donor"] == pages - 1


PROGRAMS_TOUCHED = (0, 0.5, 1)  # where in a program its touched pages are


def profile_of(root, path, rng):
    rows = ["path,offset,count"]
    for file in sorted(root.rglob("*")):
        if file.is_file() and file.stat().st_size and rng.random() < 0.8:
            pages = -(-file.stat().st_size // BIG)
            hot = {int(share * (pages - 1)) for share in PROGRAMS_TOUCHED if rng.random() < 0.8}
            rows += [f"/{file.relative_to(root)},{page * BIG},1" for page in sorted(hot)]
    path.write_text("\n".join(rows) + "\n")
    return f"--xip-profile={path}"


def check_image(work, root, image, stats):
    """All files are there; those that are cut differ in their headers and the new table alone."""
    run_well("cramfsck", "-b", "64K", "-E", image)
    run_well("cramfsck", "-b", "64K", "--force", f"--extract={work / 'out'}", image)
    changed = {file["path"][1:] for file in stats.get("split", {}).get("changed", [])}
    for file in root.rglob("*"):
        if not file.is_file():
            continue
        before, after = file.read_bytes(), (work / "out" / file.relative_to(root)).read_bytes()
        if str(file.relative_to(root)) not in changed:
            assert after == before, file
        else:
            assert len(after) >= len(before) and sum(a != b for a, b in zip(before, after)) < 2048, file
    return len(changed)


@pytest.mark.parametrize("seed", range(6410, 6418))
def test_large_pages_with_older_images_and_cuts_never_fail_a_build(seed, tmp_path, monkeypatch):
    """Files of whole pages that do not compress and are shared, in updates of random trees, with their programs cut."""
    for module in (elf, few_pages, trees):
        monkeypatch.setattr(module, "PAGE", BIG)
    rng = random.Random(seed)
    root, stats, cut, old = tmp_path / "source", tmp_path / "stats", 0, None
    files = few_pages.Tree(root, rng)
    files.pages.pages = files.pages.pages[:3] + [rng.randbytes(BIG) for _ in range(3)]
    options = ["-q", "-b", "64K", "--force", "--stale-profile=warn", f"--stats=json:{stats}"]
    options += rng.choice([[], ["--xip=all"], ["--compressor=zlib"], ["--xip-budget=2M"], ["--no-holes"]])
    for number in range(3):
        for _ in range(6):
            files.edit()
        files.write("a0", big_program(rng, rng.randint(2, 5)) + rng.choice((b"", b"", b"!")))
        image = tmp_path / f"{number}.img"
        words = [profile_of(root, tmp_path / "profile", rng), rng.choice(("--xip-split", "--xip-split=max"))] \
            if rng.random() < 0.8 or "--xip-budget=2M" in options else []
        words += [f"--like={old}", "--slack=1000", f"--erase-block={rng.choice(('4K', '64K', '256K'))}"] if old else []
        run_well("mkcramfs-xip", *options, *words, root, image)
        cut += check_image(tmp_path, root, image, json.loads(stats.read_text()))
        old = image
    print(f"seed {seed}: {cut} files were cut")
