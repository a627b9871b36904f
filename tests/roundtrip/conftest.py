import os
import pathlib
import sys

TESTS = pathlib.Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "support"), str(TESTS / "bad")]  # of bad the maker of images

from fixtures import public_path  # noqa: E402, F401 - it needs what the path above brings


def pytest_collection_modifyitems(config, items):
    """CRAMFS_XIP_SAMPLE=N leaves every Nth test: TSan makes each take ten times as long, and the worker pool is the same in all."""
    every = int(os.environ.get("CRAMFS_XIP_SAMPLE", "1"))
    left_out = [item for number, item in enumerate(items) if number % every]
    items[:] = items[::every]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
