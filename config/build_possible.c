/* Expectations that no run can hold: refused before anything runs. */
#include <inttypes.h>

#include "config/build.h"
#include "lan/metric.h"

/* Of these, the first is never over the second. */
static const struct order {
    enum sw_step_kind step;
    enum sw_metric lower, upper;
} orders[] = {
    {SW_STEP_PING, SW_METRIC_RTT_MIN, SW_METRIC_RTT},
    {SW_STEP_PING, SW_METRIC_RTT_MIN, SW_METRIC_RTT_P50},
    {SW_STEP_PING, SW_METRIC_RTT_MIN, SW_METRIC_RTT_P99},
    {SW_STEP_PING, SW_METRIC_RTT_MIN, SW_METRIC_RTT_MAX},
    {SW_STEP_PING, SW_METRIC_RTT_P50, SW_METRIC_RTT_P99},
    {SW_STEP_PING, SW_METRIC_RTT_P50, SW_METRIC_RTT_MAX},
    {SW_STEP_PING, SW_METRIC_RTT_P99, SW_METRIC_RTT_MAX},
    {SW_STEP_PING, SW_METRIC_RTT, SW_METRIC_RTT_MAX},
    {SW_STEP_IPERF, SW_METRIC_THROUGHPUT_MIN, SW_METRIC_THROUGHPUT},
};

static const struct sw_topo_expect *said(const struct sw_topo_step *step, enum sw_metric metric)
{
    for (size_t i = 0; i < step->expect_count; i++) {
        if (step->expects[i].metric == metric) {
            return &step->expects[i];
        }
    }
    return NULL;
}

static const char *name_of(const struct sw_topo_step *step, enum sw_metric metric)
{
    return sw_metric_row(step->kind, metric)->name;
}

static void check_orders(struct sw_build *b, const struct sw_topo_step *step)
{
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        const struct order *o = &orders[i];
        const struct sw_topo_expect *lower = said(step, o->lower), *upper = said(step, o->upper);
        if (o->step == step->kind && lower && upper && lower->lo > upper->hi) {
            SW_ERROR(b->report, upper->where,
                     "'%s' is never below '%s', so '%s' and '%s' never hold together",
                     name_of(step, o->upper), name_of(step, o->lower), upper->written,
                     lower->written);
        }
    }
}

/* What there are at most so many of. */
static void check_most(struct sw_build *b, const struct sw_topo_step *step, enum sw_metric metric,
                       int64_t most, const char *what)
{
    const struct sw_topo_expect *e = said(step, metric);
    if (e && e->lo > most) {
        SW_ERROR(b->report, e->where, "'%s': there are %" PRId64 " %s, so '%s' never holds",
                 name_of(step, metric), most, what, e->written);
    }
}

/* Where nothing comes back, nothing of it is measured. */
static void check_lost(struct sw_build *b, const struct sw_topo_step *step)
{
    static const enum sw_metric of_replies[] = {SW_METRIC_RTT,     SW_METRIC_RTT_MIN,
                                                SW_METRIC_RTT_MAX, SW_METRIC_RTT_P50,
                                                SW_METRIC_RTT_P99, SW_METRIC_JITTER};
    const struct sw_topo_expect *loss = said(step, SW_METRIC_LOSS),
                                *replies = said(step, SW_METRIC_REPLIES);
    bool all = loss && loss->lo == 1000000000, none = replies && replies->hi == 0;
    for (size_t i = 0; i < sizeof of_replies / sizeof of_replies[0] && (all || none); i++) {
        const struct sw_topo_expect *e = said(step, of_replies[i]);
        if (e) {
            SW_ERROR(b->report, e->where, "'%s' is not measured where no reply is expected",
                     name_of(step, of_replies[i]));
        }
    }
    if (all && replies && replies->lo > 0) {
        SW_ERROR(b->report, replies->where, "'replies' and a 'loss' of 100 %% never hold together");
    }
}

void sw_build_possible(struct sw_build *b, const struct sw_topo_step *step)
{
    check_orders(b, step);
    if (step->kind == SW_STEP_PING) {
        check_most(b, step, SW_METRIC_REPLIES, step->count, "requests");
        check_lost(b, step);
    }
}
