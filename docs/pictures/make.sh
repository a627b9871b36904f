#!/usr/bin/env bash
# make.sh BUILD/bin
#
# Make the pictures of README.md, in the folder of this script. map.svg is the output of cramfs-dump, report.svg the output of
# cramfsck, and html.png is the page of cramfs-dump --html in a browser. map.svg and report.svg show Debian's armhf busybox and the
# libraries that it loads, with a budget of 256 KiB for running in place. The version is the one that Debian has today.
set -euo pipefail
bin=$(realpath "${1:?names the directory with the programs}")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
PATH=$bin:$PATH

"$here/../../scripts/fetch-debian.sh" --arch armhf packages busybox libc6
mkdir -p rootfs/bin rootfs/lib
cp packages/bin/busybox rootfs/bin/
for library in ld-linux-armhf.so.3 libc.so.6 libm.so.6 libresolv.so.2; do
    cp "$(find packages -name "$library" -not -type l | head -n 1)" rootfs/lib/
done

mkcramfs-xip --all-root --xip-budget=256K rootfs rootfs.img
cramfs-dump --map=svg --erase-block=64K rootfs.img >"$here/map.svg"
"$here/terminal.py" 'cramfsck --xip-report rootfs.img' >"$here/report.svg"

# A larger tree for the page: an interpreter, a database and their libraries.
"$here/../../scripts/fetch-debian.sh" --arch armhf large bash busybox dash libc6 libexpat1 libpython3.11-minimal \
    libpython3.11-stdlib libreadline8 libsqlite3-0 libssl3 libtinfo6 python3.11-minimal sqlite3 zlib1g
rm -rf large/usr/share/doc large/usr/share/man large/usr/share/locale
mkcramfs-xip -q --all-root --xip-budget=3M large system.img
cramfs-dump --html=page.html system.img
chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --hide-scrollbars --user-data-dir=profile \
    --force-device-scale-factor=1 --window-size=900,1930 --screenshot="$here/html.png" page.html
