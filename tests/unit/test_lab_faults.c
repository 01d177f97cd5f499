/* The same faults from C as from a LAN file: each call of lan/lab.h hurts as it says, and ends. */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "lan/lab.h"
#include "lan/traffic.h"

#define BEAT (100 * SW_MS)

struct world {
    struct sw_lab *lab;
    struct sw_link *web_cable, *client_cable;
    struct sw_host *web, *client;
    struct sw_ping *ping;
    char answered[100];
};

static void on_reply(void *ctx, const struct sw_ping_reply *reply)
{
    ((struct world *)ctx)->answered[reply->sequence - 1] = reply->rtt >= 0 ? '!' : '.';
}

static void nothing(void *ctx)
{
    (void)ctx;
}

/* client pings web over core every 100 ms, and LAN time is 50 ms: after the first. */
static void init(struct world *w, uint32_t count)
{
    *w = (struct world){.lab = sw_lab_new(7)};
    const struct sw_lane_config cable = {.delay = SW_MS};
    sw_lab_switch(w->lab, "core");
    w->web = sw_lab_host(w->lab, "web", "10.0.0.1/24");
    w->client = sw_lab_host(w->lab, "client", "10.0.0.2/24");
    w->web_cable = sw_lab_link(w->lab, "web", "core", &cable);
    w->client_cable = sw_lab_link(w->lab, "client", "core", &cable);
    const struct sw_ping_config config = {
        .to = sw_ip_v4(0x0a000001), .count = count, .interval = BEAT, .timeout = 50 * SW_MS};
    ck_assert_int_eq(sw_ping_new(&w->ping, w->client, &config, on_reply, nothing, w), 0);
    sw_lab_run(w->lab, 50 * SW_MS);
}

static void expect(struct world *w, const char *answered)
{
    sw_lab_run(w->lab, (sw_time)strlen(answered) * BEAT);
    ck_assert_str_eq(w->answered, answered);
    ck_assert(sw_lab_holds(w->lab));
    sw_ping_free(w->ping);
    sw_lab_free(w->lab);
}

START_TEST(a_cable_goes_down_for_a_while)
{
    struct world w;
    init(&w, 5);
    sw_lab_down(w.lab, w.web_cable, 200 * SW_MS);
    expect(&w, "!..!!");
}
END_TEST

START_TEST(a_cable_goes_down_until_it_is_up)
{
    struct world w;
    init(&w, 5);
    sw_lab_down(w.lab, w.client_cable, 0);
    sw_lab_run(w.lab, 300 * SW_MS);
    sw_lab_up(w.lab, w.client_cable);
    expect(&w, "!...!");
}
END_TEST

START_TEST(a_cable_flaps)
{
    struct world w;
    init(&w, 8);
    sw_lab_flap(w.lab, w.web_cable, 200 * SW_MS, 100 * SW_MS, 400 * SW_MS);
    expect(&w, "!.!.!!!!");
}
END_TEST

START_TEST(a_setting_changes_for_a_while)
{
    struct world w;
    init(&w, 6);
    const struct sw_lane_config slow = {.delay = 60 * SW_MS}, lossy = {.loss_ppb = 1000000000};
    sw_lab_set(w.lab, w.web_cable, SW_FORWARD, &slow, SW_LANE_DELAY, 0, 200 * SW_MS);
    ck_assert_int_eq(w.web_cable->forward.config.delay, 60 * SW_MS);
    ck_assert_int_eq(w.web_cable->backward.config.delay, SW_MS);
    sw_lab_run(w.lab, 300 * SW_MS);
    sw_lab_set(w.lab, w.web_cable, SW_BOTH_WAYS, &lossy, SW_LANE_LOSS, 0, 0);
    expect(&w, "!..!..");
}
END_TEST

START_TEST(a_setting_goes_in_a_straight_line)
{
    struct world w;
    init(&w, 1);
    const struct sw_lane_config slow = {.delay = 11 * SW_MS};
    sw_lab_set(w.lab, w.web_cable, SW_BACKWARD, &slow, SW_LANE_DELAY, 10 * SW_MS, 0);
    sw_lab_run(w.lab, 5 * SW_MS);
    ck_assert_int_eq(w.web_cable->backward.config.delay, 6 * SW_MS);
    ck_assert_int_eq(w.web_cable->forward.config.delay, SW_MS);
    sw_lab_run(w.lab, 5 * SW_MS);
    ck_assert_int_eq(w.web_cable->backward.config.delay, 11 * SW_MS);
    expect(&w, "!");
}
END_TEST

START_TEST(frames_are_taken_by_word_and_number)
{
    struct world w;
    init(&w, 6);
    sw_lab_drop(w.lab, w.web_cable, SW_BACKWARD, "icmp", 2, 0, 0);
    sw_lab_drop(w.lab, w.web_cable, SW_FORWARD, NULL, 0, 1, 0);
    sw_lab_drop(w.lab, w.web_cable, SW_BOTH_WAYS, "arp", 0, 0, 0);
    expect(&w, "!..!!!");
}
END_TEST

