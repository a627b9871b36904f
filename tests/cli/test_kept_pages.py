"""--like with a budget: pages in place stay there, within the budget. Rules with `must`: in place before all else."""
import json
import random
import re

import pytest

import elf
from tools import OPERATIONAL, run, run_well

PAGE = 4096
SEED = 2105


def soft(rng, pages):
    return b"".join(rng.randbytes(hard) + bytes(PAGE - hard) for hard in rng.choices((300, 1500, 2000, 2500, 3000), k=pages))


def program(rng, pages):
    payload = soft(rng, pages) + b"t" * 900
    return elf.elf_file(elf.Form(kind=elf.ET_EXEC), [elf.Segment(elf.R | elf.X, 0, len(payload), 0x8000)], payload)


class Tree:
    def __init__(self, path):
        print(f"seed {SEED}")
        self.rng = random.Random(SEED)
        self.path, self.root = path, path / "tree"
        self.root.mkdir()
        for number in range(20):
            self.add(f"p{number}", program(self.rng, self.rng.randint(2, 20)))

    def add(self, name, data):
        (self.root / name).write_bytes(data)
        (self.root / name).chmod(0o755)

    def edit(self, name, at=5000):
        data = bytearray((self.root / name).read_bytes())
        data[at] ^= 1
        self.add(name, data)

    def build(self, image, *options):
        stats = self.path / "stats"
        run_well("mkcramfs-xip", "-q", f"--stats=json:{stats}", *options, self.root, self.path / image)
        run_well("cramfsck", "-E", self.path / image)
        return json.loads(stats.read_text())

    def direct(self, image):
        """{name: direct pages}"""
        report = json.loads(run_well("cramfsck", "--xip-report=json", self.path / image))
        return {file["path"][1:]: sum(m["direct_pages"] for m in file["mappings"]) for file in report["files"]}

    def rules(self, text):
        (self.path / "rules").write_text(text)
        return f"--xip-rules={self.path / 'rules'}"


@pytest.fixture(name="tree")
def make_tree(tmp_path):
    return Tree(tmp_path)


def full_cost(tree):
    return tree.build("full.img", "--xip-budget=1G")["choice"]["full_cost"]


@pytest.mark.parametrize("percent", [20, 50, 80])
def test_what_is_in_place_stays_and_few_erase_blocks_differ(tree, percent):
    budget = f"--xip-budget={full_cost(tree) * percent // 100}"
    tree.build("old.img", budget)
    before = tree.direct("old.img")
    tree.edit("p3")
    tree.add("p10b", program(tree.rng, 12))
    (tree.root / "p17").unlink()
    found = tree.build("new.img", budget, f"--like={tree.path / 'old.img'}", "--erase-block=4K", "--slack=20")
    assert found["choice"]["cost"] <= found["choice"]["budget"]
    after = tree.direct("new.img")
    lost = {name: (before[name], after.get(name)) for name in before if name != "p17" and after.get(name, 0) < before[name]}
    assert not lost
    assert found["like"]["kept"] and found["like"]["differing"] <= 2 * found["like"]["least"] + 4, found["like"]


def test_freed_and_added_flash_is_filled_by_value(tree):
    full = full_cost(tree)
    tree.build("old.img", f"--xip-budget={full // 3}")
    before = tree.direct("old.img")
    found = tree.build("new.img", f"--xip-budget={full * 2 // 3}", f"--like={tree.path / 'old.img'}")
    after = tree.direct("new.img")
    assert all(after[name] >= before[name] for name in before)
    assert found["choice"]["cost"] > full * 2 // 3 - 2 * PAGE


def test_a_smaller_budget_is_held_and_keeps_the_best_of_what_was_there(tree):
    full = full_cost(tree)
    tree.build("old.img", f"--xip-budget={full * 2 // 3}")
    before = tree.direct("old.img")
    found = tree.build("new.img", f"--xip-budget={full // 3}", f"--like={tree.path / 'old.img'}", "--slack=1000")
    after = tree.direct("new.img")
    assert full // 3 - 2 * PAGE < found["choice"]["cost"] <= full // 3
    assert sum(after[name] > before[name] for name in before) <= 1  # with no room for any page of the steps before


