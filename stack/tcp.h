/* A TCP connection's inside, for the tcp_*.c files alone. RFC 9293 throughout; its names for its
 * variables.
 *
 * A handle (struct sw_tcp_sock) is the user's until it is closed; what lies behind it (struct
 * sw_tcp) lives as long as either the handle or the connection needs it. A connection without a
 * handle is an orphan, or one that its listener has not handed out yet. TIME-WAIT is a record of
 * tcp_time_wait.c: the struct sw_tcp that led there has left the table, and exists on only to let
 * the user read what has come.
 *
 * Whoever may end a connection says so by its state: sw_tcp_done() takes it out of every list and
 * sets SW_TCP_CLOSED, and the outermost function (input, timer, room, a user's call) frees it with
 * sw_tcp_reap(). Nobody in between keeps using one that is SW_TCP_CLOSED. */
#ifndef SW_STACK_TCP_H
#define SW_STACK_TCP_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "stack/impl.h"
#include "stack/tcp_cc.h"
#include "stack/tcp_count.h"
#include "stack/tcp_ecn.h"
#include "stack/tcp_pace.h"
#include "stack/tcp_prr.h"
#include "stack/tcp_queue.h"
#include "stack/tcp_quick.h"
#include "stack/tcp_rack.h"
#include "stack/tcp_rare.h"
#include "stack/tcp_reass.h"
#include "stack/tcp_rtt.h"
#include "stack/tcp_sack.h"
#include "stack/tcp_sent.h"
#include "stack/tcp_seq.h"
#include "stack/tcp_tune.h"
#include "stack/wire/tcp.h"

#define SW_TCP_MSS_DEFAULT 536u /* MUST-15: the peer named none */
#define SW_TCP_MSS_LARGEST                                                                         \
    SW_SENDQ_BLOCK_BYTES /* of text: two slices hold it wherever it begins                         \
                          */
/* Departure: a peer may name any MSS. One below 48 (as Linux has it) would let it make us send
 * frames of almost nothing but headers; text is then sent in segments of 48. */
#define SW_TCP_MSS_SMALLEST 48u
#define SW_TCP_UNSENT_MOST                                                                         \
    (128u * 1024u)                      /* queued but not sent: keeps a flow's working set in L2 */
#define SW_TCP_DELAYED_ACK (40 * SW_MS) /* MUST-40: under 0.5 s */
#define SW_TCP_MSL (30 * SW_S)
#define SW_TCP_FIN_WAIT_2_MOST (60 * SW_S) /* of an orphan */
#define SW_TCP_R1 3u  /* MUST-20: retransmissions until IP is warned of the way */
#define SW_TCP_R2 15u /* ... and until it is given up: 15 min and more */
/* MUST-23: 3 minutes or more. A SYN goes out at 0, 1, 3, 7, 15, 31, 63 and 127 s, and is given up
 * at 247 s. */
#define SW_TCP_R2_SYN 7u
#define SW_TCP_CHALLENGES 10u /* RFC 5961 7: as many in 5 s, each connection for itself */
#define SW_TCP_CHALLENGE_SPAN (5 * SW_S)
#define SW_TCP_TS_VALID (24 * 24 * 3600 * SW_S) /* RFC 7323 5.5 */

/* What may be read and called, and where each leads:
 *   CLOSED        nothing is exchanged; received text that is left may be read. Before: bind,
 * listen, connect. After: nothing. LISTEN        accept; leads back to CLOSED by close. SYN_SENT
 * text may be queued; -> ESTABLISHED, SYN_RECEIVED (both opened at once), CLOSED. SYN_RECEIVED  the
 * same; knows whether it was opened actively (MUST-11); -> ESTABLISHED, FIN_WAIT_1, CLOSED.
 *   ESTABLISHED   both directions; -> FIN_WAIT_1 (we end), CLOSE_WAIT (the peer ends).
 *   FIN_WAIT_1    our FIN is queued or sent; -> FIN_WAIT_2, CLOSING, TIME_WAIT.
 *   FIN_WAIT_2    our FIN is acknowledged, the peer still sends; -> TIME_WAIT.
 *   CLOSE_WAIT    the peer has ended, we still send; -> LAST_ACK.
 *   CLOSING       both have ended, our FIN is not acknowledged; -> TIME_WAIT.
 *   LAST_ACK      the same, the peer having ended first; -> CLOSED.
 *   TIME_WAIT     a record holds the pair of endpoints; of the struct only its received text is of
 * use. */
enum sw_tcp_state {
    SW_TCP_CLOSED,
    SW_TCP_LISTEN,
    SW_TCP_SYN_SENT,
    SW_TCP_SYN_RECEIVED,
    SW_TCP_ESTABLISHED,
    SW_TCP_FIN_WAIT_1,
    SW_TCP_FIN_WAIT_2,
    SW_TCP_CLOSE_WAIT,
    SW_TCP_CLOSING,
    SW_TCP_LAST_ACK,
    SW_TCP_TIME_WAIT,
};

