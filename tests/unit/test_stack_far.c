/* Sockets whose bytes another moves (stack/far.h): what sock.h promises of every socket holds of
 * them too, whatever the other says and when. The other is a script here. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "stack/far.h"
#include "stack/host.h"
#include "tests/support/core_fixture.h"

#define ANSWERS 8

/* One socket, and what its next calls come to. */
struct fixture {
    struct sw_test_env world;
    struct sw_host *host;
    struct sw_sock *sock;
    struct sw_far *far, *accepted;
    const char *came[ANSWERS]; /* of recv, one after the other; "": the end; NULL: -EAGAIN */
    int failed;                /* what recv says in place of -EAGAIN */
    unsigned next;
    int64_t takes; /* of send */
    size_t asked;  /* it was given so much */
    bool connected;
    bool endless; /* there is always a byte to receive, and a connection to accept */
    unsigned closed, aborted;
    char events[64];
};

static struct fixture f;

static int script_open(void *ctx, void **s, enum sw_protocol protocol, struct sw_far *far)
{
    ck_assert_ptr_eq(ctx, &f);
    (void)protocol;
    f.far = far;
    *s = &f;
    return 0;
}

static int script_bind(void *s, struct sw_endpoint local)
{
    (void)s;
    return local.port == 1 ? -EADDRINUSE : 0;
}

static int script_listen(void *s, unsigned backlog)
{
    (void)s;
    return backlog > 8 ? -EINVAL : 0;
}

static int script_accept(void *listener, void **s, struct sw_far *far, struct sw_endpoint *remote)
{
    if (f.accepted && !f.endless) {
        return -EAGAIN;
    }
    *s = listener;
    f.accepted = far;
    *remote = (struct sw_endpoint){sw_ip_v4(0x0a000009), 9};
    return 0;
}

static int script_connect(void *s, struct sw_endpoint remote)
{
    (void)s;
    return remote.port == 1 ? -ENETUNREACH : 0;
}

static struct sw_endpoint script_local(const void *s)
{
    (void)s;
    return (struct sw_endpoint){sw_ip_v4(0x0a000001), 4321};
}

static int64_t script_send(void *s, const void *bytes, size_t n)
{
    (void)s;
    (void)bytes;
    f.asked = n;
    return f.takes;
}

static int64_t script_recv(void *s, void *bytes, size_t n, struct sw_endpoint *from)
{
    (void)s;
    const char *text = f.next < ANSWERS ? f.came[f.next] : NULL;
    if (f.endless) {
        *(char *)bytes = 'x';
        return 1;
    }
    if (!text) {
        return f.failed ? f.failed : -EAGAIN;
    }
    f.next++;
    ck_assert_uint_le(strlen(text), n);
    memcpy(bytes, text, strlen(text));
    *from = (struct sw_endpoint){sw_ip_v4(0x0a000002), 53};
    return (int64_t)strlen(text);
}

static int script_shutdown(void *s)
{
    (void)s;
    return f.connected ? 0 : -ENOTCONN;
}

static void script_close(void *s, bool abort)
{
    (void)s;
    f.closed++;
    f.aborted += abort;
}

static int script_set(void *s, enum sw_sock_option option, int64_t value)
{
    (void)s;
    return option == SW_OPT_CONGESTION && value == SW_TCP_RENO ? 0 : -EINVAL;
}

static void script_info(const void *s, struct sw_sock_info *out)
{
    (void)s;
    out->soft_error = -EHOSTUNREACH;
}

static const struct sw_far_ops script = {.open = script_open,
                                         .bind = script_bind,
                                         .listen = script_listen,
                                         .accept = script_accept,
                                         .connect = script_connect,
                                         .local = script_local,
                                         .send = script_send,
                                         .recv = script_recv,
                                         .shutdown = script_shutdown,
                                         .close = script_close,
                                         .set = script_set,
                                         .info = script_info};

static void on_event(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    size_t n = strlen(f.events);
    (void)sock;
    ck_assert_ptr_eq(user, &f);
    f.events[n] = event == SW_SOCK_CONNECTED  ? 'c'
                  : event == SW_SOCK_ACCEPTED ? 'a'
                  : event == SW_SOCK_READABLE ? 'r'
                  : event == SW_SOCK_WRITABLE ? 'w'
                  : event == SW_SOCK_ERROR    ? 'e'
                                              : '?';
    f.events[n + 1] = 0;
}

