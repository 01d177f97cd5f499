/* When deadlines are due, each rule by itself, of a connection made by hand (stack_bare.h); it is
 * 1 s. */
#include <check.h>

#include "stack/tcp_uto.h"
#include "tests/support/stack_bare.h"

static struct bare b;

START_TEST(the_retransmission_timer_runs_from_now__rfc6298_5_1)
{
    bare_begin(&b);
    b.t.loss = NULL;
    b.t.progress_at = 5;
    b.t.due[SW_TCP_DUE_PERSIST] = 7 * SW_S;
    sw_tcp_restart_rtx(&b.t);
    ck_assert_int_eq(b.t.due[SW_TCP_DUE_RTX], 1200 * SW_MS);
    ck_assert_int_eq(b.t.due[SW_TCP_DUE_PERSIST], SW_TIME_NEVER); /* never both */
    ck_assert_int_eq(b.t.due[SW_TCP_DUE_USER], SW_TIME_NEVER);
    ck_assert_int_eq(b.t.progress_at, SW_S);
    bare_at(&b, 2 * SW_S);
    sw_tcp_restart_rtx(&b.t);
    ck_assert_int_eq(b.t.due[SW_TCP_DUE_RTX], 2200 * SW_MS);
    ck_assert_int_eq(b.t.progress_at, SW_S); /* it ran: that is no progress */
    bare_end(&b);
}
END_TEST

START_TEST(the_users_patience_begins_with_it__must_21)
{
    bare_begin(&b);
    b.t.user_timeout = 1;
    sw_tcp_restart_rtx(&b.t);
    ck_assert_int_eq(b.t.due[SW_TCP_DUE_USER], SW_S + 1);
    bare_at(&b, 2 * SW_S);
    sw_tcp_restart_rtx(&b.t);
    ck_assert_int_eq(b.t.due[SW_TCP_DUE_USER], SW_S + 1);
    bare_end(&b);
}
END_TEST

START_TEST(where_a_probe_may_go_it_is_earlier__rfc8985_7_2)
{
    bare_begin(&b);
    bare_sent(&b, 1000, SW_S);
    bare_sent(&b, 1000, SW_S);
    ck_assert_int_eq(sw_tcp_rtx_wait(&b.t), 42 * SW_MS);
    ck_assert(b.loss.probing);
    b.loss.probed = true; /* one is out */
    ck_assert_int_eq(sw_tcp_rtx_wait(&b.t), 200 * SW_MS);
    ck_assert(!b.loss.probing);
    bare_end(&b);
}
END_TEST

START_TEST(a_second_segment_hastens_it_and_never_puts_it_off__rfc8985_7_2)
{
    bare_begin(&b);
    bare_sent(&b, 1000, SW_S);
    bare_sent(&b, 1000, SW_S);
    b.t.due[SW_TCP_DUE_RTX] = SW_S + 42 * SW_MS + 1;
    sw_tcp_hasten_rtx(&b.t);
    ck_assert_int_eq(b.t.due[SW_TCP_DUE_RTX], SW_S + 42 * SW_MS);
    ck_assert(b.loss.probing);
    b.loss.probing = false;
    sw_tcp_hasten_rtx(&b.t); /* it is as early */
    ck_assert(!b.loss.probing);
    b.t.due[SW_TCP_DUE_RTX] = SW_S + 10 * SW_MS;
    sw_tcp_hasten_rtx(&b.t);
    ck_assert_int_eq(b.t.due[SW_TCP_DUE_RTX], SW_S + 10 * SW_MS);
    bare_end(&b);
}
END_TEST

START_TEST(keepalive_begins_when_nothing_was_heard_for_long__must_28)
{
    bare_begin(&b);
    b.t.last_received = 500 * SW_MS;
    b.t.keep_idle = 7200 * SW_S;
    b.t.probes = 3;
    sw_tcp_restart_keepalive(&b.t); /* it is off: MUST-25 */
    ck_assert_int_eq(b.t.due[SW_TCP_DUE_KEEPALIVE], SW_TIME_NEVER);
    ck_assert_uint_eq(b.t.probes, 0);
    b.t.keepalive = true;
    sw_tcp_restart_keepalive(&b.t);
    ck_assert_int_eq(b.t.due[SW_TCP_DUE_KEEPALIVE], 7200 * SW_S + 500 * SW_MS);
    b.t.state = SW_TCP_SYN_RECEIVED;
    sw_tcp_restart_keepalive(&b.t);
    ck_assert_int_eq(b.t.due[SW_TCP_DUE_KEEPALIVE], SW_TIME_NEVER);
    bare_end(&b);
}
END_TEST

