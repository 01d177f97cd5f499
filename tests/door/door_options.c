/* Socket options by the system's names, and TCP_INFO. What the host has no option for is
 * ENOPROTOOPT. */
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/door/door.h"

#define MEMINFO_WORDS 9

/* A number of the system's is `unit` of ours. */
struct named {
    int level, name;
    enum sw_sock_option option;
    int64_t unit;
};

static const struct named options[] = {
    {IPPROTO_TCP, TCP_NODELAY, SW_OPT_NODELAY, 1},
    {IPPROTO_TCP, TCP_CORK, SW_OPT_CORK, 1},
    {IPPROTO_TCP, TCP_MAXSEG, SW_OPT_MSS, 1},
    {IPPROTO_TCP, TCP_KEEPIDLE, SW_OPT_KEEPALIVE_IDLE, SW_S},
    {IPPROTO_TCP, TCP_KEEPINTVL, SW_OPT_KEEPALIVE_INTERVAL, SW_S},
    {IPPROTO_TCP, TCP_KEEPCNT, SW_OPT_KEEPALIVE_PROBES, 1},
    {IPPROTO_TCP, TCP_USER_TIMEOUT, SW_OPT_USER_TIMEOUT, SW_MS},
    {SOL_SOCKET, SO_OOBINLINE, SW_OPT_URGENT_INLINE, 1},
    {SOL_SOCKET, SO_KEEPALIVE, SW_OPT_KEEPALIVE, 1},
    {SOL_SOCKET, SO_RCVBUF, SW_OPT_RECEIVE_BUFFER, 1},
    {SOL_SOCKET, SO_SNDBUF, SW_OPT_SEND_BUFFER, 1},
    {SOL_IP, IP_TOS, SW_OPT_TOS, 1},
    {SOL_IP, IP_TTL, SW_OPT_TTL, 1},
};

static const struct named *find(int level, int name)
{
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (options[i].level == level && options[i].name == name) {
            return &options[i];
        }
    }
    return NULL;
}

/* ---- TCP_INFO ---- */

static const char *const states[] = {"",           "ESTABLISHED", "SYN-SENT",  "SYN-RECEIVED",
                                     "FIN-WAIT-1", "FIN-WAIT-2",  "TIME-WAIT", "CLOSED",
                                     "CLOSE-WAIT", "LAST-ACK",    "LISTEN",    "CLOSING"};

static uint32_t us(sw_time time)
{
    return (uint32_t)(time / SW_US);
}

/* What takes no thought. */
static void copy_info(const struct sw_sock_info *info, struct tcp_info *out)
{
    out->tcpi_ca_state = (uint8_t)info->ca_state; /* the same numbers */
    out->tcpi_retransmits = info->timeouts;
    out->tcpi_probes = info->probes;
    out->tcpi_backoff = info->backoff;
    out->tcpi_options =
        (uint8_t)((info->timestamps ? TCPI_OPT_TIMESTAMPS : 0) | (info->sack ? TCPI_OPT_SACK : 0) |
                  (info->scaling ? TCPI_OPT_WSCALE : 0) | (info->ecn ? TCPI_OPT_ECN : 0) |
                  (info->ecn_seen ? TCPI_OPT_ECN_SEEN : 0));
    out->tcpi_snd_wscale = info->snd_wscale & 15u;
    out->tcpi_rcv_wscale = info->rcv_wscale & 15u;
    out->tcpi_ato = us(info->ack_delay);
    out->tcpi_rcv_mss = info->received_mss_bytes;
    out->tcpi_last_data_sent = us(info->since_data_sent) / 1000;
    out->tcpi_last_data_recv = us(info->since_data_received) / 1000;
    out->tcpi_last_ack_recv = us(info->since_ack_received) / 1000;
    out->tcpi_pmtu = info->path_mtu_bytes;
    out->tcpi_rttvar = us(info->rttvar);
    out->tcpi_min_rtt = us(info->min_rtt);
    out->tcpi_advmss = info->advertised_mss_bytes;
    out->tcpi_reordering = info->reordering;
    out->tcpi_notsent_bytes = (uint32_t)info->unsent_bytes;
    out->tcpi_data_segs_in = info->data_segments_in;
    out->tcpi_data_segs_out = info->data_segments_out;
    out->tcpi_busy_time = us(info->busy);
    out->tcpi_rwnd_limited = us(info->window_limited);
    out->tcpi_sndbuf_limited = us(info->buffer_limited);
    out->tcpi_delivered = info->delivered;
    out->tcpi_delivered_ce = info->delivered_ce;
    out->tcpi_bytes_sent = info->bytes_sent;
    out->tcpi_bytes_retrans = info->bytes_retransmitted;
    out->tcpi_dsack_dups = info->dsack_dups;
    out->tcpi_reord_seen = info->reord_seen;
    out->tcpi_rcv_ooopack = info->out_of_order;
    out->tcpi_snd_wnd = (uint32_t)info->snd_wnd_bytes;
    out->tcpi_pacing_rate = info->pacing_bps / 8;
    out->tcpi_max_pacing_rate = info->most_pacing_bps > 0 ? info->most_pacing_bps / 8 : UINT64_MAX;
    out->tcpi_delivery_rate = info->delivery_bps / 8;
    out->tcpi_rcv_rtt = us(info->receiver_rtt);
    out->tcpi_rcv_space = info->receiver_space_bytes;
    out->tcpi_delivery_rate_app_limited = info->delivery_limited;
}

