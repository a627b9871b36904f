"""examples/buildroot in a real Buildroot: its Kconfig, its make infrastructure, and what its expanded commands do.

Only with CRAMFS_XIP_BUILDROOT, a Buildroot checkout in which `make defconfig` has run once. Real here: Kconfig, the make
infrastructure, and the build of host-cramfs-xip with Buildroot's default number of jobs. Replaced: Debian's libraries,
pkg-config and fakeroot for the host packages, a shell script for makedevs, a small tree for the target.
examples/buildroot/README.md describes a build by hand (Buildroot e991fa071605, 27 November 2026) in which Buildroot built
the host packages and busybox itself.
"""
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess

import pytest

from tools import run_well

PROJECT = pathlib.Path(__file__).parents[2]
TREE = PROJECT / "examples" / "buildroot"
PREFIX = "BR2_TARGET_ROOTFS_CRAMFSXIP"
BUILDROOT = os.environ.get("CRAMFS_XIP_BUILDROOT")
LIBRARIES = ("zlib", "json-c", "libelf", "libarchive", "libdeflate", "nettle")
TARGETS = {"arm": (["BR2_arm=y"], "little", "mmu"),
           "armeb": (["BR2_armeb=y"], "big", "mmu"),
           "riscv": (["BR2_riscv=y", "# BR2_RISCV_USE_MMU is not set"], "little", "nommu")}

pytestmark = pytest.mark.skipif(not BUILDROOT, reason="to run: CRAMFS_XIP_BUILDROOT=DIR, a Buildroot checkout in which "
                                                      "'make defconfig' has run once")


class Buildroot:
    def __init__(self, output):
        conf = pathlib.Path(BUILDROOT) / "output" / "build" / "buildroot-config"
        assert (conf / "conf").exists(), f"no {conf}/conf: run 'make defconfig' in {BUILDROOT} once"
        self.output, self.host = output, output / "host"
        shutil.copytree(conf, output / "build" / "buildroot-config")

    def make(self, *arguments):
        command = ["make", "-s", "-C", BUILDROOT, f"O={self.output}", f"BR2_EXTERNAL={TREE}", *arguments]
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def make_well(self, *arguments):
        done = self.make(*arguments)
        assert done.returncode == 0, f"{arguments}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout

    def configure(self, *lines):
        (self.output / "my_defconfig").write_text("".join(f"{line}\n" for line in lines))
        self.make_well(f"BR2_DEFCONFIG={self.output}/my_defconfig", "defconfig")
        return self.configuration()

    def configuration(self):
        return dict(re.findall(r'^(\w+)="?(.*?)"?$', (self.output / ".config").read_text(), re.MULTILINE))

    def variables(self, *names):
        """As Buildroot expands them, each in one line."""
        text = self.make_well("printvars", f"VARS={' '.join(names)}")
        return dict(re.findall(rf"^({'|'.join(names)})=(.*?)(?=^\w+=|\Z)", text, re.MULTILINE | re.DOTALL))

    def made_before(self, *variables):
        """Options of make: the targets that count as made."""
        names = " ".join(self.variables(*variables).values()).split()
        return [word for name in names if name not in ("host-skeleton", "host-cramfs-xip", "rootfs-common")
                for word in ("-o", name)]


@pytest.fixture
def buildroot(tmp_path):
    return Buildroot(tmp_path)


@pytest.mark.parametrize("target", TARGETS)
def test_menu_follows_the_target(buildroot, target):
    lines, endian, kernel = TARGETS[target]
    found = buildroot.configure(*lines, f"{PREFIX}=y")
    assert (found[f"{PREFIX}_ENDIAN"], found[f"{PREFIX}_KERNEL"]) == (endian, kernel)
    assert found["BR2_PACKAGE_HOST_CRAMFS_XIP"] == "y"


def test_menu_is_independent_of_buildroots_own_cramfs(buildroot):
    found = buildroot.configure("BR2_arm=y", "BR2_TARGET_ROOTFS_CRAMFS=y", "BR2_TARGET_ROOTFS_CRAMFS_XIP=y")
    assert found["BR2_TARGET_ROOTFS_CRAMFS_XIP"] == "y" and PREFIX not in found
    found = buildroot.configure("BR2_arm=y", "BR2_TARGET_ROOTFS_CRAMFS=y", f"{PREFIX}=y")
    assert found[PREFIX] == "y" and "BR2_TARGET_ROOTFS_CRAMFS_XIP" not in found
    assert {"rootfs-cramfs", "rootfs-cramfsxip"} <= set(buildroot.variables("TARGETS_ROOTFS")["TARGETS_ROOTFS"].split())


def test_example_configuration_survives_kconfig(buildroot):
    """Each of its lines is in .config, and comes back from savedefconfig."""
    example = (TREE / "configs" / "cramfs_xip_arm_defconfig").read_text().splitlines()
    buildroot.make_well("cramfs_xip_arm_defconfig")
    assert set(example) <= set((buildroot.output / ".config").read_text().splitlines())
    buildroot.make_well(f"BR2_DEFCONFIG={buildroot.output}/saved", "savedefconfig")
    saved = (buildroot.output / "saved").read_text().splitlines()
    assert set(example) <= {line for line in saved if not line.startswith("BR2_DEFCONFIG")}
    assert "  cramfs_xip_arm_defconfig" in buildroot.make_well("list-defconfigs")


