#include "cli/cramfs-dump/options.h"

#include <string.h>

#include "cli/common/common.h"
#include "cramfs/extract.h"
#include "cramfs/like.h"
#include "cramfs/mapping.h"

/* Keys of modes are KEY_MODE + the mode. */
enum {
    KEY_MODE = KEY_FIRST,
    KEY_JSON = KEY_MODE + DUMP_MODES_COUNT,
    KEY_BLOCKS,
    KEY_UPDATE,
    KEY_XIP_PROFILE,
    KEY_WHAT_IF,
    KEY_ERASE_BLOCK,
    KEY_DEPTH,
    KEY_MAX_EXTRACT,
    KEY_KERNEL
};

static const struct argp_option option_list[] = {
    {NULL, 0, NULL, 0, "Files (default: a listing):", 0},
    {"long", 'l', NULL, 0, "Also print where the data are, and kinds of pages", 0},
    {"recursive", 'R', NULL, 0, "List directories and everything below them", 0},
    {"cat", KEY_MODE + DUMP_CAT, "PATH", 0, "Write the bytes of a file", 0},
    {"stat", KEY_MODE + DUMP_STAT, "PATH", 0, "Print an inode and its block pointers", 0},
    {NULL, 0, NULL, 0, "Bytes:", 0},
    {"du", KEY_MODE + DUMP_DU, NULL, 0, "Print bytes by kind, type, directory and file", 0},
    {"depth", KEY_DEPTH, "LEVELS", 0, "With --du: levels below each PATH; default 1", 0},
    {"extents", KEY_MODE + DUMP_EXTENTS, NULL, 0, "Print every extent and gap: place, kind, owner",
     0},
    {"map", KEY_MODE + DUMP_MAP, "FORM", OPTION_ARG_OPTIONAL,
     "Draw a map: text (the default) or svg", 0},
    {"super", KEY_MODE + DUMP_SUPER, NULL, 0, "Print the superblock", 0},
    {NULL, 0, NULL, 0, "Report for a browser:", 0},
    {"html", KEY_MODE + DUMP_HTML, "FILE", OPTION_ARG_OPTIONAL,
     "Write one HTML page; default: standard output", 0},
    {"xip-profile", KEY_XIP_PROFILE, "FILE", 0, "With --html: also show which pages were touched",
     0},
    {"what-if", KEY_WHAT_IF, "FILE", 0,
     "With --html: also draw the curve in FILE, the output of mkcramfs-xip --what-if=json", 0},
    {NULL, 0, NULL, 0, "Two images:", 0},
    {"diff", KEY_MODE + DUMP_DIFF, NULL, 0, "Print what changed, and what grew", 0},
    {"blocks", KEY_BLOCKS, NULL, 0, "With --diff: print the erase blocks that differ", 0},
    {"update", KEY_UPDATE, "FILE", 0, "With --diff: write an update for devices to FILE", 0},
    {NULL, 0, NULL, 0, "Files that mkcramfs-xip reads:", 0},
    {"tar", KEY_MODE + DUMP_TAR, NULL, 0, "Write a tar of the tree", 0},
    {"mtree", KEY_MODE + DUMP_MTREE, NULL, 0, "Print a manifest of the tree, mtree(5)", 0},
    {"device-table", KEY_MODE + DUMP_DEVICE_TABLE, NULL, 0,
     "Print owners, permissions and device files", 0},
    {"max-extract", KEY_MAX_EXTRACT, "SIZE", 0,
     "With --tar: refuse more than SIZE bytes in files, or SIZE / 4096 entries; default 1G", 0},
    {NULL, 0, NULL, 0, "Which image, and which output:", 0},
    {"erase-block", KEY_ERASE_BLOCK, "SIZE", 0,
     "Size of erase blocks for --map, --diff and --html; default with --blocks, --update, --html: "
     "64K",
     0},
    {"json", KEY_JSON, NULL, 0, "Print JSON instead of text", 0},
    {"kernel", KEY_KERNEL, "KERNEL", 0, "Kernel: mmu, nommu, fdpic, v3; default: detected", 0},
    OPEN_IMAGE_OPTIONS(0),
    {NULL, 0, NULL, 0, "Help:", 0},
    {COMMON_HELP},
    {COMMON_VERSION},
    {0},
};

