#include "report/what_if/scale.h"

uint64_t scale_at(const struct scale *scale, uint64_t value)
{
    if (value <= scale->low)
        return 0;
    if (value >= scale->high)
        return scale->length;
    /* A length is some thousands, and a value below 2^50. */
    return (value - scale->low) * scale->length / (scale->high - scale->low);
}

uint64_t scale_step(const struct scale *scale, uint64_t unit, uint64_t most)
{
    static const uint64_t factors[] = {1, 2, 5};
    uint64_t range = scale->high - scale->low;
    for (uint64_t power = unit;; power *= 10) {
        for (int i = 0; i < 3; i++) {
            if (range / (power * factors[i]) <= most)
                return power * factors[i];
        }
    }
}

uint64_t scale_bytes_unit(const struct scale *scale)
{
    enum { KIB = 1024, MIB = 1024 * 1024 };
    return scale->high - scale->low >= 3 * MIB ? MIB : KIB;
}
