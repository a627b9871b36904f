#include "report/xip/order.h"

#include <stdlib.h>

/* Files with equally many lost pages keep the order of the report, which is path order. */
static int compare(const void *first, const void *second)
{
    const struct cramfs_xip_file *a = *(const struct cramfs_xip_file *const *)first;
    const struct cramfs_xip_file *b = *(const struct cramfs_xip_file *const *)second;
    uint64_t lost_a = cramfs_xip_lost_pages(a);
    uint64_t lost_b = cramfs_xip_lost_pages(b);
    if (lost_a != lost_b)
        return lost_a > lost_b ? -1 : 1;
    return a < b ? -1 : a > b;
}

const struct cramfs_xip_file **xip_by_loss(const struct cramfs_xip_report *report)
{
    const struct cramfs_xip_file **files = calloc(report->files_count + 1, sizeof(*files));
    for (size_t i = 0; files && i < report->files_count; i++)
        files[i] = &report->files[i];
    if (files)
        qsort(files, report->files_count, sizeof(*files), compare);
    return files;
}
