"""examples/yocto with the real BitBake and OE-core: the layer parses, and what the expanded image command does.

Only with CRAMFS_XIP_BITBAKE and CRAMFS_XIP_OECORE, checkouts of both, on a machine with the tools that OE-core needs (its own
check prints missing ones). BitBake runs as a plain user, without network, and builds nothing.
"""
import ast
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import time

import pytest

from tools import as_plain_user, directory, run_well

PROJECT = pathlib.Path(__file__).parents[2]
BITBAKE, OECORE = os.environ.get("CRAMFS_XIP_BITBAKE"), os.environ.get("CRAMFS_XIP_OECORE")
IMAGE = "recipes-core/images/core-image-minimal.bb"

pytestmark = pytest.mark.skipif(not (BITBAKE and OECORE), reason="to run: CRAMFS_XIP_BITBAKE=DIR and CRAMFS_XIP_OECORE=DIR, "
                                                                "checkouts of bitbake and openembedded-core")


class Build:
    """A build folder with OE-core and the layer, which is in a folder that looks like a checkout."""

    def __init__(self, folder):
        self.folder, self.checkout = folder, folder / "checkout"
        shutil.copytree(PROJECT / "examples" / "yocto", self.checkout / "examples" / "yocto")
        for name in ("CMakeLists.txt", "LICENSE"):
            shutil.copy(PROJECT / name, self.checkout)
        self.layer = self.checkout / "examples" / "yocto" / "meta-cramfs-xip"
        (folder / "conf").mkdir()
        (folder / "conf" / "bblayers.conf").write_text(
            f'BBPATH = "${{TOPDIR}}"\nBBFILES ?= ""\nBBLAYERS = "{OECORE}/meta {self.layer}"\n')
        self.set()

    def set(self, machine="qemuarm", **values):
        lines = [f'MACHINE = "{machine}"', 'DISTRO = "nodistro"', 'BB_NO_NETWORK = "1"', 'CONNECTIVITY_CHECK_URIS = ""',
                 'IMAGE_CLASSES += "image_types_cramfs-xip"', 'IMAGE_FSTYPES = "cramfs-xip"']
        lines += [f'{name} = "{value}"' for name, value in values.items()]
        (self.folder / "conf" / "local.conf").write_text("".join(f"{line}\n" for line in lines))
        subprocess.run(["chmod", "-R", "a+rwX", self.folder], check=True)

    def bitbake(self, *arguments):
        environment = {"PATH": f"{BITBAKE}/bin:{os.environ['PATH']}", "HOME": str(self.folder), "BBPATH": str(self.folder),
                       "LC_ALL": "C.UTF-8"}
        done = subprocess.run([*as_plain_user(), f"{BITBAKE}/bin/bitbake", *arguments], cwd=self.folder, env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert done.returncode == 0, done.stdout[-3000:]
        assert "WARNING" not in done.stdout.split("\n#\n")[0], done.stdout[:2000]
        return done.stdout

    def wait_for_server(self):
        """BitBake's server outlives each command by a moment. It removes its lock last; until then the folder is its."""
        deadline = time.monotonic() + 60
        while (self.folder / "bitbake.lock").exists() and time.monotonic() < deadline:
            time.sleep(0.1)

    def environment(self, recipe):
        """The output of bitbake -e for a recipe: its text, and its variables."""
        text = self.bitbake("-e", "-b", str(recipe))
        return text, dict(re.findall(r'^(?:export )?([A-Za-z_]\w*)="(.*)"$', text, re.MULTILINE))


@pytest.fixture
def build(public_path):
    build = Build(public_path)
    yield build
    build.wait_for_server()


def commands(text):
    body, = re.findall(r"^do_image_cramfs_xip\(\) \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    return body


def words_of(body, program):
    return [shlex.split(line.split(" > ")[0])[1:] for line in re.findall(rf"^\t{program} .*", body, re.MULTILINE)]


def test_layer_parses_with_all_of_core(build):
    said = build.bitbake("-p")
    assert re.search(r"Parsing of \d{3,} \.bb files complete .* 0 errors", said), said[-1000:]


def test_image_command_has_what_the_variables_say(build):
    build.set(machine="qemuppc", CRAMFS_XIP_RULES="/a/rules", CRAMFS_XIP_PROFILE="/a/profile.csv", CRAMFS_XIP_BUDGET="512K",
              CRAMFS_XIP_MAXSIZE="4M", CRAMFS_XIP_REQUIRE="/bin/busybox /lib/*.so*:90", CRAMFS_XIP_LEVEL="9",
              **{"EXTRA_IMAGECMD:cramfs-xip": "--name=root"})
    text, variables = build.environment(f"{OECORE}/meta/{IMAGE}")
    body = commands(text)
    mkcramfs, = words_of(body, "mkcramfs-xip")
    assert mkcramfs == ["--endian=big", "--kernel=mmu", "--level=9", "--xip-rules=/a/rules", "--xip-profile=/a/profile.csv",
                        "--xip-budget=512K", "--max-size=4M", "--name=root", variables["IMAGE_ROOTFS"], "$image"]
    assert words_of(body, "cramfsck") == [["--kernel=mmu", "--xip-report", "$image"],
                                          ["--kernel=mmu", "--xip-report=json", "--require-xip=/bin/busybox",
                                           "--require-xip=/lib/*.so*:90", "$image"]]


def test_expanded_commands_make_image_reports_and_links(build, make_rootfs):
    build.set(CRAMFS_XIP_REQUIRE="/bin/program", **{"EXTRA_IMAGECMD:cramfs-xip": "--all-root"})
    text, variables = build.environment(f"{OECORE}/meta/{IMAGE}")
    body = commands(text)
    assert words_of(body, "mkcramfs-xip")[0][:3] == ["--endian=little", "--kernel=mmu", "--level=6"]
    make_rootfs(pathlib.Path(variables["IMAGE_ROOTFS"]))
    deploy = pathlib.Path(variables["IMGDEPLOYDIR"])
    deploy.mkdir(parents=True)
    done = subprocess.run(["sh", "-e", "-c", body], env=os.environ | {"PATH": f"{directory().resolve()}:{os.environ['PATH']}"},
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    image = deploy / f"{variables['IMAGE_NAME']}.cramfs-xip"
    run_well("cramfsck", image)
    for form, option in (("txt", "--xip-report"), ("json", "--xip-report=json")):
        link = deploy / f"{variables['IMAGE_LINK_NAME']}.cramfs-xip.report.{form}"
        assert link.is_symlink() and link.read_bytes() == run_well("cramfsck", option, image)
    report = json.loads((deploy / f"{image.name}.report.json").read_text())
    assert report["totals"]["direct_pages"] == report["totals"]["possible_pages"] > 0


def test_core_runs_the_task_as_fakeroot_with_our_programs(build):
    build.set()
    _, variables = build.environment(f"{OECORE}/meta/{IMAGE}")
    assert "cramfs-xip" in variables["IMAGE_TYPES"].split()
    tasks = ast.literal_eval(variables["_task_deps"])
    assert tasks["depends"]["do_image_cramfs_xip"].strip() == "cramfs-xip-native:do_populate_sysroot"
    assert tasks["fakeroot"]["do_image_cramfs_xip"] == "1"
    assert "do_image_cramfs_xip" in tasks["parents"]["do_image_complete"]


def test_recipe_builds_the_checkout_that_the_layer_lies_in(build):
    recipe, = (build.layer / "recipes-devtools" / "cramfs-xip").glob("*.bb")
    _, variables = build.environment(recipe)
    assert (variables["PN"], variables["PV"], variables["LICENSE"]) == ("cramfs-xip-native", "0.1.0", "MIT")
    assert pathlib.Path(variables["S"]) == build.checkout != pathlib.Path(variables["B"])
    assert {"cmake-native", "zlib-native", "json-c-native", "elfutils-native", "libarchive-native", "nettle-native"} <= \
        set(variables["DEPENDS"].split())
    assert variables["EXTRA_OECMAKE"].split() == ["-DBUILD_TESTING=OFF", "-DCRAMFS_XIP_OLD_NAMES=OFF", "-DCRAMFS_XIP_FUSE=OFF",
                                                  "-DCRAMFS_XIP_LIBDEFLATE=OFF", "-DCRAMFS_XIP_ZOPFLI=OFF"]
    build.set(**{"PACKAGECONFIG:append:pn-cramfs-xip-native": " libdeflate",
                 "EXTERNALSRC:pn-cramfs-xip-native": "/another/checkout"})
    _, variables = build.environment(recipe)
    assert "-DCRAMFS_XIP_LIBDEFLATE=ON" in variables["EXTRA_OECMAKE"] and "libdeflate-native" in variables["DEPENDS"].split()
    assert variables["S"] == "/another/checkout"


def test_no_recipe_of_core_owns_our_names():
    owners = subprocess.run(["grep", "-rlEw", "cramfsck|mkcramfs|mkcramfs-xip|cramfs-dump", f"{OECORE}/meta", "--include=*.bb",
                             "--include=*.inc", "--include=*.bbclass", "--include=*.bbappend"], capture_output=True, text=True)
    assert (owners.returncode, owners.stdout) == (1, "")
    assert "mkfs.cramfs" in (pathlib.Path(OECORE) / "meta" / "classes-recipe" / "image_types.bbclass").read_text()
