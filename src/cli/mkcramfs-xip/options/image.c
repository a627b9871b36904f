/*
 * Options about the image: its form, what goes in place, compression.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cli/common/common.h"
#include "cli/mkcramfs-xip/options/options.h"

static void set_order(const char *value, struct cramfs_plan_options *plan)
{
    static const char *const orders[] = {"little", "big", "host", NULL};
    static const enum cramfs_order values[] = {CRAMFS_LITTLE, CRAMFS_BIG};
    unsigned order = parse_choice("--endian", value, orders);
    plan->order = order == 2 ? cramfs_host_order() : values[order];
}

/* Reads a file that goes into the image unchanged, of at most `most` bytes; the caller frees it. */
static unsigned char *read_whole(const char *option, const char *path, size_t most, size_t *length)
{
    FILE *file = fopen(path, "rb");
    unsigned char *bytes = malloc(most + 1);
    *length = file && bytes ? fread(bytes, 1, most + 1, file) : 0;
    if (!bytes)
        memory_error();
    if (!file || ferror(file))
        usage_error("%s: %s: %s", option, path, strerror(errno));
    if (*length > most)
        usage_error("%s: %s has more than %zu bytes; name a smaller file", option, path, most);
    fclose(file);
    return bytes;
}

static void read_boot_code(struct arguments *arguments, const char *path)
{
    size_t length;
    unsigned char *bytes =
        read_whole("--boot-code", path, sizeof(arguments->form.boot_code), &length);
    memcpy(arguments->form.boot_code, bytes, length);
    free(bytes);
    arguments->plan.boot_area = true;
    arguments->plan.boot_code = arguments->form.boot_code;
    note_input(arguments, path);
}

/* The root's entries come after it, and must begin below 256 MiB. */
static void read_insert(struct arguments *arguments, const char *path)
{
    size_t length;
    free(arguments->form.insert);
    arguments->form.insert = read_whole("--insert", path, CRAMFS_MAX_INODE_OFFSET, &length);
    arguments->plan.insert = arguments->form.insert;
    arguments->plan.insert_length = (uint32_t)length;
    note_input(arguments, path);
}

static bool parse_form_option(int key, const char *value, struct arguments *arguments)
{
    struct cramfs_plan_options *plan = &arguments->plan;
    switch (key) {
    case 'N':
        set_order(value, plan);
        return true;
    case 'B':
    case 'L':
        plan->order = key == 'B' ? CRAMFS_BIG : CRAMFS_LITTLE;
        return true;
    case 'b':
        plan->page_size = parse_page_size(value);
        return true;
    case 'n':
        plan->name = value;
        return true;
    case 'z':
    case KEY_NO_HOLES:
        plan->holes = key == 'z';
        return true;
    case 'x':
    case KEY_LEGACY:
        plan->legacy = key == KEY_LEGACY;
        return true;
    case 's': /* entries are always sorted */
        return true;
    default:
        return false;
    }
}

static void add_rule_file(struct arguments *arguments, const char *path)
{
    if (!ARRAY_GROW(&arguments->xip, rule_files))
        memory_error();
    arguments->xip.rule_files[arguments->xip.rule_files_count++] = path;
    note_input(arguments, path);
}

/* The most cuts of a segment; none given is the default. */
static unsigned parse_cuts(const char *text)
{
    if (!text)
        return CRAMFS_DEFAULT_SPLIT;
    if (strcmp(text, "max") == 0)
        return CRAMFS_SPLIT_MAX;
    return (unsigned)parse_number("--xip-split", text, 1, CRAMFS_SPLIT_MAX);
}

static bool parse_xip_option(int key, const char *value, struct arguments *arguments)
{
    static const char *const kernels[] = {"mmu", "nommu", "fdpic", NULL};
    static const enum cramfs_kernel kernel_values[] = {CRAMFS_KERNEL_MMU, CRAMFS_KERNEL_NOMMU,
                                                       CRAMFS_KERNEL_FDPIC};
    static const char *const stale_profiles[] = {"error", "warn", NULL};
    static const char *const xips[] = {"none", "text", "readonly", "auto", "all", NULL};
    static const enum cramfs_xip xip_values[] = {
        CRAMFS_XIP_NONE, CRAMFS_XIP_TEXT, CRAMFS_XIP_READONLY, CRAMFS_XIP_READONLY, CRAMFS_XIP_ALL};
    switch (key) {
    case KEY_XIP:
        arguments->plan.xip = xip_values[parse_choice("--xip", value, xips)];
        arguments->xip.given = true;
        return true;
    case KEY_XIP_RULES:
        add_rule_file(arguments, value);
        return true;
    case KEY_KERNEL:
        arguments->plan.kernel = kernel_values[parse_choice("--kernel", value, kernels)];
        return true;
    case KEY_XIP_BUDGET:
        arguments->plan.budget = parse_size("--xip-budget", value, 0, UINT64_MAX);
        arguments->xip.budget = true;
        arguments->plan.choose = true;
        return true;
    case KEY_XIP_PROFILE:
        arguments->xip.profile_path = value;
        arguments->plan.choose = true;
        note_input(arguments, value);
        return true;
    case KEY_XIP_SPLIT:
        arguments->plan.split = parse_cuts(value);
        return true;
    case KEY_STALE_PROFILE:
        arguments->plan.stale_profile = parse_choice("--stale-profile", value, stale_profiles) == 1;
        return true;
    case 'X':
        arguments->xip.letters++;
        return true;
    default:
        return false;
    }
}

static bool parse_compression_option(int key, const char *value, struct cramfs_plan_options *plan)
{
    static const char *const compressors[] = {"libdeflate", "zlib", "zopfli", NULL};
    static const enum cramfs_compressor values[] = {CRAMFS_COMPRESSOR_LIBDEFLATE,
                                                    CRAMFS_COMPRESSOR_ZLIB,
                                                    CRAMFS_COMPRESSOR_ZOPFLI};
    switch (key) {
    case KEY_COMPRESSOR:
        plan->compressor = values[parse_choice("--compressor", value, compressors)];
        return true;
    case 'j':
        plan->jobs = parse_jobs(value);
        return true;
    default:
        return false;
    }
}

bool parse_image_option(int key, const char *value, struct arguments *arguments)
{
    switch (key) {
    case KEY_BOOT_CODE:
        read_boot_code(arguments, value);
        return true;
    case 'i':
        read_insert(arguments, value);
        return true;
    default:
        return parse_form_option(key, value, arguments) ||
               parse_xip_option(key, value, arguments) ||
               parse_compression_option(key, value, &arguments->plan);
    }
}

bool parse_flash_option(int key, const char *value, struct arguments *arguments)
{
    static const char *const fills[] = {"0xff", "0x00", NULL};
    static const unsigned char fill_values[] = {0xff, 0x00};
    switch (key) {
    case KEY_PAD_TO:
        arguments->flash.pad_to_erase_block = strcmp(value, "erase-block") == 0;
        arguments->flash.pad_to = arguments->flash.pad_to_erase_block
                                      ? 0
                                      : parse_size("--pad-to", value, 1, (uint64_t)1 << 40);
        return true;
    case KEY_FILL:
        arguments->flash.fill = fill_values[parse_choice("--fill", value, fills)];
        return true;
    case KEY_SWAP16:
    case KEY_SWAP32:
        arguments->plan.swap = key == KEY_SWAP16 ? CRAMFS_SWAP_16 : CRAMFS_SWAP_32;
        return true;
    default:
        return false;
    }
}
