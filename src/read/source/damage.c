#include "read/source/damage.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/remedy.h"

/* How many lines are kept: a hostile image has more errors than anybody reads. */
enum { MOST_LINES = 1000 };

enum {
    MARK_ENTRY = 1, /* the entry itself is damaged */
    MARK_BLOCKS = 2 /* its blocks are, which other entries may share */
};

/* What an error makes unreadable: nothing, the entry, or all entries with these blocks. */
static unsigned char cost(enum cramfs_rule rule)
{
    switch (rule) {
    case CRAMFS_RULE_NAME_PADDING: /* lookup does not find the name, but it is there */
    case CRAMFS_RULE_NAME_ORDER:
    case CRAMFS_RULE_ENTRY_CUT: /* the entries before it are whole */
    case CRAMFS_RULE_NAME_CUT:
    case CRAMFS_RULE_BLOCK_OVERLAP: /* the bytes can be read, whatever they belong to */
    case CRAMFS_RULE_BLOCK_IN_METADATA:
    case CRAMFS_RULE_BLOCK_PAST_END:
        return 0;
    case CRAMFS_RULE_TABLE_OUTSIDE:
    case CRAMFS_RULE_TABLE_OVERLAP:
    case CRAMFS_RULE_POINTER_BACKWARDS:
    case CRAMFS_RULE_POINTER_WRAP:
    case CRAMFS_RULE_POINTER_OUTSIDE:
    case CRAMFS_RULE_PREFIX_OUTSIDE:
    case CRAMFS_RULE_BLOCK_LENGTH:
    case CRAMFS_RULE_BLOCK_INFLATE:
    case CRAMFS_RULE_BLOCK_OVER_PAGE:
        return MARK_BLOCKS;
    default:
        return MARK_ENTRY;
    }
}

static bool mark(struct source_damage *damage, uint32_t entry, unsigned char marks)
{
    if (entry >= damage->marks_count) {
        size_t missing = entry + (size_t)1 - damage->marks_count;
        if (!array_reserve(&damage->marks, sizeof(*damage->marks), damage->marks_count,
                           &damage->marks_capacity, missing))
            return false;
        while (damage->marks_count <= entry)
            damage->marks[damage->marks_count++] = 0;
    }
    damage->marks[entry] |= marks;
    return true;
}

static void add_line(struct source_damage *damage, const struct cramfs_finding *finding,
                     bool left_out)
{
    char path[CRAMFS_PATH_SIZE];
    char shown[CRAMFS_PATH_SIZE];
    const char *colon = finding->entry == CRAMFS_NO_ENTRY ? "" : ": ";
    size_t length = 0;
    if (finding->entry != CRAMFS_NO_ENTRY)
        length = cramfs_entry_path(&damage->survey->entries, finding->entry, path, sizeof(path));
    cramfs_report(&damage->lines, damage->allowed ? CRAMFS_ALLOWED : CRAMFS_ERROR,
                  CRAMFS_ERR_FORMAT, damage->path, "%s%s%s%s [%s]",
                  cramfs_escape(path, length, shown, sizeof(shown)), colon,
                  damage->allowed && left_out ? "left out: " : "", finding->text,
                  cramfs_rule_info(finding->rule)->name);
}

static void take_finding(void *context, const struct cramfs_finding *finding)
{
    struct source_damage *damage = context;
    if (finding->severity != CRAMFS_FINDING_ERROR)
        return;
    damage->errors++;
    unsigned char marks = finding->entry == CRAMFS_NO_ENTRY ? 0 : cost(finding->rule);
    bool first =
        !marks || finding->entry >= damage->marks_count || !(damage->marks[finding->entry] & marks);
    if (marks && !mark(damage, finding->entry, marks))
        damage->no_memory = true;
    if (first && damage->lines.list_count < MOST_LINES)
        add_line(damage, finding, marks);
}

int damage_find(const struct cramfs_image *image, struct cramfs_survey *survey, unsigned jobs,
                struct source_damage *damage)
{
    const struct cramfs_listener listener = {take_finding, damage};
    const struct cramfs_check_options options = {.jobs = jobs, .crc = CRAMFS_CRC_IS_ERROR};
    damage->survey = survey;
    int error = cramfs_survey(image, &listener, survey);
    if (!error)
        error = cramfs_check(image, survey, &options, &listener);
    return error || damage->no_memory ? -CRAMFS_ERR_MEMORY : 0;
}

static unsigned char marks_of(const struct source_damage *damage, uint32_t entry)
{
    return entry < damage->marks_count ? damage->marks[entry] : 0;
}

bool damage_has(const struct source_damage *damage, uint32_t entry)
{
    uint32_t inode = damage->survey->inode[entry];
    return marks_of(damage, entry) ||
           (inode != CRAMFS_NO_ENTRY && marks_of(damage, inode) & MARK_BLOCKS);
}

int damage_report(const struct source_damage *damage, struct cramfs_diags *diags)
{
    const struct cramfs_diags *lines = &damage->lines;
    if (!damage->errors)
        return 0;
    for (size_t i = 0; i < lines->list_count; i++)
        cramfs_report(diags, lines->list[i].severity, lines->list[i].code, lines->list[i].path,
                      "%s", lines->list[i].text ? lines->list[i].text : "out of memory");
    int error = cramfs_report(diags, damage->allowed ? CRAMFS_ALLOWED : CRAMFS_ERROR,
                              CRAMFS_ERR_FORMAT, damage->path,
                              damage->allowed ? "the image is damaged: %" PRIu64
                                                " errors; the files that can be read are taken"
                                              : "the image is damaged: %" PRIu64 " errors",
                              damage->errors);
    return damage->allowed ? 0 : with_remedy(error, diags, CRAMFS_REMEDY_ALLOW_DAMAGED, NULL);
}

void damage_free(struct source_damage *damage)
{
    free(damage->marks);
    cramfs_diags_free(&damage->lines);
}
