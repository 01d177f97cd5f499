/* The C lab (see lab.h): what a network is made of, put together call by call, in a world of its
 * own. */
#include "lan/lab.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lan/bpf.h"
#include "lan/fabric.h"
#include "lan/faults.h"
#include "lan/match.h"

#define POOL_BYTES ((size_t)1 << 30)
#define NAME_BYTES 256
/* So many callbacks within one instant are a loop that never ends. */
#define STEPS_OF_AN_INSTANT 1000000

/* An action stays as long as the faults that come of it. */
struct deed {
    struct deed *next;
    struct sw_topo_action action;
};

struct sw_lab {
    struct sw_env env;
    struct sw_seed seed;
    struct sw_fabric fabric;
    struct sw_faults *faults; /* made for the first */
    struct deed *deeds;
};

struct sw_lab *sw_lab_new(uint64_t seed)
{
    struct sw_lab *lab = calloc(1, sizeof *lab);
    assert(lab != NULL);
    sw_seed_from_number(&lab->seed, seed);
    lab->env = (struct sw_env){.clock = sw_clock_new(),
                               .pool = sw_pool_new(POOL_BYTES),
                               .seed = &lab->seed,
                               .secrets = &lab->seed};
    assert(lab->env.clock != NULL && lab->env.pool != NULL);
    sw_fabric_init(&lab->fabric, &lab->env, "lab", true, NULL, 0);
    return lab;
}

void sw_lab_free(struct sw_lab *lab)
{
    if (lab == NULL) {
        return;
    }
    sw_faults_free(lab->faults);
    while (lab->deeds != NULL) {
        struct deed *deed = lab->deeds;
        lab->deeds = deed->next;
        sw_topo_free_action(&deed->action);
        free(deed);
    }
    sw_fabric_fini(&lab->fabric);
    sw_pool_free(lab->env.pool);
    sw_clock_free(lab->env.clock);
    free(lab);
}

void sw_lab_watch(struct sw_lab *lab, struct sw_watch *watch)
{
    assert(lab->fabric.hosts.count == 0 && lab->fabric.bridges.count == 0);
    watch->next = lab->env.watch;
    lab->env.watch = watch;
    sw_fabric_init(&lab->fabric, &lab->env, "lab", true, NULL, 0);
}

const struct sw_env *sw_lab_env(const struct sw_lab *lab)
{
    return &lab->env;
}

/* ---- nodes ---- */

struct sw_bridge *sw_lab_switch(struct sw_lab *lab, const char *name)
{
    const struct sw_bridge_config config = {.name = name, .ageing = 300 * SW_S};
    struct sw_fabric_bridge *bridge = NULL;
    int status = sw_fabric_add_bridge(&bridge, &lab->fabric, &config);
    assert(status == 0);
    return bridge->bridge;
}

/* "10.0.0.1/24" */
static struct sw_prefix parse_prefix(const char *text, size_t len)
{
    char ip[SW_IP_TEXT];
    const char *slash = memchr(text, '/', len);
    assert(slash != NULL && (size_t)(slash - text) < sizeof ip);
    memcpy(ip, text, (size_t)(slash - text));
    ip[slash - text] = '\0';
    struct sw_prefix prefix = {.bits = 0};
    bool parsed = sw_ip_parse(&prefix.ip, ip);
    const char *digit = slash + 1;
    const char *end = text + len;
    unsigned bits = 0;
    for (; digit < end && *digit >= '0' && *digit <= '9' && bits <= 32; digit++) {
        bits = bits * 10 + (unsigned)(*digit - '0');
    }
    assert(parsed && end > slash + 1 && digit == end && bits <= 32);
    prefix.bits = (uint8_t)bits;
    return prefix;
}

static void add_nic(struct sw_lab *lab, struct sw_fabric_host *host, unsigned number,
                    const char *address, size_t len)
{
    char name[16];
    snprintf(name, sizeof name, "eth%u", number);
    const struct sw_nic_config config = {.name = name};
    struct sw_nic *nic = NULL;
    int status = sw_fabric_add_nic(&nic, &lab->fabric, host, &config);
    if (status == 0 && len > 0) {
        status = sw_fabric_add_address(&lab->fabric, nic, parse_prefix(address, len), 0);
    }
    assert(status == 0);
}

