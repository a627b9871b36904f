"""Random trees and options from fixed seeds, in both byte orders: what nobody thought of."""
import concurrent.futures
import random

import pytest

import case
import random_tree

SEEDS = range(2601, 2651)
BOOTS_AT_ONCE = 2

# What must be compared at least, by what --xip wants: as much as the poorest of these trees has.
LEAST = {
    "none": {},
    "text": {"direct_pages": 250, "direct_mappings": 25, "mixed_mappings": 40},
    "auto": {"direct_pages": 300, "direct_mappings": 35, "mixed_mappings": 50},
    "all": {"direct_pages": 550, "direct_mappings": 60, "mixed_mappings": 35},
}


def is_big(seed):
    return seed % 3 == 0


def random_options(seed):
    """(what --xip wants, all options)"""
    rng = random.Random(seed)
    xip = rng.choice(("auto", "auto", "text", "all", "none"))
    options = [f"--xip={xip}", f"--level={rng.choice((1, 6, 9))}"]
    for option in ("--no-holes", "-p", "--compressor=zlib", "--pad-to=erase-block --erase-block=64K"):
        if rng.random() < 0.2:
            options += option.split()
    return xip, options


@pytest.fixture(scope="module")
def cases(arm, armbe, tools, debian_armhf, tmp_path_factory):
    """seed -> a future of the Case; boots go on in the background while the first results are looked at."""
    donors = [(debian_armhf / name).read_bytes() for name in ("usr/bin/ldd", "usr/bin/getent", "usr/bin/locale")]

    def run(seed):
        work = tmp_path_factory.mktemp(f"seed{seed}-")
        random_tree.make_random_tree(work / "source", seed, donors=donors)
        _, options = random_options(seed)
        return case.run_case(armbe if is_big(seed) else arm, tools, work / "source", work / "image", *options)

    with concurrent.futures.ThreadPoolExecutor(BOOTS_AT_ONCE) as pool:
        yield {seed: pool.submit(run, seed) for seed in SEEDS}


@pytest.mark.parametrize("seed", SEEDS)
def test_random_tree(cases, seed):
    observed = cases[seed].result()
    xip, options = random_options(seed)
    print(f"seed {seed}, {'big' if is_big(seed) else 'little'}-endian, {' '.join(options)}: {observed.source}")
    observed.compare().verdict(nodes=600, files=290, bytes=4 << 20, mappings=230, pages=1300, refused_mappings=130,
                               **LEAST[xip])
    assert not case.loader_disagreements(observed)
