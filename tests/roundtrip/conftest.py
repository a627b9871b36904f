import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))

from fixtures import public_path  # noqa: E402, F401 - it needs what the path above brings