/* The deadlines that share a connection's one timer; SW_TIME_NEVER: not running. */
enum sw_tcp_deadline {
    SW_TCP_DUE_RTX,     /* or, if t->loss->probing, that of a tail loss probe (RFC 8985 7.2) */
    SW_TCP_DUE_PERSIST, /* never while DUE_RTX runs */
    SW_TCP_DUE_ACK,
    SW_TCP_DUE_KEEPALIVE,
    SW_TCP_DUE_FIN_WAIT_2,
    SW_TCP_DUE_USER,
    SW_TCP_DUE_PACE, /* the next quantum may go; it may be kept although nothing waits for it */
    SW_TCP_DUE_COUNT
};

/* Four numbers in host order that name a connection: ours first. */
struct sw_tcp_tuple {
    uint32_t local_ip, remote_ip;
    uint16_t local_port, remote_port;
};

struct sw_tcp_listener {
    unsigned backlog, children;  /* half open and not yet accepted together */
    unsigned standing;           /* of the children: those in ready */
    sw_time cookies_until;       /* one that was sent may come back until then */
    struct sw_tcp *child;        /* all of them, the newest first ... */
    struct sw_tcp *eldest;       /* ... to this one */
    struct sw_tcp *ready, *last; /* those that stand, the oldest first */
};

struct sw_tcp_sock {
    struct sw_sock sock; /* the first member */
    struct sw_tcp *tcp;  /* NULL when the host has ended */
};

struct sw_tcp {
    /* What each segment touches comes first. */
    struct sw_tcp_tuple at;
    uint8_t state;
    bool timestamps, scaling; /* agreed on (RFC 7323) */
    bool sack;                /* agreed on (RFC 2018) */
    bool recovering;   /* RFC 6582, RFC 6675: between the loss found and the full acknowledgement */
    bool timing;       /* a round trip is being measured: up to rtt_seq, since rtt_at */
    bool fin_queued;   /* no more will be sent; a FIN follows the queue */
    bool fin_received; /* the peer's FIN has been taken in */
    bool want_writable;         /* a send took less than it was given */
    bool working;               /* in the table's list of what to do at the batch's end ... */
    bool owes_output, owes_ack; /* ... and what */
    bool waits_for_room;        /* in nic->room_first */
    bool as_linux;              /* config.profile */
    uint8_t ack_pending;        /* segments with text since the last acknowledgement; 2: or more */
    uint8_t snd_wscale, rcv_wscale;
    uint8_t duplicates; /* acknowledgements in a row */
    uint8_t retries;    /* timeouts in a row without progress */
    uint8_t probes;     /* keepalive or window probes without an answer */

    uint32_t snd_una, snd_nxt;
    uint32_t snd_out; /* where output goes on: snd_nxt, or before it after a timeout without SACK */
    uint32_t snd_wnd, snd_wl1, snd_wl2, snd_wnd_max;
    uint32_t snd_mss;          /* text bytes of a full segment */
    uint32_t rcv_nxt, rcv_adv; /* rcv_adv: the right edge of the window as the peer was told */
    uint32_t last_ack_sent, ts_recent;
    uint32_t rcv_buffer, snd_buffer; /* as they are now: tcp_buffers.h */
    uint32_t ts_offset;
    uint32_t rtt_seq;
    struct sw_tcp_ecn ecn;
    struct sw_tcp_quick quick;
    struct sw_tcp_tune tune; /* of rcv_buffer */
    uint32_t retransmits;
    struct sw_tcp_cc cc;
    struct sw_tcp_loss *loss;   /* NULL: nothing is out, and nothing out of order */
    struct sw_tcp_paced *paced; /* NULL: text goes as the windows let it */
    struct sw_tcp_sendq sendq;
    struct sw_tcp_recvq recvq;
    struct sw_host *host;
    struct sw_tcp_sock *handle;   /* NULL: none yet, or none any more */
    struct sw_tcp_urgent *urgent; /* NULL: there never was any */
    struct sw_tcp_rare *rare;     /* NULL: nothing that it is for was asked for */
    struct sw_path path;
    sw_time last_sent, last_received;
    sw_time due[SW_TCP_DUE_COUNT];
    struct sw_timer timer;
    sw_time rtt_at;
    struct sw_tcp_rtt rtt;

