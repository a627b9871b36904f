#!/bin/sh
# Join profiles: print the rows of all, after one header. mkcramfs-xip adds up the rows of a page.
#
#   merge.sh PROFILE... > profile.csv
set -eu

die() { echo "merge: $*" >&2; exit 1; }

[ $# -gt 0 ] || { echo "usage: merge.sh PROFILE... > profile.csv" >&2; exit 2; }
header=$(head -n 1 "$1")
case $header in
*path*) ;;
*) die "$1: the first line is no header that names the columns" ;;
esac
for profile in "$@"; do
	[ "$(head -n 1 "$profile")" = "$header" ] ||
		die "$profile: its columns are not those of $1; take both with the same resident-pages"
done
echo "$header"
for profile in "$@"; do
	tail -n +2 "$profile"
done
