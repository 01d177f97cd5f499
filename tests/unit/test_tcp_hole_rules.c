/* When a segment may try the path, how large it is, and what its fate says: each condition by
 * itself, of a connection made by hand (stack_bare.h). */
#include <check.h>

#include "stack/tcp_hole.h"
#include "tests/support/stack_bare.h"

static struct bare b;

/* 1,024 bytes pass, 1,500 may, and there is all it takes to try what lies in the middle. */
static void begin(void)
{
    bare_begin(&b);
    b.table.config.mtu_probing = SW_TCP_MTU_PROBING_ON;
    b.t.snd_mss = 1024;
    b.t.mtu_low = 1064;
    b.t.mtu_high = 1500;
    b.t.sendq.bytes = 50000;
    b.t.cc.cwnd = 11 * 1024;
}

static uint32_t widened(void)
{
    return sw_tcp_hole_widen(&b.t, 50000);
}

START_TEST(the_search_begins_between_1024_and_what_all_allow__rfc4821_7_2)
{
    begin();
    sw_tcp_hole_begin(&b.t);
    ck_assert_uint_eq(b.t.mtu_low, 1064);
    ck_assert_uint_eq(b.t.mtu_high, 1500);
    ck_assert_uint_eq(b.t.snd_mss, 1024);
    b.t.timestamps = true;
    sw_tcp_hole_begin(&b.t);
    ck_assert_uint_eq(b.t.mtu_low, 1076);
    ck_assert_uint_eq(b.t.snd_mss, 1024);
    b.t.timestamps = false;
    b.t.peer_mss = 900; /* it never begins above that */
    sw_tcp_hole_begin(&b.t);
    ck_assert_uint_eq(b.t.mtu_low, 940);
    ck_assert_uint_eq(b.t.mtu_high, 940);
    b.t.mtu_low = 0;
    b.table.config.mtu_probing = SW_TCP_MTU_PROBING_HOLES;
    sw_tcp_hole_begin(&b.t);
    ck_assert_uint_eq(b.t.mtu_low, 0);
    bare_end(&b);
}
END_TEST

START_TEST(the_bound_is_the_least_of_all_that_are_known__rfc4821_7)
{
    begin();
    sw_tcp_hole_begin(&b.t);
    ck_assert_uint_eq(b.t.mtu_high, 1500);
    b.t.peer_mss = 1400;
    sw_tcp_hole_begin(&b.t);
    ck_assert_uint_eq(b.t.mtu_high, 1440);
    b.t.path_mtu = 1300;
    sw_tcp_hole_begin(&b.t);
    ck_assert_uint_eq(b.t.mtu_high, 1300);
    b.t.user_mss = 1200;
    sw_tcp_hole_begin(&b.t);
    ck_assert_uint_eq(b.t.mtu_high, 1240);
    b.t.user_mss = 1280; /* more than a router allows */
    sw_tcp_hole_begin(&b.t);
    ck_assert_uint_eq(b.t.mtu_high, 1300);
    b.t.user_mss = b.t.path_mtu = 0;
    b.t.path.mtu_bytes = b.t.peer_mss = 65000; /* two slices hold no more */
    sw_tcp_hole_begin(&b.t);
    ck_assert_uint_eq(b.t.mtu_high, SW_TCP_MSS_LARGEST + 40);
    bare_end(&b);
}
END_TEST

START_TEST(a_probe_is_in_the_middle_between_what_passes_and_what_may)
{
    begin();
    ck_assert_uint_eq(widened(), 1242); /* of 1,064 and 1,500, less 40 */
    b.t.mtu_high = 1499;
    ck_assert_uint_eq(widened(), 1242);
    b.t.mtu_high = 1500;
    b.t.path_mtu = 1300; /* a router has said meanwhile what may */
    ck_assert_uint_eq(widened(), 1142);
    b.t.path_mtu = 0;
    b.t.timestamps = true;
    b.t.snd_mss = 1012;
    ck_assert_uint_eq(widened(), 1230);
    bare_end(&b);
}
END_TEST

START_TEST(the_search_ends_with_8_bytes_in_doubt)
{
    begin();
    b.t.snd_mss = 1452;
    b.t.cc.cwnd = 11 * 1452;
    b.t.mtu_low = 1492;
    ck_assert_uint_eq(widened(), 1456);
    b.t.mtu_low = 1493;
    ck_assert_uint_eq(widened(), 1452);
    bare_end(&b);
}
END_TEST

