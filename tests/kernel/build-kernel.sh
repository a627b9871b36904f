#!/bin/sh
# Build the kernel NAME.config (default: arm) describes, once, and print the directory that holds its zImage.
#
#   build-kernel.sh [NAME]
#
# The kernel lives in the cache, outside the checkout, under a key made of the source's version, the configuration and
# this script: a change to any of them builds anew, and no change returns at once.
# The source is the tarball of the newest linux-source-* package; CRAMFS_XIP_LINUX_SOURCE names another one.
set -eu

name=${1:-arm}
here=$(cd "$(dirname "$0")" && pwd)
config=$here/$name.config
cache=${CRAMFS_XIP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cramfs-xip}

say() { echo "build-kernel: $*" >&2; }
die() { say "$*"; exit 1; }

[ -f "$config" ] || die "no kernel named '$name': $config does not exist"

setting() { sed -n "s/^#: $1=//p" "$config"; }
arch=$(setting ARCH)
cross=$(setting CROSS_COMPILE)
packages=$(setting PACKAGES)

find_source() {
	newest=$(find /usr/src -maxdepth 2 -name 'linux-source-*.tar.*' | sort -V | tail -n 1)
	echo "${CRAMFS_XIP_LINUX_SOURCE:-$newest}"
}
source=$(find_source)
[ -f "$source" ] || die "no Linux source in /usr/src: install the package linux-source-6.12 (or linux-source)"

# A package's version is cheaper to ask for than its 150 MB are to hash; any other tarball is known by path and size.
package=$(basename "${source%.tar.*}")
version=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null || echo unpackaged)
size=$(stat -c %s "$source")
key=$({ echo "$source $version $size"; cat "$config" "$0"; } | sha256sum | cut -c 1-16)
kernel=$cache/kernel/$name-$key

finish() { echo "$kernel"; exit 0; }
[ -f "$kernel/zImage" ] && finish

for tool in "${cross}gcc" bc bison flex make xz; do
	command -v "$tool" >/dev/null || die "$tool not found: apt-get install $packages bc bison flex make xz-utils"
done

mkdir -p "$cache/kernel"
exec 9>"$cache/kernel/$name.lock"
flock -n 9 || { say "waiting for another build of the $name kernel"; flock 9; }
[ -f "$kernel/zImage" ] && finish

work=$(mktemp -d "$cache/kernel/building.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

say "unpacking $source"
mkdir "$work/linux"
tar -xf "$source" -C "$work/linux" --strip-components=1

run_make() { make -C "$work/linux" -s -j "$(nproc)" ARCH="$arch" CROSS_COMPILE="$cross" "$@" >>"$work/log" 2>&1; }
or_die() { tail -n 20 "$work/log" >&2; die "$1 failed; the end of its log is above"; }

say "building the $name kernel $version (2 to 6 minutes on two processors, once)"
run_make KCONFIG_ALLCONFIG="$config" allnoconfig || or_die "the configuration"
# Kconfig drops a symbol whose dependencies are missing without a word; the tests would fail much later.
grep '^CONFIG_' "$config" | while read -r line; do
	grep -qx "$line" "$work/linux/.config" || die "$config: the kernel did not take '$line': a dependency is missing"
done
run_make zImage || or_die "the build"

mkdir "$work/done"
cp "$work/linux/arch/$arch/boot/zImage" "$work/linux/.config" "$work/done/"
mv "$work/done" "$kernel"
say "done: $kernel"
finish
