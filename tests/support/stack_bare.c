/* A connection made by hand: see stack_bare.h. */
#include "tests/support/stack_bare.h"

#include <check.h>
#include <string.h>

static void hears_nothing(struct sw_tcp_sent_hears *hears, const struct sw_tcp_record *r)
{
    (void)hears;
    (void)r;
}

void bare_begin(struct bare *b)
{
    memset(b, 0, sizeof(*b));
    b->clock = sw_clock_new();
    ck_assert_ptr_nonnull(b->clock);
    b->host.env.clock = b->clock;
    bare_at(b, SW_S);
    b->host.tcp = &b->table;
    b->table.host = &b->host;
    b->loss.hears.delivered = hears_nothing;
    b->loss.reorder_due = SW_TIME_NEVER;
    sw_tcp_sent_init(&b->loss.sent);
    struct sw_tcp *t = &b->t;
    t->host = &b->host;
    t->loss = &b->loss;
    t->state = SW_TCP_ESTABLISHED;
    t->sack = t->as_linux = true;
    t->iss = 99;
    t->snd_una = t->snd_nxt = t->snd_out = t->recover = 100;
    t->snd_wnd = t->snd_wnd_max = 60000;
    t->snd_mss = t->cc.mss_bytes = 1000;
    t->peer_mss = 1460;
    t->path.mtu_bytes = 1500;
    t->cc.ops = sw_tcp_cc_find(SW_TCP_RENO);
    t->cc.ops->begin(&t->cc, false);
    t->rtt = (struct sw_tcp_rtt){.srtt = 20 * SW_MS, .rto = 200 * SW_MS, .sampled = true};
    for (unsigned i = 0; i < SW_TCP_DUE_COUNT; i++) {
        t->due[i] = SW_TIME_NEVER;
    }
}

void bare_at(struct bare *b, sw_time now)
{
    (void)sw_clock_run(b->clock, now, 1);
    ck_assert_int_eq(sw_clock_now(b->clock), now);
}

void bare_sent(struct bare *b, uint32_t n, sw_time when)
{
    ck_assert(sw_tcp_sent_room(&b->loss.sent, 1000));
    sw_tcp_sent_push(&b->loss.sent, b->t.snd_nxt, b->t.snd_nxt + n, when);
    b->t.snd_nxt += n;
    b->t.snd_out = b->t.snd_nxt;
}

void bare_end(struct bare *b)
{
    sw_tcp_paced_free(&b->t);
    sw_tcp_sent_fini(&b->loss.sent);
    sw_clock_free(b->clock);
}
