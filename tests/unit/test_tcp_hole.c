/* Paths that swallow what is too big: the size of segments is found by trying. */
#include <check.h>
#include <stdio.h>

#include "stack/tcp.h"
#include "tests/support/stack_tcp.h"

static struct lab lab;

static const struct lab_config finds = {.sack = true, .finds_holes = true};
static const struct lab_config searches = {.sack = true, .searches = true};
static const struct lab_config plain = {.finds_holes = true};

static void accepted(const struct lab_config *config)
{
    lab_init(&lab, config);
    lab_accept(&lab, 65535, config->sack ? "<mss 1460,sackOK>" : "<mss 1460>");
}

static void acked(uint32_t number)
{
    char line[100];
    snprintf(line, sizeof(line), ". 1:1(0) ack %u win 65535", number);
    lab_in(&lab, line);
}

START_TEST(a_full_segment_that_is_lost_thrice_is_too_large__rfc4821_7_7)
{
    for (unsigned sack = 0; sack < 2; sack++) {
        accepted(sack != 0 ? &finds : &plain);
        lab_write(&lab, 1460);
        lab_out(&lab, 0, "P. 1:1461(1460) ack 1 win 60000");
        lab_run(&lab, SW_S);
        /* Twice, as it was, and a probe of the tail where there is SACK. */
        ck_assert_uint_eq(lab_forget(&lab), 2 + sack);
        ck_assert_uint_eq(lab_info(&lab).mss_bytes, 1460);
        lab_run(&lab, 1600 * SW_MS);
        ck_assert_uint_eq(lab_info(&lab).mss_bytes, 1024);
        lab_out(&lab, lab.heard_at[lab.first], ". 1:1025(1024) ack 1 win 60000");
        lab_forget(&lab);
        /* Lost again, it is halved, to what every host takes; and no further. */
        lab_run(&lab, 3600 * SW_MS);
        ck_assert_uint_eq(lab_info(&lab).mss_bytes, 536);
        lab_out(&lab, lab.heard_at[lab.first], ". 1:537(536) ack 1 win 60000");
        lab_forget(&lab);
        lab_run(&lab, 60 * SW_S);
        ck_assert_uint_eq(lab_info(&lab).mss_bytes, 536);
        ck_assert_uint_ge(lab_forget(&lab), 3);
        lab_fini(&lab);
    }
}
END_TEST

START_TEST(a_small_segment_is_lost_for_other_reasons)
{
    accepted(&finds);
    lab_write(&lab, 1459);
    lab_run(&lab, 10 * SW_S);
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 1460);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(without_probing_nothing_is_searched_for)
{
    static const struct lab_config off = {.sack = true};
    accepted(&off);
    lab_write(&lab, 1460);
    lab_run(&lab, 10 * SW_S);
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 1460);
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

/* With `on`: a window of ten segments is acknowledged, and doubles; then comes more, and the first
 * of it is a probe, at 10241. */
static void up_to_the_probe(void)
{
    accepted(&searches);
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 1024);
    lab_write(&lab, 10240);
    for (uint32_t at = 1025; at <= 10241; at += 1024) {
        acked(at);
    }
    ck_assert_uint_eq(lab_forget(&lab), 10);
    ck_assert_uint_ge(lab_info(&lab).cwnd_bytes, 19 * 1024);
    lab_write(&lab, 40960);
    /* Between 1,064 and 1,500: 1,282. */
    lab_out(&lab, 0, ". 10241:11483(1242) ack 1 win 60000");
    lab_out(&lab, 0, ". 11483:12507(1024) ack 1 win 60000"); /* one at a time */
    lab_forget(&lab);
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 1024);
}

START_TEST(from_there_the_size_is_searched_upwards__rfc4821_7_3)
{
    up_to_the_probe();
    acked(11483);
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 1242);
    /* As soon as there is room, the next: between 1,282 and 1,500. */
    lab_out(&lab, 0, ". 29915:31266(1351) ack 1 win 60000");
    lab_forget(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_lost_probe_is_no_congestion__rfc4821_7_6_2)
{
    up_to_the_probe();
    const uint64_t before = lab_info(&lab).cwnd_bytes;
    lab_in(&lab, ". 1:1(0) ack 10241 win 65535 <sack 11483-14555>");
    /* What it carried goes again, in segments that pass. */
    lab_out(&lab, 0, ". 10241:11265(1024) ack 1 win 60000");
    lab_out(&lab, 0, ". 11265:11483(218) ack 1 win 60000");
    lab_forget(&lab);
    ck_assert_uint_eq(lab_info(&lab).cwnd_bytes, before);
    ck_assert_uint_eq(lab_info(&lab).ssthresh_bytes, SW_TCP_CWND_MAX);
    ck_assert_uint_eq(lab_info(&lab).mss_bytes, 1024);
    lab_fini(&lab);
}
END_TEST

START_TEST(a_probe_lost_with_others_says_nothing__rfc4821_7_6_4)
{
    up_to_the_probe();
    const uint64_t before = lab_info(&lab).cwnd_bytes;
    /* The one behind it is lost, too: that is congestion. */
    lab_in(&lab, ". 1:1(0) ack 10241 win 65535 <sack 12507-16603>");
    lab_forget(&lab);
    ck_assert_uint_lt(lab_info(&lab).ssthresh_bytes, before);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_hole");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, a_full_segment_that_is_lost_thrice_is_too_large__rfc4821_7_7);
    tcase_add_test(tc, a_small_segment_is_lost_for_other_reasons);
    tcase_add_test(tc, without_probing_nothing_is_searched_for);
    tcase_add_test(tc, from_there_the_size_is_searched_upwards__rfc4821_7_3);
    tcase_add_test(tc, a_lost_probe_is_no_congestion__rfc4821_7_6_2);
    tcase_add_test(tc, a_probe_lost_with_others_says_nothing__rfc4821_7_6_4);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
