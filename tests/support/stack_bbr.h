/* BBR by itself, told in literal bytes and times what each acknowledgement says: segments of 1,000
 * bytes, and a path of 1,000,000 bytes a second with a round trip of 10 ms, which is ten segments.
 */
#ifndef SW_TESTS_STACK_BBR_H
#define SW_TESTS_STACK_BBR_H

#include "stack/tcp_bbr.h"

struct bbr {
    struct sw_tcp_cc cc;
    struct sw_tcp_bbr *b; /* the model of cc */
    struct sw_tcp_rate rate;
    struct sw_tcp_cc_sample s; /* the next acknowledgement, but for what bbr_ack() sets */
};

/* At 1 s, before the first acknowledgement; nothing is known of the path. */
void bbr_begin(struct bbr *t);
/* It has been found out long since: PROBE_BW in a phase that neither probes nor drains, begun now,
 * with the whole window open: twice the path, and three quanta of two segments each. */
void bbr_settled(struct bbr *t);
/* Another phase of PROBE_BW, begun at 1 s. */
void bbr_phase(struct bbr *t, uint32_t cycle);
void bbr_end(struct bbr *t);

/* An acknowledgement of so many bytes, with what is in t->s; it tells no rate unless that does. */
void bbr_ack(struct bbr *t, sw_time now, uint32_t bytes);
/* One that ends a round trip, and says that so many bytes came in 10 ms. */
void bbr_round(struct bbr *t, sw_time now, uint64_t delivered);

#endif
