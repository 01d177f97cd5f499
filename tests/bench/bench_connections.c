/* Many connections, in virtual time, between 100 pairs of hosts on one switch:
 *
 *   bench_connections stand          100,000 that stand at the same time; while they all do, each
 *                                    sends 1 KiB and has it back, some of a pair at a time. Then
 *                                    all are closed.
 *   bench_connections rate [ROUNDS]  set up and closed in order, some of a pair at a time: how many
 *                                    a second of the processor's time, the median of the rounds
 *   bench_connections kernel         the same between sockets of the kernel, over its loopback
 *
 * Each prints what it counted, and fails if anything was not as it should be. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lan/lab.h"

#define PAIRS 100
#define STANDING 100000u
#define ECHO 1024
#define PORT 7
#define OPENING 16 /* handshakes or closes that a pair has under way where all are to stand */
#define ECHOING 8
#define PASSING 2 /* connections of a pair, where they come and go */
#define ROUND 200000u
#define ROUNDS_MOST 99
#define LIMIT (600 * SW_S) /* of LAN time, for what takes a second or two */

struct pair {
    struct bench *bench;
    struct sw_host *client, *server;
    struct sw_sock *listener;
    struct end *end;       /* of the client, one for each connection */
    unsigned opened, left; /* connects; of this round */
    unsigned next;         /* the end that has its turn */
};

struct end {
    struct pair *pair;
    struct sw_sock *sock;
    unsigned received;
};

struct bench {
    struct sw_lab *lab;
    struct pair pair[PAIRS];
    uint64_t connected, accepted, echoed, client_done, server_done, failed;
    uint64_t wanted;
    unsigned standing; /* of a pair */
};

static void must(bool held, const char *what)
{
    if (!held) {
        fprintf(stderr, "bench_connections: %s\n", what);
        exit(1);
    }
}

static double processor_s(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static double peak_mib(void)
{
    char line[256];
    long kib = 0;
    FILE *status = fopen("/proc/self/status", "r");
    must(status != NULL, "/proc/self/status");
    while (fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "VmHWM:", 6) == 0) {
            kib = strtol(line + 6, NULL, 10);
        }
    }
    fclose(status);
    return (double)kib / 1024;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *of, unsigned n)
{
    qsort(of, n, sizeof *of, by_size);
    return of[n / 2];
}

/* ---- the servers: what comes goes back, and who ends is followed ---- */

static void on_server(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct bench *b = user;
    uint8_t bytes[ECHO];
    if (event == SW_SOCK_READABLE) {
        for (int64_t n; (n = sw_sock_recv(sock, bytes, sizeof bytes)) > 0;) {
            b->failed += sw_sock_send(sock, bytes, (size_t)n) != n;
        }
    } else if (event == SW_SOCK_PEER_CLOSED) {
        b->failed += sw_sock_shutdown(sock) != 0;
    } else if (event == SW_SOCK_CLOSED) {
        b->server_done++;
        sw_sock_close(sock);
    } else if (event == SW_SOCK_ERROR) {
        b->failed++;
    }
}

static void on_listener(struct sw_sock *listener, enum sw_sock_event event, void *user)
{
    struct bench *b = user;
    struct sw_sock *sock;
    must(event == SW_SOCK_ACCEPTED, "a listener's event");
    while (sw_sock_accept(&sock, listener, on_server, b) == 0) {
        b->accepted++;
    }
}

/* ---- the LAN ---- */

static void build(struct bench *b)
{
    *b = (struct bench){.lab = sw_lab_new(1)};
    sw_lab_switch(b->lab, "core");
    for (unsigned i = 0; i < PAIRS; i++) {
        struct pair *p = &b->pair[i];
        char name[2][16], address[32];
        p->bench = b;
        for (unsigned side = 0; side < 2; side++) {
            snprintf(name[side], sizeof name[side], "%c%u", side ? 's' : 'c', i);
            snprintf(address, sizeof address, "10.0.%u.%u/16", side, i + 1);
            *(side ? &p->server : &p->client) = sw_lab_host(b->lab, name[side], address);
            sw_lab_link(b->lab, name[side], "core", NULL);
        }
        must(sw_sock_open(&p->listener, p->server, SW_TCP, on_listener, b) == 0 &&
                 sw_sock_bind(p->listener, (struct sw_endpoint){.port = PORT}) == 0 &&
                 sw_sock_listen(p->listener, 1024) == 0,
             "a listener");
    }
}

static void begin_connect(struct pair *p, struct sw_sock **out, sw_sock_fn *cb, void *user)
{
    const struct sw_endpoint to = {.ip = sw_host_address(p->server), .port = PORT};
    p->opened++;
    must(sw_sock_open(out, p->client, SW_TCP, cb, user) == 0 && sw_sock_connect(*out, to) == 0,
         "a connect");
}