def test_a_page_that_nobody_touches_any_more_stays_too(tree):
    profile = tree.path / "profile"
    profile.write_text("path,offset,count\np1,0,1\np2,0,1\n")
    tree.build("old.img", f"--xip-profile={profile}", "--xip-budget=1M")
    profile.write_text("path,offset,count\np2,0,1\n")
    tree.build("new.img", f"--xip-profile={profile}", "--xip-budget=1M", f"--like={tree.path / 'old.img'}")
    assert tree.direct("new.img")["p1"] == 1
    tree.build("new.img", f"--xip-profile={profile}", "--xip-budget=1M")
    assert tree.direct("new.img")["p1"] == 0


def test_the_same_tree_and_budget_is_the_same_image(tree):
    for budget in (30000, 90000):
        tree.build("old.img", f"--xip-budget={budget}")
        tree.build("new.img", f"--xip-budget={budget}", f"--like={tree.path / 'old.img'}")
        assert (tree.path / "old.img").read_bytes() == (tree.path / "new.img").read_bytes()


# -- rules with must ---------------------------------------------------------------------------------------------

def test_what_must_be_in_place_is_paid_before_all_else(tree):
    whole = tree.direct("full.img") if full_cost(tree) else {}
    price = tree.build("one.img", tree.rules("/p5 readonly must\n* compressed\n"), "--xip-budget=1G")["choice"]["cost"]
    rule = tree.rules("/p5 readonly must\n")
    found = tree.build("new.img", rule, f"--xip-budget={price + 2 * PAGE}")
    direct = tree.direct("new.img")
    assert direct["p5"] == whole["p5"] > 0 and found["choice"]["cost"] <= price + 2 * PAGE
    assert sum(direct.values()) > direct["p5"]
    # A profile without pages of it changes nothing.
    (tree.path / "profile").write_text("path,offset,count\np1,0,1\n")
    tree.build("new.img", rule, f"--xip-budget={price + 2 * PAGE}", f"--xip-profile={tree.path / 'profile'}")
    assert tree.direct("new.img") == {name: whole["p5"] if name == "p5" else int(name == "p1") for name in whole}


def test_without_must_a_rule_says_only_what_may_go_in_place(tree):
    tree.build("new.img", tree.rules("/p5 readonly\n* compressed\n"), "--xip-budget=0")
    assert tree.direct("new.img")["p5"] == 0


def test_what_the_budget_cannot_pay_is_an_error_with_the_price(tree):
    rules = tree.rules("/p5 readonly must\n/p6 in-place must\n")
    price = tree.build("one.img", tree.rules("/p5 readonly must\n/p6 in-place must\n* compressed\n"), "--xip-budget=1G")["choice"]["cost"]
    bare = tree.build("bare.img", "--xip=none")["bytes"]["image"]
    for option, budget in ((f"--xip-budget={price - 1}", price - 1), (f"--fit={bare + price - PAGE}", price - PAGE)):
        done = run("mkcramfs-xip", "-q", rules, option, tree.root, tree.path / "new.img")
        said = done.stderr.decode()
        assert done.returncode == OPERATIONAL and not (tree.path / "new.img").exists()
        assert f"take {price} bytes of flash, {price - budget} bytes over the budget of {budget}" in said
        shares = [int(cost) for cost in re.findall(r"rules:\d: (\d+) of these bytes", said)]
        assert len(shares) == 2 and sum(shares) == price
    tree.build("new.img", rules, f"--xip-budget={price}")
    done = run("mkcramfs-xip", "-q", rules, f"--fit={bare - 1}", tree.root, tree.path / "new.img")
    assert done.returncode == OPERATIONAL and b"over --fit" in done.stderr and b"the image has %d bytes with nothing in place" % bare in done.stderr


def test_must_is_for_what_goes_in_place(tree):
    for word in ("compressed", "stored"):
        done = run("mkcramfs-xip", "-q", tree.rules(f"/p5 {word} must\n"), tree.root, tree.path / "new.img")
        assert done.returncode == OPERATIONAL and f"rules:1: 'must' needs a rule that puts pages in place, and '{word}'".encode() in done.stderr


def test_the_curve_begins_with_what_must_be_in_place(tree):
    rules = tree.rules("/p5 readonly must\n")
    curve = json.loads(run_well("mkcramfs-xip", "-q", "--what-if=json", rules, tree.root))
    first = curve["points"][0]
    assert [file["path"] for file in first["files"]] == ["/p5"]
    for point in curve["points"][:3]:
        assert tree.build("new.img", rules, f"--xip-budget={point['budget']}")["bytes"]["image"] == point["image_size"]
