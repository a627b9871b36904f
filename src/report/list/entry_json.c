#include "report/list/entry_json.h"

#include <stdio.h>
#include <sys/stat.h>

#include "report/json_path.h"
#include "report/text.h"

static void add_size(struct json_object *object, const struct cramfs_inode *inode, int *error)
{
    if (text_is_device(inode->mode)) {
        json_add_int(object, "major", inode->size >> 8, error);
        json_add_int(object, "minor", inode->size & 0xff, error);
    } else {
        json_add_int(object, "size", inode->size, error);
    }
}

void json_add_status(struct json_object *object, const struct cramfs_inode *inode, int *error)
{
    char mode[8];
    json_add_string(object, "type", text_type(inode->mode), error);
    snprintf(mode, sizeof(mode), "%04o", inode->mode & 07777u);
    json_add_string(object, "mode", mode, error);
    json_add_int(object, "uid", inode->uid, error);
    json_add_int(object, "gid", inode->gid, error);
    add_size(object, inode, error);
}

static void add_pages(struct json_object *object, const struct pages *pages, int *error)
{
    struct json_object *kinds = json_object_new_object();
    json_add_int(kinds, "all", pages->all, error);
    json_add_int(kinds, "in_place", pages->in_place, error);
    json_add_int(kinds, "deflated", pages->deflated, error);
    json_add_int(kinds, "stored", pages->stored, error);
    json_add_int(kinds, "holes", pages->holes, error);
    json_add_int(kinds, "faulty", pages->faulty, error);
    json_add(object, "pages", kinds, error);
}

/* null when its block cannot be read. */
static void add_target(struct json_object *object, const struct cramfs_view *view, uint32_t entry,
                       struct block_reader *reader, int *error)
{
    uint32_t length;
    int result = block_reader_first(reader, view, entry, &length);
    if (result == -CRAMFS_ERR_FORMAT)
        json_add_null(object, "target", error);
    else
        *error |=
            result ? result : json_add_bytes(object, "target", (const char *)reader->page, length);
}

struct json_object *entry_object(const struct cramfs_view *view, uint32_t entry,
                                 const struct pages *pages, struct block_reader *reader, int *error)
{
    const struct cramfs_entry *here = &view->survey->entries.list[entry];
    const struct cramfs_inode *inode = &here->inode;
    struct json_object *object = json_object_new_object();
    *error |= json_add_path(object, &view->survey->entries, entry);
    json_add_status(object, inode, error);
    json_add_int(object, "inode_offset", here->offset, error);
    json_add_int(object, "data_offset", inode->offset, error);
    if (S_ISREG(inode->mode) || S_ISLNK(inode->mode))
        add_pages(object, pages, error);
    if (S_ISLNK(inode->mode))
        add_target(object, view, entry, reader, error);
    json_add_bool(object, "damaged", cramfs_view_damaged(view, entry), error);
    return object;
}
