/* BBR by itself: see stack_bbr.h. */
#include "tests/support/stack_bbr.h"

#include <check.h>

void bbr_begin(struct bbr *t)
{
    *t = (struct bbr){.cc = {.ops = &sw_tcp_cc_bbr, .mss_bytes = 1000},
                      .s = {.rate = {.interval = -1, .rtt = -1}, .now = SW_S, .salt = 1}};
    t->cc.ops->begin(&t->cc, false);
    ck_assert(t->cc.ops->make(&t->cc));
    t->b = t->cc.own.bbr;
    sw_tcp_rate_init(&t->rate, SW_S);
}

void bbr_settled(struct bbr *t)
{
    bbr_begin(t);
    t->b->full = true;
    for (unsigned i = 0; i < 3; i++) {
        t->b->bw.best[i].value = 1000000;
    }
    t->b->min_rtt = 10 * SW_MS;
    t->b->min_rtt_at = SW_S;
    t->b->rate_by_rtt = true;
    t->b->pacing_rate = 990000;
    t->b->cwnd_gain = SW_BBR_CWND_GAIN;
    t->b->mode = SW_BBR_PROBE_BW;
    t->cc.cwnd = 26000;
    bbr_phase(t, 2);
}

void bbr_phase(struct bbr *t, uint32_t cycle)
{
    t->b->cycle = cycle;
    t->b->cycle_at = SW_S;
    t->b->pacing_gain = cycle == 0 ? 320 : cycle == 1 ? 192 : 256;
}

void bbr_end(struct bbr *t)
{
    t->cc.ops->fini(&t->cc);
    ck_assert_ptr_null(t->cc.own.bbr);
    sw_tcp_rate_fini(&t->rate);
}

void bbr_ack(struct bbr *t, sw_time now, uint32_t bytes)
{
    t->s.now = now;
    t->s.rate.acked_bytes = bytes;
    t->rate.delivered += bytes;
    if (bytes > 0) {
        t->rate.delivered_at = now;
    }
    t->cc.ops->control(&t->cc, &t->rate, &t->s);
}

void bbr_round(struct bbr *t, sw_time now, uint64_t delivered)
{
    const struct sw_tcp_rate_sample before = t->s.rate;
    t->s.rate.known = true;
    t->s.rate.interval = 10 * SW_MS;
    t->s.rate.delivered = delivered;
    t->s.rate.prior_delivered = t->b->round_end;
    bbr_ack(t, now, 1000);
    t->s.rate = before;
}
