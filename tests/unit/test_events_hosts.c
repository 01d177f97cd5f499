/* Hosts that crash, restart, stand still and go on, with what is under way meanwhile. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "stack/sock.h"
#include "tests/support/lan_events.h"

START_TEST(a_host_crashes_and_restarts)
{
    struct eventful lan;
    eventful_init(&lan);
    eventful_event(&lan, SW_ACTION_CRASH, 150 * SW_MS, 200 * SW_MS, "crash web")->action.host = WEB;
    eventful_build(&lan);
    eventful_expect_pings(&lan, "!!..!!!!");
    ck_assert_str_eq(lan.said, "150 crash web\n350 restart web (undoes line 11)\n");
    ck_assert_uint_eq(eventful_dropped(&lan, WEB, SW_DROP_HOST_DOWN), 2);
    eventful_fini(&lan);
}
END_TEST

static void set_true(void *ctx)
{
    *(bool *)ctx = true;
}

/* The client has nothing to send, so nobody tells it: it gives up after 10 s without progress. */
START_TEST(a_crash_ends_a_transfer_and_the_service_is_there_again)
{
    struct eventful lan;
    uint64_t size = 0;
    eventful_init(&lan);
    eventful_event(&lan, SW_ACTION_CRASH, 20 * SW_MS, 100 * SW_MS, "crash web")->action.host = WEB;
    eventful_build(&lan);
    ck_assert_int_eq(eventful_fetch(&lan, 30 * SW_S, &size), -ETIMEDOUT);
    ck_assert_uint_gt(size, 0);
    ck_assert_uint_lt(size, 2000000);
    ck_assert_int_eq(eventful_fetch(&lan, 60 * SW_S, &size), 0);
    ck_assert_uint_eq(size, 2000000);
    eventful_fini(&lan);
}
END_TEST

START_TEST(who_crashes_in_a_transfer_hears_of_it)
{
    struct eventful lan;
    uint64_t size = 0;
    eventful_init(&lan);
    eventful_event(&lan, SW_ACTION_CRASH, 20 * SW_MS, 0, "crash client")->action.host = CLIENT;
    eventful_build(&lan);
    ck_assert_int_eq(eventful_fetch(&lan, 21 * SW_MS, &size), -ENETDOWN);
    eventful_fini(&lan);
}
END_TEST

START_TEST(a_measurement_whose_host_crashes_ends)
{
    for (int at = WEB; at <= CLIENT; at++) {
        for (int udp = 0; udp < 2; udp++) {
            struct eventful lan;
            struct sw_iperf *iperf = NULL;
            struct sw_iperf_result result;
            bool done = false;
            eventful_init(&lan);
            eventful_event(&lan, SW_ACTION_CRASH, 500 * SW_MS, 0, "crash")->action.host =
                (size_t)at;
            eventful_build(&lan);
            const struct sw_iperf_config config = {.from = sw_network_host(lan.net, "client"),
                                                   .to = sw_network_host(lan.net, "web"),
                                                   .udp = udp != 0,
                                                   .parallel = 2,
                                                   .rate_bps = 1000000,
                                                   .duration = 10 * SW_S};
            ck_assert_int_eq(sw_iperf_new(&iperf, &config, NULL, set_true, &done), 0);
            sw_test_run(&lan.world, 501 * SW_MS);
            ck_assert(done);
            sw_iperf_result(iperf, &result);
            ck_assert_int_eq(result.error, -ENETDOWN);
            sw_iperf_free(iperf);
            eventful_fini(&lan);
        }
    }
}
END_TEST

START_TEST(a_ping_whose_host_crashes_loses_the_rest)
{
    struct eventful lan;
    struct sw_ping_result result;
    eventful_init(&lan);
    eventful_event(&lan, SW_ACTION_CRASH, 250 * SW_MS, 100 * SW_MS, "crash client")->action.host =
        CLIENT;
    eventful_build(&lan);
    eventful_expect_pings(&lan, "!!!....");
    sw_ping_result(lan.ping, &result);
    ck_assert_int_eq(result.error, -ENETDOWN);
    ck_assert_uint_eq(result.sent, 7);
    ck_assert_uint_eq(result.received, 3);
    eventful_fini(&lan);
}
END_TEST

START_TEST(what_is_on_its_way_when_its_host_crashes_is_lost_at_once)
{
    struct eventful lan;
    eventful_init(&lan);
    eventful_event(&lan, SW_ACTION_CRASH, 25 * SW_MS, 0, "crash client")->action.host = CLIENT;
    struct sw_topo_event *slow = eventful_event(&lan, SW_ACTION_SET, 0, 0, "set web core");
    slow->action.said = SW_LANE_DELAY;
    slow->action.lane.delay = 100 * SW_MS;
    eventful_build(&lan);
    const struct sw_ping_config config = {
        .to = sw_ip_v4(0x0a000001), .count = 4, .interval = 10 * SW_MS, .timeout = SW_S};
    eventful_ping(&lan, "client", &config);
    sw_test_run(&lan.world, 26 * SW_MS);
    ck_assert_str_eq(lan.answered, "...");
    sw_test_run(&lan.world, SW_S);
    ck_assert_str_eq(lan.answered, "....");
    eventful_fini(&lan);
}
END_TEST

START_TEST(a_host_stands_still_and_goes_on)
{
    struct eventful lan;
    eventful_init(&lan);
    eventful_event(&lan, SW_ACTION_STOP, 150 * SW_MS, 200 * SW_MS, "stop web")->action.host = WEB;
    eventful_build(&lan);
    eventful_expect_pings(&lan, "!!..!!!!");
    ck_assert_str_eq(lan.said, "150 stop web\n350 continue web (undoes line 11)\n");
    ck_assert_uint_eq(eventful_dropped(&lan, WEB, SW_DROP_HOST_STOPPED), 2);
    eventful_fini(&lan);
}
END_TEST

