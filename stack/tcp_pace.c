/* Pacing: see tcp_pace.h. */
#include "stack/tcp_pace.h"

#include <assert.h>

#define TWO_SEGMENTS_RATE 150000u /* bytes a second, from which on two segments go at once */

uint32_t sw_tcp_pace_quantum(uint64_t rate, uint32_t mss_bytes)
{
    const uint32_t least = rate < TWO_SEGMENTS_RATE ? mss_bytes : 2 * mss_bytes;
    const uint64_t worth = rate >> 10, quarter = rate >> 12;
    uint64_t bytes = worth < SW_PACE_QUANTUM_SHALLOW ? worth : SW_PACE_QUANTUM_SHALLOW;
    bytes = bytes > quarter ? bytes : quarter;
    bytes = bytes < SW_PACE_QUANTUM_MOST ? bytes : SW_PACE_QUANTUM_MOST;
    return bytes > least ? (uint32_t)bytes : least;
}

sw_time sw_tcp_pace_time(uint64_t rate, uint32_t bytes)
{
    assert(rate > 0);
    return (sw_time)(((uint64_t)bytes * SW_S + rate - 1) / rate);
}

void sw_tcp_pace_sent(struct sw_tcp_pace *p, uint32_t bytes, uint32_t mss_bytes, sw_time now)
{
    if (p->rate == 0) {
        return;
    }
    if (p->left == 0) {
        p->left = sw_tcp_pace_quantum(p->rate, mss_bytes);
        const sw_time earliest = now - sw_tcp_pace_time(p->rate, p->left);
        p->next = p->next > earliest ? p->next : earliest;
    }
    p->next += sw_tcp_pace_time(p->rate, bytes);
    p->left -= bytes < p->left ? bytes : p->left;
}
