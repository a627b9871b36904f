/*
 * All that cramfs-dump makes of an image: listings, usage, maps, manifests, a tar, the bytes of
 * files. What the charges come to is the image, whatever overlaps in it.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "cramfs/cat.h"
#include "cramfs/check.h"
#include "cramfs/choose.h"
#include "cramfs/listing.h"
#include "cramfs/manifest.h"
#include "cramfs/map.h"

/* Of all files together: many that share one hole of 16 MiB would only take time. */
enum { MOST_BYTES = 1 << 20 };

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
        cramfs_print_usage(out, view, &usage);
        cramfs_print_usage_json(out, view, &usage);
        cramfs_print_map(out, view, &usage, &options);
    }
    cramfs_usage_free(&usage);
}

static void print_all(const struct cramfs_view *view, struct cramfs_extents *extents)
{
    const struct cramfs_map_options options = {.erase_block = 8192};
    FILE *out = fuzz_nowhere();
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

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct cramfs_image image;
    if (!fuzz_open_image(bytes, size, fuzz_page_size(bytes, size), &image))
        return 0;
    struct cramfs_damage damage = {0};
    const struct cramfs_listener listener = {cramfs_damage_found, &damage};
    struct cramfs_survey survey;
    if (cramfs_survey(&image, &listener, &survey) == 0 &&
        cramfs_check(&image, &survey, &(const struct cramfs_check_options){.jobs = 1}, &listener) ==
            0) {
        const struct cramfs_view view = {&image, &survey, &damage};
        print_all(&view, &survey.extents);
    }
    cramfs_survey_free(&survey);
    cramfs_damage_free(&damage);
    cramfs_image_close(&image);
    return 0;
}
