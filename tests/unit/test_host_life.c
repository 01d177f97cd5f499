/* What befalls a host as a whole (stack/host_life.c): a crash, a restart, standing still and going
 * on; seen from a station on its cable and from its sockets. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "stack/tcp.h"
#include "tests/support/stack_station.h"
#include "tests/support/stack_tcp.h"

static struct sw_test_env world;
static struct sw_host *host;
static struct sw_nic *eth0;
static struct sw_station st;

static void setup(void)
{
    sw_test_env_init(&world, 1);
    host = sw_test_host(&world, &eth0);
    sw_station_init(&st, &world, eth0, 2);
}

static void teardown(void)
{
    sw_station_fini(&st);
    sw_test_host_end(host);
    sw_test_env_fini(&world);
}

/* An echo request from the station, which the host knows or not; how many answers come. */
static unsigned echo(void)
{
    unsigned answers = 0;
    sw_station_echo(&st, "10.0.0.2", "10.0.0.1", 1, 1, 8);
    sw_test_run(&world, sw_clock_now(world.env.clock) + SW_MS);
    for (struct sw_frame *frame = NULL; (frame = sw_station_take(&st)) != NULL;) {
        answers++;
        sw_frame_drop(frame);
    }
    return answers;
}

static void introduce(void)
{
    sw_station_arp(&st, sw_mac_broadcast, 1, "10.0.0.2", "10.0.0.1");
    sw_test_run(&world, sw_clock_now(world.env.clock) + SW_MS);
    sw_frame_drop(sw_station_take(&st));
}

START_TEST(what_comes_to_a_crashed_host_is_dropped_and_nothing_goes_out)
{
    setup();
    introduce();
    ck_assert_uint_eq(echo(), 1);
    sw_host_crash(host);
    sw_host_crash(host); /* harmless */
    ck_assert_int_eq(sw_host_state(host), SW_HOST_DOWN);
    ck_assert_uint_eq(echo(), 0);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_HOST_DOWN), 1);
    ck_assert(sw_host_balanced(host));
    teardown();
}
END_TEST

START_TEST(a_restart_announces_and_knows_nobody)
{
    struct sw_arp_entry entry;
    setup();
    sw_test_address(eth0, "10.0.0.9/24", 0);
    introduce(); /* the answer; the announcement is still to be taken */
    sw_frame_drop(sw_station_take(&st));
    ck_assert(sw_host_arp_entry(host, 0, &entry));
    sw_host_crash(host);
    ck_assert(!sw_host_arp_entry(host, 0, &entry));
    sw_test_run(&world, SW_S);
    ck_assert_int_eq(sw_host_restart(host), 0);
    ck_assert_int_eq(sw_host_state(host), SW_HOST_RUNNING);
    sw_test_run(&world, 2 * SW_S);
    sw_station_expect(&st, SW_S,
                      "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff arp request 10.0.0.9 tell 10.0.0.9");
    teardown();
}
END_TEST

/* RFC 5227 2.1: an address that is probed for at first is so after each restart. */
START_TEST(a_restart_probes_again)
{
    setup();
    sw_test_address(eth0, "10.0.0.9/24", SW_ADDRESS_PROBE);
    ck_assert(!sw_ip_is_ours(host, sw_test_ip("10.0.0.9")));
    sw_test_run(&world, 10 * SW_S);
    ck_assert(sw_ip_is_ours(host, sw_test_ip("10.0.0.9")));
    ck_assert_int_eq(sw_host_restart(host), 0); /* of a host that is up: a crash first */
    ck_assert_int_eq(sw_host_restart(host), 0); /* in the midst of probing */
    ck_assert(!sw_ip_is_ours(host, sw_test_ip("10.0.0.9")));
    ck_assert(sw_ip_is_ours(host, sw_test_ip("10.0.0.1")));
    sw_test_run(&world, 20 * SW_S);
    ck_assert(sw_ip_is_ours(host, sw_test_ip("10.0.0.9")));
    for (unsigned i = 0; i < 10; i++) { /* three probes and two announcements, twice */
        struct sw_frame *frame = sw_station_take(&st);
        ck_assert_ptr_nonnull(frame);
        sw_frame_drop(frame);
    }
    teardown();
}
END_TEST

