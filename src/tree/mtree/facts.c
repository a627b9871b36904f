#include "tree/mtree/facts.h"

#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/text/number.h"
#include "tree/losses.h"
#include "tree/mtree/escape.h"
#include "tree/mtree/mode.h"

/* The context of a line's diagnostics. */
struct mtree_facts_context {
    const char *where;
    struct cramfs_diags *diags;
};

#define FAIL(context, ...)                                                                         \
    cramfs_fail((context)->diags, CRAMFS_ERR_FORMAT, (context)->where, __VA_ARGS__)

const char *mtree_shown(const char *name, char *to)
{
    return cramfs_escape(name, strlen(name), to, MTREE_SHOWN_SIZE);
}

static int fail_value(const struct mtree_facts_context *context, const char *keyword,
                      const char *value, const char *wanted)
{
    char shown[MTREE_SHOWN_SIZE];
    return FAIL(context, "%s=%s: %s", keyword, mtree_shown(value, shown), wanted);
}

struct keyword;
typedef int take_value(const struct mtree_facts_context *context, const struct keyword *keyword,
                       char *value, void *member);

/* The known keywords; libarchive's mtree(5) says what each means. */
struct keyword {
    const char *name;
    take_value *take; /* NULL for a keyword without a value */
    unsigned bit;     /* 0 for one that the format, or a copy, does not need */
    size_t member;    /* offset in struct mtree_facts */
    size_t size;      /* bytes of that member */
    unsigned base;    /* of a number */
    uint64_t most;    /* the greatest value of a number */
};

static int take_type(const struct mtree_facts_context *context, const struct keyword *keyword,
                     char *value, void *member)
{
    static const struct {
        const char *name;
        uint32_t type;
    } types[] = {
        {"file", S_IFREG},  {"dir", S_IFDIR},  {"link", S_IFLNK},    {"char", S_IFCHR},
        {"block", S_IFBLK}, {"fifo", S_IFIFO}, {"socket", S_IFSOCK},
    };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(value, types[i].name) == 0) {
            *(uint32_t *)member = types[i].type;
            return 0;
        }
    }
    return fail_value(context, keyword->name, value,
                      "the type must be file, dir, link, char, block, fifo or socket");
}

static int take_number(const struct mtree_facts_context *context, const struct keyword *keyword,
                       char *value, void *member)
{
    if (number_read(value, strlen(value), keyword->base, keyword->most, member))
        return 0;
    return fail_value(context, keyword->name, value,
                      "it must be a decimal number within the limit of the keyword");
}

static int take_mode(const struct mtree_facts_context *context, const struct keyword *keyword,
                     char *value, void *member)
{
    if (mtree_read_mode(value, member))
        return 0;
    return fail_value(context, keyword->name, value,
                      "it must be an octal number up to 7777, or symbolic as u=rwx,go=rx");
}

static int take_string(const struct mtree_facts_context *context, const struct keyword *keyword,
                       char *value, void *member)
{
    (void)context;
    (void)keyword;
    *(const char **)member = value;
    return 0;
}

static int take_path(const struct mtree_facts_context *context, const struct keyword *keyword,
                     char *value, void *member)
{
    char before[MTREE_SHOWN_SIZE];
    mtree_shown(value, before);
    if (!mtree_unescape(value))
        return FAIL(context,
                    "%s=%s: it contains an escape that vis(1) does not write; write \\ and three "
                    "octal digits",
                    keyword->name, before);
    *(const char **)member = value;
    return 0;
}

