/* HTTP/1.1 messages as bytes (RFC 9110, RFC 9112): heads of requests and answers, targets, ranges,
 * the chunked coding, URLs, dates. No socket, no state beyond what is passed in. Pure. */
#ifndef SW_LAN_HTTP_PARSE_H
#define SW_LAN_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr.h"
#include "core/clock.h"

#define SW_HTTP_HEAD_MAX 8192   /* of a head, its empty line included */
#define SW_HTTP_TARGET_MAX 4096 /* of a request's target */

/* The length of a message's head, its empty line included, or 0: it has not ended within n bytes.
 * `seen` bytes were looked at before (0 at first), so that a head that comes byte by byte costs no
 * more than one that comes whole. Lines end with CRLF; a bare LF is taken too (RFC 9112 2.2). */
size_t sw_http_head_end(const char *bytes, size_t n, size_t seen);

/* How a body's end is known (RFC 9112 6.3). */
enum sw_http_framing {
    SW_HTTP_NO_BODY,
    SW_HTTP_LENGTH,      /* content_length bytes */
    SW_HTTP_CHUNKED,     /* the chunked coding */
    SW_HTTP_UNTIL_CLOSE, /* answers alone */
};

enum sw_http_method { SW_HTTP_GET, SW_HTTP_HEAD, SW_HTTP_OTHER, SW_HTTP_UNKNOWN };

struct sw_http_request {
    enum sw_http_method method;
    const char *target; /* as it stands, in the head */
    size_t target_len;
    unsigned minor; /* HTTP/1.minor */
    bool keep_alive;
    bool expects_continue;
    enum sw_http_framing framing;
    uint64_t content_length;
    const char *range; /* the Range field's value; NULL: none, or one that is not to be heeded */
    size_t range_len;
};

/* Reads a request's whole head. 0, or the status of the answer that refuses it: 400, 414 (target),
 * 431 (too many fields), 501 (a method or transfer coding that is not known), 505 (not HTTP/1.x).
 * After anything but 0 the connection cannot go on. Empty lines before the request line are skipped
 * (RFC 9112 2.2). A Range beside an If-Range is not heeded: there are no validators here that it
 * could name (RFC 9110 13.1.5). */
unsigned sw_http_request_parse(struct sw_http_request *out, const char *head, size_t n);

/* A request's target as the normalised, decoded path of a file: "/a/b.html"; a path that ends with
 * "/" gets "index.html". Query cut off, "%41" decoded, "//" made one, "." and ".." resolved (after
 * decoding), never above the root. `out` holds len + 16 bytes, NUL-terminated. 0, or 400: bad
 * percent sign, NUL, a target that is no path. Absolute forms ("http://host/path") are taken. */
unsigned sw_http_path(char *out, const char *target, size_t len);

/* A range of a body: bytes first .. first + length - 1. */
struct sw_http_range {
    uint64_t first, length;
};
enum sw_http_range_verdict {
    SW_HTTP_RANGE_WHOLE,         /* no range, several, or not understood: the whole body (200) */
    SW_HTTP_RANGE_PART,          /* 206 */
    SW_HTTP_RANGE_UNSATISFIABLE, /* 416 */
};
/* Reads a Range field's value for a body of `size` bytes (RFC 9110 14.1.2, 14.2). */
enum sw_http_range_verdict sw_http_range(struct sw_http_range *out, const char *value, size_t len,
                                         uint64_t size);

struct sw_http_response {
    unsigned status;
    unsigned minor;
    bool keep_alive;
    enum sw_http_framing framing;
    uint64_t content_length;
};
/* Reads an answer's whole head. head_request: it answers a HEAD, so no body follows. False:
 * malformed. */
bool sw_http_response_parse(struct sw_http_response *out, const char *head, size_t n,
                            bool head_request);

/* The chunked coding, undone piece by piece (RFC 9112 7.1). Zero it first. */
struct sw_http_chunks {
    uint64_t left;  /* of the chunk */
    unsigned state; /* http_parse.c's */
    unsigned line;  /* bytes of the line so far */
};
/* Looks at n bytes and takes *used of them; *text..*text_len lies in them and is content (maybe
 * none). 1: more is to come; 0: the last chunk and its trailer have ended; -EPROTO: malformed, or
 * lines over 1 KiB. Call again while bytes are left. */
int sw_http_chunks_next(struct sw_http_chunks *c, const char *bytes, size_t n, size_t *used,
                        const char **text, size_t *text_len);

/* An http URL: "http://web:8080/a?b". host and path lie in it; path "" is "/". */
struct sw_http_url {
    const char *host;
    size_t host_len;
    uint16_t port; /* 80 if not said */
    bool port_said;
    const char *path; /* from its "/" (or "?") to its end; a "#fragment" is left out */
    size_t path_len;
};
/* 0; -EPROTONOSUPPORT: another scheme than http; -EINVAL: anything else. */
int sw_http_url_parse(struct sw_http_url *out, const char *url);

#define SW_HTTP_DATE 30 /* "Sat, 01 Jan 2000 00:00:00 GMT" and a NUL */
/* A Date field's value (RFC 9110 5.6.7) for LAN time, which begins at SW_HTTP_EPOCH: the machine's
 * own clock is nothing a LAN may know. `now` at least 0. buf holds SW_HTTP_DATE bytes. Returns buf.
 */
#define SW_HTTP_EPOCH 946684800 /* 2000-01-01 00:00:00 UTC in POSIX seconds */
char *sw_http_date(sw_time now, char *buf);

/* "Not Found" of 404; "" of a status that is not known here. */
const char *sw_http_reason(unsigned status);
/* A media type by the name's ending, "application/octet-stream" where that says nothing. */
const char *sw_http_type(const char *name);

#endif