    uint32_t iss, irs;
    uint32_t recover;     /* RFC 6582: what had been sent when recovery began */
    uint32_t rtx_high;    /* behind the last number that was sent more than once */
    uint32_t lost_flight; /* in flight at the first of the duplicates */
    uint32_t fin_seq;     /* of a FIN that came out of order, if fin_early */
    uint16_t path_mtu;    /* less than path.mtu_bytes after an ICMP "too big" (RFC 1191); 0: none */
    uint16_t peer_mss;    /* as the peer named it, or the default */
    uint16_t user_mss;    /* SW_OPT_MSS; 0: none */
    uint8_t ttl, tos;     /* ttl 0: the host's */
    uint8_t keep_probes;
    bool fin_early;
    bool partial_seen; /* in this recovery */
    bool nodelay, keepalive, linger_reset;
    bool active : 1;       /* MUST-11: opened by connect */
    bool used : 1;         /* connected or listened once; cannot be again */
    bool bound : 1;        /* in the table's list of bound ports */
    bool tabled : 1;       /* in the table of connections */
    bool orphan : 1;       /* counted among the table's orphans */
    bool urgent_apart : 1; /* SW_OPT_URGENT_INLINE 0 */
    bool rcv_fixed : 1;    /* the buffer is as the user said, or at its bound */
    bool snd_fixed : 1;
    bool uto : 1;            /* SW_OPT_USER_TIMEOUT_TELL (RFC 5482 3, ENABLED) */
    bool uto_own : 1;        /* the user has said how long (not CHANGEABLE) */
    bool uto_due : 1;        /* the next segment that has room tells the peer */
    bool cork : 1;           /* SW_OPT_CORK */
    bool more : 1;           /* what was queued last came with SW_SEND_MORE ... */
    bool hold : 1;           /* ... just now */
    uint8_t challenges;      /* since challenge_at */
    uint8_t told_state;      /* to host->config.tcp_watch, last */
    int16_t soft_error;      /* RFC 9293 3.9.2.2: told if the connection is given up */
    uint32_t fixed_local_ip; /* bound to this address; 0: any */
    uint32_t challenge_at;   /* in milliseconds, modulo 2^32 */
    uint16_t mtu_low;        /* what is taken to pass while the path is searched; 0: it is not */
    uint16_t mtu_high;       /* ... and what may (tcp_hole.h) */
    sw_time ts_recent_at, progress_at;
    sw_time user_timeout, keep_idle;
    struct sw_tcp_reass *reass; /* NULL: nothing has come before its turn */
    uint64_t bytes_acked, bytes_received, bytes_again;
    uint32_t segments_out, segments_in;
    struct sw_tcp_count count;

    struct sw_tcp *prev_all, *next_all;
    struct sw_tcp *next_hash, *next_work, *next_room;
    struct sw_tcp *parent; /* the listener, until accepted */
    struct sw_tcp *prev_child, *next_child;
    union {
        struct sw_tcp *next_ready; /* of the parent's that stand */
        struct sw_tcp *next_bound; /* if bound, which no child is */
    };
    struct sw_tcp_listener *listener; /* LISTEN alone */
};

/* What a connection with SACK has while something is out, or came out of order: an idle one is to
 * be small. One without SACK has it while `undo` is of use, and of nothing else in it. */
struct sw_tcp_loss {
    struct sw_tcp_sent sent;   /* a record for each segment that is out */
    struct sw_tcp_sack sacks;  /* of what is in reass */
    bool rescued;              /* in this recovery: RFC 6675 4, NextSeg() (4) */
    bool pressing;             /* what recovery begins with goes, however full the pipe is */
    bool probed, probed_again; /* a probe is out; it was text that had been sent before */
    bool probing;              /* DUE_RTX is a probe's */
    bool after_timeout;        /* until all that was out then is acknowledged */
    uint32_t probe_end;        /* TLP.end_seq, if probed */
    uint32_t mtu_probe, mtu_probe_len; /* a segment that tries the path (tcp_hole.h); 0: none */
    struct sw_tcp_rack rack;
    sw_time reorder_due;            /* what RACK still waits for is lost then; or, with nothing out,
                                       `undo` is of no use any more */
    uint32_t looked_una;            /* SND.UNA as it was looked last */
    struct sw_tcp_prr prr;          /* while recovering */
    struct sw_tcp_sent_hears hears; /* for rack, of the acknowledgement that is taken in: */
    sw_time now, echo;              /* see sw_tcp_rack_delivered() */
    struct sw_tcp_rate *rate;       /* hears, too; NULL: nobody asks for it */
    struct sw_tcp_undo *undo;       /* NULL: no loss, or it is certain */
};

/* What is known, while a loss is mended and a while after, of whether it was one: tcp_undo.c. */
struct sw_tcp_undo {
    struct sw_tcp_cc before;  /* congestion control as it was when the loss was answered */
    struct sw_tcp_rack rack;  /* and what was known of deliveries */
    uint32_t from, end;       /* SND.UNA and SND.NXT then */
    uint32_t until;           /* if over: when it is acknowledged, no more news will come */
    uint32_t resent;          /* segments sent again, less those that came twice */
    uint32_t stamp;           /* if any: our timestamp when the first of them went ... */
    uint32_t first_end;       /* ... and where that ended */
    uint32_t last_end;        /* and the highest of them */
    bool any, over, original; /* original: what was sent once before `end` was acknowledged */
    uint8_t frto;
};

/* What a connection has whose text is paced (tcp_paced.c). */
struct sw_tcp_paced {
    struct sw_tcp_pace pace;
    uint64_t most_bps; /* SW_OPT_PACING */
    /* For algorithms that ask for it: */
    struct sw_tcp_rate rate;
    sw_time dry_at;           /* since then more might go than there is; -1: there is more */
    uint32_t guessed;         /* without SACK: bytes for which duplicates stand */
    uint32_t lost, lost_seen; /* found lost since the last acknowledgement; of sent.lost_ever */
    uint64_t delivery_rate;   /* bytes a second, for sw_sock_info() */
    bool delivery_limited;    /* that is of a time in which the user had too little */
};

