"""examples/yocto without BitBake: the class's own Python and shell, with its variables filled in by a few lines here."""
import hashlib
import json
import os
import pathlib
import re
import subprocess

import pytest

from tools import directory, run_well

PROJECT = pathlib.Path(__file__).parents[2]
LAYER = PROJECT / "examples" / "yocto" / "meta-cramfs-xip"
CLASS = (LAYER / "classes-recipe" / "image_types_cramfs-xip.bbclass").read_text()
RECIPE, = (LAYER / "recipes-devtools" / "cramfs-xip").glob("cramfs-xip-native_*.bb")


class Datastore:
    """The variables of the class, with values over its defaults; ${NAME} and ${@PYTHON} are expanded as BitBake does."""

    def __init__(self, **values):
        self.values = {"EXTRA_IMAGECMD": "", **self.defaults(), **values}
        self.names = {"d": self, "oe": None}
        for function in re.findall(r"^def .*?(?=^\S|\Z)", CLASS[CLASS.index("\ndef ") + 1:], re.MULTILINE | re.DOTALL):
            exec(function, self.names)

    @staticmethod
    def defaults():
        joined = CLASS.replace("\\\n", " ")
        return dict(re.findall(r'^(CRAMFS_XIP_\w+) \??= "(.*)"$', joined, re.MULTILINE))

    def getVar(self, name):  # noqa: N802 - BitBake's name
        return self.expand(self.values[name])

    def expand(self, text):
        text = re.sub(r"\$\{(\w+)\}", lambda found: self.getVar(found.group(1)), text)
        return re.sub(r"\$\{@(.*?)\}", lambda found: str(eval(found.group(1), self.names)), text)


def image_command(**values):
    """The body of IMAGE_CMD, expanded."""
    body, = re.findall(r"^IMAGE_CMD:cramfs-xip \(\) \{\n(.*?)^\}", CLASS, re.MULTILINE | re.DOTALL)
    return Datastore(CRAMFS_XIP_ENDIAN="little", **values).expand(body)


@pytest.fixture
def places(tmp_path, make_rootfs):
    make_rootfs(tmp_path / "rootfs")
    (tmp_path / "deploy").mkdir()
    return {"IMAGE_ROOTFS": str(tmp_path / "rootfs"), "IMGDEPLOYDIR": str(tmp_path / "deploy"),
            "IMAGE_NAME": "image-2026", "IMAGE_LINK_NAME": "image"}


def run_as_task(command):
    path = f"{directory().resolve()}:{os.environ['PATH']}"
    return subprocess.run(["sh", "-e", "-c", command], env=os.environ | {"PATH": path}, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)


def test_every_variable_reaches_the_command_line(places):
    values = {"CRAMFS_XIP_KERNEL": "nommu", "CRAMFS_XIP_RULES": "/a folder/rules", "CRAMFS_XIP_PROFILE": "/p.csv",
              "CRAMFS_XIP_BUDGET": "512K", "CRAMFS_XIP_MAXSIZE": "4M", "CRAMFS_XIP_LEVEL": "9",
              "CRAMFS_XIP_LIKE": "/last release.img", "CRAMFS_XIP_ERASE_BLOCK": "128K",
              "CRAMFS_XIP_REQUIRE": "/bin/program /lib/*.so*:90"}
    assert set(values) == set(Datastore.defaults()) - {"CRAMFS_XIP_ENDIAN", "CRAMFS_XIP_OPTIONS", "CRAMFS_XIP_REQUIRED"}
    command = image_command(**places, **values, EXTRA_IMAGECMD="--name=root -q")
    printing = re.sub(r"^\t(mkcramfs-xip|cramfsck) ", r"\tprintf '%s\\n' \1 ", command, flags=re.MULTILINE)
    said = run_as_task(re.sub(r" > .*", "", printing))
    words = said.stdout.splitlines()
    first, second, third = (index for index, word in enumerate(words) if word in ("mkcramfs-xip", "cramfsck"))
    assert words[first:second] == ["mkcramfs-xip", "--endian=little", "--kernel=nommu", "--level=9",
                                   "--xip-rules=/a folder/rules", "--xip-profile=/p.csv", "--xip-budget=512K", "--max-size=4M",
                                   "--like=/last release.img", "--erase-block=128K", "--name=root", "-q", places["IMAGE_ROOTFS"], "image-2026.cramfs-xip"]
    assert words[second:third] == ["cramfsck", "--kernel=nommu", "--xip-report", "image-2026.cramfs-xip"]
    assert words[third:] == ["cramfsck", "--kernel=nommu", "--xip-report=json", "--require-xip=/bin/program",
                             "--require-xip=/lib/*.so*:90", "image-2026.cramfs-xip"]


