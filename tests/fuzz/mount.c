/*
 * An image as a mount reads it: listed names can be looked up, and bytes read in pieces equal those
 * read at once.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cramfs/survey.h"
#include "read/mount/attributes.h"
#include "read/mount/nodes.h"
#include "read/mount/pages.h"

/* Files can overlap, and claim 16 MiB each: reads of all of them would be work without bound. */
enum { MOST_FILES = 40, MOST_BYTES = 1 << 20, PIECE = 5003 };

struct expected {
    const struct cramfs_image *image;
    const struct nodes *nodes;
    struct pages *pages;
    unsigned files; /* read so far */
};

static void expect_target(const struct expected *expected, const struct cramfs_inode *inode)
{
    char *target;
    if (pages_target(expected->pages, inode, &target) != 0)
        return;
    FUZZ_EXPECT(strlen(target) < expected->image->page_size);
    FUZZ_EXPECT(strlen(target) <= attributes_size(inode));
    free(target);
}

/* Twice: the second time some pages are in the cache. */
static void expect_pieces(const struct expected *expected, const struct cramfs_inode *inode,
                          const unsigned char *whole, size_t length)
{
    static unsigned char piece[PIECE];
    for (size_t at = 0; at < 2 * length; at += PIECE) {
        uint64_t from = at % length;
        size_t got;
        int error = pages_read(expected->pages, inode, from, PIECE, piece, &got);
        FUZZ_EXPECT(!error);
        FUZZ_EXPECT(got <= PIECE && (got == PIECE || from + got == attributes_size(inode)));
        size_t known = got < length - from ? got : (size_t)(length - from);
        FUZZ_EXPECT(memcmp(piece, whole + from, known) == 0);
    }
}

static void expect_file(struct expected *expected, const struct cramfs_inode *inode)
{
    size_t size = attributes_size(inode);
    if (!size || size > MOST_BYTES || expected->files++ >= MOST_FILES)
        return;
    unsigned char *whole = malloc(size);
    size_t got;
    if (whole && pages_read(expected->pages, inode, 0, size, whole, &got) == 0) {
        FUZZ_EXPECT(got == size);
        expect_pieces(expected, inode, whole, size);
    }
    free(whole);
}

static void expect_node(struct expected *expected, uint32_t number)
{
    const struct cramfs_entry *entry = &expected->nodes->entries->list[number];
    struct stat status;
    attributes_of_entry(expected->image, expected->nodes->entries, number, &status);
    FUZZ_EXPECT(status.st_ino != 0 && (status.st_mode & S_IFMT) == (entry->inode.mode & S_IFMT));
    FUZZ_EXPECT(nodes_find(expected->nodes, entry->parent, entry->name, entry->name_bytes) ==
                number);
    FUZZ_EXPECT(entry->name_bytes && !memchr(entry->name, '/', entry->name_bytes));
    if (S_ISLNK(entry->inode.mode))
        expect_target(expected, &entry->inode);
    if (S_ISREG(entry->inode.mode))
        expect_file(expected, &entry->inode);
}

static void expect_all(struct expected *expected)
{
    uint32_t seen = 1; /* the root */
    uint32_t count = expected->nodes->entries->list_count;
    for (uint32_t directory = 0; directory < count; directory++) {
        uint32_t children = nodes_count(expected->nodes, directory);
        FUZZ_EXPECT(!children || expected->nodes->entries->list[directory].walked);
        seen += children;
        FUZZ_EXPECT(seen <= count);
        for (uint32_t i = 0; i < children; i++)
            expect_node(expected, nodes_child(expected->nodes, directory, i));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct cramfs_image image;
    if (!fuzz_open_image(bytes, size, fuzz_page_size(bytes, size), &image))
        return 0;
    struct cramfs_survey survey;
    struct nodes nodes = {0};
    struct pages *pages = pages_create(&image);
    if (pages && cramfs_survey(&image, NULL, &survey) == 0) {
        if (nodes_create(&survey.entries, &nodes) == 0) {
            struct expected expected = {&image, &nodes, pages, 0};
            expect_all(&expected);
        }
        nodes_free(&nodes);
        cramfs_survey_free(&survey);
    }
    pages_free(pages);
    cramfs_image_close(&image);
    return 0;
}
