/* The order of files in the text of the XIP report and in a gate. */
#ifndef CRAMFS_REPORT_XIP_ORDER_H
#define CRAMFS_REPORT_XIP_ORDER_H

#include "cramfs/xip_report.h"

/* The files, most lost pages first, then in path order. The caller frees. NULL: no memory. */
const struct cramfs_xip_file **xip_by_loss(const struct cramfs_xip_report *report);

#endif
