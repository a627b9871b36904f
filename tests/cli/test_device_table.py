"""Device tables: owners and nodes that only root could have in a source; every line is applied or refused."""
import re
import subprocess

import pytest

from tools import OPERATIONAL, run, run_well

TABLE = """\
# name          type  mode  uid   gid   major  minor  start  inc  count
/dev            d     755   0     0     -      -      -      -    -
/dev/console    c     600   root  tty   5      1      -      -    -
/dev/mtdblock   b     640   0     disk  31     0      0      1    3
/run/control    p     620   0     5     -      -      -      -    -

/bin/busybox    f     4755  0     0     -      -      -      -    -
/bin/none       F     4755  0     0     -      -      -      -    -
/srv/www        r     -1    www   www   -      -      -      -    -
"""


@pytest.fixture
def source(tmp_path):
    """A small system, with its /bin in /usr and accounts that are not those of this machine."""
    root = tmp_path / "source"
    for directory in ("etc", "usr/bin", "srv/www/pages", "run"):
        (root / directory).mkdir(parents=True)
    (root / "etc" / "passwd").write_text("root:x:0:0:root:/:/bin/sh\nwww:x:233:234::/srv/www:/bin/false\n")
    (root / "etc" / "group").write_text("root:x:0:\ntty:x:105:\ndisk:x:106:\nwww:x:234:\n")
    (root / "bin").symlink_to("usr/bin")
    (root / "usr" / "bin" / "busybox").write_bytes(b"#!\n")
    (root / "srv" / "www" / "pages" / "index").write_bytes(b"<p>\n")
    (root / "srv" / "www" / "pages" / "index").chmod(0o640)
    return root


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table"
    path.write_text(TABLE)
    return path


def listing(image):
    """What cramfs-dump prints of each path: mode, uid, gid, and size or device."""
    lines = run_well("cramfs-dump", "-R", image).decode().splitlines()
    found = {}
    for line in lines:
        mode, uid, gid, size, path = re.fullmatch(r"(\S+) \S +(\d+) +(\d+) +(\d+, +\d+|\d+) (\S+)(?: -> .*)?", line).groups()
        found[path] = (mode, int(uid), int(gid), size.replace(" ", "") if "," in size else None)
    return found


def test_table_is_applied(source, image, table):
    run_well("mkcramfs-xip", "-q", "-D", table, source, image)
    found = listing(image)
    assert found["/dev"] == ("drwxr-xr-x", 0, 0, None)
    assert found["/dev/console"] == ("crw-------", 0, 105, "5,1")
    for number in range(3):
        assert found[f"/dev/mtdblock{number}"] == ("brw-r-----", 0, 106, f"31,{number}")
    assert "/dev/mtdblock3" not in found and "/dev/mtdblock" not in found
    assert found["/run/control"] == ("prw--w----", 0, 5, None)
    assert found["/usr/bin/busybox"] == ("-rwsr-xr-x", 0, 0, None)
    assert found["/bin"][0] == "lrwxrwxrwx"
    assert "/usr/bin/none" not in found
    assert found["/srv"][1:3] == (0, 0)


def test_table_wins_over_rules_of_ownership(source, image, table):
    run_well("mkcramfs-xip", "--owner=7:8", "--device-table", table, source, image)
    found = listing(image)
    assert found["/srv"][1:3] == (7, 8)
    assert found["/srv/www"][1:3] == (233, 234)
    assert found["/srv/www/pages/index"] == ("-rw-r-----", 233, 234, None)


def test_image_with_a_table_checks_clean(source, image, table):
    run_well("mkcramfs-xip", "-q", "-D", table, source, image)
    run_well("cramfsck", image)


def test_tables_follow_each_other(source, image, table, tmp_path):
    second = tmp_path / "second"
    second.write_text("/dev/console c 622 0 0 4 0\r\n/dev/mtdblock0 p 600 0 0")
    run_well("mkcramfs-xip", "-q", "-D", table, f"--device-table={second}", source, image)
    assert listing(image)["/dev/console"] == ("crw--w--w-", 0, 0, "4,0")
    assert listing(image)["/dev/mtdblock0"] == ("prw-------", 0, 0, None)


def test_table_without_a_directory_of_sources(image, tmp_path):
    """The accounts are those of an archive, whose files are read from where it was spooled."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "passwd").write_text("www:x:99:99\n")
    archive = tmp_path / "root.tar"
    subprocess.run(["tar", "-C", tmp_path, "-cf", archive, "etc"], check=True)
    (tmp_path / "table").write_text("/etc/passwd f 444 www 3\n")
    run_well("mkcramfs-xip", "-q", "-D", tmp_path / "table", archive, image)
    assert listing(image)["/etc/passwd"][:3] == ("-r--r--r--", 99, 3)


def test_every_bad_line_is_told_with_its_number(source, image, tmp_path):
    table = tmp_path / "table"
    table.write_text("/dev d 755 0 0\n/etc/shadow f 600 0 0\n\n/dev/x c 999 0 0 5 1\n/dev/../../x c 600 0 0 5 1\n/dev/y c 600 nobody 0 5 1\n")
    done = run("mkcramfs-xip", "-D", table, source, image)
    said = done.stderr.decode().splitlines()
    assert done.returncode == OPERATIONAL
    assert len(said) == 4
    for line, number, words in zip(said, (2, 4, 5, 6), ("/etc/shadow", "'999'", "'..'", "'nobody': /etc/passwd")):
        assert f"{table}:{number}: " in line and words in line
    assert not image.exists()


def test_a_missing_table(source, image, tmp_path):
    done = run("mkcramfs-xip", "-D", tmp_path / "none", source, image)
    assert done.returncode == OPERATIONAL
    assert b"none: cannot open the device table: No such file or directory" in done.stderr
    assert not image.exists()


def test_a_path_through_a_link_stays_in_the_tree(source, image, tmp_path):
    (tmp_path / "victim").write_bytes(b"")
    (source / "out").symlink_to(f"../../../../..{tmp_path}")
    table = tmp_path / "table"
    table.write_text("/out/victim f 777 0 0\n")
    done = run("mkcramfs-xip", "-D", table, source, image)
    assert done.returncode == OPERATIONAL
    assert b"'/out/victim' is not a regular file" in done.stderr


def test_limits_of_the_format_are_found_behind_the_table(source, image, tmp_path):
    table = tmp_path / "table"
    table.write_text("/dev d 755 0 256\n/dev/x c 600 0 0 10 255 0 1 2\n")
    done = run("mkcramfs-xip", "-q", "-D", table, source, image)
    said = done.stderr.decode()
    assert done.returncode == OPERATIONAL
    assert "/dev: gid 256 is over" in said and "/dev/x1: device 10:256" in said and "/dev/x0" not in said


def test_capabilities_are_told_and_left_out(source, image, table):
    with open(table, "a", encoding="ascii") as file:
        file.write("/bin/busybox f 755 0 0\n|xattr cap_net_raw+ep\n|xattr cap_net_admin+ep\n")
    done = run("mkcramfs-xip", "-q", "-D", table, source, image)
    assert done.returncode == 0
    assert b"warning: 1 file capabilities left out" in done.stderr
