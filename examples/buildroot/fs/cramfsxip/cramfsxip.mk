################################################################################
#
# Build the cramfs image whose programs run in place
#
################################################################################

# The folder is not named cramfs-xip: the option of this image would then be BR2_TARGET_ROOTFS_CRAMFS_XIP,
# which is an option of Buildroot's fs/cramfs. The names of the folder and of the variables have cramfsxip
# instead; the menu and the image have cramfs-xip.
ROOTFS_CRAMFSXIP_IMAGE_NAME = rootfs.cramfs-xip
ROOTFS_CRAMFSXIP_DEPENDENCIES = host-cramfs-xip

# cramfsxip-option(WORD, OPTION): --OPTION='VALUE' with the value from the menu, or nothing if the value is empty.
cramfsxip-value = $(call qstrip,$(BR2_TARGET_ROOTFS_CRAMFSXIP_$(1)))
cramfsxip-option = $(if $(call cramfsxip-value,$(1)),--$(2)='$(call cramfsxip-value,$(1))')

ROOTFS_CRAMFSXIP_KERNEL = $(call cramfsxip-option,KERNEL,kernel)
ROOTFS_CRAMFSXIP_OPTS = \
	$(call cramfsxip-option,ENDIAN,endian) \
	$(ROOTFS_CRAMFSXIP_KERNEL) \
	$(call cramfsxip-option,RULES,xip-rules) \
	$(call cramfsxip-option,BUDGET,xip-budget) \
	$(call cramfsxip-option,PROFILE,xip-profile) \
	$(call cramfsxip-option,MAXSIZE,max-size) \
	$(call cramfsxip-option,LIKE,like) \
	$(call cramfsxip-option,ERASEBLOCK,erase-block) \
	$(call cramfsxip-option,LEVEL,level) \
	--jobs=$(PARALLEL_JOBS) \
	$(call cramfsxip-value,EXTRA)
ROOTFS_CRAMFSXIP_REQUIRE = \
	$(foreach glob,$(call cramfsxip-value,REQUIRE),--require-xip='$(glob)')

# If less runs in place than required, the image is removed, and its reports stay.
define ROOTFS_CRAMFSXIP_CMD
	$(HOST_DIR)/$(CRAMFS_XIP_BINDIR)/mkcramfs-xip $(ROOTFS_CRAMFSXIP_OPTS) $(TARGET_DIR) $@
	$(HOST_DIR)/$(CRAMFS_XIP_BINDIR)/cramfsck $(ROOTFS_CRAMFSXIP_KERNEL) --xip-report $@ > $@.report.txt
	$(HOST_DIR)/$(CRAMFS_XIP_BINDIR)/cramfsck $(ROOTFS_CRAMFSXIP_KERNEL) --xip-report=json \
		$(ROOTFS_CRAMFSXIP_REQUIRE) $@ > $@.report.json || { rm -f $@; exit 1; }
endef

$(eval $(rootfs))

.PHONY: rootfs-cramfs-xip
rootfs-cramfs-xip: rootfs-cramfsxip
