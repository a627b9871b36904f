# libdeflate comes first: cramfs-xip.mk asks whether the host's is there.
include $(BR2_EXTERNAL_CRAMFS_XIP_PATH)/package/libdeflate/libdeflate.mk
include $(BR2_EXTERNAL_CRAMFS_XIP_PATH)/package/cramfs-xip/cramfs-xip.mk
include $(BR2_EXTERNAL_CRAMFS_XIP_PATH)/fs/cramfsxip/cramfsxip.mk
