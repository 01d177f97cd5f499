/* What the steps of a scenario and the verbs ping and iperf are made of: a pinger, a bulk flow, an
 * HTTP fetch, a text there and back. Each is a state machine on the public socket API that calls
 * `done` once, from the clock, and is freed by its user (at any time: it ends then). */
#ifndef SW_LAN_TRAFFIC_H
#define SW_LAN_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#include "core/addr.h"
#include "core/clock.h"
#include "stack/host.h"

/* ---- ping ---- */

#define SW_PING_COUNT_MAX 1000000

struct sw_ping_config {
    struct sw_ip to;
    uint32_t count;      /* 1 .. SW_PING_COUNT_MAX */
    sw_time interval;    /* between requests [1 s] */
    sw_time timeout;     /* of each reply [1 s] */
    uint32_t size_bytes; /* payload, 0 .. 65,507 */
};

struct sw_ping_reply {
    uint32_t sequence; /* counted from 1 */
    sw_time rtt;       /* < 0: no answer in time */
    int error;         /* 0, or the errno of an ICMP error that came instead */
};

struct sw_ping_result {
    uint32_t sent, received, errors;
    sw_time min, max, mean, mdev; /* of what came back; 0 if nothing did */
    sw_time p50, p99, jitter; /* jitter: mean difference between successive round trips (RFC 3550's
                                 D, unsmoothed) */
    sw_time took;
    int error; /* the last one */
};

struct sw_ping;
/* reply may be NULL; done is called after the last reply or its timeout. 0, -ENOMEM,
 * -EINVAL, -EADDRINUSE (no identifier is left), or why there is no socket (sw_sock_open()). */
int sw_ping_new(struct sw_ping **out, struct sw_host *from, const struct sw_ping_config *config,
                void (*reply)(void *ctx, const struct sw_ping_reply *reply),
                void (*done)(void *ctx), void *ctx);
/* No more requests; those on their way are waited for, and then done is called. False: none was
 * sent, nothing has changed. */
bool sw_ping_stop(struct sw_ping *ping);
void sw_ping_result(const struct sw_ping *ping, struct sw_ping_result *out);
void sw_ping_free(struct sw_ping *ping);

/* ---- iperf: both ends ---- */

#define SW_IPERF_STREAMS_MAX 128

struct sw_iperf_config {
    struct sw_host *from, *to; /* reverse swaps who sends */
    bool udp, reverse;
    uint32_t parallel;                 /* streams, 1 .. SW_IPERF_STREAMS_MAX */
    sw_time duration;                  /* how long, or */
    uint64_t bytes;                    /* how many bytes in all (0: by time) */
    uint64_t rate_bps;                 /* of each stream; 0: unlimited (UDP: 1 Mbit/s, as iperf3) */
    uint32_t block_bytes;              /* of one write; 0: 128 KiB, UDP: 1,460 */
    enum sw_tcp_congestion congestion; /* TCP: of both ends; 0: what their hosts have */
    sw_time interval;                  /* of interval reports; 0: 1 s */
    sw_time timeout;                   /* without any progress; 0: 10 s */
};

/* One interval of one stream, or of all (stream == UINT32_MAX). */
struct sw_iperf_interval {
    uint32_t stream;
    sw_time begin, end;   /* since the start of the flow */
    uint64_t bytes;       /* TCP: received; UDP: received */
    uint64_t retransmits; /* of this interval */
    uint64_t cwnd_bytes;
    bool last; /* the whole: "sender" figures follow in the result */
};

struct sw_iperf_stream_result {
    uint64_t sent_bytes, received_bytes, retransmits;
    uint64_t datagrams, lost; /* UDP */
    sw_time jitter;           /* UDP, RFC 3550 */
    uint32_t mss_bytes;
    int error;
};

