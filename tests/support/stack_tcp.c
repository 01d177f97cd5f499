/* See stack_tcp.h. */
#include "tests/support/stack_tcp.h"

#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/checksum.h"
#include "stack/wire/arp.h"
#include "stack/wire/eth.h"
#include "stack/wire/icmp.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/tcp.h"
#include "tests/support/stack_holds.h"

#define HOST_IP 0x0a000001u
#define PEER_IP 0x0a000002u
#define SEGMENT_MAX 66000

static const struct sw_mac host_mac = {{2, 0, 0, 0, 0, 1}};
static const struct sw_mac peer_mac = {{2, 0, 0, 0, 0, 2}};

uint8_t lab_byte(bool of_host, uint32_t number)
{
    return (uint8_t)(number * 31 + (number >> 8) * 7 + (of_host ? 5 : 0));
}

sw_time lab_now(const struct lab *lab)
{
    return sw_clock_now(lab->world.env.clock);
}

/* ---- the peer's end of the cable ---- */

static void send_bytes(struct lab *lab, uint16_t type, const uint8_t *bytes, size_t n)
{
    static uint8_t whole[SEGMENT_MAX];
    const struct sw_eth eth = {.dst = host_mac, .src = peer_mac, .type = type};
    sw_eth_emit(&eth, whole);
    memcpy(whole + SW_ETH_BYTES, bytes, n);
    struct sw_frame *frame = sw_frame_from_bytes(lab->world.env.pool, whole, SW_ETH_BYTES + n, 100);
    ck_assert_ptr_nonnull(frame);
    sw_port_send(&lab->port, frame);
}

static void answer_arp(struct lab *lab, const struct sw_frame *frame)
{
    struct sw_arp arp;
    enum sw_drop why;
    uint8_t bytes[SW_ARP_BYTES];
    sw_frame_read(frame, SW_ETH_BYTES, bytes, sizeof(bytes));
    ck_assert(sw_arp_parse(&arp, bytes, sizeof(bytes), &why));
    if (arp.op != SW_ARP_REQUEST) {
        return;
    }
    lab->asked++;
    const struct sw_arp reply = {.op = SW_ARP_REPLY,
                                 .sender_mac = peer_mac,
                                 .target_mac = arp.sender_mac,
                                 .sender_ip = arp.target_ip,
                                 .target_ip = arp.sender_ip};
    sw_arp_emit(&reply, bytes);
    send_bytes(lab, SW_ETH_ARP, bytes, sizeof(bytes));
}

static void hear(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    struct lab *lab = SW_CONTAINER(port, struct lab, port);
    for (unsigned i = 0; i < n; i++) {
        uint8_t type[2];
        sw_frame_read(frames[i], 12, type, 2);
        if (sw_get16(type) == SW_ETH_ARP) {
            answer_arp(lab, frames[i]);
            sw_frame_drop(frames[i]);
            continue;
        }
        ck_assert_uint_lt(lab->count, LAB_HEARD);
        const unsigned at = (lab->first + lab->count++) % LAB_HEARD;
        lab->heard[at] = frames[i];
        lab->heard_at[at] = lab_now(lab);
    }
}

/* ---- the world ---- */