def test_commands_are_those_of_the_menu(buildroot):
    buildroot.configure("BR2_armeb=y", f"{PREFIX}=y", "BR2_JLEVEL=3", f'{PREFIX}_BUDGET="512K"', f'{PREFIX}_MAXSIZE="4M"',
                        f'{PREFIX}_RULES="$(BR2_EXTERNAL_CRAMFS_XIP_PATH)/board/cramfs-xip.rules"',
                        f'{PREFIX}_PROFILE="/a/profile.csv"', f'{PREFIX}_REQUIRE="/bin/busybox /lib/*.so*:90"',
                        f"{PREFIX}_LEVEL=9", f'{PREFIX}_EXTRA="--allow=xattr --name=root"')
    expanded = buildroot.variables("ROOTFS_CRAMFSXIP_CMD")["ROOTFS_CRAMFSXIP_CMD"]
    mkcramfs, text, json_report = (shlex.split(line) for line in expanded.strip().splitlines())
    programs = buildroot.host / "libexec" / "cramfs-xip"
    assert mkcramfs[:-1] == [f"{programs}/mkcramfs-xip", "--endian=big", "--kernel=mmu",
                             f"--xip-rules={TREE}/board/cramfs-xip.rules", "--xip-budget=512K",
                             "--xip-profile=/a/profile.csv", "--max-size=4M", "--level=9", "--jobs=3", "--allow=xattr",
                             "--name=root", f"{buildroot.output}/target"]
    assert text[:3] == [f"{programs}/cramfsck", "--kernel=mmu", "--xip-report"]
    assert json_report[:5] == [f"{programs}/cramfsck", "--kernel=mmu", "--xip-report=json", "--require-xip=/bin/busybox",
                               "--require-xip=/lib/*.so*:90"]


def test_infrastructure_knows_package_and_file_system(buildroot):
    buildroot.configure("BR2_arm=y", f"{PREFIX}=y", "BR2_LINUX_KERNEL=y", "BR2_LINUX_KERNEL_USE_ARCH_DEFAULT_CONFIG=y")
    info = json.loads(buildroot.make_well("show-info"))
    package = info["host-cramfs-xip"]
    assert (package["licenses"], package["version"]) == ("MIT", "0.1.0")
    assert {"host-zlib", "host-json-c", "host-elfutils", "host-libarchive", "host-libdeflate", "host-nettle"} <= \
        set(package["dependencies"])
    image = info["rootfs-cramfsxip"]
    assert image["image_name"] == "rootfs.cramfs-xip" and set(image["dependencies"]) == {"host-cramfs-xip", "rootfs-common"}
    found = buildroot.variables("HOST_LIBDEFLATE_VERSION", "LIBDEFLATE_VERSION", "HOST_LIBDEFLATE_HASH_FILES",
                                "PACKAGES_LINUX_CONFIG_FIXUPS")
    assert found["HOST_LIBDEFLATE_VERSION"] == found["LIBDEFLATE_VERSION"]
    assert found["HOST_LIBDEFLATE_HASH_FILES"].strip() == "package/libdeflate/libdeflate.hash"
    assert "CONFIG_CRAMFS_MTD=y" in found["PACKAGES_LINUX_CONFIG_FIXUPS"]


def test_sources_can_be_another_checkout(buildroot):
    (buildroot.output / "local.mk").write_text("CRAMFS_XIP_OVERRIDE_SRCDIR = /another/checkout\n")
    buildroot.configure("BR2_arm=y", f"{PREFIX}=y", f'BR2_PACKAGE_OVERRIDE_FILE="{buildroot.output}/local.mk"')
    assert buildroot.variables("HOST_CRAMFS_XIP_OVERRIDE_SRCDIR") == {"HOST_CRAMFS_XIP_OVERRIDE_SRCDIR": "/another/checkout\n"}


def test_sources_can_be_a_tarball(buildroot):
    name, site, patches = "cramfs-xip-0.1.0.tar.gz", buildroot.output / "tarballs", buildroot.output / "patches" / "cramfs-xip"
    for folder in (site, patches):
        folder.mkdir(parents=True)
    (site / name).write_bytes(b"a tarball")
    (patches / "cramfs-xip.hash").write_text(f"sha256  {hashlib.sha256(b'a tarball').hexdigest()}  {name}\n")
    (buildroot.output / "local.mk").write_text(f"CRAMFS_XIP_SITE = {site}\nCRAMFS_XIP_SITE_METHOD = file\n")
    buildroot.configure("BR2_arm=y", f"{PREFIX}=y", f'BR2_PACKAGE_OVERRIDE_FILE="{buildroot.output}/local.mk"',
                        f'BR2_DL_DIR="{buildroot.output}/dl"', f'BR2_GLOBAL_PATCH_DIR="{patches.parent}"')
    buildroot.make_well("host-cramfs-xip-source")
    assert (buildroot.output / "dl" / "cramfs-xip" / name).read_bytes() == b"a tarball"


