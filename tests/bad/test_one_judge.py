"""Checker and extractor agree: if the checker reports an error in an entry's name or contents, the extractor refuses
the entry."""
import os
import re

import pytest

import cases.blocks
import cases.directories
import cases.names
import cases.superblock
import programs

EACH = [pytest.param(case, id=case.make.__name__) for case in cases.ALL]

# These rules are not about the contents or name of a file: other readers need them, or the file is extracted whole
# nevertheless.
OF_THE_IMAGE = {"super-size", "truncated", "super-flags", "super-root", "root-offset", "crc", "vendor-format"}
READABLE = {"name-padding", "name-order", "entry-cut", "name-cut", "directory-overlap", "block-overlap",
            "block-in-metadata", "block-past-end", "pointer-wrap"}
LINE = re.compile(rb"^cramfsck: (/.*?): (?!note)", re.MULTILINE)


def errors_of(findings):
    return {finding.found for finding in findings if finding.severity == "error"}


def judge(tools, tmp_path, image, page):
    """The checker's errors by path, and the paths for which the extractor reports an error: these end at a NUL."""
    path = tmp_path / "one.img"
    path.write_bytes(image)
    privileged = ["--privileged"] if os.geteuid() == 0 else []
    run = tools.run("cramfsck", "-v", f"-b{page}", f"-x{tmp_path / 'tree'}", *privileged, path)
    lines = [line for line in run.stderr.splitlines() if line.startswith(os.fsencode(path))]
    return errors_of(programs.Finding(path, line) for line in lines), {os.fsdecode(name) for name in LINE.findall(run.stderr)}


@pytest.mark.parametrize("case", EACH)
@pytest.mark.parametrize("wrong", [False, True], ids=["twin", "wrong"])
def test_extractor_refuses_what_the_checker_calls_an_error_and_nothing_else(tools, tmp_path, case, wrong):
    shape = case.shapes[0]
    errors, refused = judge(tools, tmp_path, case.make(shape, wrong), shape.page)
    paths = {found.path for found in errors} | {found.path.split("\\000")[0] for found in errors}
    assert refused <= paths, "the extractor refuses what the checker finds sound"
    must = {found.path for found in errors if found.rule not in OF_THE_IMAGE | READABLE}
    assert {path.split("\\000")[0] for path in must} - {"/"} <= refused, "the extractor takes what the checker calls wrong"
