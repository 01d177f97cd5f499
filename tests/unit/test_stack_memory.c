/* One allocation that fails costs a host time, and nothing else: for each of them that a transfer
 * makes, over a cable that loses and reorders, that one is refused. The transfer comes whole all
 * the same, and what was taken is given back.
 *
 * The allocator is stood in for by functions of its name, which hand on to the C library's own.
 * Where a sanitizer has put one in already, nothing fails, and the story is told once. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stack/host.h"
#include "stack/sock.h"
#include "tests/support/core_fixture.h"

#define TEXT_BYTES 120000u
#define PING_BYTES 4000u

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STANDS_IN 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define STANDS_IN 0
#endif
#endif
#ifndef STANDS_IN
#define STANDS_IN 1
#endif

static bool counting;
static long live; /* allocations that were not given back */
static unsigned long asked, refused_at;

#if STANDS_IN
extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t count, size_t n);
extern void *__libc_realloc(void *at, size_t n);
extern void *__libc_memalign(size_t align, size_t n);
extern void __libc_free(void *at);

static bool refused(void)
{
    return counting && ++asked == refused_at;
}

static void *counted(void *at)
{
    live += at != NULL;
    return at;
}

void *malloc(size_t n)
{
    return refused() ? NULL : counted(__libc_malloc(n));
}

void *calloc(size_t count, size_t n)
{
    return refused() ? NULL : counted(__libc_calloc(count, n));
}

void *realloc(void *at, size_t n)
{
    if (refused()) {
        return NULL;
    }
    return at == NULL ? counted(__libc_realloc(at, n)) : __libc_realloc(at, n);
}

void *aligned_alloc(size_t align, size_t n)
{
    return refused() ? NULL : counted(__libc_memalign(align, n));
}

void free(void *at)
{
    live -= at != NULL;
    __libc_free(at);
}
#endif

/* ---- the story ---- */

static struct sw_test_env world;
static struct sw_owner owner;
static struct sw_host *host[2];
static struct sw_link cable;
static struct sw_sock *listener, *client, *server;
static uint32_t written, had;
static bool ended, pong, wrong;
static enum sw_tcp_congestion congestion;

static struct sw_endpoint at(unsigned i, uint16_t port)
{
    return (struct sw_endpoint){.ip = sw_ip_v4(0x0a000001u + i), .port = port};
}

static uint8_t byte_at(uint32_t i)
{
    return (uint8_t)(i * 7 + (i >> 8));
}

static void writes(void)
{
    uint8_t bytes[3000];
    while (written < TEXT_BYTES) {
        for (uint32_t i = 0; i < sizeof bytes; i++) {
            bytes[i] = byte_at(written + i);
        }
        const uint32_t left = TEXT_BYTES - written;
        const int64_t took = sw_sock_send(client, bytes, left < sizeof bytes ? left : sizeof bytes);
        if (took <= 0) {
            return;
        }
        written += (uint32_t)took;
    }
    (void)sw_sock_shutdown(client);
}

static void reads(void)
{
    uint8_t bytes[5000];
    int64_t n;
    while ((n = sw_sock_recv(server, bytes, sizeof bytes)) > 0) {
        for (int64_t i = 0; i < n; i++) {
            wrong = wrong || bytes[i] != byte_at(had + (uint32_t)i);
        }
        had += (uint32_t)n;
    }
    ended = ended || n == 0;
}

/* A user that looks every now and then, as one who was told nothing would. */
static void look(void)
{
    if (listener == NULL && sw_sock_open(&listener, host[1], SW_TCP, NULL, NULL) == 0) {
        while (sw_sock_bind(listener, at(1, 80)) < 0) {
        }
    }
    if (listener != NULL && server == NULL) {
        (void)sw_sock_listen(listener, 4);
        (void)sw_sock_accept(&server, listener, NULL, NULL);
    }
    if (client != NULL && sw_sock_error(client) != 0) {
        sw_sock_close(client);
        client = NULL;
    }
    if (client == NULL && sw_sock_open(&client, host[0], SW_TCP, NULL, NULL) == 0 &&
        sw_sock_connect(client, at(1, 80)) < 0) {
        sw_sock_close(client);
        client = NULL;
    }
    if (client != NULL) {
        writes();
    }
    if (server != NULL) {
        reads();
    }
}

