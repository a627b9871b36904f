#!/usr/bin/env bash
# quickstart.sh: from a fresh clone to an image that runs in place, and the proof. Installs the build
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

say "a root file system: busybox and the C library, from your distribution's packages"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
scripts/fetch-debian.sh "$work/rootfs" busybox libc6
# Character set converters and documentation, which no small system carries.
rm -rf "$work"/rootfs/usr/lib/*/gconv "$work"/rootfs/usr/share
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