/* A segment on its way through 3.10.7, cut to the window as it goes. */
struct sw_tcp_segment {
    struct sw_tcp_header h;
    const struct sw_rx *rx;
    uint32_t seq, len; /* of what is left; len counts SYN and FIN */
    uint32_t text_off; /* in the frame */
    uint32_t text_len;
    uint32_t window;           /* in bytes, scaled */
    struct sw_tcp_block twice; /* of its text, what had come before; start == end: nothing */
    uint8_t flags;
    bool bare; /* came with neither text nor SYN nor FIN */
    sw_time now;
};

/* A step of 3.10.7 says what became of the segment, or that the next one follows. */
#define SW_TCP_NEXT_STEP (-3)

static inline sw_time sw_tcp_now(const struct sw_tcp *t)
{
    return sw_clock_now(t->host->env.clock);
}

/* Text may be sent and acknowledged. */
static inline bool sw_tcp_is_synchronized(const struct sw_tcp *t)
{
    return t->state >= SW_TCP_ESTABLISHED && t->state <= SW_TCP_LAST_ACK;
}

/* The number of the first byte in the send queue. */
static inline uint32_t sw_tcp_queue_seq(const struct sw_tcp *t)
{
    return t->snd_una == t->iss ? t->iss + 1 : t->snd_una;
}

/* How many bytes lie between RCV.NXT and the right edge that the peer was told. */
static inline uint32_t sw_tcp_offered(const struct sw_tcp *t)
{
    return sw_seq_lt(t->rcv_nxt, t->rcv_adv) ? t->rcv_adv - t->rcv_nxt : 0;
}

/* SW_OPT_KEEPALIVE_INTERVAL. */
static inline sw_time sw_tcp_keep_interval(const struct sw_tcp *t)
{
    return t->rare != NULL && t->rare->keep_interval > 0 ? t->rare->keep_interval : 75 * SW_S;
}

/* How many bytes are queued and not sent. */
static inline uint32_t sw_tcp_unsent(const struct sw_tcp *t)
{
    const uint32_t queued = t->sendq.bytes;
    const uint32_t first = sw_tcp_queue_seq(t);
    const uint32_t sent = sw_seq_lt(first, t->snd_nxt) ? t->snd_nxt - first : 0;
    return queued > sent ? queued - sent : 0;
}

/* How many bytes a writer may queue now. */
static inline uint32_t sw_tcp_writable_bytes(const struct sw_tcp *t)
{
    const uint32_t queued = t->sendq.bytes, unsent = sw_tcp_unsent(t);
    const uint32_t a = t->snd_buffer > queued ? t->snd_buffer - queued : 0;
    const uint32_t b = t->rare != NULL               ? sw_tcp_rare_unsent_room(t, unsent)
                       : SW_TCP_UNSENT_MOST > unsent ? SW_TCP_UNSENT_MOST - unsent
                                                     : 0;
    return a < b ? a : b;
}

/* RFC 7323 5.2: a tick a millisecond. */
static inline uint32_t sw_tcp_ts_clock(const struct sw_tcp *t, sw_time now)
{
    return (uint32_t)(now / SW_MS) + t->ts_offset;
}

static inline void sw_tcp_notify(struct sw_tcp *t, enum sw_sock_event event)
{
    if (t->handle != NULL) {
        sw_sock_notify(&t->handle->sock, event);
    }
}

/* ---- tcp_table.c ---- */

struct sw_tcp_time_wait; /* tcp_time_wait.c */

struct sw_tcp_table {
    struct sw_host *host;
    struct sw_tcp_config config; /* with its defaults filled in */
    struct sw_tcp **bucket;      /* buckets of them, a power of two; NULL: none yet */
    uint32_t buckets, count;
    struct sw_tcp *last; /* found last: the next segment is likely its own */
    struct sw_tcp *bound;
    struct sw_tcp *all;
    struct sw_tcp *work, *work_last;
    struct sw_tcp_time_wait *time_wait; /* made on first use */
    struct sw_hash_key isn_key;
    uint32_t orphans;
};

/* A connection in state CLOSED with the host's settings, known to the table. NULL: out of memory.
 */
struct sw_tcp *sw_tcp_new(struct sw_host *host);
/* Frees t if it is SW_TCP_CLOSED (or a TIME-WAIT's rest), and neither a handle nor a list holds it.
 */
void sw_tcp_reap(struct sw_tcp *t);
struct sw_tcp *sw_tcp_table_find(struct sw_tcp_table *table, const struct sw_tcp_tuple *at);
/* Enters t under t->at. 0, -EADDRINUSE (also by a TIME-WAIT record), -ENOMEM
 * (config.max_connections, too). */
