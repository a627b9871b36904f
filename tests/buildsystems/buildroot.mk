# What of Buildroot examples/buildroot uses, for tests without Buildroot: the same names, a few lines of our own.
#
#     make -f buildroot.mk BR2_EXTERNAL_CRAMFS_XIP_PATH=... CONFIG=.config O=... TARGET_DIR=... rootfs-cramfs-xip
#
# CONFIG is what Kconfig wrote. BUILT are commands that put into the build folder what a build would.
include $(CONFIG)

HOST_DIR = $(O)/host
BINARIES_DIR = $(O)/images
PARALLEL_JOBS = 2

define sep


endef
qstrip = $(strip $(subst ",,$(1)))
KCONFIG_ENABLE_OPT = @echo enable $(1)$(sep)

this-folder = $(notdir $(patsubst %/,%,$(dir $(lastword $(MAKEFILE_LIST)))))
upper = $(shell echo '$(1)' | tr a-z- A-Z_)

# A file system: its image is made anew each time, by its commands.
define inner-rootfs
.PHONY: rootfs-$(1) $$(BINARIES_DIR)/$$(ROOTFS_$(2)_IMAGE_NAME)
rootfs-$(1): $$(BINARIES_DIR)/$$(ROOTFS_$(2)_IMAGE_NAME)
$$(BINARIES_DIR)/$$(ROOTFS_$(2)_IMAGE_NAME):
	$$(ROOTFS_$(2)_CMD)
ifeq ($$(BR2_TARGET_ROOTFS_$(2)),y)
all: rootfs-$(1)
endif
endef
rootfs = $(call inner-rootfs,$(this-folder),$(call upper,$(this-folder)))

# A host package: configured and installed; what it is built from is BUILT.
define inner-host-cmake-package
PACKAGES_ALL += host-$(1)
.PHONY: host-$(1)
host-$(1):
	cmake -S $$(or $$($(2)_OVERRIDE_SRCDIR),$$($(2)_SITE)) -B $$(O)/build/$(1) \
		-DCMAKE_INSTALL_PREFIX=$$(HOST_DIR) -DBUILD_TESTING=OFF -DBUILD_SHARED_LIBS=ON $$(HOST_$(2)_CONF_OPTS)
	$$(BUILT)
	cmake --install $$(O)/build/$(1)
	$$(foreach hook,$$(HOST_$(2)_POST_INSTALL_HOOKS),$$($$(hook))$$(sep))
	$$(HOST_$(2)_LINUX_CONFIG_FIXUPS)
endef
host-cmake-package = $(call inner-host-cmake-package,$(this-folder),$(call upper,$(this-folder)))

.PHONY: all
all:

include $(BR2_EXTERNAL_CRAMFS_XIP_PATH)/external.mk

# show-NAME prints a variable.
show-%:
	$(info $($*))@:
