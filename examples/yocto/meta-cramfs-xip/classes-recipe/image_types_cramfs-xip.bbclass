# The image type cramfs-xip: a cramfs image whose programs run in place, and a report of which pages will.
# In local.conf, the distribution or an image recipe:
#
#     IMAGE_CLASSES += "image_types_cramfs-xip"
#     IMAGE_FSTYPES += "cramfs-xip"

inherit siteinfo

IMAGE_TYPES:append = " cramfs-xip"

# The byte order of the machine, and its kernel (mmu or nommu). SITEINFO_ENDIANNESS is not set yet when image.bbclass expands the command.
CRAMFS_XIP_ENDIAN ?= "${@'big' if 'endian-big' in siteinfo_data(d) else 'little'}"
CRAMFS_XIP_KERNEL ?= "mmu"

# Absolute paths of two files: rules for what goes in place, and a profile of the pages that are touched.
CRAMFS_XIP_RULES ?= ""
CRAMFS_XIP_PROFILE ?= ""

# Sizes, such as 512K: the limit for the flash that running in place costs, and the limit for the image.
CRAMFS_XIP_BUDGET ?= ""
CRAMFS_XIP_MAXSIZE ?= ""

# The absolute path of the image of the last release, for an update that writes few erase blocks, and the size of an erase block.
CRAMFS_XIP_LIKE ?= ""
CRAMFS_XIP_ERASE_BLOCK ?= ""

# Files that must run in place, or the build fails: globs of paths, separated by blanks. A glob can end in :PERCENT.
CRAMFS_XIP_REQUIRE ?= ""

CRAMFS_XIP_LEVEL ?= "6"
EXTRA_IMAGECMD:cramfs-xip ?= ""

def cramfs_xip_option(option, values):
    import shlex
    return " ".join("--%s=%s" % (option, shlex.quote(value)) for value in values if value)

CRAMFS_XIP_OPTIONS = "\
    --endian=${CRAMFS_XIP_ENDIAN} \
    --kernel=${CRAMFS_XIP_KERNEL} \
    --level=${CRAMFS_XIP_LEVEL} \
    ${@cramfs_xip_option('xip-rules', [d.getVar('CRAMFS_XIP_RULES')])} \
    ${@cramfs_xip_option('xip-profile', [d.getVar('CRAMFS_XIP_PROFILE')])} \
    ${@cramfs_xip_option('xip-budget', [d.getVar('CRAMFS_XIP_BUDGET')])} \
    ${@cramfs_xip_option('max-size', [d.getVar('CRAMFS_XIP_MAXSIZE')])} \
    ${@cramfs_xip_option('like', [d.getVar('CRAMFS_XIP_LIKE')])} \
    ${@cramfs_xip_option('erase-block', [d.getVar('CRAMFS_XIP_ERASE_BLOCK')])} \
"
CRAMFS_XIP_REQUIRED = "${@cramfs_xip_option('require-xip', d.getVar('CRAMFS_XIP_REQUIRE').split())}"

# The reports are deployed with the image. The links to the reports are made here: image.bbclass makes only the link to the image.
IMAGE_CMD:cramfs-xip () {
	image=${IMAGE_NAME}.cramfs-xip
	cd ${IMGDEPLOYDIR}
	mkcramfs-xip ${CRAMFS_XIP_OPTIONS} ${EXTRA_IMAGECMD} ${IMAGE_ROOTFS} $image
	cramfsck --kernel=${CRAMFS_XIP_KERNEL} --xip-report $image > $image.report.txt
	cramfsck --kernel=${CRAMFS_XIP_KERNEL} --xip-report=json ${CRAMFS_XIP_REQUIRED} $image > $image.report.json
	if [ -n "${IMAGE_LINK_NAME}" ] && [ "${IMAGE_LINK_NAME}" != "${IMAGE_NAME}" ]; then
		for form in txt json; do
			ln -sf $image.report.$form ${IMAGE_LINK_NAME}.cramfs-xip.report.$form
		done
	fi
}

do_image_cramfs_xip[depends] += "cramfs-xip-native:do_populate_sysroot"
do_image_cramfs_xip[file-checksums] += "${@' '.join(file + ':True' for file in (d.getVar('CRAMFS_XIP_RULES'), d.getVar('CRAMFS_XIP_PROFILE'), d.getVar('CRAMFS_XIP_LIKE')) if file)}"
