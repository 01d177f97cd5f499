/* Memory that runs out: of a scripted run (a LAN file is read, its network built, its scenario
 * played, all of it taken down again) each allocation fails in turn, alone or with all that follow;
 * and the pool of frames is made small. An error comes out or the run gets over it; it ends in any
 * case, and nothing is lost or left. So are all golden LAN files read, right and wrong.
 *
 * The linker puts the functions below in place of the C library's (--wrap) for our own code; what
 * libyaml and Check allocate is not counted. */
#include <check.h>
#include <errno.h>
#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "lan/iperf3_proto.h"
#include "lan/network.h"
#include "lan/player.h"
#include "tests/support/config_files.h"

#define CALLBACKS 2000000 /* of a run; one that takes more has not ended */
#define LIVE_MOST 65536

/* ---- the allocator ---- */

static struct {
    long fails_at;       /* the allocation that fails, from 0; -1: none */
    bool for_good;       /* and all behind it */
    bool watched;        /* counts, and fails */
    long made;           /* allocations asked for */
    size_t live;         /* not freed */
    void *at[LIVE_MOST]; /* those, by a hash of their address */
} heap;

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *old, size_t n);
void *__real_aligned_alloc(size_t alignment, size_t n);
void __real_free(void *at);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *old, size_t n);
void *__wrap_aligned_alloc(size_t alignment, size_t n);
void __wrap_free(void *at);

/* Check allocates when it reports; so a rule that is broken while the heap is watched is told when
 * it no longer is. */
#define must(rule) ((rule) ? (void)0 : broken(__LINE__, #rule))
static void broken(int line, const char *rule)
{
    heap.watched = false;
    ck_abort_msg("line %d, number %ld failed%s: %s", line, heap.fails_at,
                 heap.for_good ? ", and all behind it" : "", rule);
}

static size_t place_of(const void *at)
{
    size_t i = (size_t)((uintptr_t)at / 16 * 2654435761u) % LIVE_MOST;
    while (heap.at[i] != NULL && heap.at[i] != at) {
        i = (i + 1) % LIVE_MOST;
    }
    return i;
}

static void *note(void *at)
{
    if (heap.watched && at != NULL) {
        must(heap.live < LIVE_MOST / 2);
        heap.at[place_of(at)] = at;
        heap.live++;
    }
    return at;
}

/* What was allocated unwatched, or by a library, is not known here and stays uncounted. */
static void forget(void *at)
{
    size_t i = at == NULL ? 0 : place_of(at);
    if (at == NULL || heap.at[i] == NULL) {
        return;
    }
    heap.at[i] = NULL;
    heap.live--;
    /* Those behind it in the row are put where they are found again. */
    for (i = (i + 1) % LIVE_MOST; heap.at[i] != NULL; i = (i + 1) % LIVE_MOST) {
        void *moved = heap.at[i];
        heap.at[i] = NULL;
        heap.at[place_of(moved)] = moved;
    }
}

static bool fails(void)
{
    if (!heap.watched) {
        return false;
    }
    const long number = heap.made++;
    return heap.fails_at >= 0 &&
           (number == heap.fails_at || (heap.for_good && number > heap.fails_at));
}

void *__wrap_malloc(size_t n)
{
    return fails() ? NULL : note(__real_malloc(n));
}

void *__wrap_calloc(size_t count, size_t n)
{
    return fails() ? NULL : note(__real_calloc(count, n));
}

void *__wrap_aligned_alloc(size_t alignment, size_t n)
{
    return fails() ? NULL : note(__real_aligned_alloc(alignment, n));
}

void *__wrap_realloc(void *old, size_t n)
{
    if (fails()) {
        return NULL;
    }
    const bool known = old != NULL && heap.at[place_of(old)] != NULL;
    if (known) {
        forget(old);
    }
    void *at = __real_realloc(old, n);
    return old == NULL || known ? note(at) : at;
}

void __wrap_free(void *at)
{
    forget(at);
    __real_free(at);
}

static void watch(long fails_at, bool for_good)
{
    ck_assert_uint_eq(heap.live, 0);
    heap.fails_at = fails_at;
    heap.for_good = for_good;
    heap.made = 0;
    heap.watched = true;
}

