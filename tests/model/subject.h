/*
 * An image to be changed, with the places of its entries and their contents. Changes come from a
 * seed alone, so the same seed gives the same image.
 */
#ifndef MODEL_SUBJECT_H
#define MODEL_SUBJECT_H

#include "base.h"

#define MAX_CHANGES 64

/* One entry: `at` changes when its directory moves. */
struct site {
    const struct shown *shown;
    uint32_t at;
    const unsigned char *bytes; /* what it holds, when a change says so; of the base otherwise */
    uint32_t size;
};

struct subject {
    const struct base *base;
    uint64_t random;
    unsigned char *bytes;
    size_t length, room;
    struct site *sites; /* the root is the first */
    size_t count;
    bool keep_length, keep_size, keep_crc, keep_flags; /* what is not made right at the end */
    char changes[1024];                                /* their names, for people */
};

/* The next number, below `below`, which is not 0. */
uint32_t chance(struct subject *subject, uint32_t below);
static inline bool one_in(struct subject *subject, uint32_t n)
{
    return !chance(subject, n);
}

/*
 * Change the base, by as many changes as the seed says. Correct the faults that would hide others:
 * the image's length and size, its CRC. `subject` may be used again; its buffers grow.
 */
void make_subject(struct subject *subject, const struct base *base, uint64_t seed);
void release_subject(struct subject *subject);

void say_change(struct subject *subject, const char *name);

uint32_t get_word(const struct subject *subject, size_t at);
void put_word(struct subject *subject, size_t at, uint32_t word);
void put_half(struct subject *subject, size_t at, uint32_t half);

enum field { MODE, UID, SIZE, GID, NAME_LENGTH, OFFSET };

/* A field of the entry at that place: name length and offset in units of 4 bytes. */
uint32_t get_field(const struct subject *subject, size_t at, enum field field);
void put_field(struct subject *subject, size_t at, enum field field, uint32_t value);

/* Make room at the end, aligned and zeroed; where it is. 0 when the image would grow too long. */
size_t extend(struct subject *subject, size_t bytes, size_t alignment);

/* The kinds of changes, each with choices of its own. */
void change_words(struct subject *subject); /* words anywhere, or where they matter */
void change_superblock(struct subject *subject);
void change_inode(struct subject *subject);     /* fields, also to those of another entry */
void change_directory(struct subject *subject); /* entries added, copied, renamed, moved */
void change_contents(struct subject *subject);  /* a file laid out again, in any forms of blocks */
void change_sharing(struct subject *subject);   /* two names, and blocks or tables of both */
void change_length(struct subject *subject);

/* In odd_stream.c: a zlib stream that no compressor makes, sound or not, and the bytes that a
 * lenient inflater makes of it. Returns its length, less than 1 KiB. */
uint32_t odd_stream(struct subject *subject, unsigned char *bytes, uint32_t length,
                    unsigned char *stream);

/* In layout.c: write a table and blocks for the bytes at the end of the image, and point the entry
 * at it. */
void lay_out(struct subject *subject, struct site *site, const unsigned char *bytes, uint32_t size);

#endif