static void begin(enum sw_protocol protocol)
{
    const struct sw_host_config config = {.name = "api"};
    f = (struct fixture){.takes = 0};
    sw_test_env_init(&f.world, 1);
    ck_assert_int_eq(sw_host_new(&f.host, &f.world.env, &config), 0);
    sw_host_set_far(f.host, &script, &f);
    ck_assert_int_eq(sw_sock_open(&f.sock, f.host, protocol, on_event, &f), 0);
}

static void end(void)
{
    sw_host_free(f.host);
    sw_test_env_fini(&f.world);
}

static void told(const char *events)
{
    sw_test_run(&f.world, sw_clock_now(f.world.env.clock) + 1);
    ck_assert_str_eq(f.events, events);
    f.events[0] = 0;
}

/* What peek lends next, all of which is consumed; "" is the end. */
static void lends(const char *text)
{
    const void *at;
    size_t n;
    ck_assert_int_eq(sw_sock_peek(f.sock, &at, &n), 0);
    ck_assert_uint_eq(n, strlen(text));
    ck_assert_mem_eq(at, text, n);
    ck_assert_int_eq(sw_sock_consume(f.sock, n), (int64_t)n);
}

static int peeks(void)
{
    const void *at;
    size_t n = 1;
    int got = sw_sock_peek(f.sock, &at, &n);
    ck_assert_uint_eq(n, 0);
    return got;
}

START_TEST(it_knows_its_ends)
{
    begin(SW_TCP);
    ck_assert_int_eq(sw_sock_bind(f.sock, (struct sw_endpoint){.port = 1}), -EADDRINUSE);
    ck_assert_uint_eq(sw_sock_local(f.sock).port, 0);
    ck_assert_int_eq(sw_sock_bind(f.sock, (struct sw_endpoint){.port = 0}), 0);
    ck_assert_uint_eq(sw_sock_local(f.sock).port, 4321);
    const struct sw_endpoint no_way = {sw_ip_v4(0x0a000002), 1}, way = {sw_ip_v4(0x0a000002), 2};
    ck_assert_int_eq(sw_sock_connect(f.sock, no_way), -ENETUNREACH);
    ck_assert_int_eq(sw_sock_remote(f.sock).ip.family, SW_IP_NONE);
    ck_assert_int_eq(sw_sock_connect(f.sock, way), 0);
    ck_assert_uint_eq(sw_sock_remote(f.sock).port, 2);
    struct sw_sock_info info;
    sw_sock_info(f.sock, &info);
    ck_assert_str_eq(info.state, "OPEN");
    ck_assert_int_eq(info.soft_error, -EHOSTUNREACH);
    ck_assert_int_eq(sw_sock_shutdown(f.sock), -ENOTCONN);
    ck_assert_int_eq(sw_sock_set(f.sock, SW_OPT_CONGESTION, SW_TCP_RENO), 0);
    ck_assert_int_eq(sw_sock_set(f.sock, SW_OPT_TTL, 3), -EINVAL);
    end();
}
END_TEST

START_TEST(events_are_told_from_the_clock_each_once)
{
    begin(SW_TCP);
    sw_far_tell(f.far, SW_SOCK_WRITABLE, 0);
    sw_far_tell(f.far, SW_SOCK_CONNECTED, 0);
    sw_far_tell(f.far, SW_SOCK_WRITABLE, 0);
    ck_assert_str_eq(f.events, "");
    told("cw");
    sw_far_tell(f.far, SW_SOCK_ERROR, -ECONNRESET);
    sw_far_tell(f.far, SW_SOCK_READABLE, 0);
    told("re");
    end();
}
END_TEST

START_TEST(what_came_is_lent_and_read_in_its_order)
{
    char text[8];
    begin(SW_TCP);
    f.came[0] = "abcdef";
    f.came[1] = "ghi";
    f.came[2] = "jkl";
    f.came[3] = "mn";
    f.came[4] = "";
    const void *at;
    size_t n;
    ck_assert_int_eq(sw_sock_peek(f.sock, &at, &n), 0);
    ck_assert_uint_eq(n, 6);
    ck_assert_int_eq(sw_sock_consume(f.sock, 2), 2);
    ck_assert_int_eq(sw_sock_recv(f.sock, text, 3), 3);
    ck_assert_mem_eq(text, "cde", 3);
    lends("f");
    ck_assert_int_eq(sw_sock_recv(f.sock, text, sizeof text), 3);
    ck_assert_mem_eq(text, "ghi", 3);
    lends("jkl");
    lends("mn");
    lends("");
    ck_assert_int_eq(peeks(), -EAGAIN); /* the script has ended */
    end();
}
END_TEST

