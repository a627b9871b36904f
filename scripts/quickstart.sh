#!/usr/bin/env bash
# quickstart.sh: from a fresh clone to an image that runs in place, with proof. Installs the build
# dependencies, builds, packs a small real root file system, checks it, and prints the XIP report.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { echo; echo "== $*"; }

say "packages"
scripts/install-packages.sh build

say "build"
cmake -S . -B build/quickstart -G Ninja -DBUILD_TESTING=OFF >/dev/null
cmake --build build/quickstart | tail -n 1
bin=build/quickstart/bin

# A program of this system, and the libraries that it loads.
copy_program() {
    local file
    for file in "$1" $(ldd "$1" 2>/dev/null | grep -o '/[^ )]*' | sort -u); do
        install -D -m 755 "$file" "$work/rootfs$file"
    done
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if command -v apt-get >/dev/null; then
    say "a root file system: busybox and the C library, from your distribution's packages"
    scripts/fetch-debian.sh "$work/rootfs" busybox libc6
    # Character set converters and documentation, which a small system does not have.
    rm -rf "$work"/rootfs/usr/lib/*/gconv "$work"/rootfs/usr/share
else
    say "a root file system: the shell of this system and the libraries that it loads"
    copy_program "$(command -v busybox || command -v sh)"
fi
mkdir -p "$work/rootfs"/{dev,proc,sys,tmp}

say "mkcramfs-xip rootfs rootfs.img"
$bin/mkcramfs-xip --all-root "$work/rootfs" build/quickstart/rootfs.img

say "cramfsck rootfs.img"
$bin/cramfsck build/quickstart/rootfs.img

say "cramfsck --xip-report rootfs.img"
$bin/cramfsck --xip-report build/quickstart/rootfs.img

say "cramfs-dump --map rootfs.img"
$bin/cramfs-dump --map build/quickstart/rootfs.img

say "done: the image is build/quickstart/rootfs.img, the programs are in $bin"
