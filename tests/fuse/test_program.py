"""The program as users run it: background and signals, users without root, options, messages and exit codes."""
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest

import mounts
from maker import Image, Shape, deflated, file
from namespaces import in_mount_namespace
from tools import OPERATIONAL, USAGE, directory, run

pytestmark = pytest.mark.skipif(not (directory() / "cramfs-fuse").exists(), reason="cramfs-fuse was not built: libfuse 3 is missing (libfuse3-dev)")


@pytest.fixture(name="image")
def make_image(tmp_path):
    path = tmp_path / "an image, with a comma"
    path.write_bytes(Image(Shape(), file(b"open", deflated(b"open")), file(b"shut", deflated(b"shut"), mode=0o600)).bytes())
    return path


@pytest.fixture(name="point")
def make_point(tmp_path):
    (tmp_path / "point").mkdir()
    return tmp_path / "point"


def table(point):
    return [line.split() for line in pathlib.Path("/proc/self/mounts").read_text().splitlines() if line.split()[1] == str(point)]


def test_it_goes_to_the_background_and_fusermount_unmounts(image, point):
    mounts.skip_where_forbidden()
    done = run("cramfs-fuse", image, point.name, cwd=point.parent)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    (source, _, kind, options, *_), = table(point)
    assert source.replace("\\040", " ") == str(image) and kind == "fuse.cramfs-fuse"
    assert {"ro", "nosuid", "nodev"} <= set(options.split(","))
    image.unlink()  # what happens to the file later changes nothing
    assert (point / "open").read_bytes() == b"open"
    mounts.unmount(point)
    assert table(point) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_unmounts(image, mount, number):
    mounted = mount(image)
    mounted.end(lambda _: os.kill(mounted.pid, number))


def test_debug_prints_lines_of_its_own_without_control_characters(tmp_path, mount):
    path = tmp_path / "image"
    path.write_bytes(Image(Shape(), file(b"a\x1b[31m\n::b", deflated(b"x"))).bytes())
    mounted = mount(path, "-d", says=b"LOOKUP")
    assert (mounted.point / "a\x1b[31m\n::b").read_bytes() == b"x"
    said = mounted.said()
    assert b"READ" in said and b"\x1b" not in said
    assert all(line.startswith(b"cramfs-fuse: ") for line in said.splitlines())


def test_options_of_mount_are_those_of_the_mount(image, mount):
    others = ["-o", "allow_other"] if os.geteuid() == 0 else []  # users have it where /etc/fuse.conf says so
    mounted = mount(image, "-o", "fsname=me,noatime", *others)
    (source, _, _, options, *_), = table(mounted.point)
    assert source == "me" and "noatime" in options.split(",")
    assert {"allow_other", "default_permissions"} <= set(options.split(",")) or not others


@pytest.mark.parametrize("arguments, said", [
    ([], b"there is no operand; name an IMAGE"),
    (["image"], b"there is no DIRECTORY"),
    (["image", "point", "more"], b"'more' is one operand too many"),
    (["--offset=x", "image", "point"], b"--offset: 'x' is not a size"),
    (["-o", "offset=x", "image", "point"], b"--offset: 'x' is not a size"),
    (["-b", "5000", "image", "point"], b"--block-size"),
    (["--nonsense", "image", "point"], b"unknown option '--nonsense' (argument 1)"),
])
def test_wrong_usage(tmp_path, arguments, said):
    done = run("cramfs-fuse", *arguments, cwd=tmp_path)
    assert done.returncode == USAGE and said in done.stderr and done.stderr.count(b"\n") == 1


def test_a_mount_option_that_does_not_exist(image, point):
    mounts.skip_where_forbidden()
    done = run("cramfs-fuse", "-o", "no\x1bsense", image, point)
    assert done.returncode == USAGE and rb"no\033sense" in done.stderr and table(point) == []


