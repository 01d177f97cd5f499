/* Sockets of a virtual host: TCP, UDP and ICMP echo. Nothing blocks: what cannot be done now is
 * -EAGAIN, and an event says when.
 *
 * Events are kept for a socket and its callback is called at the end of the batch (or timer) that
 * caused them, never from within a call of this interface. Each kind is kept once, and they come in
 * the order of enum sw_sock_event: an error or an end is never lost behind data. In a callback
 * everything of this interface may be called, closing included.
 *
 * A handle stays its user's until sw_sock_close() or sw_sock_abort(), whatever happened to the
 * connection; what the connection still has to do after sw_sock_close() (send what is queued, FIN,
 * TIME-WAIT) it does without a handle. */
#ifndef SW_STACK_SOCK_H
#define SW_STACK_SOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr.h"
#include "core/clock.h"

struct sw_host;
struct sw_sock;

enum sw_protocol { SW_TCP, SW_UDP, SW_PING };

enum sw_sock_event {
    SW_SOCK_CONNECTED = 1,    /* the connection stands (TCP, active) */
    SW_SOCK_ACCEPTED = 2,     /* a listener has a connection to accept */
    SW_SOCK_URGENT = 4,       /* TCP: the peer says that urgent text comes, or more than it said
                               * (sw_sock_info's urgent_left_bytes says how much; RFC 9293 3.8.5) */
    SW_SOCK_READABLE = 8,     /* text or a datagram has come */
    SW_SOCK_PEER_CLOSED = 16, /* the peer's FIN: after what is queued, sw_sock_recv() returns 0 */
    SW_SOCK_WRITABLE = 32, /* there is room again, after a send that took less than it was given */
    SW_SOCK_ERROR = 64,    /* the connection is dead (sw_sock_error() says of what), or a ping or
                            * connected UDP socket heard an ICMP error */
    SW_SOCK_CLOSED = 128, /* both directions ended in order, and everything sent was acknowledged */
    SW_SOCK_ADVICE = 256, /* TCP, while it connects: ICMP or ARP says that there is no way, which
                           * ends nothing (sw_sock_info's soft_error says what) */
};

/* event is one of enum sw_sock_event; user is what sw_sock_open() or sw_sock_accept() was given. */
typedef void sw_sock_fn(struct sw_sock *sock, enum sw_sock_event event, void *user);

enum sw_sock_option {
    SW_OPT_NODELAY,            /* 0 or 1: no Nagle (RFC 9293 3.7.4) [0] */
    SW_OPT_KEEPALIVE,          /* 0 or 1 [0] (RFC 9293 3.8.4) */
    SW_OPT_KEEPALIVE_IDLE,     /* sw_time before the first probe [2 h] */
    SW_OPT_KEEPALIVE_INTERVAL, /* sw_time between probes [75 s] */
    SW_OPT_KEEPALIVE_PROBES,   /* unanswered probes before the connection is given up [9] */
    SW_OPT_SEND_BUFFER,        /* TCP: bytes, 4 KiB .. 1 GiB; from then on it is not tuned */
    SW_OPT_RECEIVE_BUFFER,     /* bytes, 4 KiB .. 64 MiB; TCP: .. 1 GiB, before connect, or of a
                                  listener, and not tuned from then on */
    SW_OPT_USER_TIMEOUT,  /* sw_time without progress until the connection is given up: R2 [about 15
                             min: 15 retransmissions] */
    SW_OPT_TTL,           /* 1..255 */
    SW_OPT_TOS,           /* 0..255; the two low bits are ECN's, and TCP's own to send */
    SW_OPT_DONT_FRAGMENT, /* 0 or 1: UDP and ping [0]; TCP always sets DF */
    SW_OPT_LINGER_RESET,  /* 0 or 1: closing with unread text resets, as RFC 2525 2.17 asks [1] */
    SW_OPT_CONGESTION,    /* enum sw_tcp_congestion, SW_TCP_CUBIC .. [the host's]; TCP. At any time:
                             the window stays, and goes on as the other has it */
    SW_OPT_PACING, /* bit/s, 0 .. 10^15; TCP: text is spread over time, and goes at most so fast. 0:
                      as the congestion control has it, BBR paced and others not [0] */
    SW_OPT_MSS, /* TCP: 0, or 88..65495: no segment is asked for, or sent, with more text (options
                   come off it) [0: what the way bears]; before connect or listen */
    SW_OPT_ECN, /* enum sw_tcp_ecn_mode, SW_TCP_ECN_OFF .. [the host's]; TCP; before connect, or of
                   a listener */
    SW_OPT_USER_TIMEOUT_TELL, /* TCP: 0 or 1 [0]: the peer is told SW_OPT_USER_TIMEOUT, or 5 min;
                                 and what it says is agreed to, between 100 s and an hour, unless
                                 SW_OPT_USER_TIMEOUT was set here (RFC 5482) */
    SW_OPT_URGENT_INLINE, /* TCP: 0 or 1: the last byte of urgent text stays in the text (RFC 6093
                             6) [1]; else sw_sock_recv_urgent() has it */
    SW_OPT_CORK,          /* TCP: 0 or 1: no segment goes that is not full, but one that has waited
                             as long as a retransmission would, the FIN's, and what SW_OPT_NODELAY
                             lets go as it is set [0] */
    SW_OPT_UNSENT_LOW,    /* TCP: bytes, 1 .. 64 MiB. Who has sent less than he wanted is told that
                             there is room when less than half of it is queued and not sent; so much
                             may be, and a burst [128 KiB, and no burst] */
};