/* ip[1] = 0 and the payload's last byte: what pcap_compile() makes of "icmp" would do as well. */
START_TEST(frames_are_taken_by_a_filter)
{
    const struct sw_bpf icmp_echo[] = {
        {0x30, 0, 0, 34}, {0x15, 0, 1, 8}, {6, 0, 0, 1}, {6, 0, 0, 0}};
    struct world w;
    init(&w, 6);
    sw_lab_drop_filter(w.lab, w.web_cable, SW_BOTH_WAYS, icmp_echo, 4, 0, 0, 200 * SW_MS);
    sw_lab_drop_filter(w.lab, w.web_cable, SW_FORWARD, icmp_echo, 4, 1, 0, 0); /* none this way */
    expect(&w, "!..!!!");
}
END_TEST

START_TEST(frames_are_held)
{
    struct world w;
    init(&w, 6);
    sw_lab_hold(w.lab, w.web_cable, SW_FORWARD, 200 * SW_MS);
    sw_lab_run(w.lab, 250 * SW_MS);
    sw_lab_hold(w.lab, w.web_cable, SW_BACKWARD, 0);
    sw_lab_run(w.lab, 110 * SW_MS);
    sw_lab_release(w.lab, w.web_cable, SW_BACKWARD);
    /* From 50 to 250 replies wait, from 300 to 410 requests: that of 400 for 10 ms. */
    expect(&w, "!...!!");
}
END_TEST

START_TEST(a_host_crashes_stops_and_comes_back)
{
    struct world w;
    init(&w, 12);
    sw_lab_crash(w.lab, w.web, 100 * SW_MS); /* 50 */
    sw_lab_run(w.lab, 200 * SW_MS);
    ck_assert_int_eq(sw_host_state(w.web), SW_HOST_RUNNING);
    sw_lab_stop(w.lab, w.web, 100 * SW_MS); /* 250 */
    sw_lab_run(w.lab, 200 * SW_MS);
    sw_lab_crash(w.lab, w.web, 0); /* 450 */
    sw_lab_run(w.lab, 100 * SW_MS);
    sw_lab_restart(w.lab, w.web);
    sw_lab_run(w.lab, 100 * SW_MS);
    sw_lab_stop(w.lab, w.web, 0); /* 650 */
    sw_lab_run(w.lab, 100 * SW_MS);
    sw_lab_continue(w.lab, w.web);
    expect(&w, "!.!.!.!.!!!!");
}
END_TEST

START_TEST(the_lan_falls_into_groups_and_heals)
{
    struct world w;
    init(&w, 8);
    sw_lab_partition(w.lab, "web|client", 100 * SW_MS);
    sw_lab_run(w.lab, 200 * SW_MS);
    sw_lab_partition(w.lab, " web client ", 100 * SW_MS);
    sw_lab_run(w.lab, 200 * SW_MS);
    sw_lab_partition(w.lab, "client | web", 0);
    sw_lab_run(w.lab, 100 * SW_MS);
    sw_lab_heal(w.lab);
    expect(&w, "!.!!!.!!");
}
END_TEST

/* A router is in no group: it passes on what the far group says, and the host behind it drops it.
 */
START_TEST(groups_are_told_apart_through_routers)
{
    struct sw_lab *lab = sw_lab_new(7);
    struct sw_host *a = sw_lab_host(lab, "a", "10.0.0.2/24");
    struct sw_host *b = sw_lab_host(lab, "b", "10.1.0.2/24");
    sw_lab_router(lab, "r", "10.0.0.1/24 10.1.0.1/24");
    sw_lab_route(lab, "a", "0.0.0.0/0", "10.0.0.1");
    sw_lab_route(lab, "b", "0.0.0.0/0", "10.1.0.1");
    sw_lab_link(lab, "a", "r", NULL);
    sw_lab_link(lab, "b", "r", NULL);
    struct world w = {.lab = lab};
    const struct sw_ping_config config = {
        .to = sw_ip_v4(0x0a010002), .count = 4, .interval = BEAT, .timeout = 50 * SW_MS};
    ck_assert_int_eq(sw_ping_new(&w.ping, a, &config, on_reply, nothing, &w), 0);
    sw_lab_run(lab, 50 * SW_MS);
    sw_lab_partition(lab, "a | b", 200 * SW_MS);
    sw_lab_run(lab, 200 * SW_MS);
    struct sw_host_stats stats;
    sw_host_stats(b, &stats);
    ck_assert_uint_eq(stats.dropped[SW_DROP_PARTITION], 2);
    expect(&w, "!..!");
}
END_TEST

static void ignore(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    (void)port;
    while (n > 0) {
        sw_frame_drop(frames[--n]);
    }
}

/* A frame of 60 bytes to everybody, of that type; bytes of what is in it. */
static void shout(struct sw_lab *lab, struct sw_port *port, struct sw_mac from, const char *type,
                  unsigned at, const void *bytes, size_t n)
{
    uint8_t frame[60];
    memset(frame, 0, sizeof frame);
    memset(frame, 0xff, 6);
    memcpy(frame + 6, from.b, 6);
    memcpy(frame + 12, type, 2);
    memcpy(frame + 14 + at, bytes, n);
    sw_port_send(port, sw_frame_from_bytes(sw_lab_env(lab)->pool, frame, sizeof frame, 60));
    sw_lab_run(lab, SW_MS);
}

