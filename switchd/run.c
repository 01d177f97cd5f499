/* switchd run: a LAN in real time. */
#include <stdio.h>
#include <stdlib.h>

#include "switchd/pick.h"
#include "switchd/plan.h"
#include "switchd/report.h"
#include "switchd/tell.h"
#include "switchd/verbs.h"

static void say_up(const struct sw_session *s, const struct sw_options *o)
{
    const struct sw_topo *t = s->topo;
    if (o->quiet) {
        return;
    }
    fprintf(stderr, "%s is up: %zu hosts, %zu switches, %zu links", t->name, t->host_count,
            t->switch_count, t->link_count);
    sw_ends_say_up(&s->ends);
    sw_forwards_say_up(s->forwards);
    fputs(o->run_for == SW_TIME_NEVER ? "; ^C ends it\n" : "\n", stderr);
}

static void tell(void *ctx, const struct sw_run_info *run, const struct sw_record *record)
{
    sw_reports_tell(ctx, run, record);
}

/* The scenario, too. */
static int play(struct sw_reports *reports, struct sw_session *s, const struct sw_options *o)
{
    struct sw_run_info info = {
        .name = o->arguments[0], .file = o->arguments[0], .seed = s->topo->seed, .real = true};
    char *replay = sw_plan_replay(o, &info, &(struct sw_config_choice){0});
    info.replay = replay;
    if (!replay || sw_reports_add(reports, sw_reporter_text(reports, o))) {
        fputs("switchd: out of memory\n", stderr);
        free(replay);
        return SW_EXIT_REFUSED;
    }
    struct sw_teller config = {.run = &info,
                               .tell = tell,
                               .ctx = reports,
                               .may_end_early = true,
                               .limit = o->run_for,
                               .stay_until = o->run_for};
    reports->run_count = 1;
    sw_tell(&config, s);
    free(replay);
    return 0;
}

/* What must hold of every run; of a scenario it is the last check. */
static int hold(const struct sw_session *s)
{
    char why[512];
    int status = SW_EXIT_OK;
    if (!sw_programs_hold(s->programs, why, sizeof why)) {
        fprintf(stderr, "switchd: %s: %s\n", SW_CHECK_PROGRAMS, why);
        status = SW_EXIT_FAILED;
    }
    if (!sw_network_holds(s->net, why, sizeof why)) {
        fprintf(stderr, "switchd: always held: %s\n", why);
        status = SW_EXIT_FAILED;
    }
    return status;
}

int sw_verb_run(const struct sw_options *o)
{
    struct sw_topo *topo;
    struct sw_session s;
    struct sw_reports reports = {0};
    int status = sw_session_read(&topo, o, o->arguments[0]);
    status = status ? status : sw_session_open(&s, o, topo, true);
    if (status) {
        return status;
    }
    say_up(&s, o);
    if (o->scenario && topo->step_count > 0) {
        status = play(&reports, &s, o);
    } else {
        sw_session_drive(&s, NULL, NULL, o->run_for);
        status = hold(&s);
    }
    if (!o->quiet) {
        sw_session_summary(&s);
    }
    int closed = sw_session_close(&s);
    if (reports.first) {
        int counted = sw_reports_end(&reports);
        status = status ? status : counted;
    }
    return status ? status : closed;
}
