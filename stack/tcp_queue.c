/* A connection's bytes: see tcp_queue.h. */
#include "stack/tcp_queue.h"

#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES 2048u

/* ---- the send queue ---- */

void sw_tcp_sendq_init(struct sw_tcp_sendq *q)
{
    *q = (struct sw_tcp_sendq){.cap = SW_SENDQ_INLINE};
    q->ring = q->few;
}

static struct sw_block *sendq_block(const struct sw_tcp_sendq *q, uint32_t i)
{
    return q->ring[(q->head + i) & (q->cap - 1)];
}

static void sendq_pop(struct sw_tcp_sendq *q)
{
    sw_block_drop(sendq_block(q, 0));
    q->head = (q->head + 1) & (q->cap - 1);
    q->count--;
}

void sw_tcp_sendq_fini(struct sw_tcp_sendq *q)
{
    while (q->count > 0) {
        sendq_pop(q);
    }
    if (q->ring != q->few) {
        free(q->ring);
    }
    sw_tcp_sendq_init(q);
}

static bool sendq_grow(struct sw_tcp_sendq *q)
{
    assert(q->cap >= SW_SENDQ_INLINE);
    struct sw_block **ring = malloc(2 * (size_t)q->cap * sizeof(*ring));
    if (ring == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < q->count; i++) {
        ring[i] = sendq_block(q, i);
    }
    if (q->ring != q->few) {
        free(q->ring);
    }
    q->ring = ring;
    q->cap *= 2;
    q->head = 0;
    return true;
}

/* The block that is being written, with room in it. */
static struct sw_block *sendq_tail(struct sw_tcp_sendq *q, struct sw_pool *pool)
{
    if (q->count > 0) {
        struct sw_block *last = sendq_block(q, q->count - 1);
        if (last->used < SW_SENDQ_BLOCK_BYTES) {
            return last;
        }
    }
    if (q->count == q->cap && !sendq_grow(q)) {
        return NULL;
    }
    struct sw_block *block = sw_block_new(pool, SW_BLOCK_16K);
    if (block == NULL) {
        return NULL;
    }
    q->ring[(q->head + q->count++) & (q->cap - 1)] = block;
    return block;
}

size_t sw_tcp_sendq_write(struct sw_tcp_sendq *q, struct sw_pool *pool, const uint8_t *bytes,
                          size_t n)
{
    size_t done = 0;
    while (done < n) {
        size_t room = 0;
        uint8_t *to = sw_tcp_sendq_reserve(q, pool, &room);
        if (to == NULL) {
            break;
        }
        room = room < n - done ? room : n - done;
        memcpy(to, bytes + done, room);
        sw_tcp_sendq_commit(q, room);
        done += room;
    }
    return done;
}

uint8_t *sw_tcp_sendq_reserve(struct sw_tcp_sendq *q, struct sw_pool *pool, size_t *n)
{
    struct sw_block *tail = sendq_tail(q, pool);
    if (tail == NULL) {
        return NULL;
    }
    q->reserved = true;
    *n = SW_SENDQ_BLOCK_BYTES - tail->used;
    return tail->bytes + tail->used;
}

void sw_tcp_sendq_commit(struct sw_tcp_sendq *q, size_t n)
{
    assert(q->reserved && q->count > 0);
    struct sw_block *tail = sendq_block(q, q->count - 1);
    assert(n <= SW_SENDQ_BLOCK_BYTES - tail->used);
    tail->used += (uint32_t)n;
    q->bytes += (uint32_t)n;
    q->reserved = false;
    sw_tcp_sendq_drop(q, 0);
}

void sw_tcp_sendq_drop(struct sw_tcp_sendq *q, uint32_t n)
{
    assert(n <= q->bytes);
    q->bytes -= n;
    q->first_off += n;
    while (q->count > 0 && q->first_off >= SW_SENDQ_BLOCK_BYTES) {
        q->first_off -= SW_SENDQ_BLOCK_BYTES;
        sendq_pop(q);
    }
    /* What is being written in place stays, whatever is acknowledged meanwhile. */
    if (q->bytes == 0 && !q->reserved) {
        sw_tcp_sendq_fini(q);
    }
}