START_TEST(an_error_of_tcp_is_told_behind_what_came_and_stays)
{
    begin(SW_TCP);
    f.came[0] = "abc";
    f.came[1] = ""; /* after a reset the kernel says that once, and then its end */
    sw_far_tell(f.far, SW_SOCK_ERROR, -ECONNRESET);
    lends("abc");
    ck_assert_int_eq(peeks(), -ECONNRESET);
    ck_assert_int_eq(peeks(), -ECONNRESET);
    ck_assert_int_eq(sw_sock_send(f.sock, "x", 1), -ECONNRESET);
    sw_far_tell(f.far, SW_SOCK_ERROR, -ETIMEDOUT); /* the first one counts */
    ck_assert_int_eq(sw_sock_error(f.sock), -ECONNRESET);
    ck_assert_int_eq(sw_sock_error(f.sock), -ECONNRESET);
    end();
}
END_TEST

START_TEST(an_error_that_a_call_finds_stays_too)
{
    begin(SW_TCP);
    f.failed = -ECONNRESET;
    ck_assert_int_eq(peeks(), -ECONNRESET);
    f.failed = 0;
    ck_assert_int_eq(peeks(), -ECONNRESET);
    void *at;
    size_t n = 1;
    ck_assert_int_eq(sw_sock_reserve(f.sock, &at, &n), -ECONNRESET);
    end();
}
END_TEST

/* As with a socket of the stack's own: it was not connected yet, had ended its side, or memory was
 * short. */
START_TEST(a_call_that_is_refused_breaks_no_connection)
{
    static const int refusals[] = {-ENOTCONN, -EPIPE, -ENOMEM, -ENOBUFS, -EINVAL};
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        begin(SW_TCP);
        f.connected = true;
        ck_assert_int_eq(sw_sock_shutdown(f.sock), 0);
        f.takes = refusals[i];
        ck_assert_int_eq(sw_sock_send(f.sock, "x", 1), refusals[i]);
        ck_assert_int_eq(sw_sock_error(f.sock), 0);
        f.failed = refusals[i];
        ck_assert_int_eq(peeks(), refusals[i]);
        f.failed = 0;
        f.came[0] = "abc";
        lends("abc");
        ck_assert_int_eq(peeks(), -EAGAIN);
        end();
    }
}
END_TEST

/* The kernel's word for a reset behind the peer's end; and ours for a side that we have ended. */
START_TEST(a_broken_pipe_is_an_error_unless_we_have_ended)
{
    begin(SW_TCP);
    f.takes = -EPIPE;
    ck_assert_int_eq(sw_sock_shutdown(f.sock), -ENOTCONN);
    ck_assert_int_eq(sw_sock_send(f.sock, "x", 1), -EPIPE);
    ck_assert_int_eq(sw_sock_error(f.sock), -EPIPE);
    end();
}
END_TEST

START_TEST(an_error_of_a_datagram_socket_is_handed_out_once)
{
    char text[8];
    struct sw_endpoint from;
    begin(SW_UDP);
    f.came[0] = "abc";
    f.takes = 3;
    sw_far_tell(f.far, SW_SOCK_ERROR, -ECONNREFUSED);
    ck_assert_int_eq(sw_sock_recv_from(f.sock, text, sizeof text, &from), 3);
    ck_assert_uint_eq(from.port, 53);
    ck_assert_int_eq(sw_sock_send(f.sock, "abc", 3), -ECONNREFUSED);
    ck_assert_int_eq(sw_sock_send(f.sock, "abc", 3), 3);
    sw_far_tell(f.far, SW_SOCK_ERROR, -ECONNREFUSED);
    ck_assert_int_eq(sw_sock_recv(f.sock, text, sizeof text), -ECONNREFUSED);
    ck_assert_int_eq(sw_sock_recv(f.sock, text, sizeof text), -EAGAIN);
    sw_far_tell(f.far, SW_SOCK_ERROR, -ECONNREFUSED);
    ck_assert_int_eq(sw_sock_error(f.sock), -ECONNREFUSED);
    ck_assert_int_eq(sw_sock_error(f.sock), 0);
    end();
}
END_TEST