/* What waited in it is counted where it went. */
START_TEST(fragments_and_frames_that_wait_go_with_it)
{
    struct sw_sock *sock = NULL;
    uint8_t text[16] = {0};
    setup();
    sw_station_ip(&st,
                  (struct sw_ipv4){.src = sw_test_ip("10.0.0.2"),
                                   .dst = sw_test_ip("10.0.0.1"),
                                   .protocol = SW_PROTO_UDP,
                                   .more = true},
                  NULL, 0, text, sizeof text);
    sw_test_run(&world, SW_MS);
    ck_assert_int_eq(sw_sock_open(&sock, host, SW_UDP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, sw_test_at("10.0.0.7", 9)), 1);
    ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, sw_test_at("127.0.0.1", 9)), 1);
    struct sw_host_stats stats;
    sw_host_stats(host, &stats);
    ck_assert_uint_eq(stats.held, 1);
    sw_host_crash(host);
    sw_host_stats(host, &stats);
    ck_assert_uint_eq(stats.held, 0);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_HOST_DOWN), 2); /* fragment and loopback */
    ck_assert_uint_eq(sw_test_unsent(host, SW_DROP_HOST_DOWN), 1);  /* waited for ARP */
    ck_assert(sw_host_balanced(host));
    sw_test_run(&world, 60 * SW_S);
    sw_frame_drop(sw_station_take(&st)); /* the one ARP request that went before */
    sw_sock_close(sock);
    teardown();
}
END_TEST

static int errors;

static void count_errors(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    (void)user;
    ck_assert_int_eq(event, SW_SOCK_ERROR);
    ck_assert_int_eq(sw_sock_error(sock), -ENETDOWN);
    errors++;
}

START_TEST(sockets_are_told_once_and_stay_dead)
{
    static const enum sw_protocol kinds[] = {SW_TCP, SW_UDP, SW_PING};
    for (unsigned i = 0; i < 3; i++) {
        struct sw_sock *sock = NULL;
        char byte = 0;
        size_t n = 1;
        void *at = NULL;
        const void *peeked = NULL;
        int64_t value = 0;
        struct sw_sock_info info;
        setup();
        errors = 0;
        ck_assert_int_eq(sw_sock_open(&sock, host, kinds[i], count_errors, NULL), 0);
        ck_assert_int_eq(sw_sock_bind(sock, (struct sw_endpoint){.port = 7}), 0);
        sw_host_crash(host);
        sw_test_run(&world, SW_S);
        ck_assert_int_eq(sw_host_restart(host), 0);
        sw_host_crash(host);
        ck_assert_int_eq(sw_host_restart(host), 0);
        sw_test_run(&world, 2 * SW_S);
        ck_assert_int_eq(errors, 1);
        struct sw_sock *other = NULL;
        ck_assert_int_eq(sw_sock_bind(sock, (struct sw_endpoint){.port = 8}), -ENETDOWN);
        ck_assert_int_eq(sw_sock_listen(sock, 1), -ENETDOWN);
        ck_assert_int_eq(sw_sock_accept(&other, sock, NULL, NULL), -ENETDOWN);
        ck_assert_int_eq(sw_sock_connect(sock, sw_test_at("10.0.0.2", 1)), -ENETDOWN);
        ck_assert_int_eq(sw_sock_send(sock, &byte, 1), -ENETDOWN);
        ck_assert_int_eq(sw_sock_recv(sock, &byte, 1), -ENETDOWN);
        ck_assert_int_eq(sw_sock_reserve(sock, &at, &n), -ENETDOWN);
        ck_assert_int_eq(sw_sock_commit(sock, 1), -ENETDOWN);
        ck_assert_int_eq(sw_sock_peek(sock, &peeked, &n), -ENETDOWN);
        ck_assert_uint_eq(n, 0);
        ck_assert_int_eq(sw_sock_consume(sock, 1), -ENETDOWN);
        ck_assert_int_eq(sw_sock_shutdown(sock), -ENETDOWN);
        ck_assert_int_eq(sw_sock_set(sock, SW_OPT_TTL, 1), -ENETDOWN);
        ck_assert_int_eq(sw_sock_get(sock, SW_OPT_TTL, &value), -ENETDOWN);
        ck_assert_int_eq(sw_sock_error(sock), -ENETDOWN);
        ck_assert_int_eq(sw_sock_error(sock), -ENETDOWN);
        sw_sock_info(sock, &info);
        ck_assert_str_eq(info.state, "CLOSED");
        /* Its port is free again. */
        ck_assert_int_eq(sw_sock_open(&other, host, kinds[i], NULL, NULL), 0);
        ck_assert_int_eq(sw_sock_bind(other, (struct sw_endpoint){.port = 7}), 0);
        sw_sock_close(other);
        sw_sock_close(sock);
        teardown();
    }
}
END_TEST

