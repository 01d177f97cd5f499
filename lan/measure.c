/* The arithmetic of what was measured. See the header. */
#include "lan/measure.h"

#include <stdlib.h>

__extension__ typedef unsigned __int128 wide;

#define PPB 1000000000U

uint64_t sw_mul_div(uint64_t a, uint64_t b, uint64_t c)
{
    wide result = (wide)a * b / c;
    return result > UINT64_MAX ? UINT64_MAX : (uint64_t)result;
}

uint64_t sw_rate_of(uint64_t bytes, sw_time span)
{
    return span > 0 ? sw_mul_div(bytes, 8 * (uint64_t)SW_S, (uint64_t)span) : 0;
}

int64_t sw_share_of(uint64_t part, uint64_t whole)
{
    return whole ? (int64_t)sw_mul_div(part, PPB, whole) : 0;
}

uint32_t sw_fairness_ppb(const uint64_t *x, size_t n)
{
    uint64_t greatest = 0;
    unsigned shift = 0;
    wide sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        greatest = x[i] > greatest ? x[i] : greatest;
    }
    /* 40 bits a value leave room for the squares of 2^17 of them, and for the factor of 10^9. */
    while (greatest >> shift >= UINT64_C(1) << 40) {
        shift++;
    }
    for (size_t i = 0; i < n; i++) {
        wide value = x[i] >> shift;
        sum += value;
        squares += value * value;
    }
    return squares ? (uint32_t)(sum * sum / n * PPB / squares) : 0;
}

void sw_rtts_add(struct sw_rtts *r, sw_time rtt)
{
    uint64_t value = rtt > 0 ? (uint64_t)rtt : 0;
    wide squares = (wide)r->square_high << 64 | r->square_low;
    squares += (wide)value * value;
    r->square_high = (uint64_t)(squares >> 64);
    r->square_low = (uint64_t)squares;
    r->min = r->count && r->min < rtt ? r->min : rtt;
    r->max = r->count && r->max > rtt ? r->max : rtt;
    if (r->count) {
        r->jitter_sum += (uint64_t)(rtt > r->last ? rtt - r->last : r->last - rtt);
    }
    r->last = rtt;
    r->sum += value;
    r->count++;
}

sw_time sw_rtts_mean(const struct sw_rtts *r)
{
    return r->count ? (sw_time)(r->sum / r->count) : 0;
}

/* The root, rounded down, bit by bit from above: at most 64 steps. */
static uint64_t root(wide n)
{
    uint64_t result = 0;
    for (uint64_t bit = UINT64_C(1) << 63; bit; bit >>= 1) {
        uint64_t candidate = result | bit;
        if ((wide)candidate * candidate <= n) {
            result = candidate;
        }
    }
    return result;
}

sw_time sw_rtts_mdev(const struct sw_rtts *r)
{
    if (!r->count) {
        return 0;
    }
    wide squares = (wide)r->square_high << 64 | r->square_low;
    wide spread = squares - (wide)r->sum * r->sum / r->count;
    return (sw_time)root(spread / r->count);
}

sw_time sw_rtts_jitter(const struct sw_rtts *r)
{
    return r->count > 1 ? (sw_time)(r->jitter_sum / (r->count - 1)) : 0;
}

static int compare(const void *a, const void *b)
{
    sw_time x = *(const sw_time *)a, y = *(const sw_time *)b;
    return (x > y) - (x < y);
}

void sw_times_sort(sw_time *times, size_t n)
{
    if (n > 1) {
        qsort(times, n, sizeof *times, compare);
    }
}

sw_time sw_times_percentile(const sw_time *sorted, size_t n, unsigned percent)
{
    return n ? sorted[(n * percent + 99) / 100 - 1] : 0;
}
