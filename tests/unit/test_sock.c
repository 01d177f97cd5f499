/* Events of sockets, and handles (stack/sock.c), seen with UDP sockets that send to their own host.
 */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stack/impl.h"
#include "tests/support/stack_station.h"

static struct sw_test_env world;
static struct sw_host *host;
static char told[200];
static struct sw_sock *a, *b;

static void note(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    char text[20];
    (void)user;
    snprintf(text, sizeof text, "%c%d ", sock == a ? 'a' : 'b', (int)event);
    strcat(told, text);
}

static struct sw_sock *udp(uint16_t port, sw_sock_fn *cb)
{
    struct sw_sock *sock;
    ck_assert_int_eq(sw_sock_open(&sock, host, SW_UDP, cb, NULL), 0);
    ck_assert_int_eq(sw_sock_bind(sock, (struct sw_endpoint){.port = port}), 0);
    return sock;
}

static void setup(sw_sock_fn *cb)
{
    sw_test_env_init(&world, 1);
    host = sw_test_host(&world, NULL);
    told[0] = '\0';
    a = udp(1, cb);
    b = udp(2, cb);
}

static void teardown(void)
{
    sw_test_host_end(host);
    sw_test_env_fini(&world);
}

static void send(struct sw_sock *from, uint16_t port)
{
    ck_assert_int_eq(sw_sock_send_to(from, "x", 1, sw_test_at("127.0.0.1", port)), 1);
}

START_TEST(a_batch_tells_once_at_its_end)
{
    setup(note);
    send(a, 2);
    send(a, 1);
    send(a, 2);
    sw_test_run(&world, SW_US);
    ck_assert_str_eq(told, "b8 a8 ");
    teardown();
}
END_TEST

START_TEST(events_of_one_socket_come_in_the_order_of_their_kinds)
{
    setup(note);
    sw_host_enter(host);
    sw_sock_notify(a, SW_SOCK_CLOSED);
    sw_sock_notify(a, SW_SOCK_ERROR);
    sw_sock_notify(a, SW_SOCK_READABLE);
    sw_sock_notify(b, SW_SOCK_WRITABLE);
    sw_sock_notify(a, SW_SOCK_CONNECTED);
    sw_sock_notify(a, SW_SOCK_READABLE);
    ck_assert_str_eq(told, "");
    sw_host_leave(host);
    ck_assert_str_eq(told, "a1 a8 a64 a128 b32 ");
    teardown();
}
END_TEST

START_TEST(outside_a_batch_the_clock_tells)
{
    setup(note);
    sw_sock_notify(a, SW_SOCK_READABLE);
    ck_assert_str_eq(told, "");
    sw_test_run(&world, 0);
    ck_assert_str_eq(told, "a8 ");
    teardown();
}
END_TEST

static void again(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    note(sock, event, user);
    if (strlen(told) < 10) {
        sw_sock_notify(sock, SW_SOCK_WRITABLE); /* what a callback causes comes in a later round */
    }
}

START_TEST(a_round_ends)
{
    setup(again);
    sw_host_enter(host);
    sw_sock_notify(a, SW_SOCK_READABLE);
    sw_host_leave(host);
    ck_assert_str_eq(told, "a8 ");
    sw_test_run(&world, 0);
    ck_assert_str_eq(told, "a8 a32 a32 ");
    teardown();
}
END_TEST

static void close_self(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    note(sock, event, user);
    sw_sock_close(sock);
}

START_TEST(a_socket_may_be_closed_in_its_own_callback)
{
    setup(close_self);
    sw_host_enter(host);
    sw_sock_notify(a, SW_SOCK_READABLE);
    sw_sock_notify(a, SW_SOCK_WRITABLE); /* will not be told */
    sw_sock_notify(b, SW_SOCK_READABLE);
    sw_host_leave(host);
    ck_assert_str_eq(told, "a8 b8 ");
    sw_test_run(&world, SW_S);
    a = udp(1, note); /* the port is free again */
    teardown();
}
END_TEST

static void close_other(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    note(sock, event, user);
    if (sock == a && b != NULL) {
        sw_sock_abort(b);
        b = NULL;
    }
}

START_TEST(a_socket_may_be_closed_in_anothers_callback)
{
    setup(close_other);
    sw_host_enter(host);
    if (_i == 0) {
        sw_sock_notify(b, SW_SOCK_READABLE);
    }
    sw_sock_notify(a, SW_SOCK_READABLE);
    if (_i == 1) {
        sw_sock_notify(b, SW_SOCK_READABLE); /* stands behind, and is not told */
    }
    sw_host_leave(host);
    ck_assert_str_eq(told, _i == 0 ? "b8 a8 " : "a8 ");
    teardown();
}
END_TEST

START_TEST(a_closed_socket_hears_nothing)
{
    setup(note);
    sw_sock_notify(a, SW_SOCK_READABLE);
    sw_sock_close(a);
    if (_i == 0) {
        sw_test_run(&world, SW_S);
    } /* else it is still in the list when the host ends */
    ck_assert_str_eq(told, "");
    teardown();
}
END_TEST

static void swap(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    strcat(told, user == NULL ? "swapped " : user);
    sw_sock_set_callback(sock, note, NULL);
    (void)event;
}

START_TEST(the_callback_may_be_replaced)
{
    setup(NULL);
    ck_assert_ptr_null(sw_sock_user(a));
    sw_sock_set_callback(a, swap, "user ");
    ck_assert_str_eq(sw_sock_user(a), "user ");
    ck_assert_ptr_eq(sw_sock_host(a), host);
    sw_host_enter(host);
    sw_sock_notify(a, SW_SOCK_READABLE);
    sw_sock_notify(a, SW_SOCK_ERROR);
    sw_sock_notify(b, SW_SOCK_ERROR); /* has none: nothing happens */
    sw_host_leave(host);
    ck_assert_str_eq(told, "user a64 ");
    teardown();
}
END_TEST

START_TEST(what_is_no_protocol_is_refused)
{
    setup(NULL);
    struct sw_sock *none = NULL;
    ck_assert_int_eq(sw_sock_open(&none, host, (enum sw_protocol)9, NULL, NULL), -EINVAL);
    ck_assert_ptr_null(none);
    teardown();
}
END_TEST

START_TEST(enter_is_not_nested)
{
    setup(NULL);
    sw_host_enter(host);
    sw_host_enter(host);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sock");
    TCase *events = tcase_create("events");
    tcase_add_test(events, a_batch_tells_once_at_its_end);
    tcase_add_test(events, events_of_one_socket_come_in_the_order_of_their_kinds);
    tcase_add_test(events, outside_a_batch_the_clock_tells);
    tcase_add_test(events, a_round_ends);
    tcase_add_test(events, a_socket_may_be_closed_in_its_own_callback);
    tcase_add_loop_test(events, a_socket_may_be_closed_in_anothers_callback, 0, 2);
    tcase_add_loop_test(events, a_closed_socket_hears_nothing, 0, 2);
    tcase_add_test(events, the_callback_may_be_replaced);
    tcase_add_test(events, what_is_no_protocol_is_refused);
    tcase_add_test_raise_signal(events, enter_is_not_nested, SIGABRT);
    suite_add_tcase(suite, events);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