START_TEST(a_socket_of_a_down_host_is_opened_but_sends_nothing)
{
    struct sw_sock *tcp = NULL, *udp = NULL;
    setup();
    sw_host_crash(host);
    ck_assert_int_eq(sw_sock_open(&tcp, host, SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_open(&udp, host, SW_UDP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_connect(tcp, sw_test_at("10.0.0.2", 1)), -ENETDOWN);
    ck_assert_int_eq(sw_sock_send_to(udp, "x", 1, sw_test_at("10.0.0.2", 1)), -ENETDOWN);
    ck_assert_int_eq(sw_sock_send_to(udp, "x", 1, sw_test_at("127.0.0.1", 1)), -ENETDOWN);
    sw_sock_close(udp);
    ck_assert_int_eq(sw_sock_listen(tcp, 1), 0);
    sw_sock_close(tcp);
    teardown();
}
END_TEST

/* RFC 6528: the secret is another one after a restart, so numbers do not repeat. */
START_TEST(a_restarted_host_has_new_secrets)
{
    setup();
    const struct sw_hash_key before = host->hash_key, isn = host->tcp->isn_key;
    sw_host_crash(host);
    ck_assert_int_eq(sw_host_restart(host), 0);
    ck_assert_uint_ne(host->hash_key.k0, before.k0);
    ck_assert_uint_ne(host->hash_key.k1, before.k1);
    ck_assert_uint_ne(host->tcp->isn_key.k0, isn.k0);
    ck_assert_uint_ne(host->tcp->isn_key.k1, isn.k1);
    teardown();
}
END_TEST

static bool odd(void *ctx, const struct sw_frame *frame)
{
    ++*(unsigned *)ctx;
    return (sw_frame_head(frame)[11] & 1) != 0;
}

START_TEST(a_filter_is_asked_of_what_has_come_for_the_host)
{
    unsigned asked = 0;
    setup();
    introduce();
    sw_host_set_filter(host, odd, &asked);
    ck_assert_uint_eq(echo(), 1); /* from ...:02 */
    st.mac.b[5] = 3;
    ck_assert_uint_eq(echo(), 0);
    ck_assert_uint_eq(asked, 2);
    st.to.b[5] = 9; /* for another: it is not asked */
    ck_assert_uint_eq(echo(), 0);
    ck_assert_uint_eq(asked, 2);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_PARTITION), 1);
    st.to.b[5] = 1;
    sw_host_set_filter(host, NULL, NULL);
    ck_assert_uint_eq(echo(), 1);
    teardown();
}
END_TEST

START_TEST(a_stopped_host_neither_takes_nor_sends)
{
    struct sw_sock *sock = NULL;
    setup();
    introduce();
    ck_assert_int_eq(sw_sock_open(&sock, host, SW_UDP, NULL, NULL), 0);
    sw_host_stop(host);
    sw_host_stop(host);
    ck_assert_int_eq(sw_host_state(host), SW_HOST_STOPPED);
    ck_assert_uint_eq(echo(), 0);
    ck_assert_uint_eq(sw_test_dropped(host, SW_DROP_HOST_STOPPED), 1);
    ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, sw_test_at("10.0.0.2", 9)), -EAGAIN);
    sw_host_continue(host);
    sw_host_continue(host);
    ck_assert_uint_eq(echo(), 1);
    ck_assert_int_eq(sw_sock_send_to(sock, "x", 1, sw_test_at("10.0.0.2", 9)), 1);
    sw_test_run(&world, SW_S);
    sw_frame_drop(sw_station_take(&st));
    sw_sock_close(sock);
    teardown();
}
END_TEST

