#!/usr/bin/env bash
# test.sh [--kernel | --all-kernels | --everywhere] [--quick]: installs what the tests need, builds, and runs all tests with CTest.
#
#   --kernel  also the kernel tests: builds five Linux kernels once (about 10 minutes on two cores; they
#             are kept in ~/.cache/cramfs-xip) and boots them under QEMU; and the tests of the packages: the
#             Debian ones in a system that debootstrap makes there, for which root is needed; and the same images
#             from builds for i386 (for which root is needed), s390x, and with musl
#   --all-kernels  that, on three kernels more: arm64 with pages of 4 and 16 KiB, and Linux 6.1 (Debian 12 has its source)
#   --everywhere  what --kernel does, with the unit tests of each of these hosts, and arm64; then, in trees that debootstrap makes (for
#             which root is needed), the packages and test.sh --quick on Debian 12 and 13, as root and as a plain user with
#             sudo, and unit tests with gcc and clang on Debian 11 and sid
#   --quick   only the normal build; leaves out the sanitizers, clang, and the build without libdeflate and zopfli
set -euo pipefail
cd "$(dirname "$0")/.."

kernel=OFF
all_kernels=OFF
quick=no
everywhere=no
for argument in "$@"; do
    case $argument in
    --kernel) kernel=ON ;;
    --all-kernels) kernel=ON all_kernels=ON ;;
    --everywhere) kernel=ON everywhere=yes ;;
    --quick) quick=yes ;;
    -h | --help) sed -n '2,14s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "test.sh: '$argument' is none of --kernel, --all-kernels, --everywhere, --quick" >&2; exit 16 ;;
    esac
done

say() { echo; echo "== $*"; }

say "packages"
scripts/install-packages.sh build test
[ "$kernel" = OFF ] || scripts/install-packages.sh kernel packaging hosts
[ "$all_kernels" = OFF ] || scripts/install-packages.sh all-kernels
[ "$everywhere" = no ] || scripts/install-packages.sh everywhere

# The kernels are built first: they take longest, and a failure there is not a fault of this
# project.
if [ "$kernel" = ON ]; then
    say "the kernels (from the cache, where they are kept)"
    kernels=(arm armbe riscv-nommu arm-nommu arm64-64k)
    [ "$all_kernels" = OFF ] || kernels+=(arm64 arm64-16k arm-6.1)
    nice tests/kernel/build-kernel.sh "${kernels[@]}"
fi

# Tests pack files of the user who runs them. The format holds groups up to 255, and Debian's users have groups of their own from
# 1000 on; so their tests run with the group "users", whose files a plain user may have.
as_group=()
if [ "$(id -u)" -ne 0 ] && [ "$(id -g)" -gt 255 ]; then
    say "the group $(id -gn) is over the format's 255: tests run with the group users"
    as_group=(sudo -u "$(id -un)" -g users env "PATH=$PATH")
fi

# build_and_test NAME TESTS CMAKE-OPTION...: TESTS is a regular expression of CTest's. The generator is
# Ninja unless the options name one.
build_and_test() {
    local name=$1 tests=$2
    shift 2
    say "$name: build"
    CMAKE_GENERATOR=Ninja cmake -S . -B "build/$name" -DCRAMFS_XIP_WERROR=ON "$@" >/dev/null
    cmake --build "build/$name" --parallel $(($(nproc) + 2)) | tail -n 1
    say "$name: test"
    (cd "build/$name" && "${as_group[@]}" ctest --output-on-failure -j "$(nproc)" -R "$tests")
    grep -E '^SKIPPED|^hosts compared' "build/$name/Testing/Temporary/LastTest.log" || true
}

if [ "$quick" = no ]; then
    # Command lines, bad images, updates of devices and build systems do not depend on the compiler: the other builds test them.
    build_and_test clang 'unit|headers|fuzz|model|package' -DCMAKE_C_COMPILER=clang -DBUILD_TESTING=ON
    # clang's UndefinedBehaviorSanitizer finds what gcc's does not: an offset that is added to a null pointer.
    build_and_test clang-ubsan 'unit|fuzz|roundtrip' -DCMAKE_C_COMPILER=clang -DBUILD_TESTING=ON -DCRAMFS_XIP_SANITIZE=undefined
    # CMake's default generator. Ninja forgives missing dependencies that make does not.
    build_and_test make-zlib-only 'unit|headers|fuzz|cli|roundtrip|bad|package' -G "Unix Makefiles" -DCRAMFS_XIP_LIBDEFLATE=OFF -DCRAMFS_XIP_ZOPFLI=OFF
    build_and_test asan-ubsan 'unit|headers|fuzz|cli|roundtrip|bad|model|fuse|package' -DCMAKE_BUILD_TYPE=Debug -DCRAMFS_XIP_SANITIZE=address,undefined
    # ThreadSanitizer is for the worker pool and the readers of a mount: bad options add nothing to it.
    build_and_test tsan 'unit|roundtrip|fuse' -DCMAKE_BUILD_TYPE=Debug -DCRAMFS_XIP_SANITIZE=thread
fi
hosts=
[ "$kernel" = OFF ] || hosts="i386 s390x:images musl" # of s390x, whose tests take long, only images
[ "$everywhere" = no ] || hosts="i386 s390x arm64 musl"
build_and_test release . -DCRAMFS_XIP_HOSTS="$hosts" -DCRAMFS_XIP_KERNEL_TESTS=$kernel -DCRAMFS_XIP_ALL_KERNELS=$all_kernels -DCRAMFS_XIP_PACKAGE_TESTS=$kernel -DCRAMFS_XIP_VALGRIND=ON

if [ "$everywhere" = yes ]; then
    for debian in bookworm trixie; do
        say "Debian $debian: packages"
        (cd build/release && CRAMFS_XIP_DEBIAN_RELEASE=$debian ctest --output-on-failure -R '^(source|debian)$')
        say "Debian $debian: as root"
        scripts/try-debian.py --quick "$debian"
        say "Debian $debian: as a plain user"
        scripts/try-debian.py --quick --user "$debian"
    done
    for debian in bullseye sid; do
        say "Debian $debian: unit tests"
        scripts/try-debian.py "$debian"
    done
fi

say "all tests passed"
