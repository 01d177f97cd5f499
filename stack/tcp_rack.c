/* RFC 8985 6.2: see tcp_rack.h. */
#include "stack/tcp_rack.h"

#include "stack/tcp_seq.h"

/* RACK_sent_after(): at one time the higher number is the later. */
static bool sent_after(sw_time a, uint32_t a_end, sw_time b, uint32_t b_end)
{
    return a > b || (a == b && sw_seq_gt(a_end, b_end));
}

void sw_tcp_rack_delivered(struct sw_tcp_rack *rack, const struct sw_tcp_record *r, sw_time echo,
                           sw_time now)
{
    const bool again = (r->flags & SW_SENT_EVER) != 0;
    const sw_time rtt = now - r->when;
    /* Step 3: what comes behind something higher, and was sent but once, was overtaken. */
    if (!rack->known || sw_seq_gt(r->end, rack->highest)) {
        rack->highest = r->end;
    } else if (sw_seq_lt(r->end, rack->highest) && !again) {
        rack->reordered = true;
        rack->overtaken++;
    }
    if (again && (rtt < rack->min_rtt || (echo != 0 && echo < r->when))) {
        return;
    }
    /* Step 1. */
    if (!rack->known || rtt <= rack->min_rtt || now - rack->min_rtt_at > SW_RACK_MIN_RTT_AGE) {
        rack->min_rtt = rtt;
        rack->min_rtt_at = now;
    }
    if (!rack->known || sent_after(r->when, r->end, rack->sent_at, rack->end)) {
        rack->sent_at = r->when;
        rack->end = r->end;
        rack->rtt = rtt;
    }
    rack->known = true;
}

void sw_tcp_rack_twice(struct sw_tcp_rack *rack, uint32_t una, uint32_t nxt)
{
    if (rack->in_round && sw_seq_lt(una, rack->round)) {
        return;
    }
    rack->in_round = true;
    rack->round = nxt;
    rack->growth = rack->growth < UINT8_MAX ? (uint8_t)(rack->growth + 1) : UINT8_MAX;
    rack->persist = SW_RACK_PERSIST;
}

void sw_tcp_rack_recovered(struct sw_tcp_rack *rack)
{
    rack->persist = rack->persist > 0 ? (uint8_t)(rack->persist - 1) : 0;
    if (rack->persist == 0) {
        rack->growth = 0;
    }
}

sw_time sw_tcp_rack_window(const struct sw_tcp_rack *rack, bool loss_known, sw_time srtt)
{
    if (!rack->reordered && loss_known) {
        return 0;
    }
    const sw_time window = rack->min_rtt / 4 * (1 + rack->growth);
    return window < srtt ? window : srtt;
}

/* Records in flight lie in the order of their times, so the first that is not lost yet ends it; it
 * is the next to be lost, too. */
sw_time sw_tcp_rack_look(const struct sw_tcp_rack *rack, struct sw_tcp_sent *s, sw_time window,
                         sw_time now)
{
    while (rack->known && s->flying.count > 0) {
        const uint32_t record = s->flying.first;
        const struct sw_tcp_record *r = sw_tcp_sent_at(s, record);
        if (!sent_after(rack->sent_at, rack->end, r->when, r->end)) {
            break;
        }
        const sw_time due = r->when + rack->rtt + window;
        if (due > now) {
            return due;
        }
        sw_tcp_sent_lose(s, record);
    }
    return SW_TIME_NEVER;
}
