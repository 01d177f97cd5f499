/* What all disciplines share (see discipline.h). */
#include "core/discipline.h"

#include <assert.h>
#include <stdlib.h>

#include "core/peek.h"

#define AVERAGE_PACKET 1000 /* bytes, tc-red's avpkt */

static const struct sw_queue_kind *kind_of(enum sw_discipline discipline)
{
    switch (discipline) {
    case SW_DISCIPLINE_RED:
        return &sw_red;
    case SW_DISCIPLINE_CODEL:
        return &sw_codel;
    case SW_DISCIPLINE_FQ_CODEL:
        return &sw_fq_codel;
    case SW_DISCIPLINE_TAIL_DROP:
        break;
    }
    assert(discipline != SW_DISCIPLINE_TAIL_DROP);
    return NULL;
}

/* The defaults of tc-red, tc-codel and tc-fq_codel. */
static void fill_in(struct sw_discipline_config *s, const struct sw_lane_config *lane)
{
    uint64_t limit =
        lane->queue_bytes > 0 ? lane->queue_bytes : (uint64_t)lane->queue_frames * AVERAGE_PACKET;
    s->target = s->target > 0 ? s->target : 5 * SW_MS;
    s->interval = s->interval > 0 ? s->interval : 100 * SW_MS;
    s->flows = s->flows > 0 ? s->flows : 1024;
    s->quantum = s->quantum > 0 ? s->quantum : 1514;
    s->max_bytes = s->max_bytes > 0 ? s->max_bytes : limit / 4;
    s->min_bytes = s->min_bytes > 0 ? s->min_bytes : s->max_bytes / 3;
    s->chance_ppb = s->chance_ppb > 0 ? s->chance_ppb : 20000000;
    s->weight_log2 = s->weight_log2 > 0 ? s->weight_log2 : 9;
}

void sw_queue_bound(struct sw_queue *q, const struct sw_lane_config *config)
{
    q->most_frames = config->queue_frames;
    q->most_bytes = config->queue_bytes;
    q->rate_bps = config->rate_bps;
}

struct sw_queue *sw_queue_new(const struct sw_lane_config *config, const struct sw_seed *seed,
                              uint64_t owner)
{
    const struct sw_queue_kind *kind = kind_of(config->discipline);
    struct sw_queue *q = calloc(1, kind->size);
    if (q == NULL) {
        return NULL;
    }
    q->kind = kind;
    q->settings = config->settings;
    fill_in(&q->settings, config);
    sw_queue_bound(q, config);
    if (kind->start(q, seed, owner) < 0) {
        free(q);
        return NULL;
    }
    return q;
}

void sw_queue_free(struct sw_queue *q)
{
    if (q == NULL) {
        return;
    }
    assert(q->count == 0 && q->bytes == 0);
    q->kind->stop(q);
    while (q->idle != NULL) {
        struct sw_queued *item = q->idle;
        q->idle = item->next;
        free(item);
    }
    free(q);
}

struct sw_queued *sw_queue_item(struct sw_queue *q, struct sw_frame *frame)
{
    struct sw_queued *item = q->idle;
    if (item != NULL) {
        q->idle = item->next;
    } else {
        item = malloc(sizeof *item);
        if (item == NULL) {
            return NULL;
        }
    }
    *item = (struct sw_queued){.frame = frame};
    return item;
}

bool sw_queue_reserve(struct sw_queue *q, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        struct sw_queued *item = malloc(sizeof *item);
        if (item == NULL) {
            return false;
        }
        sw_queue_give_back(q, item);
    }
    return true;
}

void sw_queue_give_back(struct sw_queue *q, struct sw_queued *item)
{
    item->frame = NULL;
    item->next = q->idle;
    q->idle = item;
}

bool sw_queue_is_full(const struct sw_queue *q, uint32_t len)
{
    return (q->most_frames > 0 && q->count >= q->most_frames) ||
           (q->most_bytes > 0 && q->bytes + len > q->most_bytes);
}

void sw_fifo_push(struct sw_fifo *fifo, struct sw_queue *q, struct sw_queued *item)
{
    item->next = NULL;
    if (fifo->tail == NULL) {
        fifo->head = item;
    } else {
        fifo->tail->next = item;
    }
    fifo->tail = item;
    fifo->count++;
    fifo->bytes += item->frame->len;
    q->count++;
    q->bytes += item->frame->len;
}

struct sw_queued *sw_fifo_pop(struct sw_fifo *fifo, struct sw_queue *q)
{
    struct sw_queued *item = fifo->head;
    if (item == NULL) {
        return NULL;
    }
    fifo->head = item->next;
    if (fifo->head == NULL) {
        fifo->tail = NULL;
    }
    fifo->count--;
    fifo->bytes -= item->frame->len;
    q->count--;
    q->bytes -= item->frame->len;
    return item;
}

bool sw_queue_mark(struct sw_queue *q, struct sw_queued *item)
{
    struct sw_frame *marked = q->settings.ecn ? sw_peek_mark(item->frame) : NULL;
    if (marked == NULL) {
        return false;
    }
    item->frame = marked;
    q->marked++;
    return true;
}
