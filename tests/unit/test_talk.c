/* A text there and back, by TCP and UDP: how it ends, and what came. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lan/metric.h"
#include "lan/services.h"
#include "lan/traffic.h"
#include "tests/support/lan_talk.h"

struct fixture {
    struct sw_lab *lab;
    struct sw_host *server, *client;
    struct sw_link *link;
    struct sw_topo_service config;
    struct sw_service *service;
    struct sw_sock *listener;
    struct sw_test_talk peer; /* the server's end, where the test is the server */
    const char *answer;
    struct sw_talk *talk;
    struct sw_talk_result result;
    char text[64];
    unsigned dones;
    sw_time began, took;
    bool free_when_done;
};

static void on_done(void *ctx)
{
    struct fixture *f = ctx;
    f->dones++;
    f->took = sw_lab_now(f->lab) - f->began;
    sw_talk_result(f->talk, &f->result);
    snprintf(f->text, sizeof f->text, "%s", f->result.text);
    if (f->free_when_done) {
        sw_talk_free(f->talk);
        f->talk = NULL;
    }
}

/* 10.0.0.1 and 10.0.0.2 on a cable of 1 ms. */
static void set_up(struct fixture *f)
{
    *f = (struct fixture){.lab = sw_lab_new(7)};
    f->server = sw_lab_host(f->lab, "server", "10.0.0.1/24");
    f->client = sw_lab_host(f->lab, "client", "10.0.0.2/24");
    f->link = sw_lab_link(f->lab, "server", "client",
                          &(struct sw_lane_config){.delay = SW_MS, .queue_frames = 1000});
    sw_lab_run(f->lab, SW_S);
}

static void tear_down(struct fixture *f)
{
    sw_talk_free(f->talk);
    if (f->peer.in) {
        sw_test_talk_fini(&f->peer);
    }
    sw_lab_run(f->lab, 300 * SW_S);
    if (f->service) {
        sw_service_free(f->service);
    }
    if (f->listener) {
        sw_sock_close(f->listener);
    }
    ck_assert(sw_lab_holds(f->lab));
    sw_lab_free(f->lab);
}

static void serve(struct fixture *f, enum sw_service_kind kind, uint16_t port)
{
    f->config = (struct sw_topo_service){.kind = kind, .port = port};
    ck_assert_int_eq(sw_service_new(&f->service, f->server, &f->config), 0);
}

static void on_listener(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct fixture *f = user;
    (void)event;
    sw_test_talk_accept(&f->peer, f->lab, sock);
    if (f->answer) {
        sw_test_talk_say(&f->peer, f->answer);
    }
}

/* Whoever connects to port 80 is told that, and the connection stays open. */
static void answer_with(struct fixture *f, const char *answer)
{
    f->answer = answer;
    ck_assert_int_eq(sw_sock_open(&f->listener, f->server, SW_TCP, on_listener, f), 0);
    ck_assert_int_eq(sw_sock_bind(f->listener, (struct sw_endpoint){.port = 80}), 0);
    ck_assert_int_eq(sw_sock_listen(f->listener, 5), 0);
}

static void begin(struct fixture *f, struct sw_talk_config config, uint32_t to, uint16_t port)
{
    config.to = (struct sw_endpoint){sw_ip_v4(to), port};
    config.keep_bytes = 32;
    f->began = sw_lab_now(f->lab);
    ck_assert_int_eq(sw_talk_new(&f->talk, f->client, &config, on_done, f), 0);
    ck_assert_uint_eq(f->dones, 0);
}

static void run(struct fixture *f, struct sw_talk_config config, uint32_t to, uint16_t port)
{
    begin(f, config, to, port);
    sw_lab_run(f->lab, 60 * SW_S);
    ck_assert_uint_eq(f->dones, 1);
}

#define SERVER 0x0a000001

static const char sha256_of_hello[] =
    "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

/* ---- TCP ---- */

