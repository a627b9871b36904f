#!/bin/sh
# SWUpdate runs this script before and after it unpacks the files. If the script fails, the update fails.
target=/dev/mtd3 # change this to the partition that the running system does not use

case $1 in
postinst)
    tar -xOf /run/update.tar apply.sh >/run/apply.sh && sh /run/apply.sh /run/update.tar "$target"
    code=$?
    rm -f /run/update.tar /run/apply.sh
    exit $code
    ;;
esac