int sw_tcp_table_add(struct sw_tcp *t);
void sw_tcp_table_remove(struct sw_tcp *t); /* harmless if it is not there */
/* The listener for a SYN to ip and port: one bound to this address before one bound to any. */
struct sw_tcp *sw_tcp_table_listener(struct sw_tcp_table *table, uint32_t ip, uint16_t port);
/* Takes a port for bind or listen; ip 0: any address; port 0: one is chosen. 0, -EADDRINUSE,
 * -EADDRNOTAVAIL (none left). */
int sw_tcp_table_bind(struct sw_tcp *t, uint32_t ip, uint16_t port);
void sw_tcp_table_unbind(struct sw_tcp *t); /* harmless if it is not */
/* A local port for a connection from t->at.local_ip to t->at's remote end (RFC 6056 3.3.1).
 * -EADDRNOTAVAIL: none left. */
int sw_tcp_table_choose_port(struct sw_tcp *t);
/* RFC 6528: the initial sequence number, and a start for the timestamps of this pair of endpoints.
 */
uint32_t sw_tcp_table_isn(const struct sw_tcp_table *table, const struct sw_tcp_tuple *at,
                          uint32_t *ts_offset);
/* At the batch's end there is something to do for t. */
void sw_tcp_table_work(struct sw_tcp *t);

/* ---- tcp_time_wait.c ---- */

/* What TIME-WAIT has to know of a connection (RFC 9293 3.6.1). */
struct sw_tcp_tw {
    struct sw_tcp_tuple at;
    uint32_t snd_nxt, rcv_nxt, rcv_wnd;
    uint32_t ts_recent, ts_offset;
    uint32_t next_hash;  /* indexes of records; UINT32_MAX: none */
    uint32_t prev, next; /* in the FIFO, or the free list */
    bool timestamps;
    uint8_t rcv_wscale;
    uint8_t challenges; /* acknowledgements sent, but for FINs */
    sw_time due;
};

/* Makes a record of t, recycling the oldest if there are too many. False: out of memory, no record.
 */
bool sw_tcp_time_wait_add(struct sw_tcp *t);
struct sw_tcp_tw *sw_tcp_time_wait_find(struct sw_tcp_table *table, const struct sw_tcp_tuple *at);
void sw_tcp_time_wait_remove(struct sw_tcp_table *table, struct sw_tcp_tw *tw);
/* 3.10.7.4, what concerns TIME-WAIT. *reuse: the segment is a SYN for a new connection, the record
 * is gone, and an initial sequence number must be above *reuse_isn. */
sw_rx_verdict sw_tcp_time_wait_input(struct sw_host *host, struct sw_tcp_tw *tw,
                                     const struct sw_tcp_segment *seg, bool *reuse,
                                     uint32_t *reuse_isn);
void sw_tcp_time_wait_free(struct sw_tcp_time_wait *tw);

/* ---- tcp_state.c: what a connection goes through besides segments ---- */

/* Gives t its first numbers. */
void sw_tcp_begin(struct sw_tcp *t, uint32_t iss);
/* The window that a SYN offers: never scaled (RFC 7323 2.2); and the scale it names, if any. Both
 * are the same of a listener and of the connections it makes. */
uint32_t sw_tcp_syn_window(const struct sw_tcp *t);
uint8_t sw_tcp_syn_wscale(const struct sw_tcp *t);
/* The handshake is complete: ESTABLISHED, or FIN_WAIT_1 if the user has ended meanwhile. */
void sw_tcp_establish(struct sw_tcp *t);
/* What both options say, of a SYN or of the answer to ours (RFC 7323 2.2, 3.2; MUST-14, MUST-15).
 */
void sw_tcp_take_syn_options(struct sw_tcp *t, const struct sw_tcp_segment *seg);
/* Computes snd_mss from the path, the peer's MSS and our options (MUST-16). */
void sw_tcp_update_mss(struct sw_tcp *t);
/* Out of every list, all timers off, nothing more to be sent; error 0: in order, else the handle's
 * error. */
void sw_tcp_done(struct sw_tcp *t, int error);
/* The same with a RST to the peer if it knows of us. */
void sw_tcp_abort(struct sw_tcp *t, int error);
/* Our FIN is acknowledged, the peer's taken in: a record waits 2 MSL, the rest is done. */
void sw_tcp_enter_time_wait(struct sw_tcp *t);
/* Ends the sending side: FIN behind what is queued (3.10.4). */
void sw_tcp_end_sending(struct sw_tcp *t);
/* The handle has gone, the connection stays, if there are not too many such; else it is aborted. */
void sw_tcp_orphan(struct sw_tcp *t);
/* A listener's child goes: accepted (it lives on), or dead. */
void sw_tcp_leave_parent(struct sw_tcp *t);
void sw_tcp_close_listener(struct sw_tcp *t);
const char *sw_tcp_state_name(enum sw_tcp_state state);

/* ---- tcp_output.c ---- */