static struct sw_host *add_host(struct sw_lab *lab, const char *name, const char *addresses,
                                bool forwarding)
{
    const struct sw_host_config config = {.name = name, .forwarding = forwarding};
    struct sw_fabric_host *host = NULL;
    int status = sw_fabric_add_host(&host, &lab->fabric, &config);
    assert(status == 0);
    const char *at = addresses == NULL ? "" : addresses;
    unsigned number = 0;
    do {
        at += strspn(at, " ");
        size_t len = strcspn(at, " ");
        if (len > 0 || number == 0) {
            add_nic(lab, host, number++, at, len);
        }
        at += len;
    } while (*at != '\0');
    return host->host;
}

struct sw_host *sw_lab_host(struct sw_lab *lab, const char *name, const char *addresses)
{
    return add_host(lab, name, addresses, false);
}

struct sw_host *sw_lab_router(struct sw_lab *lab, const char *name, const char *addresses)
{
    return add_host(lab, name, addresses, true);
}

void sw_lab_route(struct sw_lab *lab, const char *host, const char *to, const char *gateway)
{
    struct sw_fabric_host *at = sw_fabric_find_host(&lab->fabric, host);
    assert(at != NULL);
    struct sw_ip ip;
    bool parsed = sw_ip_parse(&ip, gateway);
    assert(parsed);
    int status = sw_fabric_add_route(&lab->fabric, at, parse_prefix(to, strlen(to)), ip, NULL);
    assert(status == 0);
}

/* ---- cables ---- */

/* The interface of that name, or with no name the first one without a cable. */
static void host_end(struct sw_fabric_end *end, const char *name)
{
    struct sw_nic *nic = name == NULL ? NULL : sw_host_nic(end->host->host, name);
    for (uint32_t i = 0; name == NULL && nic == NULL && i < end->host->nics.count; i++) {
        struct sw_nic *next = end->host->nics.item[i];
        nic = sw_nic_port(next)->lane == NULL ? next : NULL;
    }
    assert(nic != NULL);
    end->node = sw_host_name(end->host->host);
    end->port = sw_nic_port(nic);
    end->mac = sw_nic_mac(nic);
}

static void bridge_end(struct sw_lab *lab, struct sw_fabric_end *end, const char *name)
{
    char next[16];
    while (name == NULL) {
        snprintf(next, sizeof next, "p%u", (unsigned)end->bridge->next_port++);
        const struct sw_port *taken = sw_bridge_port(end->bridge->bridge, next);
        if (taken == NULL || taken->lane == NULL) {
            name = next;
        }
    }
    int status = sw_fabric_bridge_port(&end->port, &lab->fabric, end->bridge, name);
    assert(status == 0);
    end->node = sw_bridge_name(end->bridge->bridge);
}

/* "NODE" or "NODE:PORT" */
static struct sw_fabric_end find_end(struct sw_lab *lab, const char *text)
{
    char node[NAME_BYTES];
    size_t len = strcspn(text, ":");
    assert(len < sizeof node);
    memcpy(node, text, len);
    node[len] = '\0';
    const char *name = text[len] == ':' ? text + len + 1 : NULL;
    struct sw_fabric_end end = {.host = sw_fabric_find_host(&lab->fabric, node),
                                .bridge = sw_fabric_find_bridge(&lab->fabric, node)};
    assert(end.host != NULL || end.bridge != NULL);
    if (end.host != NULL) {
        host_end(&end, name);
    } else {
        bridge_end(lab, &end, name);
    }
    return end;
}

static struct sw_link *add_link(struct sw_lab *lab, const struct sw_fabric_end end[2],
                                const struct sw_lane_config *lane)
{
    static const struct sw_lane_config wire = {.queue_frames = SW_QUEUE_FRAMES_DEFAULT};
    const struct sw_lane_config *both = lane == NULL ? &wire : lane;
    struct sw_link *link = NULL;
    int status = sw_fabric_add_link(&link, &lab->fabric, end, NULL, both, both);
    assert(status == 0);
    return link;
}

struct sw_link *sw_lab_link(struct sw_lab *lab, const char *a, const char *b,
                            const struct sw_lane_config *lane)
{
    struct sw_fabric_end end[2];
    end[0] = find_end(lab, a);
    end[1] = find_end(lab, b);
    return add_link(lab, end, lane);
}

void sw_lab_plug(struct sw_lab *lab, struct sw_port *port, const char *to,
                 const struct sw_lane_config *lane)
{
    const struct sw_fabric_end end[2] = {{.node = port->name, .port = port}, find_end(lab, to)};
    add_link(lab, end, lane);
}

