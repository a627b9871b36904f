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
    {NULL, 0, NULL, 0, "Sources:", 0},
    {"exclude", KEY_EXCLUDE, "GLOB", 0, "Leave out files and directories that match GLOB", 0},
    {"exclude-from", KEY_EXCLUDE_FROM, "FILE", 0, "Leave out files that match a line of FILE", 0},
    {"one-file-system", KEY_ONE_FILE_SYSTEM, NULL, 0, "Do not enter other mounted file systems", 0},
    {"subtree", KEY_SUBTREE, "PATH", 0, "Take only the directory PATH of the next SOURCE", 0},
    {"strip-components", KEY_STRIP_COMPONENTS, "N", 0,
     "Drop N leading names of paths in the next SOURCE", 0},
    {"into", KEY_INTO, "PATH", 0, "Put the next SOURCE into directory PATH", 0},
    {"offset", KEY_SOURCE_OFFSET, "BYTES", 0, "The next SOURCE is an image that begins at BYTES",
     0},
    {"whiteouts", KEY_WHITEOUTS, NULL, 0, "Apply deletions in layers (containers, overlayfs)", 0},
    {"mtree-root", KEY_MTREE_ROOT, "DIR", 0, "Directory of the files that mtree manifests name", 0},
    {"max-unpacked", KEY_MAX_UNPACKED, "SIZE", 0,
     "Fail if sources unpack to over SIZE; default 16G", 0},
    {"allow", KEY_ALLOW, "LIST", 0,
     "Accept losses, with a warning: uid, gid, size, name, device, directory, target, unreadable, "
     "changed, xattr, all (of these); for a whole source: unended, empty, replace, damaged",
     0},
    {"errors", 'E', NULL, 0, "Treat warnings as errors", 0},
    {"strict", KEY_STRICT, NULL, 0, "The same as --errors", 0},
    {NULL, 0, NULL, 0, "Owners and device nodes:", 0},
    {"all-root", 'q', NULL, 0, "Give all files to root; -q is not --quiet", 0},
    {"owner", KEY_OWNER, "UID:GID", 0, "Give all files to UID and GID", 0},
    {"map-uid", KEY_MAP_UID, "FROM:TO", 0, "Replace uid FROM with uid TO", 0},
    {"map-gid", KEY_MAP_GID, "FROM:TO", 0, "Replace gid FROM with gid TO", 0},
    {"uid-offset", KEY_UID_OFFSET, "NUMBER", 0, "Add NUMBER to each uid that no --map-uid changes",
     0},
    {"gid-offset", KEY_GID_OFFSET, "NUMBER", 0, "Add NUMBER to each gid that no --map-gid changes",
     0},
    {"device-table", 'D', "FILE", 0, "Make nodes, set owners and modes (makedevs format)", 0},
    {NULL, 0, NULL, 0, "Running in place:", 0},
    {"xip", KEY_XIP, "WHAT", 0,
     "Which segments of programs: readonly or auto (the default), text, all or none", 0},
    {"xip-rules", KEY_XIP_RULES, "FILE", 0, "Decide by the rules in FILE, cramfs-xip-rules(5)", 0},
    {"xip-sticky", KEY_XIP_STICKY, NULL, 0, "Put whole files with the sticky bit in place", 0},
    {"xip-profile", KEY_XIP_PROFILE, "FILE", 0,
     "Read touched pages (CSV); others are worth nothing", 0},
    {"stale-profile", KEY_STALE_PROFILE, "WHAT", 0,
     "If a profiled file changed: error (default), warn", 0},
    {"xip-split", KEY_XIP_SPLIT, "CUTS", OPTION_ARG_OPTIONAL,
     "Cut ELF segments by profile, each at most CUTS times: a number (default 4) or max", 0},
    {"kernel", KEY_KERNEL, "KERNEL", 0, "Target kernel: mmu (default), nommu or fdpic", 0},
    {NULL, 0, NULL, 0, "Fit and plan:", 0},
    {"fit", KEY_FIT, "SIZE", 0, "Put as much in place as an image of SIZE can hold", 0},
    {"xip-budget", KEY_XIP_BUDGET, "SIZE", 0, "Spend at most SIZE of flash on running in place", 0},
    {"max-size", KEY_MAX_SIZE, "SIZE", 0, "Fail, with advice, if the image is over SIZE", 0},
    {"what-if", KEY_WHAT_IF, "FORM", OPTION_ARG_OPTIONAL,
     "Write no image; print the RAM that each amount of flash saves: text (default), json, csv or "
     "svg",
     0},
    {"pad-to", KEY_PAD_TO, "SIZE", 0, "Fill to SIZE; =erase-block: to whole erase blocks", 0},
    {"fill", KEY_FILL, "BYTE", 0, "Fill with 0xff (default) or 0x00", 0},
    {"erase-block", KEY_ERASE_BLOCK, "SIZE", 0, "Size of an erase block; default with --like: 64K",
     0},
    {NULL, 0, NULL, 0, "Updates:", 0},
    {"like", KEY_LIKE, "OLD", 0, "Lay out like image OLD: few erase blocks differ", 0},
    {"slack", KEY_SLACK, "PERCENT", 0, "Let --like make the image larger; default 5 %", 0},
    {NULL, 0, NULL, 0, "The image:", 0},
    {"block-size", 'b', "SIZE", 0, "Page size of the kernel: 4K (default) to 64K", 0},
    {"endian", 'N', "ORDER", 0, "Byte order: little (default), big or host", 0},
    {"name", 'n', "NAME", 0, "Volume name, at most 16 bytes", 0},
    {"edition", 'e', "NUMBER", 0, "Edition number; default 0", 0},
    {"level", KEY_LEVEL, "LEVEL", 0, "Compression, 1 (fast) to 12 (small); default 6", 0},
    {"compressor", KEY_COMPRESSOR, "NAME", 0, "libdeflate (default if built in), zlib, or zopfli: slow, smallest", 0},
    {"jobs", 'j', "JOBS", 0, "Threads; default: one for each processor", 0},
    {"legacy", KEY_LEGACY, NULL, 0, "Write for kernels before 4.15: nothing in place", 0},
    {"no-holes", KEY_NO_HOLES, NULL, 0, "Store blocks of zeroes", 0},
    {"pad", 'p', NULL, 0, "Leave the first 512 bytes for boot code", 0},
    {"boot-code", KEY_BOOT_CODE, "FILE", 0, "Put FILE into these 512 bytes", 0},
    {"insert", 'i', "FILE", 0, "Put FILE after the superblock", 0},
    {"swap16", KEY_SWAP16, NULL, 0, "Reverse the bytes of each 16 bits of the file", 0},
    {"swap32", KEY_SWAP32, NULL, 0, "Reverse the bytes of each 32 bits of the file", 0},
    {"force", KEY_FORCE, NULL, 0, "Replace an archive, or a file that options read", 0},
    {NULL, 0, NULL, 0, "Messages:", 0},
    {"verbose", 'v', NULL, 0, "Print how much of each file is in place, and why", 0},
    {"explain", KEY_EXPLAIN, NULL, 0, "Print for each file the decision, cost and saving", 0},
    {"quiet", KEY_QUIET, NULL, 0, "Print no summary, no notes, no allowed losses", 0},
    {"stats", KEY_STATS, "json[:FILE]", 0, "Write numbers as JSON; default: to standard error", 0},
    {"extents", KEY_EXTENTS, "FILE", 0, "Write the planned extents to FILE", 0},
    {"depfile", KEY_DEPFILE, "FILE", 0, "Write a make rule: the files IMAGE depends on", 0},
    {COMMON_HELP},
    {COMMON_VERSION},
    {NULL, 0, NULL, 0, "Compatibility with older tools:", 0},
    {NULL, 'B', NULL, 0, "The same as --endian=big", 0},
    {NULL, 'L', NULL, 0, "The same as --endian=little", 0},
    {NULL, 's', NULL, 0, "Ignored: directories are always sorted", 0},
    {NULL, 'x', NULL, 0, "Use extended block pointers; undoes --legacy", 0},
    {NULL, 'z', NULL, 0, "Leave out blocks of zeroes; undoes --no-holes", 0},
    {NULL, 'X', NULL, 0, "Once: --kernel=nommu; twice: --kernel=mmu", 0},
    {0},
};

