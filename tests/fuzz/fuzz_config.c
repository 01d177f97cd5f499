/* Fuzz target: the LAN file. An input is its bytes. Whatever they are, there is a whole topo or
 * there are problems; and a topo that is small enough is built, lives for a while with its scenario
 * and comes down again. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "lan/network.h"
#include "lan/player.h"
#include "tests/fuzz/fuzz.h"

#define CROWD 64 /* more hosts are more of the same, and take their time */
#define CALLBACKS 20000

/* ---- a world of four files ---- */

/* What an input may include; it includes the input, so that circles are met. */
static const char part[] = "include: [part.yaml, lan.yaml]\n"
                           "groups: { g: { mtu: 600 } }\nhosts: { p: { groups: g } }\n";
static const char plain_part[] = "hosts: { q: { address: 10.0.0.77/24 } }\nlinks: [[q, s]]\n"
                                 "scenario: [{ name: x, wait: { for: 1 ms } }]\n";

struct input {
    const char *bytes;
    size_t n;
};

static int read_file(void *ctx, const char *path, size_t max, char **bytes, size_t *len)
{
    const struct input *in = ctx;
    const bool own = strcmp(path, "lan.yaml") == 0;
    const char *text = own                               ? in->bytes
                       : strcmp(path, "part.yaml") == 0  ? part
                       : strcmp(path, "plain.yaml") == 0 ? plain_part
                                                         : "hello";
    const size_t n = own ? in->n : strlen(text);
    if (!own && strstr(path, "www") == NULL && strstr(path, ".yaml") == NULL) {
        return -ENOENT;
    }
    if (n > max) {
        return -EFBIG;
    }
    *bytes = malloc(n + 1);
    fuzz_check(*bytes != NULL);
    memcpy(*bytes, text, n);
    (*bytes)[n] = '\0';
    *len = n;
    return 0;
}

static int list_files(void *ctx, const char *dir, int (*each)(void *each_ctx, const char *name),
                      void *each_ctx)
{
    (void)ctx;
    if (strstr(dir, "www") == NULL) {
        return -ENOENT;
    }
    const int err = each(each_ctx, "index.html");
    return err != 0 ? err : each(each_ctx, "sub/page.txt");
}

static const char *variable(void *ctx, const char *name)
{
    (void)ctx;
    return strcmp(name, "X") == 0 ? "1 ms" : strcmp(name, "Y") == 0 ? "${X}" : NULL;
}

/* A number with this many digits behind `count` would be a million hosts: proved elsewhere. */
static bool is_crowd(const char *text, size_t n)
{
    for (size_t i = 0; i + 5 < n; i++) {
        if (memcmp(text + i, "count", 5) == 0) {
            unsigned digits = 0;
            for (size_t j = i + 5; j < n && j < i + 40; j++) {
                digits += text[j] >= '0' && text[j] <= '9';
            }
            if (digits > 3) {
                return true;
            }
        }
    }
    return false;
}

/* ---- what was read ---- */

static void said(void *ctx, const char *text)
{
    (void)text;
    ++*(unsigned *)ctx;
}

static int uplink(void *ctx, const struct sw_topo_uplink *uplink, struct sw_port **out)
{
    (void)ctx;
    (void)uplink;
    (void)out;
    return -ENOTSUP;
}

static void live(struct fuzz_world *world, struct sw_network *net)
{
    struct sw_player *player = NULL;
    struct sw_events *events = NULL;
    const struct sw_player_hooks hooks = {.ctx = NULL};
    char why[256];
    unsigned lines = 0;
    fuzz_check(sw_events_new(&events, net, NULL) == 0);
    fuzz_check(sw_player_new(&player, net, events, &hooks) == 0);
    enum sw_run run = sw_clock_run(world->env.clock, 3 * SW_S, CALLBACKS);
    if (run == SW_RUN_IDLE) {
        fuzz_check(sw_network_holds(net, why, sizeof why));
    }
    sw_player_waits_for(player, why, sizeof why);
    sw_network_summary(net, said, &lines);
    sw_player_free(player);
    sw_events_free(events);
}

/* Programs are of real time, and somebody else's to start. */
static bool has_programs(const struct sw_topo *topo)
{
    for (size_t i = 0; i < topo->host_count; i++) {
        if (topo->hosts[i].program != NULL) {
            return true;
        }
    }
    return false;
}

static void build(const struct sw_topo *topo)
{
    struct fuzz_world world;
    struct sw_network *net = NULL;
    const struct sw_network_options options = {.virtual_time = true, .uplink = uplink};
    char why[256] = "";
    if (has_programs(topo)) {
        return;
    }
    fuzz_world_init(&world, (size_t)64 << 20);
    const int err = sw_network_new(&net, &world.env, topo, &options, why, sizeof why);
    if (err == 0) {
        live(&world, net);
        sw_network_free(net);
    } else {
        fuzz_check(why[0] != '\0');
    }
    fuzz_world_fini(&world);
}

static void check_problems(const struct sw_problems *problems)
{
    size_t errors = 0;
    for (size_t i = 0; i < problems->count; i++) {
        const struct sw_problem *p = &problems->list[i];
        fuzz_check(p->what != NULL && p->where.file != NULL);
        char *text = sw_problem_text(p);
        fuzz_check(text != NULL);
        free(text);
        errors += p->kind == SW_PROBLEM_ERROR;
    }
    fuzz_check(errors == problems->errors);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct input input = {(const char *)bytes, n};
    const struct sw_config_io io = {&input, read_file, list_files, variable};
    const struct sw_config_set set = {"Z", "10.0.0.9/24"};
    struct sw_problems problems;
    struct sw_topo *topo = NULL;
    if (n == 0 || is_crowd(input.bytes, n)) {
        return 0;
    }
    /* Which combination of a matrix, the input's length says: there are more, or there is none. */
    struct sw_config_choice choice = {.combination = n % 3};
    const int err = sw_config_load_one(&topo, "lan.yaml", &io, &set, 1, &choice, &problems);
    fuzz_check(choice.combinations > 0);
    sw_config_choice_fini(&choice);
    check_problems(&problems);
    if (err == 0) {
        fuzz_check(problems.errors == 0);
        if (topo->host_count <= CROWD && topo->link_count <= 2 * CROWD) {
            build(topo);
        }
        sw_topo_free(topo);
    } else {
        fuzz_check(err == -EINVAL && problems.errors > 0 && topo == NULL);
    }
    sw_problems_fini(&problems);
    return 0;
}
