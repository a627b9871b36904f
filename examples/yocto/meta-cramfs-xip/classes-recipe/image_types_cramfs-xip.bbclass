# An image type: cramfs whose programs run in place, with a report of what will.
#
#     IMAGE_CLASSES += "image_types_cramfs-xip"
#     IMAGE_FSTYPES += "cramfs-xip"

inherit siteinfo

IMAGE_TYPES:append = " cramfs-xip"

# Byte order and kernel (mmu or nommu) of the machine. SITEINFO_ENDIANNESS is not set yet when image.bbclass expands the command.
CRAMFS_XIP_ENDIAN ?= "${@'big' if 'endian-big' in siteinfo_data(d) else 'little'}"
CRAMFS_XIP_KERNEL ?= "mmu"

# Files, by absolute paths: which files go in place, and which of their pages are touched.
CRAMFS_XIP_RULES ?= ""
CRAMFS_XIP_PROFILE ?= ""

# Sizes, as 512K: the most flash that running in place may cost, and the most that the image may have.
CRAMFS_XIP_BUDGET ?= ""
CRAMFS_XIP_MAXSIZE ?= ""

# The image of the last release, by an absolute path, to be laid out like, and the size of the flash's erase blocks.
CRAMFS_XIP_LIKE ?= ""
CRAMFS_XIP_ERASE_BLOCK ?= ""

# What must run in place, or the build fails: globs of paths, each perhaps with :PERCENT behind it.
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

# The reports are deployed beside the image. Links to them are made here, since image.bbclass knows only the image.
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