void lab_init(struct lab *lab, const struct lab_config *config)
{
    static const struct lab_config none;
    config = config != NULL ? config : &none;
    memset(lab, 0, sizeof(*lab));
    sw_test_env_init_limit(&lab->world, 7,
                           config->pool_bytes != 0 ? config->pool_bytes : (size_t)256 << 20);
    const struct sw_host_config host = {
        .name = "h",
        .tcp_watch = config->watch,
        .tcp = {.no_timestamps = !config->timestamps,
                .no_window_scaling = !config->scaling,
                .no_sack = !config->sack,
                .receive_buffer_bytes =
                    config->receive_buffer != 0 ? config->receive_buffer : 60000,
                .send_buffer_bytes = config->send_buffer != 0 ? config->send_buffer : 1 << 20,
                .no_buffer_tuning = !config->tuned,
                .mtu_probing = config->searches      ? SW_TCP_MTU_PROBING_ON
                               : config->finds_holes ? SW_TCP_MTU_PROBING_HOLES
                                                     : SW_TCP_MTU_PROBING_OFF,
                .max_connections = config->max_connections,
                .max_time_wait = config->max_time_wait,
                .syn_cookies = config->syn_cookies,
                .ecn = config->ecn,
                .profile = config->as_linux ? SW_TCP_PROFILE_LINUX : SW_TCP_PROFILE_RFC,
                .congestion = config->cubic ? SW_TCP_CONGESTION_DEFAULT : SW_TCP_RENO}};
    ck_assert_int_eq(sw_host_new(&lab->host, &lab->world.env, &host), 0);
    const struct sw_nic_config nic = {
        .name = "eth0", .mac = host_mac, .mtu_bytes = config->mtu_bytes};
    ck_assert_int_eq(sw_nic_add(&lab->nic, lab->host, &nic), 0);
    const struct sw_prefix prefix = {.ip = sw_ip_v4(HOST_IP), .bits = 24};
    ck_assert_int_eq(sw_nic_add_address(lab->nic, prefix, SW_ADDRESS_SILENT), 0);
    sw_port_init(&lab->port, "peer", hear, NULL);
    const struct sw_lane_config wire = {.queue_frames = 100000};
    const bool plain = config->lane.queue_frames == 0;
    ck_assert_int_eq(sw_link_init(&lab->link, &lab->world.env, &lab->port, sw_nic_port(lab->nic),
                                  "peer>h", "h>peer", &wire, plain ? &wire : &config->lane),
                     0);
    lab->patience = plain ? 0 : 5 * SW_MS;
    lab->peer_isn = UINT32_MAX - 49;
    lab->peer_port = LAB_PEER_PORT;
    lab->host_port = LAB_PORT;
    lab->peer_ip = PEER_IP;
    lab->host_ip = HOST_IP;
    /* The host learns who has 10.0.0.2 before the test begins. */
    const struct sw_arp arp = {
        .op = SW_ARP_REQUEST, .sender_mac = peer_mac, .sender_ip = PEER_IP, .target_ip = HOST_IP};
    uint8_t bytes[SW_ARP_BYTES];
    sw_arp_emit(&arp, bytes);
    send_bytes(lab, SW_ETH_ARP, bytes, sizeof(bytes));
    lab_run(lab, 0);
}

void lab_forged_arp(struct lab *lab)
{
    const struct sw_arp arp = {.op = SW_ARP_REQUEST,
                               .sender_mac = {{2, 0, 0, 0, 0, 0x66}},
                               .sender_ip = PEER_IP,
                               .target_ip = HOST_IP};
    uint8_t bytes[SW_ARP_BYTES];
    sw_arp_emit(&arp, bytes);
    send_bytes(lab, SW_ETH_ARP, bytes, sizeof(bytes));
    lab_run(lab, lab_now(lab));
}

void lab_fini(struct lab *lab)
{
    lab_quiet(lab);
    if (lab->sock != NULL) {
        sw_sock_abort(lab->sock);
    }
    if (lab->listener != NULL) {
        sw_sock_abort(lab->listener);
    }
    lab_run(lab, lab_now(lab));
    lab_forget(lab);
    ck_assert(sw_host_balanced(lab->host));
    sw_link_fini(&lab->link);
    sw_host_free(lab->host);
    lab_forget(lab);
    sw_test_env_fini(&lab->world);
}

void lab_run(struct lab *lab, sw_time until)
{
    sw_test_run(&lab->world, until);
    sw_test_tcp_holds(lab->host);
}

/* ---- segments in ---- */