void sw_tcp_sendq_slice(const struct sw_tcp_sendq *q, uint32_t off, uint32_t len,
                        struct sw_frame *frame)
{
    assert(len > 0 && len <= SW_SENDQ_BLOCK_BYTES && off <= q->bytes && len <= q->bytes - off);
    const uint32_t at = q->first_off + off;
    const uint32_t i = at / SW_SENDQ_BLOCK_BYTES, from = at % SW_SENDQ_BLOCK_BYTES;
    const uint32_t here = len < SW_SENDQ_BLOCK_BYTES - from ? len : SW_SENDQ_BLOCK_BYTES - from;
    sw_frame_add_slice(frame, sendq_block(q, i), from, here);
    if (here < len) {
        sw_frame_add_slice(frame, sendq_block(q, i + 1), 0, len - here);
    }
}

/* ---- the receive queue ---- */

void sw_tcp_recvq_init(struct sw_tcp_recvq *q)
{
    *q = (struct sw_tcp_recvq){.cap = SW_RECVQ_INLINE};
    q->ring = q->few;
}

static struct sw_recvq_entry *recvq_entry(const struct sw_tcp_recvq *q, uint32_t i)
{
    return &q->ring[(q->head + i) & (q->cap - 1)];
}

void sw_tcp_recvq_fini(struct sw_tcp_recvq *q)
{
    for (uint32_t i = 0; i < q->count; i++) {
        sw_block_drop(recvq_entry(q, i)->block);
    }
    if (q->arena != NULL) {
        sw_block_drop(q->arena);
    }
    if (q->ring != q->few) {
        free(q->ring);
    }
    sw_tcp_recvq_init(q);
}

/* Room for n entries more. */
static bool recvq_grow(struct sw_tcp_recvq *q, uint32_t n)
{
    uint32_t cap = q->cap;
    while (cap - q->count < n) {
        cap *= 2;
    }
    if (cap == q->cap) {
        return true;
    }
    struct sw_recvq_entry *ring = malloc(cap * sizeof(*ring));
    if (ring == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < q->count; i++) {
        ring[i] = *recvq_entry(q, i);
    }
    if (q->ring != q->few) {
        free(q->ring);
    }
    q->ring = ring;
    q->cap = cap;
    q->head = 0;
    return true;
}

static bool recvq_append(struct sw_tcp_recvq *q, struct sw_block *block, uint32_t off, uint32_t len,
                         bool copied)
{
    const uint32_t pins = copied ? 2 * len : block->cap;
    if (!recvq_grow(q, 1)) {
        return false;
    }
    q->count++;
    *recvq_entry(q, q->count - 1) = (struct sw_recvq_entry){
        .block = sw_block_ref(block), .off = off, .len = len, .pins = pins, .copied = copied};
    q->bytes += len;
    q->pinned += pins;
    return true;
}

/* Takes n bytes off the end: what a push has put there before it failed. */
static void recvq_truncate(struct sw_tcp_recvq *q, uint32_t n)
{
    q->bytes -= n;
    while (n > 0) {
        struct sw_recvq_entry *last = recvq_entry(q, q->count - 1);
        const uint32_t here = n < last->len ? n : last->len;
        const uint32_t pins = here == last->len ? last->pins : last->copied ? 2 * here : 0;
        n -= here;
        last->len -= here;
        last->pins -= pins;
        q->pinned -= pins;
        if (last->len == 0) {
            sw_block_drop(last->block);
            q->count--;
        }
    }
}

