/* See user.h. */
#include "tests/fuzz/user.h"

#include <errno.h>
#include <string.h>

#define CHUNK 4096

/* What a user does by itself: a byte's bits. */
enum {
    READS = 1,
    PEEKS = 2, /* reads without a copy */
    WRITES = 4,
    CLOSES = 8,   /* when the peer has */
    ENDS = 16,    /* on an error */
    ACCEPTS = 32, /* and its children have the same habits */
    ABORTS = 64,  /* where it would close */
    HALVES = 128, /* shuts down where it would close */
};

/* ---- streams ---- */

/* What the next bytes of a stream must be: false if that is not known. */
static bool stream_known(const struct fuzz_user *user, bool *of_host)
{
    const struct sw_endpoint local = sw_sock_local(user->sock), remote = sw_sock_remote(user->sock);
    const struct fuzz_peer *peer = user->all->peer;
    if (user->protocol != SW_TCP || peer->wild || remote.ip.family != SW_IPV4) {
        return false;
    }
    if (sw_ip_v4_number(remote.ip) != FUZZ_PEER_IP) {
        *of_host = true;
        return sw_ip_equal(local.ip, remote.ip);
    }
    const unsigned i = (unsigned)remote.port - FUZZ_PEER_PORT;
    *of_host = false;
    return i < FUZZ_FLOWS && peer->flow[i].sure && peer->flow[i].host_port == local.port;
}

static void check_text(struct fuzz_user *user, const uint8_t *text, size_t n)
{
    bool of_host = false;
    if (stream_known(user, &of_host)) {
        for (size_t i = 0; i < n; i++) {
            fuzz_check(text[i] == fuzz_text(of_host, user->read + (uint32_t)i));
        }
    }
    user->read += (uint32_t)n;
}

static int64_t take_in(struct fuzz_user *user, size_t n)
{
    uint8_t text[CHUNK];
    n = n < sizeof text ? n : sizeof text;
    const int64_t took = sw_sock_recv(user->sock, text, n);
    fuzz_check(took <= (int64_t)n || user->protocol != SW_TCP);
    if (took > 0 && user->protocol == SW_TCP) {
        check_text(user, text, (size_t)took);
    }
    return took;
}

static int64_t look_in(struct fuzz_user *user, size_t most)
{
    const void *at = NULL;
    size_t n = 0;
    const int err = sw_sock_peek(user->sock, &at, &n);
    if (err != 0 || n == 0) {
        return err;
    }
    n = n < most ? n : most;
    check_text(user, at, n);
    fuzz_check(sw_sock_consume(user->sock, n) == (int64_t)n);
    return (int64_t)n;
}

static void fill(const struct fuzz_user *user, uint8_t *to, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        to[i] = fuzz_text(true, user->written + (uint32_t)i);
    }
}

static int64_t put_out(struct fuzz_user *user, size_t n)
{
    uint8_t text[CHUNK];
    n = n < sizeof text ? n : sizeof text;
    fill(user, text, n);
    const int64_t took = sw_sock_send(user->sock, text, n);
    fuzz_check(took <= (int64_t)n);
    user->written += took > 0 ? (uint32_t)took : 0;
    return took;
}

static void lay_out(struct fuzz_user *user, size_t give)
{
    void *at = NULL;
    size_t n = 0;
    if (sw_sock_reserve(user->sock, &at, &n) == 0) {
        fuzz_check(n > 0);
        n = give < n ? give : n;
        fill(user, at, n);
        const int64_t took = sw_sock_commit(user->sock, n);
        fuzz_check(took <= (int64_t)n);
        user->written += took > 0 ? (uint32_t)took : 0;
    }
}

/* ---- their lives ---- */

static void leave(struct fuzz_user *user, uint8_t habits)
{
    if ((habits & HALVES) != 0 && user->protocol == SW_TCP) {
        (void)sw_sock_shutdown(user->sock);
        user->habits &= (uint8_t)~HALVES; /* the next time it goes */
        return;
    }
    if ((habits & ABORTS) != 0) {
        sw_sock_abort(user->sock);
    } else {
        sw_sock_close(user->sock);
    }
    user->sock = NULL;
}

static struct fuzz_user *free_place(struct fuzz_users *users, enum sw_protocol protocol,
                                    uint8_t habits)
{
    for (unsigned i = 0; i < FUZZ_USERS; i++) {
        if (users->user[i].sock == NULL) {
            users->user[i] =
                (struct fuzz_user){.all = users, .protocol = protocol, .habits = habits};
            return &users->user[i];
        }
    }
    return NULL;
}

