/* See tcp_watch.h. */
#include "stack/tcp.h"

const char *sw_tcp_happening_name(enum sw_tcp_happening what)
{
    static const char *const names[] = {"state", "ack", "loss", "mark", "timeout", "probe", "undo"};
    return names[what];
}

const char *sw_tcp_ca_name(enum sw_tcp_ca state)
{
    static const char *const names[] = {"open", "disorder", "cwr", "recovery", "loss"};
    return names[state];
}

static void tell(const struct sw_tcp *t, enum sw_tcp_happening what)
{
    const struct sw_tcp_watch *watch = t->host->config.tcp_watch;
    struct sw_sock_info info;
    sw_tcp_info(t, &info);
    const struct sw_tcp_told told = {
        .what = what,
        .at = sw_tcp_now(t),
        .host = t->host->name,
        .local = {sw_ip_v4(t->at.local_ip), t->at.local_port},
        .remote = {sw_ip_v4(t->at.remote_ip), t->at.remote_port},
        .info = &info,
    };
    watch->told(watch->ctx, &told);
}

/* Whatever it is: if the state is another, that comes first. */
void sw_tcp_tell_watch(struct sw_tcp *t, enum sw_tcp_happening what)
{
    if (t->told_state != t->state) {
        t->told_state = t->state;
        tell(t, SW_TCP_TOLD_STATE);
    }
    if (what != SW_TCP_TOLD_STATE) {
        tell(t, what);
    }
}
