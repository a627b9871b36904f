"""The files that `cmake --install` installs, and their places."""
import os
import pathlib
import subprocess

from tools import PROGRAMS

PROJECT = pathlib.Path(__file__).parents[2]


def test_everything_is_installed_in_its_place(tmp_path):
    build = pathlib.Path(os.environ["CRAMFS_XIP_BIN"]).parent
    subprocess.run(["cmake", "--install", build, "--prefix", tmp_path], check=True, stdout=subprocess.DEVNULL)
    found = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    wanted = {f"bin/{program}" for program in PROGRAMS}
    wanted |= {f"share/man/man{page.suffix[1:]}/{page.name}" for page in (PROJECT / "man").iterdir()
               if page.suffix != ".1" or page.stem in PROGRAMS}
    wanted |= {f"include/cramfs/{header.name}" for header in (PROJECT / "include" / "cramfs").iterdir()}
    assert wanted <= found
    assert any(path.endswith("/libcramfs-xip.a") for path in found)
    assert len([path for path in found if "completions" in path or "site-functions" in path]) == 3 * len(PROGRAMS)


OLD_NAMES = {"bin/mkcramfs": "mkcramfs-xip", "sbin/mkfs.cramfs": "mkcramfs-xip", "sbin/fsck.cramfs": "cramfsck"}


def test_names_that_other_packages_own_are_installed_only_when_wanted(tmp_path):
    build = pathlib.Path(os.environ["CRAMFS_XIP_BIN"]).parent
    subprocess.run(["cmake", "--install", build, "--prefix", tmp_path / "own"], check=True, stdout=subprocess.DEVNULL)
    assert not [name for name in OLD_NAMES if os.path.lexists(tmp_path / "own" / name)]
    subprocess.run(["cmake", "-S", PROJECT, "-B", tmp_path / "build", "-DCRAMFS_XIP_OLD_NAMES=ON", "-DBUILD_TESTING=OFF"],
                   check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["cmake", "--install", tmp_path / "build", "--prefix", tmp_path / "old", "--component", "old-names"],
                   check=True, stdout=subprocess.DEVNULL)
    for name, program in OLD_NAMES.items():
        target = (tmp_path / "old" / name).parent / os.readlink(tmp_path / "old" / name)
        assert os.path.normpath(target) == str(tmp_path / "old" / "bin" / program)
