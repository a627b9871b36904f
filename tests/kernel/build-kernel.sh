#!/bin/sh
# Build the kernel that NAME.config describes, once, and print the directory that holds it as the file `image`.
#
#   build-kernel.sh NAME...
#
# With several names they are built one after the other, and a line is printed for each.
#
# A configuration's lines "#: KEY=VALUE" are for this script: EXTENDS (another configuration, whose lines come first), ARCH,
# CROSS_COMPILE, PACKAGES, IMAGE (make's target), DEFCONFIG (one of the kernel's own, instead of nothing, to lay it over),
# DEVICE_TREE (make's target; it becomes the file `device-tree`), SOURCE (a package, where the newest Linux is not meant).
#
# Kernels are kept in the cache, outside the checkout, under a key made of the source's version, the configuration
# and
# this script: a change to any of them builds again; without a change it returns at once.
# The source is the tarball of the newest linux-source-* package; CRAMFS_XIP_LINUX_SOURCE names another one for it.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${CRAMFS_XIP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cramfs-xip}/kernel

say() { echo "build-kernel: $*" >&2; }
die() { say "$*"; exit 1; }

[ $# -gt 0 ] || die "name one or more of: $(cd "$here" && echo *.config | sed 's/\.config//g; s/linux //')"

# The configuration with all that it extends, the most general first.
expand() {
	[ -f "$here/$1.config" ] || die "no kernel named '$1': $here/$1.config does not exist"
	extended=$(sed -n 's/^#: EXTENDS=//p' "$here/$1.config")
	[ -z "$extended" ] || expand "$extended"
	cat "$here/$1.config"
}
setting() { echo "$config" | sed -n "s/^#: $1=//p" | tail -n 1; }

newest_source() {
	newest=$(find /usr/src -maxdepth 2 -name 'linux-source-*.tar.*' | sort -V | tail -n 1)
	echo "${CRAMFS_XIP_LINUX_SOURCE:-$newest}"
}

# Set the source of the kernel $name. It is cheaper to find a package's version than to hash its 150 MB; any other tarball is
# identified by path and size.
find_source() {
	package=$(setting SOURCE)
	[ -z "$package" ] && source=$(newest_source) || source=/usr/src/$package.tar.xz
	[ -f "$source" ] || die "$name: no Linux source in /usr/src: install the package ${package:-linux-source-6.12}"
	package=$(basename "${source%.tar.*}")
	version=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null || echo unpackaged)
	size=$(stat -c %s "$source")
}

work=
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Unpack the source into $tree, once for all kernels that are built of it.
unpack() {
	[ -n "$work" ] || work=$(mktemp -d "$cache/building.XXXXXX")
	tree=$work/$(basename "$source")
	[ ! -d "$tree" ] || return 0
	mkdir "$tree"
	say "unpacking $source"
	tar -xf "$source" -C "$tree" --strip-components=1
}

run_make() {
	make -C "$tree" -s -j "$(nproc)" O="$build" ARCH="$arch" CROSS_COMPILE="$cross" "$@" >>"$build/log" 2>&1
}
or_die() { tail -n 20 "$build/log" >&2; die "$1 failed; the end of its log is above"; }

# allnoconfig takes what is in the file and nothing else, alldefconfig fills up with the kernel's defaults.
configure() {
	defconfig=$(setting DEFCONFIG)
	[ -z "$defconfig" ] || cat "$tree/arch/$arch/configs/$defconfig" >"$build/wanted"
	echo "$config" >>"$build/wanted"
	[ -n "$defconfig" ] && target=alldefconfig || target=allnoconfig
	run_make KCONFIG_ALLCONFIG="$build/wanted" "$target" || or_die "the configuration"
	# Kconfig drops a symbol whose dependencies are missing without a word; the tests would fail much later.
	echo "$config" | grep '^CONFIG_' | while read -r line; do
		grep -qxF "$line" "$build/.config" || die "$name: the kernel did not take '$line': a dependency is missing"
	done
	echo "$config" | sed -n 's/^# \(CONFIG_.*\) is not set$/\1/p' | while read -r symbol; do
		! grep -q "^$symbol=" "$build/.config" || die "$name: the kernel has $symbol all the same: something selects it"
	done
}

# Build the kernel $name into $kernel.
build_kernel() {
	arch=$(setting ARCH) cross=$(setting CROSS_COMPILE)
	for tool in "${cross}gcc" bc bison flex make xz; do
		command -v "$tool" >/dev/null ||
			die "$tool not found: apt-get install $(setting PACKAGES) bc bison flex make xz-utils"
	done
	unpack
	build=$work/$name
	mkdir "$build"
	say "building the $name kernel $version (2 to 6 minutes on two processors, once)"
	configure
	device_tree=$(setting DEVICE_TREE)
	run_make "$(setting IMAGE)" $device_tree || or_die "the build"

	mkdir "$build/done"
	cp "$build/.config" "$build/done/"
	cp "$build/arch/$arch/boot/$(setting IMAGE)" "$build/done/image"
	[ -z "$device_tree" ] || cp "$build/arch/$arch/boot/dts/$device_tree" "$build/done/device-tree"
	mv "$build/done" "$kernel"
	rm -rf "$build"
	say "done: $kernel"
}

mkdir -p "$cache"
for name in "$@"; do
	config=$(expand "$name")
	find_source
	key=$({ echo "$source $version $size"; echo "$config"; cat "$0"; } | sha256sum | cut -c 1-16)
	kernel=$cache/$name-$key
	if [ ! -f "$kernel/image" ]; then
		exec 9>"$cache/$name.lock"
		flock -n 9 || { say "waiting for another build of the $name kernel"; flock 9; }
		[ -f "$kernel/image" ] || build_kernel
		exec 9>&-
	fi
	echo "$kernel"
done
