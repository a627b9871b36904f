"""The report is right for images of any maker and at any address, not only for those of our packer."""
import dataclasses
import json
import random

import pytest

import case
import elf
import guest
import oracle
import specimen
from trees import Tree, compressible

PAGE = specimen.PAGE
TEXT = random.Random(1).randbytes(4 * PAGE)
ROOT = specimen.directory({
    b"whole": specimen.file(TEXT[:-100], "dddd"),
    b"half": specimen.file(TEXT, "dd"),
    b"broken by a block": specimen.file(TEXT[:-100], "dcdd"),
    b"broken by a hole": specimen.file(bytes(PAGE).join([TEXT[:PAGE], TEXT[:PAGE + 9]]), "dhdd"),
    b"broken by a gap": specimen.file(TEXT[:-100], "ddgd"),
    b"one short page": specimen.file(TEXT[:10], "d"),
    b"late": specimen.file(TEXT, "ccd"),
    b"compressed": specimen.file(TEXT),
})


def predict_and_boot(guest, tools, work, **form):
    image, source = work / "image", work / "source"
    image.write_bytes(specimen.make_image(ROOT, big=guest.machine.big, **form))
    specimen.write_source(ROOT, source)
    # cramfsck may report findings in such an image; the report is on standard output nevertheless.
    done = tools.run("cramfsck", "--xip-report=json", *guest.machine.report_options, image)
    assert done.returncode in (0, 4), done.stderr.decode()
    report = json.loads(done.stdout)
    observation = guest.boot(image, oracle.requests(report))
    comparison = oracle.Comparison()
    oracle.compare_tree(comparison, oracle.expected_tree(source, all_root=True), observation)
    oracle.compare_report(comparison, report, observation, source)
    return comparison


def test_runs_that_are_cut_short(either_arm, tools, tmp_path):
    comparison = predict_and_boot(either_arm, tools, tmp_path)
    comparison.verdict(nodes=18, mappings=8, pages=28, direct_pages=11, direct_mappings=2, mixed_mappings=4,
                       refused_mappings=2)


def test_last_pages_that_hold_other_data(either_arm, tools, tmp_path):
    comparison = predict_and_boot(either_arm, tools, tmp_path, dirty_tails=True)
    comparison.verdict(nodes=18, mappings=8, pages=28, direct_pages=9, mixed_mappings=5, refused_mappings=3)


def test_a_shared_mapping_is_as_direct_as_a_private_one(either_arm, tmp_path):
    """The kernel's words are the one witness: pagemap has no entries of a mapping that is wholly direct."""
    image = tmp_path / "image"
    image.write_bytes(specimen.make_image(ROOT, big=either_arm.machine.big))
    asked = [(name, flags) for name in (b"whole", b"half", b"compressed") for flags in ("r--p", "r--s", "r-xs")]
    observation = either_arm.boot(image, [f"map {name.hex()} 0 {4 * PAGE} {flags}" for name, flags in asked])
    decided = [oracle.read_decisions(record["messages"])[0][1] for record in observation.mappings]
    assert decided[0:3] == 3 * [oracle.Decision(4, 4, None)]
    assert decided[3:6] == 3 * [oracle.Decision(2, 4, oracle.CUT_SHORT)]
    assert decided[6:9] == 3 * [oracle.Decision(0, None, "unsuitable block layout")]
    assert len({record["bytes"] for record in observation.mappings}) == 2


def test_pages_that_are_not_aligned_in_the_image(either_arm, tools, tmp_path):
    comparison = predict_and_boot(either_arm, tools, tmp_path, skew=1024)
    comparison.verdict(nodes=18, mappings=8, pages=28, refused_mappings=8)


@pytest.fixture(scope="module")
def skewed_arm(tmp_path_factory):
    """A machine with its ROM in the middle of a page."""
    machine = dataclasses.replace(guest.ARM, rom_base=guest.ARM.rom_base + 1024, rom_size=guest.ARM.rom_size - PAGE)
    return guest.Guest(machine, tmp_path_factory.mktemp("skewed"))


def test_an_address_that_is_not_aligned(skewed_arm, tools, tmp_path):
    predict_and_boot(skewed_arm, tools, tmp_path).verdict(nodes=18, mappings=8, pages=28, refused_mappings=8)


def test_two_misalignments_that_make_up_for_each_other(skewed_arm, tools, tmp_path):
    comparison = predict_and_boot(skewed_arm, tools, tmp_path, skew=PAGE - 1024)
    comparison.verdict(nodes=18, mappings=8, direct_pages=11, direct_mappings=2, mixed_mappings=4)


def test_an_address_that_is_not_aligned_wastes_a_budget(skewed_arm, tools, tmp_path):
    """An image of mkcramfs-xip that is direct at other addresses: the report for this address says that no page is."""
    rng = random.Random(2)
    tree = Tree(tmp_path / "source")
    for number in range(6):
        segments, size = elf.separate_code(PAGE, 5 * PAGE, 3 * PAGE, 300)
        tree.file(b"program%d" % number, elf.elf_file(elf.Form(), segments, compressible(rng, size)), 0o755)
    observed = case.run_case(skewed_arm, tools, tmp_path / "source", tmp_path / "image", "--xip-budget=100K")

    def text(report):
        return [mapping for file in report["files"] for mapping in file["mappings"] if mapping["flags"] == "r-x"]

    elsewhere = text(tools.report(observed.image))
    assert 0 < sum(mapping["direct_pages"] for mapping in elsewhere) < sum(mapping["pages"] for mapping in elsewhere)
    assert observed.report["totals"]["direct_pages"] == 0
    in_place = [here for here, there in zip(text(observed.report), elsewhere) if there["direct_pages"]]
    assert {mapping["reason"] for mapping in in_place} == {"data is not page aligned"}
    observed.compare().verdict(nodes=14, mappings=24, pages=100, refused_mappings=24)
