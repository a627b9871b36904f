"""The traps of the format, each with a tree that falls into it unless the packer avoids it."""
import copy
import dataclasses

import pytest

import case
import oracle
import trap_tree
import trees


@pytest.fixture(scope="module", params=["--xip=auto", "--xip=none", "--legacy --no-holes", "-p"])
def trapped(request, either_arm, tools, tmp_path_factory):
    work = tmp_path_factory.mktemp("traps")
    trap_tree.make_trap_tree(work / "source")
    return request.param, case.run_case(either_arm, tools, work / "source", work / "image", *request.param.split())


def test_the_kernel_sees_the_source_tree(trapped):
    options, observed = trapped
    trap_tree.check(observed.compare(), options)


def test_the_report_s_mappings_are_those_of_the_program_headers(trapped):
    assert not case.loader_disagreements(trapped[1])


@pytest.mark.parametrize("end", [4096 - 264, 4096 - 8, 4096 - 4, 4096, 4096 + 4, 4096 + 16, 8192])
def test_no_entry_vanishes_at_the_end_of_the_image(arm, tools, tmp_path, end):
    trap_tree.make_directory_that_ends_at(tmp_path / "source", end)
    observed = case.run_case(arm, tools, tmp_path / "source", tmp_path / "image")
    observed.compare().verdict(nodes=2 * 15)


def test_the_longest_file_maps_whole(arm, tools, tmp_path):
    trap_tree.make_longest_file(tmp_path / "source")
    observed = case.run_case(arm, tools, tmp_path / "source", tmp_path / "image")
    observed.compare().verdict(nodes=4, bytes=2 * (16 << 20) - 2, mappings=2, direct_pages=2 * 4096, direct_mappings=2)


def test_an_empty_tree_mounts(arm, tools, tmp_path):
    trees.Tree(tmp_path / "source")
    case.run_case(arm, tools, tmp_path / "source", tmp_path / "image").compare().verdict(nodes=2)


def test_the_report_does_not_depend_on_which_aligned_address_it_is_for(tools, trapped):
    _, observed = trapped
    report = tools.report(observed.image, f"--base={observed.machine.rom_base:#x}")
    assert report["files"] == observed.report["files"]
    assert report["totals"] == observed.report["totals"]


def test_nothing_maps_at_address_0(tools, trapped):
    report = tools.report(trapped[1].image, "--base=0")
    assert report["totals"]["direct_pages"] == 0
    assert not any(said["direct_pages"] for *_, said in oracle.predictions(report))


def test_one_false_number_in_the_report_is_noticed(trapped):
    report = copy.deepcopy(trapped[1].report)
    next(said for *_, said in oracle.predictions(report) if said["pages"])["direct_pages"] += 1
    with pytest.raises(AssertionError, match="1 differences:\nmapping .* direct pages: expected"):
        dataclasses.replace(trapped[1], report=report).compare().verdict(mappings=1)


@pytest.mark.parametrize("key, value", [("mode", 0o640), ("uid", 3), ("size", 1), ("read", "00"), ("mmap", "00")])
def test_one_false_fact_of_the_tree_is_noticed(trapped, key, value):
    expected = copy.deepcopy(trapped[1].expected)
    expected[b"equal/pages-mode0"][key] = value
    with pytest.raises(AssertionError, match="2 differences:\nmtd b'equal/pages-mode0'"):
        dataclasses.replace(trapped[1], expected=expected).compare().verdict(nodes=1)