/* Sends what may be sent: text, FIN. */
void sw_tcp_output(struct sw_tcp *t);
/* What is out is sent again, from the first of it that is not SACKed on, as the windows allow. */
void sw_tcp_send_all_again(struct sw_tcp *t);
/* A tail loss probe (RFC 8985 7.3). False: without memory. */
bool sw_tcp_send_tail_probe(struct sw_tcp *t);
/* One segment from snd_una on, or of what is lost the first, whatever the windows say. Without SACK
 * returns how many numbers it took, with it whether it went; snd_out stays. */
uint32_t sw_tcp_retransmit_first(struct sw_tcp *t);
/* One octet beyond the window, or the FIN (3.8.6.1). True if it was a segment within the window
 * instead, small as it may be: then the retransmission timer runs. */
bool sw_tcp_send_window_probe(struct sw_tcp *t);
/* Out of the list of those that wait for room; harmless if it is not there. */
void sw_tcp_leave_room(struct sw_tcp *t);

/* ---- tcp_segment.c ---- */

/* The way to the peer, looked up anew if routes have changed; the source address stays (MUST-45).
 */
const struct sw_path *sw_tcp_path(struct sw_tcp *t);
/* A segment with text, or a FIN, or both: SW_TCP_PSH, SW_TCP_FIN. What it covers lies in the send
 * queue. False: without memory, or so many are out that acknowledgements must come first. */
bool sw_tcp_send_text(struct sw_tcp *t, uint32_t seq, uint32_t len, uint8_t flags);
void sw_tcp_send_syn(struct sw_tcp *t); /* SYN, or SYN,ACK in SYN_RECEIVED */
/* The MSS that a SYN names on this way; a listener's is that of its connections. */
uint16_t sw_tcp_syn_mss(const struct sw_tcp *t, const struct sw_path *path);
void sw_tcp_send_ack(struct sw_tcp *t);
/* The same, and with SACK it tells that this came twice, if start != end (RFC 2883 4). */
void sw_tcp_send_ack_twice(struct sw_tcp *t, struct sw_tcp_block twice);
/* An acknowledgement that answers what may be forged (RFC 5961 7): not more than SW_TCP_CHALLENGES.
 */
void sw_tcp_send_challenge(struct sw_tcp *t);
/* seq = SND.UNA - 1 and nothing else: what the peer must answer (3.8.4). */
void sw_tcp_send_keepalive(struct sw_tcp *t);
void sw_tcp_send_reset(struct sw_tcp *t);
/* Answers a segment that belongs to no connection (3.10.7.1); never a RST. */
void sw_tcp_refuse(struct sw_host *host, const struct sw_tcp_segment *seg);
/* <SEQ=SEG.ACK><CTL=RST>. */
void sw_tcp_refuse_ack(struct sw_host *host, const struct sw_tcp_segment *seg);
/* One bare segment that is nobody's: header as given, ports and addresses of `at`. */
void sw_tcp_send_bare(struct sw_host *host, const struct sw_tcp_tuple *at,
                      struct sw_tcp_header *header);
/* How many bytes may be offered to the peer now, by the receiver's side of silly window avoidance;
 * rcv_adv is not moved. */
uint32_t sw_tcp_window(const struct sw_tcp *t);
/* The user has read: tells the peer if that opens the window by much. */
void sw_tcp_window_opened(struct sw_tcp *t);

/* ---- tcp_oob.c: urgent text ---- */

/* How many bytes of the receive queue a read may take now: not beyond the mark. */
uint32_t sw_tcp_readable(struct sw_tcp *t);
/* The user has read something. */
void sw_tcp_have_read(struct sw_tcp *t);
/* The byte at the mark, apart from the text; keep: it can be had again. 1, 0 (the peer ended before
 * it came), -EAGAIN (it has not come yet), -EINVAL (there is none, or no more, or it is in line).
 */
int sw_tcp_fetch_urgent(struct sw_tcp *t, uint8_t *byte, bool keep);
void sw_tcp_urgent_info(const struct sw_tcp *t, struct sw_sock_info *out);
/* May the user write urgent text? False: no memory. */
bool sw_tcp_may_write_urgent(struct sw_tcp *t);
/* What he has queued last is. */
void sw_tcp_wrote_urgent(struct sw_tcp *t);

/* ---- tcp_recover.c: of connections with SACK ---- */

/* Makes t->loss if it is not there. False: out of memory. */
bool sw_tcp_loss_need(struct sw_tcp *t);
void sw_tcp_loss_free(struct sw_tcp *t); /* harmless without */
/* All below here but the wait for a probe want t->loss. What an acknowledgement covers is
 * delivered; t->snd_una is past it. */
void sw_tcp_recover_acked(struct sw_tcp *t, const struct sw_tcp_segment *seg);
/* Then its blocks. */
void sw_tcp_recover_blocks(struct sw_tcp *t, const struct sw_tcp_segment *seg);
/* Then: what is lost now, and whether recovery begins or ends. bytes: how many more the
 * peer has than before. */
