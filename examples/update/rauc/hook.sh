#!/bin/sh
# Run by RAUC in place of writing the slot itself. The bundle's signature has been checked.
case $1 in
slot-install)
    script=$(mktemp) || exit 1
    tar -xOf "$RAUC_IMAGE_NAME" apply.sh >"$script" && sh "$script" "$RAUC_IMAGE_NAME" "$RAUC_SLOT_DEVICE"
    code=$?
    rm -f "$script"
    exit $code
    ;;
*) exit 1 ;;
esac