static const char *parse_flags(const char *p, struct sw_tcp_header *h)
{
    static const char letters[] = "FSRP.UEW";
    for (; *p != ' '; p++) {
        const char *at = strchr(letters, *p);
        ck_assert_msg(at != NULL && *p != '\0', "flag %c", *p);
        h->flags |= (uint8_t)(1u << (at - letters));
    }
    return p;
}

static void parse_options(const char *p, struct lab *lab, struct sw_tcp_header *h)
{
    unsigned a = 0, b = 0;
    for (; p != NULL && *p != '\0'; p = strpbrk(p, ",>") != NULL ? strpbrk(p, ",>") + 1 : NULL) {
        if (sscanf(p, "mss %u", &a) == 1) {
            h->has |= SW_TCP_HAS_MSS;
            h->mss = (uint16_t)a;
        } else if (sscanf(p, "ws %u", &a) == 1) {
            h->has |= SW_TCP_HAS_WSCALE;
            h->wscale = (uint8_t)a;
        } else if (sscanf(p, "ts %u %u", &a, &b) == 2) {
            h->has |= SW_TCP_HAS_TIMESTAMP;
            h->ts_val = a;
            h->ts_ecr = lab->host_ts_known && (h->flags & SW_TCP_ACK) != 0 ? b + lab->host_ts : b;
        } else if (sscanf(p, "uto %u", &a) == 1) {
            h->has |= SW_TCP_HAS_USER_TIMEOUT;
            h->user_timeout = (uint16_t)a;
        } else if (strncmp(p, "sackOK", 6) == 0) {
            h->has |= SW_TCP_HAS_SACK_PERMITTED;
        } else if (strncmp(p, "sack ", 5) == 0) {
            h->has |= SW_TCP_HAS_SACK;
            int n = 0;
            for (p += 5; sscanf(p, "%u-%u%n", &a, &b, &n) == 2; p += p[n] == ' ' ? n + 1 : n) {
                h->sack[h->sack_count++] =
                    (struct sw_tcp_block){.start = lab->host_isn + a, .end = lab->host_isn + b};
            }
        }
    }
}

/* Reads a line into a header; returns how much text it has. */
static uint32_t parse_line(struct lab *lab, const char *text, struct sw_tcp_header *h)
{
    unsigned seq = 0, end = 0, len = 0, n = 0;
    *h = (struct sw_tcp_header){.src_port = lab->peer_port, .dst_port = lab->host_port};
    const char *p = parse_flags(text, h);
    ck_assert_msg(sscanf(p, " %u:%u(%u)", &seq, &end, &len) == 3 && end == seq + len, "%s", text);
    h->seq = lab->peer_isn + seq;
    const char *options = strchr(text, '<');
    if ((p = strstr(text, " ack ")) != NULL && sscanf(p, " ack %u", &n) == 1) {
        h->ack = lab->host_isn + n;
    }
    if ((p = strstr(text, " win ")) != NULL && sscanf(p, " win %u", &n) == 1) {
        h->window = (uint16_t)n;
    }
    if ((p = strstr(text, " urg ")) != NULL && sscanf(p, " urg %u", &n) == 1) {
        h->urgent = (uint16_t)n;
    }
    parse_options(options != NULL ? options + 1 : NULL, lab, h);
    return len;
}

/* The two bits of RFC 3168 5, behind everything else in a line. */
static const char *const marks[] = {"", " [ect1]", " [ect0]", " [ce]"};

static uint8_t parse_mark(const char *text)
{
    uint8_t bits = 3;
    while (bits > 0 && strstr(text, marks[bits]) == NULL) {
        bits--;
    }
    return bits;
}

