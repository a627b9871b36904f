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
#
# The U-Boot script never uses `exit`: in U-Boot 2023.01, `exit 1` does not end a script. ${xip_state} decides instead what runs:
#
#   new      each block so far is new        refused  the checks failed: write nothing
#   old      some block must be written      failed   a block was written and cannot be read back
#   done     the new image is there
set -eu

[ $# -eq 4 ] || { echo "usage: make-script.sh UPDATE FLASH-ADDRESS SCRIPT BLOCKS" >&2; exit 16; }
update=$1 flash=$(($2)) script=$3 blocks=$4

hex() { printf '0x%x' "$1"; }
manifest() { tar -xOf "$update" manifest; }

erase_block=$(manifest | sed -n 's/^erase-block //p')
[ "$(manifest | sed -n 1p)" = "cramfs-xip-update 1" ] || { echo "make-script.sh: $update: not an update of format 1" >&2; exit 8; }

# Commands that unpack block $number, which is at $at in BLOCKS. ${xip_found} becomes its digest, or stays empty.
unpack() {
    cat <<END
  setexpr xip_from \${loadaddr} + $(hex "$at")
  setenv xip_found
  if unzip \${xip_from} \${ramdisk_addr_r} $(hex "$new_length"); then hash sha256 \${ramdisk_addr_r} $(hex "$new_length") xip_found; fi
END
}

cat >"$script" <<END
# Made of $update by make-script.sh.
echo Checking the update ...
setenv xip_state new
setenv xip_found
setenv xip_known
setenv xip_torn
END
: >"$blocks"

# Check everything first. After a power cut, the first blocks are new, the last are old, and one between them can be half written.
number=0
manifest | while read -r kind offset old_length old new_length new; do
    address=$(hex $((flash + offset))) end=$(hex $((flash + offset + erase_block - 1)))
    case $kind in
    keep) cat <<END
if test "\$xip_state" != refused; then
  hash sha256 $address $(hex "$old_length") xip_found
  if test "\$xip_found" = $old; then setenv xip_known yes; else echo Not the old image at $address; setenv xip_state refused; fi
fi
END
        ;;
    write)
        number=$((number + 1))
        at=$(wc -c <"$blocks")
        tar -xOf "$update" "blocks/$number.gz" >>"$blocks"
        cat <<END
if test "\$xip_state" != refused; then
$(unpack)
  if test "\$xip_found" != $new; then echo Block $number is damaged; setenv xip_state refused; fi
fi
if test "\$xip_state" = new; then
  hash sha256 $address $(hex "$new_length") xip_found
  if test "\$xip_found" = $new; then setenv xip_known yes; else setenv xip_state next; fi
fi
END
        # "next": this is the first block that is not new. It may be half written; those after it must be old.
        if [ "$old_length" -gt 0 ]; then cat <<END
if test "\$xip_state" = old || test "\$xip_state" = next; then
  hash sha256 $address $(hex "$old_length") xip_found
  if test "\$xip_found" = $old; then setenv xip_known yes; else
    if test "\$xip_state" = next; then setenv xip_torn yes; else echo Not the old image at $address; setenv xip_state refused; fi
  fi
fi
END
        fi
        # With the last address, not with a length, U-Boot checks the erase blocks; it would round a length up.
        cat <<END
if test "\$xip_state" = old || test "\$xip_state" = next; then
  if protect off $address $end; then setenv xip_state old; else echo Not an erase block of the flash: $address to $end; setenv xip_state refused; fi
fi
END
        ;;
    esac
done >>"$script"

cat >>"$script" <<END
if test "\$xip_torn" = yes && test "\$xip_known" != yes && test "\$xip_allow_torn" != yes; then
  echo "Nothing of the old image is there. If a power cut tore it: setenv xip_allow_torn yes"
  setenv xip_state refused
fi
if test "\$xip_state" = refused; then echo Nothing was written; fi
if test "\$xip_state" = old; then echo Writing ...; fi
END

# A block is erased only if the bytes for it in RAM are right, and written only if it was erased.
number=0 at=0
manifest | while read -r kind offset old_length old new_length new; do
    [ "$kind" = write ] || continue
    number=$((number + 1))
    address=$(hex $((flash + offset))) end=$(hex $((flash + offset + erase_block - 1)))
    cat <<END
if test "\$xip_state" = old; then hash sha256 $address $(hex "$new_length") xip_found; fi
if test "\$xip_state" = old && test "\$xip_found" != $new; then
$(unpack)
  if test "\$xip_found" = $new; then if erase $address $end; then cp.b \${ramdisk_addr_r} $address $(hex "$new_length"); fi; fi
  hash sha256 $address $(hex "$new_length") xip_found
  if test "\$xip_found" != $new; then echo Block $number cannot be read back: run this again; setenv xip_state failed; fi
fi
END
    at=$((at + $(tar -xOf "$update" "blocks/$number.gz" | wc -c)))
done >>"$script"

set -- $(manifest | sed -n 's/^new //p')
cat >>"$script" <<END
if test "\$xip_state" = new || test "\$xip_state" = old; then
  hash sha256 $(hex "$flash") $(hex "$1") xip_found
  if test "\$xip_found" = $2; then echo The new image is there; setenv xip_state done; else echo It is not the new image; setenv xip_state failed; fi
fi
END
# The last command gives the status of `source`; with a newline after it, U-Boot would run an empty command and return its status.
printf 'test "$xip_state" = done' >>"$script"
