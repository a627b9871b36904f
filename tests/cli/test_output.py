"""The image appears whole or not at all, wherever its path leads."""
import fcntl
import os
import random
import resource
import shutil
import signal
import subprocess
import tarfile
import threading

import pytest

from tools import OPERATIONAL, USAGE, as_plain_user, directory, run, run_well


def test_an_older_image_is_replaced(source, image):
    image.write_bytes(b"older")
    run_well("mkcramfs-xip", source, image)
    run_well("cramfsck", image)
    assert os.listdir(image.parent).count(image.name) == 1


def test_a_failure_leaves_the_older_image(source, image):
    image.write_bytes(b"older")
    with open(source / "big", "wb") as file:
        file.truncate(1 << 24)
    assert run("mkcramfs-xip", source, image).returncode == OPERATIONAL
    assert image.read_bytes() == b"older"
    assert sorted(os.listdir(image.parent)) == [image.name, source.name]


def test_a_link_stays_and_its_target_is_replaced(source, image, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "real.img").write_bytes(b"older")
    image.symlink_to("elsewhere/real.img")
    run_well("mkcramfs-xip", source, image)
    assert image.is_symlink()
    run_well("cramfsck", elsewhere / "real.img")
    assert os.listdir(elsewhere) == ["real.img"]


def test_a_dangling_link_gets_its_target(source, image, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    image.symlink_to("elsewhere/new.img")
    run_well("mkcramfs-xip", source, image)
    assert image.is_symlink()
    run_well("cramfsck", tmp_path / "elsewhere" / "new.img")


def test_a_link_to_itself_is_refused(source, image):
    image.symlink_to("out.img")
    done = run("mkcramfs-xip", source, image)
    assert done.returncode == OPERATIONAL
    assert b"out.img: cannot create the image: Too many levels of symbolic links" in done.stderr


def test_a_fifo_is_written_in_place(source, image, tmp_path):
    run_well("mkcramfs-xip", source, tmp_path / "plain.img")
    os.mkfifo(image)
    received = []
    reader = threading.Thread(target=lambda: received.append(image.read_bytes()))
    reader.start()
    run_well("mkcramfs-xip", source, image)
    reader.join()
    assert image.is_fifo()
    assert received[0] == (tmp_path / "plain.img").read_bytes()


def test_a_device_is_written_in_place(source):
    run_well("mkcramfs-xip", source, "/dev/null")
    assert os.path.exists("/dev/null") and not os.path.isfile("/dev/null")


@pytest.mark.parametrize("output, anywhere", [("/dev/null", False), ("out.img", True)])
def test_each_byte_of_a_character_device_is_written_once_and_in_order(output, anywhere, source, image):
    """NOR flash can be one: a CRC that was written as 0 could not be set."""
    log = image.parent / "log"
    faults = {"LD_PRELOAD": os.environ["CRAMFS_XIP_FAULTS"], "FAULT_CALLS": "pwrite64", "FAULT_AT": "1", "FAULT_LOG": str(log),
              "ASAN_OPTIONS": "verify_asan_link_order=0:" + os.environ.get("ASAN_OPTIONS", "")}
    run_well("mkcramfs-xip", "-j4", large_source(source), image.parent / output, env={**os.environ, **faults})
    assert log.exists() == anywhere


def test_the_mode_of_the_image_follows_the_umask(source, tmp_path):
    for mask, mode in ((0o022, 0o644), (0o077, 0o600)):
        image = tmp_path / f"{mask:o}.img"
        run_well("mkcramfs-xip", source, image, preexec_fn=lambda: os.umask(mask))
        assert image.stat().st_mode & 0o777 == mode


def test_bytes_do_not_depend_on_user_umask_locale_or_clock(public_path):
    source = public_path / "source"
    source.mkdir()
    (source / "motd").write_bytes(b"welcome\n" * 1000)
    images = []
    for number, (prefix, mask, environment) in enumerate((
            ([], 0o022, {}), (as_plain_user(), 0o022, {}), ([], 0o077, {"LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo"}))):
        image = public_path / f"{number}.img"
        run_well("mkcramfs-xip", "-q", source, image, prefix=prefix, preexec_fn=lambda: os.umask(mask),
                 env={**os.environ, **environment})
        images.append(image.read_bytes())
    assert images[0] == images[1] == images[2]


def test_extents_are_written_like_an_image(source, image, tmp_path):
    """Whole or not at all, and neither over the image nor into the tree."""
    run_well("mkcramfs-xip", f"--extents={tmp_path}/planned", source, image)
    assert (tmp_path / "planned").read_bytes() == run_well("cramfs-dump", "--extents", image)
    before = image.read_bytes()
    for path, complaint in ((image, b"named for two outputs"), (source / "planned", b"inside")):
        done = run("mkcramfs-xip", f"--extents={path}", source, image)
        assert done.returncode == USAGE and complaint in done.stderr
    done = run("mkcramfs-xip", "--extents=/nowhere/planned", source, image)
    assert done.returncode == OPERATIONAL and b"/nowhere/planned" in done.stderr
    assert image.read_bytes() == before
    assert sorted(os.listdir(source)) == ["etc"]


def test_a_closed_standard_output_does_not_become_the_image(source, image):
    image.write_bytes(b"older")
    for number in range(300):
        (source / f"{number}").write_bytes(b"x")
    done = subprocess.run(["sh", "-c", '"$1" -v "$2" "$3" >&-', "sh", directory() / "mkcramfs-xip", source, image])
    assert done.returncode == 0
    run_well("cramfsck", image)


def test_messages_do_not_go_into_an_image_on_standard_output(source, tmp_path):
    run_well("mkcramfs-xip", source, tmp_path / "out.img")
    for name in ("-", "/dev/stdout"):
        done = run("mkcramfs-xip", "-v", source, name)
        assert done.stdout == (tmp_path / "out.img").read_bytes()
        assert b"/etc/motd: 0 pages in place" in done.stderr


def test_names_as_long_as_they_can_be(source, tmp_path):
    run_well("mkcramfs-xip", source, tmp_path / ("n" * 255))
    run_well("cramfsck", tmp_path / ("n" * 255))


def test_a_name_that_ends_in_a_slash_is_no_file(source, tmp_path):
    done = run("mkcramfs-xip", source, f"{tmp_path}/new/")
    assert done.returncode == OPERATIONAL and b"Is a directory" in done.stderr
    assert not (tmp_path / "new").exists()


def closed(descriptor, *arguments):
    """Runs a program with a standard file closed."""
    words = [str(directory() / arguments[0]), *map(str, arguments[1:])]
    return subprocess.run(["sh", "-c", f'"$@" {descriptor}>&-', "sh", *words], stderr=subprocess.PIPE, stdout=subprocess.PIPE)


def test_what_is_written_to_a_closed_standard_output_is_an_error(source, image):
    done = closed(1, "mkcramfs-xip", source, "-")
    assert done.returncode == OPERATIONAL and b"cannot write: Bad file descriptor" in done.stderr
    run_well("mkcramfs-xip", source, image)
    for words in (["cramfs-dump", "--tar", image], ["cramfs-dump", image], ["cramfs-dump", "--cat", "/etc/motd", image],
                  ["cramfsck", "--xip-report", image]):
        done = closed(1, *words)
        assert done.returncode == OPERATIONAL and b"Bad file descriptor" in done.stderr, words


def test_numbers_that_standard_error_does_not_take_are_an_error(source, image):
    with open("/dev/full", "w") as full:
        done = subprocess.run([directory() / "mkcramfs-xip", "--quiet", "--stats=json", source, image], stderr=full)
    assert done.returncode == OPERATIONAL


# -- what is read is not replaced ------------------------------------------------------------------------------------

def snapshot(folder):
    return {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("option", ["--xip-rules={}", "--xip-profile={}", "-D{}", "--exclude-from={}", "--boot-code={}", "--insert={}",
                                    "--like={}"])
@pytest.mark.parametrize("name", ["read", "link", "hard"])
def test_a_file_that_is_read_is_not_replaced(option, name, source, tmp_path):
    read = tmp_path / "read"
    read.write_bytes(b"# a comment\n")
    if option.startswith("--like"):
        run_well("mkcramfs-xip", source, read)
    (tmp_path / "link").symlink_to("read")
    os.link(read, tmp_path / "hard")
    before = snapshot(tmp_path)
    for words in ([source, tmp_path / name], [f"--extents={tmp_path / name}", source, tmp_path / "out.img"]):
        done = run("mkcramfs-xip", option.format(read), *words)
        assert done.returncode == USAGE
        assert f"{tmp_path / name}: it is also an input, and would be replaced".encode() in done.stderr
        assert snapshot(tmp_path) == before


def test_a_file_that_is_read_is_replaced_by_force(source, image):
    run_well("mkcramfs-xip", source, image)
    (source / "new").write_bytes(b"new")
    done = run("mkcramfs-xip", f"--like={image}", source, image)
    assert done.returncode == USAGE and b"--force" in done.stderr
    run_well("mkcramfs-xip", "--force", f"--like={image}", source, image)
    assert b"new" in run_well("cramfs-dump", image)


@pytest.mark.parametrize("form", ["w", "w:gz", "w:xz", "cpio"])
def test_with_the_image_forgotten_no_archive_is_replaced(form, source, tmp_path):
    first, second = tmp_path / "a.tar", tmp_path / "b.tar"
    for path in (first, second):
        if form == "cpio":
            path.write_bytes(subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], input=b"etc\n", cwd=source, check=True,
                                            stdout=subprocess.PIPE).stdout)
        else:
            with tarfile.open(path, form) as archive:
                archive.add(source, ".")
    before = snapshot(tmp_path)
    done = run("mkcramfs-xip", first, second)
    assert done.returncode == USAGE and b"it is an archive, not a cramfs image" in done.stderr
    assert snapshot(tmp_path) == before
    run_well("mkcramfs-xip", "--force", first, second)
    run_well("cramfsck", second)


