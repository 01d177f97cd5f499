/* The user timeout that a connection's ends tell each other (RFC 5482). Pure. */
#ifndef SW_STACK_TCP_UTO_H
#define SW_STACK_TCP_UTO_H

#include <stdint.h>

#include "core/clock.h"

/* What an end says whose user has said nothing (RFC 5482 3; RFC 9293 3.9.1.1's 5 minutes). */
#define SW_TCP_UTO_DEFAULT (5 * 60 * SW_S)
/* How little and how much is agreed to (3.1's L_LIMIT and U_LIMIT): RFC 1122 4.2.3.5 wants 100 s
 * for R2; who holds what is unacknowledged for an hour has given enough. */
#define SW_TCP_UTO_LEAST (100 * SW_S)
#define SW_TCP_UTO_MOST (3600 * SW_S)

/* The option's 16 bits (3.3) for timeout > 0: in seconds if they hold it, else in minutes; rounded
 * up, and cut to what fits. Never 0, which is reserved (3.4). */
uint16_t sw_tcp_uto_put(sw_time timeout);
/* What the option says; 0: a reserved value, to be ignored. */
sw_time sw_tcp_uto_get(uint16_t bits);
/* 3.1: min(U_LIMIT, max(own, remote, L_LIMIT)), and L_LIMIT is above the retransmission timeout. */
sw_time sw_tcp_uto_adopt(sw_time own, sw_time remote, sw_time rto);

#endif
