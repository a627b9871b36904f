"""What --json prints keeps to its schema and to the manual, for sound images and for hostile ones."""
import json
import os
import pathlib
import re
import stat

import jsonschema
import pytest

import trees
from schemas import valid, validator
from test_documents import documented_fields, fields_of
from tools import run, run_well

MODES = {
    "list": ["-R"],
    "super": ["--super"],
    "stat": ["--stat=/*", "--stat=/*/*"],
    "extents": ["--extents"],
    "du": ["--du", "--depth=9"],
}


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """An image with something for every field, and one that differs from it in everything."""
    work = tmp_path_factory.mktemp("json")
    tree = trees.Tree(work / "tree")
    tree.directory(b"dir")
    tree.file(b"dir/text", b"text\n" * 3000)
    tree.file(b"dir/same", b"text\n" * 3000)
    tree.file(b"dir/twin", b"text\n" * 3000, mode=0o600)
    tree.file(b"dir/holes", bytes(9000))
    tree.file(b"not utf-8 \xff", b"x")
    tree.file(b"not utf-8 \xfe", b"text\n" * 3000)
    tree.directory(b"directory \xff")
    for name in (b"one \xff", b"other \xff"):
        tree.file(name, b"more\n" * 3000)
    tree.symlink(b"link", b"dir/\xff")
    tree.special(b"node", stat.S_IFCHR, major=1, minor=3)
    options = [] if os.geteuid() == 0 else ["-q"]
    run_well("mkcramfs-xip", *options, "-n", b"name \xff", tree.root, work / "old.img")
    os.unlink(tree.root + b"/not utf-8 \xff")
    os.chmod(tree.root + b"/dir/text", 0o755)
    os.unlink(tree.root + b"/node")
    tree.special(b"node", stat.S_IFCHR, major=1, minor=4)
    tree.special(b"other", stat.S_IFIFO)
    run_well("mkcramfs-xip", *options, tree.root, work / "new.img")
    return work / "old.img", work / "new.img"


def listed_blocks(images):
    done = run("cramfs-dump", "--diff", "--blocks", "--json", "--erase-block=4K", *images)
    assert done.returncode == 1
    return valid("blocks", done.stdout)


def compared(images):
    done = run("cramfs-dump", "--diff", "--json", "--erase-block=4K", *images)
    assert done.returncode == 1
    return valid("diff", done.stdout)


@pytest.mark.parametrize("mode", MODES)
def test_json_keeps_to_its_schema(mode, images):
    for image in images:
        valid(mode, run_well("cramfs-dump", "--json", *MODES[mode], image))


def test_json_of_a_difference_keeps_to_its_schema(images):
    compared(images)
    listed_blocks(images)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make the device that two of the fields are of")
def test_manual_has_every_field_of_the_json(images, tmp_path):
    found = fields_of(compared(images)) | fields_of(listed_blocks(images))
    for mode, options in MODES.items():
        for image in images:
            found |= fields_of(json.loads(run_well("cramfs-dump", "--json", *options, image)))
    faulty = faulty_image(images[0], tmp_path / "faulty.img")
    found |= fields_of(json.loads(run("cramfs-dump", "--json", "--stat=/dir/text", faulty).stdout))
    assert documented_fields("cramfs-dump") == found


def faulty_image(image, path):
    """The last pointer of /dir/text leads after the end."""
    stat_of = json.loads(run_well("cramfs-dump", "--json", "--stat=/dir/text", image))
    table = stat_of["entries"][0]["data_offset"]
    blocks = len(stat_of["entries"][0]["blocks"])
    data = bytearray(image.read_bytes())
    data[table + 4 * (blocks - 1):table + 4 * blocks] = (0x3ffffff0).to_bytes(4, "little")
    path.write_bytes(data)
    return path


def test_what_is_damaged_is_marked(images, tmp_path):
    faulty = faulty_image(images[0], tmp_path / "faulty.img")
    done = run("cramfs-dump", "--json", "-R", faulty)
    assert done.returncode == 4
    assert b"the image is damaged" in done.stderr
    entries = {entry["path"]: entry for entry in valid("list", done.stdout)["entries"]}
    assert entries["/dir/text"]["damaged"] and entries["/dir/text"]["pages"]["faulty"] == 1
    assert not entries["/dir/holes"]["damaged"]
    plain = run("cramfs-dump", "-R", faulty).stdout.decode(errors="replace")
    assert re.search(r"^-rw-r--r-- ! .* /dir/text$", plain, re.MULTILINE)


def test_names_that_are_not_utf8_come_as_bytes_too(images):
    entries = json.loads(run_well("cramfs-dump", "--json", "-R", images[0]))["entries"]
    odd = {entry["path_bytes"] for entry in entries if "path_bytes" in entry}
    assert {bytes.fromhex(text) for text in odd} == {b"/not utf-8 \xff", b"/not utf-8 \xfe", b"/directory \xff", b"/one \xff",
                                                        b"/other \xff"}
    link = next(entry for entry in entries if entry["type"] == "link")
    assert bytes.fromhex(link["target_bytes"]) == b"dir/\xff" and link["target"] == "dir/\ufffd"
    name = json.loads(run_well("cramfs-dump", "--json", "--super", images[0]))["superblock"]
    assert bytes.fromhex(name["name_bytes"]) == b"name \xff"


def test_schemas_refuse_what_they_do_not_know(images):
    """Schemas are closed, so a new field must be in a schema."""
    value = json.loads(run_well("cramfs-dump", "--json", "-R", images[0]))
    value["entries"][0]["new"] = 1
    with pytest.raises(jsonschema.ValidationError):
        validator("list").validate(value)


def test_schemas_have_the_words_of_the_source():
    """Kinds of extents, of usage, and the faults of a block."""
    project = pathlib.Path(__file__).parents[2]

    def words(path, pattern):
        found = set(re.findall(pattern, (project / path).read_text()))
        assert len(found) >= 5, "the source was not understood"
        return found

    def enumerated(mode, array, field):
        return set(validator(mode).schema["properties"][array]["items"]["properties"][field]["enum"])

    kinds = words("src/format/extent.c", r'\[CRAMFS_EXTENT_\w+\] = "([a-z-]+)"')
    assert enumerated("extents", "extents", "kind") == kinds | {"gap"}
    usages = words("src/report/usage/usage.c", r'\[CRAMFS_USAGE_\w+\] = "([a-z-]+)"')
    assert enumerated("du", "kinds", "kind") == enumerated("diff", "kinds", "kind") == usages
    faults = words("src/report/list/stat.c", r'\[CRAMFS_BLOCK_\w+\] = "([a-z-]+)"')
    block = validator("stat").schema["properties"]["entries"]["items"]["properties"]["blocks"]["items"]["properties"]
    assert set(block["fault"]["enum"]) == faults
    told = (project / "man" / "cramfs-dump.1").read_text().split("is followed by the fault:")[1].split("If several names")[0]
    assert all(fault in told for fault in faults)
