/* A small LAN and a scenario that is played over it. See the header. */
#include "tests/support/lan_scenario.h"

#include <check.h>

static void add_service(struct sw_topo_host *host, enum sw_service_kind kind, uint16_t port,
                        const char *body)
{
    host->services = topo_grow(host->services, host->service_count, sizeof *host->services);
    host->services[host->service_count++] =
        (struct sw_topo_service){.kind = kind, .port = port, .body = body ? topo_text(body) : NULL};
}

void sw_scenario_init(struct sw_test_scenario *s)
{
    *s = (struct sw_test_scenario){.count = 0};
    sw_test_env_init(&s->world, 7);
    s->topo = sw_topo_new("office");
    topo_switch(s->topo, "core");
    struct sw_topo_host *web = topo_host(s->topo, "web", "10.0.0.1/24", NULL);
    add_service(web, SW_SERVICE_HTTP, 80, "hello\n");
    add_service(web, SW_SERVICE_ECHO, 7, NULL);
    add_service(web, SW_SERVICE_DISCARD, 9, NULL);
    add_service(web, SW_SERVICE_UDP_ECHO, 7, NULL);
    topo_host(s->topo, "client", "10.0.0.2/24", NULL);
    topo_host(s->topo, "mute", NULL, NULL);
    const struct sw_lane_config lane = {
        .delay = SW_MS, .rate_bps = 100000000, .queue_frames = 1000};
    topo_link(s->topo, "web", "core", &lane);
    topo_link(s->topo, "client", "core", &lane);
}

static struct sw_topo_step *fill(struct sw_test_scenario *s, struct sw_topo_step *step,
                                 enum sw_step_kind kind, const char *name)
{
    step->number = s->topo->step_total++;
    step->kind = kind;
    step->name = topo_text(name);
    step->from = topo_text("client");
    step->to = topo_text("web");
    step->count = 3;
    step->interval = SW_S;
    step->timeout = kind == SW_STEP_PING ? SW_S : 0;
    step->size_bytes = 56;
    step->duration = SW_S;
    step->until = SW_TIME_NEVER;
    step->parallel = 1;
    step->times = 2;
    step->target = SW_STEP_NONE;
    step->where = (struct sw_where){"lan.yaml", 10 * (unsigned)s->topo->step_total, 5};
    return step;
}

struct sw_topo_step *sw_scenario_step(struct sw_test_scenario *s, enum sw_step_kind kind,
                                      const char *name)
{
    struct sw_topo *t = s->topo;
    t->steps = topo_grow(t->steps, t->step_count, sizeof *t->steps);
    return fill(s, &t->steps[t->step_count++], kind, name);
}

struct sw_topo_step *sw_scenario_child(struct sw_test_scenario *s, struct sw_topo_step *parent,
                                       enum sw_step_kind kind, const char *name)
{
    parent->steps = topo_grow(parent->steps, parent->step_count, sizeof *parent->steps);
    return fill(s, &parent->steps[parent->step_count++], kind, name);
}

struct sw_topo_action *sw_scenario_action(struct sw_test_scenario *s, enum sw_action_kind kind)
{
    struct sw_topo_step *step = sw_scenario_step(s, SW_STEP_ACTION, "action");
    step->action = topo_grow(NULL, 0, sizeof *step->action);
    step->action->kind = kind;
    step->action->name = topo_text("action");
    step->action->ways = SW_BOTH_WAYS;
    return step->action;
}

void sw_scenario_set(char **field, const char *text)
{
    free(*field);
    *field = topo_text(text);
}

void sw_scenario_expect(struct sw_topo_step *step, struct sw_topo_expect e, const char *written,
                        unsigned line)
{
    step->expects = topo_grow(step->expects, step->expect_count, sizeof *step->expects);
    e.written = topo_text(written);
    e.text = e.text ? topo_text(e.text) : NULL;
    e.where = (struct sw_where){"lan.yaml", line, 15};
    step->expects[step->expect_count++] = e;
}

