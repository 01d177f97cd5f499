/* What an observer of a host's connections is told. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "stack/tcp_watch.h"
#include "tests/support/stack_tcp.h"

static struct lab lab;
static char told[4096];

/* A line each: "0.100 10.0.0.1:80 10.0.0.2:4000 ack ESTABLISHED open". */
static void write_down(void *ctx, const struct sw_tcp_told *what)
{
    char local[SW_ENDPOINT_TEXT], remote[SW_ENDPOINT_TEXT];
    ck_assert_ptr_eq(ctx, &lab);
    ck_assert_str_eq(what->host, "h");
    const size_t n = strlen(told);
    snprintf(told + n, sizeof(told) - n, "%lld %s %s %s %s %s\n", (long long)(what->at / SW_MS),
             sw_endpoint_emit(what->local, local), sw_endpoint_emit(what->remote, remote),
             sw_tcp_happening_name(what->what), what->info->state,
             sw_tcp_ca_name(what->info->ca_state));
}

static const struct sw_tcp_watch watch = {.told = write_down, .ctx = &lab};

/* Since the last time; each line without its first three words but the time. */
static void expect(const char *text)
{
    char short_[sizeof(told)] = "";
    for (char *line = strtok(told, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        char at[24], event[16], state[16], ca[16];
        ck_assert_int_eq(sscanf(line, "%23s %*s %*s %15s %15s %15s", at, event, state, ca), 4);
        const size_t n = strlen(short_);
        snprintf(short_ + n, sizeof(short_) - n, "%s %s %s %s\n", at, event, state, ca);
    }
    told[0] = '\0';
    ck_assert_str_eq(short_, text);
}

static void begin(bool sack)
{
    told[0] = '\0';
    lab_init(&lab, &(struct lab_config){.watch = &watch, .sack = sack});
    lab_listen(&lab, 8);
    lab_in(&lab,
           sack ? "SEW 0:0(0) win 60000 <mss 1000,sackOK>" : "SEW 0:0(0) win 60000 <mss 1000>");
    ck_assert_uint_eq(lab_forget(&lab), 1);
    lab_run(&lab, 100 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 1 win 60000");
    lab_events(&lab, "A");
    ck_assert_int_eq(sw_sock_accept(&lab.sock, lab.listener, NULL, NULL), 0);
    expect("0 state SYN-RECEIVED open\n"
           "100 state ESTABLISHED open\n");
}

static void end(void)
{
    lab_forget(&lab);
    lab_fini(&lab);
}

START_TEST(each_state_that_is_gone_through__rfc9293_3_3_2)
{
    begin(false);
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_run(&lab, 100 * SW_MS);
    lab_run(&lab, 200 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 2 win 60000");
    lab_run(&lab, 250 * SW_MS);
    lab_in(&lab, "F. 1:1(0) ack 2 win 60000");
    expect("100 state FIN-WAIT-1 open\n"
           "200 state FIN-WAIT-2 open\n"
           "200 ack FIN-WAIT-2 open\n"
           "250 state TIME-WAIT open\n");
    end();
}
END_TEST

START_TEST(and_of_the_end_that_closes_second)
{
    begin(false);
    lab_in(&lab, "F. 1:1(0) ack 1 win 60000");
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_run(&lab, 100 * SW_MS);
    lab_run(&lab, 200 * SW_MS);
    lab_in(&lab, ". 2:2(0) ack 2 win 60000");
    expect("100 state CLOSE-WAIT open\n"
           "100 state LAST-ACK open\n"
           "200 state CLOSED open\n");
    end();
}
END_TEST

START_TEST(who_connects_and_is_refused)
{
    told[0] = '\0';
    lab_init(&lab, &(struct lab_config){.watch = &watch});
    lab_connect(&lab);
    lab_run(&lab, SW_S);
    lab_forget(&lab);
    lab_in(&lab, "R. 0:0(0) ack 1 win 0");
    expect("0 state SYN-SENT open\n"
           "1000 timeout SYN-SENT open\n"
           "1000 state CLOSED open\n");
    end();
}
END_TEST

START_TEST(both_may_open_at_once__rfc9293_3_5)
{
    told[0] = '\0';
    lab_init(&lab, &(struct lab_config){.watch = &watch});
    lab_connect(&lab);
    lab_forget(&lab);
    lab_in(&lab, "S 0:0(0) win 60000 <mss 1000>");
    lab_in(&lab, ". 1:1(0) ack 1 win 60000");
    expect("0 state SYN-SENT open\n"
           "0 state SYN-RECEIVED open\n"
           "0 state ESTABLISHED open\n");
    end();
}
END_TEST

START_TEST(an_acknowledgement_with_nothing_out_is_not_told)
{
    begin(false);
    lab_in(&lab, ". 1:101(100) ack 1 win 60000");
    lab_write(&lab, 2000);
    lab_run(&lab, 200 * SW_MS);
    lab_in(&lab, ". 101:201(100) ack 1 win 60000");
    lab_in(&lab, ". 201:201(0) ack 1001 win 60000");
    lab_in(&lab, ". 201:201(0) ack 2001 win 60000");
    lab_in(&lab, ". 201:201(0) ack 2001 win 60000");
    expect("200 ack ESTABLISHED open\n"
           "200 ack ESTABLISHED open\n"
           "200 ack ESTABLISHED open\n");
    end();
}
END_TEST

START_TEST(a_loss_and_its_repair)
{
    begin(true);
    lab_write(&lab, 10000);
    lab_run(&lab, 200 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 1 win 60000 <sack 1001-2001>");
    lab_in(&lab, ". 1:1(0) ack 1 win 60000 <sack 1001-4001>");
    lab_run(&lab, 300 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 10001 win 60000");
    expect("200 ack ESTABLISHED disorder\n"
           "200 loss ESTABLISHED recovery\n"
           "200 ack ESTABLISHED recovery\n"
           "300 ack ESTABLISHED open\n");
    end();
}
END_TEST

START_TEST(a_mark)
{
    begin(true);
    lab_write(&lab, 10000);
    lab_run(&lab, 200 * SW_MS);
    lab_in(&lab, ".E 1:1(0) ack 1001 win 60000");
    expect("200 mark ESTABLISHED cwr\n"
           "200 ack ESTABLISHED cwr\n");
    end();
}
END_TEST

START_TEST(a_probe_and_a_timeout)
{
    begin(true);
    lab_write(&lab, 2000);
    lab_run(&lab, 650 * SW_MS);
    expect("302 probe ESTABLISHED open\n"
           "602 timeout ESTABLISHED loss\n");
    end();
}
END_TEST

START_TEST(a_loss_that_was_none)
{
    begin(true);
    lab_write(&lab, 10000);
    lab_run(&lab, 200 * SW_MS);
    lab_in(&lab, ". 1:1(0) ack 1 win 60000 <sack 1001-4001>");
    lab_in(&lab, ". 1:1(0) ack 4001 win 60000 <sack 1-1001>"); /* it had that twice */
    expect("200 loss ESTABLISHED recovery\n"
           "200 ack ESTABLISHED recovery\n"
           "200 undo ESTABLISHED open\n"
           "200 ack ESTABLISHED open\n");
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_watch");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, each_state_that_is_gone_through__rfc9293_3_3_2);
    tcase_add_test(tc, and_of_the_end_that_closes_second);
    tcase_add_test(tc, who_connects_and_is_refused);
    tcase_add_test(tc, both_may_open_at_once__rfc9293_3_5);
    tcase_add_test(tc, an_acknowledgement_with_nothing_out_is_not_told);
    tcase_add_test(tc, a_loss_and_its_repair);
    tcase_add_test(tc, a_mark);
    tcase_add_test(tc, a_probe_and_a_timeout);
    tcase_add_test(tc, a_loss_that_was_none);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
