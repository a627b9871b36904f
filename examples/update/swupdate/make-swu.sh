#!/bin/sh
# make-swu.sh UPDATE SWU [KEY CERTIFICATE]
#
# Make SWU, the archive for SWUpdate, from UPDATE, the output of cramfs-dump --diff --update. The archive has digests of its files.
# With KEY and CERTIFICATE it is signed (CMS).
set -eu
case $# in 2 | 4) ;; *) echo "usage: make-swu.sh UPDATE SWU [KEY CERTIFICATE]" >&2; exit 16 ;; esac
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$1" "$work/update.tar"
cp "$here/apply-update.sh" "$work/"
digest() { sha256sum "$work/$1" | cut -d ' ' -f 1; }
sed -e "s/@update.tar@/$(digest update.tar)/" -e "s/@apply-update.sh@/$(digest apply-update.sh)/" "$here/sw-description" >"$work/sw-description"
files="sw-description update.tar apply-update.sh"
if [ $# -eq 4 ]; then
    openssl cms -sign -in "$work/sw-description" -out "$work/sw-description.sig" -signer "$4" -inkey "$3" -outform DER -nosmimecap -binary
    files="sw-description sw-description.sig update.tar apply-update.sh"
fi
(cd "$work" && printf '%s\n' $files | cpio -o -H crc --quiet) >"$2"