struct sw_iperf_result {
    uint64_t sent_bytes, received_bytes, retransmits, datagrams, lost;
    sw_time took;                /* first byte sent to last byte received */
    uint64_t throughput_bps;     /* received bits over took */
    uint64_t throughput_min_bps; /* worst full interval */
    uint32_t fairness_ppb;       /* Jain's index over streams */
    sw_time jitter;
    int error; /* 0, or why it failed: -ECONNREFUSED, -ETIMEDOUT, … */
    uint32_t streams;
    const struct sw_iperf_stream_result *stream;
};

struct sw_iperf;
/* interval may be NULL; done is called when all has come to rest, or it is known why it failed,
 * also where a host refuses at once. 0, -ENOMEM, -EINVAL. */
int sw_iperf_new(struct sw_iperf **out, const struct sw_iperf_config *config,
                 void (*interval)(void *ctx, const struct sw_iperf_interval *interval),
                 void (*done)(void *ctx), void *ctx);
/* No more is sent; what was measured counts up to now, and once what is on its way has come to rest
 * done is called. False: the flow has not begun, nothing has changed. */
bool sw_iperf_stop(struct sw_iperf *iperf);
void sw_iperf_result(const struct sw_iperf *iperf, struct sw_iperf_result *out);
void sw_iperf_free(struct sw_iperf *iperf);

/* ---- http ---- */

struct sw_fetch_config {
    struct sw_endpoint to;
    const char *host_header; /* "web" or "10.0.0.1:8080" */
    const char *path;        /* "/" … */
    const char *method;      /* GET, HEAD, POST … */
    const char *send;        /* a body, or NULL */
    sw_time timeout;         /* of the whole; 0: none, but 10 s without any progress */
    size_t keep_bytes;       /* how much of the body is kept for comparison */
};

struct sw_fetch_result {
    int error;        /* 0: an answer came whole; else -ECONNREFUSED, -ECONNRESET, -ETIMEDOUT,
                         -EHOSTUNREACH, -EPROTO */
    unsigned status;  /* 200 … */
    uint64_t size;    /* of the body */
    char sha256[65];  /* of the body, hex */
    const char *body; /* the first keep_bytes, NUL-terminated */
    size_t body_len;
    sw_time took;
};

struct sw_fetch;
/* As sw_talk_new(). */
int sw_fetch_new(struct sw_fetch **out, struct sw_host *from, const struct sw_fetch_config *config,
                 void (*done)(void *ctx), void *ctx);
void sw_fetch_result(const struct sw_fetch *fetch, struct sw_fetch_result *out);
void sw_fetch_free(struct sw_fetch *fetch);

/* ---- a text there and back, by TCP or UDP ---- */

struct sw_talk_config {
    struct sw_endpoint to;
    bool udp;
    const char *send;  /* copied; NULL: nothing (UDP: an empty datagram) */
    sw_time timeout;   /* of the whole; 0: 10 s */
    size_t keep_bytes; /* how much of what comes is kept for comparison */
};

/* TCP: the text is sent, our side ended, and all is read until the peer ends its own. UDP: one
 * datagram, and the first that comes in answer. */
struct sw_talk_result {
    int error;        /* 0: it came to its end; else -ECONNREFUSED (a RST answered the SYN),
                         -ECONNRESET (one came later), -EHOSTUNREACH, -ENETUNREACH (an ICMP error,
                         no route, or nobody answered ARP), -ETIMEDOUT, or what the socket died of
                         */
    bool connected;   /* TCP: the connection stood; UDP: the datagram was sent */
    uint64_t size;    /* of what came */
    char sha256[65];  /* of it, hex; once it ended */
    const char *text; /* its first keep_bytes, NUL-terminated */
    size_t text_len;
    sw_time took;
};

struct sw_talk;
/* done is called when it has ended, however. 0, -ENOMEM, -EINVAL, -EADDRINUSE or
 * -EADDRNOTAVAIL (no port is left), or why there is no socket (sw_sock_open()). */
int sw_talk_new(struct sw_talk **out, struct sw_host *from, const struct sw_talk_config *config,
                void (*done)(void *ctx), void *ctx);
void sw_talk_result(const struct sw_talk *talk, struct sw_talk_result *out);
void sw_talk_free(struct sw_talk *talk);

#endif