/* The port of one's own says what b would: by its MAC where there is no address of IPv4. */
START_TEST(frames_without_an_address_go_by_their_source)
{
    struct sw_lab *lab = sw_lab_new(7);
    struct sw_host *a = sw_lab_host(lab, "a", "10.0.0.1/24");
    struct sw_host *b = sw_lab_host(lab, "b", "10.0.0.2/24");
    struct sw_port port;
    struct sw_host_stats stats;
    sw_lab_switch(lab, "core");
    sw_lab_link(lab, "a", "core", NULL);
    sw_lab_link(lab, "b", "core", NULL);
    sw_port_init(&port, "mine", ignore, NULL);
    sw_lab_plug(lab, &port, "core", NULL);
    sw_lab_run(lab, SW_S);
    const struct sw_mac bs = sw_nic_mac(sw_host_nic(b, "eth0"));
    const struct sw_mac mine = {{2, 0, 0, 0, 0, 0x77}};
    static const uint8_t probe[28] = {0, 1, 8, 0, 6, 4, 0, 1};
    static const uint8_t of_b[28] = {0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 0x77, 10, 0, 0, 2};
    sw_lab_partition(lab, "a | b", 0);
    shout(lab, &port, bs, "\x88\xb5", 0, "", 1);
    sw_host_stats(a, &stats);
    ck_assert_uint_eq(stats.dropped[SW_DROP_PARTITION], 1);
    shout(lab, &port, mine, "\x88\xb5", 0, "", 1);
    sw_host_stats(a, &stats);
    ck_assert_uint_eq(stats.dropped[SW_DROP_PARTITION], 1);
    ck_assert_uint_eq(stats.dropped[SW_DROP_ETH_TYPE], 1);
    /* ARP: a probe has no address yet; one that has goes by it, whatever its MAC. */
    uint8_t arp[28];
    memcpy(arp, probe, sizeof arp);
    memcpy(arp + 8, bs.b, 6);
    shout(lab, &port, mine, "\x08\x06", 0, arp, sizeof arp);
    shout(lab, &port, mine, "\x08\x06", 0, of_b, sizeof of_b);
    sw_host_stats(a, &stats);
    ck_assert_uint_eq(stats.dropped[SW_DROP_PARTITION], 4); /* b defends its address, too */
    /* IPv4: b's MAC with another's address passes, as a router's would. */
    shout(lab, &port, mine, "\x08\x00", 12, "\x0a\x00\x00\x02", 4);
    shout(lab, &port, bs, "\x08\x00", 12, "\x0a\x00\x00\x63", 4);
    sw_host_stats(a, &stats);
    ck_assert_uint_eq(stats.dropped[SW_DROP_PARTITION], 5);
    ck_assert_uint_eq(stats.dropped[SW_DROP_IP_VERSION], 1);
    ck_assert(sw_lab_holds(lab));
    sw_lab_free(lab);
}
END_TEST

START_TEST(what_cannot_be_done_is_a_bug)
{
    const struct sw_bpf endless[] = {{0x05, 0, 0, 0xffffffff}};
    struct world w, other;
    init(&w, 1);
    switch (_i) {
    case 0:
        init(&other, 1);
        sw_lab_down(w.lab, other.web_cable, 0);
        break;
    case 1:
        sw_lab_drop(w.lab, w.web_cable, SW_FORWARD, "sin", 0, 0, 0);
        break;
    case 2:
        sw_lab_drop_filter(w.lab, w.web_cable, SW_FORWARD, endless, 1, 0, 0, 0);
        break;
    case 3:
        sw_lab_partition(w.lab, "web | nobody", 0);
        break;
    case 4:
        sw_lab_hold(w.lab, w.web_cable, 0, 0);
        break;
    default:
        sw_lab_flap(w.lab, w.web_cable, 0, 0, 0);
        break;
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lab_faults");
    TCase *cases = tcase_create("faults");
    tcase_add_test(cases, a_cable_goes_down_for_a_while);
    tcase_add_test(cases, a_cable_goes_down_until_it_is_up);
    tcase_add_test(cases, a_cable_flaps);
    tcase_add_test(cases, a_setting_changes_for_a_while);
    tcase_add_test(cases, a_setting_goes_in_a_straight_line);
    tcase_add_test(cases, frames_are_taken_by_word_and_number);
    tcase_add_test(cases, frames_are_taken_by_a_filter);
    tcase_add_test(cases, frames_are_held);
    tcase_add_test(cases, a_host_crashes_stops_and_comes_back);
    tcase_add_test(cases, the_lan_falls_into_groups_and_heals);
    tcase_add_test(cases, groups_are_told_apart_through_routers);
    tcase_add_test(cases, frames_without_an_address_go_by_their_source);
    tcase_add_loop_test_raise_signal(cases, what_cannot_be_done_is_a_bug, SIGABRT, 0, 6);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
