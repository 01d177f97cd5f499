/* One segment from host a over a switch to host b, with every function's entry recorded: what
 * docs/one-segment.md tells. Prints the addresses of the functions entered between sw_sock_send()
 * on a and the end of sw_sock_recv() on b, in order. The library is to be compiled with
 * -finstrument-functions, this file without. */
#include <stdio.h>

#include "lan/lab.h"

#define ENTRIES_MAX 4096

static void *entry[ENTRIES_MAX];
static unsigned entries;
static bool recording, received;

void __cyg_profile_func_enter(void *function, void *call_site);
void __cyg_profile_func_exit(void *function, void *call_site);

void __cyg_profile_func_enter(void *function, void *call_site)
{
    (void)call_site;
    if (recording && entries < ENTRIES_MAX) {
        entry[entries++] = function;
    }
}

void __cyg_profile_func_exit(void *function, void *call_site)
{
    (void)function;
    (void)call_site;
}

static void on_served(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    char text[1000];
    (void)user;
    if (event == SW_SOCK_READABLE && recording) {
        received = sw_sock_recv(sock, text, sizeof text) == (int64_t)sizeof text;
        recording = false;
    }
}

static void on_listening(struct sw_sock *listener, enum sw_sock_event event, void *user)
{
    struct sw_sock *sock;
    (void)event;
    (void)user;
    sw_sock_accept(&sock, listener, on_served, NULL);
}

int main(void)
{
    static const char text[1000];
    struct sw_sock *listener, *client;
    struct sw_lab *lab = sw_lab_new(1);
    sw_lab_switch(lab, "core");
    struct sw_host *a = sw_lab_host(lab, "a", "10.0.0.1/24");
    struct sw_host *b = sw_lab_host(lab, "b", "10.0.0.2/24");
    sw_lab_link(lab, "a", "core", NULL);
    sw_lab_link(lab, "b", "core", NULL);
    struct sw_endpoint port_7 = {sw_host_address(b), 7};
    if (sw_sock_open(&listener, b, SW_TCP, on_listening, NULL) || sw_sock_bind(listener, port_7) ||
        sw_sock_listen(listener, 1) || sw_sock_open(&client, a, SW_TCP, NULL, NULL) ||
        sw_sock_connect(client, port_7)) {
        return 1;
    }
    sw_lab_run(lab, SW_S);
    recording = true;
    sw_sock_send(client, text, sizeof text);
    sw_lab_run(lab, SW_S);
    for (unsigned i = 0; i < entries; i++) {
        printf("%p\n", entry[i]);
    }
    sw_lab_free(lab);
    return received && entries < ENTRIES_MAX ? 0 : 1;
}