/* What cannot wait is dropped: a SYN goes out at once, and again a second later. */
START_TEST(what_a_stopped_host_cannot_keep_is_dropped)
{
    struct sw_sock *sock = NULL;
    setup();
    introduce();
    ck_assert_int_eq(sw_sock_open(&sock, host, SW_TCP, NULL, NULL), 0);
    sw_host_stop(host);
    ck_assert_int_eq(sw_sock_connect(sock, sw_test_at("10.0.0.2", 9)), 0);
    ck_assert_uint_eq(sw_test_unsent(host, SW_DROP_HOST_STOPPED), 1);
    sw_test_run(&world, 5 * SW_S);
    sw_station_quiet(&st);
    sw_host_continue(host);
    sw_test_run(&world, 5 * SW_S);
    struct sw_frame *frame = sw_station_take(&st);
    ck_assert_ptr_nonnull(frame); /* the timer that came due fires on going on */
    sw_frame_drop(frame);
    sw_sock_abort(sock);
    teardown();
}
END_TEST

START_TEST(a_connection_outlives_a_pause)
{
    struct lab lab;
    lab_init(&lab, NULL);
    lab_accept(&lab, 10000, NULL);
    sw_host_stop(lab.host);
    ck_assert_int_eq(lab_write(&lab, 100), 100);
    lab_run(&lab, 30 * SW_S);
    lab_quiet(&lab);
    sw_host_continue(lab.host);
    lab_run(&lab, 30 * SW_S);
    lab_out(&lab, 30 * SW_S, "P. 1:101(100) ack 1 win 60000");
    lab_in(&lab, ". 1:1(0) ack 101 win 10000");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_crash_of_a_stopped_host_ends_the_pause)
{
    setup();
    introduce();
    sw_host_stop(host);
    sw_host_crash(host);
    ck_assert_int_eq(sw_host_state(host), SW_HOST_DOWN);
    sw_host_continue(host);
    ck_assert_int_eq(sw_host_state(host), SW_HOST_DOWN);
    sw_host_stop(host);
    ck_assert_int_eq(sw_host_state(host), SW_HOST_DOWN);
    ck_assert_int_eq(sw_host_restart(host), 0);
    ck_assert_uint_eq(echo(), 1); /* the ARP request for the station */
    teardown();
}
END_TEST

/* The fixture's end frees a host that stands still, with timers that wait. */
START_TEST(a_stopped_host_can_be_freed)
{
    setup();
    sw_test_address(eth0, "10.0.0.9/24", 0);
    sw_host_stop(host);
    sw_test_run(&world, SW_S);
    sw_station_quiet(&st);
    teardown();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("host_life");
    TCase *crash = tcase_create("crash");
    tcase_add_test(crash, what_comes_to_a_crashed_host_is_dropped_and_nothing_goes_out);
    tcase_add_test(crash, a_restart_announces_and_knows_nobody);
    tcase_add_test(crash, a_restart_probes_again);
    tcase_add_test(crash, fragments_and_frames_that_wait_go_with_it);
    tcase_add_test(crash, sockets_are_told_once_and_stay_dead);
    tcase_add_test(crash, a_socket_of_a_down_host_is_opened_but_sends_nothing);
    tcase_add_test(crash, a_restarted_host_has_new_secrets);
    suite_add_tcase(suite, crash);
    TCase *stop = tcase_create("stop");
    tcase_add_test(stop, a_filter_is_asked_of_what_has_come_for_the_host);
    tcase_add_test(stop, a_stopped_host_neither_takes_nor_sends);
    tcase_add_test(stop, what_a_stopped_host_cannot_keep_is_dropped);
    tcase_add_test(stop, a_connection_outlives_a_pause);
    tcase_add_test(stop, a_crash_of_a_stopped_host_ends_the_pause);
    tcase_add_test(stop, a_stopped_host_can_be_freed);
    suite_add_tcase(suite, stop);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
