#!/bin/sh
# Boot a tree under QEMU, run commands in it, and print which pages of its files the commands touch. The output is a profile for
# mkcramfs-xip --xip-profile. See README.md in this directory.
#
#   under-qemu.sh [-a ARCH] [-k KERNEL] [-t SECONDS] ROOTFS COMMAND... > profile.csv
#
#   -a  armhf or arm64; the default is the architecture of the first program found in ROOTFS
#   -k  your own kernel for QEMU's "virt" machine, with virtio disks, cramfs and devtmpfs;
#       the default is the kernel of tests/kernel, which the first run builds
#   -t  the time limit for a command; the default is 600 seconds
#
# The tree's own /bin/sh runs each COMMAND, in a machine that has just booted; the profiles are merged. The output of the
# commands goes to standard error. If mkcramfs-xip is not in the PATH, MKCRAMFS_XIP names it.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
pack=${MKCRAMFS_XIP:-mkcramfs-xip}

say() { echo "under-qemu: $*" >&2; }
die() { say "$*"; exit 1; }
usage() { echo "usage: under-qemu.sh [-a armhf|arm64] [-k KERNEL] [-t SECONDS] ROOTFS COMMAND... > profile.csv" >&2; exit 2; }
need() { command -v "$1" >/dev/null || die "$1 not found: $2"; }

arch='' kernel='' seconds=600
while getopts a:k:t: option; do
	case $option in
	a) arch=$OPTARG ;;
	k) kernel=$OPTARG ;;
	t) seconds=$OPTARG ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -ge 2 ] || usage
root=$1
shift
[ -d "$root" ] || die "$root: no directory; unpack the tree first"

# The machine of the first ELF program in the tree: e_machine, little-endian.
find_arch() {
	find "$root" -type f -perm -0100 -exec od -An -v -tx1 -w20 -N20 {} \; |
		awk '$1 $2 $3 $4 == "7f454c46" { print $20 $19; exit }'
}
if [ -z "$arch" ]; then
	case $(find_arch) in
	0028) arch=armhf ;;
	00b7) arch=arm64 ;;
	*) die "$root: its programs are neither for 32-bit ARM nor for arm64, which is what runs here; or name one with -a" ;;
	esac
fi
case $arch in
armhf) qemu=qemu-system-arm cpu=cortex-a15 name=arm cc=arm-linux-gnueabihf-gcc libc=libc6-dev-armhf-cross ;;
arm64) qemu=qemu-system-aarch64 cpu=cortex-a76 name=arm64 cc=aarch64-linux-gnu-gcc libc=libc6-dev-arm64-cross ;;
*) die "-a $arch: armhf or arm64" ;;
esac
need "$pack" "install cramfs-xip, or name the program in MKCRAMFS_XIP"
need $qemu "apt-get install qemu-system-arm"
need $cc "apt-get install ${cc%-gcc} $libc"
[ -n "$kernel" ] || kernel=$("$here/../../tests/kernel/build-kernel.sh" $name)/image

work=$(mktemp -d "${TMPDIR:-/tmp}/profile.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Pack the tree with nothing in place, and with directories for the mounts that a workload needs.
mkdir "$work/places"
for place in dev proc sys tmp run; do
	[ -e "$root/$place" ] || [ -L "$root/$place" ] || mkdir "$work/places/$place"
done
"$pack" --quiet -q --xip=none "$root" "$work/places" "$work/tree.img"

# The machine boots from a root of its own, with the init, resident-pages and the directories where they mount.
tools=$work/tools
mkdir "$tools" "$tools/dev" "$tools/proc" "$tools/sys" "$tools/mnt"
$cc -O2 -static -o "$tools/init" "$here/qemu/init.c"
$cc -O2 -static -o "$tools/resident-pages" "$here"/*.c

# Boot, run one command, and write its profile to $work/N.csv.
run() {
	printf '%s\n' "$2" >"$tools/command"
	"$pack" --quiet --force --xip=none "$tools" "$work/tools.img"
	rm -f "$work/result"
	truncate -s 64M "$work/result"
	set -- "$1" -M virt -cpu $cpu -m 512 -nodefaults -nographic -no-reboot -kernel "$kernel" \
		-serial "file:$work/console" -append "console=ttyAMA0 quiet panic=-1 root=/dev/vda rootfstype=cramfs ro init=/init"
	# Linux numbers the disks of this machine from the last: /dev/vda has the tools, vdb the tree, and vdc receives the profile.
	for disk in result:off tree.img:on tools.img:on; do
		set -- "$@" -drive "if=none,id=${disk%%[.:]*},format=raw,readonly=${disk##*:},file=$work/${disk%:*}" \
			-device "virtio-blk-device,drive=${disk%%[.:]*}"
	done
	number=$1
	shift
	status=0
	timeout "$seconds" $qemu "$@" </dev/null >&2 || status=$?
	tr -d '\r' <"$work/console" >&2
	[ $status -ne 124 ] || die "no end within $seconds seconds; -t allows more"
	[ $status -eq 0 ] || die "$qemu ended with $status"
	tr -d '\000' <"$work/result" >"$work/$number.csv"
	case $(tail -n 1 "$work/$number.csv") in
	"# end 0") ;;
	"# end 3") die "the command failed; its output is above" ;;
	*) die "the machine did not do all of its work; the end of its console is above" ;;
	esac
}

count=0
for command in "$@"; do
	count=$((count + 1))
	say "$count: $command"
	run $count "$command"
	set -- "$@" "$work/$count.csv"
done
shift $count
"$here/merge.sh" "$@"