/* How sw_sock_send_with() sends; any of them together. */
enum {
    SW_SEND_MORE = 1,   /* more follows soon: what does not fill a segment waits for it now, and the
                           last of it is not marked with PSH */
    SW_SEND_RECORD = 2, /* a record ends with the last byte, if it was taken: what follows begins a
                           segment of its own. -EAGAIN while 4,096 ends are not acknowledged */
};

/* How much may be in flight (stack/tcp_cc.h). */
enum sw_tcp_congestion {
    SW_TCP_CONGESTION_DEFAULT, /* whatever the host has; of a host, CUBIC */
    SW_TCP_CUBIC,              /* RFC 9438 */
    SW_TCP_RENO,               /* NewReno: RFC 5681, 6582 */
    SW_TCP_BBR,                /* BBR, its first version, as Linux has it (stack/tcp_bbr.h) */
};

/* Explicit congestion notification (RFC 3168), as Linux's tcp_ecn has it. */
enum sw_tcp_ecn_mode {
    SW_TCP_ECN_DEFAULT, /* whatever the host has; of a host, SW_TCP_ECN_PASSIVE */
    SW_TCP_ECN_OFF,     /* neither asked for nor agreed to */
    SW_TCP_ECN_PASSIVE, /* agreed to when a peer asks */
    SW_TCP_ECN_ON,      /* ... and asked for by each SYN */
};

/* A new socket. cb may be NULL. 0, -ENOMEM, -EINVAL; of a host whose sockets are another's
 * (stack/far.h) also why that has none: -ENETDOWN (it is gone), -EMFILE, … */
int sw_sock_open(struct sw_sock **out, struct sw_host *host, enum sw_protocol protocol,
                 sw_sock_fn *cb, void *user);
/* Replaces callback and user. */
void sw_sock_set_callback(struct sw_sock *sock, sw_sock_fn *cb, void *user);
void *sw_sock_user(const struct sw_sock *sock);
struct sw_host *sw_sock_host(const struct sw_sock *sock);

/* Local address and port; family SW_IP_NONE: any address; port 0: one is chosen (RFC 6056). For a
 * ping socket the port is the echo identifier. 0, -EINVAL (bound already), -EADDRNOTAVAIL (not
 * ours), -EADDRINUSE. */
int sw_sock_bind(struct sw_sock *sock, struct sw_endpoint local);
/* TCP: accepts connections. backlog bounds what is not yet accepted, 1 .. the host's limit. 0,
 * -EINVAL, -EADDRINUSE. */
int sw_sock_listen(struct sw_sock *sock, unsigned backlog);
/* Takes the oldest finished connection. 0, -EAGAIN, -EINVAL (not a listener). */
int sw_sock_accept(struct sw_sock **out, struct sw_sock *listener, sw_sock_fn *cb, void *user);
/* TCP: sends a SYN; SW_SOCK_CONNECTED or SW_SOCK_ERROR follows. UDP, ping: sets the peer. 0,
 * -EINVAL (broadcast, multicast or no port), -EISCONN, -ENETUNREACH (no route), -ENETDOWN (the
 * host is down), -EADDRNOTAVAIL (no port left), -ENOMEM. */
int sw_sock_connect(struct sw_sock *sock, struct sw_endpoint remote);

/* Bytes (TCP) or one datagram (UDP, ping's payload) to the connected peer. TCP returns how many
 * bytes it took, 1..n; UDP takes all or nothing. -EAGAIN (no room; SW_SOCK_WRITABLE follows),
 * -ENOTCONN, -EPIPE (sending was shut down), -EMSGSIZE (over 65,507 bytes, or with DF over the
 * path's MTU), -ENETUNREACH, the socket's pending error (then cleared for UDP and ping), -ENOMEM. n
 * = 0 sends an empty datagram; for TCP it returns 0. */
