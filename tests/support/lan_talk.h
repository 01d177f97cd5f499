/* One end of a TCP connection for tests of services and of clients: sends text, keeps all that
 * comes, and remembers how it ended. */
#ifndef SW_TESTS_LAN_TALK_H
#define SW_TESTS_LAN_TALK_H

#include <stdbool.h>
#include <stddef.h>

#include "lan/lab.h"
#include "stack/sock.h"

struct sw_test_talk {
    struct sw_sock *sock; /* NULL: closed by the test */
    char *in;             /* all that came, NUL-terminated */
    size_t in_len, in_cap;
    const char *out; /* what is still to be sent; lent */
    size_t out_len;
    bool connected, peer_closed;
    bool paused; /* does not read */
    int error;
    sw_time closed_at; /* when the peer's end was read */
    const struct sw_lab *lab;
};

/* Connects from a host to "10.0.0.1" and a port. */
void sw_test_talk_connect(struct sw_test_talk *talk, const struct sw_lab *lab, struct sw_host *from,
                          const char *to, uint16_t port);
/* Takes the next connection of a listener. */
void sw_test_talk_accept(struct sw_test_talk *talk, const struct sw_lab *lab,
                         struct sw_sock *listener);
/* Sends n bytes, now or as room comes; lent until all are sent. */
void sw_test_talk_send(struct sw_test_talk *talk, const void *bytes, size_t n);
void sw_test_talk_say(struct sw_test_talk *talk, const char *text);
/* Reads again after a pause. */
void sw_test_talk_resume(struct sw_test_talk *talk);
/* Forgets what came. */
void sw_test_talk_clear(struct sw_test_talk *talk);
/* Ends it with what it holds; harmless when done already. */
void sw_test_talk_fini(struct sw_test_talk *talk);

#endif
