"""The command lines that build systems run today, under the old names, unchanged: the images boot as predicted."""
import dataclasses
import os
import random
import shutil
import subprocess

import pytest

import case
import programs
import trap_tree
from trees import PAGE, Tree, incompressible

OLD_NAMES = ("mkcramfs", "mkfs.cramfs")
NODES = 400  # of the trap tree, on both mounts


@pytest.fixture(scope="module")
def path_of_old_names(tools, tmp_path_factory):
    """A PATH on which the old names are found first, as where they are installed."""
    directory = tmp_path_factory.mktemp("bin")
    for name in OLD_NAMES:
        (directory / name).symlink_to((tools.directory / "mkcramfs-xip").resolve())
    return f"{directory}:{os.environ['PATH']}"


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    root = tmp_path_factory.mktemp("lines") / "source"
    trap_tree.make_trap_tree(root)
    return root


def make(path_of_old_names, *command, **options):
    """Run a command line; returns its output."""
    done = subprocess.run([os.fspath(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=os.environ | {"PATH": path_of_old_names}, **options)
    said = done.stdout.decode(errors="replace")
    assert done.returncode == 0, f"{command}: exit {done.returncode}:\n{said}"
    return said


def as_stored(node):
    """These command lines keep the tree's owners. A plain user's id may be too large: then it is 0, without set-id
    bits."""
    fits = {"uid": node["uid"] <= 65535, "gid": node["gid"] <= 255}
    lost = {key: 0 for key, does in fits.items() if not does}
    return node | lost | ({"mode": node["mode"] & ~0o6000} if lost else {})


def look_at(guest, tools, source, image, **more):
    checked = tools.run("cramfsck", image)
    assert checked.returncode == 0, checked.stderr.decode(errors="replace")
    observed = case.look_at(guest, tools, source, image, **more)
    expected = {path: as_stored(node) for path, node in observed.expected.items()}
    return dataclasses.replace(observed, expected=expected)


@pytest.mark.parametrize("xip", [(), ("-X", "-X")])
def test_buildroot(either_arm, tools, path_of_old_names, source, tmp_path, xip):
    """fs/cramfs: the byte order, and for XIP on a machine with MMU -X twice."""
    image = tmp_path / "rootfs.cramfs"
    make(path_of_old_names, "mkcramfs", "-B" if either_arm.machine.big else "-L", *xip, source, image)
    observed = look_at(either_arm, tools, source, image)
    direct = {"direct_pages": 150, "direct_mappings": 20, "mixed_mappings": 20} if xip else {}
    observed.compare().verdict(nodes=NODES, bytes=1 << 20, mappings=200, refused_mappings=100, **direct)
    assert bool(observed.report["totals"]["direct_pages"]) == bool(xip)


def test_buildroot_without_mmu(riscv_nommu, tools, path_of_old_names, tmp_path):
    """There -X is given once. The program runs in place."""
    filler = random.Random(3).randbytes(2 * PAGE)
    where = programs.build(riscv_nommu.machine.toolchain, programs.WHERE, filler=filler).read_bytes()
    tree = Tree(tmp_path / "source")
    tree.file(b"program", where, 0o755)
    tree.file(b"data", incompressible(random.Random(4), 9000))
    image = tmp_path / "rootfs.cramfs"
    make(path_of_old_names, "mkcramfs", "-L", "-X", tmp_path / "source", image)
    observed = look_at(riscv_nommu, tools, tmp_path / "source", image, extra_requests=["run " + b"program".hex()])
    observed.compare().verdict(nodes=6, mappings=3, direct_mappings=1)
    run, = observed.observation.runs
    mapping = next(record for record in observed.observation.mappings if record["flags"] == "r-x")
    assert mapping["address"] < int(run["output"].split()[2], 16) < mapping["address"] + len(where)


@pytest.mark.parametrize("extra", [(), ("-n", "rootfs", "-z")])
def test_openembedded(arm, tools, path_of_old_names, source, tmp_path, extra):
    """image_types.bbclass: mkfs.cramfs, the directory, the image, and EXTRA_IMAGECMD after them."""
    image = tmp_path / "image.cramfs"
    make(path_of_old_names, "mkfs.cramfs", source, image, *extra)
    observed = look_at(arm, tools, source, image)
    observed.compare().verdict(nodes=NODES, bytes=1 << 20, mappings=200, refused_mappings=200)


def test_openembedded_for_the_other_byte_order(armbe, tools, path_of_old_names, source, tmp_path):
    image = tmp_path / "image.cramfs"
    make(path_of_old_names, "mkfs.cramfs", source, image, "-N", "big")
    look_at(armbe, tools, source, image).compare().verdict(nodes=NODES, bytes=1 << 20, mappings=200)


@pytest.mark.parametrize("extra", ["", "-X -X"])
def test_genimage(arm, tools, path_of_old_names, source, tmp_path, extra):
    """The real one, from Debian: it copies the tree and runs mkcramfs -n NAME EXTRAARGS 'DIRECTORY' 'IMAGE'."""
    assert shutil.which("genimage"), "genimage not found: apt-get install genimage"
    (tmp_path / "genimage.cfg").write_text(
        f'image root.cramfs {{ name = "genimage" cramfs {{ extraargs = "{extra}" }} }}\n')
    make(path_of_old_names, "genimage", "--rootpath", source, "--tmppath", tmp_path / "tmp", "--inputpath", tmp_path,
         "--outputpath", tmp_path, "--config", tmp_path / "genimage.cfg", cwd=tmp_path)
    observed = look_at(arm, tools, source, tmp_path / "root.cramfs")
    direct = {"direct_pages": 150, "direct_mappings": 20} if extra else {}
    observed.compare().verdict(nodes=NODES, bytes=1 << 20, mappings=200, refused_mappings=100, **direct)