static void say(struct lab *lab, const char *text)
{
    static uint8_t packet[SEGMENT_MAX];
    struct sw_tcp_header h;
    const uint32_t len = parse_line(lab, text, &h);
    const unsigned ip_header = SW_IPV4_BYTES + lab->ip_option_bytes;
    uint8_t *tcp = packet + ip_header;
    const unsigned header = sw_tcp_emit(&h, tcp);
    const uint32_t first = h.seq + ((h.flags & SW_TCP_SYN) != 0 ? 1 : 0) - lab->peer_isn;
    for (uint32_t i = 0; i < len; i++) {
        tcp[header + i] = lab_byte(false, first + i);
    }
    uint64_t sum = sw_sum_pseudo_v4(lab->peer_ip, lab->host_ip, 6, header + len);
    sum = sw_sum_add(sum, tcp, header + len);
    sw_put16(tcp + SW_TCP_CHECKSUM_OFFSET, (uint16_t)(~sw_sum_fold(sum) ^ lab->mangle));
    lab->mangle = 0;
    const struct sw_ipv4 ip = {.header_bytes = (uint8_t)ip_header,
                               .tos = parse_mark(text),
                               .ttl = 64,
                               .protocol = 6,
                               .total_bytes = (uint16_t)(ip_header + header + len),
                               .df = true,
                               .src = lab->peer_ip,
                               .dst = lab->host_ip};
    memcpy(packet + SW_IPV4_BYTES, lab->ip_options, lab->ip_option_bytes);
    lab->ip_option_bytes = 0;
    sw_ipv4_emit(&ip, packet);
    send_bytes(lab, SW_ETH_IPV4, packet, ip_header + header + len);
}

void lab_ack(struct lab *lab, uint32_t number, const char *blocks)
{
    char line[200];
    snprintf(line, sizeof(line), ". 1:1(0) ack %u win 65535%s%s%s", number,
             blocks != NULL ? " <sack " : "", blocks != NULL ? blocks : "",
             blocks != NULL ? ">" : "");
    lab_in(lab, line);
}

void lab_in_batch(struct lab *lab, const char *const *texts)
{
    while (*texts != NULL) {
        say(lab, *texts++);
    }
    lab_run(lab, lab_now(lab));
}

void lab_in(struct lab *lab, const char *text)
{
    say(lab, text);
    lab_run(lab, lab_now(lab));
}

void lab_icmp(struct lab *lab, uint8_t type, uint8_t code, uint16_t mtu, uint32_t seq)
{
    uint8_t packet[SW_IPV4_BYTES + 8 + SW_IPV4_BYTES + 8] = {0};
    uint8_t *icmp = packet + SW_IPV4_BYTES, *quote = icmp + 8;
    const struct sw_ipv4 quoted = {.header_bytes = SW_IPV4_BYTES,
                                   .ttl = 60,
                                   .protocol = 6,
                                   .total_bytes = 1500,
                                   .df = true,
                                   .src = HOST_IP,
                                   .dst = PEER_IP};
    sw_ipv4_emit(&quoted, quote);
    sw_put16(quote + 20, lab->host_port);
    sw_put16(quote + 22, lab->peer_port);
    sw_put32(quote + 24, lab->host_isn + seq);
    icmp[0] = type;
    icmp[1] = code;
    sw_put16(icmp + 6, mtu);
    sw_put16(icmp + 2, sw_checksum(icmp, sizeof(packet) - SW_IPV4_BYTES));
    const struct sw_ipv4 ip = {.header_bytes = SW_IPV4_BYTES,
                               .ttl = 64,
                               .protocol = 1,
                               .total_bytes = sizeof(packet),
                               .src = PEER_IP,
                               .dst = HOST_IP};
    sw_ipv4_emit(&ip, packet);
    send_bytes(lab, SW_ETH_IPV4, packet, sizeof(packet));
    lab_run(lab, lab_now(lab));
}

/* ---- segments out ---- */