/* ---- what hurts ---- */

static void crash(void *ctx, size_t host)
{
    const struct sw_lab *lab = ctx;
    sw_host_crash(sw_fabric_host_at(&lab->fabric, host)->host);
}

static int restart(void *ctx, size_t host)
{
    const struct sw_lab *lab = ctx;
    return sw_host_restart(sw_fabric_host_at(&lab->fabric, host)->host);
}

static void stop(void *ctx, size_t host)
{
    const struct sw_lab *lab = ctx;
    sw_host_stop(sw_fabric_host_at(&lab->fabric, host)->host);
}

static void go_on(void *ctx, size_t host)
{
    const struct sw_lab *lab = ctx;
    sw_host_continue(sw_fabric_host_at(&lab->fabric, host)->host);
}

/* Of what it needs besides, the caller fills in the action that this returns. */
static struct sw_topo_action *new_action(struct sw_lab *lab, enum sw_action_kind kind)
{
    struct deed *deed = calloc(1, sizeof *deed);
    assert(deed != NULL);
    if (lab->faults == NULL) {
        const struct sw_faults_hooks hooks = {
            .crash = crash, .restart = restart, .stop = stop, .go_on = go_on, .ctx = lab};
        int status = sw_faults_new(&lab->faults, &lab->fabric, &hooks);
        assert(status == 0);
    }
    deed->action.kind = kind;
    deed->next = lab->deeds;
    lab->deeds = deed;
    return &deed->action;
}

static void do_action(struct sw_lab *lab, const struct sw_topo_action *action, sw_time span)
{
    assert(span >= 0);
    int status = sw_faults_do(lab->faults, action, span, NULL);
    assert(status == 0);
}

static struct sw_topo_action *link_action(struct sw_lab *lab, enum sw_action_kind kind,
                                          const struct sw_link *link, unsigned ways)
{
    assert(ways >= SW_FORWARD && ways <= SW_BOTH_WAYS);
    struct sw_topo_action *action = new_action(lab, kind);
    action->ways = ways;
    while (sw_fabric_link_at(&lab->fabric, action->link) != link) {
        action->link++;
        assert(action->link < lab->fabric.cables.count);
    }
    return action;
}

static size_t host_index(const struct sw_lab *lab, const struct sw_host *host)
{
    for (size_t i = 0;; i++) {
        assert(i < lab->fabric.hosts.count);
        if (sw_fabric_host_at(&lab->fabric, i)->host == host) {
            return i;
        }
    }
}

static void do_host(struct sw_lab *lab, enum sw_action_kind kind, const struct sw_host *host,
                    sw_time span)
{
    struct sw_topo_action *action = new_action(lab, kind);
    action->host = host_index(lab, host);
    do_action(lab, action, span);
}

void sw_lab_down(struct sw_lab *lab, struct sw_link *link, sw_time span)
{
    do_action(lab, link_action(lab, SW_ACTION_DOWN, link, SW_BOTH_WAYS), span);
}

void sw_lab_up(struct sw_lab *lab, struct sw_link *link)
{
    do_action(lab, link_action(lab, SW_ACTION_UP, link, SW_BOTH_WAYS), 0);
}

void sw_lab_flap(struct sw_lab *lab, struct sw_link *link, sw_time every, sw_time down,
                 sw_time span)
{
    struct sw_topo_action *action = link_action(lab, SW_ACTION_FLAP, link, SW_BOTH_WAYS);
    action->every = every;
    action->down = down;
    do_action(lab, action, span);
}

void sw_lab_set(struct sw_lab *lab, struct sw_link *link, unsigned ways,
                const struct sw_lane_config *config, unsigned said, sw_time over, sw_time span)
{
    struct sw_topo_action *action = link_action(lab, SW_ACTION_SET, link, ways);
    action->lane = *config;
    action->said = said;
    action->over = over;
    do_action(lab, action, span);
}

void sw_lab_drop(struct sw_lab *lab, struct sw_link *link, unsigned ways, const char *match,
                 uint32_t nth, uint32_t count, sw_time span)
{
    struct sw_topo_action *action = link_action(lab, SW_ACTION_DROP, link, ways);
    enum sw_match_kind kind = match == NULL ? SW_MATCH_ALL : SW_MATCH_SYN;
    while (match != NULL && strcmp(match, sw_match_word(kind)) != 0) {
        kind++;
        assert(kind < SW_MATCH_FILTER);
    }
    action->match.kind = kind;
    action->nth = nth;
    action->count = count;
    do_action(lab, action, span);
}

