/* Random early detection, as Floyd and Jacobson published it ("Random Early Detection Gateways for
 * Congestion Avoidance", 1993, figure 2), in bytes, with the settings of tc-red.
 *
 * The average queue moves by 2^-w of its difference to the queue with each arrival; while nothing
 * waits, as often as packets of 1,000 bytes could have been sent. Below `min` all pass, from `max`
 * on none; between, a packet is hit with
 *   p_b = chance * (average - min) / (max - min),  p_a = p_b / (1 - count * p_b)
 * where count is how many have passed since the last one that was hit: so the gaps between hits
 * are spread evenly over 1 .. 1/p_b.
 *
 * The average is kept with 16 bits behind the point, in units of 2^-w: no rounding adds up. */
#include "core/discipline.h"

#define POINT 16
#define AVERAGE_PACKET 1000 /* bytes, tc-red's avpkt */
#define ONE_PPB 1000000000u

struct red {
    struct sw_queue queue;
    struct sw_fifo fifo;
    struct sw_draws draws;
    uint64_t average; /* bytes, POINT bits behind the point */
    int64_t count;    /* since the last hit; -1: the average was below min */
    sw_time idle_since;
};

static struct red *red_of(struct sw_queue *q)
{
    return (struct red *)(void *)q;
}

static int start(struct sw_queue *q, const struct sw_seed *seed, uint64_t owner)
{
    struct red *red = red_of(q);
    sw_draws_init(&red->draws, seed, owner, SW_DRAW_RED);
    red->count = -1;
    return 0;
}

static void stop(struct sw_queue *q)
{
    (void)q;
}

/* x * (1 - 2^-w)^n, by squaring, with 32 bits behind the point of the factor. */
static uint64_t decayed(uint64_t x, uint32_t w, uint64_t n)
{
    uint64_t factor = (UINT64_C(1) << 32) - (UINT64_C(1) << (32 - w));
    for (; n > 0 && x > 0; n >>= 1) {
        if (n & 1) {
            x = (x >> 32) * factor + ((x & UINT32_MAX) * factor >> 32);
        }
        factor = factor * factor >> 32;
    }
    return x;
}

static void move_average(struct red *red, sw_time now, bool free)
{
    const struct sw_queue *q = &red->queue;
    uint32_t w = q->settings.weight_log2;
    if (free) {
        uint64_t packet_ns = (uint64_t)AVERAGE_PACKET * 8 * 1000000000 / q->rate_bps;
        uint64_t idle = now > red->idle_since ? (uint64_t)(now - red->idle_since) : 0;
        red->average = decayed(red->average, w, idle / (packet_ns > 0 ? packet_ns : 1));
        red->idle_since = now;
    } else {
        uint64_t queue = q->bytes << POINT;
        red->average = queue >= red->average ? red->average + ((queue - red->average) >> w)
                                             : red->average - ((red->average - queue) >> w);
    }
}

/* Is this one hit, by p_a? */
static bool hits(struct red *red)
{
    const struct sw_discipline_config *s = &red->queue.settings;
    uint64_t average = red->average >> POINT;
    if (average < s->min_bytes) {
        red->count = -1;
        return false;
    }
    if (average >= s->max_bytes) {
        red->count = 0;
        return true;
    }
    red->count++;
    /* average - min is below max - min, which sw_lane_check() keeps below 2^33. */
    uint64_t b = (average - s->min_bytes) * s->chance_ppb / (s->max_bytes - s->min_bytes);
    uint64_t passed = (uint64_t)red->count * b;
    uint64_t a = passed >= ONE_PPB ? ONE_PPB : b * ONE_PPB / (ONE_PPB - passed);
    if (!sw_draw_chance(&red->draws, a >= ONE_PPB ? ONE_PPB : (uint32_t)a)) {
        return false;
    }
    red->count = 0;
    return true;
}

static enum sw_drop push(struct sw_queue *q, struct sw_queued *item, sw_time now, bool free)
{
    struct red *red = red_of(q);
    move_average(red, now, free);
    if (hits(red) && !sw_queue_mark(q, item)) {
        return SW_DROP_RED;
    }
    if (!free && sw_queue_is_full(q, item->frame->len)) {
        return SW_DROP_QUEUE_FULL;
    }
    sw_fifo_push(&red->fifo, q, item);
    return SW_DROP_LANE_COUNT;
}

static void put(struct sw_queue *q, struct sw_queued *item)
{
    sw_fifo_push(&red_of(q)->fifo, q, item);
}

static struct sw_queued *take(struct sw_queue *q)
{
    return sw_fifo_pop(&red_of(q)->fifo, q);
}

static struct sw_queued *pull(struct sw_queue *q, sw_time now)
{
    struct sw_queued *item = take(q);
    if (item == NULL) {
        red_of(q)->idle_since = now;
    }
    return item;
}

const struct sw_queue_kind sw_red = {.size = sizeof(struct red),
                                     .start = start,
                                     .stop = stop,
                                     .push = push,
                                     .put = put,
                                     .pull = pull,
                                     .take = take};