static uint64_t connections(const struct bench *b)
{
    uint64_t sum = 0;
    struct sw_host_stats stats;
    for (unsigned i = 0; i < PAIRS; i++) {
        sw_host_stats(b->pair[i].client, &stats);
        sum += stats.tcp_connections;
        sw_host_stats(b->pair[i].server, &stats);
        sum += stats.tcp_connections;
    }
    return sum;
}

struct totals {
    uint64_t retransmits, time_wait, recycled;
};

static struct totals totals(const struct bench *b)
{
    struct totals t = {0};
    struct sw_host_stats stats;
    for (unsigned i = 0; i < 2 * PAIRS; i++) {
        sw_host_stats(i % 2 ? b->pair[i / 2].client : b->pair[i / 2].server, &stats);
        t.retransmits += stats.tcp_retransmits;
        t.time_wait += stats.tcp_time_wait;
        t.recycled += stats.tcp_time_wait_recycled;
    }
    return t;
}

static void end(struct bench *b)
{
    must(sw_lab_holds(b->lab), "a ledger does not hold");
    for (unsigned i = 0; i < PAIRS; i++) {
        sw_sock_close(b->pair[i].listener);
        free(b->pair[i].end);
    }
    sw_lab_free(b->lab);
}

/* ---- all at once ---- */

static uint8_t pattern(const struct end *e, unsigned at)
{
    return (uint8_t)((size_t)(e - e->pair->end) * 31 + at * 7 + at / 256);
}

static void send_text(struct pair *p)
{
    if (p->next < p->bench->standing) {
        struct end *e = &p->end[p->next++];
        uint8_t bytes[ECHO];
        for (unsigned i = 0; i < ECHO; i++) {
            bytes[i] = pattern(e, i);
        }
        p->bench->failed += sw_sock_send(e->sock, bytes, ECHO) != ECHO;
    }
}

static void read_text(struct end *e)
{
    struct bench *b = e->pair->bench;
    uint8_t bytes[ECHO];
    int64_t n = sw_sock_recv(e->sock, bytes, sizeof bytes);
    for (int64_t i = 0; i < n; i++, e->received++) {
        b->failed += bytes[i] != pattern(e, e->received);
    }
    if (e->received == ECHO) {
        b->echoed++;
        send_text(e->pair);
    }
}

static void shut_next(struct pair *p)
{
    if (p->next < p->bench->standing) {
        p->bench->failed += sw_sock_shutdown(p->end[p->next++].sock) != 0;
    }
}

static void open_next(struct pair *p);

static void on_standing(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct end *e = user;
    struct bench *b = e->pair->bench;
    if (event == SW_SOCK_CONNECTED) {
        b->connected++;
        open_next(e->pair);
    } else if (event == SW_SOCK_READABLE) {
        read_text(e);
    } else if (event == SW_SOCK_CLOSED) {
        b->client_done++;
        sw_sock_close(sock);
        shut_next(e->pair);
    } else if (event == SW_SOCK_ERROR) {
        b->failed++;
    }
}

static void open_next(struct pair *p)
{
    if (p->opened < p->bench->standing) {
        struct end *e = &p->end[p->opened];
        e->pair = p;
        begin_connect(p, &e->sock, on_standing, e);
    }
}

static bool all_stand(void *ctx)
{
    const struct bench *b = ctx;
    return b->connected == b->wanted && b->accepted == b->wanted;
}

static bool all_echoed(void *ctx)
{
    const struct bench *b = ctx;
    return b->echoed == b->wanted;
}

static bool all_done(void *ctx)
{
    const struct bench *b = ctx;
    return b->client_done == b->wanted && b->server_done == b->wanted;
}

/* `some` of each pair begin; each that ends lets the next one of its pair begin. */
static void each(struct bench *b, void (*begin)(struct pair *p), unsigned some,
                 bool (*done)(void *ctx), const char *what)
{
    for (unsigned i = 0; i < PAIRS; i++) {
        b->pair[i].next = 0;
        for (unsigned k = 0; k < some; k++) {
            begin(&b->pair[i]);
        }
    }
    must(sw_lab_run_until(b->lab, done, b, LIMIT), what);
}