int64_t sw_sock_send(struct sw_sock *sock, const void *bytes, size_t n);
/* TCP: as sw_sock_send(), and how, of SW_SEND_* (0: the same). -EINVAL: not of TCP, or none of
 * them. */
int64_t sw_sock_send_with(struct sw_sock *sock, const void *bytes, size_t n, unsigned how);
/* TCP: as sw_sock_send(), and what it took is urgent text, with all that is queued before it: the
 * peer is told at once where it ends (RFC 9293 3.8.5). Any length; a rest that is sent by another
 * such call moves the end. RFC 6093 5 asks new programs to do without. -EINVAL: not of TCP. */
int64_t sw_sock_send_urgent(struct sw_sock *sock, const void *bytes, size_t n);
/* One datagram to `to`. */
int64_t sw_sock_send_to(struct sw_sock *sock, const void *bytes, size_t n, struct sw_endpoint to);
/* The same from `from`, an address of ours (family SW_IP_NONE: the socket's, or the way's), so that
 * an answer comes from whom was asked (RFC 1122 4.1.3.5). Besides: -EADDRNOTAVAIL (not ours),
 * -EINVAL (another address or port than the socket is bound to; from->port may be 0). */
int64_t sw_sock_send_between(struct sw_sock *sock, const void *bytes, size_t n,
                             struct sw_endpoint from, struct sw_endpoint to);
/* Up to n bytes (TCP) or one datagram, cut to n (its whole length is returned). 0: TCP's peer has
 * closed. -EAGAIN, -ENOTCONN, the pending error. from may be NULL. For a ping socket: the payload
 * of one echo reply, its sequence number in from->port; requests are numbered from 1, one each that
 * sw_sock_send() took. */
int64_t sw_sock_recv(struct sw_sock *sock, void *bytes, size_t n);
int64_t sw_sock_recv_from(struct sw_sock *sock, void *bytes, size_t n, struct sw_endpoint *from);
/* The same, and in *to which of our addresses it came to; of a broadcast, the one that the
 * interface has there (RFC 1122 3.2.1.3). Either may be NULL. */
int64_t sw_sock_recv_between(struct sw_sock *sock, void *bytes, size_t n, struct sw_endpoint *from,
                             struct sw_endpoint *to);

/* With SW_OPT_URGENT_INLINE 0: the last byte of the peer's urgent text, which is not in the text
 * then; keep: it can be had again. 1, 0 (the peer ended before it came), -EAGAIN (announced, and
 * not here yet), -EINVAL (none is announced, it has been had, the reader is past it, it is in line,
 * or this is not TCP). */
int sw_sock_recv_urgent(struct sw_sock *sock, uint8_t *byte, bool keep);

/* TCP without a copy. reserve: *at points to room for up to *n bytes in the send queue, valid until
 * the next call on this socket that does not receive, or its error; commit gives the first n of
 * them away. 0, or as sw_sock_send(). */
int sw_sock_reserve(struct sw_sock *sock, void **at, size_t *n);
int64_t sw_sock_commit(struct sw_sock *sock, size_t n);
/* peek: *at points to the first *n unread bytes in a row, valid until the next call on this socket;
 * consume takes n of them away. 0, -EAGAIN, the pending error; *n = 0 and 0: the peer has closed.
 */
int sw_sock_peek(struct sw_sock *sock, const void **at, size_t *n);
int64_t sw_sock_consume(struct sw_sock *sock, size_t n);

/* TCP: no more will be sent; a FIN follows what is queued. Receiving goes on. 0, -ENOTCONN. */
int sw_sock_shutdown(struct sw_sock *sock);
/* The handle is gone, no event will come. TCP: an orderly close in the background; a reset if
 * received text was left unread. */
void sw_sock_close(struct sw_sock *sock);
/* The handle is gone; TCP: a reset is sent, unless both have ended and all was sent (RFC 9293
 * 3.10.5). */
void sw_sock_abort(struct sw_sock *sock);

/* -EINVAL: out of its range, or not of this protocol; of a far socket also what it does not know
 * (stack/far.h). -EPROTONOSUPPORT: of such a one, a congestion control that it has not. -ENETDOWN:
 * the host has crashed since the socket was opened. */
int sw_sock_set(struct sw_sock *sock, enum sw_sock_option option, int64_t value);
int sw_sock_get(const struct sw_sock *sock, enum sw_sock_option option, int64_t *value);
/* The pending error, a negative errno: -ECONNREFUSED, -ECONNRESET, -ETIMEDOUT, -EHOSTUNREACH,
 * -ENETUNREACH, -EMSGSIZE, -EPROTO, -ENETDOWN (the host has crashed since the socket was opened:
 * sw_host_crash()). 0: none. TCP keeps it, and so does a dead socket; UDP and ping hand it out
 * once.
 */
