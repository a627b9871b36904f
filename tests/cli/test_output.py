"""The image appears whole or not at all, wherever its path leads."""
import os
import subprocess
import threading

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
    for path, complaint in ((image, b"written twice"), (source / "planned", b"inside")):
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