def test_buildroots_own_lint_finds_nothing():
    files = [path for path in TREE.rglob("*") if path.is_file() and path.suffix != ".md"]
    done = subprocess.run(["/usr/bin/python3", "utils/check-package", "-b", "--br2-external", *files], cwd=BUILDROOT,
                          capture_output=True, text=True)
    assert "No module named" not in done.stderr, f"apt-get install python3-magic flake8: {done.stderr}"
    assert done.returncode == 0 and "0 warnings generated" in done.stderr, done.stdout + done.stderr


def stand_in(buildroot, name, text):
    path = buildroot.host / "bin" / name
    path.write_text(text)
    path.chmod(0o755)


MAKEDEVS = """#!/bin/sh
# -d TABLE DIRECTORY: modes and owners of what is there, and nodes
while read -r name type mode uid gid major minor rest; do
    case $type in
    c|b) mknod -m "$mode" "$3$name" "$type" "$major" "$minor" && chown "$uid:$gid" "$3$name" || exit 1 ;;
    f|d) [ ! -e "$3$name" ] || { chown "$uid:$gid" "$3$name" && chmod "$mode" "$3$name"; } || exit 1 ;;
    esac
done < "$2"
"""


def test_package_and_image_are_made(buildroot, make_rootfs):
    """make host-cramfs-xip, then make rootfs-cramfs-xip, as Buildroot runs them."""
    for program in ("rsync", "fakeroot"):
        assert shutil.which(program), f"{program} not found: apt-get install {program}"
    table = buildroot.output / "devices.txt"
    table.write_text("/dev/console c 600 0 5 5 1 - - -\n/bin/program f 4750 1000 100 - - - - -\n")
    buildroot.configure("BR2_arm=y", f"{PREFIX}=y", f'{PREFIX}_REQUIRE="/bin/program"', "BR2_ROOTFS_DEVICE_CREATION_STATIC=y",
                        f'BR2_ROOTFS_STATIC_DEVICE_TABLE="{table}"')

    modules = buildroot.host / "lib" / "pkgconfig"
    for folder in (modules, buildroot.host / "bin"):
        folder.mkdir(parents=True)
    (buildroot.host / "bin" / "pkg-config").symlink_to(shutil.which("pkg-config"))
    for module in LIBRARIES:
        found = subprocess.run(["pkg-config", "--variable=pcfiledir", module], capture_output=True, text=True, check=True)
        (modules / f"{module}.pc").symlink_to(pathlib.Path(found.stdout.strip()) / f"{module}.pc")
    others = {name: f"{name} of host-cramfs" for name in ("mkcramfs", "cramfsck")}
    for name, text in others.items():
        stand_in(buildroot, name, text)
    buildroot.make_well(*buildroot.made_before("HOST_CRAMFS_XIP_FINAL_ALL_DEPENDENCIES"), "host-cramfs-xip")

    # By Buildroot's own list, our package installed no file that host-cramfs installs.
    listed = (buildroot.output / "build" / "host-cramfs-xip-0.1.0" / ".files-list-host.txt").read_text()
    ours = set(re.findall(r"\./(\S+)", listed))
    theirs = buildroot.variables("HOST_CRAMFS_INSTALL_CMDS")["HOST_CRAMFS_INSTALL_CMDS"]
    theirs = set(re.findall(rf"{buildroot.host}/(\S+)", theirs))
    assert {"bin/mkcramfs", "bin/cramfsck"} <= theirs
    assert {"libexec/cramfs-xip/cramfsck", "bin/mkcramfs-xip"} <= ours and not ours & theirs
    assert {name: (buildroot.host / "bin" / name).read_text() for name in others} == others

    make_rootfs(buildroot.output / "target")
    (buildroot.host / "bin" / "fakeroot").symlink_to(shutil.which("fakeroot"))
    stand_in(buildroot, "makedevs", MAKEDEVS)
    buildroot.make_well(*buildroot.made_before("ROOTFS_CRAMFSXIP_FINAL_RECURSIVE_DEPENDENCIES"), "-o", "target-finalize",
                        "rootfs-cramfs-xip")
    image = buildroot.output / "images" / "rootfs.cramfs-xip"
    listed = run_well("cramfs-dump", "--device-table", image).decode()
    assert re.search(r"^/dev/console\s+c\s+600\s+0\s+5\s+5\s+1\s", listed, re.MULTILINE)
    assert re.search(r"^/bin/program\s+f\s+4750\s+1000\s+100\s", listed, re.MULTILINE)
    for form, option in (("txt", "--xip-report"), ("json", "--xip-report=json")):
        assert pathlib.Path(f"{image}.report.{form}").read_bytes() == run_well("cramfsck", option, image)
