/* The network of two_hosts.c in real time, inside a program that has its own loop: poll(2) waits
 * for what the program waits for (here: lines on standard input, which the client sends) and for
 * what the LAN has next. No thread, no other library.
 *
 *     cc poll_loop.c $(pkg-config --cflags --libs switchd) -o poll_loop && echo "good day" |
 * ./poll_loop
 *
 * Prints: client: "HELLO, SERVER"
 */
#define _POSIX_C_SOURCE 200809L
#include <ctype.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "lan/lab.h"

static size_t sent, heard;
static bool failed;

/* The server's side of a connection: text goes back in capitals. */
static void on_served(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    char text[100];
    int64_t n;
    (void)user;
    while (event == SW_SOCK_READABLE && (n = sw_sock_recv(sock, text, sizeof text)) > 0) {
        for (int64_t i = 0; i < n; i++) {
            text[i] = (char)toupper((unsigned char)text[i]);
        }
        failed |= sw_sock_send(sock, text, (size_t)n) != n;
    }
    if (event == SW_SOCK_PEER_CLOSED || event == SW_SOCK_ERROR) {
        sw_sock_close(sock);
    }
}

static void on_listening(struct sw_sock *listener, enum sw_sock_event event, void *user)
{
    struct sw_sock *sock;
    (void)user;
    while (event == SW_SOCK_ACCEPTED && sw_sock_accept(&sock, listener, on_served, NULL) == 0) {
    }
}

static void say(struct sw_sock *client, const char *text, size_t n)
{
    failed |= sw_sock_send(client, text, n) != (int64_t)n;
    sent += n;
}

static void on_client(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    bool *connected = user;
    char text[100];
    int64_t n;
    if (event == SW_SOCK_CONNECTED) {
        *connected = true;
        say(sock, "hello, server", 13);
    }
    while (event == SW_SOCK_READABLE && (n = sw_sock_recv(sock, text, sizeof text)) > 0) {
        printf("client: \"%.*s\"\n", (int)n, text);
        heard += (size_t)n;
    }
    failed |= event == SW_SOCK_ERROR;
}

static int64_t monotonic(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * SW_S + ts.tv_nsec;
}

/* What poll() may wait: until the LAN's next moment, rounded up. */
static int milliseconds_until(const struct sw_clock *clk, sw_time next)
{
    if (next == SW_TIME_NEVER || next - sw_clock_now(clk) > 1000 * SW_MS) {
        return 1000;
    }
    return (int)((next - sw_clock_now(clk) + SW_MS - 1) / SW_MS);
}

/* Until standard input has ended and every byte came back. */
static void loop(struct sw_clock *clk, struct sw_sock *client, const bool *connected)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    int64_t began = monotonic();
    char line[100];
    while (!failed && (input.fd >= 0 || !*connected || heard < sent)) {
        while (sw_clock_run(clk, monotonic() - began, 1000) == SW_RUN_LIMIT) {
        }
        /* Lines wait until there is somebody to hear them. */
        if (poll(&input, *connected && input.fd >= 0, milliseconds_until(clk, sw_clock_next(clk))) >
            0) {
            ssize_t n = read(STDIN_FILENO, line, sizeof line);
            if (n > 0) {
                say(client, line, (size_t)n);
            } else {
                input.fd = -1;
            }
        }
    }
}

int main(void)
{
    const struct sw_lane_config cable = {.delay = 10 * SW_MS, .queue_frames = 100};
    struct sw_sock *listener, *client;
    bool connected = false;
    struct sw_lab *lab = sw_lab_new(7);
    struct sw_host *b = sw_lab_host(lab, "b", "10.0.0.2/24");
    struct sw_host *a = sw_lab_host(lab, "a", "10.0.0.1/24");
    sw_lab_link(lab, "a", "b", &cable);

    struct sw_endpoint port_7 = {sw_host_address(b), 7};
    if (sw_sock_open(&listener, b, SW_TCP, on_listening, NULL) || sw_sock_bind(listener, port_7) ||
        sw_sock_listen(listener, 10) || sw_sock_open(&client, a, SW_TCP, on_client, &connected) ||
        sw_sock_connect(client, port_7)) {
        return 1;
    }
    loop(sw_lab_env(lab)->clock, client, &connected);
    failed |= !sw_lab_holds(lab);
    sw_sock_close(client);
    sw_sock_close(listener);
    sw_lab_free(lab);
    return failed ? 1 : 0;
}
