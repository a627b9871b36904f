"""One image for each way to break each rule: it gives that finding and nothing more, and its twin gives none."""
import pytest

import cases.blocks
import cases.directories
import cases.names
import cases.streams
import cases.superblock
import programs

RULES = programs.rules()
EACH = [pytest.param(case, shape, id=f"{case.make.__name__}-{shape}") for case in cases.ALL for shape in case.shapes]


@pytest.mark.parametrize("case, shape", EACH)
def test_image_that_breaks_one_rule_gives_that_finding_only(tools, tmp_path, case, shape):
    image = tmp_path / "wrong.img"
    image.write_bytes(case.make(shape, True))
    findings, status = tools.check(image, shape.page, *case.options)
    assert sorted(finding.found for finding in findings) == sorted(case.found)
    for finding in findings:
        assert (finding.severity, finding.sentence) == RULES[finding.rule]
    severities = {RULES[found.rule][0] for found in case.found}
    assert status == (4 if "error" in severities else 0)
    assert tools.check(image, shape.page, "-E", *case.options)[1] == (4 if severities & {"error", "hazard"} else 0)


@pytest.mark.parametrize("case, shape", EACH)
def test_twin_that_keeps_the_rule_gives_no_finding(tools, tmp_path, case, shape):
    image = tmp_path / "right.img"
    image.write_bytes(case.make(shape, False))
    findings, status = tools.check(image, shape.page, *case.options)
    assert [finding.found for finding in findings] == [] and status == 0


def test_every_rule_of_the_header_has_a_case():
    assert len(RULES) >= 60, "the header's list was not understood"
    assert {found.rule for case in cases.ALL for found in case.found} == set(RULES)


@pytest.mark.parametrize("trap", [1, 2, 3, 4, 5, 6, 7, 10, 11, 12])
def test_every_trap_of_the_kernel_has_a_case(trap):
    assert any(case.make.__name__.startswith(f"trap_{trap}_") for case in cases.ALL)


def test_notes_are_kept_for_verbose(tools, tmp_path):
    case = next(case for case in cases.ALL if case.make.__name__ == "a_page_behind_the_image")
    image = tmp_path / "note.img"
    image.write_bytes(case.make(case.shapes[0], True))
    run = tools.run("cramfsck", image)
    assert run.returncode == 0 and run.stderr == b""