START_TEST(a_probe_goes_alone_and_while_all_is_well__rfc4821_7_4)
{
    begin();
    b.t.sack = false; /* nothing would tell of its loss alone */
    ck_assert_uint_eq(widened(), 1024);
    b.t.sack = true;
    b.t.recovering = true;
    ck_assert_uint_eq(widened(), 1024);
    b.t.recovering = false;
    b.t.retries = 1;
    ck_assert_uint_eq(widened(), 1024);
    b.t.retries = 0;
    b.t.cc.cwnd = 11 * 1024 - 1;
    ck_assert_uint_eq(widened(), 1024);
    b.t.cc.cwnd++;
    b.t.snd_nxt++; /* something is to be sent again */
    ck_assert_uint_eq(widened(), 1024);
    b.t.snd_nxt--;
    b.loss.mtu_probe_len = 1; /* one is out */
    ck_assert_uint_eq(widened(), 1024);
    b.loss.mtu_probe_len = 0;
    b.loss.sent.sacked = 1;
    ck_assert_uint_eq(widened(), 1024);
    b.loss.sent.sacked = 0;
    b.loss.sent.lost = 1;
    ck_assert_uint_eq(widened(), 1024);
    b.loss.sent.lost = 0;
    ck_assert_uint_eq(widened(), 1242);
    b.t.loss = NULL; /* nothing is out at all */
    ck_assert_uint_eq(widened(), 1242);
    bare_end(&b);
}
END_TEST

START_TEST(a_probe_has_four_segments_behind_it_that_tell_of_its_loss__rfc4821_7_4)
{
    begin();
    ck_assert_uint_eq(sw_tcp_hole_widen(&b.t, 1242), 1242);
    ck_assert_uint_eq(sw_tcp_hole_widen(&b.t, 1241), 1024);
    b.t.sendq.bytes = 1242 + 4 * 1024;
    ck_assert_uint_eq(widened(), 1242);
    b.t.sendq.bytes--;
    ck_assert_uint_eq(widened(), 1024);
    b.t.sendq.bytes = 3000 + 1242 + 4 * 1024; /* of which 3,000 are out */
    b.t.snd_nxt = b.t.snd_out = b.t.snd_una + 3000;
    ck_assert_uint_eq(widened(), 1242);
    b.t.sendq.bytes--;
    ck_assert_uint_eq(widened(), 1024);
    b.t.sendq.bytes = 50000;
    b.t.snd_wnd = 3000 + 1242 + 4 * 1024;
    ck_assert_uint_eq(widened(), 1242);
    b.t.snd_wnd--;
    ck_assert_uint_eq(widened(), 1024);
    bare_end(&b);
}
END_TEST

START_TEST(no_probe_is_smaller_than_a_segment)
{
    begin();
    b.t.snd_mss = 1242; /* the user's bound has been lifted, say */
    b.t.cc.cwnd = 20000;
    ck_assert_uint_eq(widened(), 1242);
    b.t.snd_mss = 1300;
    ck_assert_uint_eq(widened(), 1300);
    bare_end(&b);
}
END_TEST

START_TEST(a_probe_that_is_acknowledged_passes__rfc4821_7_6)
{
    begin();
    sw_tcp_hole_probed(&b.t, 100, 1242);
    b.t.snd_una = 1341;
    sw_tcp_hole_acked(&b.t); /* but for its last byte */
    ck_assert_uint_eq(b.loss.mtu_probe_len, 1242);
    ck_assert_uint_eq(b.t.mtu_low, 1064);
    b.t.snd_una = 1342;
    sw_tcp_hole_acked(&b.t);
    ck_assert_uint_eq(b.loss.mtu_probe_len, 0);
    ck_assert_uint_eq(b.t.mtu_low, 1282);
    ck_assert_uint_eq(b.t.snd_mss, 1242);
    bare_end(&b);
}
END_TEST

/* Two segments, a probe of 1,242 and another; those of the bits in `lost` are. */
static bool lost_alone(unsigned lost, uint32_t probe)
{
    begin();
    bare_sent(&b, 1024, SW_S);
    bare_sent(&b, 1024, SW_S);
    bare_sent(&b, 1242, SW_S);
    bare_sent(&b, 1024, SW_S);
    sw_tcp_hole_probed(&b.t, probe, 1242);
    for (unsigned i = 0; i < 4; i++) {
        if ((lost >> i & 1) != 0) {
            sw_tcp_sent_lose(&b.loss.sent, i);
        }
    }
    const bool alone = sw_tcp_hole_lost(&b.t);
    ck_assert_uint_eq(b.loss.mtu_probe_len, alone ? 0 : 1242);
    ck_assert_uint_eq(b.t.mtu_high, alone ? 1281 : 1500);
    bare_end(&b);
    return alone;
}

START_TEST(a_probe_that_is_lost_alone_is_too_large__rfc4821_7_6)
{
    ck_assert(lost_alone(4, 2148));
    ck_assert(!lost_alone(5, 2148)); /* with the first: nothing is said of sizes */
    ck_assert(!lost_alone(12, 2148));
    ck_assert(!lost_alone(2, 2148)); /* another alone */
    ck_assert(!lost_alone(4, 100));  /* as long, and not the probe */
}
END_TEST

