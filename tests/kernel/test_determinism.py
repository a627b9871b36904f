"""The trees that the kernel boots, packed by another user and listed in another order. (-j is held in case.pack.)"""
import os

import pytest

import determinism
import random_tree
import trap_tree
from test_random_trees import SEEDS


@pytest.fixture(scope="module", params=["debian", "traps", *SEEDS[:20]])
def source(request, tmp_path_factory):
    if request.param == "debian":
        return request.getfixturevalue("debian_armhf")
    root = tmp_path_factory.mktemp("tree") / "source"
    if request.param == "traps":
        trap_tree.make_trap_tree(root)
    else:
        random_tree.make_random_tree(root, request.param)
    return root


def test_bytes_do_not_depend_on_the_order_of_directories(source, tmp_path):
    determinism.same_in_either_order(source, tmp_path, *([] if os.geteuid() == 0 else ["-q"]))


def test_bytes_do_not_depend_on_the_user(source, public_path):
    determinism.same_for_any_user(source, public_path)
