#include "cramfs/walk.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "read/intervals.h"

struct image_walking {
    const struct cramfs_image *image;
    struct cramfs_entries *entries;
    cramfs_walk_fault_fn *faults;
    void *context;
    struct intervals taken; /* bytes of the directories walked so far */
};

/* A directory being walked: its entries up to `next` are listed. */
struct walk_level {
    uint32_t entry;
    uint64_t next;
    uint64_t end;
};

struct stack {
    struct walk_level *levels;
    size_t levels_count;
    size_t levels_capacity;
};

static void report(const struct image_walking *walking, uint32_t entry,
                   enum cramfs_walk_fault fault, uint64_t offset)
{
    if (walking->faults)
        walking->faults(walking->context, walking->entries, entry, fault, offset);
}

static bool add_entry(struct cramfs_entries *entries, const struct cramfs_entry *entry)
{
    size_t capacity = entries->list_capacity;
    if (!array_reserve(&entries->list, sizeof(*entries->list), entries->list_count, &capacity, 1))
        return false;
    entries->list_capacity = (uint32_t)capacity;
    entries->list[entries->list_count++] = *entry;
    return true;
}

static uint8_t length_of(const unsigned char *name, uint8_t padded)
{
    while (padded && !name[padded - 1])
        padded--;
    return padded;
}

/* Decodes the entry at level->next and steps over it. Returns false when *fault cuts it off. */
static bool take_entry(const struct image_walking *walking, struct walk_level *level,
                       struct cramfs_entry *entry, enum cramfs_walk_fault *fault)
{
    *fault = CRAMFS_WALK_ENTRY_CUT;
    const struct cramfs_image *image = walking->image;
    uint64_t room = level->end - level->next;
    if (room < CRAMFS_INODE_SIZE)
        return false;
    const unsigned char *bytes = cramfs_image_bytes(image, level->next, CRAMFS_INODE_SIZE);
    if (!bytes)
        return false;
    *entry = (struct cramfs_entry){.parent = level->entry, .offset = (uint32_t)level->next};
    cramfs_inode_decode(image->order, bytes, &entry->inode);
    if (entry->inode.name_length > room - CRAMFS_INODE_SIZE) {
        *fault = CRAMFS_WALK_NAME_CUT;
        return false;
    }
    const unsigned char *name = bytes + CRAMFS_INODE_SIZE;
    entry->name = (const char *)name;
    entry->name_bytes = length_of(name, entry->inode.name_length);
    level->next += CRAMFS_INODE_SIZE + entry->inode.name_length;
    return true;
}

/* Enters a directory unless it has a fault. */
static int enter(struct image_walking *walking, struct stack *stack, uint32_t number)
{
    struct cramfs_entry *entry = &walking->entries->list[number];
    uint32_t offset = entry->inode.offset;
    uint32_t size = entry->inode.size;
    if (!size || !offset) {
        entry->walked = true; /* the kernel, too, takes either as empty */
        return 0;
    }
    if (!cramfs_image_bytes(walking->image, offset, size)) {
        report(walking, number, CRAMFS_WALK_OUTSIDE, offset);
        return 0;
    }
    uint32_t other;
    int state = intervals_add(&walking->taken, offset, (uint64_t)offset + size, number, &other);
    if (state < 0)
        return state;
    if (state != INTERVAL_FREE) {
        enum cramfs_walk_fault fault = CRAMFS_WALK_OVERLAP;
        if (state == INTERVAL_SAME)
            fault =
                walking->entries->list[other].open ? CRAMFS_WALK_CYCLE : CRAMFS_WALK_REACHED_TWICE;
        report(walking, number, fault, offset);
        return 0;
    }
    if (!ARRAY_GROW(stack, levels))
        return -CRAMFS_ERR_MEMORY;
    entry->walked = true;
    entry->open = true;
    stack->levels[stack->levels_count++] =
        (struct walk_level){number, offset, (uint64_t)offset + size};
    return 0;
}

static void leave(const struct image_walking *walking, struct stack *stack)
{
    walking->entries->list[stack->levels[--stack->levels_count].entry].open = false;
}

static int walk_levels(struct image_walking *walking, struct stack *stack)
{
    while (stack->levels_count) {
        struct walk_level *level = &stack->levels[stack->levels_count - 1];
        if (level->next == level->end) {
            leave(walking, stack);
            continue;
        }
        struct cramfs_entry entry;
        enum cramfs_walk_fault fault;
        if (!take_entry(walking, level, &entry, &fault)) {
            report(walking, level->entry, fault, level->next);
            leave(walking, stack);
            continue;
        }
        uint32_t number = walking->entries->list_count;
        if (!add_entry(walking->entries, &entry))
            return -CRAMFS_ERR_MEMORY;
        int error = S_ISDIR(entry.inode.mode) ? enter(walking, stack, number) : 0;
        if (error)
            return error;
    }
    return 0;
}

int cramfs_walk(const struct cramfs_image *image, struct cramfs_entries *entries,
                cramfs_walk_fault_fn *faults, void *context)
{
    *entries = (struct cramfs_entries){0};
    struct image_walking walking = {
        .image = image, .entries = entries, .faults = faults, .context = context};
    struct stack stack = {0};
    struct cramfs_entry root = {.inode = image->super.root,
                                .parent = CRAMFS_NO_ENTRY,
                                .offset =
                                    image->super_offset + CRAMFS_SUPER_SIZE - CRAMFS_INODE_SIZE,
                                .name = ""};
    int error = add_entry(entries, &root) ? 0 : -CRAMFS_ERR_MEMORY;
    if (!error && S_ISDIR(root.inode.mode))
        error = enter(&walking, &stack, 0);
    if (!error)
        error = walk_levels(&walking, &stack);
    free(stack.levels);
    intervals_free(&walking.taken);
    return error;
}

void cramfs_entries_free(struct cramfs_entries *entries)
{
    if (!entries)
        return;
    free(entries->list);
    *entries = (struct cramfs_entries){0};
}

size_t cramfs_entry_path(const struct cramfs_entries *entries, uint32_t entry, char *to,
                         size_t size)
{
    static const char cut[] = "...";
    size_t at = size - 1;
    to[at] = '\0';
    for (; entries->list[entry].parent != CRAMFS_NO_ENTRY; entry = entries->list[entry].parent) {
        const struct cramfs_entry *here = &entries->list[entry];
        if (at < (size_t)here->name_bytes + 1 + sizeof(cut)) {
            at -= sizeof(cut) - 1;
            memcpy(to + at, cut, sizeof(cut) - 1);
            break;
        }
        at -= here->name_bytes;
        memcpy(to + at, here->name, here->name_bytes);
        to[--at] = '/';
    }
    if (at == size - 1)
        to[--at] = '/';
    memmove(to, to + at, size - at);
    return size - 1 - at;
}