/* How many allocations there were; none of them is left. */
static long unwatch(void)
{
    heap.watched = false;
    ck_assert_msg(heap.live == 0, "%zu allocations are left after number %ld failed", heap.live,
                  heap.fails_at);
    return heap.made;
}

/* ---- the script ---- */

static const char lan_file[] =
    "name: office\n"
    "switches: { core: { static: { \"02:00:00:00:00:99\": p1 } } }\n"
    "hosts:\n"
    "  web:\n"
    "    address: 10.0.0.1/24\n"
    "    gateway: 10.0.0.254\n"
    "    services: [echo, discard, chargen, udp-echo, iperf3: 5201, http: { root: ./www }]\n"
    "  client: { address: 10.0.0.2/24, gateway: 10.0.0.254 }\n"
    "  r1:\n"
    "    forwarding: true\n"
    "    interfaces:\n"
    "      eth0: { address: 10.0.0.254/24 }\n"
    "      eth1: { address: 192.168.7.1/24 }\n"
    "  far: { address: 192.168.7.2/24, gateway: 192.168.7.1, mtu: 576 }\n"
    "  sensor: { count: 12, address: 10.0.0.101/24, arp: { probe: true } }\n"
    "links:\n"
    "  - [web, core]\n"
    "  - [client, core]\n"
    "  - [\"sensor-*\", core]\n"
    "  - [\"r1:eth0\", core]\n"
    "  - { endpoints: [\"r1:eth1\", far], name: wan, delay: 1 ms, rate: 10 Mbit, loss: 1 %,\n"
    "      jitter: 100 us, corrupt: 0.0001 %, queue: { limit: 900 packets, discipline: codel } }\n"
    "events:\n"
    "  - { at: 10 ms, crash: sensor-11, for: 10 ms }\n"
    "  - { at: 20 ms, stop: sensor-10, for: 10 ms }\n"
    "  - { at: 30 ms, set: { link: [sensor-9, core], delay: 9 ms, over: 5 ms }, for: 10 ms }\n"
    "  - { at: 0 s, set: { link: [sensor-2, core], rate: 100 Mbit, jitter: 10 us,\n"
    "      queue: { discipline: fq-codel, flows: 64 } } }\n"
    "  - { at: 30 ms, flap: { link: [sensor-8, core], every: 4 ms, down: 2 ms }, for: 10 ms }\n"
    "  - { at: 40 ms, every: 10 ms, times: 2, hold: [sensor-7, core], for: 5 ms }\n"
    "  - { at: 0 s, drop: { link: [sensor-6, core], match: retransmit, count: 2 }, for: 2 s }\n"
    "  - { at: 50 ms, partition: [[sensor-4], [sensor-5]], for: 5 ms }\n"
    "  - { after: behind, plus: 1 ms, down: [sensor-4, core], for: 1 ms }\n"
    "scenario:\n"
    "  - ping: { from: far, to: web, count: 2, size: 5000 B }\n"
    "  - ping: { from: client, to: 10.0.0.99, count: 1 }\n"
    "    expect: { loss: 100 % }\n"
    "  - http: { from: client, url: \"http://web/\" }\n"
    "    expect: { status: 200, body: /hel+o/ }\n"
    "  - http: { from: far, url: \"http://web/none\" }\n"
    "    expect: { status: 404 }\n"
    "  - iperf: { from: far, to: web, bytes: 100 kB }\n"
    "  - iperf: { from: client, to: web, for: 100 ms, protocol: udp, parallel: 2 }\n"
    "  - wait: { for: 10 s }\n"
    "  - iperf: { from: sensor-1, to: sensor-2, bytes: 400 kB, parallel: 12, reverse: true }\n"
    "  - ping: { from: sensor-12, to: client, count: 2, interval: 10 ms }\n"
    "  - { name: behind, background: true, ping: { from: sensor-3, to: web, count: 90 } }\n"
    "  - parallel:\n"
    "      - tcp: { from: client, to: \"web:7\", send: hello }\n"
    "        expect: { receive: /hel+o/ }\n"
    "      - udp: { from: client, to: \"web:7\", send: hello }\n"
    "        expect: { receive: hello }\n"
    "    expect: { took: \"< 1 s\" }\n"
    "  - repeat: { times: 2, steps: [{ down: wan }, { wait: { for: 10 ms } }, { up: wan }] }\n"
    "  - capture: { on: \"core:p2\", match: retransmit, of: behind }\n"
    "    expect: { frames: 0 }\n"
    "  - counter: { of: core, name: frames-in }\n"
    "    expect: { value: \"> 100\" }\n"
    "  - table: { of: core }\n"
    "    expect: { has: client }\n"
    "  - set: { link: wan, delay: 2 ms, over: 10 ms }\n"
    "  - drop: { link: wan, match: icmp and greater 100, count: 1 }\n"
    "  - crash: web\n"
    "  - partition: [[client], [web]]\n"
    "  - wait: { for: 20 ms }\n"
    "  - heal\n"
    "  - restart: web\n"
    "  - tcp: { from: client, to: \"web:9\", send: hello }\n"
    "    timeout: 20 s\n";

