/*
 * Damaged archives: each small archive of damage_forms.c is cut at every byte, and each byte that
 * its checks cover gets a flipped bit. Either is an error or changes nothing: never another tree.
 *
 * test_damage STEP looks at every STEP-th byte only, for builds that are slow.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cramfs/tree.h"
#include "damage.h"

static size_t slow_step = 1;
static unsigned long tried;

/* The tree as text: paths, modes, owners, targets, bytes. */
static void describe(struct cramfs_tree *tree, char **text)
{
    size_t size;
    FILE *out = open_memstream(text, &size);
    for (uint32_t i = 0; i < tree->nodes_count; i++) {
        struct cramfs_node *node = tree->nodes[i];
        char *path = cramfs_node_path(node);
        fprintf(out, "%s %o %u:%u %s\n", path, node->mode, node->uid, node->gid,
                node->target ? node->target : "");
        if (S_ISREG(node->mode) && node->size) {
            char *bytes = malloc((size_t)node->size);
            assert_int_equal(node->source->read(node->source, node, bytes, NULL), 0);
            fwrite(bytes, 1, (size_t)node->size, out);
            free(bytes);
        }
        free(path);
    }
    fclose(out);
}

/* The tree that these bytes are, as text; NULL of an error, which has been reported. */
static char *read_tree(const unsigned char *bytes, size_t length)
{
    static int file = -1;
    static char path[64];
    if (file < 0) {
        file = memfd_create("archive", MFD_CLOEXEC);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    }
    assert_int_equal(ftruncate(file, 0), 0);
    assert_int_equal(pwrite(file, bytes, length, 0), (ssize_t)length);
    struct cramfs_diags diags = {0};
    struct cramfs_tree *tree = cramfs_tree_create();
    char *text = NULL;
    int error = cramfs_tree_read_archive(tree, path, &diags);
    assert_int_equal(error != 0, diags.errors > 0);
    if (!error && cramfs_tree_finish(tree) == 0)
        describe(tree, &text);
    if (getenv("DAMAGE_SHOW"))
        for (size_t i = 0; i < diags.list_count; i++)
            printf("# %s\n", diags.list[i].text);
    cramfs_diags_free(&diags);
    cramfs_tree_free(tree);
    return text;
}

/* Complains of bytes that read as another tree than `whole`. */
static unsigned compare(const char *whole, const unsigned char *bytes, size_t length,
                        const char *form, const char *fault, size_t at)
{
    char *text = read_tree(bytes, length);
    tried++;
    bool other = text && strcmp(text, whole) != 0;
    if (other)
        printf("%s, %s at %zu: another tree, and no error\n", form, fault, at);
    free(text);
    return other;
}

static unsigned cut_everywhere(const struct form *form, const char *whole, struct bytes archive)
{
    unsigned others = 0;
    for (size_t length = 0; length < archive.length; length += form->step * slow_step)
        others += compare(whole, archive.bytes, length, form->name, "cut", length);
    return others > form->boundaries ? others : 0;
}

static bool is_payload(const struct bytes *archive, size_t at)
{
    unsigned char *first = memmem(archive->bytes, archive->length, payload, payload_length);
    unsigned char *end = archive->bytes + archive->length;
    unsigned char *last = first ? memmem(first + payload_length,
                                         (size_t)(end - first) - payload_length, payload + 7, 40)
                                : NULL;
    unsigned char *byte = archive->bytes + at;
    return (first && byte >= first && byte < first + payload_length) ||
           (last && byte >= last && byte < last + 40);
}

/* libarchive's own: the sum of a tar's header is its block's, so this is a block without payload.
 */
static bool is_header(const struct bytes *archive, size_t at)
{
    size_t block = at / 512 * 512;
    return block + 512 <= archive->length &&
           (memcmp(archive->bytes + block + 257, "ustar", 5) == 0 ||
            (archive->bytes[block] && !is_payload(archive, block) &&
             archive->bytes[block + 148] >= '0'));
}

static bool is_covered(const struct form *form, const struct bytes *archive, size_t at)
{
    switch (form->covered) {
    case COVERED_ALL:
        return true;
    case COVERED_HEADERS:
        return is_header(archive, at);
    case COVERED_BYTES:
        return is_payload(archive, at);
    default:
        return false;
    }
}

static unsigned flip_everywhere(const struct form *form, const char *whole, struct bytes archive)
{
    unsigned others = 0;
    for (size_t at = 0; at < archive.length; at += form->step * slow_step) {
        if (!is_covered(form, &archive, at))
            continue;
        for (unsigned bit = 0; bit < 8; bit += 7) {
            archive.bytes[at] ^= (unsigned char)(1 << bit);
            others += compare(whole, archive.bytes, archive.length, form->name, "flipped bit", at);
            archive.bytes[at] ^= (unsigned char)(1 << bit);
        }
    }
    return others;
}

static void no_cut_and_no_flipped_bit_makes_another_tree(void **state)
{
    (void)state;
    unsigned others = 0;
    for (size_t i = 0; i < forms_count; i++) {
        struct bytes archive = make_archive(&forms[i]);
        if (!archive.bytes) {
            printf("%s: this libarchive does not write it\n", forms[i].name);
            continue;
        }
        char *whole = read_tree(archive.bytes, archive.length);
        if (!whole) {
            printf("%s: cannot be read\n", forms[i].name);
            others++;
            free(archive.bytes);
            continue;
        }
        unsigned cut = cut_everywhere(&forms[i], whole, archive);
        unsigned flipped = flip_everywhere(&forms[i], whole, archive);
        printf("%s: %zu bytes, %u cuts and %u flips not seen\n", forms[i].name, archive.length, cut,
               flipped);
        others += cut + flipped;
        free(whole);
        free(archive.bytes);
    }
    printf("%lu cuts and flipped bits tried\n", tried);
    assert_int_equal(others, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_cut_and_no_flipped_bit_makes_another_tree),
    };
    slow_step = argc > 1 ? strtoul(argv[1], NULL, 10) : 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
