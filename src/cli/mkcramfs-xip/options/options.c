#include "cli/mkcramfs-xip/options/options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pool.h"
#include "cramfs/tree.h"

static const struct argp_option option_list[] = {
    {NULL, 0, NULL, 0, "What goes into the image:", 0},
    {"exclude", KEY_EXCLUDE, "GLOB", 0, "Leave out what fits GLOB, with all below it", 0},
    {"exclude-from", KEY_EXCLUDE_FROM, "FILE", 0, "The same with each line of FILE", 0},
    {"device-table", 'D', "FILE", 0,
     "Apply a device table in the format of makedevs; what it says of owners counts", 0},
    {"max-unpacked", KEY_MAX_UNPACKED, "SIZE", 0,
     "The most bytes that files of archives and images may have together; default 16G", 0},
    {"offset", KEY_SOURCE_OFFSET, "BYTES", 0,
     "Where in the file the SOURCE after this option begins, which is an image", 0},
    {"subtree", KEY_SUBTREE, "PATH", 0,
     "Take of the SOURCE after this option only what is in its directory PATH", 0},
    {"strip-components", KEY_STRIP_COMPONENTS, "NUMBER", 0,
     "Drop so many names at the beginning of each path of that SOURCE", 0},
    {"into", KEY_INTO, "PATH", 0, "Put that SOURCE into the directory PATH of the image", 0},
    {"mtree-root", KEY_MTREE_ROOT, "DIR", 0,
     "Find the files of mtree manifests below DIR, and not where the manifest is", 0},
    {"one-file-system", KEY_ONE_FILE_SYSTEM, NULL, 0, "Enter no other file system", 0},
    {"whiteouts", KEY_WHITEOUTS, NULL, 0,
     "Delete what layers of containers and overlayfs mark as deleted", 0},
    {"allow", KEY_ALLOW, "LIST", 0,
     "Lose what the format cannot hold, by class: uid, gid, size, name, device, directory, target, "
     "unreadable, changed, xattr, or all of these; or pack a source that is unended, empty or "
     "damaged, or let it replace more of earlier ones than what it names",
     0},
    {"errors", 'E', NULL, 0, "Make errors of all warnings, but for losses that --allow names", 0},
    {"strict", KEY_STRICT, NULL, 0, "The same as --errors", 0},
    {NULL, 0, NULL, 0, "What goes in place:", 1},
    {"xip", KEY_XIP, "WHAT", 0,
     "readonly or auto: every page of a read-only segment of a program (the default); text: of an "
     "executable one; all: whole programs; none: nothing",
     1},
    {"xip-rules", KEY_XIP_RULES, "FILE", 0,
     "Decide file by file, by the rules in FILE: cramfs-xip-rules(5)", 1},
    {"xip-sticky", KEY_XIP_STICKY, NULL, 0,
     "Put files with the sticky bit in place as a whole, where no rule fits", 1},
    {"kernel", KEY_KERNEL, "KERNEL", 0,
     "Whose mappings count: mmu (the default); nommu: bFLT and FDPIC; fdpic: FDPIC with an MMU", 1},
    {"xip-budget", KEY_XIP_BUDGET, "SIZE", 0,
     "The most flash that running in place may cost, over an image with nothing in place (--fit is "
     "for the size of the image); what saves the most RAM is taken",
     1},
    {"xip-profile", KEY_XIP_PROFILE, "FILE", 0,
     "Which pages are touched: CSV of path, byte offset, count; others are worth nothing", 1},
    {"stale-profile", KEY_STALE_PROFILE, "WHAT", 0,
     "A file that changed since its profile is an error (the default), or with warn a warning", 1},
    {"xip-split", KEY_XIP_SPLIT, "CUTS", OPTION_ARG_OPTIONAL,
     "Change ELF files: cut each read-only segment where the profile has touched pages after "
     "untouched ones; CUTS is the most cuts a segment, default 4, or max",
     1},
    {NULL, 'X', NULL, 0, "Twice: the same as --kernel=mmu; once: as --kernel=nommu", 1},
    {NULL, 0, NULL, 0, "The image:", 2},
    {"endian", 'N', "ORDER", 0, "Byte order of the target: little (the default), big, host", 2},
    {NULL, 'B', NULL, 0, "The same as --endian=big", 2},
    {NULL, 'L', NULL, 0, "The same as --endian=little", 2},
    {"block-size", 'b', "SIZE", 0, "Page size of the target: 4K (the default), 8K, 16K, 32K or 64K",
     2},
    {"name", 'n', "NAME", 0, "Name of the volume, at most 16 bytes", 2},
    {"edition", 'e', "NUMBER", 0, "Edition number in the superblock", 2},
    {"no-holes", KEY_NO_HOLES, NULL, 0, "Store blocks of zeroes, too", 2},
    {NULL, 'z', NULL, 0, "Blocks of zeroes take no bytes (the default)", 2},
    {"legacy", KEY_LEGACY, NULL, 0,
     "Only what kernels before 4.15, U-Boot and old tools read: nothing in place, shared or "
     "stored raw",
     2},
    {NULL, 'x', NULL, 0, "Extended block pointers, which is the default; undoes --legacy", 2},
    {NULL, 's', NULL, 0, "Nothing: entries are always sorted", 2},
    {"pad", 'p', NULL, 0, "Leave the first 512 bytes to boot code", 2},
    {"boot-code", KEY_BOOT_CODE, "FILE", 0, "Put FILE, at most 512 bytes, there", 2},
    {"insert", 'i', "FILE", 0, "Put FILE behind the superblock, in front of all else", 2},
    {"force", KEY_FORCE, NULL, 0, "Replace IMAGE also when it is read, or is an archive", 2},
    {"fit", KEY_FIT, "SIZE", 0,
     "Put as much in place as an image of at most SIZE holds; what saves the most RAM is taken", 2},
    {"max-size", KEY_MAX_SIZE, "SIZE", 0, "Write nothing that is larger, and say what is", 2},
    {"pad-to", KEY_PAD_TO, "SIZE", 0,
     "Fill up to SIZE, or with the word erase-block to a multiple of that", 2},
    {"what-if", KEY_WHAT_IF, "FORM", OPTION_ARG_OPTIONAL,
     "Write no image, but what running in place costs and saves, from nothing in place to "
     "everything: text (the default), json, csv or svg",
     2},
    {"erase-block", KEY_ERASE_BLOCK, "SIZE", 0,
     "Size of an erase block of the flash; --like takes 64K unless it is said", 2},
    {"like", KEY_LIKE, "OLD", 0,
     "Lay out like the older image OLD, so that few erase blocks differ from it", 2},
    {"slack", KEY_SLACK, "PERCENT", 0,
     "With --like the image may be so much larger than one laid out afresh; default 5", 2},
    {"fill", KEY_FILL, "BYTE", 0, "What to fill with: 0xff (the default) or 0x00", 2},
    {"swap16", KEY_SWAP16, NULL, 0, "Swap the bytes of each 16 bits, for flash wired that way", 2},
    {"swap32", KEY_SWAP32, NULL, 0, "The same with each 32 bits", 2},
    {NULL, 0, NULL, 0, "Ownership:", 3},
    {"all-root", 'q', NULL, 0, "Everything belongs to uid 0 and gid 0; -q is not quiet, --quiet is",
     3},
    {"owner", KEY_OWNER, "UID:GID", 0, "Everything belongs to UID and GID", 3},
    {"map-uid", KEY_MAP_UID, "FROM:TO", 0, "What belongs to uid FROM belongs to TO", 3},
    {"map-gid", KEY_MAP_GID, "FROM:TO", 0, "What belongs to gid FROM belongs to TO", 3},
    {"uid-offset", KEY_UID_OFFSET, "NUMBER", 0, "Add NUMBER to the uids that no --map-uid has", 3},
    {"gid-offset", KEY_GID_OFFSET, "NUMBER", 0, "Add NUMBER to the gids that no --map-gid has", 3},
    {NULL, 0, NULL, 0, "Compression:", 4},
    {"compressor", KEY_COMPRESSOR, "NAME", 0, "libdeflate (the default where built in) or zlib", 4},
    {"level", KEY_LEVEL, "LEVEL", 0, "1 (fast) to 12 (small), to 9 with zlib; default 6", 4},
    {"jobs", 'j', "JOBS", 0, "Threads to compress with; default: one a processor", 4},
    {NULL, 0, NULL, 0, "Messages:", 5},
    {"explain", KEY_EXPLAIN, NULL, 0,
     "Print of each file what was decided and by which rule, what it costs and what it saves", 5},
    {"depfile", KEY_DEPFILE, "FILE", 0, "Write a rule for make or ninja: what IMAGE was made from",
     5},
    {"extents", KEY_EXTENTS, "FILE", 0,
     "Write the planned extents to FILE, as cramfs-dump --extents prints those it finds", 5},
    {"stats", KEY_STATS, "json[:FILE]", 0,
     "Write numbers about the build to FILE, or to standard error", 5},
    {"verbose", 'v', NULL, 0, "Say of each file what goes in place, and why", 5},
    {"quiet", KEY_QUIET, NULL, 0, "Print nothing but errors and warnings that nothing allows", 5},
    {NULL, 0, NULL, 0, "Help:", 0},
    {COMMON_HELP},
    {COMMON_VERSION},
    {0},
};

