#!/usr/bin/env bash
# try-musl.sh [--build-only] [CMAKE-OPTION...]: builds with musl, and runs the unit tests.
#
#   --build-only   leaves out the tests
#
# The programs are in build/musl/bin; tests/hosts compares their images with those of other hosts.
#
# musl is Debian's (musl-tools), with no library but itself. The libraries that the project needs are built once from Debian's
# source packages, as static ones, and kept in ~/.cache/cramfs-xip/musl. Debian has no argp-standalone; gnulib's argp serves as
# libargp.
# Packages are as for any build (scripts/install-packages.sh build test hosts).
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."

build_only=no
if [ "${1-}" = --build-only ]; then
    build_only=yes
    shift
fi
case ${1-} in -h | --help) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 0 ;; esac

cache=${CRAMFS_XIP_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cramfs-xip}/musl
triple=$(musl-gcc -dumpmachine)
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9

. /etc/os-release
prefix=$cache/$VERSION_CODENAME-$(dpkg --print-architecture)
sources=$cache/sources-$VERSION_CODENAME

say() { echo "== musl: $*"; }

# quietly LOG COMMAND...: shows the end of its output only when it fails
quietly() {
    local log=$cache/$1.log
    shift
    "$@" >"$log" 2>&1 </dev/null || { tail -n 30 "$log" >&2; echo "try-musl: failed: $*; see $log" >&2; exit 1; }
}

# Sources of the system's own release, with separate lists: the system's apt may have no sources
# configured.
fetch_sources() {
    say "sources of $VERSION_CODENAME"
    local apt=$cache/apt
    mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$sources"
    apt-get indextargets --format 'deb-src $(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        grep " $VERSION_CODENAME" | sort -u >"$apt/sources.list"
    cat >"$apt/apt.conf" <<END
Dir::State "$apt/state";
Dir::Cache "$apt/cache";
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "-";
APT::Sandbox::User "";
Acquire::Languages "none";
END
    quietly apt apt-get -c "$apt/apt.conf" update
    (cd "$sources" && quietly apt apt-get -c "$apt/apt.conf" source zlib libdeflate zopfli libarchive elfutils json-c nettle cmocka)
    scripts/fetch-debian.sh "$sources/gnulib" gnulib >/dev/null
}

# source_of NAME: its folder
source_of() { find "$sources" -mindepth 1 -maxdepth 1 -type d -name "$1-*"; }

# configured NAME MAKE-TARGET OPTION...: with configure and make
configured() {
    local name=$1 target=$2
    shift 2
    say "$name"
    (cd "$(source_of "$name")" &&
        quietly "$name" ./configure --host="${triple%-gnu}-musl" --prefix="$prefix" --disable-shared --enable-static "$@" &&
        quietly "$name" make -j "$(nproc)" $target)
}

with_cmake() {
    local name=$1
    shift
    say "$name"
    quietly "$name" cmake -S "$(source_of "$name")" -B "$work/$name" -DCMAKE_INSTALL_PREFIX="$prefix" -DCMAKE_INSTALL_LIBDIR=lib \
        -DCMAKE_PREFIX_PATH="$prefix" -DBUILD_SHARED_LIBS=OFF -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS="$CFLAGS" "$@"
    quietly "$name" cmake --build "$work/$name" --parallel "$(nproc)" --target install
}

# Its header, as installed, is for gnulib's own config.h; without that, argp_usage() and its like are plain functions.
build_argp() {
    say "argp, of gnulib"
    GNULIB_SRCDIR=$sources/gnulib/usr/share/gnulib quietly argp sh "$sources/gnulib/usr/bin/gnulib-tool" \
        --create-testdir --without-tests --lib=libargp --dir="$work/argp" argp
    (cd "$work/argp" && quietly argp ./configure --host="${triple%-gnu}-musl" && quietly argp make -j "$(nproc)")
    cp "$work/argp/gllib/libargp.a" "$prefix/lib/"
    {
        echo '#define _GL_ATTRIBUTE_FORMAT(spec)'
        sed -e 's/^#if _LIBC$/#if 1/' -e 's/^#if !_LIBC || defined __USE_EXTERN_INLINES$/#if 0/' "$work/argp/gllib/argp.h"
    } >"$prefix/include/argp.h"
}

# The kernel's headers are those of the system: they are the same for every C library.
link_kernel_headers() {
    mkdir -p "$prefix/include" "$prefix/lib"
    ln -sfn /usr/include/linux "$prefix/include/linux"
    ln -sfn /usr/include/asm-generic "$prefix/include/asm-generic"
    ln -sfn "/usr/include/$triple/asm" "$prefix/include/asm"
}

