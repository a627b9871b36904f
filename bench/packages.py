"""Debian's armhf packages that the benches are made of, and how they become a tree."""
import pathlib
import shutil
import subprocess

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent / "scripts"
# The packages of a small system. debian-armhf.csv is a profile of these.
SYSTEM = """busybox libc6 libc-bin libgcc-s1 libcrypt1 bash coreutils openssl libssl3 sqlite3 libsqlite3-0 libreadline8
libtinfo6 zlib1g perl-base python3.11-minimal libpython3.11-minimal libexpat1 libacl1 libattr1 libselinux1
libpcre2-8-0 libgmp10""".split()
# With it they make some 50 MB.
MIDDLE = [*SYSTEM, "libpython3.11-stdlib"]
# With these, some 250 MB. No file of them is too large for cramfs.
LARGE = [*MIDDLE, *"""git libruby3.1 python3-numpy python3-pandas-lib samba-libs erlang-base
binutils-arm-linux-gnueabihf cmake gdb systemd udev libqt5core5a libqt5gui5 libqt5widgets5 libgtk-3-0 libglib2.0-0
libavcodec59 php8.2-cli libstdc++6 openssh-client openssh-server vim-nox util-linux""".split()]


def fetch_tree(root, packages):
    """Unpack the packages; returns their names, versions and hashes. Documents are left out, as on a small system."""
    done = subprocess.run([SCRIPTS / "fetch-debian.sh", "--arch", "armhf", root, *packages], check=True,
                          stdout=subprocess.PIPE, text=True)
    shutil.rmtree(root / "usr/share")
    return done.stdout
