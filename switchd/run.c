/* switchd run: a LAN in real time. */
#include <stdio.h>

#include "switchd/tally.h"
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
    fputs(o->run_for == SW_TIME_NEVER ? "; ^C ends it\n" : "\n", stderr);
}

int sw_verb_run(const struct sw_options *o)
{
    struct sw_topo *topo;
    struct sw_session s;
    int status = sw_session_read(&topo, o, o->arguments[0]);
    if (status) {
        return status;
    }
    struct sw_tally tally = {
        .options = o, .file = o->arguments[0], .seed = topo->seed, .real = true};
    bool scenario = o->scenario && topo->step_count > 0;
    status = sw_session_open(&s, o, topo, true);
    if (status) {
        return status;
    }
    say_up(&s, o);
    if (scenario) {
        sw_tally_play(&tally, &s, o->run_for, o->run_for);
    } else {
        sw_session_drive(&s, NULL, NULL, o->run_for);
    }
    if (!o->quiet) {
        sw_session_summary(&s);
    }
    int closed = sw_session_close(&s);
    status = scenario ? sw_tally_end(&tally) : SW_EXIT_OK;
    return status ? status : closed;
}
