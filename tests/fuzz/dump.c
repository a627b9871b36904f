/*
 * All outputs of cramfs-dump for an image: listings, usage, maps, manifests, a tar, the bytes of
 * files, and the difference to a second image after it in the input. The charges add up to the size
 * of the image, whatever overlaps in it.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "cramfs/cat.h"
#include "cramfs/check.h"
#include "cramfs/choose.h"
#include "cramfs/diff.h"
#include "cramfs/erase_blocks.h"
#include "cramfs/html.h"
#include "cramfs/listing.h"
#include "cramfs/manifest.h"
#include "cramfs/map.h"
#include "cramfs/update.h"

/* Of all files together: many that share one hole of 16 MiB would only take time. */
enum { MOST_BYTES = 1 << 16 };

static void print_entries(FILE *out, const struct cramfs_view *view)
{
    uint32_t count = view->survey->entries.list_count;
    bool *chosen = calloc(count, sizeof(*chosen));
    if (!chosen)
        return;
    if (cramfs_choose(view->survey, "*/[!b]*", chosen, NULL) == 0)
        cramfs_choose_listed(view->survey, false, chosen);
    memset(chosen, 1, count * sizeof(*chosen));
    cramfs_print_list(out, view, chosen, true);
    cramfs_print_list_json(out, view, chosen);
    cramfs_print_stat(out, view, chosen);
    cramfs_print_stat_json(out, view, chosen);
    uint64_t total = 0;
    for (uint32_t i = 0; i < count; i++) {
        total += view->survey->entries.list[i].inode.size;
        chosen[i] = total <= MOST_BYTES;
    }
    cramfs_cat(out, view, chosen, NULL);
    free(chosen);
}

static void print_usage(FILE *out, const struct cramfs_view *view)
{
    const struct cramfs_map_options options = {.erase_block = 8192, .columns = 80, .colours = true};
    struct cramfs_usage usage;
    if (cramfs_usage(view, &usage) == 0) {
        uint64_t end = 0;
        uint64_t charged = 0;
        for (size_t i = 0; i < usage.pieces_count; i++) {
            FUZZ_EXPECT(usage.pieces[i].offset == end);
            end += usage.pieces[i].length;
        }
        for (uint32_t i = 0; i < view->survey->entries.list_count; i++)
            charged += usage.charged[i];
        FUZZ_EXPECT(end == view->image->reader.size && charged == end);
        cramfs_print_usage(out, view, &usage, NULL);
        bool chosen[2] = {true, view->survey->entries.list_count > 1};
        bool *named = calloc(view->survey->entries.list_count, sizeof(*named));
        if (named) {
            const struct cramfs_du_options below = {.chosen = named, .depth = 2};
            memcpy(named, chosen, chosen[1] ? 2 : 1);
            cramfs_print_usage(out, view, &usage, &below);
            cramfs_print_usage_json(out, view, &usage, &below);
        }
        free(named);
        cramfs_print_map(out, view, &usage, &options);
    }
    cramfs_usage_free(&usage);
}

static void print_all(const struct cramfs_view *view, struct cramfs_extents *extents)
{
    const struct cramfs_map_options options = {.erase_block = 8192};
    FILE *out = fuzz_nowhere();
    cramfs_print_html(out, view, NULL, NULL);
    cramfs_print_super(out, view->image);
    cramfs_print_super_json(out, view->image);
    print_entries(out, view);
    print_usage(out, view);
    cramfs_print_mtree(out, view, NULL);
    cramfs_print_device_table(out, view, NULL);
    cramfs_write_tar(out, view, MOST_BYTES, NULL);
    cramfs_extents_merge(extents);
    cramfs_print_extents(out, extents, view->image->reader.size, cramfs_survey_owner_path,
                         view->survey);
    cramfs_print_extents_json(out, view);
    cramfs_print_map_svg(out, view, &options);
    fclose(out);
}

/* An image that was opened. */
struct looked {
    struct cramfs_image image;
    struct cramfs_survey survey;
    struct cramfs_damage damage;
    struct cramfs_view view;
};

static bool look(const uint8_t *bytes, size_t size, struct looked *looked)
{
    const struct cramfs_listener listener = {cramfs_damage_found, &looked->damage};
    const struct cramfs_check_options options = {.jobs = 1};
    *looked = (struct looked){.view = {&looked->image, &looked->survey, &looked->damage}};
    return fuzz_open_image(bytes, size, fuzz_page_size(bytes, size), &looked->image) &&
           cramfs_survey(&looked->image, &listener, &looked->survey) == 0 &&
           cramfs_check(&looked->image, &looked->survey, &options, &listener) == 0;
}

static void look_away(struct looked *looked)
{
    cramfs_survey_free(&looked->survey);
    cramfs_damage_free(&looked->damage);
    cramfs_image_close(&looked->image);
}

static void print_difference(const struct cramfs_view *old_view, const struct cramfs_view *new_view)
{
    struct cramfs_diff diff;
    if (cramfs_diff(old_view, new_view, 8192, 2, &diff) == 0) {
        FILE *out = fuzz_nowhere();
        cramfs_print_diff(out, &diff);
        cramfs_print_diff_json(out, &diff);
        cramfs_print_erase_blocks(out, &diff, NULL);
        cramfs_print_erase_blocks_json(out, &diff, NULL);
        cramfs_write_update(out, old_view, new_view, diff.erase_block, NULL);
        const struct cramfs_html_options page = {.old_view = old_view, .erase_block = 8192};
        cramfs_print_html(out, new_view, &page, NULL);
        fclose(out);
    }
    cramfs_diff_free(&diff);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct looked first;
    struct looked second;
    if (look(bytes, size, &first)) {
        size_t end = (size_t)first.image.reader.size;
        if (look(bytes + end, size - end, &second))
            print_difference(&first.view, &second.view);
        look_away(&second);
        print_all(&first.view, &first.survey.extents);
    }
    look_away(&first);
    return 0;
}
