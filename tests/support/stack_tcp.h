/* A host and a peer that is the test itself: it speaks segments in, and reads segments out, each a
 * line of text with literal numbers. The cable is a true wire, so what the host says at a time is
 * heard at that time.
 *
 *   FLAGS SEQ:END(LEN) [ack N] [win N] [urg N] [<mss N,ws N,ts VAL ECR,sackOK,sack A-B A-B,uto
 * BITS>] [[ce]]
 *
 * FLAGS are of S F R P U E(CE) W (CWR) and '.' for ACK; behind everything stands what IP says of
 * congestion, [ect0], [ect1] or [ce], if it says anything. SEQ and ack count from the initial
 * numbers of their sides, so the SYN is 0 and the first byte 1; timestamps of the host count
 * milliseconds of LAN time. Text is a pattern by number (lab_byte), made and checked on the way, so
 * a wrong byte anywhere fails. The peer's numbers begin 50 below 2^32, so each test that moves a
 * little text moves it across the turn. */
#ifndef SW_TESTS_STACK_TCP_H
#define SW_TESTS_STACK_TCP_H

#include "stack/host.h"
#include "stack/sock.h"
#include "tests/support/core_fixture.h"

#define LAB_HEARD 8192
#define LAB_PORT 80        /* of the host, where it listens */
#define LAB_PEER_PORT 4000 /* of the peer */

struct lab_config {
    bool timestamps, scaling, sack; /* as the host offers them; off by default: short lines */
    bool cubic;                     /* the default; else NewReno, easier to follow */
    enum sw_tcp_ecn_mode ecn;
    bool finds_holes, searches; /* the default; mtu-probing on; else off */
    bool as_linux;              /* the default; else the RFCs' profile, the same */
    const struct sw_tcp_watch *watch;
    uint32_t mtu_bytes;                   /* 0: 1500 */
    uint32_t receive_buffer, send_buffer; /* 0: 60,000 and 1 MiB */
    bool tuned;                           /* they grow from the usual start up to those */
    uint32_t max_connections, max_time_wait;
    enum sw_tcp_cookies syn_cookies;
    size_t pool_bytes;          /* 0: 256 MiB */
    struct sw_lane_config lane; /* out of the host; all zero: a true wire */
};

struct lab {
    struct sw_test_env world;
    struct sw_host *host;
    struct sw_nic *nic;
    struct sw_port port; /* the peer's */
    struct sw_link link;
    sw_time patience; /* of the peer for an answer: 0 but on a slow lane */
    uint32_t peer_isn, host_isn, host_ts;
    bool host_known, host_ts_known;
    uint16_t peer_port, host_port; /* of what the peer says */
    uint32_t peer_ip, host_ip;     /* from and to whom it speaks */
    uint8_t ip_options[8];         /* of the next packet it sends ... */
    unsigned ip_option_bytes;      /* ... so many of them */
    uint8_t ttl_heard, tos_heard;
    unsigned asked;  /* ARP requests that were answered */
    uint32_t mangle; /* xor'ed into the next checksum the peer sends */
    struct sw_frame *heard[LAB_HEARD];
    sw_time heard_at[LAB_HEARD];
    unsigned first, count;
    struct sw_sock *listener, *sock;
    uint32_t written, read; /* by the host's user */
    char events[256];
};

/* A host 10.0.0.1 with all defaults but those of config (NULL: none); the peer is 10.0.0.2. */
void lab_init(struct lab *lab, const struct lab_config *config);
/* Closes what is open, checks that nothing was said that was not expected, and that nothing is
 * left. */
void lab_fini(struct lab *lab);
void lab_run(struct lab *lab, sw_time until);
sw_time lab_now(const struct lab *lab);

/* A segment from the peer; the host has worked it through when this returns. */
void lab_in(struct lab *lab, const char *text);
/* A bare acknowledgement from it, with blocks, "2001-3001 4001-5001", or NULL. */
void lab_ack(struct lab *lab, uint32_t number, const char *blocks);
/* Several, which arrive in one batch; NULL behind the last. */
void lab_in_batch(struct lab *lab, const char *const *texts);
/* The next segment the host has said, said at `at`. */
#define lab_out(lab, at, text) lab_out_(__FILE__, __LINE__, lab, at, text)
void lab_out_(const char *file, int line, struct lab *lab, sw_time at, const char *text);
/* It has said nothing more. */
#define lab_quiet(lab) lab_quiet_(__FILE__, __LINE__, lab)
void lab_quiet_(const char *file, int line, struct lab *lab);
/* Forgets what it said; how many segments that were. */
unsigned lab_forget(struct lab *lab);

/* A socket that listens on LAB_PORT, in lab->listener. */
void lab_listen(struct lab *lab, unsigned backlog);
/* The whole handshake, opened by the peer, at the time it is; lab->sock is the accepted one. The
 * peer's window is win, its options those of `options`, "<mss 1460>" if NULL. */
void lab_accept(struct lab *lab, unsigned win, const char *options);
/* Begins to connect lab->sock to port 4000 of the peer. */
void lab_connect(struct lab *lab);
/* The same until it stands; the peer's window is win. */
void lab_connected(struct lab *lab, unsigned win);
/* An ICMP error of the peer about the host's segment with the number seq. */
void lab_icmp(struct lab *lab, uint8_t type, uint8_t code, uint16_t mtu, uint32_t seq);
/* Another station, 02:…:66, asks for the host, and says that the peer's address is its own. */
void lab_forged_arp(struct lab *lab);

/* The user of lab->sock writes the next n bytes of the pattern; returns what sw_sock_send() took.
 */
int64_t lab_write(struct lab *lab, size_t n);
/* Reads up to n bytes and checks them; returns what sw_sock_recv() did. */
int64_t lab_read(struct lab *lab, size_t n);
/* What was told to lab->sock and lab->listener since the last call, a letter each: C(onnected)
 * A(ccepted) R(eadable) P(eer closed) W(ritable) E(rror) D(one: closed) U(rgent). */
#define lab_events(lab, text) lab_events_(__FILE__, __LINE__, lab, text)
void lab_events_(const char *file, int line, struct lab *lab, const char *text);
/* What `sock` is told from now on is written down, too. */
void lab_tell(struct lab *lab, struct sw_sock *sock);
struct sw_sock_info lab_info(const struct lab *lab);
uint64_t lab_dropped(const struct lab *lab, enum sw_drop reason);
uint8_t lab_byte(bool of_host, uint32_t number);

#endif