def test_empty_variables_give_no_option(places):
    mkcramfs, = re.findall(r"^\tmkcramfs-xip (.*)$", image_command(**places), re.MULTILINE)
    assert mkcramfs.split() == ["--endian=little", "--kernel=mmu", "--level=6", places["IMAGE_ROOTFS"], "$image"]


def test_image_reports_and_links_are_deployed(places):
    done = run_as_task(image_command(**places, CRAMFS_XIP_REQUIRE="/bin/program", EXTRA_IMAGECMD="--all-root"))
    assert done.returncode == 0, done.stderr
    deploy = pathlib.Path(places["IMGDEPLOYDIR"])
    image = deploy / "image-2026.cramfs-xip"
    run_well("cramfsck", image)
    for form, option in (("txt", "--xip-report"), ("json", "--xip-report=json")):
        assert (deploy / f"image-2026.cramfs-xip.report.{form}").read_bytes() == run_well("cramfsck", option, image)
        assert os.readlink(deploy / f"image.cramfs-xip.report.{form}") == f"image-2026.cramfs-xip.report.{form}"
    assert json.loads((deploy / "image.cramfs-xip.report.json").read_text())["totals"]["direct_pages"] > 0
    assert len(list(deploy.iterdir())) == 5


@pytest.mark.parametrize("link", ["", "image-2026"])
def test_no_link_without_a_name_of_its_own(places, link):
    done = run_as_task(image_command(**places | {"IMAGE_LINK_NAME": link}, EXTRA_IMAGECMD="--all-root"))
    assert done.returncode == 0, done.stderr
    assert len(list(pathlib.Path(places["IMGDEPLOYDIR"]).iterdir())) == 3


@pytest.mark.parametrize("values, said", [
    ({"CRAMFS_XIP_REQUIRE": "/bin/program", "EXTRA_IMAGECMD": "--all-root --xip=none"}, "/bin/program"),
    ({"CRAMFS_XIP_MAXSIZE": "4K", "EXTRA_IMAGECMD": "--all-root"}, "--max-size"),
])
def test_task_fails_when_the_image_is_not_what_was_wanted(places, values, said):
    done = run_as_task(image_command(**places, **values))
    assert done.returncode != 0 and said in done.stderr


def test_image_is_made_again_when_a_file_that_it_depends_on_changes():
    found, = re.findall(r'^do_image_cramfs_xip\[file-checksums\] \+= "(.*)"$', CLASS, re.MULTILINE)
    assert Datastore(CRAMFS_XIP_RULES="/r", CRAMFS_XIP_PROFILE="/p", CRAMFS_XIP_LIKE="/l").expand(found) == "/r:True /p:True /l:True"
    assert Datastore().expand(found) == ""


def test_options_exist():
    used = {f"--{option}" for option in re.findall(r"cramfs_xip_option\('([a-z-]+)'", CLASS)}
    used |= set(re.findall(r"--[a-z-]+", CLASS))
    helps = b"".join(run_well(program, "--help") for program in ("mkcramfs-xip", "cramfsck")).decode()
    assert len(used) >= 9 and used <= set(re.findall(r"--[a-z0-9-]+", helps))


def test_recipe_is_of_this_version_and_license():
    version = RECIPE.stem.split("_")[1]
    assert f"project(cramfs-xip VERSION {version} " in (PROJECT / "CMakeLists.txt").read_text()
    name, checksum = re.findall(r'^LIC_FILES_CHKSUM = "file://(\S+);md5=(\w+)"$', RECIPE.read_text(), re.MULTILINE)[0]
    assert hashlib.md5((PROJECT / name).read_bytes()).hexdigest() == checksum


def test_recipe_installs_no_name_of_util_linux():
    assert "-DCRAMFS_XIP_OLD_NAMES=OFF" in RECIPE.read_text()
    options = set(re.findall(r"-D(CRAMFS_XIP_\w+)=", RECIPE.read_text()))
    known = "".join(path.read_text() for path in (PROJECT / "CMakeLists.txt", *(PROJECT / "cmake").glob("*.cmake")))
    assert [option for option in options if not re.search(rf"(option|set)\({option}\s", known)] == []


def test_every_variable_is_in_the_readme():
    text = (LAYER / "README.md").read_text()
    variables = set(Datastore.defaults()) - {"CRAMFS_XIP_OPTIONS", "CRAMFS_XIP_REQUIRED"}
    assert len(variables) == 10
    assert [name for name in variables | {"EXTRA_IMAGECMD:cramfs-xip"} if f"`{name}`" not in text] == []
