#!/bin/sh
# apply.sh [--check] [--torn] UPDATE TARGET: writes an update of cramfs-dump --update into the flash.
#
# UPDATE is the tar that this script is in. TARGET is where the old image begins: an MTD character
# device of NOR flash (/dev/mtd3), a block device or a file. It must not be mounted.
#
# Nothing is written before the whole update and the whole old image are checked: both must agree
# with the manifest, and give the new image. Then the erase blocks that differ are written one by
# one, in the order of the manifest; the superblock comes last. After a power cut, run it again: it
# continues where it stopped.
#
# Exit status: 0 the new image is there; 4 stopped after the first write, run it again; 8 refused,
# nothing was written; 16 wrong usage. --check ends before the first write. --torn is for an image of
# one erase block that a power cut tore: then nothing else shows that the old image was there.
#
# It needs a shell and the tools below, which busybox has. An MTD device also needs flash_erase of
# mtd-utils. It keeps one temporary file, in $TMPDIR or /tmp, no larger than an erase block.

export LC_ALL=C
me=apply.sh
tools="cut dd fold gunzip head mktemp readlink rm sed sha256sum stat tail tar tr"
written=no
work=

say() { echo "$me: $*"; }

fail() {
    echo "$me: $*" >&2
    [ "$written" = no ] || { echo "$me: not finished: run it again" >&2; exit 4; }
    exit 8
}

# is_number TEXT, is_hash TEXT: what the manifest may hold; no number is octal, or longer than 4 GiB
is_number() {
    case $1 in '' | *[!0-9]* | 0?*) return 1 ;; esac
    [ ${#1} -le 10 ] && [ "$1" -le 4294967296 ]
}

is_hash() {
    case $1 in '' | *[!0-9a-f]*) return 1 ;; esac
    [ ${#1} -eq 64 ]
}

hash_of() {
    set -- $(sha256sum)
    echo "$1"
}

# The manifest's lines, cut at a length that no right line has.
manifest() { tar -xOf "$update" manifest 2>/dev/null | fold -w 200; }

bad() { fail "$update: bad manifest: $*"; }

# The lines of blocks are in the order of offsets, without a gap; but one block may be left out, and
# is then the last line. So each byte of the new image has one line.
check_line() { # KIND OFFSET OLD-LENGTH OLD-HASH NEW-LENGTH NEW-HASH
    is_number "$2" && is_number "$3" && is_number "$5" || bad "a number in line $line"
    is_hash "$6" || bad "a hash in line $line"
    if [ "$3" -eq 0 ]; then [ "$4" = - ] || bad "a hash of nothing in line $line"
    else is_hash "$4" || bad "a hash in line $line"; fi
    [ "$5" -gt 0 ] && [ $(($2 % block)) -eq 0 ] && [ $(($2 + $5)) -le "$new_size" ] &&
        { [ $(($5 % block)) -eq 0 ] || [ $(($2 + $5)) -eq "$new_size" ]; } || bad "a range in line $line"
    [ $(($2 + $3)) -le "$old_size" ] || [ "$3" -eq 0 ] || bad "a range in line $line"
    if [ "$1" = write ]; then [ "$3" -le "$block" ] && [ "$5" -le "$block" ] || bad "a length in line $line"
    else [ "$4" = "$6" ] && [ "$3" -eq "$5" ] || bad "a range that changes in line $line"; fi
    [ "$gap" != filled ] || bad "more after the last block in line $line"
    if [ "$2" -eq "$reach" ]; then
        reach=$(($2 + $5))
    elif [ "$gap" = none ] && [ "$2" -eq $((reach + block)) ]; then
        gap=$reach reach=$(($2 + $5))
    elif [ "$1" = write ] && [ "$2" = "$gap" ] && [ "$reach" -eq "$new_size" ] && [ "$5" -eq "$block" ]; then
        gap=filled
    else
        bad "offset $2 in line $line"
    fi
}

# Prints the head's values, and the number of blocks to write.
check_manifest() {
    line=0 state=head writes=0 reach=0 gap=none
    while read -r kind a b c d e more; do
        line=$((line + 1))
        [ -z "$more" ] && [ "$state" != end ] || bad "too much in line $line"
        case $line:$kind in
        1:cramfs-xip-update) [ "$a$b" = 1 ] || fail "$update: format version '$a' is not 1: it is for a newer apply.sh" ;;
        2:erase-block) is_number "$a" && [ "$a" -ge 256 ] && [ "$a" -le 1073741824 ] && [ -z "$b" ] || bad "erase block"; block=$a ;;
        3:old) is_number "$a" && is_hash "$b" && [ -z "$c" ] || bad "old image"; old_size=$a old_hash=$b ;;
        4:new) is_number "$a" && is_hash "$b" && [ -z "$c" ] && [ "$a" -gt 0 ] || bad "new image"; new_size=$a new_hash=$b ;;
        [1-4]:*) bad "line $line" ;;
        *:keep) [ -z "$d" ] || bad "too much in line $line"; check_line keep "$a" "$b" "$c" "$b" "$c" ;;
        *:write) check_line write "$a" "$b" "$c" "$d" "$e"; writes=$((writes + 1)) ;;
        *:end) [ -z "$a" ] || bad "too much in line $line"; state=end ;;
        *) bad "line $line" ;;
        esac
    done
    [ "$state" = end ] || bad "it has no end"
    [ "$reach" -eq "$new_size" ] && { [ "$gap" = none ] || [ "$gap" = filled ]; } || bad "not all of the new image"
    echo "$block $old_size $old_hash $new_size $new_hash $writes"
}

