/* Images that are kept, and the model's view of each. */
#ifndef MODEL_SAVE_H
#define MODEL_SAVE_H

#include "subject.h"

/* FOLDER/KIND-SEED.img */
void save_image(const char *folder, const char *kind, uint64_t seed, const struct subject *subject);

/* FOLDER/KIND-SEED.tree: the page size, then a line a name: path in hexadecimal, mode, uid, gid,
 * device, size, and the CRC of the bytes. */
void save_tree(const char *folder, const char *kind, uint64_t seed, const struct view *view,
               uint32_t page);

/* FOLDER/KIND-SEED.why: the page size, and the fault. */
void save_why(const char *folder, const char *kind, uint64_t seed, const char *problem,
              uint32_t page);

#endif
