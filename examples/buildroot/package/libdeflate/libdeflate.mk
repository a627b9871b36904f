################################################################################
#
# host-libdeflate
#
################################################################################

# Buildroot has libdeflate, but only for the target. This adds a package for the host, with the version,
# sources, hashes and patches of Buildroot's package. It does nothing if Buildroot has a host package itself,
# or no libdeflate at all; without libdeflate, cramfs-xip compresses with zlib.
ifneq ($(LIBDEFLATE_VERSION),)
ifeq ($(filter host-libdeflate,$(PACKAGES_ALL)),)

HOST_LIBDEFLATE_CONF_OPTS += -DLIBDEFLATE_BUILD_GZIP=OFF

$(eval $(host-cmake-package))

HOST_LIBDEFLATE_PKGDIR = $(LIBDEFLATE_PKGDIR)
$(HOST_LIBDEFLATE_TARGET_SOURCE) $(HOST_LIBDEFLATE_TARGET_ACTUAL_SOURCE) $(HOST_LIBDEFLATE_TARGET_PATCH): \
	PKGDIR = $(LIBDEFLATE_PKGDIR)

endif
endif