# Some versions of it come with make, others with CMake; a compiler is enough.
build_libdeflate() {
    say libdeflate
    local folder
    folder=$(source_of libdeflate)
    mkdir -p "$work/libdeflate"
    (cd "$work/libdeflate" && quietly libdeflate musl-gcc $CFLAGS -I"$folder" -c "$folder"/lib/*.c "$folder"/lib/*/*.c)
    quietly libdeflate ar rcs "$prefix/lib/libdeflate.a" "$work"/libdeflate/*.o
    cp "$folder/libdeflate.h" "$prefix/include/"
}

build_zopfli() {
    say zopfli
    local folder
    folder=$(source_of zopfli)
    mkdir -p "$work/zopfli"
    (cd "$work/zopfli" && quietly zopfli musl-gcc $CFLAGS -c $(find "$folder/src/zopfli" -name '*.c' ! -name zopfli_bin.c))
    quietly zopfli ar rcs "$prefix/lib/libzopfli.a" "$work"/zopfli/*.o
    cp "$folder/src/zopfli/zopfli.h" "$prefix/include/"
}

build_libelf() {
    # musl lacks functions that other libraries of elfutils need. libelf does not need them.
    export ac_cv_search_argp_parse=-largp ac_cv_search_fts_close="none required" ac_cv_search__obstack_free="none required"
    configured elfutils "-C lib" --disable-debuginfod --disable-libdebuginfod --disable-nls --without-bzlib --without-lzma --without-zstd
    local folder
    folder=$(source_of elfutils)
    quietly elfutils make -C "$folder/libelf" -j "$(nproc)" libelf.a
    quietly elfutils make -C "$folder/config" libelf.pc
    cp "$folder/libelf/libelf.a" "$prefix/lib/"
    cp "$folder"/libelf/{libelf,gelf,nlist}.h "$prefix/include/"
    cp "$folder/config/libelf.pc" "$prefix/lib/pkgconfig/"
}

build_zlib() {
    say zlib
    cd "$(source_of zlib)"
    quietly zlib ./configure --static --prefix="$prefix"
    quietly zlib make -j "$(nproc)" install
}

# once NAME COMMAND...: a finished library is kept even if a later one fails
once() {
    [ -e "$prefix/built/$1" ] || (set -e; "${@:2}")
    touch "$prefix/built/$1"
}

build_libraries() (
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    mkdir -p "$prefix/built"
    once sources-with-zopfli fetch_sources
    once headers link_kernel_headers
    export CC=musl-gcc CFLAGS="-O2 -fPIC -I$prefix/include" LDFLAGS="-L$prefix/lib"
    once argp build_argp
    once zlib build_zlib
    once libdeflate build_libdeflate
    once zopfli build_zopfli
    once json-c with_cmake json-c -DBUILD_TESTING=OFF -DBUILD_APPS=OFF
    once nettle configured nettle install --disable-public-key --disable-openssl --disable-documentation --libdir="$prefix/lib"
    once cmocka with_cmake cmocka -DWITH_EXAMPLES=OFF -DUNIT_TESTING=OFF
    once libarchive with_cmake libarchive -DENABLE_TEST=OFF -DENABLE_TAR=OFF -DENABLE_CPIO=OFF -DENABLE_CAT=OFF \
        -DENABLE_OPENSSL=OFF -DENABLE_NETTLE=OFF -DENABLE_LIBB2=OFF -DENABLE_LZ4=OFF -DENABLE_LZMA=OFF -DENABLE_ZSTD=OFF \
        -DENABLE_BZip2=OFF -DENABLE_LIBXML2=OFF -DENABLE_EXPAT=OFF -DENABLE_ICONV=OFF -DENABLE_ACL=OFF -DENABLE_XATTR=OFF \
        -DENABLE_PCREPOSIX=OFF -DENABLE_WERROR=OFF
    once elfutils build_libelf
)

build_libraries

say "build"
testing=ON
[ $build_only = no ] || testing=OFF
PKG_CONFIG_LIBDIR=$prefix/lib/pkgconfig CFLAGS="-I$prefix/include" cmake -S . -B build/musl -G Ninja -DCMAKE_C_COMPILER=musl-gcc \
    -DCMAKE_PREFIX_PATH="$prefix" -DCRAMFS_XIP_WERROR=ON -DBUILD_TESTING=$testing "$@" >/dev/null
targets=(mkcramfs-xip cramfsck cramfs-dump)
[ $build_only = yes ] || targets+=(cramfs-xip-unit-tests)
cmake --build build/musl --target "${targets[@]}" | tail -n 1
if [ $build_only = no ]; then
    say "unit tests"
    (cd build/musl && ctest --output-on-failure -j "$(nproc)" -R '^unit\.') | tail -n 40
fi
