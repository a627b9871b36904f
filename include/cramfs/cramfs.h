/*
 * The whole library. libcramfs-xip(3) is a tour of it.
 *
 * Build: a tree of files becomes an image. Fill a tree (tree.h) from directories, archives, device
 * tables or memory, say what goes in place (plan.h, rules.h, profile.h), and call
 * cramfs_build_file().
 *
 * Read: an image is opened as untrusted bytes. cramfs_view_open() (view.h) does it in one call;
 * image.h, walk.h and survey.h are its steps. cramfs_check() finds what is wrong, cramfs_extract()
 * writes the tree into a directory.
 *
 * Report: text, JSON and pictures of a view. cramfs_xip_report() (xip_report.h) says which pages a
 * kernel will run in place.
 *
 * Format: the bytes on disk (format.h, block.h), program files (elf.h, flat.h, program.h), and what
 * the kernel does with both (mapping.h).
 *
 * Threads may use different objects at the same time, and may read one image or view together. A
 * tree, a plan, a list of diagnostics, a deflater and an inflater serve one thread at a time.
 *
 * The library prints only to a FILE that it is given, never exits, and keeps no globals. Functions
 * return 0 or a negative enum cramfs_error, and report what is wrong in the caller's struct
 * cramfs_diags (diag.h).
 */
#ifndef CRAMFS_CRAMFS_H
#define CRAMFS_CRAMFS_H

/* Everywhere */
#include "cramfs/diag.h"

/* Build */
#include "cramfs/device_table.h"
#include "cramfs/exclude.h"
#include "cramfs/image_source.h"
#include "cramfs/inputs.h"
#include "cramfs/like.h"
#include "cramfs/like_image.h"
#include "cramfs/loss.h"
#include "cramfs/output.h"
#include "cramfs/owners.h"
#include "cramfs/plan.h"
#include "cramfs/profile.h"
#include "cramfs/rules.h"
#include "cramfs/select.h"
#include "cramfs/stats.h"
#include "cramfs/tree.h"
#include "cramfs/what_if.h"

/* Read */
#include "cramfs/check.h"
#include "cramfs/choose.h"
#include "cramfs/extract.h"
#include "cramfs/finding.h"
#include "cramfs/image.h"
#include "cramfs/survey.h"
#include "cramfs/view.h"
#include "cramfs/walk.h"

/* Report */
#include "cramfs/cat.h"
#include "cramfs/diff.h"
#include "cramfs/erase_blocks.h"
#include "cramfs/finding_report.h"
#include "cramfs/html.h"
#include "cramfs/listing.h"
#include "cramfs/manifest.h"
#include "cramfs/map.h"
#include "cramfs/update.h"
#include "cramfs/usage.h"
#include "cramfs/xip_gate.h"
#include "cramfs/xip_report.h"

/* Format */
#include "cramfs/block.h"
#include "cramfs/codec.h"
#include "cramfs/elf.h"
#include "cramfs/extent.h"
#include "cramfs/flat.h"
#include "cramfs/format.h"
#include "cramfs/mapping.h"
#include "cramfs/possible_pages.h"
#include "cramfs/program.h"
#include "cramfs/swap.h"

#endif