#define DOC_EXIT "\vExit status: 0 done; 8 failed, an older image is as it was; 16 wrong usage."

/* A name, and what goes with it. */
struct calling_name {
    const char *name;
    const char *letters; /* of the options that it has; NULL: all */
    bool host_page;      /* -b defaults to the page of this machine */
    const char *operands;
    const char *doc;
};

static const struct calling_name names[] = {
    {"mkcramfs-xip", NULL, false, "SOURCE... IMAGE",
     "mkcramfs-xip --all-root rootfs rootfs.img              # Build an image\n"
     "mkcramfs-xip --all-root --fit=8M rootfs rootfs.img     # Fit it into 8 MiB\n"
     "mkcramfs-xip --all-root --like=old.img rootfs new.img  # Update old.img\n\n"
     "Packs each SOURCE, laid over those before it, into a cramfs IMAGE whose programs run in "
     "place: a kernel with the image in memory-mapped flash maps their pages from there. A SOURCE "
     "is a directory, an archive (tar, cpio, zip and others, also compressed), a cramfs image, or "
     "an mtree manifest; - is one of these but a directory on standard input. An IMAGE of - is "
     "standard "
     "output." DOC_EXIT},
    {"mkfs.cramfs", "vEbeNinpszhV", true, "DIRECTORY IMAGE",
     "mkfs.cramfs rootfs rootfs.img          # Build an image, as util-linux does\n"
     "mkfs.cramfs -z rootfs rootfs.img       # With holes, which old readers do not know\n"
     "mkfs.cramfs -N big rootfs rootfs.img   # For a big-endian target\n\n"
     "Packs DIRECTORY into a cramfs IMAGE with the options of util-linux and its defaults, which "
     "are not all those below: byte order and page size of this machine, no holes without -z, "
     "nothing in place. mkcramfs-xip(1) tells more." DOC_EXIT},
    {"mkcramfs", "hEeinpqsvxXDzBLV", false, "DIRECTORY IMAGE",
     "mkcramfs rootfs rootfs.img             # Build an image, as cramfs-tools does\n"
     "mkcramfs -X -X rootfs rootfs.img       # Its programs run in place, with an MMU\n"
     "mkcramfs -q -D table rootfs rootfs.img # All files are root's; table has device nodes\n\n"
     "Packs DIRECTORY into a cramfs IMAGE with the options of cramfs-tools and its defaults, which "
     "are not all those below: byte order of this machine, no holes without -z, no extended block "
     "pointers without -x or -X, nothing in place without -X. mkcramfs-xip(1) tells "
     "more." DOC_EXIT},
};