START_TEST(an_empty_text_is_nothing_and_an_empty_datagram_is_one)
{
    begin(SW_TCP);
    f.asked = 1;
    ck_assert_int_eq(sw_sock_send(f.sock, "", 0), 0);
    ck_assert_uint_eq(f.asked, 1);
    end();
    begin(SW_UDP);
    f.asked = 1;
    ck_assert_int_eq(sw_sock_send(f.sock, "", 0), 0);
    ck_assert_uint_eq(f.asked, 0);
    end();
}
END_TEST

START_TEST(room_is_lent_and_a_part_of_it_taken)
{
    void *at;
    size_t n = 1 << 20;
    begin(SW_TCP);
    ck_assert_int_eq(sw_sock_reserve(f.sock, &at, &n), 0);
    ck_assert_uint_eq(n, 128 << 10);
    memset(at, 7, n);
    f.takes = 1000;
    ck_assert_int_eq(sw_sock_commit(f.sock, n), 1000);
    ck_assert_uint_eq(f.asked, 128 << 10);
    f.takes = -EAGAIN;
    ck_assert_int_eq(sw_sock_commit(f.sock, n), -EAGAIN);
    ck_assert_int_eq(sw_sock_error(f.sock), 0);
    end();
}
END_TEST

START_TEST(a_listener_gives_connections)
{
    struct sw_sock *one;
    begin(SW_TCP);
    ck_assert_int_eq(sw_sock_listen(f.sock, 9), -EINVAL);
    ck_assert_int_eq(sw_sock_listen(f.sock, 8), 0);
    sw_far_tell(f.far, SW_SOCK_ACCEPTED, 0);
    told("a");
    ck_assert_int_eq(sw_sock_accept(&one, f.sock, on_event, &f), 0);
    ck_assert_uint_eq(sw_sock_remote(one).port, 9);
    ck_assert_uint_eq(sw_sock_local(one).port, 4321);
    ck_assert_ptr_eq(sw_sock_host(one), f.host);
    sw_far_tell(f.accepted, SW_SOCK_READABLE, 0);
    told("r");
    struct sw_sock *none = NULL;
    ck_assert_int_eq(sw_sock_accept(&none, f.sock, on_event, &f), -EAGAIN);
    sw_sock_abort(one);
    ck_assert_uint_eq(f.aborted, 1);
    end();
    ck_assert_uint_eq(f.closed, 2); /* the listener with its host */
}
END_TEST

/* 128 a turn: whoever fills a socket faster than it is read must not stop the clock. */
START_TEST(what_comes_without_an_end_waits_for_the_next_event)
{
    for (unsigned i = 0; i < 2; i++) {
        char text[8];
        const void *at;
        size_t n;
        begin(i == 0 ? SW_UDP : SW_TCP);
        f.endless = true;
        for (unsigned turn = 0; turn < 3; turn++) {
            unsigned got = 0;
            while (got < 1000 && (i == 0 ? sw_sock_recv(f.sock, text, sizeof text) == 1
                                         : sw_sock_peek(f.sock, &at, &n) == 0)) {
                got++;
                ck_assert(i == 0 || sw_sock_consume(f.sock, 1) == 1);
            }
            ck_assert_uint_eq(got, 128);
            ck_assert_int_eq(sw_sock_recv(f.sock, text, sizeof text), -EAGAIN);
            ck_assert_int_eq(sw_sock_error(f.sock), 0);
            sw_far_tell(f.far, SW_SOCK_READABLE, 0);
            told("r");
        }
        end();
    }
}
END_TEST

START_TEST(connections_without_an_end_wait_for_the_next_event)
{
    struct sw_sock *one;
    begin(SW_TCP);
    f.endless = true;
    for (unsigned turn = 0; turn < 2; turn++) {
        unsigned got = 0;
        while (got < 1000 && sw_sock_accept(&one, f.sock, on_event, &f) == 0) {
            got++;
            sw_sock_abort(one);
        }
        ck_assert_uint_eq(got, 128);
        sw_far_tell(f.far, SW_SOCK_ACCEPTED, 0);
        told("a");
    }
    end();
}
END_TEST