START_TEST(a_transfer_outlives_a_pause_of_either_host)
{
    for (int at = WEB; at <= CLIENT; at++) {
        struct eventful lan;
        uint64_t size = 0;
        eventful_init(&lan);
        eventful_event(&lan, SW_ACTION_STOP, 20 * SW_MS, 3 * SW_S, "stop")->action.host =
            (size_t)at;
        eventful_build(&lan);
        ck_assert_int_eq(eventful_fetch(&lan, 30 * SW_S, &size), 0);
        ck_assert_uint_eq(size, 2000000);
        eventful_fini(&lan);
    }
}
END_TEST

/* A connection that says nothing is reset by the service after its patience; not while the host
 * stands still, when nobody would hear of it. */
START_TEST(a_service_stands_still_with_its_host)
{
    struct eventful lan;
    struct sw_sock *sock = NULL;
    char byte = 0;
    eventful_init(&lan);
    struct sw_topo_host *web = &lan.topo->hosts[WEB];
    web->services = topo_grow(web->services, web->service_count, sizeof *web->services);
    web->services[web->service_count++] =
        (struct sw_topo_service){.kind = SW_SERVICE_IPERF3, .port = 5201};
    eventful_event(&lan, SW_ACTION_STOP, SW_S, 600 * SW_S, "stop web")->action.host = WEB;
    eventful_build(&lan);
    ck_assert_int_eq(sw_sock_open(&sock, sw_network_host(lan.net, "client"), SW_TCP, NULL, NULL),
                     0);
    ck_assert_int_eq(sw_sock_connect(sock, (struct sw_endpoint){sw_ip_v4(0x0a000001), 5201}), 0);
    sw_test_run(&lan.world, 600 * SW_S);
    struct sw_host_stats stats;
    sw_host_stats(sw_network_host_at(lan.net, WEB), &stats);
    ck_assert_uint_eq(stats.unsent[SW_DROP_HOST_STOPPED], 0);
    ck_assert_int_eq(sw_sock_recv(sock, &byte, 1), -EAGAIN);
    sw_test_run(&lan.world, 602 * SW_S);
    ck_assert_int_eq(sw_sock_recv(sock, &byte, 1), -ECONNRESET);
    sw_sock_abort(sock);
    eventful_fini(&lan);
}
END_TEST

START_TEST(a_host_that_stands_still_may_crash_or_end)
{
    for (int crashes = 0; crashes < 2; crashes++) {
        struct eventful lan;
        eventful_init(&lan);
        eventful_event(&lan, SW_ACTION_STOP, 150 * SW_MS, 0, "stop web")->action.host = WEB;
        if (crashes) {
            eventful_event(&lan, SW_ACTION_CRASH, 250 * SW_MS, 100 * SW_MS, "crash web")
                ->action.host = WEB;
        }
        eventful_build(&lan);
        eventful_expect_pings(&lan, crashes ? "!!..!!" : "!!....");
        eventful_fini(&lan);
    }
}
END_TEST

START_TEST(a_host_whose_port_is_taken_stays_down)
{
    struct eventful lan;
    struct sw_sock *sock = NULL;
    eventful_init(&lan);
    eventful_event(&lan, SW_ACTION_CRASH, SW_S, SW_S, "crash web")->action.host = WEB;
    eventful_event(&lan, SW_ACTION_RESTART, 3 * SW_S, 0, "restart web")->action.host = WEB;
    eventful_event(&lan, SW_ACTION_RESTART, 4 * SW_S, 0, "restart web")->action.host = WEB;
    eventful_build(&lan);
    sw_test_run(&lan.world, 1500 * SW_MS);
    struct sw_host *web = sw_network_host(lan.net, "web");
    ck_assert_int_eq(sw_sock_open(&sock, web, SW_TCP, NULL, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(sock, (struct sw_endpoint){.port = 80}), 0);
    sw_test_run(&lan.world, 2500 * SW_MS);
    ck_assert_int_eq(sw_host_state(web), SW_HOST_DOWN);
    /* The attempt took the socket with it. */
    ck_assert_int_eq(sw_sock_listen(sock, 1), -ENETDOWN);
    sw_sock_close(sock);
    sw_test_run(&lan.world, 10 * SW_S);
    ck_assert_int_eq(sw_host_state(web), SW_HOST_RUNNING);
    ck_assert_str_eq(lan.said,
                     "1000 crash web\n"
                     "2000 restart web (undoes line 11): not done, the port of a service is taken\n"
                     "3000 restart web\n4000 restart web\n");
    eventful_fini(&lan);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("events_hosts");
    TCase *hosts = tcase_create("hosts");
    tcase_add_test(hosts, a_host_crashes_and_restarts);
    tcase_add_test(hosts, a_crash_ends_a_transfer_and_the_service_is_there_again);
    tcase_add_test(hosts, who_crashes_in_a_transfer_hears_of_it);
    tcase_add_test(hosts, a_measurement_whose_host_crashes_ends);
    tcase_add_test(hosts, a_ping_whose_host_crashes_loses_the_rest);
    tcase_add_test(hosts, what_is_on_its_way_when_its_host_crashes_is_lost_at_once);
    tcase_add_test(hosts, a_host_stands_still_and_goes_on);
    tcase_add_test(hosts, a_transfer_outlives_a_pause_of_either_host);
    tcase_add_test(hosts, a_service_stands_still_with_its_host);
    tcase_add_test(hosts, a_host_that_stands_still_may_crash_or_end);
    tcase_add_test(hosts, a_host_whose_port_is_taken_stays_down);
    suite_add_tcase(suite, hosts);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
