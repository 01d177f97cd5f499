/* What the fuzz targets share: the bytes of an input read as a program, a world to play it in, and
 * a check that no build leaves out. A target is a fuzz_NAME.c with LLVMFuzzerTestOneInput(); the
 * same file is linked with libFuzzer, and with replay.c, which plays a corpus back. */
#ifndef SW_TESTS_FUZZ_FUZZ_H
#define SW_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "core/env.h"
#include "core/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* A rule that holds whatever the input was. Ends the process if it does not. */
#define fuzz_check(rule) ((rule) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #rule))
_Noreturn void fuzz_fail(const char *file, int line, const char *rule);

/* ---- the input ---- */

struct fuzz_input {
    const uint8_t *at, *end;
};

static inline size_t fuzz_left(const struct fuzz_input *in)
{
    return (size_t)(in->end - in->at);
}

/* Behind the end there are zeros. */
static inline uint8_t fuzz_u8(struct fuzz_input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

static inline uint16_t fuzz_u16(struct fuzz_input *in)
{
    const unsigned high = fuzz_u8(in);
    return (uint16_t)(high << 8 | fuzz_u8(in));
}

static inline uint32_t fuzz_u32(struct fuzz_input *in)
{
    const uint32_t high = fuzz_u16(in);
    return high << 16 | fuzz_u16(in);
}

/* Up to n bytes; how many there are in *n. */
static inline const uint8_t *fuzz_take(struct fuzz_input *in, size_t *n)
{
    const uint8_t *at = in->at;
    *n = *n < fuzz_left(in) ? *n : fuzz_left(in);
    in->at += *n;
    return at;
}

/* ---- the world ---- */

struct fuzz_world {
    struct sw_env env;
    struct sw_seed seed;
};

void fuzz_world_init(struct fuzz_world *world, size_t pool_bytes);
/* Nothing may be left in it. */
void fuzz_world_fini(struct fuzz_world *world);
/* Lets that much time pass. */
void fuzz_world_run(struct fuzz_world *world, sw_time span);
/* Bytes that come from outside, of which the first head_bytes are the head. NULL: no room. */
struct sw_frame *fuzz_frame(struct fuzz_world *world, const uint8_t *bytes, size_t n,
                            size_t head_bytes);

#endif