void sw_tcp_recover_look(struct sw_tcp *t, sw_time now, uint32_t bytes);
/* What it says of a tail loss probe that is out (RFC 8985 7.4); bare: it came without text and
 * blocks.
 */
void sw_tcp_recover_judge_probe(struct sw_tcp *t, sw_time now, uint32_t bytes, bool bare);
/* There is something of which the next acknowledgement may tell that it is lost. */
static inline bool sw_tcp_recover_waits(const struct sw_tcp *t)
{
    const struct sw_tcp_sent *s = &t->loss->sent;
    return t->recovering || (s->sacked | s->lost | s->resent) != 0;
}
/* How long after now a tail loss probe goes (RFC 8985 7.2); SW_TIME_NEVER: none may. */
sw_time sw_tcp_recover_probe_wait(const struct sw_tcp *t);
/* The probe has gone: something new, or what was sent last once more (7.3). */
void sw_tcp_recover_probed(struct sw_tcp *t, bool again);
/* The record to be sent again before anything new (RFC 6675 4, NextSeg() (1)), if one may go; there
 * is one. */
bool sw_tcp_recover_next(const struct sw_tcp *t, uint32_t *record);
/* The one to be sent again when nothing new may go (NextSeg() (3), (4)), if one may, in
 * recovery. */
bool sw_tcp_recover_last(const struct sw_tcp *t, uint32_t *record);
/* The retransmission timer ran out: the first is lost, and all that is older than reordering may be
 * (RFC 8985 6.3). */
void sw_tcp_recover_timeout(struct sw_tcp *t);
/* All that is out is to be sent again. */
void sw_tcp_recover_all(struct sw_tcp *t);

/* ---- tcp_ecn.c ---- */

/* A loss was found: the window is lowered, unless a mark has lowered it for the same flight (RFC
 * 3168 6.1.2). Recovery begins for tcp_cc.c either way. */
void sw_tcp_lower(struct sw_tcp *t, uint32_t flight_bytes, sw_time now);
/* An acknowledgement with ECE has been taken in; flight: what was out before it; bytes: how many
 * more the peer has than before. */
void sw_tcp_ecn_echoed(struct sw_tcp *t, uint32_t flight_bytes, uint32_t bytes, sw_time now);

/* ---- tcp_info.c ---- */

/* What sw_sock_info() tells. */
void sw_tcp_info(const struct sw_tcp *t, struct sw_sock_info *out);

/* ---- tcp_undo.c ---- */

/* Congestion control is about to answer a loss. */
void sw_tcp_undo_begin(struct sw_tcp *t);
/* ... or a timeout, the first of its segment, outside of recovery. */
void sw_tcp_undo_timeout(struct sw_tcp *t);
void sw_tcp_undo_forget(struct sw_tcp *t); /* harmless without */
/* There is congestion, whatever was lost (RFC 3168 6.1.2): the windows stay lowered. Harmless if
 * there is nothing to undo. */
void sw_tcp_undo_marked(struct sw_tcp *t);
/* A segment is sent again, up to end; harmless if there is nothing to undo. */
void sw_tcp_undo_resent(struct sw_tcp *t, uint32_t end);
/* F-RTO has nothing but new text sent now (RFC 5682 2.1, 3.1, step 2b). */
bool sw_tcp_undo_sends_new(const struct sw_tcp *t);
/* How far that may go: two segments. */
uint32_t sw_tcp_undo_new_edge(const struct sw_tcp *t);
/* An acknowledgement up to ack is about to be taken in; one has been, and was more than before; one
 * that was a duplicate, without SACK. Harmless if there is nothing to undo. */
void sw_tcp_undo_covers(struct sw_tcp *t, uint32_t ack);
void sw_tcp_undo_advanced(struct sw_tcp *t, const struct sw_tcp_segment *seg);
void sw_tcp_undo_duplicate(struct sw_tcp *t);
/* A record was delivered. */
void sw_tcp_undo_delivered(struct sw_tcp_undo *u, const struct sw_tcp_record *r);
/* The peer had this twice. */
void sw_tcp_undo_twice(struct sw_tcp *t, struct sw_tcp_block twice);
/* An acknowledgement and its blocks were taken in: `bytes` more were delivered. Wants
 * t->loss->undo, as the next. */
void sw_tcp_undo_judge(struct sw_tcp *t, bool advanced, uint32_t bytes);
/* At its end: whether there is still something to wait for. */
void sw_tcp_undo_rest(struct sw_tcp *t);

/* ---- tcp_watch.c ---- */

/* Wants an observer. */
void sw_tcp_tell_watch(struct sw_tcp *t, enum sw_tcp_happening what);
static inline void sw_tcp_tell(struct sw_tcp *t, enum sw_tcp_happening what)
{
    if (t->host->config.tcp_watch != NULL) {
        sw_tcp_tell_watch(t, what);
    }
}

/* ---- tcp_paced.c ---- */

