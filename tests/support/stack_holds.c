/* See stack_holds.h. */
#include "tests/support/stack_holds.h"

#include <check.h>

#include "stack/tcp.h"

/* A word for each, without the cost of ck_assert() where all is well. */
#define HOLDS(what)                                                                                \
    do {                                                                                           \
        if (!(what)) {                                                                             \
            ck_abort_msg("does not hold: %s", #what);                                              \
        }                                                                                          \
    } while (0)

/* ---- what is sent ---- */

void sw_test_sendq_holds(const struct sw_tcp_sendq *q)
{
    uint64_t used = 0;
    HOLDS(q->count <= q->cap && (q->cap & (q->cap - 1)) == 0);
    for (uint32_t i = 0; i < q->count; i++) {
        const struct sw_block *block = q->ring[(q->head + i) & (q->cap - 1)];
        HOLDS(block->refs > 0);
        HOLDS(i + 1 == q->count || block->used == SW_SENDQ_BLOCK_BYTES);
        used += block->used;
    }
    HOLDS(q->bytes == 0 || q->first_off < SW_SENDQ_BLOCK_BYTES);
    HOLDS(q->bytes == 0 || used == (uint64_t)q->first_off + q->bytes);
}

static void record_list(const struct sw_tcp_sent *s, const struct sw_tcp_record_list *list,
                        bool missing)
{
    uint32_t at = list->first;
    sw_time when = 0;
    for (uint32_t i = 0; i < list->count; i++) {
        const struct sw_tcp_record *r = sw_tcp_sent_at(s, at);
        const uint8_t kind = r->flags & (SW_SENT_LOST | SW_SENT_AGAIN);
        HOLDS(at - s->head < s->tail - s->head);
        HOLDS((r->flags & SW_SENT_SACKED) == 0 && (kind == SW_SENT_LOST) == missing);
        HOLDS(missing || r->when >= when);
        when = r->when;
        HOLDS(i + 1 < list->count || at == list->last);
        at = i + 1 < list->count ? r->next : at;
    }
}

void sw_test_sent_holds(const struct sw_tcp_sent *s)
{
    uint32_t out = 0, sacked = 0, lost = 0, again = 0, sacked_count = 0, flying = 0, missing = 0;
    uint32_t above = 0, runs = 0, high = 0;
    bool run = false;
    for (uint32_t i = s->head; i != s->tail; i++) {
        const struct sw_tcp_record *r = sw_tcp_sent_at(s, i);
        const uint32_t len = r->end - r->seq;
        const bool is_sacked = (r->flags & SW_SENT_SACKED) != 0;
        HOLDS(len > 0 && len < UINT32_MAX / 2);
        HOLDS(i + 1 == s->tail || sw_tcp_sent_at(s, i + 1)->seq == r->end);
        out += len;
        sacked += is_sacked ? len : 0;
        sacked_count += is_sacked;
        high = is_sacked ? r->end : high;
        lost += (r->flags & SW_SENT_LOST) != 0 ? len : 0;
        again += (r->flags & SW_SENT_AGAIN) != 0 ? len : 0;
        HOLDS(!is_sacked || (r->flags & (SW_SENT_LOST | SW_SENT_AGAIN)) == 0);
        missing += (r->flags & (SW_SENT_LOST | SW_SENT_AGAIN)) == SW_SENT_LOST;
        flying += !is_sacked && (r->flags & (SW_SENT_LOST | SW_SENT_AGAIN)) != SW_SENT_LOST;
        if (i - s->head >= s->judged - s->head) {
            above += is_sacked ? len : 0;
            runs += is_sacked && !run;
            run = is_sacked;
        }
    }
    HOLDS(s->tail - s->head <= s->cap && (s->cap & (s->cap - 1)) == 0);
    HOLDS(s->out == out && s->sacked == sacked && s->lost == lost && s->resent == again);
    HOLDS(s->sacked_count == sacked_count);
    HOLDS(sacked_count == 0 || s->high_sacked == high);
    HOLDS(s->flying.count == flying && s->missing.count == missing);
    HOLDS(s->judged - s->head <= s->tail - s->head);
    HOLDS(s->above == above && s->above_runs == runs);
    record_list(s, &s->flying, false);
    record_list(s, &s->missing, true);
}

static void sending(const struct sw_tcp *t)
{
    HOLDS(sw_seq_le(t->snd_una, t->snd_out) && sw_seq_le(t->snd_out, t->snd_nxt));
    HOLDS(t->snd_nxt - t->snd_una <= t->sendq.bytes + 1);
    HOLDS(t->cc.cwnd > 0 && t->cc.cwnd <= SW_TCP_CWND_MAX);
    sw_test_sendq_holds(&t->sendq);
    if (t->loss != NULL) {
        const struct sw_tcp_sent *s = &t->loss->sent;
        sw_test_sent_holds(s);
        if (t->sack && s->head != s->tail) {
            HOLDS(sw_tcp_sent_at(s, s->head)->seq == t->snd_una);
            HOLDS(sw_tcp_sent_at(s, s->tail - 1)->end == t->snd_nxt);
        }
    }
}

/* ---- what has come ---- */

void sw_test_recvq_holds(const struct sw_tcp_recvq *q)
{
    uint64_t bytes = 0, pins = 0;
    uint32_t most = 0;
    HOLDS(q->count <= q->cap && (q->cap & (q->cap - 1)) == 0);
    for (uint32_t i = 0; i < q->count; i++) {
        const struct sw_recvq_entry *e = &q->ring[(q->head + i) & (q->cap - 1)];
        HOLDS(e->len > 0 && e->block->refs > 0 && e->off + e->len <= e->block->cap);
        HOLDS(e->pins == (e->copied ? 2 * e->len : e->block->cap));
        bytes += e->len;
        pins += e->pins;
        most = e->pins > most ? e->pins : most;
    }
    HOLDS(q->bytes == bytes && q->pinned == pins);
    HOLDS(pins <= 2 * bytes + most);
}

static unsigned tree(const struct sw_tcp_run *run, uint32_t *runs)
{
    if (run == NULL) {
        return 0;
    }
    const unsigned left = tree(run->child[0], runs), right = tree(run->child[1], runs);
    const unsigned high = left > right ? left : right, low = left < right ? left : right;
    HOLDS(run->height == high + 1 && high - low <= 1);
    HOLDS(run->child[0] == NULL || sw_seq_lt(run->child[0]->end, run->seq));
    HOLDS(run->child[1] == NULL || sw_seq_gt(run->child[1]->seq, run->end));
    ++*runs;
    return high + 1;
}

void sw_test_reass_holds(const struct sw_tcp_reass *r)
{
    uint32_t listed = 0, in_tree = 0, pieces = 0, bytes = 0;
    for (const struct sw_tcp_run *run = r->first; run != NULL; run = run->next) {
        uint32_t at = run->seq;
        HOLDS(run->prev == NULL ? run == r->first : run->prev->next == run);
        HOLDS(run->next == NULL || sw_seq_lt(run->end, run->next->seq));
        for (const struct sw_tcp_piece *p = run->first; p != NULL; p = p->next) {
            HOLDS(p->seq == at && p->len > 0 && p->block->refs > 0);
            HOLDS(p->next != NULL || run->last == p);
            at += p->len;
            pieces++;
        }
        HOLDS(at == run->end);
        bytes += run->end - run->seq;
        listed++;
    }
    (void)tree(r->root, &in_tree);
    HOLDS(listed == in_tree && r->count == pieces && r->bytes == bytes);
}

static void receiving(const struct sw_tcp *t)
{
    sw_test_recvq_holds(&t->recvq);
    if (t->reass == NULL) {
        return;
    }
    sw_test_reass_holds(t->reass);
    for (unsigned i = 0; t->loss != NULL && i < t->loss->sacks.count; i++) {
        const struct sw_tcp_block *b = &t->loss->sacks.block[i];
        const struct sw_tcp_run *run = sw_tcp_reass_at(t->reass, b->start);
        HOLDS(sw_seq_lt(t->rcv_nxt, b->start) && sw_seq_lt(b->start, b->end));
        HOLDS(run != NULL && run->seq == b->start && run->end == b->end);
    }
}

/* ---- time, and who knows whom ---- */

static void deadlines(const struct sw_tcp *t)
{
    for (unsigned i = 0; i < SW_TCP_DUE_COUNT; i++) {
        HOLDS(t->timer.due <= t->due[i]);
    }
    HOLDS(t->loss == NULL || t->timer.due <= t->loss->reorder_due);
    if (sw_tcp_is_synchronized(t)) {
        const bool waits =
            t->due[SW_TCP_DUE_RTX] != SW_TIME_NEVER || t->due[SW_TCP_DUE_PERSIST] != SW_TIME_NEVER;
        HOLDS(t->snd_una == t->snd_nxt || waits);
        HOLDS(t->snd_una != t->snd_nxt || t->due[SW_TCP_DUE_RTX] == SW_TIME_NEVER);
        HOLDS(t->due[SW_TCP_DUE_RTX] == SW_TIME_NEVER ||
              t->due[SW_TCP_DUE_PERSIST] == SW_TIME_NEVER);
    }
}

static void children(const struct sw_tcp *t)
{
    const struct sw_tcp_listener *l = t->listener;
    unsigned all = 0, ready = 0;
    const struct sw_tcp *last = NULL;
    for (const struct sw_tcp *c = l->child; c != NULL; c = c->next_child) {
        HOLDS(c->parent == t);
        HOLDS(c->prev_child == last);
        last = c;
        all++;
    }
    HOLDS(l->eldest == last || all == 0);
    for (const struct sw_tcp *c = l->ready; c != NULL; c = c->next_ready) {
        HOLDS(c->next_ready != NULL || l->last == c);
        ready++;
    }
    HOLDS(l->children == all && ready <= all);
}

void sw_test_tcp_holds(const struct sw_host *host)
{
    uint32_t tabled = 0, orphans = 0;
    for (struct sw_tcp *t = host->tcp->all; t != NULL; t = t->next_all) {
        HOLDS(t->next_all == NULL || t->next_all->prev_all == t);
        tabled += t->tabled;
        orphans += t->orphan;
        HOLDS(!t->tabled || sw_tcp_table_find(host->tcp, &t->at) == t);
        HOLDS(t->handle == NULL || t->handle->tcp == t);
        if (t->listener != NULL && t->state == SW_TCP_LISTEN) {
            children(t);
        }
        if (t->state == SW_TCP_CLOSED || t->state == SW_TCP_TIME_WAIT) {
            continue;
        }
        deadlines(t);
        receiving(t);
        if (sw_tcp_is_synchronized(t)) {
            sending(t);
        }
    }
    HOLDS(tabled == host->tcp->count && orphans == host->tcp->orphans);
}
