#!/bin/sh
# Run by SWUpdate before and after the files are in place. A failure is the update's.
target=/dev/mtd3 # the partition that is not running

case $1 in
postinst)
    tar -xOf /run/update.tar apply.sh >/run/apply.sh && sh /run/apply.sh /run/update.tar "$target"
    code=$?
    rm -f /run/update.tar /run/apply.sh
    exit $code
    ;;
esac
