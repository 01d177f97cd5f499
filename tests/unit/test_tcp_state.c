/* What a connection goes through besides segments: the scale it names, its place among a listener's
 * children, and its ends. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "tests/support/stack_bare.h"
#include "tests/support/stack_tcp.h"

static struct bare b;
static struct lab lab;

/* ---- the window scale ---- */

static uint8_t scale(uint32_t buffer)
{
    bare_begin(&b);
    b.t.rcv_fixed = true; /* it does not grow */
    b.t.rcv_buffer = buffer;
    const uint8_t wscale = sw_tcp_syn_wscale(&b.t);
    bare_end(&b);
    return wscale;
}

START_TEST(the_least_scale_with_which_all_of_the_buffer_can_be_offered__rfc7323_2_3)
{
    ck_assert_uint_eq(scale(4096), 0);
    ck_assert_uint_eq(scale(65535), 0);
    ck_assert_uint_eq(scale(65536), 1);
    ck_assert_uint_eq(scale(131070), 1);
    ck_assert_uint_eq(scale(131071), 2);
    ck_assert_uint_eq(scale(65535u << 13), 13);
    ck_assert_uint_eq(scale((65535u << 13) + 1), 14);
    ck_assert_uint_eq(scale(1u << 30), 14);
}
END_TEST

START_TEST(a_syns_window_is_never_scaled__rfc7323_2_2)
{
    bare_begin(&b);
    b.t.rcv_buffer = 65534;
    ck_assert_uint_eq(sw_tcp_syn_window(&b.t), 65534);
    b.t.rcv_buffer = 65536;
    ck_assert_uint_eq(sw_tcp_syn_window(&b.t), 65535);
    bare_end(&b);
}
END_TEST

/* ---- a listener's children ---- */

static struct sw_tcp parent, child[4];
static struct sw_tcp_listener listener;

/* Four, the eldest is 0; 1 to 3 stand and wait to be accepted, 0 is half open. */
static void family(void)
{
    bare_begin(&b);
    memset(&parent, 0, sizeof(parent));
    memset(child, 0, sizeof(child));
    parent.listener = &listener;
    listener = (struct sw_tcp_listener){.children = 4,
                                        .standing = 3,
                                        .child = &child[3],
                                        .eldest = &child[0],
                                        .ready = &child[1],
                                        .last = &child[3]};
    b.host.stats.tcp_half_open = 1;
    for (unsigned i = 0; i < 4; i++) {
        child[i].host = &b.host;
        child[i].parent = &parent;
        child[i].prev_child = i < 3 ? &child[i + 1] : NULL;
        child[i].next_child = i > 0 ? &child[i - 1] : NULL;
        child[i].next_ready = i == 1 || i == 2 ? &child[i + 1] : NULL;
    }
}

static void gone(unsigned i)
{
    ck_assert_ptr_null(child[i].parent);
    ck_assert_ptr_null(child[i].prev_child);
    ck_assert_ptr_null(child[i].next_child);
    ck_assert_ptr_null(child[i].next_ready);
    bare_end(&b);
}

START_TEST(one_that_is_half_open_leaves)
{
    family();
    sw_tcp_leave_parent(&child[0]);
    ck_assert_uint_eq(listener.children, 3);
    ck_assert_uint_eq(listener.standing, 3);
    ck_assert_uint_eq(b.host.stats.tcp_half_open, 0);
    ck_assert_ptr_eq(listener.eldest, &child[1]);
    ck_assert_ptr_null(child[1].next_child);
    ck_assert_ptr_eq(listener.ready, &child[1]);
    ck_assert_ptr_eq(listener.last, &child[3]);
    gone(0);
}
END_TEST

START_TEST(the_next_to_be_accepted_leaves)
{
    family();
    sw_tcp_leave_parent(&child[1]);
    ck_assert_uint_eq(listener.children, 3);
    ck_assert_uint_eq(listener.standing, 2);
    ck_assert_uint_eq(b.host.stats.tcp_half_open, 1);
    ck_assert_ptr_eq(listener.ready, &child[2]);
    ck_assert_ptr_eq(listener.last, &child[3]);
    ck_assert_ptr_eq(child[2].next_child, &child[0]);
    ck_assert_ptr_eq(child[0].prev_child, &child[2]);
    ck_assert_ptr_eq(listener.eldest, &child[0]);
    gone(1);
}
END_TEST

START_TEST(one_between_leaves)
{
    family();
    sw_tcp_leave_parent(&child[2]);
    ck_assert_uint_eq(listener.standing, 2);
    ck_assert_ptr_eq(listener.ready, &child[1]);
    ck_assert_ptr_eq(child[1].next_ready, &child[3]);
    ck_assert_ptr_eq(listener.last, &child[3]);
    ck_assert_ptr_eq(child[3].next_child, &child[1]);
    ck_assert_ptr_eq(child[1].prev_child, &child[3]);
    gone(2);
}
END_TEST

START_TEST(the_youngest_leaves)
{
    family();
    sw_tcp_leave_parent(&child[3]);
    ck_assert_ptr_eq(listener.child, &child[2]);
    ck_assert_ptr_null(child[2].prev_child);
    ck_assert_ptr_eq(listener.last, &child[2]);
    ck_assert_ptr_null(child[2].next_ready);
    ck_assert_ptr_eq(listener.ready, &child[1]);
    gone(3);
}
END_TEST

