"""The model of the kernel (tests/model) against a kernel: changed images look as in the model."""
import os
import pathlib
import re
import stat
import subprocess
import sys

import oracle
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "model"))

import bases  # noqa: E402
from samples import samples  # noqa: E402

SEED, EACH = 77000, 12  # a boot takes seconds

# Errors that the agent notices without knowing the tree. Its ROM is larger than the image, so that one that is cut
# short
# can be mounted.
SEEN_BY_THE_AGENT = {"cannot be read", "the directory cannot be listed", "listed, but not found",
                     "a link's target is cut at a NUL", "views differ in bytes"}


@pytest.fixture(scope="module")
def changed(tools, tmp_path_factory):
    """The folder with samples of changed images, of little-endian ones with pages of 4 KiB."""
    folder = tmp_path_factory.mktemp("changed")
    made = [path for path in bases.make(tools.directory / "mkcramfs-xip", tmp_path_factory.mktemp("bases"))
            if not re.search("big|pages-", path.name)]
    model = os.environ.get("CRAMFS_XIP_MODEL") or tools.directory.resolve().parent / "tests" / "model" / "model"
    print(f"seeds from {SEED}")
    subprocess.run([model, "--images", "2000", "--seed", str(SEED), "--save", folder, "--samples", "17", *made], check=True)
    return folder


def expected_tree(sample, out):
    """The names and attributes that the model shows, with the bytes that cramfsck extracts."""
    tree = {}
    for path, shown in sample.shown.items():
        node = oracle.expected_node(os.fsencode(out) + path, all_root=False)
        node.update(mode=stat.S_IMODE(shown.mode), uid=shown.uid, gid=shown.gid)
        tree[path.lstrip(b"/")] = node
    return tree


def any_user_can_extract(sample):
    return os.geteuid() == 0 or all(not stat.S_ISCHR(shown.mode) and not stat.S_ISBLK(shown.mode) and
                                    shown.mode & stat.S_IRUSR for shown in sample.shown.values())


def test_images_that_are_called_clean_are_what_a_kernel_shows(arm, tools, changed, tmp_path):
    chosen = [sample for sample in samples(changed, "clean") if any_user_can_extract(sample)][:EACH]
    assert len(chosen) >= EACH // 2
    for sample in chosen:
        out = tmp_path / sample.image.stem
        tools.run_well("cramfsck", "--quiet", f"--extract={out}", "--privileged", sample.image)
        comparison = oracle.Comparison()
        oracle.compare_tree(comparison, expected_tree(sample, out), arm.boot(sample.image))
        comparison.verdict(nodes=2, files=1, bytes=1)


def is_wrong(observation):
    """Whether anything failed, was cut, or differs between the two mounts or between read and mmap."""
    nodes = [node for mount in observation.nodes.values() for node in mount.values()]
    return (bool(observation.errors) or observation.nodes["mtd"] != observation.nodes["block"]
            or any("read_error" in node or node.get("mmap") != node.get("read") for node in nodes)
            or any(len(bytes.fromhex(node["target"])) != node["size"] for node in nodes if "target" in node))


def test_images_that_are_not_sound_show_it_on_a_kernel(arm, changed):
    # QEMU's disk has whole sectors; the file of an image may end inside one.
    chosen = [sample for sample in samples(changed, "unsound")
              if sample.why in SEEN_BY_THE_AGENT and sample.image.stat().st_size % sample.page == 0][:EACH]
    assert len(chosen) == EACH
    for sample in chosen:
        assert is_wrong(arm.boot(sample.image)), (sample.image, sample.why)