/* Decimal, or with a leading 0x or 0. */
static bool read_device_number(const char *text, size_t length, uint64_t most, uint64_t *number)
{
    if (length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
        return number_read(text + 2, length - 2, 16, most, number);
    return number_read(text, length, length > 1 && text[0] == '0' ? 8 : 10, most, number);
}

/*
 * Reads "linux,8,1": a system's name, major and minor number; or one number, put together as in
 * Linux.
 */
static int take_device(const struct mtree_facts_context *context, const struct keyword *keyword,
                       char *value, void *member)
{
    struct mtree_device *device = member;
    uint64_t numbers[2];
    const char *first = strchr(value, ',');
    if (!first && read_device_number(value, strlen(value), UINT64_MAX, &numbers[0])) {
        *device = (struct mtree_device){major(numbers[0]), minor(numbers[0])};
        return 0;
    }
    const char *second = first ? strchr(first + 1, ',') : NULL;
    if (second &&
        read_device_number(first + 1, (size_t)(second - first - 1), UINT32_MAX, &numbers[0]) &&
        read_device_number(second + 1, strlen(second + 1), UINT32_MAX, &numbers[1])) {
        *device = (struct mtree_device){(uint32_t)numbers[0], (uint32_t)numbers[1]};
        return 0;
    }
    return fail_value(context, keyword->name, value, "it must be like native,8,1, or a number");
}

static int take_nothing(const struct mtree_facts_context *context, const struct keyword *keyword,
                        char *value, void *member)
{
    (void)context;
    (void)keyword;
    (void)value;
    (void)member;
    return 0;
}

#define MEMBER(member)                                                                             \
    offsetof(struct mtree_facts, member), sizeof(((struct mtree_facts *)0)->member)

static const struct keyword keywords[] = {
    {"type", take_type, MTREE_TYPE, MEMBER(type), 0, 0},
    {"mode", take_mode, MTREE_MODE, MEMBER(mode), 0, 0},
    {"uid", take_number, MTREE_UID, MEMBER(uid), 10, UINT32_MAX},
    {"gid", take_number, MTREE_GID, MEMBER(gid), 10, UINT32_MAX},
    {"uname", take_string, MTREE_UNAME, MEMBER(user), 0, 0},
    {"gname", take_string, MTREE_GNAME, MEMBER(group), 0, 0},
    {"size", take_number, MTREE_SIZE, MEMBER(size), 10, INT64_MAX},
    {"link", take_path, MTREE_LINK, MEMBER(target), 0, 0},
    {"device", take_device, MTREE_DEVICE, MEMBER(device), 0, 0},
    {"contents", take_path, MTREE_CONTENTS, MEMBER(contents), 0, 0},
    {"content", take_path, MTREE_CONTENTS, MEMBER(contents), 0, 0},
    {"nlink", take_number, MTREE_NLINK, MEMBER(nlink), 10, UINT32_MAX},
    {"optional", NULL, MTREE_OPTIONAL, 0, 0, 0, 0},
    {"nochange", NULL, MTREE_NOCHANGE, 0, 0, 0, 0},
    {"ignore", NULL, 0, 0, 0, 0, 0},
    {"cksum", take_nothing, 0, 0, 0, 0, 0},
    {"flags", take_nothing, 0, 0, 0, 0, 0},
    {"inode", take_nothing, 0, 0, 0, 0, 0},
    {"md5", take_nothing, 0, 0, 0, 0, 0},
    {"md5digest", take_nothing, 0, 0, 0, 0, 0},
    {"resdevice", take_nothing, 0, 0, 0, 0, 0},
    {"ripemd160digest", take_nothing, 0, 0, 0, 0, 0},
    {"rmd160", take_nothing, 0, 0, 0, 0, 0},
    {"rmd160digest", take_nothing, 0, 0, 0, 0, 0},
    {"sha1", take_nothing, 0, 0, 0, 0, 0},
    {"sha1digest", take_nothing, 0, 0, 0, 0, 0},
    {"sha256", take_nothing, 0, 0, 0, 0, 0},
    {"sha256digest", take_nothing, 0, 0, 0, 0, 0},
    {"sha384", take_nothing, 0, 0, 0, 0, 0},
    {"sha384digest", take_nothing, 0, 0, 0, 0, 0},
    {"sha512", take_nothing, 0, 0, 0, 0, 0},
    {"sha512256", take_nothing, 0, 0, 0, 0, 0},
    {"sha512256digest", take_nothing, 0, 0, 0, 0, 0},
    {"sha512digest", take_nothing, 0, 0, 0, 0, 0},
    {"tags", take_nothing, 0, 0, 0, 0, 0},
    {"tar_time", take_nothing, 0, 0, 0, 0, 0},
    {"time", take_nothing, 0, 0, 0, 0, 0},
};

/* gomtree puts an attribute's name into the keyword: "xattr.user.mime_type=dGV4dA==". */
static const struct keyword attribute = {"xattr", take_nothing, MTREE_XATTR, MEMBER(xattrs), 0, 0};

static const char *attribute_name(const char *word)
{
    size_t length = strncmp(word, "xattrs.", 7) == 0 ? 7 : strncmp(word, "xattr.", 6) == 0 ? 6 : 0;
    return length && word[length] && word[length] != '=' ? word + length : NULL;
}

static void count_attribute(struct mtree_facts *facts, const char *word)
{
    char name[256];
    const char *begin = attribute_name(word);
    size_t length = begin ? strcspn(begin, "=") : 0;
    if (!length)
        return;
    length = length < sizeof(name) ? length : sizeof(name) - 1;
    memcpy(name, begin, length);
    name[length] = '\0';
    losses_count_xattr(&facts->xattrs, name);
}

enum { KEYWORDS = sizeof(keywords) / sizeof(keywords[0]) };

/* The keyword at the beginning of a word; NULL if there is none. */
static const struct keyword *find_keyword(const char *word)
{
    size_t length = strcspn(word, "=");
    for (size_t i = 0; i < KEYWORDS; i++) {
        if (strncmp(word, keywords[i].name, length) == 0 && !keywords[i].name[length])
            return &keywords[i];
    }
    return attribute_name(word) ? &attribute : NULL;
}

static void *member_of(const struct mtree_facts *facts, const struct keyword *keyword)
{
    return (char *)facts + keyword->member;
}

bool mtree_is_keyword(const char *word)
{
    return find_keyword(word) != NULL;
}

int mtree_facts_add(struct mtree_facts *facts, char *word, const char *where,
                    struct cramfs_diags *diags)
{
    const struct mtree_facts_context context = {where, diags};
    const struct keyword *keyword = find_keyword(word);
    char shown[MTREE_SHOWN_SIZE];
    if (!keyword)
        return FAIL(&context, "'%s' is not a keyword of a manifest; remove it",
                    mtree_shown(word, shown));
    char *value = word + strcspn(word, "=");
    if (!keyword->take != !*value)
        return FAIL(&context, "the keyword %s %s", keyword->name,
                    keyword->take ? "needs a value" : "has no value");
    /* A value that cannot be read is not given: an error does not end the manifest. */
    int error =
        keyword->take ? keyword->take(&context, keyword, value + 1, member_of(facts, keyword)) : 0;
    facts->given |= error ? 0 : keyword->bit;
    count_attribute(facts, word);
    return error;
}

int mtree_facts_drop(struct mtree_facts *facts, const char *word, const char *where,
                     struct cramfs_diags *diags)
{
    const struct mtree_facts_context context = {where, diags};
    const struct keyword *keyword = find_keyword(word);
    char shown[MTREE_SHOWN_SIZE];
    if (!keyword && strcmp(word, "all") != 0)
        return FAIL(&context, "'%s' is not a keyword of a manifest; remove it",
                    mtree_shown(word, shown));
    facts->given &= keyword ? ~keyword->bit : 0;
    return 0;
}

void mtree_facts_merge(struct mtree_facts *facts, const struct mtree_facts *from)
{
    for (size_t i = 0; i < KEYWORDS; i++) {
        const struct keyword *keyword = &keywords[i];
        if (from->given & keyword->bit)
            memcpy(member_of(facts, keyword), member_of(from, keyword), keyword->size);
    }
    if (from->given & MTREE_XATTR)
        facts->xattrs = from->xattrs;
    facts->given |= from->given;
}