/* Real time, so it is read here and not played. */
static const char programs_file[] = "switches: { core: {} }\n"
                                    "hosts:\n"
                                    "  api:\n"
                                    "    address: 10.0.0.1/24\n"
                                    "    run: [./api, --port, \"80\", --quiet]\n"
                                    "    env: { A: 1, B: 2, C: 3, D: 4 }\n"
                                    "    tmpfs: [/mnt, /media, /srv, /opt]\n"
                                    "    cwd: ./www\n"
                                    "    user: nobody\n"
                                    "    stdin: hello\n"
                                    "    ready: { port: 80 }\n"
                                    "    capabilities: [net-raw]\n"
                                    "  web: { address: 10.0.0.2/24, services: [echo] }\n"
                                    "links: [[api, core], [web, core]]\n"
                                    "forward: [{ host: \"127.0.0.1:8080\", to: \"web:7\" }]\n"
                                    "scenario:\n"
                                    "  - run: { on: api, command: [cat, a, b, c] }\n"
                                    "    expect: { stdout: hello }\n"
                                    "  - kill: { host: api, signal: HUP }\n";

static const struct sw_test_file files[] = {{"lan.yaml", lan_file, 0},
                                            {"programs.yaml", programs_file, 0},
                                            {"./www/index.html", "hello", 0},
                                            {NULL, NULL, 0}};
static const struct sw_test_world disk = {files, NULL};

/* The file is read: 0, or -ENOMEM and nothing. */
static struct sw_topo *load(const char *path)
{
    const struct sw_config_io io = sw_test_io(&disk);
    struct sw_topo *topo = NULL;
    struct sw_problems problems;
    const int err = sw_config_load(&topo, path, &io, NULL, 0, &problems);
    for (size_t i = 0; i < problems.count; i++) {
        free(sw_problem_text(&problems.list[i]));
    }
    must(err == 0 || (err == -ENOMEM && heap.watched));
    must((err == 0) == (topo != NULL));
    sw_problems_fini(&problems);
    return topo;
}

struct played {
    unsigned passed, failed, dones;
};

static void on_check(void *ctx, const struct sw_check *check)
{
    struct played *played = ctx;
    must(check->passed || (check->expected != NULL && check->seen != NULL));
    played->passed += check->passed;
    played->failed += !check->passed;
}

static void on_done(void *ctx)
{
    ((struct played *)ctx)->dones++;
}

static void play(struct sw_network *net, struct played *played)
{
    const struct sw_player_hooks hooks = {.check = on_check, .done = on_done, .ctx = played};
    const struct sw_env *env = sw_network_env(net);
    struct sw_events *events = NULL;
    struct sw_player *player = NULL;
    char why[256] = "";
    if (sw_events_new(&events, net, NULL) == 0 &&
        sw_player_new(&player, net, events, &hooks) == 0) {
        /* Half an hour is more than any step's patience. */
        must(sw_clock_run(env->clock, 1800 * SW_S, CALLBACKS) == SW_RUN_IDLE);
        must(played->dones == 1);
    }
    if (!sw_network_holds(net, why, sizeof why)) {
        broken(__LINE__, why);
    }
    sw_player_free(player);
    sw_events_free(events);
}

