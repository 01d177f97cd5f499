/* Proportional rate reduction (RFC 6937 3). Segments of 1,000. */
#include <check.h>

#include "stack/tcp_prr.h"

static struct sw_tcp_prr prr;

START_TEST(above_ssthresh_it_sends_in_proportion__rfc6937_3)
{
    sw_tcp_prr_begin(&prr, 20000, 14000);
    uint32_t pipe = 19000, sent = 0;
    for (unsigned i = 0; i < 10; i++) {
        pipe -= 1000;
        const uint32_t cwnd = sw_tcp_prr_ack(&prr, 1000, pipe, 1000, true);
        ck_assert_uint_eq(cwnd, pipe + 700 * (i + 1) - sent);
        for (; pipe + 1000 <= cwnd; pipe += 1000, sent += 1000) {
            sw_tcp_prr_sent(&prr, 1000);
        }
    }
    ck_assert_uint_eq(sent, 7000); /* of ten delivered seven */
}
END_TEST

START_TEST(below_ssthresh_it_grows_as_slow_start_does__rfc6937_3)
{
    sw_tcp_prr_begin(&prr, 20000, 10000);
    /* Most of the flight is lost. */
    ck_assert_uint_eq(sw_tcp_prr_ack(&prr, 1000, 4000, 1000, true),
                      6000); /* what came, and one more */
    sw_tcp_prr_sent(&prr, 2000);
    ck_assert_uint_eq(sw_tcp_prr_ack(&prr, 1000, 5000, 1000, true), 7000);
    ck_assert_uint_eq(sw_tcp_prr_ack(&prr, 9000, 9500, 1000, true),
                      10000); /* never past ssthresh */
}
END_TEST

START_TEST(or_by_what_has_come_alone__rfc6937_3)
{
    sw_tcp_prr_begin(&prr, 20000, 10000);
    ck_assert_uint_eq(sw_tcp_prr_ack(&prr, 1000, 4000, 1000, false), 5000);
    sw_tcp_prr_sent(&prr, 1000);
    ck_assert_uint_eq(sw_tcp_prr_ack(&prr, 9000, 9500, 1000, false), 10000);
}
END_TEST

START_TEST(what_was_sent_too_much_is_waited_for__rfc6937_3)
{
    sw_tcp_prr_begin(&prr, 10000, 5000);
    sw_tcp_prr_sent(&prr, 1000); /* what recovery began with */
    ck_assert_uint_eq(sw_tcp_prr_ack(&prr, 1000, 9000, 1000, true), 9000);
    ck_assert_uint_eq(sw_tcp_prr_ack(&prr, 1000, 8000, 1000, true), 8000);
    ck_assert_uint_eq(sw_tcp_prr_ack(&prr, 2000, 6000, 1000, true), 7000);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_prr");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, above_ssthresh_it_sends_in_proportion__rfc6937_3);
    tcase_add_test(tc, below_ssthresh_it_grows_as_slow_start_does__rfc6937_3);
    tcase_add_test(tc, or_by_what_has_come_alone__rfc6937_3);
    tcase_add_test(tc, what_was_sent_too_much_is_waited_for__rfc6937_3);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
