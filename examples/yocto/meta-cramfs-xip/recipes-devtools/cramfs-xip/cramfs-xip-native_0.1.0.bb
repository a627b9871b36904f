SUMMARY = "Builds, checks and shows cramfs images whose programs run in place"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://LICENSE;md5=f9a49a4998249b96d7934b9230a7a960"

DEPENDS = "zlib-native json-c-native elfutils-native libarchive-native nettle-native"

inherit cmake pkgconfig externalsrc native

# The sources are the checkout that the layer lies in. For a copy of the layer that lies elsewhere,
# local.conf names a checkout: EXTERNALSRC:pn-cramfs-xip-native = "/a/checkout".
EXTERNALSRC = "${CRAMFS_XIP_CHECKOUT}"
EXTERNALSRC_SYMLINKS = ""

# Without CRAMFS_XIP_OLD_NAMES: mkfs.cramfs and fsck.cramfs are util-linux-native's.
EXTRA_OECMAKE = "-DBUILD_TESTING=OFF -DCRAMFS_XIP_OLD_NAMES=OFF -DCRAMFS_XIP_FUSE=OFF"

# OE-core has no libdeflate. With a layer that has, images are smaller and made faster:
# PACKAGECONFIG:append:pn-cramfs-xip-native = " libdeflate".
PACKAGECONFIG ??= ""
PACKAGECONFIG[libdeflate] = "-DCRAMFS_XIP_LIBDEFLATE=ON,-DCRAMFS_XIP_LIBDEFLATE=OFF,libdeflate-native"