START_TEST(tcp_sends_ends_its_side_and_reads_all)
{
    struct fixture f;
    set_up(&f);
    serve(&f, SW_SERVICE_ECHO, 7);
    run(&f, (struct sw_talk_config){.send = "hello"}, SERVER, 7);
    ck_assert_int_eq(f.result.error, 0);
    ck_assert(f.result.connected);
    ck_assert_str_eq(f.text, "hello");
    ck_assert_uint_eq(f.result.size, 5);
    ck_assert_str_eq(f.result.sha256, sha256_of_hello);
    /* ARP, the handshake, the text and its echo with both ends: 2 ms each. */
    ck_assert_int_eq(f.took, 6 * SW_MS);
    ck_assert_int_eq(f.result.took, f.took);
    tear_down(&f);
}
END_TEST

START_TEST(tcp_without_a_text_asks_whether_somebody_is_there)
{
    struct fixture f;
    set_up(&f);
    serve(&f, SW_SERVICE_DISCARD, 9);
    run(&f, (struct sw_talk_config){.send = NULL}, SERVER, 9);
    ck_assert_int_eq(f.result.error, 0);
    ck_assert_uint_eq(f.result.size, 0);
    tear_down(&f);
}
END_TEST

START_TEST(tcp_keeps_the_beginning_and_sums_up_all)
{
    struct fixture f;
    char text[3001];
    memset(text, 'x', 3000);
    text[3000] = 0;
    set_up(&f);
    serve(&f, SW_SERVICE_ECHO, 7);
    run(&f, (struct sw_talk_config){.send = text}, SERVER, 7);
    ck_assert_int_eq(f.result.error, 0);
    ck_assert_uint_eq(f.result.size, 3000);
    ck_assert_uint_eq(f.result.text_len, 32);
    ck_assert_uint_eq(strlen(f.text), 32);
    ck_assert_str_eq(f.result.sha256,
                     "e1630f843370f402870799e14abbf2b06af2d23b0153658e1211dffabc61ad8f");
    tear_down(&f);
}
END_TEST

START_TEST(a_rst_to_the_syn_refuses)
{
    struct fixture f;
    set_up(&f);
    run(&f, (struct sw_talk_config){.send = "hello"}, SERVER, 81);
    ck_assert_int_eq(f.result.error, -ECONNREFUSED);
    ck_assert(!f.result.connected);
    ck_assert_int_eq(f.took, 4 * SW_MS);
    tear_down(&f);
}
END_TEST

START_TEST(a_rst_that_comes_later_resets)
{
    struct fixture f;
    set_up(&f);
    answer_with(&f, "hel");
    begin(&f, (struct sw_talk_config){.send = "hello"}, SERVER, 80);
    sw_lab_run(f.lab, SW_S);
    ck_assert_uint_eq(f.dones, 0);
    sw_sock_abort(f.peer.sock);
    f.peer.sock = NULL;
    sw_lab_run(f.lab, SW_S);
    ck_assert_uint_eq(f.dones, 1);
    ck_assert_int_eq(f.result.error, -ECONNRESET);
    ck_assert_str_eq(f.text, "hel");
    tear_down(&f);
}
END_TEST

START_TEST(its_time_runs_out__ten_seconds_unless_said)
{
    for (unsigned i = 0; i < 2; i++) {
        struct fixture f;
        set_up(&f);
        answer_with(&f, "hello"); /* and never ends */
        run(&f, (struct sw_talk_config){.timeout = i ? 3 * SW_S : 0}, SERVER, 80);
        ck_assert_int_eq(f.result.error, -ETIMEDOUT);
        ck_assert_int_eq(f.took, i ? 3 * SW_S : 10 * SW_S);
        ck_assert_str_eq(f.text, "hello");
        tear_down(&f);
    }
}
END_TEST

START_TEST(a_syn_that_nobody_hears_times_out)
{
    struct fixture f;
    set_up(&f);
    serve(&f, SW_SERVICE_ECHO, 7);
    begin(&f, (struct sw_talk_config){.send = "hello", .timeout = 5 * SW_S}, SERVER, 7);
    sw_lab_run(f.lab, 2500 * SW_US); /* ARP is through, the SYN is under way */
    sw_link_set_up(f.link, false);
    sw_lab_run(f.lab, 60 * SW_S);
    ck_assert_int_eq(f.result.error, -ETIMEDOUT);
    ck_assert_int_eq(f.took, 5 * SW_S);
    tear_down(&f);
}
END_TEST