int sw_sock_error(struct sw_sock *sock);
struct sw_endpoint sw_sock_local(const struct sw_sock *sock);
struct sw_endpoint sw_sock_remote(const struct sw_sock *sock);

/* What congestion control is about; the words are Linux's. */
enum sw_tcp_ca {
    SW_TCP_CA_OPEN,     /* nothing is amiss */
    SW_TCP_CA_DISORDER, /* something came out of order, or is lost */
    SW_TCP_CA_CWR,      /* the window was lowered for a mark (RFC 3168), in this round trip */
    SW_TCP_CA_RECOVERY, /* a loss was found, and is being repaired */
    SW_TCP_CA_LOSS,     /* the retransmission timer ran out, and what was out then still is */
};

/* What a connection did, for reports and tests. Below `soft_error` all is TCP's, and what is
 * counted in 32 bits comes round. */
struct sw_sock_info {
    const char *state;  /* "ESTABLISHED" …, or "OPEN" for UDP and ping */
    uint32_t mss_bytes; /* text bytes a full segment carries */
    uint64_t bytes_acked, bytes_received;
    uint64_t segments_out, segments_in, retransmits;
    sw_time srtt, rto;
    uint64_t cwnd_bytes, ssthresh_bytes, flight_bytes, send_queue_bytes, receive_queue_bytes;
    /* Of what is in flight, with SACK: what the peer holds already, what is taken for lost, and
     * what of that has been sent again. */
    uint64_t sacked_bytes, lost_bytes, resent_bytes;
    int soft_error;  /* of the last ICMP error, a negative errno, also where it ended nothing (RFC
                        9293 SHLD-25); 0: none since anything was last acknowledged */
    bool acceptable; /* a listener: sw_sock_accept() has one to give */
    /* Unread bytes up to the end of the peer's urgent text, itself among them; 0: there is none. A
     * read ends before the last of them, the mark. */
    uint32_t urgent_left_bytes;
    bool at_mark;     /* the mark is next; or, apart from the text, was next */
    bool urgent_here; /* the byte at the mark has come and was not had by sw_sock_recv_urgent() */

    enum sw_tcp_ca ca_state;
    uint8_t timeouts;                    /* of the retransmission timer, in a row */
    uint8_t probes;                      /* keepalives, or questions to a closed window, in a row */
    uint8_t backoff;                     /* how often the timer that runs has been doubled */
    bool timestamps, sack, scaling, ecn; /* agreed on */
    bool ecn_seen;                       /* the peer has sent text that was ECN-capable */
    uint8_t snd_wscale, rcv_wscale;
    uint32_t advertised_mss_bytes, received_mss_bytes; /* as we named it; of the largest segment */
    uint32_t path_mtu_bytes;
    sw_time rttvar, min_rtt; /* min_rtt 0: no sample yet */
    sw_time ack_delay;       /* of the acknowledgement of a single segment */
    /* Segments of those in flight: all; SACKed; taken for lost; of these sent again. Without SACK
     * as many as the bytes would fill. */
    uint32_t unacked, sacked, lost, resent;
    uint32_t reordering; /* so many segments behind it say that one is lost (DupThresh) */
    uint64_t bytes_sent, bytes_retransmitted; /* of text: each time it went out; but the first */
    uint64_t unsent_bytes;
    uint32_t data_segments_out, data_segments_in; /* with text */
    uint32_t delivered;     /* segments of text that the peer is known to have, each once */
    uint32_t delivered_ce;  /* told of by acknowledgements with ECE */
    uint32_t dsack_dups;    /* reports of something that came twice (RFC 2883) */
    uint32_t reord_seen;    /* segments that were overtaken by others */
    uint32_t out_of_order;  /* segments of the peer's that came before their turn */
    uint64_t snd_wnd_bytes; /* the peer's window */
    uint64_t rcv_wnd_bytes; /* ours, as the peer knows it */
    /* How long there was something to send or to be acknowledged; while the peer's window, and
     * while a full send buffer held it back. To a tenth of a millisecond or two. */
    sw_time busy, window_limited, buffer_limited;
    sw_time since_data_sent, since_data_received, since_ack_received; /* about a millisecond */
    /* What the receive buffer is tuned by: a round trip as the receiver knows it (0: not yet), and
     * what was read in the last one. */
    sw_time receiver_rtt;
    uint32_t receiver_space_bytes;
    /* Bits a second. Of a connection that is not paced, or whose congestion control asks for no
     * rates, 0. */
    uint64_t pacing_bps, most_pacing_bps; /* as it goes now; SW_OPT_PACING */
    uint64_t delivery_bps;                /* how fast text was delivered, last */
    bool delivery_limited;                /* that was because the user had too little to send */
};
void sw_sock_info(const struct sw_sock *sock, struct sw_sock_info *out);

#endif
