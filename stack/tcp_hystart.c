/* HyStart++: see tcp_hystart.h. Sections are those of RFC 9406.
 *
 * A round lasts from a segment's sending to its acknowledgement. If the shortest round trip of one
 * is clearly longer than that of the round before, a queue is building up somewhere, and
 * conservative slow start (CSS) goes on more slowly for five rounds, to see whether that was
 * jitter. If it was, slow start takes over again; else congestion avoidance begins, with nothing
 * lost. */
#include "stack/tcp_hystart.h"

#include "stack/tcp_seq.h"

static void begin_round(struct sw_tcp_hystart *h, uint32_t nxt)
{
    h->last_us = h->begun ? h->this_us : UINT32_MAX;
    h->begun = true;
    h->this_us = UINT32_MAX;
    h->samples = 0;
    h->window_end = nxt;
}

static void sample(struct sw_tcp_hystart *h, sw_time rtt)
{
    const sw_time us = rtt / SW_US;
    if (us < h->this_us) {
        h->this_us = (uint32_t)us;
    }
    if (h->samples < SW_HYSTART_SAMPLES) {
        h->samples++;
    }
}

/* 4.2: RttThresh. */
static uint32_t threshold_us(uint32_t last_us)
{
    const sw_time part = (sw_time)last_us * SW_US / SW_HYSTART_RTT_DIVISOR;
    const sw_time most = part < SW_HYSTART_RTT_THRESH_MAX ? part : SW_HYSTART_RTT_THRESH_MAX;
    return (uint32_t)((most > SW_HYSTART_RTT_THRESH_MIN ? most : SW_HYSTART_RTT_THRESH_MIN) /
                      SW_US);
}

/* 4.2: from slow start into CSS, and back. */
static void judge(struct sw_tcp_hystart *h)
{
    if (h->samples < SW_HYSTART_SAMPLES) {
        return;
    }
    if (h->css_rounds > 0) {
        if (h->this_us < h->baseline_us) {
            h->css_rounds = 0;
        }
    } else if (h->last_us != UINT32_MAX &&
               (uint64_t)h->this_us >= (uint64_t)h->last_us + threshold_us(h->last_us)) {
        h->baseline_us = h->this_us;
        h->css_rounds = 1; /* the round under way counts */
    }
}

uint32_t sw_tcp_hystart_ack(struct sw_tcp_hystart *h, const struct sw_tcp_hystart_ack *ack,
                            bool *over)
{
    *over = false;
    if (!h->begun) {
        begin_round(h, ack->nxt);
    }
    if (ack->rtt >= 0) {
        sample(h, ack->rtt);
        judge(h);
    }
    const uint32_t most = SW_HYSTART_L * ack->mss_bytes;
    const uint32_t more = ack->acked_bytes < most ? ack->acked_bytes : most;
    const bool css = h->css_rounds > 0;
    if (sw_seq_ge(ack->una, h->window_end)) {
        *over = css && h->css_rounds == SW_HYSTART_CSS_ROUNDS;
        h->css_rounds = css ? (uint8_t)(h->css_rounds + 1) : 0;
        begin_round(h, ack->nxt);
    }
    return css ? more / SW_HYSTART_CSS_DIVISOR : more;
}