/* The options that a mode allows, and its name in messages. */
static const struct {
    const char *name;
    bool paths; /* operands after the image */
    bool json;
} modes[DUMP_MODES_COUNT] = {
    [DUMP_LIST] = {"a listing", true, true},
    [DUMP_SUPER] = {"--super", false, true},
    [DUMP_CAT] = {"--cat", true, false},
    [DUMP_STAT] = {"--stat", true, true},
    [DUMP_EXTENTS] = {"--extents", false, true},
    [DUMP_DU] = {"--du", true, true},
    [DUMP_MAP] = {"--map", false, false},
    [DUMP_MTREE] = {"--mtree", false, false},
    [DUMP_DEVICE_TABLE] = {"--device-table", false, false},
    [DUMP_TAR] = {"--tar", false, false},
    [DUMP_DIFF] = {"--diff", false, true},
    [DUMP_HTML] = {"--html", false, false},
};

static void take_value(struct dump_arguments *arguments, enum dump_mode mode, const char *value)
{
    static const char *const forms[] = {"text", "svg", NULL};
    if (mode == DUMP_MAP)
        arguments->svg = parse_choice("--map", value, forms) == 1;
    else if (mode == DUMP_HTML)
        arguments->html = value;
    else
        arguments->open.paths[arguments->open.paths_count++] = value;
}

static void set_mode(struct dump_arguments *arguments, enum dump_mode mode, const char *value)
{
    if (arguments->mode != DUMP_LIST && arguments->mode != mode)
        usage_error("%s and %s contradict each other; leave out one", modes[arguments->mode].name,
                    modes[mode].name);
    arguments->mode = mode;
    if (value)
        take_value(arguments, mode, value);
}

/* A character of a map is at least one page. */
enum { LEAST_IN_MAP = 4096 };

static void check_erase_block(struct dump_arguments *arguments)
{
    enum dump_mode mode = arguments->mode;
    bool map = mode == DUMP_MAP || mode == DUMP_HTML;
    if ((arguments->blocks || arguments->update) && !arguments->erase_block)
        arguments->erase_block = CRAMFS_DEFAULT_ERASE_BLOCK;
    if (!arguments->erase_block)
        return;
    if (!map && mode != DUMP_DIFF)
        usage_error("--erase-block needs --map, --html or --diff");
    if (map && arguments->erase_block < LEAST_IN_MAP)
        usage_error("--erase-block: for a map it must be at least %d bytes", LEAST_IN_MAP);
}

static void check_diff_forms(const struct dump_arguments *arguments)
{
    if (arguments->blocks && arguments->mode != DUMP_DIFF)
        usage_error("--blocks needs --diff");
    if (arguments->update && arguments->mode != DUMP_DIFF)
        usage_error("--update needs --diff");
    if (arguments->update && arguments->blocks)
        usage_error("--blocks and --update contradict each other; leave out one");
    if (arguments->update && arguments->json)
        usage_error("--update has no JSON form; leave out --json");
}

/* With two images, the second is the new one. */
static void check_images(struct dump_arguments *arguments)
{
    enum dump_mode mode = arguments->mode;
    unsigned given = arguments->open.paths_count + 1;
    unsigned most = mode == DUMP_DIFF || mode == DUMP_HTML ? 2 : 1;
    if (given > most && !modes[mode].paths)
        usage_error("'%s' is one operand too many: %s with %s", arguments->open.paths[most - 1],
                    most == 1 ? "name one IMAGE" : "name two IMAGEs", modes[mode].name);
    if (mode == DUMP_DIFF && given < 2)
        usage_error("--diff needs two IMAGEs: the older one and the new one");
    if (most == 2 && given == 2)
        arguments->new_image = arguments->open.paths[--arguments->open.paths_count];
    if (arguments->new_image && strcmp(arguments->open.image, "-") == 0 &&
        strcmp(arguments->new_image, "-") == 0)
        usage_error("standard input cannot be both images; name a file for one");
}