/* The options that a name has, in a table of its own. */
static const struct argp_option *options_of(const struct calling_name *name)
{
    static struct argp_option chosen[sizeof(option_list) / sizeof(option_list[0])];
    size_t count = 0;
    if (!name->letters)
        return option_list;
    for (const struct argp_option *option = option_list; option->name || option->key || option->doc;
         option++) {
        if (option->key > 0 && option->key < KEY_FIRST && strchr(name->letters, option->key))
            chosen[count++] = *option;
    }
    return chosen; /* all zeroes behind them, which ends it */
}

/* The defaults of the old programs: what every reader knows, and losses are warnings. */
static void set_old_defaults(const struct calling_name *name, struct arguments *arguments)
{
    struct cramfs_plan_options *plan = &arguments->plan;
    plan->order = cramfs_host_order();
    plan->holes = false;
    plan->legacy = true;
    plan->xip = CRAMFS_XIP_NONE;
    arguments->sources.allow_default = CRAMFS_ALL_LOSSES;
    long page = sysconf(_SC_PAGESIZE);
    if (name->host_page && cramfs_page_size_valid((uint64_t)page))
        plan->page_size = (uint32_t)page;
}

static const struct calling_name *find_name(void)
{
    for (size_t i = 1; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(program_invocation_short_name, names[i].name) == 0)
            return &names[i];
    }
    return &names[0];
}