static bool recvq_copy(struct sw_tcp_recvq *q, struct sw_pool *pool, const uint8_t *bytes,
                       uint32_t len)
{
    for (uint32_t done = 0; done < len;) {
        if (q->arena == NULL || q->arena->used == ARENA_BYTES) {
            struct sw_block *fresh = sw_block_new(pool, SW_BLOCK_2K);
            if (fresh == NULL) {
                recvq_truncate(q, done);
                return false;
            }
            if (q->arena != NULL) {
                sw_block_drop(q->arena);
            }
            q->arena = fresh;
        }
        struct sw_block *arena = q->arena;
        const uint32_t room = ARENA_BYTES - arena->used;
        const uint32_t here = len - done < room ? len - done : room;
        struct sw_recvq_entry *last = q->count > 0 ? recvq_entry(q, q->count - 1) : NULL;
        if (last != NULL && last->block == arena && last->off + last->len == arena->used) {
            last->len += here;
            last->pins += 2 * here;
            q->bytes += here;
            q->pinned += 2 * here;
        } else if (!recvq_append(q, arena, arena->used, here, true)) {
            recvq_truncate(q, done);
            return false;
        }
        memcpy(arena->bytes + arena->used, bytes + done, here);
        arena->used += here;
        done += here;
    }
    return true;
}

/* Another block follows the last entry, which will therefore not grow any more: if it uses less
 * than half of its block, it is copied. Without memory for that it stays. */
static void recvq_settle_last(struct sw_tcp_recvq *q)
{
    if (q->count == 0) {
        return;
    }
    const struct sw_recvq_entry last = *recvq_entry(q, q->count - 1);
    if (last.pins <= 2 * last.len) {
        return;
    }
    q->count--;
    q->bytes -= last.len;
    q->pinned -= last.pins;
    if (!recvq_copy(q, last.block->pool, last.block->bytes + last.off, last.len)) {
        (void)recvq_append(q, last.block, last.off, last.len, false); /* it had a place */
    }
    sw_block_drop(last.block);
}

/* Copies text in behind what is there. */
static bool recvq_take(struct sw_tcp_recvq *q, struct sw_pool *pool, const uint8_t *bytes,
                       uint32_t len)
{
    recvq_settle_last(q);
    return recvq_copy(q, pool, bytes, len);
}

/* The first entry has little left of a big block, and others wait behind it: what is left moves
 * into blocks of its own. */
static void recvq_settle_first(struct sw_tcp_recvq *q)
{
    const struct sw_recvq_entry first = *recvq_entry(q, 0);
    const uint32_t last_pins = recvq_entry(q, q->count - 1)->pins;
    const uint32_t most = first.pins > last_pins ? first.pins : last_pins;
    if (first.pins <= 2 * first.len || q->pinned <= 2 * q->bytes + most) {
        return; /* as always if it is alone */
    }
    const uint32_t blocks = (first.len + ARENA_BYTES - 1) / ARENA_BYTES;
    if (!recvq_grow(q, blocks)) {
        return;
    }
    struct sw_pool *pool = first.block->pool;
    for (uint32_t end = first.len; end > 0;) {
        const uint32_t here = (end - 1) % ARENA_BYTES + 1;
        struct sw_block *block = sw_block_new(pool, SW_BLOCK_2K);
        if (block == NULL) {
            /* The rest of it stays by reference. */
            recvq_entry(q, 0)->len = end;
            return;
        }
        memcpy(block->bytes, first.block->bytes + first.off + end - here, here);
        block->used = here;
        end -= here;
        if (end > 0) {
            /* In front of what was copied already, behind what is left of the entry. */
            q->head = (q->head - 1) & (q->cap - 1);
            q->count++;
            *recvq_entry(q, 0) = *recvq_entry(q, 1);
        } else {
            sw_block_drop(first.block);
            q->pinned -= first.pins;
        }
        *recvq_entry(q, end > 0 ? 1 : 0) =
            (struct sw_recvq_entry){.block = block, .len = here, .pins = 2 * here, .copied = true};
        q->pinned += 2 * here;
    }
}