START_TEST(all_leave_and_a_childs_child_it_is_no_more)
{
    family();
    for (unsigned i = 0; i < 4; i++) {
        sw_tcp_leave_parent(&child[i]);
        sw_tcp_leave_parent(&child[i]); /* harmless */
    }
    ck_assert_uint_eq(listener.children, 0);
    ck_assert_uint_eq(listener.standing, 0);
    ck_assert_ptr_null(listener.ready);
    ck_assert_ptr_null(listener.last);
    ck_assert_ptr_null(listener.child);
    ck_assert_ptr_null(listener.eldest);
    gone(0);
}
END_TEST

/* ---- ends ---- */

START_TEST(a_fin_that_was_queued_before_it_stood_follows_the_handshake__rfc9293_3_10_4)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460>");
    ck_assert_int_eq(lab_write(&lab, 10), 10);
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_run(&lab, 0);
    lab_quiet(&lab);
    lab_in(&lab, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
    lab_out(&lab, 0, "FP. 1:11(10) ack 1 win 60000");
    ck_assert_str_eq(lab_info(&lab).state, "FIN-WAIT-1");
    lab_in(&lab, ". 1:1(0) ack 12 win 65535");
    ck_assert_str_eq(lab_info(&lab).state, "FIN-WAIT-2");
    lab_fini(&lab);
}
END_TEST

START_TEST(a_byte_that_was_written_before_it_stood_follows_the_handshake)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460>");
    ck_assert_int_eq(lab_write(&lab, 1), 1);
    lab_in(&lab, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
    lab_out(&lab, 0, "P. 1:2(1) ack 1 win 60000");
    lab_quiet(&lab);
    lab_fini(&lab);
}
END_TEST

START_TEST(one_that_stands_has_forgotten_the_errors_before__rfc9293_3_9_2_2)
{
    lab_init(&lab, NULL);
    lab_connect(&lab);
    lab_out(&lab, 0, "S 0:0(0) win 60000 <mss 1460>");
    lab_icmp(&lab, 3, 1, 0, 0);
    lab_events(&lab, "V");
    ck_assert_int_eq(lab_info(&lab).soft_error, -EHOSTUNREACH);
    lab_in(&lab, "S. 0:0(0) ack 1 win 65535 <mss 1460>");
    lab_out(&lab, 0, ". 1:1(0) ack 1 win 60000");
    ck_assert_int_eq(lab_info(&lab).soft_error, 0);
    lab_events(&lab, "C");
    lab_fini(&lab);
}
END_TEST

START_TEST(an_orphan_in_fin_wait_2_is_not_waited_for_longer_than_a_minute)
{
    lab_init(&lab, NULL);
    lab_accept(&lab, 65535, NULL);
    ck_assert_int_eq(sw_sock_shutdown(lab.sock), 0);
    lab_run(&lab, 0);
    lab_forget(&lab);
    lab_in(&lab, ". 1:1(0) ack 2 win 65535");
    ck_assert_str_eq(lab_info(&lab).state, "FIN-WAIT-2");
    lab_run(&lab, 100 * SW_S); /* as long as somebody has it, it stays */
    ck_assert_str_eq(lab_info(&lab).state, "FIN-WAIT-2");
    sw_sock_close(lab.sock);
    lab.sock = NULL;
    lab_run(&lab, 160 * SW_S - 1);
    lab_in(&lab, "P. 1:2(1) ack 2 win 65535");
    ck_assert_uint_eq(lab_forget(&lab), 1); /* nobody reads it: a RST, and it is gone */
    lab_fini(&lab);
}
END_TEST

START_TEST(a_closed_listener_resets_each_child__rfc9293_3_10_4)
{
    lab_init(&lab, NULL);
    lab_listen(&lab, 5);
    for (uint16_t port = 4000; port < 4003; port++) {
        lab.peer_port = port;
        lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>");
        ck_assert_uint_eq(lab_forget(&lab), 1);
    }
    sw_sock_close(lab.listener);
    lab.listener = NULL;
    lab_run(&lab, 0);
    ck_assert_uint_eq(lab_forget(&lab), 3);
    lab_in(&lab, "S 0:0(0) win 65535 <mss 1460>"); /* and nobody listens */
    ck_assert_uint_eq(lab_forget(&lab), 1);
    ck_assert_uint_eq(lab.host->stats.tcp_resets_out, 4);
    lab_fini(&lab);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tcp_state");
    TCase *tc = tcase_create("all");
    tcase_add_test(tc, the_least_scale_with_which_all_of_the_buffer_can_be_offered__rfc7323_2_3);
    tcase_add_test(tc, a_syns_window_is_never_scaled__rfc7323_2_2);
    tcase_add_test(tc, one_that_is_half_open_leaves);
    tcase_add_test(tc, the_next_to_be_accepted_leaves);
    tcase_add_test(tc, one_between_leaves);
    tcase_add_test(tc, the_youngest_leaves);
    tcase_add_test(tc, all_leave_and_a_childs_child_it_is_no_more);
    tcase_add_test(tc, a_fin_that_was_queued_before_it_stood_follows_the_handshake__rfc9293_3_10_4);
    tcase_add_test(tc, a_byte_that_was_written_before_it_stood_follows_the_handshake);
    tcase_add_test(tc, one_that_stands_has_forgotten_the_errors_before__rfc9293_3_9_2_2);
    tcase_add_test(tc, an_orphan_in_fin_wait_2_is_not_waited_for_longer_than_a_minute);
    tcase_add_test(tc, a_closed_listener_resets_each_child__rfc9293_3_10_4);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
