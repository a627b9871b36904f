import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "support"))

NAMES = os.environ.get("CRAMFS_XIP_HOSTS", "").split()
compared = []


def pytest_generate_tests(metafunc):
    if "host" in metafunc.fixturenames:
        metafunc.parametrize("host", NAMES, indirect=True, scope="session")


def pytest_terminal_summary(terminalreporter):
    if compared:
        terminalreporter.line(f"hosts compared with this one: {', '.join(name.partition(':')[0] for name in compared)}")