START_TEST(no_route_is_unreachable_at_once)
{
    for (unsigned udp = 0; udp < 2; udp++) {
        struct fixture f;
        set_up(&f);
        run(&f, (struct sw_talk_config){.udp = udp}, 0x0b000001, 80);
        ck_assert_int_eq(f.result.error, -ENETUNREACH);
        ck_assert_int_eq(f.took, 0);
        tear_down(&f);
    }
}
END_TEST

START_TEST(an_address_that_nobody_answers_for_is_unreachable)
{
    for (unsigned udp = 0; udp < 2; udp++) {
        struct fixture f;
        set_up(&f);
        run(&f, (struct sw_talk_config){.udp = udp}, 0x0a000009, 80);
        ck_assert_int_eq(f.result.error, -EHOSTUNREACH);
        ck_assert_int_eq(f.took, 3 * SW_S); /* three requests, a second apart */
        tear_down(&f);
    }
}
END_TEST

/* A router in between: behind it is a net without that host, and one that it has no route to. */
START_TEST(an_icmp_unreachable_ends_it)
{
    static const struct {
        uint32_t to;
        sw_time took;
    } cases[] = {{0x0c000001, 4 * SW_MS}, {0x0b000009, 3 * SW_S + 4 * SW_MS}};
    for (unsigned i = 0; i < 4; i++) {
        struct fixture f;
        set_up(&f);
        sw_lab_router(f.lab, "router", "10.9.0.1/24 11.0.0.1/24");
        struct sw_host *near = sw_lab_host(f.lab, "near", "10.9.0.2/24");
        sw_lab_host(f.lab, "far", "11.0.0.2/24");
        struct sw_lane_config lane = {.delay = SW_MS};
        sw_lab_link(f.lab, "near", "router:eth0", &lane);
        sw_lab_link(f.lab, "far", "router:eth1", &lane);
        sw_lab_route(f.lab, "near", "0.0.0.0/0", "10.9.0.1");
        sw_lab_run(f.lab, SW_S);
        f.client = near;
        run(&f, (struct sw_talk_config){.udp = i / 2}, cases[i % 2].to, 80);
        ck_assert_str_eq(sw_result_of(f.result.error), "unreachable");
        ck_assert_int_eq(f.took, cases[i % 2].took);
        tear_down(&f);
    }
}
END_TEST

/* ---- UDP ---- */

START_TEST(udp_takes_the_first_datagram_in_answer)
{
    struct fixture f;
    set_up(&f);
    serve(&f, SW_SERVICE_UDP_ECHO, 7);
    run(&f, (struct sw_talk_config){.udp = true, .send = "hello"}, SERVER, 7);
    ck_assert_int_eq(f.result.error, 0);
    ck_assert_str_eq(f.text, "hello");
    ck_assert_str_eq(f.result.sha256, sha256_of_hello);
    ck_assert_int_eq(f.took, 4 * SW_MS); /* ARP, and there and back */
    tear_down(&f);
}
END_TEST

START_TEST(udp_may_send_an_empty_datagram)
{
    struct fixture f;
    set_up(&f);
    serve(&f, SW_SERVICE_UDP_ECHO, 7);
    run(&f, (struct sw_talk_config){.udp = true}, SERVER, 7);
    ck_assert_int_eq(f.result.error, 0);
    ck_assert_uint_eq(f.result.size, 0);
    tear_down(&f);
}
END_TEST

START_TEST(a_udp_port_without_a_socket_is_unreachable)
{
    struct fixture f;
    set_up(&f);
    run(&f, (struct sw_talk_config){.udp = true, .send = "hello"}, SERVER, 9000);
    ck_assert_int_eq(f.result.error, -EHOSTUNREACH);
    ck_assert_int_eq(f.took, 4 * SW_MS);
    tear_down(&f);
}
END_TEST

