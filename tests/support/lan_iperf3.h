/* A scripted iperf3 client against the service, on hosts of a lab: says what a client would, a step
 * at a time, and asserts what comes back. */
#ifndef SW_TESTS_LAN_IPERF3_H
#define SW_TESTS_LAN_IPERF3_H

#include <jansson.h>

#include "lan/iperf3_proto.h"
#include "lan/services.h"
#include "tests/support/lan_talk.h"

#define SW_TEST_IPERF3_STREAMS 8
#define SW_TEST_IPERF3_SENT (64U << 20)

struct sw_test_iperf3 {
    struct sw_lab *lab;
    struct sw_link *link; /* of the client: 100 Mbit/s and 1 ms */
    struct sw_host *server, *client, *other;
    struct sw_topo_service config;
    struct sw_service *service;
    struct sw_test_talk control;
    struct sw_test_talk stream[SW_TEST_IPERF3_STREAMS]; /* TCP */
    struct sw_sock *udp[SW_TEST_IPERF3_STREAMS];
    unsigned streams;
    char said[16384]; /* what the control connection is sending */
    char *zeros;      /* SW_TEST_IPERF3_SENT bytes to send */
};

/* server is 10.0.0.1 with the service on port 5201, client 10.0.0.2, other 10.0.0.3. */
void sw_test_iperf3_set_up(struct sw_test_iperf3 *f);
/* Ends all; asserts that nothing is left. */
void sw_test_iperf3_tear_down(struct sw_test_iperf3 *f);
/* Lets time pass until the n bytes have come over a connection, and nothing else; forgets them. */
void sw_test_iperf3_expect(struct sw_test_iperf3 *f, struct sw_test_talk *talk, const void *bytes,
                           size_t n);
/* A connection with a cookie of one letter. */
void sw_test_iperf3_connect(struct sw_test_iperf3 *f, struct sw_test_talk *talk,
                            struct sw_host *from, char letter);
void sw_test_iperf3_say(struct sw_test_iperf3 *f, enum sw_iperf3_message message);
/* length, then n bytes. */
void sw_test_iperf3_say_json(struct sw_test_iperf3 *f, uint32_t length, const char *bytes,
                             size_t n);

/* The steps in their order, each to what the server answers. */
void sw_test_iperf3_hello(struct sw_test_iperf3 *f);                    /* PARAM_EXCHANGE */
void sw_test_iperf3_params(struct sw_test_iperf3 *f, const char *json); /* CREATE_STREAMS */
void sw_test_iperf3_open(struct sw_test_iperf3 *f, unsigned n);         /* n TCP streams */
void sw_test_iperf3_open_udp(struct sw_test_iperf3 *f, unsigned n);     /* n UDP streams */
void sw_test_iperf3_started(struct sw_test_iperf3 *f);                  /* TEST_START, RUNNING */
/* TEST_END, EXCHANGE_RESULTS, results of nothing; the server's. */
json_t *sw_test_iperf3_results(struct sw_test_iperf3 *f);
void sw_test_iperf3_done(struct sw_test_iperf3 *f); /* closes the streams, IPERF_DONE */

/* SERVER_ERROR and this; then the server's end. */
void sw_test_iperf3_failed(struct sw_test_iperf3 *f, enum sw_iperf3_error error);
/* A whole number of the server's results of a stream. */
int64_t sw_test_iperf3_figure(const json_t *results, size_t stream, const char *key);
/* Connections that the server's host still knows; TIME-WAIT is none. */
uint64_t sw_test_iperf3_left(const struct sw_test_iperf3 *f);
/* Does a new client find the service free? It ends its test again. */
bool sw_test_iperf3_is_free(struct sw_test_iperf3 *f);

#endif
