#!/usr/bin/env bash
# needed-packages.sh GROUP...: for systems without apt. Names the packages of Fedora, Alpine or Arch that a
# group of work needs (build or test). Ends with 0 if everything that is required is there, otherwise with
# 8. Installs nothing.
set -euo pipefail

dnf_build="gcc glibc-devel cmake ninja-build pkgconf-pkg-config zlib-devel libdeflate-devel libarchive-devel
    elfutils-libelf-devel json-c-devel nettle-devel fuse3-devel"
dnf_test="gcc-c++ fuse3 jq libcmocka-devel python3 python3-pytest python3-jsonschema clang mandoc cpio zstd xz lz4 lzip lzop e2fsprogs zip bsdtar busybox
    valgrind bash-completion zsh fish make"
apk_build="gcc musl-dev linux-headers argp-standalone cmake samurai pkgconf zlib-dev libdeflate-dev libarchive-dev
    elfutils-dev json-c-dev nettle-dev fuse3-dev"
apk_test="g++ fuse3 jq cmocka-dev python3 py3-pytest py3-jsonschema clang mandoc cpio zstd xz lz4 lzip lzop e2fsprogs zip libarchive-tools valgrind
    bash-completion zsh fish make util-linux coreutils"
pacman_build="gcc cmake ninja pkgconf zlib libdeflate libarchive libelf json-c nettle fuse3"
pacman_test="cmocka jq python python-pytest python-jsonschema clang mandoc cpio zstd xz lz4 lzip lzop e2fsprogs zip busybox valgrind bash-completion
    zsh fish make"

missing=()
need_program() { command -v "$1" >/dev/null || missing+=("$1"); }
need_module() { pkg-config --exists "$1" 2>/dev/null || missing+=("$1 (for pkg-config)"); }
need_python() { python3 -c "import $1" 2>/dev/null || missing+=("$1 (for python3)"); }

check_build() {
    for name in cc cmake ninja pkg-config; do need_program "$name"; done
    for name in zlib libdeflate libarchive libelf json-c nettle; do need_module "$name"; done
}

check_test() {
    for name in c++ python3; do need_program "$name"; done
    for name in pytest jsonschema; do need_python "$name"; done
    need_module cmocka
}

manager=
for name in dnf apk pacman; do
    if command -v "$name" >/dev/null; then
        manager=$name
        break
    fi
done
declare -A install=([dnf]="dnf install" [apk]="apk add" [pacman]="pacman -S --needed")

names=
for group in "$@"; do
    case $group in
    build | test) ;;
    *) echo "needed-packages: packages of the group $group are known only for Debian and Ubuntu" >&2; exit 8 ;;
    esac
    "check_$group"
    variable=${manager}_$group
    [ -z "$manager" ] || names+=" ${!variable}"
done
if [ -n "$manager" ]; then
    echo "== no apt-get here; what is needed: ${install[$manager]}" $names # the names are many words
fi
if [ ${#missing[@]} -gt 0 ]; then
    printf 'needed-packages: missing: %s\n' "${missing[@]}" >&2
    exit 8
fi