/* Fragments, there and back. */
static void ping(struct sw_sock **sock)
{
    static uint8_t text[PING_BYTES];
    uint8_t answer[PING_BYTES];
    if (*sock == NULL && sw_sock_open(sock, host[0], SW_PING, NULL, NULL) < 0) {
        return;
    }
    pong = pong || sw_sock_recv(*sock, answer, sizeof answer) == (int64_t)sizeof answer;
    if (!pong) {
        (void)sw_sock_send_to(*sock, text, sizeof text, at(1, 0));
    }
}

static void begin(void)
{
    struct sw_nic *nic[2];
    sw_test_env_init(&world, 3);
    sw_owner_init(&owner, "story");
    for (unsigned i = 0; i < 2; i++) {
        const struct sw_host_config config = {
            .name = i == 0 ? "a" : "b",
            .tcp = {.ecn = SW_TCP_ECN_ON, .congestion = congestion, .receive_buffer_bytes = 60000}};
        ck_assert_int_eq(sw_host_new(&host[i], &world.env, &config), 0);
        const struct sw_nic_config eth0 = {.name = "eth0",
                                           .mac = {{2, 0, 0, 0, 0, (uint8_t)(1 + i)}}};
        ck_assert_int_eq(sw_nic_add(&nic[i], host[i], &eth0), 0);
        const struct sw_prefix prefix = {.ip = at(i, 0).ip, .bits = 24};
        ck_assert_int_eq(sw_nic_add_address(nic[i], prefix, 0), 0);
    }
    const struct sw_lane_config lane = {.delay = 5 * SW_MS,
                                        .rate_bps = 20000000,
                                        .queue_frames = 100,
                                        .loss_ppb = 30000000,
                                        .reorder_ppb = 50000000};
    ck_assert_int_eq(sw_link_init(&cable, &world.env, sw_nic_port(nic[0]), sw_nic_port(nic[1]),
                                  "a>b", "b>a", &lane, &lane),
                     0);
    listener = client = server = NULL;
    written = had = 0;
    ended = pong = wrong = false;
}

static void end(void)
{
    sw_link_fini(&cable);
    sw_host_free(host[0]);
    sw_host_free(host[1]);
}

/* The nth allocation is refused; returns how many there were. */
static unsigned long told(unsigned long n)
{
    const long before = live;
    struct sw_sock *echo = NULL;
    begin();
    asked = 0;
    refused_at = n;
    sw_time now = 0;
    for (; now < 300 * SW_S && !(ended && pong); now += 20 * SW_MS) {
        counting = true; /* the suite's own are not meant */
        look();
        ping(&echo);
        (void)sw_clock_run(world.env.clock, now, 1000000);
        counting = false;
    }
    ck_assert(!wrong);
    ck_assert_msg(ended && had == TEXT_BYTES, "without allocation %lu: %u of %u bytes", n, had,
                  TEXT_BYTES);
    ck_assert_msg(pong, "without allocation %lu: no pong", n);
    counting = true;
    sw_sock_close(client);
    sw_sock_close(server);
    sw_sock_close(listener);
    sw_sock_close(echo);
    (void)sw_clock_run(world.env.clock, now + 100 * SW_S, 1000000);
    counting = false;
    struct sw_host_stats stats[2];
    for (unsigned i = 0; i < 2; i++) {
        ck_assert(sw_host_balanced(host[i]));
        sw_host_stats(host[i], &stats[i]);
        ck_assert_uint_eq(stats[i].tcp_connections, 0);
    }
    const unsigned long all = asked;
    end();
    sw_test_env_fini(&world);
    ck_assert_int_eq(live, before);
    return all;
}

/* BBR has more to remember than others. */
START_TEST(any_allocation_that_fails_costs_time_alone)
{
    static const enum sw_tcp_congestion all_of[] = {SW_TCP_CUBIC, SW_TCP_BBR};
    for (unsigned i = 0; i < 2; i++) {
        congestion = all_of[i];
        const unsigned long all = told(0);
        for (unsigned long n = 1; STANDS_IN && n <= all; n++) {
            (void)told(n);
        }
        ck_assert(!STANDS_IN || all > 50);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stack_memory");
    TCase *tc = tcase_create("all");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, any_allocation_that_fails_costs_time_alone);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
