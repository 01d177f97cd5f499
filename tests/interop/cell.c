/* What a cell is: its link, its bytes, and how a side of it goes on (see interop.h). */
#include <errno.h>

#include "tests/interop/interop.h"

/* The lossier, the less: a fifth lost each way takes long enough with 32 KiB. */
static const uint32_t loss_ppb[SW_CELL_LOSSES] = {0, 1000000, 10000000, 50000000, 200000000};
static const uint64_t sizes[SW_CELL_LOSSES] = {4u << 20, 4u << 20, 1u << 20, 256u << 10, 32u << 10};
static const sw_time delays[SW_CELL_DELAYS] = {0, 10 * SW_MS, 100 * SW_MS};

uint32_t sw_cell_address(const struct sw_cell *cell)
{
    return 0x0a4d0100u + cell->link; /* 10.77.1.x */
}

uint64_t sw_cell_bytes(const struct sw_cell *cell)
{
    return sizes[cell->link / (SW_CELL_DELAYS * SW_CELL_KINDS)];
}

bool sw_cell_may_pause(const struct sw_cell *cell)
{
    return cell->link / (SW_CELL_DELAYS * SW_CELL_KINDS) == SW_CELL_LOSSES - 1;
}

struct sw_lane_config sw_cell_lane(unsigned link)
{
    struct sw_lane_config lane = {
        .loss_ppb = loss_ppb[link / (SW_CELL_DELAYS * SW_CELL_KINDS)],
        .delay = delays[link / SW_CELL_KINDS % SW_CELL_DELAYS],
        .queue_frames = 10000,
    };
    switch (link % SW_CELL_KINDS) {
    case 1:
        if (lane.delay > 0) {
            lane.reorder_ppb = 100000000; /* each tenth skips the delay */
        } else {
            lane.jitter = SW_MS;
            lane.free_order = true;
        }
        break;
    case 2:
        lane.duplicate_ppb = 50000000;
        break;
    default:
        break;
    }
    return lane;
}

void sw_stream_begin(struct sw_stream *s, const struct sw_cell *cell)
{
    *s = (struct sw_stream){.x = 0x9e3779b97f4a7c15u * (cell->number + 1u),
                            .left = sw_cell_bytes(cell)};
    sw_sha256_init(&s->sum);
}

size_t sw_stream_next(struct sw_stream *s, uint8_t *to, size_t n)
{
    n = n < s->left ? n : (size_t)s->left;
    for (size_t i = 0; i < n; i++) { /* Marsaglia's xorshift64, a byte of each */
        s->x ^= s->x << 13;
        s->x ^= s->x >> 7;
        s->x ^= s->x << 17;
        to[i] = (uint8_t)(s->x >> 24);
    }
    s->left -= n;
    sw_sha256_add(&s->sum, to, n);
    return n;
}

/* ---- a side ---- */

void sw_side_begin(struct sw_side *side, const struct sw_cell *cell, bool sends)
{
    side->sends = sends;
    side->shut = side->done = false;
    side->error = 0;
    side->moved = side->from = side->to = 0;
    sw_stream_begin(&side->stream, cell);
    sw_sha256_init(&side->sum);
}

static void write_on(struct sw_side *side, const struct sw_side_calls *calls, void *ctx)
{
    while (!side->shut) {
        if (side->from == side->to) {
            side->from = 0;
            side->to = sw_stream_next(&side->stream, side->chunk, sizeof(side->chunk));
        }
        if (side->from == side->to) {
            side->error = calls->shutdown(ctx);
            side->shut = true;
            return;
        }
        const int64_t n = calls->write(ctx, side->chunk + side->from, side->to - side->from);
        if (n < 0) {
            side->error = n == -EAGAIN ? 0 : (int)n;
            return;
        }
        side->from += (size_t)n;
        side->moved += (uint64_t)n;
    }
}

static void read_on(struct sw_side *side, const struct sw_side_calls *calls, void *ctx)
{
    for (;;) {
        const int64_t n = calls->read(ctx, side->chunk, sizeof(side->chunk));
        if (n < 0) {
            side->error = n == -EAGAIN ? 0 : (int)n;
            return;
        }
        if (n == 0) {
            side->done = true;
            return;
        }
        if (side->sends) {
            side->error = -EPROTO; /* nobody was to answer */
            return;
        }
        sw_sha256_add(&side->sum, side->chunk, (size_t)n);
        side->moved += (uint64_t)n;
    }
}

void sw_side_go(struct sw_side *side, const struct sw_side_calls *calls, void *ctx)
{
    if (side->sends) {
        write_on(side, calls, ctx);
    }
    if (side->error == 0 && !side->done && (!side->sends || side->shut)) {
        read_on(side, calls, ctx);
    }
}
