/* A connection made by hand: no table knows it, nothing is sent for it, and its deadlines are set
 * but no timer runs. For functions that decide by what a struct sw_tcp says, and each condition by
 * itself. */
#ifndef SW_TESTS_STACK_BARE_H
#define SW_TESTS_STACK_BARE_H

#include "stack/tcp.h"

struct bare {
    struct sw_tcp t; /* with the rest of these */
    struct sw_tcp_loss loss;
    struct sw_tcp_table table;
    struct sw_host host;
    struct sw_clock *clock;
};

/* ESTABLISHED, with SACK, NewReno and segments of 1,000; nothing is out, 100 comes next, and the
 * peer's window is 60,000. Its round trip is 20 ms, its timeout 200 ms. It
 * is 1 s. */
void bare_begin(struct bare *b);
/* It is so late. */
void bare_at(struct bare *b, sw_time now);
/* A segment of n bytes goes at this time. */
void bare_sent(struct bare *b, uint32_t n, sw_time when);
void bare_end(struct bare *b);

#endif
