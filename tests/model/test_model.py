"""Compares the checker with a model of the kernel, on changed images and on those of tests/bad."""
import os
import re
import stat
import zlib

import pytest

import cases.blocks
import cases.directories
import cases.names
import cases.streams
import cases.superblock
import specimen
import tools
from cases import ALL
from samples import samples

IMAGES, SEED = 5000, 1
LEAST_CLEAN = 2000  # of these, or nothing was compared
MOST_MISTAKEN = 1   # of another page size, which they are sound for: 1 of 100,000
SAMPLES = 40
LONGEST_TARGET = 4095  # bytes, of symlink(2)


@pytest.fixture(scope="module")
def run(model, base_images, tmp_path_factory):
    """The bounded run, and the folder with its samples."""
    folder = tmp_path_factory.mktemp("samples")
    return model("--images", IMAGES, "--seed", SEED, "--save", folder, "--samples", SAMPLES, *base_images), folder


def test_image_that_is_called_clean_is_what_every_kernel_shows(run):
    done, _ = run
    print(done.stdout)
    found = re.search(r"(\d+) called clean, (\d+) sound .*; (\d+) both", done.stdout)
    assert found and int(found[3]) >= LEAST_CLEAN
    wrong = re.search(r"a kernel differs:\n((?: +\d+  .*\n)*)", done.stdout)
    problems = {line.split(None, 1)[1] for line in wrong[1].splitlines()} if wrong else set()
    assert not problems, done.stdout
    mistaken = re.search(r"(\d+) clean for another page", done.stdout)
    assert int(mistaken[1]) <= MOST_MISTAKEN, done.stdout


def test_samples_are_extracted_as_the_kernel_shows_them(run, tmp_path):
    _, folder = run
    clean = samples(folder, "clean")
    assert len(clean) >= LEAST_CLEAN / SAMPLES / 2
    for sample in clean:
        out = tmp_path / sample.image.stem
        if any(stat.S_ISLNK(shown.mode) and shown.size > LONGEST_TARGET for shown in sample.shown.values()):
            continue  # an image of larger pages can hold it, and no file system here
        privileged = ["--privileged"] if os.geteuid() == 0 else []
        tools.run_well("cramfsck", "--quiet", f"--extract={out}", *privileged, sample.image)
        compare(out, sample.shown)


def compare(out, shown):
    """Compares extracted files, as root or not, with those of the model."""
    root = os.fsencode(out)
    found = {b"/"}
    for folder, folders, files in os.walk(root):
        found |= {os.path.join(folder, name)[len(root):] for name in folders + files}
    missing = set(shown) - found
    assert found <= set(shown)
    assert os.geteuid() != 0 or not missing
    for path in found:
        mode, uid, gid, device, size, crc = shown[path]
        try:
            entry = os.lstat(root + path)
        except PermissionError:  # in a directory that only root can search
            assert os.geteuid() != 0
            continue
        assert stat.S_IFMT(entry.st_mode) == stat.S_IFMT(mode), (out, path)
        if stat.S_ISLNK(mode):
            assert zlib.crc32(os.readlink(root + path)) == crc and entry.st_size == size, (out, path)
        elif path != b"/":
            hidden = 0 if os.geteuid() == 0 else 0o7000
            assert entry.st_mode & ~hidden == mode & ~hidden, (out, path)
        if os.geteuid() == 0:
            assert (entry.st_uid, entry.st_gid) == (uid, gid), (out, path)
        if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
            assert (os.major(entry.st_rdev), os.minor(entry.st_rdev)) == divmod(device, 256), (out, path)
        if stat.S_ISREG(mode):
            os.chmod(root + path, 0o400)  # of one without this bit, only root could read the bytes
            with open(root + path, "rb") as file:
                assert entry.st_size == size and zlib.crc32(file.read()) == crc, (out, path)


def judged(model, page, *paths):
    lines = model("--judge", page, *paths).stdout.splitlines()
    assert len(lines) == len(paths)
    return [line.split(": ", 1)[1] for line in lines]


def write_cases(folder, broken):
    """The images of tests/bad by page size: (path, case) of each."""
    pages = {}
    for number, (case, shape) in enumerate((case, shape) for case in ALL for shape in case.shapes):
        if "--kernel=nommu" in case.options:
            continue
        path = folder / f"{number}.img"
        path.write_bytes(case.make(shape, broken))
        pages.setdefault(shape.page, []).append((path, case))
    return pages


def test_twins_of_bad_images_are_sound_to_the_model(model, tmp_path):
    for page, images in write_cases(tmp_path, False).items():
        verdicts = judged(model, page, *[path for path, _ in images])
        assert {case.make.__name__ for (_, case), verdict in zip(images, verdicts) if verdict != "sound"} == set()


@pytest.mark.parametrize("trap", ["share_tables", "near_end", "short_device"])
def test_model_knows_the_traps(model, tmp_path, trap):
    """Images that booted kernels show wrong: a model that calls them sound judges nothing."""
    text = specimen.file(b"text" * 200)
    tree = specimen.directory({b"a": text, b"b": specimen.symlink(b"text" * 200)})
    options = {"share_tables": dict(share_tables=True), "near_end": {}, "short_device": {}}[trap]
    image = specimen.make_image(tree, **options)
    if trap == "near_end":
        image = specimen.make_image(specimen.directory({b"z": specimen.file(b"")}), room_behind_entries=0)
        image = image.rstrip(b"\0")
    if trap == "short_device":
        image = image.rstrip(b"\0")
    path = tmp_path / "trap.img"
    path.write_bytes(image)
    assert judged(model, 4096, path) != ["sound"]
