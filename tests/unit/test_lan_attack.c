/* Forged segments against a host whose client works: what tests/accept does with a million (tcp-6),
 * small. */
#include <check.h>

#include "tests/support/lan_attack.h"

#define FORGED 20000
#define BACKLOG 1024
#define EDGES 2 /* rounds of guesses at the edges, for both ends, at least */

static struct sw_test_attack_report attack(enum sw_test_attack_kind kind, bool quiet)
{
    const struct sw_test_attack_config config = {
        .kind = kind, .forged = FORGED, .quiet = quiet, .bytes = 256 << 10};
    struct sw_test_attack_report report;
    sw_test_attack(&config, &report);
    ck_assert_uint_gt(report.transfers, 0);
    ck_assert_uint_eq(report.right, report.transfers);
    ck_assert_uint_eq(report.left, 0);
    ck_assert(report.holds);
    return report;
}

START_TEST(a_flood_of_syns_keeps_no_client_out__rfc4987)
{
    const struct sw_test_attack_report r = attack(SW_ATTACK_SYNS, false);
    ck_assert_uint_eq(r.forged, FORGED);
    ck_assert_uint_eq(r.ended, r.transfers);
    ck_assert_uint_ge(r.transfers, 2);
    ck_assert_int_lt(r.slowest, 2 * SW_S);
    ck_assert_uint_eq(r.most_half_open, BACKLOG);
    ck_assert_uint_le(r.most_connections, BACKLOG + 1);
    ck_assert_uint_gt(r.stats[1].tcp_cookies_sent, FORGED / 2);
    ck_assert_uint_eq(r.stats[1].tcp_cookies_accepted, r.stats[1].tcp_half_open_evicted);
    ck_assert_uint_gt(r.stats[1].tcp_cookies_accepted, 0);
    ck_assert_uint_eq(r.stats[1].tcp_cookies_refused, 0);
}
END_TEST

START_TEST(no_guess_ends_or_corrupts_a_connection__rfc5961)
{
    const struct sw_test_attack_report r = attack(SW_ATTACK_GUESSES, false);
    ck_assert_uint_eq(r.ended, 1);
    ck_assert_uint_eq(r.transfers, 2); /* one in each direction */
    ck_assert_uint_gt(r.forged, FORGED);
    ck_assert_uint_eq(r.refused[0] + r.refused[1], r.forged);
    for (unsigned i = 0; i < 2; i++) {
        const struct sw_host_stats *s = &r.stats[i];
        ck_assert_uint_ge(s->dropped[SW_DROP_TCP_NO_ACK], EDGES);
        ck_assert_uint_ge(s->dropped[SW_DROP_TCP_ACK], 24 * EDGES / 2);
        ck_assert_uint_gt(s->dropped[SW_DROP_TCP_RST], FORGED / 16);
        ck_assert_uint_gt(s->dropped[SW_DROP_TCP_SYN], FORGED / 32);
        ck_assert_uint_gt(s->dropped[SW_DROP_TCP_SEQUENCE], FORGED / 16);
        ck_assert_uint_gt(s->dropped[SW_DROP_TCP_PAWS], FORGED / 16);
        ck_assert_uint_le(s->tcp_challenge_acks, 10 * (uint64_t)(1 + r.span / (5 * SW_S)));
    }
}
END_TEST

START_TEST(without_them_nothing_is_refused)
{
    const struct sw_test_attack_report r = attack(SW_ATTACK_GUESSES, true);
    ck_assert_uint_eq(r.forged, 0);
    ck_assert_uint_eq(r.refused[0] + r.refused[1], 0);
    ck_assert_uint_eq(r.ended, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lan_attack");
    TCase *tc = tcase_create("all");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, a_flood_of_syns_keeps_no_client_out__rfc4987);
    tcase_add_test(tc, no_guess_ends_or_corrupts_a_connection__rfc5961);
    tcase_add_test(tc, without_them_nothing_is_refused);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
