################################################################################
#
# host-libdeflate
#
################################################################################

# Buildroot has libdeflate, but only for the target. This adds the host's, of the same version and
# sources, and with Buildroot's own hashes and patches. It steps back when Buildroot brings its own,
# and where there is no libdeflate at all: then cramfs-xip compresses with zlib.
ifneq ($(LIBDEFLATE_VERSION),)
ifeq ($(filter host-libdeflate,$(PACKAGES_ALL)),)

HOST_LIBDEFLATE_CONF_OPTS += -DLIBDEFLATE_BUILD_GZIP=OFF

$(eval $(host-cmake-package))

HOST_LIBDEFLATE_PKGDIR = $(LIBDEFLATE_PKGDIR)
$(HOST_LIBDEFLATE_TARGET_SOURCE) $(HOST_LIBDEFLATE_TARGET_ACTUAL_SOURCE) $(HOST_LIBDEFLATE_TARGET_PATCH): \
	PKGDIR = $(LIBDEFLATE_PKGDIR)

endif
endif
