import pathlib
import sys

TESTS = pathlib.Path(__file__).parents[1]
sys.path[:0] = [str(TESTS / "support"), str(TESTS / "bad")]  # of bad the maker of images

from fixtures import public_path  # noqa: E402, F401 - it needs what the path above brings
