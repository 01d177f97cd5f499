/* A connection's buffers, and the bounds up to which they are tuned (tcp_tune.h). For the tcp_*.c
 * files alone. */
#ifndef SW_STACK_TCP_BUFFERS_H
#define SW_STACK_TCP_BUFFERS_H

#include "stack/tcp.h"

/* The sizes that a new connection of the host has; the bounds if it does not tune. */
void sw_tcp_buffers_new(struct sw_tcp *t);
/* The user says how large: from then on they stay so. 0, -EINVAL. */
int sw_tcp_buffers_fix_send(struct sw_tcp *t, int64_t bytes);
int sw_tcp_buffers_fix_receive(struct sw_tcp *t, int64_t bytes);
/* A listener's child has what it has. */
void sw_tcp_buffers_inherit(struct sw_tcp *t, const struct sw_tcp *listener);
/* The largest that the receive buffer may become: what the window is scaled for. */
uint32_t sw_tcp_buffers_receive_most(const struct sw_tcp *t);
/* The connection stands. */
void sw_tcp_buffers_begin(struct sw_tcp *t);
/* A segment with text in its order has been taken in; it may say how long a round trip is. */
void sw_tcp_buffers_measure(struct sw_tcp *t, const struct sw_tcp_segment *seg);
static inline void sw_tcp_buffers_arrived(struct sw_tcp *t, const struct sw_tcp_segment *seg)
{
    if (sw_seq_le(t->tune.edge, t->rcv_nxt) || seg->h.ts_ecr != t->tune.echo) {
        sw_tcp_buffers_measure(t, seg);
    }
}
/* The user has read. */
void sw_tcp_buffers_read(struct sw_tcp *t);
/* Text was acknowledged, and the user waits to write more. */
void sw_tcp_buffers_grow_send(struct sw_tcp *t);
static inline void sw_tcp_buffers_acked(struct sw_tcp *t)
{
    if (!t->snd_fixed && t->snd_buffer / 2 < t->cc.cwnd) {
        sw_tcp_buffers_grow_send(t);
    }
}

#endif