START_TEST(a_datagram_without_an_answer_times_out)
{
    struct fixture f;
    struct sw_sock *mute;
    set_up(&f);
    ck_assert_int_eq(sw_sock_open(&mute, f.server, SW_UDP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(mute, (struct sw_endpoint){.port = 9000}), 0);
    run(&f, (struct sw_talk_config){.udp = true, .send = "hello"}, SERVER, 9000);
    ck_assert_int_eq(f.result.error, -ETIMEDOUT);
    ck_assert_int_eq(f.took, 10 * SW_S);
    sw_sock_close(mute);
    tear_down(&f);
}
END_TEST

START_TEST(a_datagram_too_long_fails)
{
    struct fixture f;
    static char text[65509];
    memset(text, 'x', sizeof text - 1);
    set_up(&f);
    run(&f, (struct sw_talk_config){.udp = true, .send = text}, SERVER, 7);
    ck_assert_int_eq(f.result.error, -EMSGSIZE);
    tear_down(&f);
}
END_TEST

/* ---- life ---- */

START_TEST(it_may_be_freed_at_any_time_and_in_its_end)
{
    for (unsigned i = 0; i < 12; i++) {
        struct fixture f;
        set_up(&f);
        f.free_when_done = true;
        serve(&f, i % 2 ? SW_SERVICE_UDP_ECHO : SW_SERVICE_ECHO, 7);
        begin(&f, (struct sw_talk_config){.udp = i % 2, .send = "hello"}, SERVER, 7);
        sw_lab_run(f.lab, i / 2 * 1500 * SW_US);
        ck_assert_uint_eq(f.dones, i / 2 * 1500 >= (i % 2 ? 4000 : 6000));
        tear_down(&f);
    }
}
END_TEST

START_TEST(settings_that_make_no_sense_are_refused)
{
    struct fixture f;
    set_up(&f);
    struct sw_talk_config config = {.timeout = 0};
    ck_assert_int_eq(sw_talk_new(&f.talk, f.client, &config, on_done, &f), -EINVAL);
    config = (struct sw_talk_config){.to = {sw_ip_v4(SERVER), 7}, .timeout = -1};
    ck_assert_int_eq(sw_talk_new(&f.talk, f.client, &config, on_done, &f), -EINVAL);
    sw_talk_free(NULL);
    tear_down(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("talk");
    TCase *tcp = tcase_create("tcp");
    tcase_add_test(tcp, tcp_sends_ends_its_side_and_reads_all);
    tcase_add_test(tcp, tcp_without_a_text_asks_whether_somebody_is_there);
    tcase_add_test(tcp, tcp_keeps_the_beginning_and_sums_up_all);
    tcase_add_test(tcp, a_rst_to_the_syn_refuses);
    tcase_add_test(tcp, a_rst_that_comes_later_resets);
    tcase_add_test(tcp, its_time_runs_out__ten_seconds_unless_said);
    tcase_add_test(tcp, a_syn_that_nobody_hears_times_out);
    tcase_add_test(tcp, no_route_is_unreachable_at_once);
    tcase_add_test(tcp, an_address_that_nobody_answers_for_is_unreachable);
    tcase_add_test(tcp, an_icmp_unreachable_ends_it);
    suite_add_tcase(suite, tcp);
    TCase *udp = tcase_create("udp");
    tcase_add_test(udp, udp_takes_the_first_datagram_in_answer);
    tcase_add_test(udp, udp_may_send_an_empty_datagram);
    tcase_add_test(udp, a_udp_port_without_a_socket_is_unreachable);
    tcase_add_test(udp, a_datagram_without_an_answer_times_out);
    tcase_add_test(udp, a_datagram_too_long_fails);
    suite_add_tcase(suite, udp);
    TCase *life = tcase_create("life");
    tcase_add_test(life, it_may_be_freed_at_any_time_and_in_its_end);
    tcase_add_test(life, settings_that_make_no_sense_are_refused);
    suite_add_tcase(suite, life);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
