/* See tcp_quick.h. */
#include "stack/tcp_quick.h"

#include <assert.h>

void sw_tcp_quick_begin(struct sw_tcp_quick *quick, sw_time now)
{
    *quick = (struct sw_tcp_quick){.text_at = sw_tcp_tick_of(now)};
}

void sw_tcp_quick_raise(struct sw_tcp_quick *quick, uint32_t window, uint32_t mss_bytes)
{
    assert(mss_bytes > 0);
    uint32_t most = window / (2 * mss_bytes);
    most = most < 2 ? 2 : most;
    most = most < SW_TCP_QUICK_MOST ? most : SW_TCP_QUICK_MOST;
    if (quick->left < most) {
        quick->left = most & 31u;
    }
}

void sw_tcp_quick_again(struct sw_tcp_quick *quick, uint32_t window, uint32_t mss_bytes)
{
    sw_tcp_quick_raise(quick, window, mss_bytes);
    quick->answering = false;
}

void sw_tcp_quick_waited(struct sw_tcp_quick *quick)
{
    quick->answering = false;
}
