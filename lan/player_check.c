/* Says what a step came to: gathers it, has it judged, tells of it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lan/counter.h"
#include "lan/metric.h"
#include "lan/player_impl.h"

/* ---- tables ---- */

/* A table that a step looks at, and who else is needed to read it. */
struct table {
    struct sw_network *net;
    const struct sw_topo_object *of;
    sw_time now;
};

static bool holds_mac(const struct table *t, struct sw_mac mac)
{
    const struct sw_bridge *bridge = sw_network_bridge_at(t->net, t->of->index);
    return sw_fdb_lookup(sw_bridge_fdb(bridge), mac, 0, t->now) != SW_FDB_NONE;
}

static bool holds_ip(const struct table *t, struct sw_ip ip)
{
    struct sw_arp_entry entry;
    const struct sw_host *host = sw_network_host_at(t->net, t->of->index);
    for (unsigned i = 0; sw_host_arp_entry(host, i, &entry); i++) {
        if (entry.resolved && sw_ip_equal(entry.ip, ip)) {
            return true;
        }
    }
    return false;
}

/* Does one of the addresses of the network's i-th host stand in it? */
static bool holds_host(const struct table *t, size_t at)
{
    const struct sw_topo_host *host = &sw_network_topo(t->net)->hosts[at];
    bool holds = false;
    for (size_t i = 0; i < host->nic_count && !holds; i++) {
        const struct sw_topo_nic *nic = &host->nics[i];
        if (t->of->kind == SW_OBJECT_SWITCH) {
            struct sw_host *live = sw_network_host_at(t->net, at);
            holds = holds_mac(t, sw_nic_mac(sw_host_nic(live, nic->name)));
        }
        for (size_t k = 0; t->of->kind == SW_OBJECT_HOST && k < nic->address_count; k++) {
            holds = holds || holds_ip(t, nic->addresses[k].prefix.ip);
        }
    }
    return holds;
}

static bool table_has(const void *table, const char *text)
{
    const struct table *t = table;
    const struct sw_topo *topo = sw_network_topo(t->net);
    struct sw_mac mac;
    struct sw_ip ip;
    for (size_t i = 0; i < topo->host_count; i++) {
        if (strcmp(topo->hosts[i].name, text) == 0) {
            return holds_host(t, i);
        }
    }
    if (t->of->kind == SW_OBJECT_SWITCH) {
        return sw_mac_parse(&mac, text) && holds_mac(t, mac);
    }
    return sw_ip_parse(&ip, text) && holds_ip(t, ip);
}

/* Entries that hold: of a switch those that are not too old, of a host those that were answered. */
static uint64_t count_entries(const struct table *t)
{
    uint64_t count = 0;
    struct sw_arp_entry entry;
    if (t->of->kind == SW_OBJECT_SWITCH) {
        return sw_fdb_fresh(sw_bridge_fdb(sw_network_bridge_at(t->net, t->of->index)), t->now);
    }
    const struct sw_host *host = sw_network_host_at(t->net, t->of->index);
    for (unsigned i = 0; sw_host_arp_entry(host, i, &entry); i++) {
        count += entry.resolved;
    }
    return count;
}

/* ---- what it came to ---- */

static void collect_traffic(struct sw_play *play, struct sw_outcome *out)
{
    if (play->ping) {
        sw_ping_result(play->ping, &out->of.ping);
        /* Some replies beside an error are no failure of the step. */
        out->error = out->of.ping.received ? 0 : out->of.ping.error;
    } else if (play->iperf) {
        sw_iperf_result(play->iperf, &out->of.iperf);
        out->error = out->of.iperf.error;
    } else if (play->fetch) {
        sw_fetch_result(play->fetch, &out->of.fetch);
        out->error = out->of.fetch.error;
        out->took = out->of.fetch.took;
    } else if (play->talk) {
        sw_talk_result(play->talk, &out->of.talk);
        out->error = out->of.talk.error;
        out->took = out->of.talk.took;
    } else if (play->run) {
        sw_network_programs(play->player->net)->result(play->run, &out->of.run);
        if (out->of.run.failed) {
            sw_play_fail(play, "it could not be executed: %s", out->of.run.failed);
        }
    }
}

static void collect(struct sw_play *play, struct table *table, struct sw_outcome *out)
{
    struct sw_player *p = play->player;
    const struct sw_topo_step *step = play->step;
    const struct sw_counter_row *row;
    *out = (struct sw_outcome){
        .kind = step->kind, .udp = step->udp, .took = play->ended - play->began};
    switch (step->kind) {
    case SW_STEP_COUNTER:
        row = sw_counter_find(step->of.kind, step->counter ? step->counter : "");
        if (row) {
            out->of.number = sw_counter_read(row, p->net, &step->of);
        } else {
            sw_play_fail(play, "there is no counter '%.100s'", step->counter ? step->counter : "");
        }
        break;
    case SW_STEP_TABLE:
        *table = (struct table){p->net, &step->of, sw_clock_now(p->clock)};
        out->of.table = (struct sw_outcome_table){count_entries(table), table_has, table};
        break;
    case SW_STEP_CAPTURE:
        if (!sw_frame_counts_take(p->counts, step, &out->of.number)) {
            sw_play_fail(play, "the step that it is of has not been played");
        }
        break;
    default:
        collect_traffic(play, out);
        break;
    }
    out->why = *play->why ? play->why : NULL;
}