unpacked() { tar -xOf "$update" "blocks/$1.gz" 2>/dev/null | gunzip -c 2>/dev/null | head -c "$2"; }

target_bytes() { # OFFSET LENGTH
    dd if="$target" bs="$block" skip=$(($1 / block)) count=$((($2 + block - 1) / block)) 2>/dev/null | head -c "$2"
}

# unpack NUMBER LENGTH HASH: the new bytes of a block, into the temporary file
unpack() {
    unpacked "$1" $(($2 + 1)) >"$work/block" ||
        fail "no room for an erase block in ${TMPDIR:-/tmp}"
    [ "$(stat -c %s "$work/block")" -eq "$2" ] && [ "$(hash_of <"$work/block")" = "$3" ] ||
        fail "$update: block $1 is damaged, or there is no room for it in ${TMPDIR:-/tmp}"
}

check_payload() {
    number=0
    manifest | while read -r kind offset old_length old new_length new; do
        [ "$kind" = write ] || continue
        number=$((number + 1))
        unpack "$number" "$new_length" "$new"
    done || exit
}

# target_is OFFSET LENGTH HASH: whether the target has these bytes
target_is() {
    [ "$2" -gt 0 ] || return 0
    [ "$(target_bytes "$1" "$2" | hash_of)" = "$3" ]
}

# Blocks are written in order: new ones come first, then perhaps a torn one, then old ones. Prints
# the number of new ones. Anything else is neither the old image nor one that a power cut left.
find_place() {
    number=0 new_blocks=0 place=new known=0 torn=no
    manifest | while read -r kind offset old_length old new_length new; do
        case $kind in
        keep)
            known=$((known + 1))
            target_is "$offset" "$old_length" "$old" ||
                fail "$target: not the old image: $old_length bytes at $offset differ" ;;
        write)
            number=$((number + 1))
            if [ $place = new ] && target_is "$offset" "$new_length" "$new"; then
                new_blocks=$number known=$((known + 1))
            elif target_is "$offset" "$old_length" "$old"; then
                place=old
                [ "$old_length" -eq 0 ] || known=$((known + 1))
            elif [ $place = new ]; then
                place=old torn=yes
                say "block at $offset is neither old nor new: it was torn, and is written again" >&2
            else
                fail "$target: not the old image: the erase block at $offset differs"
            fi ;;
        end)
            [ $torn = no ] || [ $known -gt 0 ] || [ $allow_torn = yes ] ||
                fail "$target: nothing of the old image is there; if a power cut tore it, use --torn"
            echo "$new_blocks" ;;
        esac
    done
}

# The new image as it will be: the kept bytes, and the blocks; the last block goes into the gap.
compose() {
    number=0 reach=0
    manifest | while read -r kind offset old_length old new_length new; do
        case $kind in
        keep) length=$old_length ;;
        write) length=$new_length number=$((number + 1)) ;;
        *) continue ;;
        esac
        [ "$offset" -ge "$reach" ] || continue
        [ "$offset" -eq "$reach" ] || unpacked "$writes" "$block"
        if [ "$kind" = keep ]; then target_bytes "$offset" "$length"; else unpacked "$number" "$length"; fi
        reach=$((offset + length))
    done
}

write_block() { # OFFSET; the bytes are in the temporary file
    if [ "$type" = mtd ]; then
        # Many chips lock all blocks at power-up; those that cannot be locked refuse this.
        ! command -v flash_unlock >/dev/null || flash_unlock "$target" "$1" $((block / erase_size)) >/dev/null 2>&1 </dev/null
        flash_erase -q "$target" "$1" $((block / erase_size)) >/dev/null </dev/null || fail "$target: cannot erase at $1"
        dd if="$work/block" of="$target" bs="$block" seek=$(($1 / block)) conv=notrunc 2>/dev/null
    else
        dd if="$work/block" of="$target" bs="$block" seek=$(($1 / block)) conv=notrunc,fsync 2>/dev/null
    fi || fail "$target: cannot write at $1"
}