static void check(struct dump_arguments *arguments)
{
    enum dump_mode mode = arguments->mode;
    need_image(&arguments->open);
    if (arguments->open.scan && mode != DUMP_LIST)
        usage_error("--scan and %s contradict each other; leave out one", modes[mode].name);
    check_images(arguments);
    if (arguments->json && !modes[mode].json)
        usage_error("%s has no JSON form; leave out --json", modes[mode].name);
    check_diff_forms(arguments);
    check_erase_block(arguments);
    if (arguments->depth_given && mode != DUMP_DU)
        usage_error("--depth needs --du");
    if (arguments->profile && mode != DUMP_HTML)
        usage_error("--xip-profile needs --html");
    if (arguments->what_if && mode != DUMP_HTML)
        usage_error("--what-if needs --html");
    if (arguments->max_extract != CRAMFS_DEFAULT_MAX_EXTRACT && mode != DUMP_TAR)
        usage_error("--max-extract needs --tar");
    if (mode != DUMP_LIST && (arguments->detailed || arguments->recursive))
        usage_error("--long and --recursive need a listing, and %s prints none; leave them out",
                    modes[mode].name);
}

static void take_kernel(struct dump_arguments *arguments, const char *value)
{
    arguments->kernel = parse_choice("--kernel", value, cramfs_kernel_names());
    arguments->kernel_given = true;
    arguments->open.options.made_for =
        arguments->kernel == CRAMFS_KERNEL_NOMMU ? CRAMFS_MADE_FOR_NOMMU : CRAMFS_MADE_FOR_MMU;
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct dump_arguments *arguments = state->input;
    if (key > KEY_MODE && key < KEY_MODE + DUMP_MODES_COUNT) {
        set_mode(arguments, (enum dump_mode)(key - KEY_MODE), value);
        return 0;
    }
    switch (key) {
    case ARGP_KEY_END:
        check(arguments);
        return 0;
    case 'l':
        arguments->detailed = true;
        return 0;
    case 'R':
        arguments->recursive = true;
        return 0;
    case KEY_BLOCKS:
        arguments->blocks = true;
        return 0;
    case KEY_UPDATE:
        arguments->update = value;
        return 0;
    case KEY_ERASE_BLOCK:
        arguments->erase_block =
            parse_size("--erase-block", value, LEAST_ERASE_BLOCK, (uint64_t)1 << 30);
        return 0;
    case KEY_DEPTH:
        arguments->depth = (uint32_t)parse_number("--depth", value, 0, UINT32_MAX - 2);
        arguments->depth_given = true;
        return 0;
    case KEY_MAX_EXTRACT:
        arguments->max_extract = parse_size("--max-extract", value, 0, UINT64_MAX);
        return 0;
    case KEY_XIP_PROFILE:
        arguments->profile = value;
        return 0;
    case KEY_WHAT_IF:
        arguments->what_if = value;
        return 0;
    case KEY_KERNEL:
        take_kernel(arguments, value);
        return 0;
    case KEY_JSON:
        arguments->json = true;
        return 0;
    default:
        if (parse_open_option(key, value, &arguments->open))
            return 0;
        parse_common(key, state);
        return ARGP_ERR_UNKNOWN;
    }
}

void dump_parse(int argc, char **argv, struct dump_arguments *arguments)
{
    static const struct argp argp = {
        .options = option_list,
        .parser = parse_option,
        .args_doc = "IMAGE [PATH...]\n--diff OLD-IMAGE NEW-IMAGE\n--html[=FILE] [OLD-IMAGE] IMAGE",
        .doc = "cramfs-dump -lR rootfs.img               # List files, and how each is stored\n"
               "cramfs-dump --du rootfs.img              # See which files take the most bytes\n"
               "cramfs-dump --diff old.img rootfs.img    # Find what changed, and what grew\n\n"
               "Shows the files in a cramfs IMAGE, where their bytes are, and what differs from "
               "another image. Without a mode it lists the files that PATHs name, or the root, as "
               "ls -l does. A PATH may be a glob."
               "\vExit status: 0 done, or no difference; 1 a difference (--diff without --update); "
               "4 the "
               "image is damaged; "
               "8 cannot operate; 16 wrong usage.",
    };
    *arguments = (struct dump_arguments){
        .open = open_arguments(argc),
        .depth = 1,
        .max_extract = CRAMFS_DEFAULT_MAX_EXTRACT,
    };
    parse_command_line(&argp, argc, argv, arguments);
}
