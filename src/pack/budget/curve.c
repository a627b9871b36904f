#include "pack/budget/curve.h"

bool worth_more(const struct worth *a, const struct worth *b)
{
    /* a.gain / a.cost > b.gain / b.cost: whatever saves something for nothing is worth the same */
    return (unsigned __int128)a->gain * b->cost > (unsigned __int128)b->gain * a->cost;
}

struct worth curve_between(const struct worth *curve, uint32_t from, uint32_t to)
{
    return (struct worth){curve[to].gain - curve[from].gain, curve[to].cost - curve[from].cost};
}

/*
 * From the end to the beginning: the hull behind a prefix is known, and it is walked as long as
 * going on is worth more than stopping. What is passed over is on no hull of a shorter prefix, so
 * that nothing is walked twice.
 */
void curve_hull(const struct worth *curve, uint32_t count, uint32_t *next)
{
    next[count] = count;
    for (uint32_t i = count; i-- > 0;) {
        uint32_t at = i + 1;
        while (at < count) {
            struct worth here = curve_between(curve, i, at);
            struct worth on = curve_between(curve, at, next[at]);
            if (worth_more(&here, &on))
                break;
            at = next[at];
        }
        next[i] = at;
    }
}