static bool recvq_refer(struct sw_tcp_recvq *q, struct sw_block *block, uint32_t off, uint32_t len,
                        bool small)
{
    if (q->count > 0) {
        struct sw_recvq_entry *last = recvq_entry(q, q->count - 1);
        if (last->block == block && last->off + last->len == off) {
            last->len += len;
            q->bytes += len;
            return true;
        }
    }
    /* A block of 2 KiB holds one frame's text and gets no neighbour. */
    if (small || (block->cap == ARENA_BYTES && 2 * len < block->cap)) {
        return recvq_take(q, block->pool, block->bytes + off, len);
    }
    recvq_settle_last(q);
    if (!recvq_append(q, block, off, len, false)) {
        return false;
    }
    recvq_settle_first(q);
    return true;
}

bool sw_tcp_recvq_push_slice(struct sw_tcp_recvq *q, struct sw_block *block, uint32_t off,
                             uint32_t len)
{
    return recvq_refer(q, block, off, len, len < SW_RECVQ_SMALL_BYTES);
}

bool sw_tcp_recvq_push_frame(struct sw_tcp_recvq *q, const struct sw_frame *frame, size_t off,
                             uint32_t len)
{
    const bool small = len < SW_RECVQ_SMALL_BYTES;
    for (uint32_t done = 0; done < len;) {
        const struct sw_slice *in = NULL;
        size_t run = 0;
        const uint8_t *at = sw_frame_span(frame, off + done, &run, &in);
        const uint32_t here = run < len - done ? (uint32_t)run : len - done;
        const bool ok =
            in != NULL ? recvq_refer(q, in->block, (uint32_t)(at - in->block->bytes), here, small)
                       : recvq_take(q, frame->pool, at, here);
        if (!ok) {
            recvq_truncate(q, done);
            return false;
        }
        done += here;
    }
    return true;
}

const uint8_t *sw_tcp_recvq_peek(const struct sw_tcp_recvq *q, size_t *n)
{
    if (q->count == 0) {
        *n = 0;
        return NULL;
    }
    const struct sw_recvq_entry *first = recvq_entry(q, 0);
    *n = first->len;
    return first->block->bytes + first->off;
}

void sw_tcp_recvq_consume(struct sw_tcp_recvq *q, uint32_t n)
{
    assert(n <= q->bytes);
    q->bytes -= n;
    while (n > 0) {
        struct sw_recvq_entry *first = recvq_entry(q, 0);
        if (n < first->len) {
            const uint32_t pins = first->copied ? 2 * n : 0;
            first->off += n;
            first->len -= n;
            first->pins -= pins;
            q->pinned -= pins;
            break;
        }
        n -= first->len;
        q->pinned -= first->pins;
        sw_block_drop(first->block);
        q->head = (q->head + 1) & (q->cap - 1);
        q->count--;
    }
    if (q->count == 0) {
        sw_tcp_recvq_fini(q); /* an idle connection pins nothing */
    } else {
        recvq_settle_first(q);
    }
}

uint8_t sw_tcp_recvq_byte(const struct sw_tcp_recvq *q, uint32_t off)
{
    assert(off < q->bytes);
    uint32_t i = 0;
    while (off >= recvq_entry(q, i)->len) {
        off -= recvq_entry(q, i++)->len;
    }
    const struct sw_recvq_entry *entry = recvq_entry(q, i);
    return entry->block->bytes[entry->off + off];
}

size_t sw_tcp_recvq_read(struct sw_tcp_recvq *q, uint8_t *to, size_t n)
{
    size_t done = 0;
    while (done < n && q->count > 0) {
        size_t run = 0;
        const uint8_t *from = sw_tcp_recvq_peek(q, &run);
        run = run < n - done ? run : n - done;
        memcpy(to + done, from, run);
        done += run;
        sw_tcp_recvq_consume(q, (uint32_t)run);
    }
    return done;
}
