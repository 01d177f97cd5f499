/* A scenario, told in records. See tell.h. */
#include "switchd/tell.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lan/metric.h"
#include "lan/player.h"
#include "switchd/pick.h"

struct playing {
    const struct sw_teller *teller;
    struct sw_session *session;
    struct sw_player *player;
    bool failed; /* a check has */
};

static void tell(const struct playing *p, const struct sw_record *record)
{
    p->teller->tell(p->teller->ctx, p->teller->run, record);
}

static sw_time now(const struct playing *p)
{
    return sw_clock_now(p->session->env.clock);
}

static void tell_check(struct playing *p, struct sw_record *check)
{
    struct sw_printed printed[SW_OUTPUT_SHOWN];
    if (p->teller->wants && !p->teller->wants(p->teller->ctx, check->name)) {
        return;
    }
    if (!check->passed) {
        p->failed = true;
        check->printed = printed;
        check->printed_count =
            sw_programs_printed(p->session->programs, printed, &check->printed_before);
    }
    tell(p, check);
}

/* A check that is not the player's. */
static void tell_own(struct playing *p, const char *name, const char *why)
{
    struct sw_record record = {.kind = SW_RECORD_CHECK,
                               .at = now(p),
                               .began = now(p),
                               .name = name,
                               .passed = why == NULL,
                               .why = why};
    tell_check(p, &record);
}

static void on_check(void *ctx, const struct sw_check *check)
{
    struct playing *p = ctx;
    char note[512];
    snprintf(note, sizeof note, "%s %s %s", check->passed ? "ok" : "FAIL", check->name,
             check->figure ? check->figure : "");
    if (!p->session->real) {
        sw_trace_note(&p->session->trace, check->ended, note);
    }
    struct sw_record record = {.kind = SW_RECORD_CHECK,
                               .at = check->ended,
                               .began = check->began,
                               .name = check->name,
                               .step = sw_step_kind_name(check->step->kind),
                               .where = check->where,
                               .passed = check->passed,
                               .expected = check->expected,
                               .seen = check->seen,
                               .figure = check->figure,
                               .values = check->values,
                               .value_count = check->value_count};
    tell_check(p, &record);
}

static void on_began(void *ctx, const struct sw_topo_step *step, const char *name, sw_time at)
{
    tell(ctx, &(struct sw_record){.kind = SW_RECORD_STEP,
                                  .at = at,
                                  .name = name,
                                  .step = sw_step_kind_name(step->kind),
                                  .where = step->where});
}

static void on_acted(void *ctx, sw_time at, const char *text)
{
    tell(ctx, &(struct sw_record){.kind = SW_RECORD_EVENT, .at = at, .name = text});
}

static void on_printed(void *ctx, const struct sw_printed *line)
{
    tell(ctx, &(struct sw_record){
                  .kind = SW_RECORD_OUTPUT, .at = line->at, .printed = line, .printed_count = 1});
}

/* Events that did not come before the last step ended: in one warning. */
static void warn_of_events(const struct playing *p)
{
    const struct sw_events *events = p->session->events;
    const struct sw_topo_event *event = sw_events_left(events, 0);
    if (!event) {
        return;
    }
    fprintf(stderr, "%s: warning: the scenario ended before: ", p->teller->run->name);
    for (size_t i = 0; (event = sw_events_left(events, i)) != NULL; i++) {
        fprintf(stderr, "%s%s (line %u)", i ? ", " : "", event->action.name, event->where.line);
    }
    putc('\n', stderr);
}

static bool finished(void *ctx)
{
    const struct playing *p = ctx;
    return sw_player_finished(p->player) || (p->failed && p->teller->fail_fast);
}

/* In one line: why it did not come to its end, and what it waited for. */
static void tell_end(struct playing *p, enum sw_drive end)
{
    static const char *const why[] = {
        [SW_DRIVE_LIMIT] = "its time ran out",
        [SW_DRIVE_DRY] = "nothing more will ever happen",
        [SW_DRIVE_STUCK] = "a million steps within one instant",
        [SW_DRIVE_SIGNAL] = "interrupted",
    };
    char text[2048], waits[1024];
    sw_player_waits_for(p->player, waits, sizeof waits);
    int n = snprintf(text, sizeof text, "%s at %.9f s, waiting for %s", why[end],
                     (double)now(p) / 1e9, waits);
    const char *recent[SW_CLOCK_RECENT];
    sw_clock_recent(p->session->env.clock, recent);
    for (unsigned i = 0;
         end == SW_DRIVE_STUCK && i < SW_CLOCK_RECENT && recent[i] && n < (int)sizeof text; i++) {
        n += snprintf(text + n, sizeof text - (size_t)n, "%s%s", i ? ", " : "; busy: ", recent[i]);
    }
    tell_own(p, SW_CHECK_ENDS, text);
}

static void tell_run_end(struct playing *p)
{
    struct sw_record record = {.kind = SW_RECORD_END, .at = now(p)};
    if (!p->session->real) {
        record.digested = true;
        record.digest = sw_trace_digest(&p->session->trace);
    } else {
        sw_session_late(p->session, &record.late);
    }
    tell(p, &record);
}

static bool settled(void *ctx)
{
    return sw_programs_settled(ctx);
}

static enum sw_drive play_steps(struct playing *p)
{
    const struct sw_teller *teller = p->teller;
    enum sw_drive end = sw_session_drive(p->session, finished, p, teller->limit);
    if (end == SW_DRIVE_DONE && !sw_player_finished(p->player)) {
        return end; /* the rest is left out, as was asked for */
    }
    if (end == SW_DRIVE_SIGNAL && teller->may_end_early) {
        tell(p, &(struct sw_record){.kind = SW_RECORD_SKIP,
                                    .at = now(p),
                                    .why = "the rest of its scenario: interrupted"});
    } else if (end != SW_DRIVE_DONE) {
        tell_end(p, end);
    } else if (teller->stay_until > 0) {
        end = sw_session_drive(p->session, NULL, NULL, teller->stay_until);
    }
    return end;
}

enum sw_drive sw_tell(const struct sw_teller *teller, struct sw_session *s)
{
    struct playing p = {.teller = teller, .session = s};
    struct sw_player_hooks hooks = {.began = on_began, .check = on_check, .ctx = &p};
    enum sw_drive end = SW_DRIVE_LIMIT;
    s->acted = on_acted;
    s->printed = on_printed;
    s->acted_ctx = &p;
    tell(&p, &(struct sw_record){.kind = SW_RECORD_RUN});
    if (sw_programs_count(s->programs) > 0) {
        sw_session_drive(s, settled, s->programs, teller->limit);
    }
    if (sw_player_new(&p.player, s->net, s->events, &hooks)) {
        tell_own(&p, "the scenario begins", "out of memory");
    } else {
        end = play_steps(&p);
        sw_player_free(p.player);
    }
    if (end == SW_DRIVE_DONE && teller->stay_until == 0) {
        warn_of_events(&p);
    }
    char why[512];
    if (sw_programs_count(s->programs) > 0) {
        bool hold = sw_programs_hold(s->programs, why, sizeof why);
        tell_own(&p, SW_CHECK_PROGRAMS, hold ? NULL : why);
    }
    tell_own(&p, SW_CHECK_HELD, sw_network_holds(s->net, why, sizeof why) ? NULL : why);
    sw_programs_end_output(s->programs);
    tell_run_end(&p);
    return end;
}
