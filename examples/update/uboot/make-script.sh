#!/bin/sh
# make-script.sh UPDATE FLASH-ADDRESS SCRIPT BLOCKS
#
# Make a U-Boot script that applies an update, and the file of compressed blocks that the script reads.
#
#   UPDATE         the output of cramfs-dump --diff --update
#   FLASH-ADDRESS  where the image begins in memory-mapped NOR flash
#   SCRIPT         the script to write, for mkimage -T script
#   BLOCKS         the file of blocks to write; load it to ${loadaddr} before the script runs
#
# After a power cut, run the U-Boot script again: it continues where it stopped, as apply.sh does.
set -eu

[ $# -eq 4 ] || { echo "usage: make-script.sh UPDATE FLASH-ADDRESS SCRIPT BLOCKS" >&2; exit 16; }
update=$1 flash=$(($2)) script=$3 blocks=$4

hex() { printf '0x%x' "$1"; }
manifest() { tar -xOf "$update" manifest; }

erase_block=$(manifest | sed -n 's/^erase-block //p')
[ "$(manifest | sed -n 1p)" = "cramfs-xip-update 1" ] || { echo "make-script.sh: $update: not an update of format 1" >&2; exit 8; }

cat >"$script" <<END
# Made of $update by make-script.sh.
echo Checking the update ...
setenv place new
END
: >"$blocks"

# Check everything first. After a power cut, the first blocks are new, the last are old, and one between them can be half written.
number=0
manifest | while read -r kind offset old_length old new_length new; do
    address=$(hex $((flash + offset)))
    case $kind in
    keep) cat >>"$script" <<END
hash sha256 $address $(hex "$old_length") found
if test "\$found" != $old; then echo Not the old image at $address; exit 1; fi
END
        ;;
    write)
        number=$((number + 1))
        at=$(wc -c <"$blocks")
        tar -xOf "$update" "blocks/$number.gz" >>"$blocks"
        cat >>"$script" <<END
setexpr from \${loadaddr} + $(hex "$at")
unzip \${from} \${ramdisk_addr_r} $(hex "$new_length")
hash sha256 \${ramdisk_addr_r} $(hex "$new_length") found
if test "\$found" != $new; then echo Block $number is damaged; exit 1; fi
hash sha256 $address $(hex "$new_length") found
if test "\$place" = old || test "\$found" != $new; then
END
        if [ "$old_length" -gt 0 ]; then cat >>"$script" <<END
  hash sha256 $address $(hex "$old_length") found
  if test "\$found" != $old && test "\$place" = old; then echo Not the old image at $address; exit 1; fi
END
        fi
        cat >>"$script" <<END
  setenv place old
fi
END
        ;;
    esac
done

echo "echo Writing ..." >>"$script"
number=0 at=0
manifest | while read -r kind offset old_length old new_length new; do
    [ "$kind" = write ] || continue
    number=$((number + 1))
    address=$(hex $((flash + offset)))
    cat >>"$script" <<END
hash sha256 $address $(hex "$new_length") found
if test "\$found" != $new; then
  setexpr from \${loadaddr} + $(hex "$at")
  unzip \${from} \${ramdisk_addr_r} $(hex "$new_length")
  protect off $address +$(hex "$erase_block")
  erase $address +$(hex "$erase_block")
  cp.b \${ramdisk_addr_r} $address $(hex "$new_length")
  hash sha256 $address $(hex "$new_length") found
  if test "\$found" != $new; then echo Block $number cannot be read back: run this again; exit 1; fi
fi
END
    at=$((at + $(tar -xOf "$update" "blocks/$number.gz" | wc -c)))
done

set -- $(manifest | sed -n 's/^new //p')
cat >>"$script" <<END
hash sha256 $(hex "$flash") $(hex "$1") found
if test "\$found" != $2; then echo It is not the new image; exit 1; fi
echo The new image is there
END
