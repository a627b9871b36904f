import pathlib
import sys

import pytest

TESTS = pathlib.Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "fuse"), str(TESTS / "support"), str(TESTS / "bad")]  # of bad the makers of images

import mounts  # noqa: E402 - it is on the path above
from fixtures import public_path  # noqa: E402, F401


@pytest.fixture
def mount(tmp_path):
    """mount(IMAGE, OPTION...) returns the directory; at the end each mount is gone, and its program has ended with 0."""
    mounts.skip_where_forbidden()
    mounted = []

    def begin(image, *options, **more):
        mounted.append(mounts.Mount(image, tmp_path / f"mounted{len(mounted)}", *options, **more))
        return mounted[-1]

    yield begin
    for each in mounted:
        each.end()
