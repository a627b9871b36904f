#include <stdlib.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/pool.h"
#include "cramfs/diag.h"
#include "cramfs/like.h"
#include "report/html/html.h"

static int find_usage(struct html *html)
{
    int error = cramfs_usage(html->view, &html->usage);
    for (size_t i = 0; !error && i < html->usage.pieces_count; i++)
        html->kinds[html->usage.pieces[i].kind] += html->usage.pieces[i].length;
    return error;
}

static int find_files(struct html *html)
{
    const struct cramfs_entries *entries = &html->view->survey->entries;
    html->pages = pages_count(html->view);
    html->file_of = array_create(entries->list_count, sizeof(*html->file_of));
    if (!html->pages || !html->file_of)
        return -CRAMFS_ERR_MEMORY;
    for (uint32_t i = 0; i < entries->list_count; i++) {
        html->file_of[i] = CRAMFS_NO_ENTRY;
        html->files_count += !S_ISDIR(entries->list[i].inode.mode);
    }
    int error = cramfs_xip_report_profiled(
        html->view->image, html->view->survey, CRAMFS_ANY_ADDRESS, html->options.kernel,
        html->options.profile, pool_default_threads(), &html->xip);
    for (size_t i = 0; !error && i < html->xip.files_count; i++)
        html->file_of[html->xip.files[i].entry] = (uint32_t)i;
    return error;
}

static int find_differences(struct html *html, struct cramfs_diags *diags)
{
    if (!html->options.old_view)
        return 0;
    int error = cramfs_diff(html->options.old_view, html->view, html->options.erase_block,
                            pool_default_threads(), &html->diff);
    if (!error)
        error = range_check_swap(&html->diff, diags);
    return error ? error : causes_create(&html->diff, &html->causes);
}

int html_find(struct html *html, struct cramfs_diags *diags)
{
    if (!html->options.erase_block)
        html->options.erase_block = CRAMFS_DEFAULT_ERASE_BLOCK;
    int error = 0;
    if (html->options.what_if)
        error =
            what_if_read(html->options.what_if, html->view->image->page_size, &html->curve, diags);
    if (!error)
        error = find_usage(html);
    if (!error)
        error = find_files(html);
    return error ? error : find_differences(html, diags);
}

void html_free(struct html *html)
{
    if (html->options.old_view) {
        causes_free(&html->causes);
        cramfs_diff_free(&html->diff);
    }
    what_if_free(&html->curve);
    cramfs_xip_report_free(&html->xip);
    cramfs_usage_free(&html->usage);
    free(html->pages);
    free(html->file_of);
}

const struct cramfs_xip_file *html_file(const struct html *html, uint32_t entry)
{
    uint32_t number = html->file_of[entry];
    return number == CRAMFS_NO_ENTRY ? NULL : &html->xip.files[number];
}