static void describe_options(struct lab *lab, const struct sw_tcp_header *h, sw_time at, char *to)
{
    const char *before = " <";
    if ((h->has & SW_TCP_HAS_MSS) != 0) {
        to += sprintf(to, "%smss %u", before, h->mss);
        before = ",";
    }
    if ((h->has & SW_TCP_HAS_TIMESTAMP) != 0) {
        if (!lab->host_ts_known) {
            lab->host_ts_known = true;
            lab->host_ts = h->ts_val - (uint32_t)(at / SW_MS);
        }
        to += sprintf(to, "%sts %u %u", before, h->ts_val - lab->host_ts, h->ts_ecr);
        before = ",";
    }
    if ((h->has & SW_TCP_HAS_WSCALE) != 0) {
        to += sprintf(to, "%sws %u", before, h->wscale);
        before = ",";
    }
    if ((h->has & SW_TCP_HAS_SACK_PERMITTED) != 0) {
        to += sprintf(to, "%ssackOK", before);
        before = ",";
    }
    if ((h->has & SW_TCP_HAS_SACK) != 0) {
        to += sprintf(to, "%ssack", before);
        for (unsigned i = 0; i < h->sack_count; i++) {
            to += sprintf(to, " %u-%u", h->sack[i].start - lab->peer_isn,
                          h->sack[i].end - lab->peer_isn);
        }
        before = ",";
    }
    if ((h->has & SW_TCP_HAS_USER_TIMEOUT) != 0) {
        to += sprintf(to, "%suto %u", before, h->user_timeout);
        before = ",";
    }
    strcpy(to, *before == ',' ? ">" : "");
}

/* The host's first SYN tells its numbers. */
static void learn(struct lab *lab, const struct sw_tcp_header *h)
{
    if ((h->flags & SW_TCP_SYN) != 0 && !lab->host_known) {
        lab->host_known = true;
        lab->host_isn = h->seq;
        lab->host_port = h->src_port;
    }
}

/* Everything about it is checked but what the line says. */
static void describe(struct lab *lab, const struct sw_frame *frame, sw_time at, char *to)
{
    static uint8_t whole[SEGMENT_MAX];
    struct sw_ipv4 ip;
    struct sw_tcp_header h;
    enum sw_drop why;
    sw_frame_copy_out(frame, whole);
    const uint8_t *packet = whole + SW_ETH_BYTES;
    const size_t n = frame->len - SW_ETH_BYTES;
    ck_assert(sw_ipv4_parse(&ip, packet, n, n, &why));
    if (ip.protocol != 6) {
        sprintf(to, "protocol %u", ip.protocol);
        return;
    }
    const uint8_t *tcp = packet + ip.header_bytes;
    const size_t bytes = (size_t)ip.total_bytes - ip.header_bytes;
    ck_assert(ip.df);
    lab->ttl_heard = ip.ttl;
    lab->tos_heard = ip.tos;
    ck_assert(sw_tcp_parse(&h, tcp, bytes, bytes, &why));
    const uint64_t sum = sw_sum_pseudo_v4(ip.src, ip.dst, 6, (uint32_t)bytes);
    ck_assert_uint_eq(sw_sum_fold(sw_sum_add(sum, tcp, bytes)), 0xffff);
    learn(lab, &h);
    ck_assert_uint_eq(h.src_port, lab->host_port);
    ck_assert_uint_eq(h.dst_port, lab->peer_port);
    static const char letters[] = "FSRP.UEW";
    for (unsigned i = 0; i < 8; i++) {
        /* S before F, as people write them. */
        const unsigned bit = i == 0 ? 1 : i == 1 ? 0 : i;
        if ((h.flags & 1u << bit) != 0) {
            *to++ = letters[bit];
        }
    }
    const uint32_t len = (uint32_t)bytes - h.header_bytes, seq = h.seq - lab->host_isn;
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < len; i++) {
        wrong += tcp[h.header_bytes + i] != lab_byte(true, seq + i);
    }
    ck_assert_msg(wrong == 0, "%u wrong bytes in %u:%u", wrong, seq, seq + len);
    to += sprintf(to, " %u:%u(%u)", seq, seq + len, len);
    if ((h.flags & SW_TCP_ACK) != 0) {
        to += sprintf(to, " ack %u", h.ack - lab->peer_isn);
    }
    to += sprintf(to, " win %u", h.window);
    if ((h.flags & SW_TCP_URG) != 0) {
        to += sprintf(to, " urg %u", h.urgent);
    }
    describe_options(lab, &h, at, to);
    strcat(to, marks[ip.tos & 3]);
}