/* Makes t->paced if it is not there. False: out of memory. */
bool sw_tcp_paced_need(struct sw_tcp *t);
/* What the algorithm of congestion control has for itself goes with it; harmless without. */
void sw_tcp_paced_free(struct sw_tcp *t);
/* SW_OPT_PACING; 0, -ENOMEM. */
int sw_tcp_paced_limit(struct sw_tcp *t, uint64_t most_bps);
/* From now on ops decides; without memory for what it wants, CUBIC. */
void sw_tcp_paced_choose(struct sw_tcp *t, const struct sw_tcp_cc_ops *ops);
/* Text is about to be sent, and nothing is out. */
void sw_tcp_paced_restart(struct sw_tcp *t);
/* What was found lost is counted, `last`: for t->loss goes; harmless without. */
void sw_tcp_paced_lost(struct sw_tcp *t, bool last);
/* All below want t->paced. The rate as cwnd and the user's bound have it now. */
void sw_tcp_paced_rate(struct sw_tcp *t);
/* May a segment go now? If not, output comes back when one may. */
bool sw_tcp_paced_may(struct sw_tcp *t);
/* Nothing more may go: is that for want of text? */
void sw_tcp_paced_dry(struct sw_tcp *t);
/* A segment goes; SND.NXT is as it was before. */
void sw_tcp_paced_sent(struct sw_tcp *t, uint32_t seq, uint32_t end);
/* An acknowledgement is taken in: it acknowledges or SACKs so many bytes that none did before.
 * duplicate: it stands for a segment out of order. */
void sw_tcp_paced_ack(struct sw_tcp *t, sw_time now, uint32_t acked, bool duplicate);

/* ---- tcp_timer.c ---- */

/* Sets a deadline; arms the timer only if it would come too late. */
void sw_tcp_set_due(struct sw_tcp *t, enum sw_tcp_deadline which, sw_time due);
sw_timer_fn sw_tcp_timer_fired;
/* Text is outstanding: the retransmission timer runs, from now (RFC 6298 5.1, 5.3). */
void sw_tcp_restart_rtx(struct sw_tcp *t);
/* How long DUE_RTX waits from now on: sets t->loss->probing, too. */
sw_time sw_tcp_rtx_wait(struct sw_tcp *t);
/* A second segment is out, so a probe may go earlier (RFC 8985 7.2); DUE_RTX runs. */
void sw_tcp_hasten_rtx(struct sw_tcp *t);
/* RACK's deadline (wants t->loss); SW_TIME_NEVER: none. */
void sw_tcp_set_reorder_due(struct sw_tcp *t, sw_time due);
void sw_tcp_restart_keepalive(struct sw_tcp *t);
/* The user timeout has changed. */
void sw_tcp_watch_user_timeout(struct sw_tcp *t);
/* What the peer is told of it (RFC 5482 3, ADV_UTO). */
sw_time sw_tcp_told_user_timeout(const struct sw_tcp *t);
/* The peer's segment, which is believed, may tell of its own. */
void sw_tcp_hear_user_timeout(struct sw_tcp *t, const struct sw_tcp_header *h);

/* ---- tcp_input.c, tcp_handshake.c, tcp_ack.c, tcp_text.c: steps of 3.10.7 ---- */

/* A segment of t, which is in some state but CLOSED and LISTEN. t may be gone afterwards. */
sw_rx_verdict sw_tcp_in_connection(struct sw_tcp *t, struct sw_tcp_segment *seg);
sw_rx_verdict sw_tcp_in_closed(struct sw_host *host, const struct sw_tcp_segment *seg);
sw_rx_verdict sw_tcp_in_listen(struct sw_tcp *listener, struct sw_tcp_segment *seg,
                               const uint32_t *isn_above);
sw_rx_verdict sw_tcp_in_syn_sent(struct sw_tcp *t, struct sw_tcp_segment *seg);
/* Cuts off what lies outside of the window, at both ends; a FIN outside goes with it. */
void sw_tcp_trim(struct sw_tcp *t, struct sw_tcp_segment *seg);
/* Text has been acknowledged or sent: tells a writer that waits, if there is room now. Without that
 * after sending, a recovery in which nothing is acknowledged would find no new text. */
void sw_tcp_wake_writer(struct sw_tcp *t);
/* The fifth check, the ACK field: whether it is there, and can be the peer's. */
sw_rx_verdict sw_tcp_check_ack(struct sw_tcp *t, const struct sw_tcp_segment *seg);
/* Then, what it says. */
sw_rx_verdict sw_tcp_step_ack(struct sw_tcp *t, struct sw_tcp_segment *seg);
/* The sixth, the URG bit, of a segment that has it. */
void sw_tcp_step_urgent(struct sw_tcp *t, const struct sw_tcp_segment *seg);
/* From the sixth on: the seventh, text, and the eighth, FIN. */
sw_rx_verdict sw_tcp_step_text(struct sw_tcp *t, struct sw_tcp_segment *seg);
/* Text that waits for what is missing before it is given up. */
void sw_tcp_forget_early(struct sw_tcp *t);
/* The receive side owes the peer an acknowledgement: at the batch's end. */
void sw_tcp_owe_ack(struct sw_tcp *t);

#endif