def test_no_image_and_no_directory(image, point, tmp_path):
    done = run("cramfs-fuse", tmp_path / "nothing", point)
    assert done.returncode == OPERATIONAL and b"nothing" in done.stderr
    (tmp_path / "text").write_text("words")
    done = run("cramfs-fuse", tmp_path / "text", point)
    assert done.returncode == OPERATIONAL and b"superblock" in done.stderr
    done = run("cramfs-fuse", image, tmp_path / "no\x1bwhere")
    assert done.returncode == OPERATIONAL and rb"no\033where: does not exist; make it with mkdir" in done.stderr
    done = run("cramfs-fuse", image, image)
    assert done.returncode == OPERATIONAL and b"is not a directory to mount on" in done.stderr


def shell(namespace, script, *arguments):
    return subprocess.run([*namespace, "sh", "-c", script, "sh", *map(str, arguments)], capture_output=True, text=True, check=False)


def test_without_a_device_it_says_what_to_do(image, point):
    done = shell(in_mount_namespace(), 'mount -t tmpfs none /dev && exec "$@"', directory() / "cramfs-fuse", image, point)
    assert done.returncode == OPERATIONAL and "/dev/fuse: is missing; load the kernel's module (modprobe fuse)" in done.stderr, done.stderr


def in_own_dev(tmp_path):
    """A namespace in which every user may open /dev/fuse, as on most systems; only root can make it."""
    mounts.skip_where_forbidden()
    if os.geteuid() != 0:
        pytest.skip("only root can make a device for everybody; the other tests run as this user")
    return ('mknod "$1/fuse" c 10 229 && chmod 666 "$1/fuse" && mount --bind "$1/fuse" /dev/fuse && chown 65534 "$3" && '
            'exec setpriv --reuid=65534 --regid=65534 --clear-groups sh -c "$4" sh "$2" "$3" "$5"')


def test_a_user_without_root_mounts_reads_all_and_unmounts(image, public_path):
    script = in_own_dev(public_path)
    point = public_path / "point"
    point.mkdir()
    shutil.copy(image, public_path / "image")
    program = shutil.copy(directory() / "cramfs-fuse", public_path)
    mine = '"$3" "$1" "$2" && cat "$2/open" "$2/shut" && stat -c %U "$2/shut" && fusermount3 -u "$2" && ls "$2"'
    done = shell(in_mount_namespace_of_root(), script, public_path, public_path / "image", point, mine, program)
    assert (done.returncode, done.stdout, done.stderr) == (0, "openshutroot\n", "")


def in_mount_namespace_of_root():
    """Without a user namespace: there, no process could become another user."""
    done = subprocess.run(["unshare", "--mount", "true"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"forbidden here: {done.stderr.strip()}")
    return ["unshare", "--mount"]


def test_a_directory_of_another_user_is_refused(image, public_path):
    script = in_own_dev(public_path).replace('chown 65534 "$3"', 'chmod 755 "$3"')
    point = public_path / "point"
    point.mkdir()
    shutil.copy(image, public_path / "image")
    program = shutil.copy(directory() / "cramfs-fuse", public_path)
    done = shell(in_mount_namespace_of_root(), script, public_path, public_path / "image", point, '"$3" "$1" "$2"', program)
    assert done.returncode == OPERATIONAL and "cannot be mounted on; it must belong to you" in done.stderr


def test_a_mount_whose_program_was_killed_is_told_apart(image, point):
    mounts.skip_where_forbidden()
    with subprocess.Popen([directory() / "cramfs-fuse", "-f", image, point], stderr=subprocess.DEVNULL) as program:
        while not os.path.ismount(point):
            assert program.poll() is None
            time.sleep(0.005)
        program.kill()
    try:
        done = run("cramfs-fuse", image, point)
        assert done.returncode == OPERATIONAL and b"is still mounted, and the program that mounted it has ended; fusermount3 -u unmounts it" in done.stderr
    finally:
        mounts.unmount(point)