write_blocks() { # NUMBER of the last block that is new already
    number=0
    manifest | while read -r kind offset old_length old new_length new; do
        [ "$kind" = write ] || continue
        number=$((number + 1))
        [ "$number" -gt "$1" ] || continue
        unpack "$number" "$new_length" "$new"
        written=yes
        write_block "$offset"
        target_is "$offset" "$new_length" "$new" || fail "$target: what was written at $offset cannot be read back"
    done || exit
}

# A mounted file system would see its flash change, and so would the programs that run from it.
check_mounts() { # each name that the target has for mount(8) and root=
    for source in $(cut -d ' ' -f 1 /proc/mounts 2>/dev/null) $(tr ' ' '\n' </proc/cmdline 2>/dev/null | sed -n 's/^root=//p'); do
        for name in "$@"; do
            [ "$source" != "$name" ] || fail "$target: it is mounted, or is the root file system"
        done
    done
}

examine_target() {
    target=$(readlink -f "$1") && [ -e "$target" ] || fail "$1: no such file or device"
    name=${target##*/}
    if [ -c "$target" ]; then
        type=mtd about=/sys/class/mtd/$name
        [ -r "$about/erasesize" ] || fail "$target: not an MTD device"
        case $(cat "$about/type") in nor | ram) ;; *) fail "$target: not NOR flash" ;; esac
        size=$(cat "$about/size") erase_size=$(cat "$about/erasesize")
        command -v flash_erase >/dev/null || fail "there is no flash_erase: install mtd-utils"
        check_mounts "$target" "$name" "/dev/mtdblock${name#mtd}" "mtd:$(cat "$about/name")"
    elif [ -b "$target" ]; then
        type=block size=$(($(cat "/sys/class/block/$name/size") * 512))
        check_mounts "$target"
    elif [ -f "$target" ]; then
        type=file size=$(stat -c %s "$target")
    else
        fail "$target: neither an MTD device, a block device nor a file"
    fi
    [ -w "$target" ] || fail "$target: cannot be written"
}

check_room() {
    if [ $type = file ]; then
        [ "$new_size" -gt "$size" ] || return 0
        # df looks for the mount point, which a chroot may not show.
        set -- $(stat -f -c "%a %S" "$target")
        [ $# -eq 2 ] || fail "$target: how much room the disk has is not known"
        [ $(($1 * $2)) -ge $((new_size - size)) ] || fail "$target: the disk is full: the file must have $new_size bytes"
        return 0
    fi
    [ "$new_size" -le "$size" ] || fail "$target: $size bytes are too few for an image of $new_size"
    [ $type = block ] && return 0
    [ $((block % erase_size)) -eq 0 ] ||
        fail "$target: its erase blocks have $erase_size bytes; make the update with --erase-block=$erase_size"
    [ $(((new_size + block - 1) / block * block)) -le "$size" ] || fail "$target: the last erase block does not fit"
}

only_check=no allow_torn=no
for tool in $tools; do command -v "$tool" >/dev/null || fail "there is no $tool here"; done
[ "${1-}" != --check ] || { only_check=yes; shift; }
[ "${1-}" != --torn ] || { allow_torn=yes; shift; }
[ $# -eq 2 ] || { echo "usage: $me [--check] [--torn] UPDATE TARGET" >&2; exit 16; }
update=$1 wanted=$2
case $update in -*) update=./$update ;; esac
[ -f "$update" ] && [ -r "$update" ] || fail "$update: cannot be read"
work=$(mktemp -d "${TMPDIR:-/tmp}/apply.XXXXXX") || fail "no room in ${TMPDIR:-/tmp}"
trap 'rm -rf "$work"' EXIT
stopped=8
trap 'exit $stopped' HUP INT TERM

head=$(manifest | check_manifest) || exit
set -- $head
block=$1 old_size=$2 new_size=$4 new_hash=$5 writes=$6
examine_target "$wanted"
check_room
check_payload
there=$(find_place) || exit
case $there in '') fail "$update: bad manifest" ;; esac
[ "$(compose | hash_of)" = "$new_hash" ] || fail "$update: its blocks do not make the new image that it names"
[ "$there" -eq 0 ] || say "$there of $writes blocks are new already"
[ $only_check = no ] || { say "can be applied: $((writes - there)) blocks to write"; exit 0; }
stopped=4
write_blocks "$there"
[ "$there" -eq "$writes" ] || written=yes
target_is 0 "$new_size" "$new_hash" || fail "$target: it is not the new image"
# A file with only the old image becomes the new one; in a larger file, the bytes after the image
# stay.
if [ $type = file ] && [ "$size" -eq "$old_size" ] && [ "$new_size" -lt "$old_size" ]; then
    dd if=/dev/null of="$target" bs=1 seek="$new_size" 2>/dev/null || fail "$target: cannot be cut to $new_size bytes"
fi
say "done: the new image is there ($((writes - there)) blocks written)"