static void tcp_info(struct sw_posix *sock, struct tcp_info *out)
{
    struct sw_sock_info info = {.state = "CLOSED"};
    if (sw_posix_under(sock) != NULL) {
        sw_sock_info(sw_posix_under(sock), &info);
    }
    memset(out, 0, sizeof(*out));
    for (uint8_t i = 1; i < sizeof states / sizeof states[0]; i++) {
        if (strcmp(states[i], info.state) == 0) {
            out->tcpi_state = i;
        }
    }
    const uint32_t mss = info.mss_bytes;
    copy_info(&info, out);
    out->tcpi_snd_mss = mss;
    out->tcpi_rto = (uint32_t)(info.rto / SW_US);
    out->tcpi_rtt = (uint32_t)(info.srtt / SW_US);
    out->tcpi_snd_cwnd = mss == 0 ? 0 : (uint32_t)(info.cwnd_bytes / mss);
    const uint64_t threshold = mss == 0 ? INT32_MAX : info.ssthresh_bytes / mss;
    /* Linux says 2^31 - 1 for "none yet"; here that is any value that no window reaches. */
    out->tcpi_snd_ssthresh = threshold > (1u << 20) ? INT32_MAX : (uint32_t)threshold;
    out->tcpi_unacked = info.unacked;
    out->tcpi_sacked = info.sacked;
    out->tcpi_lost = info.lost;
    out->tcpi_retrans = info.resent;
    out->tcpi_total_retrans = (uint32_t)info.retransmits;
    out->tcpi_bytes_acked = info.bytes_acked;
    out->tcpi_bytes_received = info.bytes_received;
    out->tcpi_segs_in = (uint32_t)info.segments_in;
    out->tcpi_segs_out = (uint32_t)info.segments_out;
}

/* ---- get and set ---- */

static int answer(void *value, unsigned *len, const void *from, size_t n)
{
    const size_t cut = *len < n ? *len : n;
    memcpy(value, from, cut);
    *len = (unsigned)cut;
    return 0;
}

static int answer_number(void *value, unsigned *len, int64_t number)
{
    const int as_int = (int)number;
    return answer(value, len, &as_int, sizeof as_int);
}