static void told(struct sw_sock *sock, enum sw_sock_event event, void *arg);

static void welcome(struct fuzz_user *listener)
{
    struct fuzz_user *user;
    do {
        user = free_place(listener->all, SW_TCP, listener->habits);
        if (user != NULL && sw_sock_accept(&user->sock, listener->sock, told, user) != 0) {
            user->sock = NULL;
            return;
        }
    } while (user != NULL);
}

static void read_all(struct fuzz_user *user)
{
    int64_t took;
    do {
        took = (user->habits & PEEKS) != 0 ? look_in(user, SIZE_MAX) : take_in(user, CHUNK);
    } while (took > 0);
}

static void told(struct sw_sock *sock, enum sw_sock_event event, void *arg)
{
    struct fuzz_user *user = arg;
    fuzz_check(user->sock == sock && sw_sock_user(sock) == user);
    if (event == SW_SOCK_ACCEPTED && (user->habits & ACCEPTS) != 0) {
        welcome(user);
    } else if (event == SW_SOCK_READABLE && (user->habits & READS) != 0) {
        read_all(user);
    } else if (event == SW_SOCK_CONNECTED || event == SW_SOCK_WRITABLE) {
        if ((user->habits & WRITES) != 0) {
            put_out(user, 3000);
        }
    } else if (event == SW_SOCK_PEER_CLOSED && (user->habits & CLOSES) != 0) {
        leave(user, user->habits);
    } else if (event == SW_SOCK_ERROR && (user->habits & ENDS) != 0) {
        leave(user, user->habits & (uint8_t)~HALVES);
    } else if (event == SW_SOCK_CLOSED && (user->habits & CLOSES) != 0) {
        leave(user, 0);
    }
}

static struct fuzz_user *open_one(struct fuzz_users *users, enum sw_protocol protocol,
                                  uint8_t habits)
{
    struct fuzz_user *user = free_place(users, protocol, habits);
    if (user != NULL && sw_sock_open(&user->sock, users->host, protocol, told, user) != 0) {
        user->sock = NULL;
        user = NULL;
    }
    return user;
}

static void listen_at(struct fuzz_users *users, uint16_t port, unsigned backlog, uint8_t habits)
{
    struct fuzz_user *user = open_one(users, SW_TCP, habits);
    if (user != NULL && sw_sock_bind(user->sock, (struct sw_endpoint){.port = port}) == 0) {
        user->listens = sw_sock_listen(user->sock, backlog) == 0;
    }
}

void fuzz_users_init(struct fuzz_users *users, struct sw_host *host, const struct fuzz_peer *peer)
{
    *users = (struct fuzz_users){.host = host, .peer = peer};
    listen_at(users, FUZZ_PORT, 4, READS | WRITES | CLOSES | ENDS | ACCEPTS);
    struct fuzz_user *user = open_one(users, SW_UDP, READS);
    fuzz_check(sw_sock_bind(user->sock, (struct sw_endpoint){.port = 7}) == 0);
    user = open_one(users, SW_PING, READS);
    fuzz_check(sw_sock_bind(user->sock, (struct sw_endpoint){.port = 1}) == 0);
}

/* ---- what an input asks for ---- */

static struct sw_endpoint somewhere(struct fuzz_input *in)
{
    static const uint32_t hosts[] = {FUZZ_PEER_IP,         FUZZ_PEER_IP, FUZZ_PEER_IP,
                                     0x7f000001,           FUZZ_HOST_IP, FUZZ_FAR_IP + 1,
                                     0x0a0000ff /* all */, 0x0a000063 /* nobody */};
    const uint8_t code = fuzz_u8(in);
    struct sw_endpoint at = {.ip = sw_ip_v4(hosts[code % 8])};
    at.port = (uint16_t)(FUZZ_PEER_PORT + FUZZ_FLOWS / 2 + code / 8 % (FUZZ_FLOWS / 2));
    if (code % 8 == 3 || code % 8 == 4) {
        at.port = (uint16_t)(code / 8 % 2 == 0 ? FUZZ_PORT : 7);
    }
    return at;
}