START_TEST(keepalive_waits_longer_than_a_timeout_that_is_told__rfc5482_4_2)
{
    bare_begin(&b);
    b.t.last_received = SW_S;
    b.t.keepalive = true;
    b.t.keep_idle = 100 * SW_S;
    b.t.user_timeout = 100 * SW_S;
    sw_tcp_restart_keepalive(&b.t);
    ck_assert_int_eq(b.t.due[SW_TCP_DUE_KEEPALIVE], 101 * SW_S);
    b.t.uto = true;
    sw_tcp_restart_keepalive(&b.t);
    ck_assert_int_eq(b.t.due[SW_TCP_DUE_KEEPALIVE], 102 * SW_S);
    b.t.user_timeout = 100 * SW_S - 1;
    sw_tcp_restart_keepalive(&b.t);
    ck_assert_int_eq(b.t.due[SW_TCP_DUE_KEEPALIVE], 101 * SW_S);
    bare_end(&b);
}
END_TEST

START_TEST(a_user_timeout_runs_while_something_is_to_be_acknowledged__must_21)
{
    bare_begin(&b);
    b.t.progress_at = SW_S;
    b.t.due[SW_TCP_DUE_USER] = 1;
    sw_tcp_watch_user_timeout(&b.t);
    ck_assert_int_eq(b.t.due[SW_TCP_DUE_USER], SW_TIME_NEVER);
    b.t.user_timeout = 30 * SW_S;
    sw_tcp_watch_user_timeout(&b.t); /* nothing is */
    ck_assert_int_eq(b.t.due[SW_TCP_DUE_USER], SW_TIME_NEVER);
    b.t.due[SW_TCP_DUE_RTX] = 9 * SW_S;
    sw_tcp_watch_user_timeout(&b.t);
    ck_assert_int_eq(b.t.due[SW_TCP_DUE_USER], 31 * SW_S);
    b.t.due[SW_TCP_DUE_RTX] = SW_TIME_NEVER;
    b.t.due[SW_TCP_DUE_PERSIST] = 9 * SW_S; /* so is a question to a closed window */
    b.t.progress_at = 2 * SW_S;
    sw_tcp_watch_user_timeout(&b.t);
    ck_assert_int_eq(b.t.due[SW_TCP_DUE_USER], 32 * SW_S);
    b.t.user_timeout = 0;
    sw_tcp_watch_user_timeout(&b.t);
    ck_assert_int_eq(b.t.due[SW_TCP_DUE_USER], SW_TIME_NEVER);
    bare_end(&b);
}
END_TEST

static sw_time heard(bool has, uint16_t bits)
{
    const struct sw_tcp_header h = {.has = has ? SW_TCP_HAS_USER_TIMEOUT : 0, .user_timeout = bits};
    b.t.user_timeout = 0;
    sw_tcp_hear_user_timeout(&b.t, &h);
    return b.t.user_timeout;
}

START_TEST(the_peers_is_agreed_to_if_the_user_has_not_said_his__rfc5482_3_1)
{
    bare_begin(&b);
    ck_assert_int_eq(heard(true, 600), 0); /* it was not asked for */
    b.t.uto = true;
    ck_assert_int_eq(heard(false, 600), 0);
    ck_assert_int_eq(heard(true, 0), 0); /* reserved */
    ck_assert_int_eq(heard(true, 1), 300 * SW_S);
    ck_assert_int_eq(heard(true, 600), 600 * SW_S);
    b.t.uto_own = true;
    ck_assert_int_eq(heard(true, 600), 0);
    bare_end(&b);
}
END_TEST

START_TEST(what_is_told_is_the_users_or_5_minutes__rfc5482_3_1)
{
    bare_begin(&b);
    b.t.user_timeout = 77;
    ck_assert_int_eq(sw_tcp_told_user_timeout(&b.t), 300 * SW_S);
    b.t.uto_own = true;
    ck_assert_int_eq(sw_tcp_told_user_timeout(&b.t), 77);
    bare_end(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_timer_rules");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, the_retransmission_timer_runs_from_now__rfc6298_5_1);
    tcase_add_test(tc, the_users_patience_begins_with_it__must_21);
    tcase_add_test(tc, where_a_probe_may_go_it_is_earlier__rfc8985_7_2);
    tcase_add_test(tc, a_second_segment_hastens_it_and_never_puts_it_off__rfc8985_7_2);
    tcase_add_test(tc, keepalive_begins_when_nothing_was_heard_for_long__must_28);
    tcase_add_test(tc, keepalive_waits_longer_than_a_timeout_that_is_told__rfc5482_4_2);
    tcase_add_test(tc, a_user_timeout_runs_while_something_is_to_be_acknowledged__must_21);
    tcase_add_test(tc, the_peers_is_agreed_to_if_the_user_has_not_said_his__rfc5482_3_1);
    tcase_add_test(tc, what_is_told_is_the_users_or_5_minutes__rfc5482_3_1);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
