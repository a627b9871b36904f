# libdeflate comes first: cramfs-xip.mk looks for host-libdeflate.
include $(BR2_EXTERNAL_CRAMFS_XIP_PATH)/package/libdeflate/libdeflate.mk
include $(BR2_EXTERNAL_CRAMFS_XIP_PATH)/package/cramfs-xip/cramfs-xip.mk
include $(BR2_EXTERNAL_CRAMFS_XIP_PATH)/fs/cramfsxip/cramfsxip.mk
