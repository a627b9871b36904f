################################################################################
#
# cramfs-xip
#
################################################################################

# The sources are the checkout that this external tree is in. If you copy the tree elsewhere, name the sources
# in local.mk (BR2_PACKAGE_OVERRIDE_FILE): CRAMFS_XIP_OVERRIDE_SRCDIR = /a/checkout, or
# CRAMFS_XIP_SITE = /a/folder with a source tarball and CRAMFS_XIP_SITE_METHOD = file.
CRAMFS_XIP_VERSION = 0.1.0
CRAMFS_XIP_SITE ?= $(abspath $(BR2_EXTERNAL_CRAMFS_XIP_PATH)/../..)
CRAMFS_XIP_SITE_METHOD ?= local
CRAMFS_XIP_LICENSE = MIT
CRAMFS_XIP_LICENSE_FILES = LICENSE
CRAMFS_XIP_SUPPORTS_IN_SOURCE_BUILD = NO

# Do not copy build folders in the checkout, nor Buildroot's output folder, which can be there, too.
HOST_CRAMFS_XIP_OVERRIDE_SRCDIR_RSYNC_EXCLUSIONS = --exclude=/build* --exclude=/output

# The only decompressor of host-libarchive is zlib. That is enough, since the image is made from a directory.
HOST_CRAMFS_XIP_DEPENDENCIES = host-zlib host-json-c host-elfutils host-libarchive host-nettle

# Buildroot has no libzopfli; one of the build machine is not used.
# Not bin: host-cramfs installs a cramfsck there, and of two packages with the same file the later one overwrites it.
CRAMFS_XIP_BINDIR = libexec/cramfs-xip
HOST_CRAMFS_XIP_CONF_OPTS = -DCMAKE_INSTALL_BINDIR=$(CRAMFS_XIP_BINDIR) -DCRAMFS_XIP_OLD_NAMES=OFF -DCRAMFS_XIP_FUSE=OFF \
	-DCRAMFS_XIP_ZOPFLI=OFF

ifneq ($(filter host-libdeflate,$(PACKAGES_ALL)),)
HOST_CRAMFS_XIP_DEPENDENCIES += host-libdeflate
HOST_CRAMFS_XIP_CONF_OPTS += -DCRAMFS_XIP_LIBDEFLATE=ON
else
HOST_CRAMFS_XIP_CONF_OPTS += -DCRAMFS_XIP_LIBDEFLATE=OFF
endif

define HOST_CRAMFS_XIP_LINK_NAMES_OF_ITS_OWN
	$(foreach program,mkcramfs-xip cramfs-dump,\
		ln -sf ../$(CRAMFS_XIP_BINDIR)/$(program) $(HOST_DIR)/bin/$(program)$(sep))
endef
HOST_CRAMFS_XIP_POST_INSTALL_HOOKS += HOST_CRAMFS_XIP_LINK_NAMES_OF_ITS_OWN

# The options that a kernel needs to map pages of the image. The options for the flash depend on the board.
ifeq ($(BR2_TARGET_ROOTFS_CRAMFSXIP),y)
define HOST_CRAMFS_XIP_LINUX_CONFIG_FIXUPS
	$(call KCONFIG_ENABLE_OPT,CONFIG_MTD)
	$(call KCONFIG_ENABLE_OPT,CONFIG_MISC_FILESYSTEMS)
	$(call KCONFIG_ENABLE_OPT,CONFIG_CRAMFS)
	$(call KCONFIG_ENABLE_OPT,CONFIG_CRAMFS_MTD)
endef
endif

$(eval $(host-cmake-package))
