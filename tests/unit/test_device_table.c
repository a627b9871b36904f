#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cramfs/device_table.h"

static struct cramfs_tree *tree; /* of the current test */
static struct cramfs_diags diags;
static char table_path[64];

/* A source of regular files, each with bytes of its own. */
struct memory_source {
    struct cramfs_source base;
    const char *text;
    int error;
};

static int read_memory(const struct cramfs_source *base, const struct cramfs_node *node, void *to,
                       struct cramfs_diags *to_diags)
{
    const struct memory_source *source = (const struct memory_source *)base;
    if (source->error)
        return cramfs_node_fail(to_diags, CRAMFS_ERR_IO, node, "cannot read it");
    memcpy(to, source->text, (size_t)node->size);
    return 0;
}

static void free_memory(struct cramfs_source *base)
{
    free(base);
}

static struct cramfs_node *add(const char *path, uint32_t mode)
{
    struct cramfs_node *node = NULL;
    assert_int_equal(cramfs_tree_put_path(tree, path, mode, NULL, &node), 0);
    node->uid = 1;
    node->gid = 1;
    return node;
}

static struct memory_source *add_file(const char *path, const char *text)
{
    struct memory_source *source = calloc(1, sizeof(*source));
    assert_non_null(source);
    *source = (struct memory_source){{read_memory, free_memory, tree->sources}, text, 0};
    tree->sources = &source->base;
    struct cramfs_node *node = add(path, S_IFREG | 0644);
    node->source = &source->base;
    node->size = strlen(text);
    return source;
}

static void add_link(const char *path, const char *target)
{
    struct cramfs_node *node = add(path, S_IFLNK | 0777);
    node->target = strdup(target);
    assert_non_null(node->target);
    node->size = strlen(target);
}

static int set_up(void **state)
{
    (void)state;
    tree = cramfs_tree_create();
    assert_non_null(tree);
    add("/dev", S_IFDIR | 0755);
    add("/dev/null", S_IFREG | 0644);
    add("/usr/bin/busybox", S_IFREG | 0755);
    add_link("/bin", "usr/bin");
    add_link("/usr/bin/sh", "busybox");
    add("/srv/www/index", S_IFREG | 0644);
    add("/srv/www/sub/page", S_IFREG | 0600);
    add_link("/srv/www/sub/home", "../../../dev");
    add("/srv/other", S_IFREG | 0644);
    add_link("/www", "/srv/./www/");
    add_link("/high", "../../srv/../../usr");
    add_link("/loop", "loop");
    add_link("/nowhere", "not/there");
    strcpy(table_path, "/tmp/device_table.XXXXXX");
    int file = mkstemp(table_path);
    assert_true(file >= 0);
    close(file);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(table_path);
    cramfs_diags_free(&diags);
    cramfs_tree_free(tree);
    return 0;
}

