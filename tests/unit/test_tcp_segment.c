/* The window that segments offer, the MSS that a SYN names, and how many may be out. */
#include <check.h>

#include "tests/support/stack_bare.h"
#include "tests/support/stack_tcp.h"

static struct bare b;
static struct lab lab;

/* With so much of the buffer unread, and so much offered. */
static uint32_t window(uint32_t buffer, uint32_t unread, uint32_t offered, uint8_t wscale)
{
    b.t.rcv_buffer = buffer;
    b.t.recvq.bytes = unread;
    b.t.rcv_nxt = UINT32_MAX - 100; /* the edge lies beyond the turn */
    b.t.rcv_adv = b.t.rcv_nxt + offered;
    b.t.rcv_wscale = wscale;
    return sw_tcp_window(&b.t);
}

START_TEST(the_edge_moves_by_a_segment_or_not_at_all__rfc9293_3_8_6_2_2)
{
    bare_begin(&b);
    ck_assert_uint_eq(window(60000, 0, 0, 0), 60000);
    ck_assert_uint_eq(window(60000, 0, 59000, 0), 60000);
    ck_assert_uint_eq(window(60000, 0, 59001, 0), 59001);
    ck_assert_uint_eq(window(60000, 20000, 39000, 0), 40000);
    ck_assert_uint_eq(window(60000, 20000, 39001, 0), 39001);
    ck_assert_uint_eq(window(60000, 59001, 0, 0), 0); /* 999 are free */
    ck_assert_uint_eq(window(60000, 59000, 0, 0), 1000);
    bare_end(&b);
}
END_TEST

START_TEST(of_a_small_buffer_it_moves_by_half__rfc9293_3_8_6_2_2)
{
    bare_begin(&b);
    ck_assert_uint_eq(window(1998, 1000, 0, 0), 0);
    ck_assert_uint_eq(window(1998, 999, 0, 0), 999);
    ck_assert_uint_eq(window(2000, 1001, 0, 0), 0);
    ck_assert_uint_eq(window(2000, 1000, 0, 0), 1000);
    ck_assert_uint_eq(window(1000, 501, 0, 0), 0);
    ck_assert_uint_eq(window(1000, 500, 0, 0), 500);
    bare_end(&b);
}
END_TEST

START_TEST(the_edge_does_not_move_to_the_left__rfc9293_3_8_6)
{
    bare_begin(&b);
    ck_assert_uint_eq(window(60000, 60000, 5000, 0), 5000);
    ck_assert_uint_eq(window(60000, 70000, 5000, 0), 5000); /* more than it should hold */
    ck_assert_uint_eq(window(4096, 0, 50000, 0), 50000);
    b.t.rcv_adv = b.t.rcv_nxt - 1; /* the peer is beyond what it was offered: nothing is */
    b.t.rcv_buffer = b.t.recvq.bytes;
    ck_assert_uint_eq(sw_tcp_window(&b.t), 0);
    bare_end(&b);
}
END_TEST

START_TEST(no_more_is_offered_than_the_field_holds__rfc7323_2_3)
{
    bare_begin(&b);
    ck_assert_uint_eq(window(100000, 0, 0, 0), 65535);
    ck_assert_uint_eq(window(65536, 0, 0, 0), 65535);
    ck_assert_uint_eq(window(65535, 0, 0, 0), 65535);
    ck_assert_uint_eq(window(100000, 0, 65535, 0), 65535);
    ck_assert_uint_eq(window(100000000, 0, 0, 7), 65535u << 7);
    ck_assert_uint_eq(window(100000000, 0, 65535u << 7, 7), 65535u << 7);
    bare_end(&b);
}
END_TEST

START_TEST(a_scaled_window_is_rounded_down_and_one_that_stays_up__rfc7323_2_4)
{
    bare_begin(&b);
    ck_assert_uint_eq(window(1000000, 0, 0, 7), 999936); /* 7,812 of 128 */
    ck_assert_uint_eq(window(1000000, 0, 999500, 7), 999552);
    ck_assert_uint_eq(window(1000000, 0, 999552, 7), 999552);
    ck_assert_uint_eq(window(1000000, 0, 999553, 7), 999680);
    bare_end(&b);
}
END_TEST

START_TEST(rounding_up_ends_a_step_beyond_the_buffer__rfc7323_2_4)
{
    bare_begin(&b);
    ck_assert_uint_eq(window(100000, 0, 200000, 7), 199936);
    ck_assert_uint_eq(window(100000, 0, 165505, 7), 165632 - 128); /* 165,631 are one too few */
    ck_assert_uint_eq(window(100000, 0, 165500, 7), 165504);
    bare_end(&b);
}
END_TEST

