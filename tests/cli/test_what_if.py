"""--what-if: the curve of a tree, compared with the images that its budgets make."""
import csv
import io
import json
import os
import random
import re
import xml.dom.minidom

import pytest

import elf
import schemas
from tools import OPERATIONAL, USAGE, run, run_well

PAGE = 4096
SEED = 2102
SVG = "http://www.w3.org/2000/svg"


def soft(rng, pages):
    """Bytes that compress more or less, page by page."""
    return b"".join(rng.randbytes(hard) + bytes(PAGE - hard) for hard in rng.choices((0, 500, 1500, 2500, 3900, PAGE), k=pages))


def program(rng, pages):
    payload = soft(rng, pages) + b"t" * rng.randint(1, 900)
    return elf.elf_file(elf.Form(kind=elf.ET_EXEC), [elf.Segment(elf.R | elf.X, 0, len(payload), 0x8000)], payload)


class Tree:
    def __init__(self, path):
        print(f"seed {SEED}")
        rng = random.Random(SEED)
        self.path, self.root, self.image = path, path / "tree", path / "image"
        self.root.mkdir()
        for number in range(12):
            self.add(f"p{number}", program(rng, rng.randint(1, 25)))
        self.add("twin", (self.root / "p3").read_bytes(), 0o700)
        os.link(self.root / "p4", self.root / "linked")
        self.add("data", rng.randbytes(9000), 0o644)
        self.profile = path / "profile"
        rows = {(f"p{number}", rng.randrange((self.root / f"p{number}").stat().st_size // PAGE + 1))
                for number in range(12) for _ in range(6)}
        self.profile.write_text("path,offset,count\n" + "".join(f"/{name},{page * PAGE},1\n" for name, page in sorted(rows)))

    def add(self, name, data, mode=0o755):
        (self.root / name).write_bytes(data)
        (self.root / name).chmod(mode)

    def curve(self, *options):
        said = run_well("mkcramfs-xip", "-q", "--what-if=json", *options, self.root)
        return schemas.valid("what-if", said)

    def build(self, *options):
        """(the size of the image, its statistics)"""
        stats = self.path / "stats"
        run_well("mkcramfs-xip", "-q", "--quiet", f"--stats=json:{stats}", *options, self.root, self.image)
        return self.image.stat().st_size, json.loads(stats.read_text()).get("choice")


@pytest.fixture(name="tree")
def make_tree(tmp_path):
    return Tree(tmp_path)


@pytest.mark.parametrize("ways", [[], ["profile"], ["profile", "--xip-split"], ["--kernel=nommu", "--xip=all"]],
                         ids=["plain", "profile", "split", "nommu"])
def test_each_point_is_what_its_budget_makes_to_the_byte(tree, ways):
    options = [f"--xip-profile={tree.profile}" if way == "profile" else way for way in ways]
    curve = tree.curve(*options)
    assert len(curve["points"]) >= (1 if "--kernel=nommu" in options else 15)
    for point in curve["points"]:
        size, choice = tree.build(*options, f"--xip-budget={point['budget']}")
        found = (size, choice["cost"], choice["pages"], choice.get("touched_pages"))
        assert found == (point["image_size"], point["flash_cost"], point["pages"], point.get("touched_pages")), point
        assert point["ram_saved"] == PAGE * point.get("touched_pages", point["pages"])
        assert point["image_size"] == curve["bare_size"] + point["flash_cost"]
    if "--xip-split" not in options:
        assert curve["points"][-1]["image_size"] == curve["full_size"] == tree.build(*options, "--xip-budget=1G")[0]


def test_the_curve_goes_from_nothing_to_everything(tree):
    curve = tree.curve()
    points = curve["points"]
    assert points[0]["image_size"] == curve["bare_size"] == tree.build("--xip=none")[0]
    assert points[-1]["image_size"] == tree.build()[0] and points[-1]["ram_per_flash"] is None
    assert curve["limit"] is None and curve["ram"] == "upper-bound" and curve["split"] is False
    assert 20 <= len(points) <= 33
    for before, after in zip(points, points[1:]):
        assert after["budget"] > before["budget"] and after["flash_cost"] > before["flash_cost"]
        wanted = (after["ram_saved"] - before["ram_saved"]) / (after["flash_cost"] - before["flash_cost"])
        assert abs(before["ram_per_flash"] - wanted) <= 0.0005


def test_files_say_what_came_in(tree):
    held = {}
    for point in tree.curve()["points"]:
        for file in point["files"]:
            assert file["pages"] == held.get(file["path"], 0) + file["added"] and file["added"]
            held[file["path"]] = file["pages"]
        assert sum(held.values()) == point["pages"]
    assert "/twin" in held and not {"/linked", "/p4"} <= set(held)


def test_a_size_is_marked_with_the_point_that_it_comes_to(tree):
    bare = tree.curve()["bare_size"]
    bound = bare + 7 * PAGE + 100
    size, choice = tree.build(f"--fit={bound}")
    for option, name in ((f"--fit={bound}", "--fit"), (f"--max-size={bound}", "--max-size"), (f"--pad-to={bound}", "--pad-to")):
        curve = tree.curve(option)
        point = curve["points"][curve["limit"]["point"]]
        assert (point["image_size"], point["pages"]) == (size, choice["pages"])
        assert (curve["limit"]["option"], curve["limit"]["size"]) == (name, bound)
    curve = tree.curve(f"--xip-budget={5 * PAGE}")
    assert curve["points"][curve["limit"]["point"]]["budget"] == 5 * PAGE
    assert curve["limit"]["option"] == "--xip-budget" and curve["limit"]["size"] == bare + 5 * PAGE
    assert tree.curve(f"--fit={bare - 1}")["limit"] == {"option": "--fit", "size": bare - 1, "point": None}
    wide = tree.curve("--max-size=1G")
    assert wide["limit"]["point"] == len(wide["points"]) - 1


def test_nothing_that_could_be_in_place_is_one_point(tree):
    curve = tree.curve("--xip=none")
    point, = curve["points"]
    assert point["image_size"] == curve["bare_size"] == curve["full_size"] and point["pages"] == 0


def test_csv_has_what_json_has(tree):
    curve = tree.curve("--max-size=1G")
    rows = list(csv.DictReader(io.StringIO(run_well("mkcramfs-xip", "-q", "--what-if=csv", "--max-size=1G", tree.root).decode())))
    assert len(rows) == len(curve["points"])
    for number, (row, point) in enumerate(zip(rows, curve["points"])):
        assert all(int(row[key]) == point[key] for key in ("budget", "image_size", "flash_cost", "ram_saved", "pages"))
        assert row["touched_pages"] == ""
        assert float(row["ram_per_flash"] or "nan") == point["ram_per_flash"] or point["ram_per_flash"] is None
        assert row["limit"] == ("--max-size" if number == curve["limit"]["point"] else "")
        assert row["files"].split() == [file["path"] for file in point["files"] if file["added"] > 0]


def test_text_fits_80_columns_and_marks_the_size(tree):
    curve = tree.curve("--fit=450K")
    lines = run_well("mkcramfs-xip", "-q", "--what-if", "--fit=450K", tree.root).decode().splitlines()
    assert max(map(len, lines)) <= 80
    rows = [line for line in lines if re.match(r"[ *] +\d+ +\d+ +\d+ ", line)]
    assert [int(row[1:].split()[0]) for row in rows] == [point["image_size"] for point in curve["points"]]
    assert [row[0] for row in rows].index("*") == curve["limit"]["point"]
    assert any("upper bound" in line for line in lines)
    with_profile = run_well("mkcramfs-xip", "-q", "--what-if=text", f"--xip-profile={tree.profile}", tree.root)
    assert b"upper bound" not in with_profile


def test_the_picture_has_axes_labels_and_marks(tree):
    tree.add("<&\">", program(random.Random(9), 120))
    curve = tree.curve("--fit=700K")
    said = run_well("mkcramfs-xip", "-q", "--what-if=svg", "--fit=700K", tree.root)
    document = xml.dom.minidom.parseString(said)
    picture = document.documentElement
    assert picture.namespaceURI == SVG and not document.getElementsByTagName("script")
    texts = ["".join(node.data for node in text.childNodes) for text in document.getElementsByTagName("text")]
    assert {"RAM saved at most", "size of the image", "KiB of RAM for the next KiB of flash"} <= set(texts)
    assert "--fit: 716800 bytes" in texts and sum(text.endswith(" KiB") for text in texts) >= 6
    assert "<&\">" in texts  # the file that comes in
    circles = document.getElementsByTagName("circle")
    assert len(circles) == len(curve["points"])
    assert [circle.getAttribute("class") for circle in circles].index("own") == curve["limit"]["point"]
    _, _, width, height = map(int, picture.getAttribute("viewBox").split())
    for circle in circles:
        assert 0 < int(circle.getAttribute("cx")) < width and 0 < int(circle.getAttribute("cy")) < height


def test_it_writes_no_image_and_needs_none(tree):
    alone = run_well("mkcramfs-xip", "-q", "--what-if=json", tree.root)
    assert run_well("mkcramfs-xip", "-q", "--what-if=json", tree.root, tree.image) == alone
    assert not tree.image.exists()
    for option in ("--stats=json", "--extents=x", "--depfile=x", f"--like={tree.profile}", "--explain"):
        done = run("mkcramfs-xip", "--what-if", option, tree.root)
        assert done.returncode == USAGE and f"leave out {option.split('=')[0]}".encode() in done.stderr
    assert run("mkcramfs-xip", "--what-if").returncode == USAGE
    assert run("mkcramfs-xip", "--what-if=pdf", tree.root).returncode == USAGE
    done = run("mkcramfs-xip", "--what-if", tree.path / "missing")
    assert done.returncode == OPERATIONAL and not done.stdout


def test_threads_change_nothing(tree):
    assert tree.curve("-j1") == tree.curve("-j5")
