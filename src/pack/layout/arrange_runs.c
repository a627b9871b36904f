/* Runs in place stay together: each is shared as a whole or not at all. */
#include "pack/layout/arranging.h"

/*
 * Whether the zone already has the run of `count` pages from `slot`, as the pieces from `number`
 * on.
 */
static bool run_stands(const struct arranging *arranging, uint32_t slot, uint32_t count,
                       uint32_t number)
{
    const struct arrangement *out = arranging->out;
    if (count > out->pieces_count - number)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const struct piece *piece = &out->pieces[number + i];
        if (!piece->in_place || (i && piece->run_starts) ||
            piece->block != arranging->at.refs[slot + i])
            return false;
    }
    return true;
}

struct wanted_run {
    const struct arranging *arranging;
    uint32_t slot;
    uint32_t count;
};

static bool is_run(void *context, uint32_t number)
{
    const struct wanted_run *wanted = context;
    return run_stands(wanted->arranging, wanted->slot, wanted->count, number);
}

/* The first piece of such a run in the zone, or NO_PIECE. */
static uint32_t find_run(const struct arranging *arranging, uint32_t slot, uint32_t count,
                         uint64_t hash)
{
    struct wanted_run wanted = {arranging, slot, count};
    uint32_t number;
    return hash_index_find(&arranging->runs_index, hash, is_run, &wanted, &number) ? number
                                                                                   : NO_PIECE;
}

static int add_run(struct arranging *arranging, uint32_t slot, uint32_t count, uint64_t hash)
{
    uint32_t number = (uint32_t)arranging->out->pieces_count;
    for (uint32_t i = 0; i < count; i++) {
        int error = arranging_add(arranging, slot + i, arranging->at.refs[slot + i], true);
        if (error)
            return error;
    }
    arranging->out->pieces[number].run_starts = true;
    return hash_index_add(&arranging->runs_index, hash, number);
}

/* Sets the slots of a run: to the pieces of an equal run in the zone, or to new ones. */
static int64_t arrange_run(struct arranging *arranging, uint32_t slot)
{
    uint32_t count = 1;
    while (slot_in_place(arranging, slot + count))
        count++;
    uint64_t hash = hash_bytes(&arranging->at.refs[slot], count * sizeof(*arranging->at.refs), 0);
    uint32_t number =
        arranging_separate(arranging) ? NO_PIECE : find_run(arranging, slot, count, hash);
    if (number != NO_PIECE) {
        arranging->out->shared_slots += count;
    } else {
        number = (uint32_t)arranging->out->pieces_count;
        int error = add_run(arranging, slot, count, hash);
        if (error)
            return error;
    }
    for (uint32_t i = 0; i < count; i++)
        arranging_set(arranging, slot + i, number + i);
    return count;
}

/*
 * A run that keeps its place. Its pieces are either all new, or all exist: then others share it as
 * a whole.
 */
static int64_t arrange_fixed_run(struct arranging *arranging, uint32_t slot)
{
    uint32_t count = 1;
    while (slot_in_place(arranging, slot + count))
        count++;
    uint64_t hash = hash_bytes(&arranging->at.refs[slot], count * sizeof(*arranging->at.refs), 0);
    uint32_t first = (uint32_t)arranging->out->pieces_count;
    uint32_t added = 0;
    int error = 0;
    for (uint32_t i = slot; !error && i < slot + count; i++) {
        uint32_t number = arranging_find_fixed(arranging, &arranging->at.kept[i]);
        if (number == NO_PIECE) {
            number = (uint32_t)arranging->out->pieces_count;
            error = arranging_add_fixed(arranging, i, true);
            added++;
        } else {
            arranging->out->shared_slots++;
        }
        if (!error)
            arranging_set(arranging, i, number);
    }
    for (uint32_t i = slot; !error && added != count && i < slot + count; i++)
        arranging->out->pieces[arranging->out->slots[arranging->at.table->first_slot + i]]
            .anchored = true;
    if (!error && added == count) {
        arranging->out->pieces[first].run_starts = true;
        error = hash_index_add(&arranging->runs_index, hash, first);
    }
    return error ? error : (int64_t)count;
}

int arrange_runs(struct arranging *arranging)
{
    for (uint32_t slot = 0; slot < arranging->at.slots;) {
        int64_t served = 1;
        if (slot_in_place(arranging, slot))
            served = slot_kept(arranging, slot) ? arrange_fixed_run(arranging, slot)
                                                : arrange_run(arranging, slot);
        if (served < 0)
            return (int)served;
        slot += (uint32_t)served;
    }
    return 0;
}