@pytest.mark.parametrize("options", [[], ["--pad"], ["--swap16"], ["--swap32"], ["-N", "big"], ["--legacy"]])
def test_an_older_image_is_replaced_without_a_word(options, source, image):
    for _ in range(2):
        run_well("mkcramfs-xip", *options, source, image)


@pytest.fixture
def device(tmp_path):
    """A block device of 1 MiB."""
    (tmp_path / "disk").write_bytes(bytes(1 << 20))
    made = subprocess.run(["losetup", "-f", "--show", tmp_path / "disk"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) \
        if shutil.which("losetup") else None
    if not made or made.returncode:
        pytest.skip(f"no loop device here: {made.stderr.strip() if made else 'losetup is not installed'}")
    yield made.stdout.strip()
    subprocess.run(["losetup", "-d", made.stdout.strip()], check=True)


def test_a_block_device_is_written_in_place_and_not_when_it_is_locked(device, source):
    run_well("mkcramfs-xip", source, device)
    assert b"clean" in run_well("cramfsck", device)
    with open(device, "rb") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        done = run("mkcramfs-xip", source, device)
    assert done.returncode == OPERATIONAL and b"it is mounted, or another program has locked it" in done.stderr
    run_well("mkcramfs-xip", source, device)


def large_source(source):
    """Some MiB that do not compress, so that several workers write several pieces."""
    for i in range(3):
        (source / f"large{i}").write_bytes(random.Random(i).randbytes(1 << 20))
    return source


@pytest.mark.parametrize("options", [[], ["-p", "-Nbig", "--swap32", "--pad-to=8M"]], ids=["plain", "swapped"])
def test_a_file_a_pipe_and_the_end_of_a_file_get_the_same_bytes(options, source, tmp_path):
    command = [directory() / "mkcramfs-xip", "-q", "--quiet", *options]
    images = []
    for jobs in (1, 2, 3, 8, 64):
        image = tmp_path / "images" / f"{jobs}.img"
        image.parent.mkdir(exist_ok=True)
        subprocess.run([*command, f"-j{jobs}", large_source(source), image], check=True)
        images.append(image.read_bytes())
        images.append(subprocess.run([*command, f"-j{jobs}", source, "-"], check=True, stdout=subprocess.PIPE).stdout)
    shared = tmp_path / "shared"
    shared.write_bytes(b"before")
    with open(shared, "ab") as file:
        subprocess.run([*command, "-j3", source, "-"], check=True, stdout=file)
    with open(shared, "r+b") as file:
        file.seek(0, os.SEEK_END)
        subprocess.run([*command, "-j3", source, "-"], check=True, stdout=file)
        subprocess.run(["echo", "after"], check=True, stdout=file)
    assert set(images) == {images[0]}
    assert shared.read_bytes() == b"before" + images[0] + images[0] + b"after\n"
    run_well("cramfsck", image)


@pytest.mark.parametrize("jobs", [1, 2, 8])
def test_a_disk_that_becomes_full_leaves_the_older_image(jobs, source, image):
    image.write_bytes(b"older")
    limit = 1 << 20
    done = subprocess.run([directory() / "mkcramfs-xip", "-q", "--quiet", f"-j{jobs}", large_source(source), image], stderr=subprocess.PIPE,
                          preexec_fn=lambda: (signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
                                              resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))))
    assert (done.returncode, done.stderr) == (OPERATIONAL, f"mkcramfs-xip: {image}: cannot write: File too large\n".encode())
    assert image.read_bytes() == b"older" and sorted(os.listdir(image.parent)) == [image.name, source.name]