void sw_lab_drop_filter(struct sw_lab *lab, struct sw_link *link, unsigned ways,
                        const struct sw_bpf *program, size_t program_count, uint32_t nth,
                        uint32_t count, sw_time span)
{
    assert(sw_bpf_valid(program, program_count));
    struct sw_topo_action *action = link_action(lab, SW_ACTION_DROP, link, ways);
    action->match.kind = SW_MATCH_FILTER;
    action->match.program = malloc(program_count * sizeof *program);
    assert(action->match.program != NULL);
    memcpy(action->match.program, program, program_count * sizeof *program);
    action->match.program_count = program_count;
    action->nth = nth;
    action->count = count;
    do_action(lab, action, span);
}

void sw_lab_hold(struct sw_lab *lab, struct sw_link *link, unsigned ways, sw_time span)
{
    do_action(lab, link_action(lab, SW_ACTION_HOLD, link, ways), span);
}

void sw_lab_release(struct sw_lab *lab, struct sw_link *link, unsigned ways)
{
    do_action(lab, link_action(lab, SW_ACTION_RELEASE, link, ways), 0);
}

void sw_lab_crash(struct sw_lab *lab, struct sw_host *host, sw_time span)
{
    do_host(lab, SW_ACTION_CRASH, host, span);
}

void sw_lab_restart(struct sw_lab *lab, struct sw_host *host)
{
    do_host(lab, SW_ACTION_RESTART, host, 0);
}

void sw_lab_stop(struct sw_lab *lab, struct sw_host *host, sw_time span)
{
    do_host(lab, SW_ACTION_STOP, host, span);
}

void sw_lab_continue(struct sw_lab *lab, struct sw_host *host)
{
    do_host(lab, SW_ACTION_CONTINUE, host, 0);
}

void sw_lab_partition(struct sw_lab *lab, const char *groups, sw_time span)
{
    struct sw_topo_action *action = new_action(lab, SW_ACTION_PARTITION);
    action->group_count = lab->fabric.hosts.count;
    action->group = calloc(action->group_count + 1, sizeof *action->group);
    assert(action->group != NULL);
    uint32_t group = 1;
    for (const char *at = groups; *at != '\0';) {
        const size_t len = strcspn(at, " |");
        char name[NAME_BYTES];
        assert(len < sizeof name);
        if (len > 0) {
            memcpy(name, at, len);
            name[len] = '\0';
            const struct sw_fabric_host *host = sw_fabric_find_host(&lab->fabric, name);
            assert(host != NULL);
            action->group[host_index(lab, host->host)] = group;
        }
        at += len;
        group += *at == '|';
        at += *at != '\0';
    }
    do_action(lab, action, span);
}

void sw_lab_heal(struct sw_lab *lab)
{
    do_action(lab, new_action(lab, SW_ACTION_HEAL), 0);
}

/* ---- time ---- */

sw_time sw_lab_now(const struct sw_lab *lab)
{
    return sw_clock_now(lab->env.clock);
}

static void run_until(struct sw_lab *lab, sw_time until)
{
    for (;;) {
        sw_time before = sw_lab_now(lab);
        if (sw_clock_run(lab->env.clock, until, STEPS_OF_AN_INSTANT) == SW_RUN_IDLE) {
            return;
        }
        assert(sw_lab_now(lab) > before);
    }
}

void sw_lab_run(struct sw_lab *lab, sw_time span)
{
    assert(span >= 0);
    run_until(lab, sw_lab_now(lab) + span);
}

bool sw_lab_run_until(struct sw_lab *lab, bool (*done)(void *ctx), void *ctx, sw_time limit)
{
    sw_time end = sw_lab_now(lab) + limit;
    while (!done(ctx)) {
        sw_time next = sw_clock_next(lab->env.clock);
        if (next > end) {
            run_until(lab, end);
            return done(ctx);
        }
        run_until(lab, next);
    }
    return true;
}

/* ---- what holds ---- */

bool sw_lab_holds(const struct sw_lab *lab)
{
    return sw_fabric_holds(&lab->fabric, NULL, 0);
}
