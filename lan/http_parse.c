/* HTTP/1.1 messages as bytes: heads, the chunked coding (RFC 9112), targets and ranges (RFC 9110).
 * See the header. What stands in two places of a message and disagrees is refused, not guessed at:
 * request smuggling lives of the guess. */
#include "lan/http_parse.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FIELDS_MAX 100      /* fields of a head */
#define LINE_MAX_BYTES 1024 /* of a chunk's size line, or of a trailer's */

/* A piece of a head. */
struct text {
    const char *at;
    size_t n;
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool same(struct text a, const char *word)
{
    if (a.n != strlen(word)) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        if (lower(a.at[i]) != word[i]) {
            return false;
        }
    }
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* 0..15, or -1. */
static int hex_of(char c)
{
    c = lower(c);
    return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 9110 5.6.2. */
static bool is_token_char(char c)
{
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(struct text t)
{
    for (size_t i = 0; i < t.n; i++) {
        if (!is_token_char(t.at[i])) {
            return false;
        }
    }
    return t.n > 0;
}

static struct text trim(struct text t)
{
    while (t.n && (*t.at == ' ' || *t.at == '\t')) {
        t.at++;
        t.n--;
    }
    while (t.n && (t.at[t.n - 1] == ' ' || t.at[t.n - 1] == '\t')) {
        t.n--;
    }
    return t;
}

/* The next element of a comma-separated list, trimmed; false behind the last (RFC 9110 5.6.1). */
static bool next_element(struct text *list, struct text *out)
{
    if (!list->n) {
        return false;
    }
    const char *comma = memchr(list->at, ',', list->n);
    size_t n = comma ? (size_t)(comma - list->at) : list->n;
    *out = trim((struct text){list->at, n});
    n += comma != NULL;
    list->at += n;
    list->n -= n;
    return true;
}

/* A number of decimal digits alone; false: anything else, or over 2^63 - 1. */
static bool decimal(struct text t, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < t.n; i++) {
        if (!is_digit(t.at[i]) || value > (INT64_MAX - 9) / 10) {
            return false;
        }
        value = value * 10 + (uint64_t)(t.at[i] - '0');
    }
    *out = value;
    return t.n > 0;
}

/* ---- heads ---- */

size_t sw_http_head_end(const char *bytes, size_t n, size_t seen)
{
    /* An end may have begun in what was seen: "\n\r" of "\n\r\n". */
    size_t at = seen > 2 ? seen - 2 : 0;
    while (at < n) {
        const char *line = memchr(bytes + at, '\n', n - at);
        if (!line) {
            return 0;
        }
        at = (size_t)(line - bytes) + 1;
        if (at < n && bytes[at] == '\n') {
            return at + 1;
        }
        if (at + 1 < n && bytes[at] == '\r' && bytes[at + 1] == '\n') {
            return at + 2;
        }
    }
    return 0;
}

/* The next line without its end; rest moves behind it. */
static struct text next_line(struct text *rest)
{
    const char *end = memchr(rest->at, '\n', rest->n);
    size_t n = end ? (size_t)(end - rest->at) : rest->n;
    struct text line = {rest->at, n};
    size_t whole = end ? n + 1 : n;
    rest->at += whole;
    rest->n -= whole;
    if (line.n && line.at[line.n - 1] == '\r') {
        line.n--;
    }
    return line;
}

/* A field's name and value (RFC 9112 5): no space before the colon, no folded line, no control
 * character. */
static bool field(struct text line, struct text *name, struct text *value)
{
    const char *colon = memchr(line.at, ':', line.n);
    if (!colon) {
        return false;
    }
    *name = (struct text){line.at, (size_t)(colon - line.at)};
    *value = trim((struct text){colon + 1, line.n - name->n - 1});
    for (size_t i = 0; i < value->n; i++) {
        if (((uint8_t)value->at[i] < 0x20 && value->at[i] != '\t') || value->at[i] == 0x7f) {
            return false;
        }
    }
    return is_token(*name);
}

/* "HTTP/1.1": its numbers. */
static bool version(struct text t, unsigned *major, unsigned *minor)
{
    if (t.n != 8 || memcmp(t.at, "HTTP/", 5) != 0 || !is_digit(t.at[5]) || t.at[6] != '.' ||
        !is_digit(t.at[7])) {
        return false;
    }
    *major = (unsigned)(t.at[5] - '0');
    *minor = (unsigned)(t.at[7] - '0');
    return true;
}

/* What the fields of a head say that both kinds of message share. */
struct said {
    bool close, keep_alive;
    bool length_given, chunked, coding_unknown;
    uint64_t length;
    unsigned hosts;
    bool expects_continue, if_range;
    struct text range;
    unsigned ranges;
};

/* RFC 9112 6.3 (5): several lengths must be one. */
static bool content_length(struct said *said, struct text value)
{
    struct text one;
    while (next_element(&value, &one)) {
        uint64_t length;
        if (!decimal(one, &length) || (said->length_given && length != said->length)) {
            return false;
        }
        said->length_given = true;
        said->length = length;
    }
    return said->length_given;
}

static bool one_field(struct said *said, struct text name, struct text value)
{
    struct text one;
    if (same(name, "content-length")) {
        return content_length(said, value);
    }
    if (same(name, "transfer-encoding")) {
        while (next_element(&value, &one)) {
            /* The chunked coding comes last and once (RFC 9112 6.1), and nothing else is known. */
            said->coding_unknown |= said->chunked || !same(one, "chunked");
            said->chunked |= same(one, "chunked");
        }
    } else if (same(name, "connection")) {
        while (next_element(&value, &one)) {
            said->close |= same(one, "close");
            said->keep_alive |= same(one, "keep-alive");
        }
    } else if (same(name, "host")) {
        said->hosts++;
    } else if (same(name, "expect")) {
        said->expects_continue |= same(value, "100-continue");
    } else if (same(name, "range")) {
        said->range = value;
        said->ranges++;
    } else if (same(name, "if-range")) {
        said->if_range = true;
    }
    return true;
}

/* All fields. 0, 400, 431. */
static unsigned fields(struct said *said, struct text rest)
{
    unsigned count = 0;
    while (rest.n) {
        struct text name, value;
        struct text line = next_line(&rest);
        if (!line.n) {
            break;
        }
        if (++count > FIELDS_MAX) {
            return 431;
        }
        if (!field(line, &name, &value) || !one_field(said, name, value)) {
            return 400;
        }
    }
    return 0;
}

static enum sw_http_method method_of(struct text t)
{
    static const char *const others[] = {"POST",    "PUT",   "DELETE", "CONNECT",
                                         "OPTIONS", "TRACE", "PATCH"};
    if (t.n == 3 && memcmp(t.at, "GET", 3) == 0) {
        return SW_HTTP_GET;
    }
    if (t.n == 4 && memcmp(t.at, "HEAD", 4) == 0) {
        return SW_HTTP_HEAD;
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (t.n == strlen(others[i]) && memcmp(t.at, others[i], t.n) == 0) {
            return SW_HTTP_OTHER;
        }
    }
    return SW_HTTP_UNKNOWN;
}

/* "GET /path HTTP/1.1" (RFC 9112 3). 0, 400, 414, 501, 505. */
static unsigned request_line(struct sw_http_request *out, struct text line)
{
    const char *first = memchr(line.at, ' ', line.n);
    struct text method = {line.at, first ? (size_t)(first - line.at) : 0};
    unsigned major;
    if (!first || !is_token(method)) {
        return 400;
    }
    struct text target = {first + 1, line.n - method.n - 1};
    const char *second = memchr(target.at, ' ', target.n);
    if (!second) {
        return 400;
    }
    struct text proto = {second + 1, target.n - (size_t)(second - target.at) - 1};
    target.n = (size_t)(second - target.at);
    if (!target.n || !version(proto, &major, &out->minor)) {
        return 400;
    }
    for (size_t i = 0; i < target.n; i++) {
        if ((uint8_t)target.at[i] <= 0x20 || target.at[i] == 0x7f) {
            return 400;
        }
    }
    out->method = method_of(method);
    out->target = target.at;
    out->target_len = target.n;
    if (major != 1) {
        return 505;
    }
    if (target.n > SW_HTTP_TARGET_MAX) {
        return 414;
    }
    return out->method == SW_HTTP_UNKNOWN ? 501 : 0;
}

unsigned sw_http_request_parse(struct sw_http_request *out, const char *head, size_t n)
{
    struct text rest = {head, n};
    struct text line = next_line(&rest);
    struct said said = {0};
    *out = (struct sw_http_request){0};
    while (!line.n && rest.n) {
        line = next_line(&rest);
    }
    unsigned status = request_line(out, line);
    if (!status) {
        status = fields(&said, rest);
    }
    if (status) {
        return status;
    }
    /* RFC 9112 3.2: exactly one Host in HTTP/1.1. 6.1: a length beside a coding is an attack or a
     * mistake; a coding is not of 1.0. */
    if (said.hosts > 1 || (out->minor > 0 && said.hosts == 0) ||
        (said.chunked && (said.length_given || out->minor == 0))) {
        return 400;
    }
    if (said.coding_unknown) {
        return 501;
    }
    out->keep_alive = !said.close && (out->minor > 0 || said.keep_alive);
    out->expects_continue = said.expects_continue && out->minor > 0;
    if (said.chunked) {
        out->framing = SW_HTTP_CHUNKED;
    } else if (said.length_given && said.length) {
        out->framing = SW_HTTP_LENGTH;
        out->content_length = said.length;
    }
    if (said.ranges == 1 && !said.if_range && out->method == SW_HTTP_GET) {
        out->range = said.range.at;
        out->range_len = said.range.n;
    }
    return 0;
}

bool sw_http_response_parse(struct sw_http_response *out, const char *head, size_t n,
                            bool head_request)
{
    struct text rest = {head, n};
    struct text line = next_line(&rest);
    struct said said = {0};
    unsigned major;
    uint64_t status;
    *out = (struct sw_http_response){0};
    /* RFC 9112 4: "HTTP/1.1 200 OK"; the words, and the space before them, may be missing. */
    if (line.n < 12 || !version((struct text){line.at, 8}, &major, &out->minor) || major != 1 ||
        line.at[8] != ' ' || !decimal((struct text){line.at + 9, 3}, &status) ||
        (line.n > 12 && line.at[12] != ' ') || status < 100 || fields(&said, rest)) {
        return false;
    }
    out->status = (unsigned)status;
    out->keep_alive = !said.close && (out->minor > 0 || said.keep_alive);
    if (head_request || status < 200 || status == 204 || status == 304) {
        return true;
    }
    if (said.coding_unknown || (said.chunked && said.length_given)) {
        return false;
    }
    out->framing = said.chunked        ? SW_HTTP_CHUNKED
                   : said.length_given ? SW_HTTP_LENGTH
                                       : SW_HTTP_UNTIL_CLOSE;
    out->content_length = said.length;
    return true;
}

/* ---- targets ---- */

/* The path of an absolute form (RFC 9112 3.2.2), or the target itself. */
static struct text path_of_target(struct text t)
{
    if (t.n < 7 || !same((struct text){t.at, 7}, "http://")) {
        return t;
    }
    t.at += 7;
    t.n -= 7;
    while (t.n && *t.at != '/' && *t.at != '?') {
        t.at++;
        t.n--;
    }
    return t.n && *t.at == '/' ? t : (struct text){"/", 1};
}

/* Undoes "%41" and cuts the query off. The length, or 0: not a path. */
static size_t decode(char *out, struct text t)
{
    size_t n = 0;
    for (size_t i = 0; i < t.n && t.at[i] != '?'; i++) {
        char c = t.at[i];
        if (c == '%') {
            int high = i + 2 < t.n ? hex_of(t.at[i + 1]) : -1;
            int low = i + 2 < t.n ? hex_of(t.at[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return 0;
            }
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '#') {
            return 0;
        }
        if (c == 0) {
            return 0;
        }
        out[n++] = c;
    }
    return n && out[0] == '/' ? n : 0;
}

/* Resolves empty, "." and ".." segments in place; never above the root (RFC 3986 5.2.4, on what is
 * decoded). The new length. */
static size_t resolve(char *path, size_t n)
{
    size_t to = 0;
    bool folder = false; /* does the path end as a folder does? */
    for (size_t at = 0; at < n;) {
        size_t begin = ++at; /* behind a slash */
        while (at < n && path[at] != '/') {
            at++;
        }
        size_t len = at - begin;
        folder = true;
        if (len == 2 && path[begin] == '.' && path[begin + 1] == '.') {
            while (to && path[--to] != '/') {
            }
        } else if (len && !(len == 1 && path[begin] == '.')) {
            path[to++] = '/';
            memmove(path + to, path + begin, len);
            to += len;
            folder = false;
        }
    }
    if (folder) {
        path[to++] = '/';
    }
    return to;
}

unsigned sw_http_path(char *out, const char *target, size_t len)
{
    size_t n = decode(out, path_of_target((struct text){target, len}));
    if (!n) {
        return 400;
    }
    n = resolve(out, n);
    if (out[n - 1] == '/') {
        memcpy(out + n, "index.html", 10);
        n += 10;
    }
    out[n] = 0;
    return 0;
}

/* ---- ranges ---- */

enum sw_http_range_verdict sw_http_range(struct sw_http_range *out, const char *value, size_t len,
                                         uint64_t size)
{
    struct text t = {value, len};
    uint64_t first = 0, last = INT64_MAX;
    if (t.n < 6 || !same((struct text){t.at, 6}, "bytes=") || memchr(t.at, ',', t.n)) {
        return SW_HTTP_RANGE_WHOLE;
    }
    t = trim((struct text){t.at + 6, t.n - 6});
    const char *dash = memchr(t.at, '-', t.n);
    if (!dash) {
        return SW_HTTP_RANGE_WHOLE;
    }
    struct text from = {t.at, (size_t)(dash - t.at)};
    struct text to = {dash + 1, t.n - from.n - 1};
    if ((from.n && !decimal(from, &first)) || (to.n && !decimal(to, &last)) || (!from.n && !to.n) ||
        (from.n && last < first)) {
        return SW_HTTP_RANGE_WHOLE;
    }
    if (!from.n) { /* the last so many bytes */
        if (last == 0 || size == 0) {
            return SW_HTTP_RANGE_UNSATISFIABLE;
        }
        out->length = last < size ? last : size;
        out->first = size - out->length;
        return SW_HTTP_RANGE_PART;
    }
    if (first >= size) {
        return SW_HTTP_RANGE_UNSATISFIABLE;
    }
    last = last < size ? last : size - 1;
    out->first = first;
    out->length = last - first + 1;
    return SW_HTTP_RANGE_PART;
}

/* ---- the chunked coding ---- */

enum { CHUNK_SIZE, CHUNK_EXTENSION, CHUNK_TEXT, CHUNK_END, CHUNK_TRAILER, CHUNK_OVER };

/* A byte of a size line. 0, -EPROTO. */
static int size_byte(struct sw_http_chunks *c, char byte)
{
    int digit = hex_of(byte);
    if (++c->line > LINE_MAX_BYTES) {
        return -EPROTO;
    }
    if (byte == '\n') {
        if (c->line == 1) {
            return -EPROTO; /* a line without a digit */
        }
        c->line = 0;
        c->state = c->left ? CHUNK_TEXT : CHUNK_TRAILER;
    } else if (c->state == CHUNK_SIZE && digit >= 0 && c->left <= UINT32_MAX) {
        c->left = c->left << 4 | (unsigned)digit;
    } else if (c->line == 1 || (c->state == CHUNK_SIZE && (!byte || !strchr("\r;\t ", byte)))) {
        return -EPROTO;
    } else {
        c->state = CHUNK_EXTENSION;
    }
    return 0;
}

/* A byte behind the last chunk: trailer fields, which are not heeded, and an empty line. 0,
 * -EPROTO. */
static int trailer_byte(struct sw_http_chunks *c, char byte)
{
    if (byte == '\n') {
        c->state = c->line == 0 ? CHUNK_OVER : CHUNK_TRAILER;
        c->line = 0;
    } else if (byte != '\r' && ++c->line > LINE_MAX_BYTES) {
        return -EPROTO;
    }
    return 0;
}

int sw_http_chunks_next(struct sw_http_chunks *c, const char *bytes, size_t n, size_t *used,
                        const char **text, size_t *text_len)
{
    int result = 0;
    size_t at = 0;
    *text = bytes;
    *text_len = 0;
    while (at < n && c->state != CHUNK_OVER && result == 0) {
        if (c->state == CHUNK_TEXT) {
            *text = bytes + at;
            *text_len = c->left < n - at ? (size_t)c->left : n - at;
            c->left -= *text_len;
            c->state = c->left ? CHUNK_TEXT : CHUNK_END;
            at += *text_len;
            break;
        }
        char byte = bytes[at++];
        if (c->state == CHUNK_END) {
            c->state = byte == '\n' ? CHUNK_SIZE : CHUNK_END;
            result = byte == '\n' || byte == '\r' ? 0 : -EPROTO;
        } else if (c->state == CHUNK_TRAILER) {
            result = trailer_byte(c, byte);
        } else {
            result = size_byte(c, byte);
        }
    }
    *used = at;
    return result ? result : c->state != CHUNK_OVER;
}

/* ---- URLs, dates, words ---- */

int sw_http_url_parse(struct sw_http_url *out, const char *url)
{
    const char *after = strstr(url, "://");
    *out = (struct sw_http_url){.port = 80};
    if (!after || after == url) {
        return -EINVAL;
    }
    if (!same((struct text){url, (size_t)(after - url)}, "http")) {
        return -EPROTONOSUPPORT;
    }
    out->host = after + 3;
    out->host_len = strcspn(out->host, ":/?#");
    const char *at = out->host + out->host_len;
    if (*at == ':') {
        uint64_t port;
        size_t digits = strcspn(at + 1, "/?#");
        if (!decimal((struct text){at + 1, digits}, &port) || port == 0 || port > 65535) {
            return -EINVAL;
        }
        out->port = (uint16_t)port;
        out->port_said = true;
        at += 1 + digits;
    }
    out->path = at;
    out->path_len = strcspn(at, "#");
    for (size_t i = 0; url[i]; i++) {
        if ((uint8_t)url[i] <= 0x20 || (uint8_t)url[i] >= 0x7f) {
            return -EINVAL;
        }
    }
    return out->host_len && !memchr(out->host, '@', out->host_len) ? 0 : -EINVAL;
}

char *sw_http_date(sw_time now, char *buf)
{
    static const char days[] = "MonTueWedThuFriSatSun";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    uint64_t seconds = (uint64_t)SW_HTTP_EPOCH + (uint64_t)(now / SW_S);
    uint64_t day = seconds / 86400, rest = seconds % 86400;
    /* Days since 1 March of year 0 in eras of 400 years, so that the leap day is a year's last. */
    uint64_t z = day + 719468;
    uint64_t of_era = z % 146097;
    uint64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    uint64_t month = (5 * of_year + 2) / 153; /* counted from March */
    uint64_t of_month = of_year - (153 * month + 2) / 5 + 1;
    year += z / 146097 * 400 + (month >= 10);
    month = (month + 2) % 12;
    /* Day 0, 1 January 1970, was a Thursday. */
    snprintf(buf, SW_HTTP_DATE, "%.3s, %02u %.3s %04u %02u:%02u:%02u GMT",
             days + 3 * ((day + 3) % 7), (unsigned)(of_month % 32), months + 3 * month,
             (unsigned)(year % 10000), (unsigned)(rest / 3600 % 24), (unsigned)(rest / 60 % 60),
             (unsigned)(rest % 60));
    return buf;
}

const char *sw_http_reason(unsigned status)
{
    switch (status) {
    case 200:
        return "OK";
    case 206:
        return "Partial Content";
    case 400:
        return "Bad Request";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 416:
        return "Range Not Satisfiable";
    case 431:
        return "Request Header Fields Too Large";
    case 501:
        return "Not Implemented";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "";
    }
}

const char *sw_http_type(const char *name)
{
    static const char *const types[][2] = {
        {"html", "text/html; charset=utf-8"},
        {"htm", "text/html; charset=utf-8"},
        {"txt", "text/plain; charset=utf-8"},
        {"css", "text/css; charset=utf-8"},
        {"csv", "text/csv; charset=utf-8"},
        {"md", "text/markdown; charset=utf-8"},
        {"js", "text/javascript; charset=utf-8"},
        {"json", "application/json"},
        {"xml", "application/xml"},
        {"yaml", "application/yaml"},
        {"pdf", "application/pdf"},
        {"zip", "application/zip"},
        {"gz", "application/gzip"},
        {"wasm", "application/wasm"},
        {"png", "image/png"},
        {"jpg", "image/jpeg"},
        {"jpeg", "image/jpeg"},
        {"gif", "image/gif"},
        {"svg", "image/svg+xml"},
        {"webp", "image/webp"},
        {"ico", "image/x-icon"},
        {"mp4", "video/mp4"},
    };
    const char *base = strrchr(name, '/');
    const char *dot = strrchr(base ? base : name, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof types[0]; i++) {
        if (same((struct text){dot + 1, strlen(dot + 1)}, types[i][0])) {
            return types[i][1];
        }
    }
    return "application/octet-stream";
}
