/* One end of a TCP connection for tests. */
#include "tests/support/lan_talk.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void pour(struct sw_test_talk *talk)
{
    while (talk->out_len) {
        int64_t n = sw_sock_send(talk->sock, talk->out, talk->out_len);
        if (n < 0) {
            if (n != -EAGAIN) {
                talk->out_len = 0;
            }
            return;
        }
        talk->out += n;
        talk->out_len -= (size_t)n;
    }
}

static void drink(struct sw_test_talk *talk)
{
    while (!talk->paused && !talk->peer_closed) {
        const void *at;
        size_t n;
        if (sw_sock_peek(talk->sock, &at, &n)) {
            return;
        }
        if (n == 0) {
            talk->peer_closed = true;
            talk->closed_at = sw_lab_now(talk->lab);
            return;
        }
        if (talk->in_len + n + 1 > talk->in_cap) {
            talk->in_cap = 2 * (talk->in_len + n + 1);
            talk->in = realloc(talk->in, talk->in_cap);
            ck_assert_ptr_nonnull(talk->in);
        }
        memcpy(talk->in + talk->in_len, at, n);
        talk->in_len += n;
        talk->in[talk->in_len] = 0;
        sw_sock_consume(talk->sock, n);
    }
}

static void on_event(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct sw_test_talk *talk = user;
    if (event == SW_SOCK_ERROR) {
        talk->error = sw_sock_error(sock);
        return;
    }
    talk->connected |= event == SW_SOCK_CONNECTED;
    if (talk->connected) {
        pour(talk);
        drink(talk);
    }
}

static void begin(struct sw_test_talk *talk, const struct sw_lab *lab)
{
    *talk = (struct sw_test_talk){.lab = lab, .in = calloc(1, 1), .in_cap = 1};
    ck_assert_ptr_nonnull(talk->in);
}

void sw_test_talk_connect(struct sw_test_talk *talk, const struct sw_lab *lab, struct sw_host *from,
                          const char *to, uint16_t port)
{
    struct sw_endpoint remote = {.port = port};
    begin(talk, lab);
    ck_assert(sw_ip_parse(&remote.ip, to));
    ck_assert_int_eq(sw_sock_open(&talk->sock, from, SW_TCP, on_event, talk), 0);
    ck_assert_int_eq(sw_sock_connect(talk->sock, remote), 0);
}

void sw_test_talk_accept(struct sw_test_talk *talk, const struct sw_lab *lab,
                         struct sw_sock *listener)
{
    begin(talk, lab);
    ck_assert_int_eq(sw_sock_accept(&talk->sock, listener, on_event, talk), 0);
    talk->connected = true;
    drink(talk);
}

void sw_test_talk_send(struct sw_test_talk *talk, const void *bytes, size_t n)
{
    ck_assert_uint_eq(talk->out_len, 0);
    talk->out = bytes;
    talk->out_len = n;
    if (talk->connected) {
        pour(talk);
    }
}

void sw_test_talk_say(struct sw_test_talk *talk, const char *text)
{
    sw_test_talk_send(talk, text, strlen(text));
}

void sw_test_talk_resume(struct sw_test_talk *talk)
{
    talk->paused = false;
    drink(talk);
}

void sw_test_talk_clear(struct sw_test_talk *talk)
{
    talk->in_len = 0;
    talk->in[0] = 0;
}

void sw_test_talk_fini(struct sw_test_talk *talk)
{
    if (talk->sock) {
        sw_sock_close(talk->sock);
        talk->sock = NULL;
    }
    free(talk->in);
    talk->in = NULL;
}
