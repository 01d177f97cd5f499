/* pcapng (draft-ietf-opsawg-pcapng): one section, its interfaces, enhanced packet blocks. Each
 * block is put together whole and written at once, so a reader of a growing file sees no half of
 * one unless the writer cuts it. Always little-endian. */
#include "core/pcapng.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SECTION 0x0a0d0d0a
#define BLOCK_INTERFACE 1
#define BLOCK_PACKET 6
#define BYTE_ORDER_MAGIC 0x1a2b3c4d
#define LINKTYPE_ETHERNET 1
#define OPT_END 0
#define OPT_COMMENT 1
#define OPT_IF_NAME 2
#define OPT_IF_TSRESOL 9
#define OPT_EPB_FLAGS 2
#define TSRESOL_NANOSECONDS 9 /* 10^-9 s */
#define COMMENT_BYTES 64      /* the longest comment written here, and a NUL */

/* A block that is being built: at walks through bytes of known size. */
struct builder {
    uint8_t *bytes;
    uint8_t *at;
    uint32_t size;
};

static void put16(struct builder *b, uint16_t v)
{
    *b->at++ = (uint8_t)v;
    *b->at++ = (uint8_t)(v >> 8);
}

static void put32(struct builder *b, uint32_t v)
{
    put16(b, (uint16_t)v);
    put16(b, (uint16_t)(v >> 16));
}

static uint32_t padded(size_t n)
{
    return (uint32_t)((n + 3) & ~(size_t)3);
}

/* What an option of n bytes occupies. */
static uint32_t option_size(size_t n)
{
    return 4 + padded(n);
}

static void pad(struct builder *b, size_t n)
{
    for (size_t rest = padded(n) - n; rest > 0; rest--) {
        *b->at++ = 0;
    }
}

static void put_option(struct builder *b, uint16_t code, const void *value, size_t n)
{
    put16(b, code);
    put16(b, (uint16_t)n);
    memcpy(b->at, value, n);
    b->at += n;
    pad(b, n);
}

/* Begins a block whose body, options and their end included, has `body` bytes. False: no memory,
 * and p has failed. */
static bool begin_block(struct sw_pcapng *p, struct builder *b, uint32_t type, uint32_t body)
{
    b->size = 12 + body;
    b->bytes = malloc(b->size);
    if (b->bytes == NULL) {
        p->failed = -ENOMEM;
        return false;
    }
    b->at = b->bytes;
    put32(b, type);
    put32(b, b->size);
    return true;
}

static int end_block(struct sw_pcapng *p, struct builder *b)
{
    put_option(b, OPT_END, "", 0);
    put32(b, b->size);
    assert(b->at == b->bytes + b->size);
    p->failed = p->write(p->ctx, b->bytes, b->size);
    assert(p->failed <= 0);
    free(b->bytes);
    return p->failed;
}

int sw_pcapng_begin(struct sw_pcapng *p, int (*write)(void *ctx, const void *bytes, size_t n),
                    void *ctx, uint64_t seed)
{
    *p = (struct sw_pcapng){.write = write, .ctx = ctx};
    char comment[COMMENT_BYTES];
    size_t n = (size_t)snprintf(comment, sizeof(comment), "seed %" PRIu64, seed);
    struct builder b;
    if (!begin_block(p, &b, BLOCK_SECTION, 16 + option_size(n) + option_size(0))) {
        return p->failed;
    }
    put32(&b, BYTE_ORDER_MAGIC);
    put16(&b, 1); /* version 1.0 */
    put16(&b, 0);
    put32(&b, UINT32_MAX); /* of unknown length: -1 */
    put32(&b, UINT32_MAX);
    put_option(&b, OPT_COMMENT, comment, n);
    return end_block(p, &b);
}

int sw_pcapng_interface(struct sw_pcapng *p, const char *name)
{
    if (p->failed != 0) {
        return p->failed;
    }
    size_t n = strlen(name);
    assert(n <= UINT16_MAX);
    const uint8_t resolution = TSRESOL_NANOSECONDS;
    struct builder b;
    if (!begin_block(p, &b, BLOCK_INTERFACE,
                     8 + option_size(n) + option_size(1) + option_size(0))) {
        return p->failed;
    }
    put16(&b, LINKTYPE_ETHERNET);
    put16(&b, 0);
    put32(&b, 0); /* no snap length */
    put_option(&b, OPT_IF_NAME, name, n);
    put_option(&b, OPT_IF_TSRESOL, &resolution, 1);
    int result = end_block(p, &b);
    return result != 0 ? result : (int)p->interfaces++;
}

int sw_pcapng_frame(struct sw_pcapng *p, uint32_t interface, enum sw_direction dir, sw_time epoch,
                    sw_time now, const struct sw_frame *frame, enum sw_drop reason)
{
    if (p->failed != 0) {
        return p->failed;
    }
    assert(interface < p->interfaces);
    char comment[COMMENT_BYTES];
    size_t n = 0;
    if (reason != SW_DROP_COUNT) {
        n = (size_t)snprintf(comment, sizeof(comment), "dropped: %s", sw_drop_name(reason));
        assert(n < sizeof(comment));
    }
    const uint8_t flags[4] = {(uint8_t)dir, 0, 0, 0};
    uint32_t options = option_size(sizeof(flags)) + (n > 0 ? option_size(n) : 0) + option_size(0);
    struct builder b;
    if (!begin_block(p, &b, BLOCK_PACKET, 20 + padded(frame->len) + options)) {
        return p->failed;
    }
    uint64_t time = (uint64_t)(epoch + now);
    put32(&b, interface);
    put32(&b, (uint32_t)(time >> 32));
    put32(&b, (uint32_t)time);
    put32(&b, frame->len);
    put32(&b, frame->len);
    sw_frame_copy_out(frame, b.at);
    b.at += frame->len;
    pad(&b, frame->len);
    put_option(&b, OPT_EPB_FLAGS, flags, sizeof(flags));
    if (n > 0) {
        put_option(&b, OPT_COMMENT, comment, n);
    }
    return end_block(p, &b);
}
