/* The bytes of esnet/iperf 3's protocol, as its clients of version 3.12 and newer (those back
 * to 3.9 do too) send and expect them: states, parameters and results in JSON, the headers of
 * datagrams. There is no document of it but that program itself. Pure: no socket, no time. */
#ifndef SW_LAN_IPERF3_PROTO_H
#define SW_LAN_IPERF3_PROTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"

#define SW_IPERF3_PORT 5201
#define SW_IPERF3_COOKIE 37       /* 36 characters and a NUL; the first bytes of every connection */
#define SW_IPERF3_STREAMS_MAX 128 /* each way */
#define SW_IPERF3_PARAMS_MAX ((size_t)8 << 10) /* bytes of JSON */
/* Bytes of a client's results: some 200 a stream are usual. */
#define SW_IPERF3_RESULTS_MAX(streams) (((size_t)8 << 10) + 512 * (size_t)(streams))

/* What goes over the control connection, one byte each, as a signed number. */
enum sw_iperf3_message {
    SW_IPERF3_TEST_START = 1,
    SW_IPERF3_TEST_RUNNING = 2,
    SW_IPERF3_TEST_END = 4,
    SW_IPERF3_PARAM_EXCHANGE = 9,
    SW_IPERF3_CREATE_STREAMS = 10,
    SW_IPERF3_SERVER_TERMINATE = 11,
    SW_IPERF3_CLIENT_TERMINATE = 12,
    SW_IPERF3_EXCHANGE_RESULTS = 13,
    SW_IPERF3_DISPLAY_RESULTS = 14,
    SW_IPERF3_IPERF_START = 15,
    SW_IPERF3_IPERF_DONE = 16,
    SW_IPERF3_ACCESS_DENIED = -1,
    SW_IPERF3_SERVER_ERROR = -2, /* eight bytes follow: one of the errors below, and 0 */
};

/* Why a test was refused or ended; the client has a sentence for each number. */
enum sw_iperf3_error {
    SW_IPERF3_OK = 0,
    SW_IPERF3_E_DURATION = 5,
    SW_IPERF3_E_STREAMS = 6,
    SW_IPERF3_E_BLOCK = 7,
    SW_IPERF3_E_WINDOW = 8,
    SW_IPERF3_E_OMIT = 12,
    SW_IPERF3_E_NOT_HERE = 13, /* of a protocol that this server does not speak */
    SW_IPERF3_E_UDP_BLOCK = 20,
    SW_IPERF3_E_TOS = 21,
    SW_IPERF3_E_BOTH_WAYS = 25, /* reverse and bidirectional at once */
    SW_IPERF3_E_INIT = 101,     /* no memory */
    SW_IPERF3_E_MESSAGE = 110,  /* a byte that has no meaning now */
    SW_IPERF3_E_PARAMS = 114,   /* no JSON, too long, or a value of the wrong kind */
    SW_IPERF3_E_RESULTS = 117,
    SW_IPERF3_E_SILENT = 144, /* nothing came for too long */
    SW_IPERF3_E_LISTEN = 202, /* the UDP port is not free */
    SW_IPERF3_E_STREAM = 207, /* a stream ended before its test */
};

/* What a client asks for. */
struct sw_iperf3_params {
    bool udp;
    bool reverse;       /* the server sends */
    bool bidirectional; /* both send */
    bool nodelay, dont_fragment;
    bool server_output;    /* the server's words go with its results */
    bool wide_counters;    /* datagrams are numbered with 64 bits instead of 32 */
    uint32_t parallel;     /* streams each way, 1 .. SW_IPERF3_STREAMS_MAX */
    uint32_t omit_s;       /* so long nothing is counted, 0 .. 600 */
    uint32_t duration_s;   /* behind that, 0 .. 86400; 0: until the client says so */
    uint64_t bytes;        /* the test's end instead of a time; 0: none */
    uint32_t block_bytes;  /* TCP: 1 .. 1 MiB [128 KiB]; UDP: 16 .. 65507 [1460] */
    uint64_t rate_bps;     /* of each stream; 0: unlimited */
    uint32_t window_bytes; /* of socket buffers, at most 512 MiB; 0: as they are */
    uint8_t tos;
};

/* Reads a client's parameters. Keys that are not known mean nothing; one that is known must have a
 * value in its range. SW_IPERF3_OK, or why not: E_PARAMS where it is no JSON object of at most
 * SW_IPERF3_PARAMS_MAX bytes or a value is of the wrong kind, else the value's own error; what out
 * holds then means nothing. */
enum sw_iperf3_error sw_iperf3_params_parse(struct sw_iperf3_params *out, const void *json,
                                            size_t n);

/* A stream's number in results. The first is 1 and the second 3, for ever: so the first client
 * counted. */
uint32_t sw_iperf3_stream_id(uint32_t index);

/* What one side says of one stream. */
struct sw_iperf3_stream_result {
    uint32_t id;
    uint64_t bytes;
    int64_t retransmits; /* -1: not known, or not the sender */
    sw_time jitter;
    uint64_t errors, packets; /* UDP: lost, and the highest number; the omitted ones included */
    uint64_t omitted_errors, omitted_packets;
    sw_time took;
};

/* The server's results. text may be NULL: no server output. The JSON, n bytes from malloc; NULL: no
 * memory. */
char *sw_iperf3_results_emit(const struct sw_iperf3_stream_result *streams, size_t count,
                             int sender_has_retransmits, const char *text, size_t *n);
/* Reads a client's. Fills in those of out that it speaks of, by their ids, which the caller has
 * set; the rest of them is zeroed first. SW_IPERF3_OK or SW_IPERF3_E_RESULTS: longer than
 * SW_IPERF3_RESULTS_MAX(count), no JSON, without a value that it must have, or of a stream that
 * there is not. */
enum sw_iperf3_error sw_iperf3_results_parse(struct sw_iperf3_stream_result *out, size_t count,
                                             const void *json, size_t n);

/* ---- datagrams ---- */

#define SW_IPERF3_CONNECT 4     /* bytes of the datagrams that open a stream */
#define SW_IPERF3_HEADER_MAX 16 /* of what each datagram of a stream begins with */
#define SW_IPERF3_DATAGRAM_MIN 16
#define SW_IPERF3_DATAGRAM_MAX 65507

/* Is this a datagram that opens a stream? Then answer is what must be sent back: clients up to 3.10
 * ask and are answered in one way, newer ones in another. */
bool sw_iperf3_connect(const void *bytes, size_t n, uint8_t answer[SW_IPERF3_CONNECT]);

struct sw_iperf3_header {
    sw_time sent;    /* by the sender's clock, to the microsecond */
    uint64_t number; /* from 1 */
};

size_t sw_iperf3_header_bytes(bool wide);
/* False: too short to be one. */
bool sw_iperf3_header_parse(struct sw_iperf3_header *out, const void *bytes, size_t n, bool wide);
/* Writes sw_iperf3_header_bytes(wide) bytes; sent is not negative. */
void sw_iperf3_header_emit(uint8_t *to, const struct sw_iperf3_header *header, bool wide);

/* What the receiver of numbered datagrams knows. Zero it first. */
struct sw_iperf3_arrivals {
    uint64_t packets; /* the highest number that came */
    uint64_t errors;  /* numbers left out, less those that came late */
    uint64_t late;
    sw_time transit, jitter16; /* jitter16: RFC 3550's J, times 16 */
    bool began;                /* transit is one */
};
void sw_iperf3_arrived(struct sw_iperf3_arrivals *a, const struct sw_iperf3_header *header,
                       sw_time now);

#endif
