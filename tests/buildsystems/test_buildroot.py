"""Tests examples/buildroot without Buildroot: with Debian's Kconfig, and with make and a replacement for Buildroot's
macros."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from tools import directory, run_well

HERE = pathlib.Path(__file__).parent
PROJECT = HERE.parents[1]
TREE = PROJECT / "examples" / "buildroot"
PREFIX = "BR2_TARGET_ROOTFS_CRAMFSXIP"
CHOICES = {"ENDIAN_TARGET", "ENDIAN_LITTLE", "ENDIAN_BIG", "KERNEL_TARGET", "KERNEL_MMU", "KERNEL_NOMMU"}


class Buildroot:
    """A folder as Buildroot's output folder: host tools, a tree to pack, images."""

    def __init__(self, output, make_rootfs):
        self.output = output
        self.target = make_rootfs(output / "target")
        (output / "images").mkdir()
        (output / "host" / "libexec").mkdir(parents=True)
        (output / "host" / "bin").mkdir()
        (output / "host" / "libexec" / "cramfs-xip").symlink_to(directory().resolve())
        self.image = output / "images" / "rootfs.cramfs-xip"

    def configure(self, *lines):
        """The configuration that Kconfig makes of these lines, as a dictionary; it must contain all of them."""
        assert shutil.which("kconfig-conf"), "kconfig-conf not found: apt-get install kconfig-frontends-nox"
        (self.output / "defconfig").write_text("".join(f"{line}\n" for line in lines))
        environment = os.environ | {"BR2_EXTERNAL_CRAMFS_XIP_PATH": str(TREE), "CONFIG_": ""}
        done = subprocess.run(["kconfig-conf", "--defconfig=defconfig", HERE / "Config.in"], cwd=self.output,
                              env=environment, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        text = (self.output / ".config").read_text()
        assert set(lines) <= set(text.splitlines())
        return dict(re.findall(r'^(\w+)="?(.*?)"?$', text, re.MULTILINE))

    def make(self, *arguments):
        command = ["make", "--no-print-directory", "-f", HERE / "buildroot.mk", f"BR2_EXTERNAL_CRAMFS_XIP_PATH={TREE}",
                   f"CONFIG={self.output}/.config", f"O={self.output}", f"TARGET_DIR={self.target}", *arguments]
        return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)

    def make_well(self, *arguments):
        done = self.make(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def command_lines(self):
        """The words of each command that makes the image, without redirections."""
        lines = self.make_well("-n", "rootfs-cramfs-xip").replace("\\\n", " ").splitlines()
        return [[word.replace("'", "") for word in line.split(" > ")[0].split()] for line in lines]


@pytest.fixture
def buildroot(tmp_path, make_rootfs):
    return Buildroot(tmp_path, make_rootfs)


def menu():
    """The symbols that the user can set, without the prefix."""
    text = (TREE / "fs" / "cramfsxip" / "Config.in").read_text()
    return set(re.findall(rf'^config {PREFIX}_(\w+)\n\t\w+ "', text, re.MULTILINE))


@pytest.mark.parametrize("target, endian, kernel", [
    ([], "little", "mmu"),
    (["BR2_armeb=y"], "big", "mmu"),
    (["# BR2_USE_MMU is not set"], "little", "nommu"),
])
def test_byte_order_and_kernel_are_those_of_the_target(buildroot, target, endian, kernel):
    found = buildroot.configure(f"{PREFIX}=y", *target)
    assert (found[f"{PREFIX}_ENDIAN"], found[f"{PREFIX}_KERNEL"]) == (endian, kernel)
    assert found["BR2_PACKAGE_HOST_CRAMFS_XIP"] == "y"
    mkcramfs, *checks = buildroot.command_lines()
    assert mkcramfs[1:3] == [f"--endian={endian}", f"--kernel={kernel}"]
    assert len(checks) == 2 and all(check[1] == f"--kernel={kernel}" for check in checks)


@pytest.mark.parametrize("target", [[], ["BR2_armeb=y", "# BR2_USE_MMU is not set"]])
def test_byte_order_and_kernel_can_be_others(buildroot, target):
    for chosen in ("little", "big"):
        assert buildroot.configure(f"{PREFIX}=y", f"{PREFIX}_ENDIAN_{chosen.upper()}=y", *target)[f"{PREFIX}_ENDIAN"] == chosen
    for chosen in ("mmu", "nommu"):
        assert buildroot.configure(f"{PREFIX}=y", f"{PREFIX}_KERNEL_{chosen.upper()}=y", *target)[f"{PREFIX}_KERNEL"] == chosen


def test_nothing_is_made_unless_chosen(buildroot):
    assert f"{PREFIX}_ENDIAN" not in buildroot.configure("BR2_USE_MMU=y")
    assert "mkcramfs-xip" not in buildroot.make_well("-n", "all")
    buildroot.configure(f"{PREFIX}=y")
    assert "mkcramfs-xip" in buildroot.make_well("-n", "all")


def test_every_menu_entry_reaches_the_command_line(buildroot):
    entries = {"RULES": ("/a folder/x.rules", "--xip-rules="), "BUDGET": ("512K", "--xip-budget="),
               "PROFILE": ("/p.csv", "--xip-profile="), "MAXSIZE": ("4M", "--max-size="), "LIKE": ("/last release.img", "--like="),
               "ERASEBLOCK": ("128K", "--erase-block="), "LEVEL": ("9", "--level="),
               "EXTRA": ("--allow=xattr", "")}
    assert set(entries) | {"REQUIRE"} == menu() - CHOICES
    buildroot.configure(f"{PREFIX}=y", f'{PREFIX}_REQUIRE="/bin/program /lib/*.so*:90"',
                        *(f"{PREFIX}_{name}={value}" if name == "LEVEL" else f'{PREFIX}_{name}="{value}"'
                          for name, (value, _) in entries.items()))
    lines = buildroot.make_well("-n", "rootfs-cramfs-xip").splitlines()
    said = subprocess.run(["sh", "-c", lines[0].replace(f"{buildroot.output}/host/libexec/cramfs-xip/mkcramfs-xip",
                                                         "printf '%s\\n'")], capture_output=True, text=True, check=True)
    wanted = ["--endian=little", "--kernel=mmu", *(option + value for value, option in entries.values()), "--jobs=2",
              str(buildroot.target), str(buildroot.image)]
    assert sorted(said.stdout.splitlines()) == sorted(wanted)
    assert "--require-xip='/bin/program' --require-xip='/lib/*.so*:90'" in lines[-1] + lines[-2]


def test_empty_entries_give_no_option(buildroot):
    buildroot.configure(f"{PREFIX}=y")
    mkcramfs, *checks = buildroot.command_lines()
    assert mkcramfs[1:] == ["--endian=little", "--kernel=mmu", "--level=6", "--jobs=2", str(buildroot.target),
                            str(buildroot.image)]
    assert not [word for check in checks for word in check if word.startswith("--require")]


def test_image_and_reports_come_out(buildroot):
    buildroot.configure(f"{PREFIX}=y", f'{PREFIX}_REQUIRE="/bin/program"', f'{PREFIX}_EXTRA="--all-root"')
    buildroot.make_well("rootfs-cramfs-xip")
    run_well("cramfsck", buildroot.image)
    text, report = (buildroot.image.parent / f"rootfs.cramfs-xip.report.{form}" for form in ("txt", "json"))
    assert text.read_bytes() == run_well("cramfsck", "--xip-report", buildroot.image)
    assert json.loads(report.read_text())["totals"]["direct_pages"] > 0
    assert {path.name for path in buildroot.image.parent.iterdir()} == {buildroot.image.name, text.name, report.name}


def test_release_is_laid_out_like_the_last_one(buildroot):
    buildroot.configure(f"{PREFIX}=y", f'{PREFIX}_EXTRA="--all-root"')
    buildroot.make_well("rootfs-cramfs-xip")
    last = buildroot.image.rename(buildroot.output / "last.img")
    (buildroot.target / "more").write_bytes(b"a file more\n")
    buildroot.configure(f"{PREFIX}=y", f'{PREFIX}_EXTRA="--all-root"', f'{PREFIX}_LIKE="{last}"', f'{PREFIX}_ERASEBLOCK="4K"')
    said = buildroot.make_well("rootfs-cramfs-xip")
    assert re.search(r"like .*/last.img: \d+ of \d+ erase blocks of 4096 bytes differ", said)


def test_image_without_mmu_is_judged_by_that_kernel(buildroot):
    buildroot.configure(f"{PREFIX}=y", "# BR2_USE_MMU is not set", f'{PREFIX}_EXTRA="--all-root"')
    buildroot.make_well("rootfs-cramfs-xip")
    report = json.loads((buildroot.output / "images" / "rootfs.cramfs-xip.report.json").read_text())
    assert report["image"]["kernel"] == "nommu"


def test_image_that_is_not_what_was_required_does_not_stay(buildroot):
    buildroot.configure(f"{PREFIX}=y", f'{PREFIX}_REQUIRE="/bin/program"', f'{PREFIX}_EXTRA="--all-root --xip=none"')
    done = buildroot.make("rootfs-cramfs-xip")
    assert done.returncode != 0 and "/bin/program" in done.stderr
    assert not buildroot.image.exists()
    assert "direct_pages" in (buildroot.output / "images" / "rootfs.cramfs-xip.report.json").read_text()


def test_image_that_is_too_large_is_not_made(buildroot):
    buildroot.configure(f"{PREFIX}=y", f'{PREFIX}_MAXSIZE="4K"', f'{PREFIX}_EXTRA="--all-root"')
    done = buildroot.make("rootfs-cramfs-xip")
    assert done.returncode != 0 and "--max-size" in done.stderr
    assert not list(buildroot.image.parent.iterdir())


def test_example_configuration_is_understood(buildroot):
    lines = (TREE / "configs" / "cramfs_xip_arm_defconfig").read_text().splitlines()
    own = [line for line in lines if "CRAMFSXIP" in line]
    assert len(own) >= 5
    buildroot.configure(*own)
    rules, = re.findall(r"--xip-rules='?(\S+?)'? ", buildroot.make_well("-n", "rootfs-cramfs-xip"))
    run_well("mkcramfs-xip", "--all-root", "--xip-rules", rules, buildroot.target, buildroot.image)


OTHERS = {"bin/mkcramfs": "host-cramfs", "bin/cramfsck": "host-cramfs", "sbin/mkfs.cramfs": "host-util-linux",
          "sbin/fsck.cramfs": "host-util-linux"}


@pytest.mark.parametrize("libdeflate", [True, False])
def test_package_overwrites_nothing_that_others_own(buildroot, libdeflate):
    """Really installed, from programs that are built already."""
    host = buildroot.output / "host"
    (host / "libexec" / "cramfs-xip").unlink()
    (host / "sbin").mkdir()
    for name, owner in OTHERS.items():
        (host / name).write_text(owner)
    build = directory().resolve().parent
    built = (f"mkdir -p {buildroot.output}/build/cramfs-xip/bin {buildroot.output}/build/cramfs-xip/src; "
             f"cp -a {build}/bin/. {buildroot.output}/build/cramfs-xip/bin/; "
             f"cp -a {build}/src/lib* {buildroot.output}/build/cramfs-xip/src/")
    buildroot.configure(f"{PREFIX}=y")
    said = buildroot.make_well("host-cramfs-xip", f"BUILT={built}", *(["LIBDEFLATE_VERSION=1"] if libdeflate else []))
    assert f"-DCRAMFS_XIP_LIBDEFLATE={'ON' if libdeflate else 'OFF'}" in said
    assert "enable CONFIG_CRAMFS_MTD" in said
    assert {name: (host / name).read_text() for name in OTHERS} == OTHERS
    assert {path.name for path in (host / "libexec" / "cramfs-xip").iterdir()} == {"mkcramfs-xip", "cramfsck", "cramfs-dump"}
    assert {path.name for path in (host / "bin").iterdir()} == {"mkcramfs", "cramfsck", "mkcramfs-xip", "cramfs-dump"}
    for name in ("mkcramfs-xip", "cramfs-dump"):
        assert subprocess.run([host / "bin" / name, "--version"], capture_output=True).returncode == 0
    buildroot.configure(f'{PREFIX}=y', f'{PREFIX}_EXTRA="--all-root"')
    buildroot.make_well("rootfs-cramfs-xip")
    assert buildroot.image.exists()


def test_host_libdeflate_steps_back_when_buildroot_has_it(buildroot):
    buildroot.configure(f"{PREFIX}=y")
    shown = buildroot.make_well("PACKAGES_ALL=host-libdeflate", "LIBDEFLATE_VERSION=1", "show-HOST_CRAMFS_XIP_CONF_OPTS",
                                "show-HOST_LIBDEFLATE_CONF_OPTS")
    assert "-DCRAMFS_XIP_LIBDEFLATE=ON" in shown and "LIBDEFLATE_BUILD_GZIP" not in shown


def test_kernel_is_told_only_for_the_image(buildroot):
    buildroot.configure("BR2_PACKAGE_HOST_CRAMFS_XIP=y")
    assert "CONFIG_" not in buildroot.make_well("show-HOST_CRAMFS_XIP_LINUX_CONFIG_FIXUPS")


def test_options_exist():
    text = (TREE / "fs" / "cramfsxip" / "cramfsxip.mk").read_text()
    used = {f"--{option}" for option in re.findall(r"cramfsxip-option,\w+,([a-z-]+)", text)}
    used |= set(re.findall(r"--[a-z-]+", re.sub(r"#.*|--OPTION", "", text)))
    helps = b"".join(run_well(program, "--help") for program in ("mkcramfs-xip", "cramfsck")).decode()
    known = set(re.findall(r"--[a-z0-9-]+", helps))
    assert len(used) >= 9 and used <= known


def test_license_and_version_are_the_projects():
    package = (TREE / "package" / "cramfs-xip" / "cramfs-xip.mk").read_text()
    version, = re.findall(r"^CRAMFS_XIP_VERSION = (\S+)$", package, re.MULTILINE)
    assert f"project(cramfs-xip VERSION {version} " in (PROJECT / "CMakeLists.txt").read_text()
    name, = re.findall(r"^CRAMFS_XIP_LICENSE_FILES = (\S+)$", package, re.MULTILINE)
    hashes = (TREE / "package" / "cramfs-xip" / "cramfs-xip.hash").read_text()
    assert re.findall(r"^sha256  (\w+)  (\S+)$", hashes, re.MULTILINE) == \
        [(hashlib.sha256((PROJECT / name).read_bytes()).hexdigest(), name)]


def test_every_menu_entry_is_in_the_readme():
    text = (TREE / "README.md").read_text()
    assert len(menu()) > 10
    assert [name for name in menu() if f"`_{name}`" not in text] == []