/* Builds, plays and takes down; true if all was as without any failure. */
static bool run(const struct sw_topo *topo, size_t pool_bytes)
{
    struct sw_seed seed;
    struct played played = {0, 0, 0};
    sw_seed_from_number(&seed, 7);
    struct sw_env env = {
        .clock = sw_clock_new(), .pool = sw_pool_new(pool_bytes), .seed = &seed, .secrets = &seed};
    if (env.clock != NULL && env.pool != NULL) {
        const struct sw_network_options options = {.virtual_time = true};
        struct sw_network *net = NULL;
        struct sw_pool_stats stats;
        char why[256] = "";
        const int err = sw_network_new(&net, &env, topo, &options, why, sizeof why);
        if (err == 0) {
            play(net, &played);
            sw_network_free(net);
        } else {
            must(err == -ENOMEM);
            must(why[0] != '\0');
        }
        sw_pool_stats(env.pool, &stats);
        must(stats.live_frames == 0);
        must(stats.live_blocks == 0);
        must(stats.live_bytes == 0);
    }
    if (env.pool != NULL) {
        sw_pool_free(env.pool);
    }
    if (env.clock != NULL) {
        sw_clock_free(env.clock);
    }
    return played.passed == 16 && played.failed == 0;
}

/* ---- stories ---- */

#define ENOUGH ((size_t)64 << 20)

START_TEST(a_file_is_read_whole_or_not_at_all)
{
    static const char *const paths[] = {"lan.yaml", "programs.yaml"};
    const char *path = paths[_i];
    watch(-1, false);
    sw_topo_free(load(path));
    const long all = unwatch();
    ck_assert_int_ge(all, 100);
    for (long i = 0; i < 2 * all; i++) {
        watch(i / 2, i % 2 == 1);
        sw_topo_free(load(path));
        unwatch();
    }
}
END_TEST

/* What a file came to. */
struct came {
    int err;
    size_t count;
    char what[64][600];
};

static void load_golden(const char *path, struct came *came)
{
    static const struct sw_test_world world = {NULL, NULL};
    const struct sw_config_io io = sw_test_io(&world);
    struct sw_topo *topo = NULL;
    struct sw_problems problems;
    came->err = sw_config_load(&topo, path, &io, NULL, 0, &problems);
    came->count = problems.count;
    must(came->count <= sizeof came->what / sizeof came->what[0]);
    must((came->err == 0) == (topo != NULL));
    for (size_t i = 0; i < problems.count; i++) {
        snprintf(came->what[i], sizeof came->what[i], "%s", problems.list[i].what);
    }
    sw_problems_fini(&problems);
    sw_topo_free(topo);
}

static bool is_same(const struct came *a, const struct came *b)
{
    bool same = a->err == b->err && a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++) {
        same = strcmp(a->what[i], b->what[i]) == 0;
    }
    return same;
}

/* Each allocation of each golden file of a folder, alone or with all behind it: what is said is the
 * same, or that there is no memory and nothing else. */
START_TEST(no_message_is_made_by_memory_that_is_gone)
{
    static const char *const folders[] = {SW_SOURCE_DIR "/tests/golden/right/*.yaml",
                                          SW_SOURCE_DIR "/tests/golden/wrong/*.yaml"};
    static struct came whole, came;
    glob_t golden;
    size_t tried = 0;
    ck_assert_int_eq(glob(folders[_i / 2], 0, NULL, &golden), 0);
    for (size_t f = 0; f < golden.gl_pathc; f++) {
        watch(-1, false);
        load_golden(golden.gl_pathv[f], &whole);
        const long all = unwatch();
        for (long i = 0; i < all; i++, tried++) {
            watch(i, _i % 2 == 1);
            load_golden(golden.gl_pathv[f], &came);
            unwatch();
            ck_assert_msg(came.err == -ENOMEM ? came.count == 0 : is_same(&came, &whole),
                          "%s, number %ld failed: %d, %s", golden.gl_pathv[f], i, came.err,
                          came.count > 0 ? came.what[0] : "");
        }
    }
    ck_assert_uint_gt(tried, 1000);
    globfree(&golden);
}
END_TEST

