/* A connection made by hand: no table knows it, nothing is sent for it and no timer runs. For
 * functions that decide by what a struct sw_tcp says, and each condition by itself. */
#ifndef SW_TESTS_STACK_BARE_H
#define SW_TESTS_STACK_BARE_H

#include "stack/tcp.h"

struct bare {
    struct sw_tcp t; /* with the rest of these */
    struct sw_tcp_loss loss;
    struct sw_tcp_table table;
    struct sw_host host;
};

/* ESTABLISHED, with SACK, NewReno and segments of 1,000; nothing is out, 100 comes next, and the
 * peer's window is 60,000. Its round trip is 20 ms, its timeout 200 ms. */
void bare_begin(struct bare *b);
/* A segment of n bytes goes at this time. */
void bare_sent(struct bare *b, uint32_t n, sw_time when);
void bare_end(struct bare *b);

#endif
