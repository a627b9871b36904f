import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))

import elf  # noqa: E402 - they need what the path above brings
from fixtures import public_path  # noqa: E402, F401


@pytest.fixture
def make_rootfs():
    """Make a small root file system: a program whose read-only pages can all run in place, and a text."""
    def make(root):
        for directory in ("bin", "dev", "etc", "run", "tmp"):
            (root / directory).mkdir(parents=True, exist_ok=True)
        segments, size = elf.text_and_data(9000, 100)
        program = elf.elf_file(elf.Form(), segments, bytes(range(256)) * (size // 256 + 1))
        (root / "bin" / "program").write_bytes(program)
        (root / "bin" / "program").chmod(0o755)
        (root / "etc" / "motd").write_bytes(b"welcome\n" * 1000)
        return root
    return make