static long count_run(const struct sw_topo *topo)
{
    watch(-1, false);
    ck_assert(run(topo, ENOUGH));
    return unwatch();
}

START_TEST(a_run_gets_over_one_allocation_that_fails)
{
    struct sw_topo *topo = load("lan.yaml");
    const long all = count_run(topo);
    long whole = 0;
    ck_assert_int_gt(all, 100);
    for (long i = 0; i < all; i++) {
        watch(i, false);
        whole += run(topo, ENOUGH);
        unwatch();
    }
    ck_assert_int_gt(whole, all / 10);
    sw_topo_free(topo);
}
END_TEST

START_TEST(a_run_ends_when_memory_is_gone_for_good)
{
    struct sw_topo *topo = load("lan.yaml");
    const long all = count_run(topo);
    for (long i = 0; i < all; i++) {
        watch(i, true);
        run(topo, ENOUGH);
        unwatch();
    }
    sw_topo_free(topo);
}
END_TEST

START_TEST(a_run_ends_however_small_its_pool)
{
    struct sw_topo *topo = load("lan.yaml");
    unsigned whole = 0;
    for (size_t limit = 0; limit < 600000; limit += limit < 8192 ? 256 : limit / 8) {
        watch(-1, false);
        whole += run(topo, limit);
        unwatch();
    }
    ck_assert_uint_gt(whole, 0);
    sw_topo_free(topo);
}
END_TEST

/* ---- the iperf3 service ---- */

static const char served_file[] = "hosts:\n"
                                  "  web: { address: 10.0.0.1/24, services: [iperf3] }\n"
                                  "  client: { address: 10.0.0.2/24 }\n"
                                  "links: [[web, client]]\n";
static const char cookie[SW_IPERF3_COOKIE] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
static const char *const wanted[] = {
    "{\"tcp\":true,\"parallel\":1,\"bidirectional\":true,\"bandwidth\":800000,\"get_server_"
    "output\":1}",
    "{\"udp\":true,\"len\":1000,\"bandwidth\":800000,\"bidirectional\":true,\"get_server_output\":"
    "1}",
};
static const char no_results[] =
    "\x04\0\0\0\x52{\"streams\":[{\"id\":1,\"bytes\":0,\"retransmits\":0,\"jitter\":0,\"errors\":0,"
    "\"packets\":0}]}\x10";

/* A socket of the client's, to the service; NULL where there is no memory. */
static struct sw_sock *to_service(struct sw_network *net, enum sw_protocol protocol)
{
    struct sw_endpoint to = {.port = SW_IPERF3_PORT};
    struct sw_sock *sock = NULL;
    must(sw_ip_parse(&to.ip, "10.0.0.1"));
    if (sw_sock_open(&sock, sw_network_host(net, "client"), protocol, NULL, NULL) < 0) {
        return NULL;
    }
    if (sw_sock_connect(sock, to) < 0) {
        sw_sock_close(sock);
        return NULL;
    }
    return sock;
}

static void say(struct sw_sock *sock, const void *bytes, size_t n)
{
    if (sock != NULL) {
        (void)sw_sock_send(sock, bytes, n);
    }
}

/* All that a client says, each at its time, whatever is answered. */
static void be_client(struct sw_network *net, bool udp)
{
    struct sw_clock *clock = sw_network_env(net)->clock;
    struct sw_sock *sock[3] = {to_service(net, SW_TCP)};
    const size_t n = strlen(wanted[udp]);
    const uint8_t length[4] = {0, 0, 0, (uint8_t)n};
    sw_clock_run(clock, SW_S, CALLBACKS);
    say(sock[0], cookie, sizeof cookie);
    say(sock[0], length, sizeof length);
    say(sock[0], wanted[udp], n);
    sw_clock_run(clock, 2 * SW_S, CALLBACKS);
    for (unsigned i = 1; i < 3; i++) {
        sock[i] = to_service(net, udp ? SW_UDP : SW_TCP);
        sw_clock_run(clock, (2 + i) * SW_S, CALLBACKS);
        say(sock[i], udp ? "9876" : cookie, udp ? 4 : sizeof cookie);
        sw_clock_run(clock, (2 + i) * SW_S + 500 * SW_MS, CALLBACKS);
    }
    for (int k = 0; k < 20; k++) {
        static const char text[1000];
        say(sock[1], text, sizeof text);
        sw_clock_run(clock, 5 * SW_S + k * 100 * SW_MS, CALLBACKS);
    }
    say(sock[0], no_results, sizeof no_results - 1);
    sw_clock_run(clock, 8 * SW_S, CALLBACKS);
    for (unsigned i = 0; i < 3; i++) {
        if (sock[i] != NULL) {
            sw_sock_close(sock[i]);
        }
    }
    sw_clock_run(clock, 1800 * SW_S, CALLBACKS);
}