void lab_out_(const char *file, int line, struct lab *lab, sw_time at, const char *text)
{
    char said[200];
    ck_assert_msg(lab->count > 0, "%s:%d: nothing was said, expected: %s", file, line, text);
    struct sw_frame *frame = lab->heard[lab->first];
    const sw_time heard_at = lab->heard_at[lab->first];
    lab->first = (lab->first + 1) % LAB_HEARD;
    lab->count--;
    describe(lab, frame, heard_at, said);
    sw_frame_drop(frame);
    ck_assert_msg(strcmp(said, text) == 0, "%s:%d: said: %s\nexpected: %s", file, line, said, text);
    ck_assert_msg(heard_at == at, "%s:%d: said at %lld, expected at %lld: %s", file, line,
                  (long long)heard_at, (long long)at, said);
}

void lab_quiet_(const char *file, int line, struct lab *lab)
{
    if (lab->count > 0) {
        char said[200];
        describe(lab, lab->heard[lab->first], lab->heard_at[lab->first], said);
        ck_abort_msg("%s:%d: said at %lld, not expected: %s", file, line,
                     (long long)lab->heard_at[lab->first], said);
    }
}

unsigned lab_forget(struct lab *lab)
{
    const unsigned n = lab->count;
    for (; lab->count > 0; lab->count--) {
        struct sw_frame *frame = lab->heard[lab->first];
        const uint8_t *tcp = sw_frame_head(frame) + SW_ETH_BYTES + SW_IPV4_BYTES;
        struct sw_tcp_header h;
        enum sw_drop why;
        if (sw_tcp_parse(&h, tcp, frame->head_len - SW_ETH_BYTES - SW_IPV4_BYTES, 60, &why)) {
            learn(lab, &h);
        }
        sw_frame_drop(frame);
        lab->first = (lab->first + 1) % LAB_HEARD;
    }
    return n;
}

/* ---- the host's user ---- */

static void on_event(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct lab *lab = user;
    (void)sock;
    static const struct {
        enum sw_sock_event event;
        char letter;
    } letters[] = {{SW_SOCK_CONNECTED, 'C'},   {SW_SOCK_ACCEPTED, 'A'}, {SW_SOCK_READABLE, 'R'},
                   {SW_SOCK_PEER_CLOSED, 'P'}, {SW_SOCK_WRITABLE, 'W'}, {SW_SOCK_ERROR, 'E'},
                   {SW_SOCK_CLOSED, 'D'},      {SW_SOCK_ADVICE, 'V'},   {SW_SOCK_URGENT, 'U'}};
    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
        const size_t n = strlen(lab->events);
        if (letters[i].event == event && n + 1 < sizeof(lab->events)) {
            lab->events[n] = letters[i].letter;
            lab->events[n + 1] = '\0';
        }
    }
}

void lab_listen(struct lab *lab, unsigned backlog)
{
    ck_assert_int_eq(sw_sock_open(&lab->listener, lab->host, SW_TCP, on_event, lab), 0);
    ck_assert_int_eq(sw_sock_bind(lab->listener, (struct sw_endpoint){.port = LAB_PORT}), 0);
    ck_assert_int_eq(sw_sock_listen(lab->listener, backlog), 0);
}