/* -X was there before kernels with an MMU could run anything in place. */
static void conclude_xip(struct arguments *arguments)
{
    struct cramfs_plan_options *plan = &arguments->plan;
    if (!arguments->xip.letters)
        return;
    plan->legacy = false;
    plan->kernel = arguments->xip.letters > 1 ? CRAMFS_KERNEL_MMU : CRAMFS_KERNEL_NOMMU;
    if (!arguments->xip.given)
        plan->xip = CRAMFS_XIP_READONLY;
    if (plan->kernel == CRAMFS_KERNEL_NOMMU && !arguments->messages.quiet)
        fprintf(
            stderr,
            "%s: note: a single -X is for kernels without an MMU; one with an MMU will map none "
            "of it, and -X -X is for that\n",
            program_invocation_short_name);
}

/* The library's own rules, before anything is read. */
static void check_plan(const struct cramfs_plan_options *plan)
{
    struct cramfs_diags diags = {0};
    int error = cramfs_plan_options_check(plan, &diags);
    print_diags(&diags, 0);
    if (error)
        exit(EXIT_USAGE);
}

static void check_sizes(const struct arguments *arguments)
{
    size_t unit = cramfs_swap_width(arguments->plan.swap);
    if (arguments->flash.pad_to_erase_block && !arguments->flash.erase_block)
        usage_error("--pad-to=erase-block wants --erase-block, too");
    if (arguments->flash.like && arguments->flash.erase_block &&
        arguments->flash.erase_block < LEAST_ERASE_BLOCK)
        usage_error("--erase-block: with --like it is at least %d bytes", LEAST_ERASE_BLOCK);
    if (arguments->flash.pad_to % unit ||
        (arguments->flash.pad_to_erase_block && arguments->flash.erase_block % unit))
        usage_error("--pad-to: with swapped bytes it must be a multiple of %zu", unit);
}

/* The most bytes that the image may have, so that it is not too large when it is padded. */
static uint64_t most_bytes(const struct arguments *arguments)
{
    uint64_t most = arguments->flash.max_size;
    if (arguments->flash.fit && arguments->flash.fit < most)
        most = arguments->flash.fit;
    if (arguments->flash.pad_to_erase_block)
        most -= most % arguments->flash.erase_block;
    return arguments->flash.pad_to && arguments->flash.pad_to < most ? arguments->flash.pad_to
                                                                     : most;
}

/* --fit chooses for the smallest of all bounds. */
static void conclude_fit(struct arguments *arguments)
{
    if (!arguments->flash.fit)
        return;
    if (arguments->xip.budget)
        usage_error("--fit finds the budget itself; leave out --xip-budget");
    arguments->plan.choose = true;
    arguments->plan.fit = arguments->plan.most_bytes ? arguments->plan.most_bytes : 1;
}

/* The last one is IMAGE. A curve is for no image: it may be left out, and is not written. */
static void conclude_operands(struct arguments *arguments)
{
    struct operands *operands = &arguments->operands;
    bool what_if = arguments->outputs.what_if;
    if (!what_if || operands->count != 1)
        check_operands(operands);
    operands->sources = operands->count > 1 ? operands->count - 1 : 1;
    operands->image = what_if ? "-" : operands->list[operands->sources].path;
}

/* What only all options together tell. */
static void conclude(struct arguments *arguments)
{
    struct cramfs_plan_options *plan = &arguments->plan;
    conclude_operands(arguments);
    arguments->sources.allow |= arguments->strict ? 0 : arguments->sources.allow_default;
    check_plan(plan);
    check_sizes(arguments);
    if (arguments->flash.erase_block)
        plan->erase_block = arguments->flash.erase_block;
    plan->most_bytes = most_bytes(arguments);
    conclude_fit(arguments);
    conclude_what_if(arguments);
    conclude_xip(arguments);
    if (plan->split && !arguments->xip.profile_path)
        usage_error("--xip-split cuts where a profile has touched pages; name one with "
                    "--xip-profile");
    if (plan->legacy && arguments->xip.given && plan->xip != CRAMFS_XIP_NONE)
        usage_error("--legacy images have nothing in place; leave out --xip");
    if (plan->legacy && (arguments->xip.rule_files_count || arguments->xip.sticky))
        usage_error("--legacy images have nothing in place; leave out %s",
                    arguments->xip.sticky ? "--xip-sticky" : "--xip-rules");
}