/* Is a client that comes when there is memory again asked what it wants? */
static bool is_served(struct sw_network *net)
{
    struct sw_clock *clock = sw_network_env(net)->clock;
    struct sw_sock *sock = to_service(net, SW_TCP);
    uint8_t byte = 0;
    say(sock, cookie, sizeof cookie);
    sw_clock_run(clock, 1801 * SW_S, CALLBACKS);
    say(sock, cookie, sizeof cookie);
    sw_clock_run(clock, 1802 * SW_S, CALLBACKS);
    const bool served =
        sw_sock_recv(sock, &byte, 1) == 1 && byte == (uint8_t)SW_IPERF3_PARAM_EXCHANGE;
    sw_sock_close(sock);
    sw_clock_run(clock, 3600 * SW_S, CALLBACKS);
    return served;
}

/* Of a test's allocations each fails in turn. How many there were. */
static long serve(const struct sw_topo *topo, bool udp, long fails_at, bool for_good)
{
    struct sw_seed seed;
    sw_seed_from_number(&seed, 7);
    struct sw_env env = {
        .clock = sw_clock_new(), .pool = sw_pool_new(ENOUGH), .seed = &seed, .secrets = &seed};
    const struct sw_network_options options = {.virtual_time = true};
    struct sw_network *net = NULL;
    struct sw_pool_stats stats;
    char why[256] = "";
    ck_assert_int_eq(sw_network_new(&net, &env, topo, &options, why, sizeof why), 0);
    watch(fails_at, for_good);
    be_client(net, udp);
    heap.fails_at = -1;
    const long made = heap.made;
    must(is_served(net));
    must(sw_network_holds(net, why, sizeof why));
    sw_network_free(net);
    sw_pool_stats(env.pool, &stats);
    must(stats.live_frames == 0 && stats.live_blocks == 0);
    sw_pool_free(env.pool);
    sw_clock_free(env.clock);
    unwatch();
    return made;
}

START_TEST(the_service_is_there_after_any_allocation_that_fails)
{
    static const struct sw_test_file one[] = {{"served.yaml", served_file, 0}, {NULL, NULL, 0}};
    static const struct sw_test_world world = {one, NULL};
    const struct sw_config_io io = sw_test_io(&world);
    struct sw_topo *topo = NULL;
    struct sw_problems problems;
    json_set_alloc_funcs(malloc, free); /* ours, by the linker */
    ck_assert_int_eq(sw_config_load(&topo, "served.yaml", &io, NULL, 0, &problems), 0);
    const long all = serve(topo, _i == 1, -1, false);
    ck_assert_int_gt(all, 50);
    for (long i = 0; i < 2 * all; i++) {
        serve(topo, _i == 1, i / 2, i % 2 == 1);
    }
    sw_problems_fini(&problems);
    sw_topo_free(topo);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("allocation");
    TCase *tcase = tcase_create("allocation");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, a_file_is_read_whole_or_not_at_all, 0, 2);
    tcase_add_loop_test(tcase, no_message_is_made_by_memory_that_is_gone, 0, 4);
    tcase_add_test(tcase, a_run_gets_over_one_allocation_that_fails);
    tcase_add_test(tcase, a_run_ends_when_memory_is_gone_for_good);
    tcase_add_test(tcase, a_run_ends_however_small_its_pool);
    tcase_add_loop_test(tcase, the_service_is_there_after_any_allocation_that_fails, 0, 2);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
