#!/usr/bin/env bash
# install-packages.sh GROUP...: installs the Debian or Ubuntu packages that a group of work needs, except those that are
# installed already. Groups: build, test, kernel, all-kernels, hosts, everywhere, packaging, bench. Asks nothing.
# Without apt, needed-packages.sh names the packages, and checks whether all are there.
set -euo pipefail

build=(gcc libc6-dev cmake ninja-build pkg-config zlib1g-dev libdeflate-dev libzopfli-dev libarchive-dev libelf-dev
       libjson-c-dev nettle-dev libfuse3-dev)
test=(g++ fuse3 jq gdb musl-tools libcmocka-dev python3 python3-pytest python3-jsonschema util-linux-extra clang mandoc cpio zstd xz-utils
      zip busybox u-boot-tools rauc squashfs-tools openssl libarchive-tools mtree-netbsd valgrind chromium bash-completion zsh fish make genimage kconfig-frontends-nox lz4 lzip lzop e2fsprogs
      libacl1-dev libbz2-dev liblz4-dev liblzma-dev libxml2-dev libzstd-dev libxxhash-dev) # pkg-config --static
kernel=(linux-source-6.12 qemu-system-arm qemu-system-misc gcc-arm-linux-gnueabihf libc6-dev-armhf-cross
        gcc-riscv64-linux-gnu linux-libc-dev-riscv64-cross make bc bison flex libssl-dev
        device-tree-compiler genimage cpio xz-utils swupdate mtd-utils gcc-aarch64-linux-gnu libc6-dev-arm64-cross)
all_kernels=(linux-source-6.1)
hosts=(debootstrap musl-tools autoconf automake gettext dpkg-dev qemu-user-static gcc-s390x-linux-gnu
       g++-s390x-linux-gnu)
everywhere=(gcc-aarch64-linux-gnu g++-aarch64-linux-gnu)
packaging=(debootstrap dpkg-dev lintian)
bench=(python3 squashfs-tools erofs-utils genromfs util-linux-extra time busybox zstd xdelta3 bsdiff)

wanted=()
for group in "$@"; do
    case $group in
    build) wanted+=("${build[@]}") ;;
    test) wanted+=("${test[@]}") ;;
    kernel) wanted+=("${kernel[@]}") ;;
    all-kernels) wanted+=("${all_kernels[@]}") ;;
    hosts) wanted+=("${hosts[@]}") ;;
    everywhere) wanted+=("${everywhere[@]}") ;;
    packaging) wanted+=("${packaging[@]}") ;;
    bench) wanted+=("${bench[@]}") ;;
    *) echo "install-packages: '$group' is none of build, test, kernel, all-kernels, hosts, everywhere, packaging, bench" >&2; exit 16 ;;
    esac
done

if ! command -v apt-get >/dev/null; then
    exec "$(dirname "$0")/needed-packages.sh" "$@"
fi

missing=()
for package in "${wanted[@]}"; do
    # Recent Debian releases have util-linux's cramfs tools in a separate package.
    [ "$package" = util-linux-extra ] && command -v fsck.cramfs >/dev/null && continue
    # Ubuntu does not have this package; the one test that needs a browser is left out there.
    [ "$package" = chromium ] && ! grep -qi '^ID=debian' /etc/os-release && continue
    dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q 'install ok installed' ||
        missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
    exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "install-packages: not root, and no sudo; have these installed: ${missing[*]}" >&2
        exit 8
    }
    as_root=(sudo)
fi
echo "== installing packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