static void do_open(struct fuzz_users *users, struct fuzz_input *in)
{
    const uint8_t how = fuzz_u8(in), habits = fuzz_u8(in);
    if (how % 4 == 0) {
        listen_at(users, (uint16_t)(FUZZ_PORT + how / 4 % 4), how / 16, habits);
        return;
    }
    const enum sw_protocol protocol = how % 4 == 1 ? SW_TCP : how % 4 == 2 ? SW_UDP : SW_PING;
    struct fuzz_user *user = open_one(users, protocol, habits);
    if (user == NULL) {
        return;
    }
    if ((how & 4) != 0) {
        struct sw_endpoint local = {.port = (uint16_t)((how & 8) != 0 ? 5000 + how / 32 : 0)};
        local.ip = (how & 16) != 0 ? sw_ip_v4(FUZZ_HOST_IP) : local.ip;
        (void)sw_sock_bind(user->sock, local);
    }
    if ((how & 128) == 0) {
        (void)sw_sock_connect(user->sock, somewhere(in));
    }
}

static void do_set(struct fuzz_user *user, struct fuzz_input *in)
{
    static const int64_t values[] = {0,        1,           2,    255,       4096,      65536,
                                     SW_MS,    100 * SW_MS, SW_S, 60 * SW_S, INT64_MAX, -1,
                                     67108864, 67108865,    256,  INT64_MIN};
    const enum sw_sock_option option = (enum sw_sock_option)(fuzz_u8(in) % 13);
    const int64_t value = values[fuzz_u8(in) % 16];
    int64_t now = 0;
    /* A probe each nanosecond is what was asked for, and no mistake of the host's. */
    const bool rushes = option == SW_OPT_KEEPALIVE_IDLE || option == SW_OPT_KEEPALIVE_INTERVAL;
    if (rushes && value > 0 && value < SW_MS) {
        return;
    }
    if (sw_sock_set(user->sock, option, value) == 0) {
        fuzz_check(sw_sock_get(user->sock, option, &now) == 0);
    }
}

static void do_datagram(struct fuzz_user *user, struct fuzz_input *in)
{
    static const size_t sizes[] = {0, 1, 8, 500, 1472, 1473, 4000, 65507, 65508};
    uint8_t text[65508];
    const size_t n = sizes[fuzz_u8(in) % 9];
    memset(text, 'd', n);
    (void)sw_sock_send_to(user->sock, text, n, somewhere(in));
}

void fuzz_users_do(struct fuzz_users *users, struct fuzz_input *in)
{
    const uint8_t what = fuzz_u8(in) % 16;
    if (what < 2) {
        do_open(users, in);
        return;
    }
    struct fuzz_user *user = &users->user[fuzz_u8(in) % FUZZ_USERS];
    if (user->sock == NULL) {
        return;
    }
    const uint8_t code = fuzz_u8(in);
    const size_t n = code < 128 ? code : (code - 127u) * 32u;
    switch (what) {
    case 2:
    case 3:
        put_out(user, n);
        break;
    case 4:
    case 5:
        take_in(user, n);
        break;
    case 6:
        leave(user, code);
        break;
    case 7:
        do_set(user, in);
        break;
    case 8:
        lay_out(user, n * 16);
        break;
    case 9:
        look_in(user, 1 + n);
        break;
    case 10:
        user->habits = code;
        break;
    case 11:
        welcome(user);
        break;
    case 12:
        do_datagram(user, in);
        break;
    case 13:
        (void)sw_sock_connect(user->sock, somewhere(in));
        break;
    case 14:
        (void)sw_sock_listen(user->sock, code);
        break;
    default:
        read_all(user);
    }
}

void fuzz_users_look(struct fuzz_users *users)
{
    for (unsigned i = 0; i < FUZZ_USERS; i++) {
        const struct fuzz_user *user = &users->user[i];
        if (user->sock != NULL) {
            int64_t value;
            for (unsigned option = 0; option <= SW_OPT_LINGER_RESET; option++) {
                (void)sw_sock_get(user->sock, (enum sw_sock_option)option, &value);
            }
            fuzz_check(sw_sock_error(user->sock) <= 0);
            fuzz_check(sw_sock_host(user->sock) == users->host);
        }
    }
}

void fuzz_users_check(struct fuzz_users *users)
{
    for (unsigned i = 0; i < FUZZ_USERS; i++) {
        const struct fuzz_user *user = &users->user[i];
        if (user->sock == NULL) {
            continue;
        }
        struct sw_sock_info info;
        sw_sock_info(user->sock, &info);
        fuzz_check(info.state != NULL);
        if (user->protocol == SW_TCP) {
            fuzz_check(info.bytes_acked <= user->written);
            fuzz_check(info.send_queue_bytes <= user->written);
            fuzz_check(info.bytes_acked + info.flight_bytes <= (uint64_t)user->written + 1);
        }
    }
}
