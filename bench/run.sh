#!/bin/sh
# run.sh [OPTION...]: how fast and small we are, next to every peer and next to the floor. --help lists the options.
#
# Installs the peers where they are missing, fetches newer ones, builds the programs in build/bench, and prints the
# tables of README.md.
# Nice is not used, and nothing else should run.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
build=$here/../build/bench

case " $* " in
*" --kernel "*) "$here/../scripts/install-packages.sh" build bench kernel ;;
*) "$here/../scripts/install-packages.sh" build bench ;;
esac
cmake -S "$here/.." -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build "$build" --target mkcramfs-xip cramfsck cramfs-dump floor >/dev/null
PYTHONDONTWRITEBYTECODE=1 exec python3 "$here/speed.py" --build "$(cd "$build" && pwd)" "$@"
