"""The report holds for images of any maker and at any address, not only for what our packer makes where it likes."""
import dataclasses
import json
import random

import pytest

import guest
import oracle
import specimen

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


def predict_and_boot(guest, tools, work, *options, **form):
    image, source = work / "image", work / "source"
    image.write_bytes(specimen.make_image(ROOT, big=guest.machine.big, **form))
    specimen.write_source(ROOT, source)
    # cramfsck may have something to say against such an image; the report is on stdout all the same.
    done = tools.run("cramfsck", "--xip-report=json", *options, image)
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
    base = f"--base={skewed_arm.machine.rom_base:#x}"
    predict_and_boot(skewed_arm, tools, tmp_path, base).verdict(nodes=18, mappings=8, pages=28, refused_mappings=8)


def test_two_misalignments_that_make_up_for_each_other(skewed_arm, tools, tmp_path):
    base = f"--base={skewed_arm.machine.rom_base:#x}"
    comparison = predict_and_boot(skewed_arm, tools, tmp_path, base, skew=PAGE - 1024)
    comparison.verdict(nodes=18, mappings=8, direct_pages=11, direct_mappings=2, mixed_mappings=4)
