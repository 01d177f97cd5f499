/* Two hosts, each with a whole TCP/IP stack, talk over a cable of 10 ms in virtual time.
 *
 *     cc two_hosts.c $(pkg-config --cflags --libs switchd) -o two_hosts && ./two_hosts
 *
 * Prints: client: "HELLO, SERVER" after 50.0 ms
 */
#include <ctype.h>
#include <stdio.h>

#include "lan/lab.h"

static struct sw_lab *lab;
static bool over;

/* The server's side of a connection: text goes back in capitals. */
static void on_served(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    char text[100];
    (void)user;
    if (event == SW_SOCK_READABLE) {
        int64_t n = sw_sock_recv(sock, text, sizeof text);
        for (int64_t i = 0; i < n; i++) {
            text[i] = (char)toupper((unsigned char)text[i]);
        }
        sw_sock_send(sock, text, (size_t)n);
    } else if (event == SW_SOCK_PEER_CLOSED || event == SW_SOCK_ERROR) {
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

static void on_client(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    char text[100];
    (void)user;
    if (event == SW_SOCK_CONNECTED) {
        sw_sock_send(sock, "hello, server", 13);
    } else if (event == SW_SOCK_READABLE) {
        int64_t n = sw_sock_recv(sock, text, sizeof text);
        printf("client: \"%.*s\" after %.1f ms\n", (int)n, text, (double)sw_lab_now(lab) / 1e6);
        sw_sock_close(sock);
        over = true;
    }
}

int main(void)
{
    const struct sw_lane_config cable = {.delay = 10 * SW_MS, .queue_frames = 100};
    struct sw_sock *listener, *client;
    lab = sw_lab_new(7);
    struct sw_host *b = sw_lab_host(lab, "b", "10.0.0.2/24");
    struct sw_host *a = sw_lab_host(lab, "a", "10.0.0.1/24");
    sw_lab_link(lab, "a", "b", &cable);

    struct sw_endpoint port_7 = {sw_host_address(b), 7};
    if (sw_sock_open(&listener, b, SW_TCP, on_listening, NULL) || sw_sock_bind(listener, port_7) ||
        sw_sock_listen(listener, 10) || sw_sock_open(&client, a, SW_TCP, on_client, NULL) ||
        sw_sock_connect(client, port_7)) {
        return 1;
    }

    sw_lab_run(lab, 10 * SW_S); /* takes no time at all */
    sw_sock_close(listener);
    bool held = sw_lab_holds(lab);
    sw_lab_free(lab);
    return over && held ? 0 : 1;
}
