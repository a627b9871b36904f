"""Files are read by several threads: the image and the messages are those of one thread."""
import resource

import pytest

from tools import OPERATIONAL, as_plain_user, run, run_well

JOBS = 1, 2, 3, 8, 64
FILES = 700  # more than two groups of those that are read together


@pytest.fixture
def many(public_path):
    source = public_path / "many"
    source.mkdir()
    for number in range(FILES):
        below = source / f"{number % 40:02}"
        below.mkdir(exist_ok=True)
        (below / f"{number:03}").write_bytes(b"%d " % number * (number * 3 + 1))
    return source


@pytest.mark.parametrize("limit", [64, 12, 9, 8])
def test_few_descriptors_are_enough_for_many_jobs(limit, many, tmp_path):
    images = set()
    for jobs in JOBS:
        run_well("mkcramfs-xip", "-q", f"-j{jobs}", many, tmp_path / f"{jobs}.img",
                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit)))
        images.add((tmp_path / f"{jobs}.img").read_bytes())
    assert len(images) == 1


@pytest.mark.parametrize("allow", [(), ("--allow=unreadable",)], ids=["", "allowed"])
def test_unreadable_files_are_reported_in_path_order(allow, many, public_path):
    unreadable = sorted(f"{number % 40:02}/{number:03}" for number in range(3, FILES, 50))
    for name in unreadable:
        (many / name).chmod(0)
    said = set()
    images = set()
    for jobs in JOBS:
        image = public_path / "out.img"
        image.unlink(missing_ok=True)
        done = run("mkcramfs-xip", "-q", f"-j{jobs}", *allow, many, image, prefix=as_plain_user())
        said.add(done.stderr)
        images.add(image.read_bytes() if image.exists() else None)
        assert (done.returncode == OPERATIONAL) == (not allow), done
    lines = [line for line in said.pop().decode().splitlines() if "cannot open it: Permission denied" in line]
    assert not said and len(images) == 1 and (images == {None}) == (not allow)
    assert [name for name in unreadable if any(name in line for line in lines)] == unreadable
    assert [next(name for name in unreadable if name in line) for line in lines] == unreadable