START_TEST(what_was_lost_and_sent_again_beside_it_says_nothing_either__rfc4821_7_6)
{
    begin();
    bare_sent(&b, 1024, SW_S);
    bare_sent(&b, 1242, SW_S);
    sw_tcp_hole_probed(&b.t, 1124, 1242);
    sw_tcp_sent_lose(&b.loss.sent, 0);
    sw_tcp_sent_again(&b.loss.sent, 0, 2 * SW_S);
    sw_tcp_sent_lose(&b.loss.sent, 1);
    ck_assert(!sw_tcp_hole_lost(&b.t));
    bare_end(&b);
}
END_TEST

/* The MSS after so many timeouts in a row of `len` bytes, of which all are queued. */
static uint32_t after_timeouts(uint8_t retries, uint32_t mss, uint32_t len, bool sack)
{
    begin();
    b.t.mtu_low = 0;
    b.t.snd_mss = mss;
    b.t.retries = retries;
    b.t.sack = sack;
    if (sack) {
        bare_sent(&b, len, SW_S);
        bare_sent(&b, 5000, SW_S); /* and behind it what does not count */
    } else {
        b.t.snd_nxt = b.t.snd_una + len;
    }
    sw_tcp_hole_timeout(&b.t);
    bare_end(&b);
    return b.t.snd_mss;
}

START_TEST(the_third_timeout_of_a_full_segment_lowers_its_size__rfc4821_7_7)
{
    for (unsigned sack = 0; sack < 2; sack++) {
        ck_assert_uint_eq(after_timeouts(2, 1460, 1460, sack != 0), 1460);
        ck_assert_uint_eq(after_timeouts(3, 1460, 1460, sack != 0), 1024);
        ck_assert_uint_eq(after_timeouts(9, 1460, 1460, sack != 0), 1024);
        ck_assert_uint_eq(after_timeouts(3, 1460, 1459, sack != 0), 1460);
        ck_assert_uint_eq(after_timeouts(3, 1025, 1025, sack != 0), 1024);
        ck_assert_uint_eq(after_timeouts(3, 1024, 1024, sack != 0), 536);
        ck_assert_uint_eq(after_timeouts(3, 537, 537, sack != 0), 536);
        ck_assert_uint_eq(after_timeouts(3, 536, 536, sack != 0), 536); /* packets of 576 */
        ck_assert_uint_eq(after_timeouts(3, 98, 98, sack != 0), 98);
    }
}
END_TEST

START_TEST(a_fin_makes_no_full_segment)
{
    begin();
    b.t.sack = false;
    b.t.retries = 3;
    b.t.sendq.bytes = 1023;
    b.t.snd_nxt = b.t.snd_una + 1024;
    sw_tcp_hole_timeout(&b.t);
    ck_assert_uint_eq(b.t.snd_mss, 1024);
    b.t.sendq.bytes = 1024;
    b.table.config.mtu_probing = SW_TCP_MTU_PROBING_OFF;
    sw_tcp_hole_timeout(&b.t);
    ck_assert_uint_eq(b.t.snd_mss, 1024);
    b.table.config.mtu_probing = SW_TCP_MTU_PROBING_HOLES;
    sw_tcp_hole_timeout(&b.t);
    ck_assert_uint_eq(b.t.snd_mss, 536);
    bare_end(&b);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_hole_rules");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, the_search_begins_between_1024_and_what_all_allow__rfc4821_7_2);
    tcase_add_test(tc, the_bound_is_the_least_of_all_that_are_known__rfc4821_7);
    tcase_add_test(tc, a_probe_is_in_the_middle_between_what_passes_and_what_may);
    tcase_add_test(tc, the_search_ends_with_8_bytes_in_doubt);
    tcase_add_test(tc, a_probe_goes_alone_and_while_all_is_well__rfc4821_7_4);
    tcase_add_test(tc, a_probe_has_four_segments_behind_it_that_tell_of_its_loss__rfc4821_7_4);
    tcase_add_test(tc, no_probe_is_smaller_than_a_segment);
    tcase_add_test(tc, a_probe_that_is_acknowledged_passes__rfc4821_7_6);
    tcase_add_test(tc, a_probe_that_is_lost_alone_is_too_large__rfc4821_7_6);
    tcase_add_test(tc, what_was_lost_and_sent_again_beside_it_says_nothing_either__rfc4821_7_6);
    tcase_add_test(tc, the_third_timeout_of_a_full_segment_lowers_its_size__rfc4821_7_7);
    tcase_add_test(tc, a_fin_makes_no_full_segment);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