#define DOC_EXIT "\vExit status: 0 done; 8 failed, IMAGE is as before; 16 wrong usage."

/* A name by which the program can be called, and its options. */
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
     "Packs each SOURCE, laid over those before it, into one cramfs IMAGE whose programs run in "
     "place. A SOURCE is a directory, an archive (tar, cpio, zip and others, also compressed), a "
     "cramfs image or an mtree manifest; - is standard input, or for IMAGE standard "
     "output." DOC_EXIT},
    {"mkfs.cramfs", "vEbeNinpszhV", true, "DIRECTORY IMAGE",
     "mkfs.cramfs rootfs rootfs.img          # Build an image, as util-linux does\n"
     "mkfs.cramfs -z rootfs rootfs.img       # Leave out blocks of zeroes\n"
     "mkfs.cramfs -N big rootfs rootfs.img   # For a big-endian target\n\n"
     "Packs DIRECTORY into a cramfs IMAGE, with the options and defaults of util-linux. These "
     "defaults differ from those below: byte order and page size of this machine, no holes without "
     "-z, nothing in place. See mkcramfs-xip(1)." DOC_EXIT},
    {"mkcramfs", "hEeinpqsvxXDzBLV", false, "DIRECTORY IMAGE",
     "mkcramfs rootfs rootfs.img             # Build an image, as cramfs-tools does\n"
     "mkcramfs -X -X rootfs rootfs.img       # Its programs run in place, with an MMU\n"
     "mkcramfs -q -D table rootfs rootfs.img # All is root's; nodes from a table\n\n"
     "Packs DIRECTORY into a cramfs IMAGE, with the options and defaults of cramfs-tools. These "
     "defaults differ from those below: byte order of this machine, no holes without -z, no "
     "extended block pointers without -x or -X, nothing in place without -X. See "
     "mkcramfs-xip(1)." DOC_EXIT},
};

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
    return chosen; /* all zeroes after them, which ends the table */
}

