/* What the files of the iperf3 service share among themselves and nobody else includes: a test, its
 * streams, and the connections they came by. */
#ifndef SW_LAN_IPERF3_IMPL_H
#define SW_LAN_IPERF3_IMPL_H

#include "lan/iperf3_proto.h"
#include "lan/iperf3_text.h"
#include "lan/service_impl.h"

struct sw_iperf3_test;
struct sw_iperf3_stream;

enum sw_iperf3_role {
    SW_IPERF3_NEW,     /* its cookie has not come whole */
    SW_IPERF3_DONE,    /* was refused, or its test is over: its end, all text is thrown away */
    SW_IPERF3_CONTROL, /* of `test` */
    SW_IPERF3_STREAM,  /* `stream` of `test` */
};

struct sw_iperf3_conn {
    struct sw_service_conn conn;
    enum sw_iperf3_role role;
    uint64_t number; /* in the order in which connections were accepted */
    char cookie[SW_IPERF3_COOKIE];
    size_t cookie_len;
    struct sw_iperf3_test *test; /* NULL: it has ended */
    struct sw_iperf3_stream *stream;
};

/* A stream. Figures are of what counts: what came or went while the test ran, behind
 * what is omitted. */
struct sw_iperf3_stream {
    struct sw_iperf3_test *test;
    struct sw_iperf3_conn *conn; /* TCP; NULL: it has ended */
    uint64_t number;             /* the connection's */
    struct sw_endpoint remote;   /* UDP */
    uint32_t id;
    bool sends;
    bool waits; /* for room: SW_SOCK_WRITABLE follows */
    uint64_t bytes, told_bytes;
    uint64_t retransmits, retransmits_omitted, told_retransmits;
    /* A sender's. */
    uint32_t block_left; /* TCP: of the block that is being written */
    sw_time next_due;    /* not before */
    uint64_t due_rest;
    /* UDP. */
    bool answer_due;
    uint8_t answer[SW_IPERF3_CONNECT];
    uint64_t datagrams; /* sent */
    struct sw_iperf3_arrivals arrivals;
    uint64_t packets_omitted, errors_omitted;
    uint64_t told_packets, told_errors;
};

/* Each state says what is waited for. */
enum sw_iperf3_state {
    SW_IPERF3_PARAMS,  /* the client's parameters */
    SW_IPERF3_STREAMS, /* its streams */
    SW_IPERF3_RUNNING, /* TEST_END */
    SW_IPERF3_RESULTS, /* its results */
    SW_IPERF3_GOODBYE, /* IPERF_DONE; the next client may begin */
    SW_IPERF3_FAILED,  /* was told why: its end; the next client may begin */
};

struct sw_iperf3 {
    struct sw_iperf3_test *test; /* the one that others must wait for; NULL: none */
    uint64_t accepted;
};

struct sw_iperf3_test {
    struct sw_service *service;
    struct sw_iperf3 *own;
    struct sw_iperf3_conn *control;
    enum sw_iperf3_state state;
    struct sw_iperf3_params params;
    struct sw_timer timer; /* of what is due while it runs */
    struct sw_iperf3_stream *streams;
    uint32_t stream_count, made; /* how many there will be, and are */
    struct sw_sock *udp;         /* one socket for all streams */
    bool udp_waits;              /* for room */
    uint32_t turn, hint;         /* UDP: who sends next, who received last */
    uint64_t left;               /* TCP: bytes that are still to be sent, in whole blocks */
    sw_time began, counted_from, ended, interval_from;
    bool omitting;
    uint64_t moved, moved_before; /* bytes in all, now and when last looked at */
    unsigned idle;                /* how often nothing had moved */
    struct sw_iperf3_text text;
    /* JSON that is being read. */
    uint8_t length[4];
    size_t length_have, json_len, json_have;
    char *json;
    /* What is still to be said over the control connection. */
    char *out;
    size_t out_len, out_at;
    bool no_more; /* and then our end of it */
};

/* ---- iperf3_flow.c: bytes ---- */

/* UDP: the socket of a test's streams. 0, -ENOMEM, -EADDRINUSE. */
int sw_iperf3_udp_open(struct sw_iperf3_test *test);
/* Something happened to a TCP stream; it may be gone behind this. */
void sw_iperf3_stream_event(struct sw_iperf3_stream *s, enum sw_sock_event event);
/* Sends what may be sent now. */
void sw_iperf3_pump(struct sw_iperf3_test *test);
/* When the pump is to be called again, or never. */
sw_time sw_iperf3_next(const struct sw_iperf3_test *test);
/* Asks a sender's socket for its figures. */
void sw_iperf3_sample(struct sw_iperf3_stream *s);

/* ---- iperf3_server.c: the course of a test ---- */

/* A stream of its own has come: the test runs when all have. */
void sw_iperf3_made(struct sw_iperf3_test *test);
/* A stream has come to its end. Before its test's this means that the client is gone, and the end
 * of the control connection may be late (its segment behind those of the streams, or lost among
 * them): the test ends with all its streams, and the answer is true. */
bool sw_iperf3_lost(struct sw_iperf3_test *test);
/* The timer, if it is to fire sooner. */
void sw_iperf3_due(struct sw_iperf3_test *test, sw_time due);

/* ---- iperf3_report.c: figures ---- */

void sw_iperf3_tell_beginning(struct sw_iperf3_test *test);
void sw_iperf3_tell_interval(struct sw_iperf3_test *test, sw_time now);
/* What was counted until now is omitted. */
void sw_iperf3_omit(struct sw_iperf3_test *test, sw_time now);
/* Reads the client's results and makes ours, n bytes from malloc. SW_IPERF3_OK, E_RESULTS or
 * E_INIT. */
enum sw_iperf3_error sw_iperf3_results(struct sw_iperf3_test *test, const char *theirs, size_t len,
                                       char **ours, size_t *n);

#endif
