#!/usr/bin/env bash
# try-cross.sh [--build-only] ARCH: cross-compiles for another Debian architecture (s390x, big-endian; arm64), with its
# libraries, and runs the unit tests under qemu-user.
#
#   --build-only   leaves out the tests
#
# build/ARCH/run has scripts that run the programs under qemu-user. Packages are as for any build
# (scripts/install-packages.sh build test hosts; everywhere, too, for arm64); libraries are fetched without touching the system's dpkg.
set -euo pipefail
cd "$(dirname "$0")/.."

build_only=no
if [ "${1-}" = --build-only ]; then
    build_only=yes
    shift
fi
case ${1-} in
s390x) triple=s390x-linux-gnu qemu=qemu-s390x-static ;;
arm64) triple=aarch64-linux-gnu qemu=qemu-aarch64-static ;;
-h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
*) echo "try-cross: '${1-}' is none of s390x, arm64" >&2; exit 16 ;;
esac
arch=$1
build=$PWD/build/$arch
sysroot=$build/sysroot

# Our dependencies, the C library with its locales, and the dependencies of Debian's libarchive, with the names of
# this release.
packages=(libc6 libc6-dev libc-bin libcrypt1 linux-libc-dev libgcc-s1 libstdc++6 zlib1g zlib1g-dev libdeflate0 libdeflate-dev libzopfli1 libzopfli-dev
          libarchive-dev libelf-dev libjson-c5 libjson-c-dev libcmocka0 libcmocka-dev libbz2-1.0 liblz4-1 liblzma5 libxml2 libzstd1 libnettle8 nettle-dev)
. /etc/os-release
case ${VERSION_CODENAME-} in
bookworm) packages+=(libarchive13 libelf1 libacl1 libicu72) ;;
trixie) packages+=(libarchive13t64 libelf1t64 libacl1t64 libicu76) ;;
*) echo "try-cross: the names of libraries are known for Debian 12 and 13" >&2; exit 8 ;;
esac

if [ ! -e "$sysroot/complete" ]; then
    echo "== $arch: libraries"
    rm -rf "$sysroot"
    mkdir -p "$sysroot"
    scripts/fetch-debian.sh --arch "$arch" "$sysroot" "${packages[@]}" >/dev/null
    # Absolute links must begin at the root of this system.
    find "$sysroot" -type l -lname '/*' -printf '%p\t%l\n' | while IFS=$'\t' read -r link target; do
        ln -sfn "$sysroot$target" "$link"
    done
    touch "$sysroot/complete"
fi

echo "== $arch: build"
PKG_CONFIG_SYSROOT_DIR=$sysroot PKG_CONFIG_LIBDIR=$sysroot/usr/lib/$triple/pkgconfig:$sysroot/usr/share/pkgconfig \
    cmake -S . -B "$build" -G Ninja -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR="${triple%%-*}" \
    -DCMAKE_C_COMPILER="$triple-gcc" -DCMAKE_CXX_COMPILER="$triple-g++" -DCMAKE_SYSROOT="$sysroot" \
    -DCMAKE_LIBRARY_ARCHITECTURE="$triple" -DCMAKE_FIND_ROOT_PATH_MODE_PROGRAM=NEVER \
    -DCMAKE_CROSSCOMPILING_EMULATOR="$qemu;-L;$sysroot" -DCRAMFS_XIP_WERROR=ON -DBUILD_TESTING=ON >/dev/null
targets=(mkcramfs-xip cramfsck cramfs-dump)
[ $build_only = yes ] || targets+=(cramfs-xip-unit-tests)
cmake --build "$build" --target "${targets[@]}" | tail -n 1

mkdir -p "$build/run"
for program in mkcramfs-xip cramfsck cramfs-dump; do
    printf '#!/bin/sh\nexec %s -L "%s" "%s" "$@"\n' "$qemu" "$sysroot" "$build/bin/$program" >"$build/run/$program"
    chmod +x "$build/run/$program"
done

if [ $build_only = no ]; then
    echo "== $arch: unit tests under $qemu"
    (cd "$build" && ctest --output-on-failure -j "$(nproc)" -R '^unit\.') | tail -n 40
fi
