import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))

from fixtures import public_path  # noqa: E402, F401 - it needs what the path above brings


@pytest.fixture
def source(tmp_path):
    """A small directory to pack."""
    root = tmp_path / "source"
    (root / "etc").mkdir(parents=True)
    (root / "etc" / "motd").write_bytes(b"welcome\n" * 1000)
    return root


@pytest.fixture
def image(tmp_path):
    return tmp_path / "out.img"