void sw_scenario_number(struct sw_topo_step *step, enum sw_metric metric, enum sw_unit unit,
                        int64_t lo, int64_t hi)
{
    sw_scenario_expect(
        step, (struct sw_topo_expect){.metric = metric, .unit = unit, .lo = lo, .hi = hi}, "so", 1);
}

void sw_scenario_text(struct sw_topo_step *step, enum sw_metric metric, const char *text)
{
    sw_scenario_expect(
        step, (struct sw_topo_expect){.metric = metric, .unit = SW_UNIT_TEXT, .text = (char *)text},
        text, 1);
}

/* ---- hooks ---- */

static void copy(char *to, size_t cap, const char *from)
{
    snprintf(to, cap, "%s", from ? from : "");
}

static void on_began(void *ctx, const struct sw_topo_step *step, const char *name, sw_time now)
{
    struct sw_test_scenario *s = ctx;
    size_t n = strlen(s->log);
    ck_assert_ptr_nonnull(step);
    ck_assert_int_eq(now, sw_clock_now(s->world.env.clock));
    snprintf(s->log + n, sizeof s->log - n, "%lld ms %s; ", (long long)(now / SW_MS), name);
}

static void on_check(void *ctx, const struct sw_check *check)
{
    struct sw_test_scenario *s = ctx;
    ck_assert_uint_lt(s->count, SW_TEST_CHECKS);
    struct sw_test_told *t = &s->told[s->count++];
    copy(t->name, sizeof t->name, check->name);
    copy(t->expected, sizeof t->expected, check->expected);
    copy(t->seen, sizeof t->seen, check->seen);
    copy(t->figure, sizeof t->figure, check->figure);
    t->step = check->step;
    t->where = check->where;
    t->passed = check->passed;
    t->began = check->began;
    t->ended = check->ended;
    t->value_count = check->value_count;
    t->verdict_count = check->verdict_count;
    memcpy(t->values, check->values, check->value_count * sizeof *check->values);
    ck_assert_uint_eq(check->verdict_count, check->step->expect_count);
    for (size_t i = 0; i < check->verdict_count; i++) {
        ck_assert_ptr_eq(check->verdicts[i].expect, &check->step->expects[i]);
        t->held |= (uint32_t)check->verdicts[i].passed << i;
    }
}

static void on_done(void *ctx)
{
    struct sw_test_scenario *s = ctx;
    s->dones++;
    s->done_at = sw_clock_now(s->world.env.clock);
    ck_assert(sw_player_finished(s->player));
    if (s->free_when_done) {
        sw_player_free(s->player);
        s->player = NULL;
    }
}

/* ---- its life ---- */

void sw_scenario_play(struct sw_test_scenario *s, sw_time until)
{
    struct sw_network_options options = {.virtual_time = true, .programs = s->programs};
    struct sw_player_hooks hooks = {
        .began = on_began, .check = on_check, .done = on_done, .ctx = s};
    char why[256] = "";
    ck_assert_msg(sw_network_new(&s->net, &s->world.env, s->topo, &options, why, sizeof why) == 0,
                  "%s", why);
    ck_assert_int_eq(sw_events_new(&s->events, s->net, NULL), 0);
    ck_assert_int_eq(sw_player_new(&s->player, s->net, s->events, &hooks), 0);
    ck_assert(!sw_player_finished(s->player));
    sw_test_run(&s->world, until);
}

void sw_scenario_close(struct sw_test_scenario *s)
{
    char why[256] = "";
    sw_player_free(s->player);
    ck_assert_msg(sw_network_holds(s->net, why, sizeof why), "%s", why);
    sw_events_free(s->events);
    sw_network_free(s->net);
    s->net = NULL;
}

void sw_scenario_fini(struct sw_test_scenario *s)
{
    if (s->net) {
        sw_scenario_close(s);
    }
    sw_topo_free(s->topo);
    sw_test_env_fini(&s->world);
}