/*
 * The defaults of the old programs: only features that every reader knows, and losses are warnings.
 */
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

/* -X is older than running in place with an MMU. */
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
        fprintf(stderr,
                "%s: note: a single -X is for kernels without an MMU; a kernel with an MMU maps "
                "few or none of these pages; use -X -X for it\n",
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
        usage_error("--pad-to=erase-block needs --erase-block=SIZE");
    if (arguments->flash.like && arguments->flash.erase_block &&
        arguments->flash.erase_block < LEAST_ERASE_BLOCK)
        usage_error("--erase-block: with --like it must be at least %d bytes", LEAST_ERASE_BLOCK);
    if (arguments->flash.pad_to % unit ||
        (arguments->flash.pad_to_erase_block && arguments->flash.erase_block % unit))
        usage_error("--pad-to: with swapped bytes it must be a multiple of %zu bytes", unit);
}

/* The most bytes that the image may have before padding. */
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
        usage_error("--fit computes the budget; leave out --xip-budget");
    arguments->plan.choose = true;
    arguments->plan.fit = arguments->plan.most_bytes ? arguments->plan.most_bytes : 1;
}

/* The last one is IMAGE. A curve makes no image: IMAGE may be left out, and is not written. */
static void conclude_operands(struct arguments *arguments)
{
    struct operands *operands = &arguments->operands;
    bool what_if = arguments->outputs.what_if;
    if (!what_if || operands->count != 1)
        check_operands(operands);
    operands->sources = operands->count > 1 ? operands->count - 1 : 1;
    operands->image = what_if ? "-" : operands->list[operands->sources].path;
}

/* Checks that need all options. */
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
        usage_error("--xip-split cuts where a profile has touched pages; name a profile with "
                    "--xip-profile=FILE");
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

/* Also by a name such as /dev/stdout. */
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
    /* If standard output is closed, messages for it are dropped; an image there is an error. */
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