static int apply_bytes(const char *bytes, size_t length)
{
    FILE *file = fopen(table_path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    cramfs_diags_free(&diags);
    return cramfs_tree_read_device_table(tree, table_path, &diags);
}

static int apply(const char *table)
{
    return apply_bytes(table, strlen(table));
}

static void expect(const char *path, uint32_t mode, uint32_t uid, uint32_t gid)
{
    const struct cramfs_node *node = cramfs_tree_lookup(tree, path);
    if (!node)
        fail_msg("%s is not there", path);
    if (node->mode != mode || node->uid != uid || node->gid != gid)
        fail_msg("%s has 0%o %u:%u, and 0%o %u:%u is right", path, node->mode, node->uid, node->gid,
                 mode, uid, gid);
}

static void expect_device(const char *path, uint32_t mode, uint32_t major, uint32_t minor)
{
    const struct cramfs_node *node = cramfs_tree_lookup(tree, path);
    if (!node)
        fail_msg("%s is not there", path);
    if (node->mode != mode || node->major != major || node->minor != minor)
        fail_msg("%s has 0%o %u:%u, and 0%o %u:%u is right", path, node->mode, node->major,
                 node->minor, mode, major, minor);
}

/* Diagnostic `i` is about that line, and has these words. */
static void expect_said(size_t i, unsigned line, const char *words)
{
    char where[128];
    snprintf(where, sizeof(where), "%s:%u", table_path, line);
    assert_true(i < diags.list_count);
    assert_string_equal(diags.list[i].path, where);
    if (!strstr(diags.list[i].text, words))
        fail_msg("'%s' is not in: %s", words, diags.list[i].text);
}

static void devices_are_made_or_take_the_place_of_what_is_there(void **state)
{
    (void)state;
    assert_int_equal(apply("/dev/console c 600 0 5 5 1 - - -\n"
                           "/dev/null\tc\t666\t0\t0\t1\t3\t0\t0\t-\n"
                           "  /dev/sda b 0660 0 6 8 0 # the card\n"
                           "/dev/initctl p 600 2 3 - - - - -\n"
                           "/bin/pipe p 1777 0 0\n"
                           "/dev/sda b 640 7 6 8 4294967295 0 0 0\n"),
                     0);
    assert_int_equal(diags.list_count, 0);
    expect("/dev/console", S_IFCHR | 0600, 0, 5);
    expect_device("/dev/console", S_IFCHR | 0600, 5, 1);
    expect_device("/dev/null", S_IFCHR | 0666, 1, 3);
    expect_device("/dev/sda", S_IFBLK | 0640, 8, 4294967295u);
    expect("/dev/sda", S_IFBLK | 0640, 7, 6);
    expect("/dev/initctl", S_IFIFO | 0600, 2, 3);
    expect("/usr/bin/pipe", S_IFIFO | 01777, 0, 0);
    assert_int_equal(cramfs_tree_lookup(tree, "/dev")->children_count, 4);
}

static void a_device_takes_the_place_of_a_link_and_not_of_its_target(void **state)
{
    (void)state;
    assert_int_equal(apply("/bin/sh c 600 0 0 1 2\n"), 0);
    expect_device("/usr/bin/sh", S_IFCHR | 0600, 1, 2);
    expect("/usr/bin/busybox", S_IFREG | 0755, 1, 1);
    assert_null(cramfs_tree_lookup(tree, "/usr/bin/sh")->target);
}

static void a_range_has_count_names_from_start_on(void **state)
{
    (void)state;
    assert_int_equal(apply("/dev/hda b 640 0 0 3 1 1 1 15\n"
                           "/dev/mtd c 640 0 0 90 0 0 2 4\n"
                           "/dev/uio c 640 0 0 252 1 6 2 5\n"
                           "/dev/same c 640 0 0 9 9 10 0 2\n"
                           "/srv/ p 600 0 0 0 0 0 0 2\n"
                           "/dev/last c 600 0 0 0 4294967294 4294967294 1 2\n"),
                     0);
    assert_int_equal(diags.list_count, 0);
    assert_null(cramfs_tree_lookup(tree, "/dev/hda"));
    assert_null(cramfs_tree_lookup(tree, "/dev/hda0"));
    expect_device("/dev/hda1", S_IFBLK | 0640, 3, 1);
    expect_device("/dev/hda15", S_IFBLK | 0640, 3, 15);
    assert_null(cramfs_tree_lookup(tree, "/dev/hda16"));
    expect_device("/dev/mtd0", S_IFCHR | 0640, 90, 0);
    expect_device("/dev/mtd3", S_IFCHR | 0640, 90, 6);
    assert_null(cramfs_tree_lookup(tree, "/dev/mtd4"));
    expect_device("/dev/uio6", S_IFCHR | 0640, 252, 1);
    expect_device("/dev/uio10", S_IFCHR | 0640, 252, 9);
    expect_device("/dev/same11", S_IFCHR | 0640, 9, 9);
    expect_device("/srv/1", S_IFIFO | 0600, 0, 0);
    expect_device("/dev/last4294967295", S_IFCHR | 0600, 0, 4294967295u);
}

static void a_range_of_one_has_its_number_and_a_note(void **state)
{
    (void)state;
    assert_int_equal(apply("/dev/ttyS c 640 0 5 4 64 0 1 1\n"), 0);
    expect_device("/dev/ttyS0", S_IFCHR | 0640, 4, 64);
    assert_int_equal(diags.errors, 0);
    assert_int_equal(diags.list[0].severity, CRAMFS_NOTE);
    expect_said(0, 1, "a count of 1 makes the node '/dev/ttyS' with the number 0 at its end");
}

static void the_largest_range_is_made(void **state)
{
    (void)state;
    assert_int_equal(apply("/dev/n c 600 0 0 1 0 0 0 65536\n"), 0);
    assert_non_null(cramfs_tree_lookup(tree, "/dev/n65535"));
    assert_int_equal(cramfs_tree_lookup(tree, "/dev")->children_count, 65537);
}

static void all_ranges_together_have_a_limit(void **state)
{
    (void)state;
    const char *two = "/dev/c c 600 0 0 1 0 0 0 65536\n/dev/b b 600 0 0 1 0 0 0 65535\n";
    char table[256];
    snprintf(table, sizeof(table), "%s/dev/x p 600 0 0 0 0 0 0 1\n/dev/y c 600 0 0 1 1\n", two);
    assert_int_equal(apply(table), 0);
    snprintf(table, sizeof(table), "%s/dev/x p 600 0 0 0 0 0 0 2\n/dev/y c 600 0 0 1 1\n", two);
    assert_int_equal(apply(table), -CRAMFS_ERR_FORMAT);
    assert_int_equal(diags.errors, 1);
    assert_non_null(strstr(diags.list[0].text,
                           "with the 2 nodes of '/dev/x' the ranges of this table "
                           "have more than 131072 nodes"));
}

static void files_get_mode_and_owner_also_through_links(void **state)
{
    (void)state;
    assert_int_equal(apply("/bin/sh f 4755 10 20 - - - - -\n"
                           "/high/../srv/other f 600 0 0\n"),
                     -CRAMFS_ERR_FORMAT); /* ".." is for targets of links alone */
    expect("/usr/bin/busybox", S_IFREG | 04755, 10, 20);
    expect("/usr/bin/sh", S_IFLNK | 0777, 1, 1);
    assert_int_equal(apply("/high/bin/busybox F 6711 3 4\n/www/index f 400 5 6\n"), 0);
    expect("/usr/bin/busybox", S_IFREG | 06711, 3, 4);
    expect("/srv/www/index", S_IFREG | 0400, 5, 6);
}

static void minus_one_keeps_what_is_there(void **state)
{
    (void)state;
    assert_int_equal(apply("/usr/bin/busybox f -1 7 -1\n/dev d -1 -1 8\n/srv/other f 600 -1 -1\n"
                           "/bin l -1 3 -1\n"),
                     0);
    expect("/usr/bin/busybox", S_IFREG | 0755, 7, 1);
    expect("/dev", S_IFDIR | 0755, 1, 8);
    expect("/srv/other", S_IFREG | 0600, 1, 1);
    expect("/bin", S_IFLNK | 0777, 3, 1);
}

static void an_optional_file_that_is_no_file_is_passed_over(void **state)
{
    (void)state;
    assert_int_equal(apply("/usr/bin/none F 4755 0 0\n/none/none F 4755 0 0\n/dev F 700 9 9\n"
                           "/nowhere F 700 9 9\n/loop F 700 9 9\n/dev/null/x F 700 9 9\n"),
                     0);
    assert_int_equal(diags.list_count, 0);
    assert_null(cramfs_tree_lookup(tree, "/usr/bin/none"));
    assert_null(cramfs_tree_lookup(tree, "/none"));
    expect("/dev", S_IFDIR | 0755, 1, 1);
}

static void directories_are_made_with_those_on_the_way(void **state)
{
    (void)state;
    assert_int_equal(apply("/var/lib/data d 1770 5 6 - - - - -\n"
                           "/dev d 711 0 9\n"
                           "/www/new/ d 700 3 3\n"
                           "/high d 500 4 4\n"
                           "/ d 555 8 8\n"),
                     0);
    expect("/var", S_IFDIR | 0755, 0, 0);
    expect("/var/lib", S_IFDIR | 0755, 0, 0);
    expect("/var/lib/data", S_IFDIR | 01770, 5, 6);
    expect("/dev", S_IFDIR | 0711, 0, 9);
    expect("/dev/null", S_IFREG | 0644, 1, 1);
    expect("/srv/www/new", S_IFDIR | 0700, 3, 3);
    expect("/usr", S_IFDIR | 0500, 4, 4);
    expect("/high", S_IFLNK | 0777, 1, 1);
    expect("/", S_IFDIR | 0555, 8, 8);
}

static void a_subtree_gets_one_mode_and_owner_and_links_only_the_owner(void **state)
{
    (void)state;
    assert_int_equal(apply("/srv/www r 750 33 34 - - - - -\n"), 0);
    expect("/srv/www", S_IFDIR | 0750, 33, 34);
    expect("/srv/www/index", S_IFREG | 0750, 33, 34);
    expect("/srv/www/sub", S_IFDIR | 0750, 33, 34);
    expect("/srv/www/sub/page", S_IFREG | 0750, 33, 34);
    expect("/srv/www/sub/home", S_IFLNK | 0777, 33, 34);
    expect("/srv/other", S_IFREG | 0644, 1, 1);
    expect("/dev", S_IFDIR | 0755, 1, 1);
    assert_int_equal(apply("/srv/www r -1 40 41\n/www r 700 50 51\n"), 0);
    expect("/srv/www/sub/page", S_IFREG | 0750, 40, 41);
    expect("/www", S_IFLNK | 0777, 50, 51);
    expect("/srv/www", S_IFDIR | 0750, 40, 41);
}

static void a_subtree_of_any_depth_is_walked(void **state)
{
    (void)state;
    struct cramfs_node *node = add("/deep", S_IFDIR | 0755);
    for (int i = 0; i < 200000; i++)
        node = cramfs_tree_put(tree, node, "d", S_IFDIR | 0755);
    assert_int_equal(apply("/ r 700 6 6\n"), 0);
    assert_int_equal(node->uid, 6);
    assert_int_equal(node->mode, S_IFDIR | 0700);
}

static void names_are_those_of_the_tree(void **state)
{
    (void)state;
    add_file("/usr/share/passwd", "root:x:0:0:root:/root:/bin/sh\n"
                                  "broken\nbroken:x\nlate:x:many:1::/:\nhuge:x:4294967296:1::/:\n"
                                  ":x:5:5::/:\nwww-data:x:33:33:www:/srv:/bin/false\n"
                                  "late:x:44:1::/:\nlate:x:45:1::/:\nend:x:4294967295");
    add_link("/etc/passwd", "../usr/share/passwd");
    add_file("/etc/group", "root:x:0:\r\ntty:x:5:root\r\nwww-data:x:35:\r\n1000:x:6:\r\n");
    assert_int_equal(apply("/dev/tty c 666 root tty 5 0 - - -\n"
                           "/srv/www r -1 www-data www-data - - - - -\n"
                           "/srv/other f -1 late 1000\n"
                           "/usr/bin/busybox f -1 end -1\n"),
                     0);
    expect("/dev/tty", S_IFCHR | 0666, 0, 5);
    expect("/srv/www/index", S_IFREG | 0644, 33, 35);
    expect("/srv/other", S_IFREG | 0644, 44, 1000);
    expect("/usr/bin/busybox", S_IFREG | 0755, 4294967295u, 1);
}

static void names_that_the_tree_does_not_have_are_refused(void **state)
{
    (void)state;
    assert_int_equal(apply("/srv f -1 root 0\n"), -CRAMFS_ERR_FORMAT);
    expect_said(0, 1, "'root': /etc/passwd is not in the tree");
    add_file("/etc/passwd", "root:x:0:0\nhuge:x:4294967296:1\n");
    add_file("/etc/group", "");
    assert_int_equal(apply("/srv/other f -1 roo 0\n/srv/other f -1 rooty staff\n"
                           "/srv/other f -1 huge 0\n/srv/other f -1 root 0\n"),
                     -CRAMFS_ERR_FORMAT);
    assert_int_equal(diags.errors, 4);
    expect_said(0, 1, "'roo': /etc/passwd in the tree does not have this name; add it, or write");
    expect_said(1, 2, "'rooty': /etc/passwd in the tree does not have this name");
    expect_said(2, 2, "'staff': /etc/group in the tree does not have this name");
    expect_said(3, 3, "'huge'");
    expect("/srv/other", S_IFREG | 0644, 0, 0);
}

static void a_passwd_that_cannot_be_read_is_told_once(void **state)
{
    (void)state;
    add_file("/etc/passwd", "root:x:0:0\n")->error = 1;
    assert_int_equal(apply("/srv/other f -1 root 0\n"), -CRAMFS_ERR_IO);
    assert_int_equal(diags.errors, 1);
    assert_string_equal(diags.list[0].path, "/etc/passwd");
    assert_int_equal(apply("/srv/other f -1 root 0\n/srv/other f -1 root 0\n"), -CRAMFS_ERR_FORMAT);
    assert_int_equal(diags.errors, 2);
}

static void lines_end_in_lf_or_crlf_and_the_last_in_nothing(void **state)
{
    (void)state;
    assert_int_equal(apply("# a table\r\n\r\n   \t\r\n/dev d 700 0 0\r\n\n  # more\n"
                           "/srv/other f 600 0 0 # - -\r\n/usr/bin/busybox f 4755 0 2"),
                     0);
    expect("/dev", S_IFDIR | 0700, 0, 0);
    expect("/srv/other", S_IFREG | 0600, 0, 0);
    expect("/usr/bin/busybox", S_IFREG | 04755, 0, 2);
    assert_int_equal(apply(""), 0);
    assert_int_equal(diags.list_count, 0);
}

static void attributes_are_counted_once_a_file(void **state)
{
    (void)state;
    assert_int_equal(apply("/srv/other f 755 0 0 - - - - -\n"
                           "|xattr cap_sys_admin+eip\n"
                           " |xattr cap_net_admin+eip\n"
                           "/usr/bin/busybox f 755 0 0 - - - - -\n"
                           "# with one\n"
                           "|xattr\tcap_net_raw+ep\r\n"),
                     0);
    assert_int_equal(tree->losses.capabilities, 2);
    assert_int_equal(apply("|xattr cap_net_raw+ep\n"), -CRAMFS_ERR_FORMAT);
    expect_said(0, 1, "applies to the file of the line before it");
    assert_int_equal(apply("/dev d 755 0 0\n|xattr\n|acl x\n|xattr  \n"), -CRAMFS_ERR_FORMAT);
    assert_int_equal(diags.errors, 3);
    expect_said(2, 4, "must be '|xattr' and an attribute");
}

/* A line that is refused, and a part of the message. */
struct refusal {
    const char *line;
    const char *said;
};

static void each_line_that_cannot_be_applied_is_refused(void **state)
{
    (void)state;
    static const struct refusal cases[] = {
        {"/dev", "the line has only 1 fields"},
        {"/dev/x c 600 0 # 0 5 1", "only 4 fields; it needs name, type, mode, uid and gid"},
        {"/a name f 600 0 0 - - - - - -", "more than 10 fields; a name cannot contain blanks"},
        {"dev/x c 600 0 0 5 1", "the name 'dev/x' is not an absolute path; begin it with '/'"},
        {"/dev/../x c 600 0 0 5 1", "the name '/dev/../x' contains '..'"},
        {"/.. d 755 0 0", "contains '..'"},
        {"/dev/x/.. d 755 0 0", "contains '..'"},
        {"/dev/x s 600 0 0", "the type 's' is not f, F, d, r, l, c, b or p"},
        {"/dev/x char 600 0 0 5 1", "the type 'char' is not f"},
        {"/my file f 600 0 0", "the type 'file' is not f"},
        {"/dev d 789 0 0", "the mode '789' is neither an octal number from 0 to 7777 nor -1"},
        {"/dev d 10000 0 0", "the mode '10000' is neither an octal"},
        {"/dev d - 0 0", "the mode '-' is neither an octal"},
        {"/dev d u+x 0 0", "the mode 'u+x' is neither an octal"},
        {"/dev d -2 0 0", "the mode '-2' is neither an octal"},
        {"/dev d 0x1ff 0 0", "the mode '0x1ff' is neither an octal"},
        {"/dev/x c -1 0 0 5 1", "the mode of a new node cannot be -1"},
        {"/dev/x c 600 -1 0 5 1", "the uid of a new node cannot be -1"},
        {"/dev/x p 600 0 -1", "the gid of a new node cannot be -1"},
        {"/dev d 755 - 0", "the uid is missing"},
        {"/dev d 755 0 -", "the gid is missing"},
        {"/dev d 755 4294967296 0", "the uid 4294967296 is over the limit of 4294967295"},
        {"/dev d 755 0 99999999999999999999",
         "the gid 99999999999999999999 is over the limit of 4294967295"},
        {"/dev/x c 600 0 0 5", "type c needs a major and a minor number"},
        {"/dev/x b 600 0 0 - - - - -", "type b needs a major and a minor number"},
        {"/dev/x c 600 0 0 5 4294967296",
         "minor '4294967296' is neither a decimal number from 0 to"},
        {"/dev/x c 600 0 0 0x5 1", "major '0x5' is neither a decimal number"},
        {"/dev/x c 600 0 0 5 -1", "minor '-1' is neither a decimal number"},
        {"/dev/x c 600 0 0 5 1 0 1 two", "count 'two' is neither a decimal number"},
        {"/dev d 755 0 0 5 1", "5:1 are device numbers, and type d is not a device"},
        {"/dev d 755 0 0 0 0 0 1 4", "a count of 4 makes a range, and type d has no ranges"},
        {"/dev/x c 600 0 0 5 1 - - 4",
         "ignores the fields after a '-', and this line has a count of 4"},
        {"/dev/x p 600 0 0 - - 0 1 4", "ignores the fields after a '-'"},
        {"/dev/x c 600 0 0 5 1 0 1 65537", "the count of 65537 is over the limit of 65536"},
        {"/dev/x c 600 0 0 5 1 4294967295 1 2",
         "2 names from number 4294967295 on end over the limit of 4294967295"},
        {"/dev/x c 600 0 0 5 4294967295 0 1 2",
         "2 minor numbers from 4294967295 on, in steps of 1"},
        {"/dev/x c 600 0 0 5 0 0 4294967295 3",
         "3 minor numbers from 0 on, in steps of 4294967295"},
        {"/none f 600 0 0", "'/none' is not a regular file, and a device table cannot make one"},
        {"/dev f 600 0 0", "'/dev' is not a regular file"},
        {"/nowhere f 600 0 0", "'/nowhere' is not a regular file"},
        {"/loop/x f 600 0 0", "'/loop/x' is not a regular file"},
        {"/none r 600 0 0", "'/none' does not exist"},
        {"/dev/null d 755 0 0", "'/dev/null' is in the sources, and is not a directory"},
        {"/nowhere d 755 0 0",
         "'/nowhere' is in the sources, and is not a directory or a link to a directory"},
        {"/dev/null/x d 755 0 0", "the directory 'null' in this path does not exist"},
        {"/loop/x d 755 0 0", "the directory 'loop' in this path does not exist"},
        {"/new d -1 0 0", "'/new' does not exist yet, so -1 has nothing to keep"},
        {"/new d 755 0 -1", "'/new' does not exist yet"},
        {"/none/x c 600 0 0 5 1", "'/none/x': the directory 'none' in this path does not exist"},
        {"/dev c 600 0 0 5 1", "'/dev' is a directory"},
        {"/ p 600 0 0", "'/' is a directory"},
        {"/dev/null l 777 0 0", "'/dev/null' is not a symbolic link"},
        {"/none l 777 0 0", "'/none' is not a symbolic link"},
        {"/bin l 755 0 0", "the mode 755 is not a symbolic link's, which is always 777"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(apply(cases[i].line), -CRAMFS_ERR_FORMAT);
        assert_int_equal(diags.list_count, 1);
        expect_said(0, 1, cases[i].said);
    }
    assert_null(cramfs_tree_lookup(tree, "/dev/x"));
    assert_null(cramfs_tree_lookup(tree, "/new"));
    expect("/dev", S_IFDIR | 0755, 1, 1);
}

static void a_range_stops_at_a_directory(void **state)
{
    (void)state;
    add("/dev/x2/kept", S_IFREG | 0644);
    assert_int_equal(apply("/dev/x c 600 0 0 5 0 0 1 4\n"), -CRAMFS_ERR_FORMAT);
    expect_said(0, 1, "'/dev/x2' is a directory");
    assert_non_null(cramfs_tree_lookup(tree, "/dev/x2/kept"));
}

static void all_bad_lines_are_told_and_good_ones_applied(void **state)
{
    (void)state;
    assert_int_equal(apply("# one\n/dev/a x 600 0 0\n/dev/b c 600 0 0 1 2\n\n/none f 600 0 0\n"
                           "/dev d 888 0 0\n"),
                     -CRAMFS_ERR_FORMAT);
    assert_int_equal(diags.errors, 3);
    expect_said(0, 2, "the type 'x'");
    expect_said(1, 5, "'/none'");
    expect_said(2, 6, "'888'");
    expect_device("/dev/b", S_IFCHR | 0600, 1, 2);
    /* Without a list, only the error code is returned. */
    assert_int_equal(cramfs_tree_read_device_table(tree, table_path, NULL), -CRAMFS_ERR_FORMAT);
}

static void long_lines_and_nul_bytes_are_refused(void **state)
{
    (void)state;
    static char table[CRAMFS_DEVICE_LINE_SIZE + 64];
    memset(table, ' ', sizeof(table));
    memcpy(table, "/dev d 700 0 0", 14);
    assert_int_equal(apply_bytes(table, CRAMFS_DEVICE_LINE_SIZE), 0);
    assert_int_equal(apply_bytes(table, CRAMFS_DEVICE_LINE_SIZE + 1), -CRAMFS_ERR_FORMAT);
    expect_said(0, 1, "the line has 8192 bytes, over the limit of 8191 bytes");
    static const char nul[] = "\n/dev d 711 0 0\0\n/srv d 711 0 0\n";
    assert_int_equal(apply_bytes(nul, sizeof(nul) - 1), -CRAMFS_ERR_FORMAT);
    assert_int_equal(diags.errors, 1);
    expect_said(0, 2, "a NUL byte");
    expect("/srv", S_IFDIR | 0711, 0, 0);
}

static void a_field_is_shown_as_one_printable_line(void **state)
{
    (void)state;
    char table[2048] = "\x1b[31m/x f 6 0 0\n/";
    memset(table + strlen(table), 'n', 1000);
    strcat(table, "/../x f 6 0 0\n");
    assert_int_equal(apply(table), -CRAMFS_ERR_FORMAT);
    expect_said(0, 1, "'\\033[31m/x'");
    expect_said(1, 2, "nnn...'");
    assert_true(strlen(diags.list[1].text) < 400);
}

static void what_is_no_table_is_refused(void **state)
{
    (void)state;
    assert_int_equal(cramfs_tree_read_device_table(tree, "/tmp/no/table", &diags), -CRAMFS_ERR_IO);
    assert_string_equal(diags.list[0].path, "/tmp/no/table");
    assert_non_null(strstr(diags.list[0].text, "No such file"));
    assert_int_equal(cramfs_tree_read_device_table(tree, "/", &diags), -CRAMFS_ERR_IO);
    assert_non_null(strstr(diags.list[1].text, "Is a directory"));
    assert_int_equal(cramfs_tree_read_device_table(tree, "/dev/zero", &diags), -CRAMFS_ERR_FORMAT);
    assert_non_null(
        strstr(diags.list[2].text, "has more than 16777216 bytes, too many for a device table"));
}

static void new_nodes_are_in_the_finished_tree(void **state)
{
    (void)state;
    assert_int_equal(cramfs_tree_finish(tree), 0);
    uint32_t before = tree->nodes_count;
    assert_int_equal(apply("/dev/a c 600 0 0 1 1\n/zz/y d 755 0 0\n"), 0);
    assert_int_equal(cramfs_tree_finish(tree), 0);
    assert_int_equal(tree->nodes_count, before + 3);
    assert_string_equal(tree->nodes[tree->nodes_count - 1]->name, "y");
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(devices_are_made_or_take_the_place_of_what_is_there),
        CASE(a_device_takes_the_place_of_a_link_and_not_of_its_target),
        CASE(a_range_has_count_names_from_start_on),
        CASE(a_range_of_one_has_its_number_and_a_note),
        CASE(the_largest_range_is_made),
        CASE(all_ranges_together_have_a_limit),
        CASE(files_get_mode_and_owner_also_through_links),
        CASE(minus_one_keeps_what_is_there),
        CASE(an_optional_file_that_is_no_file_is_passed_over),
        CASE(directories_are_made_with_those_on_the_way),
        CASE(a_subtree_gets_one_mode_and_owner_and_links_only_the_owner),
        CASE(a_subtree_of_any_depth_is_walked),
        CASE(names_are_those_of_the_tree),
        CASE(names_that_the_tree_does_not_have_are_refused),
        CASE(a_passwd_that_cannot_be_read_is_told_once),
        CASE(lines_end_in_lf_or_crlf_and_the_last_in_nothing),
        CASE(attributes_are_counted_once_a_file),
        CASE(each_line_that_cannot_be_applied_is_refused),
        CASE(a_range_stops_at_a_directory),
        CASE(all_bad_lines_are_told_and_good_ones_applied),
        CASE(long_lines_and_nul_bytes_are_refused),
        CASE(a_field_is_shown_as_one_printable_line),
        CASE(what_is_no_table_is_refused),
        CASE(new_nodes_are_in_the_finished_tree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