int door_getsockopt(struct door *door, int fd, int level, int name, void *value, unsigned *len)
{
    struct sw_posix *sock = door_sock(door, fd);
    if (sock == NULL) {
        return -EBADF;
    }
    if (value == NULL || len == NULL) {
        return -EFAULT;
    }
    if (level == IPPROTO_TCP && name == TCP_INFO) {
        struct tcp_info info;
        tcp_info(sock, &info);
        memset(value, 0, *len); /* the asker may know of more than these headers do */
        memcpy(value, &info, *len < sizeof info ? *len : sizeof info);
        return 0;
    }
    if (level == IPPROTO_TCP && name == TCP_CC_INFO) {
        *len = 0; /* the congestion control has nothing to say */
        return 0;
    }
    if (level == SOL_SOCKET && name == SO_MEMINFO) {
        const uint32_t words[MEMINFO_WORDS] = {0};
        return answer(value, len, words, sizeof words);
    }
    if (level == IPPROTO_TCP && name == TCP_NOTSENT_LOWAT) {
        return answer_number(value, len, door->fd[fd].unsent_low);
    }
    if (level == SOL_SOCKET && name == SO_ERROR) {
        return answer_number(value, len, -sw_posix_error(sock));
    }
    if (level == SOL_SOCKET && name == SO_REUSEADDR) {
        return answer_number(value, len, 1);
    }
    if (level == IPPROTO_TCP && name == TCP_MAXSEG && sw_posix_under(sock) != NULL) {
        struct sw_sock_info info;
        int64_t asked = 0;
        sw_sock_info(sw_posix_under(sock), &info);
        (void)sw_sock_get(sw_posix_under(sock), SW_OPT_MSS, &asked);
        const bool stands = sw_sock_remote(sw_posix_under(sock)).port != 0;
        return answer_number(value, len, asked != 0 && !stands ? asked : info.mss_bytes);
    }
    const struct named *option = find(level, name);
    int64_t number = 0;
    if (option == NULL || sw_posix_under(sock) == NULL) {
        return -ENOPROTOOPT;
    }
    const int err = sw_sock_get(sw_posix_under(sock), option->option, &number);
    return err < 0 ? err : answer_number(value, len, number / option->unit);
}

/* What the host does anyhow, or what asks for nothing that could be seen: addresses may be bound
 * again, the path's MTU is discovered, only addresses of its own are bound, and what may be sent
 * without a copy may be copied. */
static bool is_always_so(int level, int name)
{
    return (level == SOL_SOCKET && (name == SO_REUSEADDR || name == SO_ZEROCOPY)) ||
           (level == SOL_IP && (name == IP_MTU_DISCOVER || name == IP_FREEBIND));
}

int door_set_unsent_low(const struct door *door, struct sw_posix *sock, int bytes)
{
    const int64_t low = bytes > 0 ? bytes : door->unsent_low;
    return low == 0 || sw_posix_under(sock) == NULL
               ? 0
               : sw_sock_set(sw_posix_under(sock), SW_OPT_UNSENT_LOW, low);
}

int door_setsockopt(struct door *door, int fd, int level, int name, const void *value, unsigned len)
{
    struct sw_posix *sock = door_sock(door, fd);
    int number = 0;
    if (sock == NULL || value == NULL) {
        return sock == NULL ? -EBADF : -EFAULT;
    }
    if (len < sizeof number) {
        if (level != SOL_IP || len < 1) {
            return -EINVAL;
        }
        number = *(const unsigned char *)value;
    } else {
        memcpy(&number, value, sizeof number);
    }
    if (is_always_so(level, name)) {
        return 0;
    }
    if (level == IPPROTO_TCP && name == DOOR_TCP_INQ) {
        door->fd[fd].says_left = number != 0;
        return 0;
    }
    if (level == IPPROTO_TCP && name == TCP_NOTSENT_LOWAT && number >= 0) {
        door->fd[fd].unsent_low = number;
        return door_set_unsent_low(door, sock, number);
    }
    const struct named *option = find(level, name);
    if (option == NULL || sw_posix_under(sock) == NULL) {
        return -ENOPROTOOPT;
    }
    int64_t to = number * option->unit;
    if (option->option == SW_OPT_RECEIVE_BUFFER || option->option == SW_OPT_SEND_BUFFER) {
        to = to < 2048 ? 4096 : 2 * to; /* as Linux has it */
    }
    return sw_sock_set(sw_posix_under(sock), option->option, to);
}
