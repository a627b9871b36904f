#include "cli/cramfs-fuse/options.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

static const struct argp_option option_list[] = {
    {NULL, 0, NULL, 0, "Which image:", 0},
    IMAGE_PLACE_OPTIONS(0),
    {NULL, 0, NULL, 0, "Mounting:", 0},
    {"debug", 'd', NULL, 0, "Print each request and its answer; implies -f", 0},
    {"foreground", 'f', NULL, 0, "Stay in the foreground until it is unmounted", 0},
    {"options", 'o', "OPTIONS", 0, "Mount options, separated by commas; repeatable", 0},
    {"single", 's', NULL, 0, "Serve one request at a time", 0},
    {NULL, 0, NULL, 0, "Help:", 0},
    {COMMON_HELP},
    {COMMON_VERSION},
    {0},
};

static void add_mount_option(struct fuse_arguments *arguments, const char *words)
{
    if (fuse_opt_add_arg(&arguments->mount, "-o") != 0 ||
        fuse_opt_add_arg(&arguments->mount, words) != 0)
        memory_error();
}

enum { KEY_ALLOW_OTHER };

/* The same as FUSE_OPT_KEY(), about which clang warns. */
#define WITHOUT_VALUE UINT_MAX

struct mount_words {
    char *offset;
    bool allow_other;
};

/* Returns 1 if libfuse gets the word, too. */
static int take_mount_word(void *context, const char *word, int key, struct fuse_args *left)
{
    struct mount_words *words = context;
    (void)word;
    (void)left;
    words->allow_other |= key == KEY_ALLOW_OTHER;
    return 1;
}

/*
 * mount(8) passes "rw" by default. If other users have access, permissions are enforced as in a
 * mount by root. A user who mounts without access for others may read all of the image, as in the
 * image file.
 */
static void take_mount_options(struct fuse_arguments *arguments)
{
    static const struct fuse_opt known[] = {
        {"offset=%s", offsetof(struct mount_words, offset), 0},
        {"allow_other", WITHOUT_VALUE, KEY_ALLOW_OTHER},
        {"ro", WITHOUT_VALUE, FUSE_OPT_KEY_DISCARD},
        {"rw", WITHOUT_VALUE, FUSE_OPT_KEY_DISCARD},
        FUSE_OPT_END,
    };
    struct mount_words words = {0};
    if (fuse_opt_parse(&arguments->mount, &words, known, take_mount_word) != 0)
        memory_error();
    if (words.offset)
        parse_open_option(KEY_OFFSET, words.offset, &arguments->open);
    free(words.offset);
    add_mount_option(arguments, words.allow_other ? "ro,default_permissions" : "ro");
    if (arguments->debug)
        add_mount_option(arguments, "debug");
}

/*
 * The name in the mount table: the path of the image, with commas escaped so that they end no
 * option.
 */
static void name_mount(struct fuse_arguments *arguments, const char *image)
{
    char *source = NULL;
    char *words = NULL;
    if (asprintf(&source, "fsname=%s", image) < 0 ||
        fuse_opt_add_opt(&words, "subtype=cramfs-fuse") != 0 ||
        fuse_opt_add_opt_escaped(&words, source) != 0 ||
        fuse_opt_insert_arg(&arguments->mount, 1, words) != 0 ||
        fuse_opt_insert_arg(&arguments->mount, 1, "-o") != 0)
        memory_error();
    free(source);
    free(words);
}

static void check(const struct fuse_arguments *arguments)
{
    need_image(&arguments->open);
    if (arguments->open.paths_count == 0)
        usage_error("there is no DIRECTORY; name the directory to mount the image on");
    if (arguments->open.paths_count > 1)
        usage_error("'%s' is one operand too many: name one IMAGE and one DIRECTORY",
                    arguments->open.paths[1]);
}

static error_t parse_option(int key, char *value, struct argp_state *state)
{
    struct fuse_arguments *arguments = state->input;
    switch (key) {
    case ARGP_KEY_END:
        check(arguments);
        return 0;
    case 'f':
        arguments->foreground = true;
        return 0;
    case 'd':
        arguments->debug = true;
        return 0;
    case 's':
        arguments->one_thread = true;
        return 0;
    case 'o':
        add_mount_option(arguments, value);
        return 0;
    default:
        if (parse_open_option(key, value, &arguments->open))
            return 0;
        parse_common(key, state);
        return ARGP_ERR_UNKNOWN;
    }
}

void parse_fuse_arguments(int argc, char **argv, struct fuse_arguments *arguments)
{
    static const struct argp argp = {
        .options = option_list,
        .parser = parse_option,
        .args_doc = "IMAGE DIRECTORY",
        .doc = "cramfs-fuse rootfs.img /mnt                      # Mount an image on /mnt\n"
               "cramfs-fuse -f rootfs.img /mnt                   # Stay in the foreground\n"
               "cramfs-fuse --offset=0x40000 flash.bin /mnt      # Mount an image inside a dump\n\n"
               "Mounts a cramfs IMAGE on DIRECTORY, read-only and without root. fusermount3 -u "
               "DIRECTORY unmounts it."
               "\vExit status: 0 mounted (with -f: and unmounted); 4 the image is too damaged to "
               "show anything; 8 cannot operate; 16 wrong usage.",
    };
    *arguments = (struct fuse_arguments){.open = open_arguments(argc)};
    if (fuse_opt_add_arg(&arguments->mount, argv[0] ? argv[0] : "") != 0)
        memory_error();
    parse_command_line(&argp, argc, argv, arguments);
    take_mount_options(arguments);
    name_mount(arguments, arguments->open.image);
}

void free_fuse_arguments(struct fuse_arguments *arguments)
{
    fuse_opt_free_args(&arguments->mount);
    free_open_arguments(&arguments->open);
}
