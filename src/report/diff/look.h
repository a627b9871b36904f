/*
 * Looks at pages of two images: which cannot be read, which hold only zeroes, and which hold the
 * same. This changes nothing that is shared, so several threads can look at once.
 */
#ifndef CRAMFS_REPORT_DIFF_LOOK_H
#define CRAMFS_REPORT_DIFF_LOOK_H

#include "cramfs/view.h"

/* The images, and the smaller page of the two: what is compared. */
struct look_images {
    const struct cramfs_view *views[2];
    uint32_t unit;
};

/* Where a page of a file is in an image, or a part of it as large as the smaller page. */
struct page_place {
    uint64_t offset;
    uint32_t length;
    uint32_t file_bytes;
    uint32_t number; /* the caller's */
    uint8_t side;
    uint8_t kind;
    uint8_t chunk; /* which part of the page */
    bool hashed;   /* the caller's */
};

struct looker {
    struct cramfs_inflater *inflater;
    unsigned char pages[2][CRAMFS_MAX_PAGE_SIZE];
};

/* NULL when memory runs out. */
struct looker *looker_create(void);
void looker_free(struct looker *looker);

/* The number of bytes of a file in a place. */
uint32_t place_size(const struct look_images *images, const struct page_place *place);

/*
 * Whether both places are the same part of blocks that have the same deflated bytes. If so, they
 * hold the same, and neither needs to be inflated to know it.
 */
bool deflated_alike(const struct look_images *images, const struct page_place *a,
                    const struct page_place *b);

/*
 * The bytes of a place: in the image, or inflated into looker->pages[room]. Returns 0,
 * -CRAMFS_ERR_FORMAT if they cannot be read, or -CRAMFS_ERR_MEMORY.
 */
int place_read(const struct look_images *images, struct looker *looker, int room,
               const struct page_place *place, const unsigned char **bytes);

enum look_result { LOOK_BYTES, LOOK_ZEROES, LOOK_UNREADABLE };

/* One place, or two places that may hold the same. */
struct look {
    struct look_place {
        struct page_place place;
        uint32_t index;          /* the caller's */
        bool fresh;              /* it has no number yet, so its checksum is needed */
        enum look_result result; /* of look() */
        uint64_t checksum;       /* with LOOK_BYTES, where it is needed: equal for equal bytes */
        bool hashed;
        uint64_t hash; /* the same, and different for most other bytes; if the bytes were read */
    } places[2];
    int count;
    bool equal; /* both have LOOK_BYTES, and the same bytes */
    int error;  /* 0 or -CRAMFS_ERR_MEMORY */
};

/* A hash of the bytes of a place. */
uint64_t place_hash(const struct look_images *images, const struct page_place *place,
                    const unsigned char *bytes);

/* Fills in the results. Each page is inflated at most once. */
void look(const struct look_images *images, struct looker *looker, struct look *look);

#endif
