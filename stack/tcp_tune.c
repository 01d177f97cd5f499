/* How large buffers ought to be: see tcp_tune.h. */
#include "stack/tcp_tune.h"

#include <assert.h>

#include "stack/tcp_seq.h"

static uint32_t us(sw_time t)
{
    return (uint32_t)((uint64_t)t / SW_US);
}

/* A round trip took so long, or less; only one that is known to be whole may make it longer. */
static void sample(struct sw_tcp_tune *tune, uint32_t r_us, bool whole)
{
    const uint32_t r = r_us == 0 ? 1 : r_us < UINT32_MAX / 8 ? r_us : UINT32_MAX / 8;
    if (tune->rtt_8us == 0 || 8 * r < tune->rtt_8us) {
        tune->rtt_8us = 8 * r;
    } else if (whole) {
        tune->rtt_8us += r - tune->rtt_8us / 8;
    }
}

void sw_tcp_tune_begin(struct sw_tcp_tune *tune, sw_time now, uint32_t rcv_nxt, uint32_t expected)
{
    assert(expected > 0);
    *tune = (struct sw_tcp_tune){
        .edge = rcv_nxt, .space = expected, .read_seq = rcv_nxt, .read_us = us(now)};
}

void sw_tcp_tune_arrived(struct sw_tcp_tune *tune, sw_time now, uint32_t rcv_nxt, uint32_t window)
{
    if (sw_seq_lt(rcv_nxt, tune->edge)) {
        return;
    }
    if (tune->edge_us != 0) {
        sample(tune, us(now) - tune->edge_us, false);
    }
    tune->edge = rcv_nxt + window;
    tune->edge_us = us(now) | 1;
}

void sw_tcp_tune_echoed(struct sw_tcp_tune *tune, uint32_t echo, sw_time ago, sw_time tick,
                        bool caught_up)
{
    if (echo == tune->echo) {
        return; /* the first text that echoes it came soonest */
    }
    tune->echo = echo;
    /* No tick between them: less than one. */
    sample(tune, us(ago > 0 ? ago : tick), ago > 0 && caught_up);
}

uint32_t sw_tcp_tune_read(struct sw_tcp_tune *tune, sw_time now, uint32_t read_seq,
                          uint32_t early_bytes)
{
    if (tune->rtt_8us == 0 || us(now) - tune->read_us < tune->rtt_8us / 8) {
        return 0;
    }
    const uint32_t bytes = read_seq - tune->read_seq;
    uint64_t want = 0;
    if (bytes > tune->space) {
        /* What comes now was sent a round trip ago: as it has grown since the last, it may have
         * grown twice since. */
        want = 2 * (uint64_t)bytes;
        want += 2 * (want * (bytes - tune->space) / tune->space) + early_bytes;
        tune->space = bytes;
    }
    tune->read_seq = read_seq;
    tune->read_us = us(now);
    return want < SW_TCP_BUFFER_MAX ? (uint32_t)want : SW_TCP_BUFFER_MAX;
}

uint32_t sw_tcp_tune_send(uint32_t cwnd)
{
    return cwnd < SW_TCP_BUFFER_MAX / 2 ? 2 * cwnd : SW_TCP_BUFFER_MAX;
}