/* ---- telling it ---- */

/* All expectations; of several that fail the first is the check's. */
static void judge(const struct sw_play *play, const struct sw_outcome *outcome,
                  struct sw_check *check)
{
    struct sw_verdict *verdicts = play->player->verdicts;
    const struct sw_topo_step *step = play->step;
    for (size_t i = 0; i < step->expect_count; i++) {
        struct sw_verdict *v = &verdicts[i];
        v->expect = &step->expects[i];
        v->passed = sw_judge(outcome, v->expect, v->seen);
        sw_judge_expected(outcome, v->expect, v->expected);
        if (!v->passed && check->passed) {
            check->passed = false;
            check->expected = v->expected;
            check->seen = v->seen;
            check->where = v->expect->where.line ? v->expect->where : step->where;
        }
    }
    check->verdicts = verdicts;
    check->verdict_count = step->expect_count;
}

void sw_play_tell(struct sw_play *play)
{
    const struct sw_player *p = play->player;
    const struct sw_topo_step *step = play->step;
    struct sw_outcome outcome;
    struct table table;
    struct sw_value values[SW_JUDGE_VALUES];
    char name[SW_JUDGE_TEXT], figure[SW_JUDGE_TEXT];
    collect(play, &table, &outcome);
    if (!p->hooks.check || (step->expect_count == 0 && (!*play->why || play->cut))) {
        return;
    }
    snprintf(name, sizeof name, "%s%s", step->name, play->round_text);
    struct sw_check check = {.name = name,
                             .step = step,
                             .where = step->where,
                             .passed = true,
                             .figure = sw_judge_figure(&outcome, figure),
                             .began = play->began,
                             .ended = play->ended,
                             .values = values,
                             .value_count = sw_judge_values(&outcome, values)};
    judge(play, &outcome, &check);
    if (*play->why && check.passed) {
        check.passed = false;
        check.expected = "its end";
        check.seen = play->why;
    }
    p->hooks.check(p->hooks.ctx, &check);
}

/* " (2 of 3)"; of rounds within rounds the outermost first: " (1 of 2, 2 of 3)". */
char *sw_play_round(const struct sw_play *play, char buf[SW_PLAY_ROUND])
{
    char inner[SW_PLAY_ROUND] = "", text[2 * SW_PLAY_ROUND];
    for (const struct sw_play *at = play->parent; at && at->step; at = at->parent) {
        if (at->step->kind == SW_STEP_REPEAT) {
            snprintf(text, sizeof text, "%u of %u%s%s", at->round + 1, at->times,
                     *inner ? ", " : "", inner);
            snprintf(inner, sizeof inner, "%.*s", SW_PLAY_ROUND - 1, text);
        }
    }
    *buf = 0;
    if (*inner) {
        snprintf(buf, SW_PLAY_ROUND, " (%.*s)", SW_PLAY_ROUND - 4, inner);
    }
    return buf;
}

void sw_play_progress(const struct sw_play *play, char *text, size_t cap)
{
    const struct sw_topo_step *step = play->step;
    char part[SW_VALUE_TEXT];
    if (play->ping) {
        snprintf(text, cap, "%u of %u replies", play->told, step->count);
    } else if (play->iperf) {
        struct sw_iperf_result r;
        sw_iperf_result(play->iperf, &r);
        snprintf(text, cap, "%" PRIu64 " B received", r.received_bytes);
    } else if (play->fetch) {
        struct sw_fetch_result r;
        sw_fetch_result(play->fetch, &r);
        if (r.status) {
            snprintf(text, cap, "%" PRIu64 " B of the answer", r.size);
        } else {
            snprintf(text, cap, "no answer yet");
        }
    } else if (play->talk) {
        struct sw_talk_result r;
        sw_talk_result(play->talk, &r);
        if (r.connected) {
            snprintf(text, cap, "%" PRIu64 " B received", r.size);
        } else {
            snprintf(text, cap, "no connection yet");
        }
    } else if (play->target) {
        snprintf(text, cap, "the end of '%.80s'", play->target->step->name);
    } else if (step->kind == SW_STEP_REPEAT) {
        snprintf(text, cap, "%u of %u rounds", play->round, play->times);
    } else if (step->kind == SW_STEP_WAIT && play->due != SW_TIME_NEVER) {
        snprintf(text, cap, "until %s", sw_value_text(SW_UNIT_TIME, play->due, part));
    } else {
        snprintf(text, cap, "its end");
    }
}