/* "json" or "json:FILE". */
static void parse_stats(const char *value, struct arguments *arguments)
{
    const char *colon = strchr(value, ':');
    size_t length = colon ? (size_t)(colon - value) : strlen(value);
    if (length != strlen("json") || strncmp(value, "json", length) != 0 || (colon && !colon[1]))
        usage_error("--stats: '%s' is neither json nor json:FILE", value);
    arguments->outputs.stats = true;
    arguments->outputs.stats_file = colon ? colon + 1 : NULL;
}

static bool parse_message_option(int key, const char *value, struct arguments *arguments)
{
    switch (key) {
    case KEY_STATS:
        parse_stats(value, arguments);
        return true;
    case KEY_WHAT_IF:
        parse_what_if(value, arguments);
        return true;
    case KEY_EXPLAIN:
        arguments->messages.explain = true;
        arguments->plan.choose = true;
        return true;
    case 'v':
    case KEY_QUIET: /* the last one counts */
        arguments->messages.verbose = key == 'v';
        arguments->messages.quiet = key == KEY_QUIET;
        return true;
    default:
        return false;
    }
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    if (key >= KEY_FIRST && key < KEY_END)
        arguments->given[key - KEY_FIRST] = true;
    if (key == ARGP_KEY_ARG)
        take_operand(&arguments->operands, value);
    else if (key == ARGP_KEY_END)
        conclude(arguments);
    else if (!parse_plain_option(key, value, arguments) &&
             !parse_source_option(key, value, arguments) &&
             !parse_image_option(key, value, arguments) &&
             !parse_flash_option(key, value, arguments) &&
             !parse_message_option(key, value, arguments)) {
        parse_common(key, state);
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

/* Also by a name of the system's, /dev/stdout. */
static bool is_standard_output(const char *path)
{
    struct stat image;
    struct stat out;
    if (strcmp(path, "-") == 0)
        return true;
    return stat(path, &image) == 0 && fstat(STDOUT_FILENO, &out) == 0 &&
           image.st_dev == out.st_dev && image.st_ino == out.st_ino;
}

void parse_arguments(int argc, char **argv, struct arguments *arguments)
{
    const struct calling_name *name = find_name();
    const struct argp argp = {
        .options = options_of(name),
        .parser = parse_option,
        .args_doc = name->operands,
        .doc = name->doc,
    };
    *arguments = (struct arguments){
        .flash = {.max_size = UINT64_MAX, .fill = 0xff}, /* as erased flash is */
        .sources = {.allow_default = CRAMFS_LOSS_BIT(CRAMFS_LOSS_XATTR),
                    .most_bytes = CRAMFS_DEFAULT_MOST_BYTES},
    };
    cramfs_plan_options_init(&arguments->plan);
    arguments->plan.jobs = pool_default_threads();
    if (name != &names[0])
        set_old_defaults(name, arguments);
    arguments->operands.list = calloc((size_t)argc, sizeof(*arguments->operands.list));
    if (!arguments->operands.list)
        memory_error();
    parse_command_line(&argp, argc, argv, arguments);
    arguments->out = is_standard_output(arguments->operands.image) ? stderr : stdout;
    /* Messages for a standard output that is closed are for nobody; an image there is an error. */
    if (arguments->out == stdout && (fcntl(STDOUT_FILENO, F_GETFL) & O_ACCMODE) == O_RDONLY &&
        !freopen("/dev/null", "w", stdout))
        memory_error();
}

void free_arguments(struct arguments *arguments)
{
    free(arguments->operands.list);
    for (size_t i = 0; i < arguments->sources.patterns_count; i++)
        free(arguments->sources.patterns[i]);
    free(arguments->sources.patterns);
    free(arguments->sources.device_tables);
    free(arguments->xip.rule_files);
    cramfs_excludes_free(&arguments->sources.excludes);
    free(arguments->sources.excludes.list);
    free(arguments->owners.maps[0]);
    free(arguments->owners.maps[1]);
    free(arguments->form.insert);
    cramfs_profile_free(arguments->xip.profile);
    cramfs_inputs_free(&arguments->inputs);
}
