#!/usr/bin/env bash
# mount.sh TREE [ROUNDS]: how long it takes to mount an image of TREE and to read all of it, next to
# cramfs-dump --tar, which decodes the same bytes without a mount, and to squashfuse, where that is
# installed. Medians of so many rounds (5), the ways in turn. Ends with 1 when tar of the mount takes
# over four times cramfs-dump --tar. CRAMFS_XIP_BIN names the directory with the programs.
set -euo pipefail

tree=${1:?names a directory to pack, as run.sh --trees DIR leaves one in DIR/debian}
rounds=${2:-5}
bin=${CRAMFS_XIP_BIN:?names the directory with mkcramfs-xip, cramfs-dump and cramfs-fuse}
work=$(mktemp -d -p /dev/shm)
mkdir "$work/mounted"
trap 'fusermount3 -uq "$work/mounted" || true; rm -rf "$work"' EXIT

seconds() { # of a command; NAME COMMAND...
    local name=$1 begun=$EPOCHREALTIME
    shift
    "$@"
    echo "$EPOCHREALTIME $begun" | awk '{ printf "%.3f\n", $1 - $2 }' >>"$work/$name"
}
median() { sort -n "$work/$1" | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }
read_mount() { tar c -C "$work/mounted" . | cat >/dev/null; } # when writing to /dev/null itself, tar reads nothing
dump() { "$bin/cramfs-dump" --tar "$work/$1.img" | cat >/dev/null; }

"$bin/mkcramfs-xip" --quiet --all-root --xip=none "$tree" "$work/compressed.img"
"$bin/mkcramfs-xip" --quiet --all-root "$tree" "$work/in-place.img"
squashfs=
if command -v squashfuse mksquashfs >/dev/null; then
    squashfs=yes
    mksquashfs "$tree" "$work/squashfs" -b 4096 -comp gzip -noappend -all-root -quiet -no-progress >/dev/null
fi

for ((round = 0; round < rounds; round++)); do
    for image in compressed in-place; do
        seconds "dump-$image" dump "$image"
        seconds "mount-$image" "$bin/cramfs-fuse" "$work/$image.img" "$work/mounted"
        seconds "tar-$image" read_mount
        seconds "again-$image" read_mount
        fusermount3 -u "$work/mounted"
    done
    if [ -n "$squashfs" ]; then
        seconds mount-squashfs squashfuse "$work/squashfs" "$work/mounted"
        seconds tar-squashfs read_mount
        seconds again-squashfs read_mount
        fusermount3 -u "$work/mounted"
    fi
done

echo "| image | cramfs-dump --tar, s | mount, s | tar of the mount, s | again, s |"
echo "|---|---|---|---|---|"
status=0
for image in compressed in-place; do
    echo "| $image | $(median "dump-$image") | $(median "mount-$image") | $(median "tar-$image") | $(median "again-$image") |"
    echo "$(median "tar-$image") $(median "dump-$image")" | awk '{ exit $1 > 4 * $2 }' || status=1
done
[ -z "$squashfs" ] || echo "| squashfs, by squashfuse | - | $(median mount-squashfs) | $(median tar-squashfs) | $(median again-squashfs) |"
exit $status
