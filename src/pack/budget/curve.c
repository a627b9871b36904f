#include "pack/budget/curve.h"

/* A product of 128 bits. There is no type of that size on hosts of 32 bits. */
struct product {
    uint64_t high;
    uint64_t low;
};

/* Long multiplication, with digits of 32 bits: no sum of these can exceed 64 bits. */
static struct product multiply(uint64_t a, uint64_t b)
{
    uint64_t a_low = (uint32_t)a;
    uint64_t b_low = (uint32_t)b;
    uint64_t a_high = a >> 32;
    uint64_t b_high = b >> 32;
    uint64_t low = a_low * b_low;
    uint64_t cross = a_high * b_low + (low >> 32);
    uint64_t middle = a_low * b_high + (uint32_t)cross;
    return (struct product){
        .high = a_high * b_high + (cross >> 32) + (middle >> 32),
        .low = middle << 32 | (uint32_t)low,
    };
}

bool worth_more(const struct worth *a, const struct worth *b)
{
    /* a.gain / a.cost > b.gain / b.cost: steps that save something for nothing are equal */
    struct product ours = multiply(a->gain, b->cost);
    struct product theirs = multiply(b->gain, a->cost);
    return ours.high != theirs.high ? ours.high > theirs.high : ours.low > theirs.low;
}

struct worth curve_between(const struct worth *curve, uint32_t from, uint32_t to)
{
    return (struct worth){curve[to].gain - curve[from].gain, curve[to].cost - curve[from].cost};
}

/*
 * From the longest prefix to the shortest. The hulls of all longer prefixes are known. `at` follows
 * such a hull while the next part saves no less for a byte than the pages up to `at` do. The
 * prefixes that it passes over are on no hull of a shorter prefix, so nothing is visited twice.
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
