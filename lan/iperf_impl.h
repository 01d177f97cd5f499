/* What the files of iperf share among themselves and nobody else includes: a measurement, its
 * streams, and what TCP and UDP do for one. */
#ifndef SW_LAN_IPERF_IMPL_H
#define SW_LAN_IPERF_IMPL_H

#include "core/clock.h"
#include "lan/traffic.h"
#include "stack/sock.h"

#define SW_IPERF_SEEN 4096 /* how far behind the newest a datagram's copy is still known as one */

/* One stream. sender and receiver are the client's or the server's socket, as `reverse` says. */
struct sw_iperf_stream {
    struct sw_iperf *iperf;
    struct sw_sock *sender, *receiver;
    bool connected; /* the client's end stands */
    bool sent_all;  /* nothing more will be sent */
    bool ended;     /* TCP: the receiver read the sender's end */
    uint64_t sent, received, retransmits;
    uint64_t cwnd_bytes;
    uint32_t mss_bytes;
    int error;
    uint64_t told_received, told_retransmits; /* up to the last interval */
    /* UDP. A datagram's first 16 bytes: its number, from 0, and when it was sent, in nanoseconds.
     */
    uint64_t datagrams, datagrams_received;
    uint64_t newest;                     /* the highest number that came, and 1 */
    sw_time next_due, transit, jitter16; /* jitter16: RFC 3550's J, times 16 */
    uint64_t due_rest;
    bool jittery;                      /* transit is one */
    uint64_t seen[SW_IPERF_SEEN / 64]; /* one bit a number, of the last SW_IPERF_SEEN */
};

/* Each state says what is waited for. */
enum sw_iperf_state {
    SW_IPERF_CONNECTING, /* both ends of all streams to stand */
    SW_IPERF_RUNNING,    /* the duration, or the bytes */
    SW_IPERF_DRAINING,   /* what is on its way; it is not counted of a flow by time */
    SW_IPERF_OVER,
};

struct sw_iperf {
    struct sw_iperf_config config;
    const struct sw_iperf_ops *ops;
    struct sw_clock *clock;
    struct sw_owner owner;
    struct sw_timer timer;
    struct sw_sock *listener; /* TCP */
    void (*interval)(void *ctx, const struct sw_iperf_interval *interval);
    void (*done)(void *ctx);
    void *ctx;
    bool *gone; /* set where a callback freed us */
    enum sw_iperf_state state;
    int error;
    sw_time began, progressed; /* of the flow; when something last came */
    sw_time last_received;
    bool received_any;
    sw_time interval_began;
    bool cut_short;     /* DRAINING: the connection died; the figures stand already */
    uint64_t intervals; /* full ones so far */
    uint64_t min_bps;   /* of those */
    uint64_t left;      /* bytes that may still be sent, of a flow by bytes */
    struct sw_iperf_stream_result *results;
    char name[200];
    struct sw_iperf_stream stream[]; /* config.parallel of them */
};

/* What a protocol does. */
struct sw_iperf_ops {
    /* Makes the receiving ends (TCP: the listener); *port is one of theirs. Then the others, which
     * connect. 0, or a negative errno. */
    int (*bind)(struct sw_iperf *iperf, uint16_t *port);
    int (*connect)(struct sw_iperf *iperf, struct sw_ip to);
    void (*pump)(struct sw_iperf_stream *s); /* sends what may be sent now */
    sw_time (*next)(
        const struct sw_iperf_stream *s);    /* when pump is to be called again, or never */
    void (*stop)(struct sw_iperf_stream *s); /* nothing more is sent */
    bool (*drained)(const struct sw_iperf_stream *s);
    sw_time patience; /* DRAINING: without anything coming */
};

extern const struct sw_iperf_ops sw_iperf_tcp;
extern const struct sw_iperf_ops sw_iperf_udp;

/* The measurement ends with that error, from the clock; the first error counts. */
void sw_iperf_fail(struct sw_iperf *iperf, int error);
/* A stream's two ends stand; the flow begins when all do. */
void sw_iperf_ready(struct sw_iperf *iperf);
/* n bytes came. */
void sw_iperf_received(struct sw_iperf_stream *s, size_t n);
/* Something changed that the timer may have to know. */
void sw_iperf_wake(struct sw_iperf *iperf);
/* The hosts that send and receive. */
struct sw_host *sw_iperf_source(const struct sw_iperf *iperf);
struct sw_host *sw_iperf_sink(const struct sw_iperf *iperf);

#endif