static int stand(void)
{
    static struct bench b;
    build(&b);
    b.wanted = STANDING;
    b.standing = STANDING / PAIRS;
    for (unsigned i = 0; i < PAIRS; i++) {
        b.pair[i].end = calloc(b.standing, sizeof *b.pair[i].end);
        must(b.pair[i].end != NULL, "memory");
    }
    double begun = processor_s();
    each(&b, open_next, OPENING, all_stand, "not all came to stand");
    double stood = processor_s(), before_echo = peak_mib();
    must(connections(&b) == 2 * (uint64_t)STANDING, "not all stand");
    printf("%llu connections stand between %u hosts, after %.2f s of the processor: %.1f MiB\n",
           (unsigned long long)b.connected, 2 * PAIRS, stood - begun, before_echo);
    each(&b, send_text, ECHOING, all_echoed, "not all had their text back");
    must(connections(&b) == 2 * (uint64_t)STANDING, "not all stand after it");
    printf("each of them echoed %d bytes, in %.2f s: %llu\n", ECHO, processor_s() - stood,
           (unsigned long long)b.echoed);
    each(&b, shut_next, OPENING, all_done, "not all ended in order");
    must(connections(&b) == 0, "some are left");
    struct totals t = totals(&b);
    printf("all closed in order; %llu failures, %llu retransmissions, %llu TIME-WAIT records, "
           "%llu recycled\n",
           (unsigned long long)b.failed, (unsigned long long)t.retransmits,
           (unsigned long long)t.time_wait, (unsigned long long)t.recycled);
    printf("peak %.1f MiB\n", peak_mib());
    end(&b);
    return b.failed == 0 ? 0 : 1;
}

/* ---- one after another ---- */

static void open_another(struct pair *p);

static void on_passing(struct sw_sock *sock, enum sw_sock_event event, void *user)
{
    struct pair *p = user;
    if (event == SW_SOCK_CONNECTED) {
        p->bench->connected++;
        p->bench->failed += sw_sock_shutdown(sock) != 0;
    } else if (event == SW_SOCK_CLOSED) {
        p->bench->client_done++;
        sw_sock_close(sock);
        open_another(p);
    } else if (event == SW_SOCK_ERROR) {
        p->bench->failed++;
    }
}

static void open_another(struct pair *p)
{
    struct sw_sock *sock;
    if (p->left > 0) {
        p->left--;
        begin_connect(p, &sock, on_passing, p);
    }
}

static int rate(unsigned rounds)
{
    static struct bench b;
    double rates[ROUNDS_MOST];
    build(&b);
    for (unsigned k = 0; k < rounds; k++) {
        for (unsigned i = 0; i < PAIRS; i++) {
            b.pair[i].left = ROUND / PAIRS;
        }
        b.wanted += ROUND;
        double begun = processor_s();
        each(&b, open_another, PASSING, all_done, "not all ended in order");
        rates[k] = ROUND / (processor_s() - begun);
        printf("%u connections set up and closed: %.0f a second\n", ROUND, rates[k]);
    }
    must(connections(&b) == 0 && b.connected == b.wanted, "some are left");
    struct totals t = totals(&b);
    printf("%llu connections, %llu failures, %llu retransmissions, %llu TIME-WAIT records, "
           "%llu recycled\n",
           (unsigned long long)b.connected, (unsigned long long)b.failed,
           (unsigned long long)t.retransmits, (unsigned long long)t.time_wait,
           (unsigned long long)t.recycled);
    printf("median %.0f a second\n", median(rates, rounds));
    end(&b);
    return b.failed == 0 ? 0 : 1;
}

/* ---- the kernel ---- */

/* One pair after another, at an address of its own, so that no port is wanted twice. */
static void one_of_the_kernel(int listener, unsigned i)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    to.sin_addr.s_addr = htonl(0x7f000001 + i % PAIRS);
    int client = socket(AF_INET, SOCK_STREAM, 0);
    must(client >= 0 && connect(client, (struct sockaddr *)&to, sizeof to) == 0, "connect");
    int server = accept(listener, NULL, NULL);
    char byte;
    must(server >= 0 && shutdown(client, SHUT_WR) == 0 && read(server, &byte, 1) == 0 &&
             close(server) == 0 && read(client, &byte, 1) == 0 && close(client) == 0,
         "an orderly close");
}

static int kernel(void)
{
    double rates[3];
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    must(listener >= 0 && bind(listener, (struct sockaddr *)&any, sizeof any) == 0 &&
             listen(listener, 1024) == 0,
         "a listener");
    for (unsigned k = 0; k < 3; k++) {
        double begun = processor_s();
        for (unsigned i = 0; i < ROUND; i++) {
            one_of_the_kernel(listener, i);
        }
        rates[k] = ROUND / (processor_s() - begun);
    }
    close(listener);
    printf("median %.0f a second\n", median(rates, 3));
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 9;
    if (strcmp(what, "stand") == 0) {
        return stand();
    }
    if (strcmp(what, "rate") == 0 && rounds > 0 && rounds <= ROUNDS_MOST) {
        return rate(rounds);
    }
    if (strcmp(what, "kernel") == 0) {
        return kernel();
    }
    fprintf(stderr, "usage: bench_connections stand | rate [ROUNDS] | kernel\n");
    return 2;
}
