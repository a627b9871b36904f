#include "pack/like/place.h"

int place_take(struct placing *placing, uint64_t offset, uint64_t length)
{
    erase_blocks_mark(&placing->erase_blocks, offset, length);
    if (offset + length > placing->end)
        placing->end = offset + length;
    return room_take(&placing->room, offset, length);
}