START_TEST(what_is_not_there_is_refused)
{
    const struct sw_endpoint to = {sw_ip_v4(0x0a000002), 7};
    struct sw_endpoint at;
    char byte;
    int64_t value;
    begin(SW_UDP);
    ck_assert_int_eq(sw_sock_send_to(f.sock, "x", 1, to), -EINVAL);
    ck_assert_int_eq(sw_sock_recv_between(f.sock, &byte, 1, NULL, &at), -EINVAL);
    ck_assert_int_eq(sw_sock_get(f.sock, SW_OPT_TTL, &value), -EINVAL);
    ck_assert_int_eq(sw_sock_listen(f.sock, 1), -EINVAL);
    ck_assert_int_eq(sw_sock_shutdown(f.sock), -EINVAL);
    end();
    begin(SW_TCP);
    ck_assert_int_eq(sw_sock_send_urgent(f.sock, "x", 1), -EINVAL);
    end();
}
END_TEST

START_TEST(text_that_nobody_read_resets_the_connection)
{
    for (unsigned i = 0; i < 2; i++) {
        const void *at;
        size_t n;
        begin(SW_TCP);
        f.came[0] = "abc";
        ck_assert_int_eq(sw_sock_peek(f.sock, &at, &n), 0);
        sw_sock_consume(f.sock, i == 0 ? 3 : 2);
        sw_sock_close(f.sock);
        ck_assert_uint_eq(f.closed, 1);
        ck_assert_uint_eq(f.aborted, i);
        end();
        ck_assert_uint_eq(f.closed, 1);
    }
}
END_TEST

START_TEST(their_end_leaves_dead_handles_and_the_host)
{
    struct sw_sock *dead;
    begin(SW_TCP);
    sw_far_tell(f.far, SW_SOCK_READABLE, 0);
    sw_host_end_far(f.host);
    ck_assert_uint_eq(f.aborted, 1);
    told("e");
    dead = f.sock;
    ck_assert_int_eq(sw_sock_error(dead), -ENETDOWN);
    ck_assert_int_eq(peeks(), -ENETDOWN);
    ck_assert_int_eq(sw_host_state(f.host), SW_HOST_RUNNING);
    ck_assert_int_eq(sw_sock_open(&f.sock, f.host, SW_UDP, on_event, &f), 0);
    sw_host_end_far(f.host);
    ck_assert_uint_eq(f.closed, 2);
    sw_sock_close(dead);
    end();
    ck_assert_uint_eq(f.closed, 2);
}
END_TEST

START_TEST(the_hosts_end_ends_them)
{
    begin(SW_PING);
    end();
    ck_assert_uint_eq(f.closed, 1);
    begin(SW_UDP);
    sw_host_crash(f.host);
    ck_assert_uint_eq(f.closed, 1);
    ck_assert_int_eq(sw_sock_error(f.sock), -ENETDOWN);
    end();
    ck_assert_uint_eq(f.closed, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stack far");
    TCase *tc = tcase_create("stack far");
    tcase_add_test(tc, it_knows_its_ends);
    tcase_add_test(tc, events_are_told_from_the_clock_each_once);
    tcase_add_test(tc, what_came_is_lent_and_read_in_its_order);
    tcase_add_test(tc, an_error_of_tcp_is_told_behind_what_came_and_stays);
    tcase_add_test(tc, an_error_that_a_call_finds_stays_too);
    tcase_add_test(tc, a_call_that_is_refused_breaks_no_connection);
    tcase_add_test(tc, a_broken_pipe_is_an_error_unless_we_have_ended);
    tcase_add_test(tc, an_error_of_a_datagram_socket_is_handed_out_once);
    tcase_add_test(tc, an_empty_text_is_nothing_and_an_empty_datagram_is_one);
    tcase_add_test(tc, room_is_lent_and_a_part_of_it_taken);
    tcase_add_test(tc, a_listener_gives_connections);
    tcase_add_test(tc, what_comes_without_an_end_waits_for_the_next_event);
    tcase_add_test(tc, connections_without_an_end_wait_for_the_next_event);
    tcase_add_test(tc, what_is_not_there_is_refused);
    tcase_add_test(tc, text_that_nobody_read_resets_the_connection);
    tcase_add_test(tc, their_end_leaves_dead_handles_and_the_host);
    tcase_add_test(tc, the_hosts_end_ends_them);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
