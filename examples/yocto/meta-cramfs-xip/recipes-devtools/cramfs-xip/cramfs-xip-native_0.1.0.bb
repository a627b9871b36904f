SUMMARY = "Builds, checks and shows cramfs images whose programs run in place"
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://LICENSE;md5=f9a49a4998249b96d7934b9230a7a960"

DEPENDS = "zlib-native json-c-native elfutils-native libarchive-native nettle-native"

inherit cmake pkgconfig externalsrc native

# The sources are the checkout that the layer is in. If you copy the layer elsewhere, name a checkout
# in local.conf: EXTERNALSRC:pn-cramfs-xip-native = "/a/checkout".
EXTERNALSRC = "${CRAMFS_XIP_CHECKOUT}"
EXTERNALSRC_SYMLINKS = ""

# CRAMFS_XIP_OLD_NAMES stays off, since util-linux-native installs mkfs.cramfs and fsck.cramfs.
EXTRA_OECMAKE = "-DBUILD_TESTING=OFF -DCRAMFS_XIP_OLD_NAMES=OFF -DCRAMFS_XIP_FUSE=OFF"

# OE-core has no libdeflate. With a layer that has a recipe for it, images are smaller and are made faster:
# PACKAGECONFIG:append:pn-cramfs-xip-native = " libdeflate".
PACKAGECONFIG ??= ""
PACKAGECONFIG[libdeflate] = "-DCRAMFS_XIP_LIBDEFLATE=ON,-DCRAMFS_XIP_LIBDEFLATE=OFF,libdeflate-native"

# The same for zopfli, which makes the smallest images, slowly (--compressor=zopfli).
PACKAGECONFIG[zopfli] = "-DCRAMFS_XIP_ZOPFLI=ON,-DCRAMFS_XIP_ZOPFLI=OFF,zopfli-native"
