/*
 * A model of how Linux 6.12 reads a cramfs image: what mount, readdir, lookup, read, readlink and
 * mmap show. It is a judge of the library's reader. So it shares no code with that reader, and was
 * written without reading it, only from facts about the kernel (documents of the format, the
 * kernel's behaviour). Only zlib is used.
 *
 * All offsets and sizes are in bytes and count from byte 0 of the image. Results are 0 or one of
 * `enum failure`.
 */
#ifndef MODEL_KERNEL_H
#define MODEL_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <zlib.h>

#define MAX_PAGE 65536u
#define MAX_NAME 252u
#define MAGIC    0x28cd3d45u

enum { FSID_2 = 0x1, SORTED = 0x2, SHIFTED_ROOT = 0x400, EXT_POINTERS = 0x800, SUPPORTED = 0xfff };
enum { STORED = 1u << 31, DIRECT = 1u << 30 };
#define POINTER_FLAGS (STORED | DIRECT)

enum device {
    ON_MTD,  /* read in place; pages can be mapped from there */
    ON_BLOCK /* read through the page cache of a block device */
};

enum failure {
    WORKS,
    IO_ERROR, /* EIO */
    NO_ENTRY, /* ENOENT */
    REFUSED,  /* the mount fails */
    OOPS      /* the kernel reads memory that is not the device's */
};

/* The fields of an inode on disk, decoded. */
struct entry {
    uint32_t mode, uid, size, gid;
    uint32_t name_length; /* rounded: four times the field */
    uint32_t offset;
    unsigned char name[MAX_NAME]; /* the bytes in the place of the name, whatever its length */
};

struct mount {
    const unsigned char *bytes; /* the image's file */
    size_t length;
    enum device device;
    bool big; /* the byte order of the kernel */
    uint32_t page;
    uint32_t size;   /* what the superblock says, or 256 MiB */
    uint64_t extent; /* bytes of the device. What follows the file on MTD reads as erased flash */
    uint32_t flags;
    uint32_t super; /* where the superblock is: 0 or 512 */
    struct entry root;
    unsigned char buffer[2 * MAX_PAGE];
    z_stream stream;
    bool inflates; /* the stream was set up */
};

/* What stat shows, and the number by which the kernel knows it. */
struct inode {
    uint32_t number;
    uint32_t mode, uid, gid, size;
    uint32_t device_number; /* major << 8 | minor */
};

/* REFUSED if the root cannot be mounted. The bytes must outlive the mount. */
enum failure mount_image(struct mount *mount, const unsigned char *bytes, size_t length,
                         enum device device, bool big, uint32_t page);
void unmount(struct mount *mount);

/* As many bytes as asked for, at most two pages, good until the next call. */
const unsigned char *look(struct mount *mount, uint32_t offset, uint32_t length);
uint32_t word_at(struct mount *mount, uint32_t offset);
void entry_at(struct mount *mount, uint32_t offset, struct entry *entry);

/* The inode that the kernel makes of an entry at `offset` when it has none of that number. */
enum failure make_inode(const struct entry *entry, uint32_t offset, struct inode *inode);
uint32_t inode_number(const struct entry *entry, uint32_t offset);

/* readdir: the entry at `*position` in the directory, whose name is cut to what the kernel lists.
 * 1 and the position of the next one, 0 at the end, or -IO_ERROR. */
int list_next(struct mount *mount, const struct inode *directory, uint32_t *position,
              struct entry *entry, uint32_t *name_length);

/* lookup: where the entry is, and the entry; or IO_ERROR or NO_ENTRY. */
enum failure look_up(struct mount *mount, const struct inode *directory, const unsigned char *name,
                     uint32_t name_length, uint32_t *offset, struct entry *entry);

/* One page of a file or link; bytes after its end are zero. */
enum failure read_page(struct mount *mount, const struct inode *inode, uint32_t index,
                       unsigned char *page);

/* How many pages from `first` on a mapping that is not writable, up to `pages` long, has in place
 * on an MTD device at a page-aligned address, and where the first of them is. */
enum failure map_pages(struct mount *mount, const struct inode *inode, uint32_t first,
                       uint32_t pages, uint32_t *mapped, uint32_t *address);

/* The place of a page that a kernel without an MMU maps in place: any multiple of 4; 0 for none. */
uint32_t page_in_place(struct mount *mount, const struct inode *inode, uint32_t index);

/* A page of the device at that place, after its file erased flash. For what a mapping shows. */
const unsigned char *device_page(struct mount *mount, uint32_t address);

#endif
