"""Random trees from fixed seeds: what nobody thought of."""
import concurrent.futures

import pytest

import case
import random_tree

SEEDS = range(2601, 2621)
BOOTS_AT_ONCE = 2


@pytest.fixture(scope="module")
def cases(arm, tools, debian_armhf, tmp_path_factory):
    """seed -> a future of the Case; boots go on in the background while the first results are looked at."""
    donors = [(debian_armhf / name).read_bytes() for name in ("usr/bin/ldd", "usr/bin/getent", "usr/bin/locale")]

    def run(seed):
        work = tmp_path_factory.mktemp(f"seed{seed}-")
        random_tree.make_random_tree(work / "source", seed, donors=donors)
        return case.run_case(arm, tools, work / "source", work / "image", *(["--no-holes"] if seed % 5 == 0 else []))

    with concurrent.futures.ThreadPoolExecutor(BOOTS_AT_ONCE) as pool:
        yield {seed: pool.submit(run, seed) for seed in SEEDS}


@pytest.mark.parametrize("seed", SEEDS)
def test_random_tree(cases, seed):
    observed = cases[seed].result()
    print(f"seed {seed}: {observed.source}")  # pytest shows it with a failure
    observed.compare().verdict(nodes=500, files=300, bytes=4 << 20, mappings=200, pages=1200, direct_pages=250,
                               direct_mappings=20, mixed_mappings=30, refused_mappings=100)
    assert not case.loader_disagreements(observed)
