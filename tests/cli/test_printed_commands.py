"""Every command that a document prints runs as printed, and prints what the document says: manuals, README, guide."""
import os
import pathlib
import re
import subprocess
from xml.etree import ElementTree

import pytest

import example
import mounts
import printed
from tools import directory, run_well

PROJECT = pathlib.Path(__file__).parents[2]
# Manuals of commands and formats. The example of libcramfs-xip(3) is a program, which tests/package
# compiles.
MANUALS = sorted((PROJECT / "man").glob("*.[158]"))
# The reader's surroundings: the directory in which the commands run, and its contents.
MARKDOWN = {"README.md": example.make_system, "docs/guide.md": example.make_system}
# Why a command is not run here. Each reason is in the document, too, before the commands.
NOT_RUN = {
    "README.md": {
        "installs packages": 2,
        "installs into the system": 1,
        "needs an installed library": 2,
        "makes Debian packages": 3,
    },
    "docs/guide.md": {
        "on the board": 4,
        "mounts": 3,
    },
}


@pytest.fixture(name="environment")
def programs_in_path(tmp_path):
    return {**os.environ, "PATH": f"{directory().resolve()}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "HOME": str(tmp_path)}


@pytest.mark.parametrize("page", MANUALS, ids=lambda page: page.name)
def test_examples_of_the_manual_run_as_printed(page, tmp_path, environment):
    if page.stem == "cramfs-fuse":
        mounts.skip_where_forbidden()
    example.make_rootfs(tmp_path)
    commands = printed.in_manual(page.read_text())
    assert len(commands) >= 3
    assert not [command for command in commands if command.not_run], "examples of manuals need nothing but the programs"
    printed.run_commands(commands, tmp_path, environment)


@pytest.mark.parametrize("page", MANUALS, ids=lambda page: page.name)
def test_examples_of_the_manual_are_shown_as_they_run(page):
    """A reader sees mandoc's output: it breaks long lines, and joins a full stop to the word before."""
    shown = subprocess.run(["mandoc", "-Tascii", "-Owidth=80", page], check=True, capture_output=True, text=True).stdout
    lines = {re.sub(".\b", "", line).strip() for line in shown.splitlines()}
    wanted = [line.strip() for command in printed.in_manual(page.read_text()) for line in command.line.splitlines()]
    assert {line for line in wanted if not {line, printed.PROMPT + line} & lines} == set()


@pytest.mark.parametrize("name", MARKDOWN)
def test_commands_in_markdown_run_as_printed(name, tmp_path, environment):
    MARKDOWN[name](tmp_path)
    commands = printed.in_markdown((PROJECT / name).read_text())
    left_out = {}
    for command in commands:
        if command.not_run:
            left_out[command.not_run] = left_out.get(command.not_run, 0) + 1
    assert left_out == NOT_RUN[name]
    assert len(commands) - sum(left_out.values()) >= 3
    printed.run_commands(commands, tmp_path, environment)


def test_a_document_that_is_wrong_is_noticed(tmp_path, environment):
    """The tests above can fail: at a wrong status, at wrong output, at a command in another place."""
    def run(text):
        printed.run_commands(printed.in_markdown(f"```console\n{text}\n```\n"), tmp_path, environment)

    run("$ echo 1000 a; echo b\n1050 a\n...\n$ false\n$ echo $?\n1\n$ echo one \\\n  two\none two")
    for wrong in ("$ false", "$ echo a\nb", "$ echo 1000\n1200", "$ echo 10\n11", "$ echo a; echo b\na", "$ false\n$ echo $?\n2"):
        with pytest.raises(AssertionError):
            run(wrong)
    for wrong in ("```sh\n$ true\n```\n", "```console\ntrue\n```\n", "```console\n$ true\n"):
        with pytest.raises(AssertionError):
            printed.in_markdown(wrong)


@pytest.mark.parametrize("name", [*MARKDOWN, "docs/budget.md"])
def test_links_in_markdown_lead_somewhere(name):
    text = (PROJECT / name).read_text()
    links = re.findall(r'\]\(([^)]+)\)|<img src="([^"]+)"', text)
    assert links or name == "docs/budget.md"
    for link in (one or other for one, other in links):
        file, _, anchor = link.partition("#")
        target = (PROJECT / name).parent / file if file else PROJECT / name
        assert target.exists(), link
        if anchor:  # a heading's words, as sites that show Markdown make an anchor of them
            headings = re.findall(r"^#+ (.*)", target.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}, link


def test_picture_of_a_terminal_has_what_the_program_prints(tmp_path, environment):
    example.make_rootfs(tmp_path)
    command = "cramfsck --xip-report rootfs.img"
    drawn = subprocess.run([PROJECT / "docs" / "pictures" / "terminal.py", command], cwd=tmp_path, env=environment,
                           check=True, capture_output=True)
    lines = ["".join(text.itertext()) for text in ElementTree.fromstring(drawn.stdout).iter("{http://www.w3.org/2000/svg}text")]
    assert lines == [f"$ {command}", *run_well("cramfsck", "--xip-report", tmp_path / "rootfs.img").decode().splitlines()]


@pytest.mark.parametrize("name", ["report.svg", "map.svg"])
def test_pictures_are_well_formed(name):
    ElementTree.parse(PROJECT / "docs" / "pictures" / name)