START_TEST(a_syn_names_what_the_way_bears_or_the_user_wants__must_14_67)
{
    bare_begin(&b);
    struct sw_path path = {.mtu_bytes = 1500};
    ck_assert_uint_eq(sw_tcp_syn_mss(&b.t, &path), 1460);
    b.t.user_mss = 1459;
    ck_assert_uint_eq(sw_tcp_syn_mss(&b.t, &path), 1459);
    b.t.user_mss = 1461;
    ck_assert_uint_eq(sw_tcp_syn_mss(&b.t, &path), 1460);
    b.t.user_mss = 0;
    path.mtu_bytes = 65575;
    ck_assert_uint_eq(sw_tcp_syn_mss(&b.t, &path), 65535);
    path.mtu_bytes = 65574;
    ck_assert_uint_eq(sw_tcp_syn_mss(&b.t, &path), 65534);
    path.mtu_bytes = 100000;
    ck_assert_uint_eq(sw_tcp_syn_mss(&b.t, &path), 65535);
    bare_end(&b);
}
END_TEST

START_TEST(segments_are_of_what_path_peer_and_user_allow__must_16)
{
    bare_begin(&b);
    b.t.peer_mss = 1460;
    sw_tcp_update_mss(&b.t);
    ck_assert_uint_eq(b.t.snd_mss, 1460);
    b.t.peer_mss = 1461;
    sw_tcp_update_mss(&b.t);
    ck_assert_uint_eq(b.t.snd_mss, 1460);
    b.t.peer_mss = 1459;
    sw_tcp_update_mss(&b.t);
    ck_assert_uint_eq(b.t.snd_mss, 1459);
    b.t.peer_mss = 1460;
    b.t.path_mtu = 1501; /* the interface's stands */
    sw_tcp_update_mss(&b.t);
    ck_assert_uint_eq(b.t.snd_mss, 1460);
    b.t.path_mtu = 1400;
    sw_tcp_update_mss(&b.t);
    ck_assert_uint_eq(b.t.snd_mss, 1360);
    b.t.mtu_low = 1401;
    sw_tcp_update_mss(&b.t);
    ck_assert_uint_eq(b.t.snd_mss, 1360);
    b.t.mtu_low = 1300;
    sw_tcp_update_mss(&b.t);
    ck_assert_uint_eq(b.t.snd_mss, 1260);
    b.t.user_mss = 1261;
    sw_tcp_update_mss(&b.t);
    ck_assert_uint_eq(b.t.snd_mss, 1260);
    b.t.user_mss = 1000;
    sw_tcp_update_mss(&b.t);
    ck_assert_uint_eq(b.t.snd_mss, 1000);
    b.t.timestamps = true; /* options come off it (RFC 6691) */
    sw_tcp_update_mss(&b.t);
    ck_assert_uint_eq(b.t.snd_mss, 988);
    ck_assert_uint_eq(b.t.cc.mss_bytes, 988);
    b.t.user_mss = 0;
    b.t.timestamps = false;
    b.t.peer_mss = 47; /* and never next to nothing */
    sw_tcp_update_mss(&b.t);
    ck_assert_uint_eq(b.t.snd_mss, 48);
    b.t.peer_mss = 49;
    sw_tcp_update_mss(&b.t);
    ck_assert_uint_eq(b.t.snd_mss, 49);
    b.t.path_mtu = b.t.mtu_low = 0;
    b.t.peer_mss = 65000;
    b.t.path.mtu_bytes = 65000;
    sw_tcp_update_mss(&b.t);
    ck_assert_uint_eq(b.t.snd_mss, SW_TCP_MSS_LARGEST);
    bare_end(&b);
}
END_TEST

START_TEST(small_segments_are_out_as_many_as_the_buffer_pays_for)
{
    const struct lab_config config = {.sack = true, .send_buffer = 4096};
    lab_init(&lab, &config);
    lab_accept(&lab, 65535, "<mss 1460,sackOK>");
    ck_assert_int_eq(sw_sock_set(lab.sock, SW_OPT_NODELAY, 1), 0);
    for (unsigned i = 0; i < 200; i++) {
        ck_assert_int_eq(lab_write(&lab, 1), 1);
    }
    lab_run(&lab, 0);
    ck_assert_uint_eq(lab_forget(&lab), 128); /* 64, and one for each 64 bytes of 4,096 */
    lab_in(&lab, ". 1:1(0) ack 3 win 65535");
    lab_out(&lab, 0, "P. 129:201(72) ack 1 win 60000"); /* the rest goes together then */
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_segment");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, the_edge_moves_by_a_segment_or_not_at_all__rfc9293_3_8_6_2_2);
    tcase_add_test(tc, of_a_small_buffer_it_moves_by_half__rfc9293_3_8_6_2_2);
    tcase_add_test(tc, the_edge_does_not_move_to_the_left__rfc9293_3_8_6);
    tcase_add_test(tc, no_more_is_offered_than_the_field_holds__rfc7323_2_3);
    tcase_add_test(tc, a_scaled_window_is_rounded_down_and_one_that_stays_up__rfc7323_2_4);
    tcase_add_test(tc, rounding_up_ends_a_step_beyond_the_buffer__rfc7323_2_4);
    tcase_add_test(tc, a_syn_names_what_the_way_bears_or_the_user_wants__must_14_67);
    tcase_add_test(tc, segments_are_of_what_path_peer_and_user_allow__must_16);
    tcase_add_test(tc, small_segments_are_out_as_many_as_the_buffer_pays_for);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
