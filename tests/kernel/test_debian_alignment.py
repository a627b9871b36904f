"""600 real ELF files: what alignment costs in all. No kernel boots here, but Debian's armhf packages are needed."""
import os
import shutil
import subprocess

import pytest

from conftest import SCRIPTS
from extents import gap_before_zone

FILES = 600
PAGE = 4096
PACKAGES = ["libc6", "coreutils", "apache2-bin", "util-linux", "libperl5.36", "libpython3.11-stdlib",
            "gstreamer1.0-plugins-base", "samba-libs"]


def elf_files(root):
    for directory, _, names in sorted(os.walk(root)):
        for name in sorted(names):
            path = os.path.join(directory, name)
            if not os.path.islink(path):
                with open(path, "rb") as file:
                    if file.read(4) == b"\x7fELF":
                        yield path


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    work = tmp_path_factory.mktemp("elf")
    subprocess.run([SCRIPTS / "fetch-debian.sh", "--arch", "armhf", work / "packages", *PACKAGES], check=True)
    found = list(elf_files(work / "packages"))
    assert len(found) >= FILES, f"only {len(found)} ELF files in {PACKAGES}"
    for path in found[:FILES]:
        to = work / "source" / os.path.relpath(path, work / "packages")
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, to)
    return work / "source"


def test_600_debian_elf_files_waste_a_page_at_most_and_their_heads(tools, source, tmp_path):
    image = tmp_path / "image"
    tools.pack(source, image, "-q")
    tools.run_well("cramfsck", image)
    in_place, gap = gap_before_zone(tools.extents(image))
    print(f"{in_place} extents in place, {gap} bytes of gaps before the zone")
    assert in_place >= FILES
    assert gap < PAGE + 3 * FILES  # tables and heads are aligned to 4 bytes