void lab_accept(struct lab *lab, unsigned win, const char *options)
{
    char line[200];
    if (lab->listener == NULL) {
        lab_listen(lab, 8);
    }
    snprintf(line, sizeof(line), "S 0:0(0) win %u %s", win,
             options != NULL ? options : "<mss 1460>");
    lab_in(lab, line);
    lab_run(lab, lab_now(lab) + lab->patience);
    ck_assert_uint_eq(lab->count, 1);
    describe(lab, lab->heard[lab->first], lab_now(lab), line);
    ck_assert_str_eq(strtok(line, " "), "S.");
    lab_forget(lab);
    const char *ts = options != NULL ? strstr(options, "ts ") : NULL;
    if (ts != NULL) {
        snprintf(line, sizeof(line), ". 1:1(0) ack 1 win %u <ts %u %u>", win,
                 (unsigned)strtoul(ts + 3, NULL, 10), (unsigned)(lab_now(lab) / SW_MS));
    } else {
        snprintf(line, sizeof(line), ". 1:1(0) ack 1 win %u", win);
    }
    lab_in(lab, line);
    lab_events(lab, "A");
    ck_assert_int_eq(sw_sock_accept(&lab->sock, lab->listener, on_event, lab), 0);
}

void lab_connect(struct lab *lab)
{
    ck_assert_int_eq(sw_sock_open(&lab->sock, lab->host, SW_TCP, on_event, lab), 0);
    const struct sw_endpoint to = {.ip = sw_ip_v4(PEER_IP), .port = LAB_PEER_PORT};
    ck_assert_int_eq(sw_sock_connect(lab->sock, to), 0);
    lab_run(lab, lab_now(lab));
}

void lab_connected(struct lab *lab, unsigned win)
{
    char line[200];
    lab_connect(lab);
    describe(lab, lab->heard[lab->first], lab_now(lab), line);
    lab_forget(lab);
    snprintf(line, sizeof(line), "S. 0:0(0) ack 1 win %u <mss 1460>", win);
    lab_in(lab, line);
    ck_assert_uint_eq(lab_forget(lab), 1);
    lab_events(lab, "C");
}

int64_t lab_write(struct lab *lab, size_t n)
{
    uint8_t *bytes = malloc(n);
    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < n; i++) {
        bytes[i] = lab_byte(true, lab->written + 1 + (uint32_t)i);
    }
    const int64_t took = sw_sock_send(lab->sock, bytes, n);
    free(bytes);
    if (took > 0) {
        lab->written += (uint32_t)took;
    }
    lab_run(lab, lab_now(lab));
    return took;
}

int64_t lab_read(struct lab *lab, size_t n)
{
    uint8_t *bytes = malloc(n);
    ck_assert_ptr_nonnull(bytes);
    const int64_t took = sw_sock_recv(lab->sock, bytes, n);
    unsigned wrong = 0;
    for (int64_t i = 0; i < took; i++) {
        wrong += bytes[i] != lab_byte(false, lab->read + 1 + (uint32_t)i);
    }
    ck_assert_uint_eq(wrong, 0);
    free(bytes);
    if (took > 0) {
        lab->read += (uint32_t)took;
    }
    lab_run(lab, lab_now(lab));
    return took;
}

void lab_events_(const char *file, int line, struct lab *lab, const char *text)
{
    ck_assert_msg(strcmp(lab->events, text) == 0, "%s:%d: told \"%s\", expected \"%s\"", file, line,
                  lab->events, text);
    lab->events[0] = '\0';
}

void lab_tell(struct lab *lab, struct sw_sock *sock)
{
    sw_sock_set_callback(sock, on_event, lab);
}

struct sw_sock_info lab_info(const struct lab *lab)
{
    struct sw_sock_info info;
    sw_sock_info(lab->sock, &info);
    return info;
}

uint64_t lab_dropped(const struct lab *lab, enum sw_drop reason)
{
    struct sw_host_stats stats;
    sw_host_stats(lab->host, &stats);
    return stats.dropped[reason];
}
