/* The host, its line and its time. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/bytes.h"
#include "tests/door/door.h"

#define POOL_BYTES ((size_t)256 << 20)
#define ETH_BYTES 14
#define HEAD_BYTES 100
#define STEPS_MOST 1000000
#define LOCAL "192.168.0.1"
#define REAL_PATIENCE_NS 50000000L /* of a sleeper, for whoever drives the clock */
#define REAL_PATIENCE_TURNS 100    /* ... and of the driver, for a sleeper that was called */

/* ---- settings, as packetdrill's scripts make them: with sysctl ---- */

/* The number-th value (from 0) of a setting of net.ipv4, or `otherwise`. */
static unsigned long setting(const char *name, unsigned number, unsigned long otherwise)
{
    char path[128], line[128] = "";
    snprintf(path, sizeof path, "/proc/sys/net/ipv4/%s", name);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return otherwise;
    }
    char *at = fgets(line, sizeof line, file);
    fclose(file);
    unsigned long value = otherwise;
    for (unsigned i = 0; at != NULL && i <= number; i++) {
        char *end;
        value = strtoul(at, &end, 10);
        at = end;
    }
    return value;
}

static uint32_t buffer_setting(const char *name)
{
    const unsigned long bytes = setting(name, 2, 4 << 20);
    return bytes > 64 << 20 ? 64 << 20 : (uint32_t)bytes;
}

static bool is_reno(void)
{
    char name[16] = "";
    FILE *file = fopen("/proc/sys/net/ipv4/tcp_congestion_control", "r");
    if (file != NULL) {
        if (fgets(name, sizeof name, file) == NULL) {
            name[0] = 0;
        }
        fclose(file);
    }
    return strncmp(name, "reno", 4) == 0;
}

static enum sw_tcp_ecn_mode ecn_mode(void)
{
    const unsigned long number = setting("tcp_ecn", 0, 2);
    return number == 0 ? SW_TCP_ECN_OFF : number == 1 ? SW_TCP_ECN_ON : SW_TCP_ECN_PASSIVE;
}

int door_host(struct door *door)
{
    if (door->host != NULL) {
        return 0;
    }
    const struct sw_host_config config = {
        .name = "door",
        .tcp = {.send_buffer_bytes = buffer_setting("tcp_wmem"),
                .receive_buffer_bytes = buffer_setting("tcp_rmem"),
                .no_sack = setting("tcp_sack", 0, 1) == 0,
                .ecn = ecn_mode(),
                .congestion = is_reno() ? SW_TCP_RENO : SW_TCP_CUBIC,
                .no_timestamps = setting("tcp_timestamps", 0, 1) == 0,
                .no_window_scaling = setting("tcp_window_scaling", 0, 1) == 0}};
    const unsigned long low = setting("tcp_notsent_lowat", 0, 0);
    door->unsent_low = low <= 64u << 20 ? (int64_t)low : 0;
    const struct sw_nic_config line = {.name = "tun0", .bare = true};
    const struct sw_lane_config wire = {.queue_frames = 100000};
    struct sw_prefix address = {.bits = 16};
    struct sw_nic *nic;
    int err = sw_host_new(&door->host, &door->env, &config);
    if (err < 0) {
        return err;
    }
    sw_ip_parse(&address.ip, LOCAL);
    err = sw_nic_add(&nic, door->host, &line);
    err = err < 0 ? err : sw_nic_add_address(nic, address, SW_ADDRESS_SILENT);
    const struct sw_prefix all = {.ip = sw_ip_v4(0)};
    err = err < 0 ? err : sw_host_add_route(door->host, all, (struct sw_ip){0}, nic);
    return err < 0 ? err
                   : sw_link_init(&door->link, &door->env, sw_nic_port(nic), &door->port,
                                  "door>tun0", "tun0>door", &wire, &wire);
}

/* ---- packets ---- */

static void take(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    struct door *door = SW_CONTAINER(port, struct door, port);
    for (unsigned i = 0; i < n; i++) {
        struct door_packet *packet = malloc(sizeof(*packet) + frames[i]->len);
        if (packet != NULL && frames[i]->len > ETH_BYTES) {
            sw_frame_copy_out(frames[i], packet->bytes);
            packet->len = frames[i]->len - ETH_BYTES;
            memmove(packet->bytes, packet->bytes + ETH_BYTES, packet->len);
            packet->at = door_now(door);
            packet->next = NULL;
            *(door->last != NULL ? &door->last->next : &door->first) = packet;
            door->last = packet;
        } else {
            free(packet);
        }
        sw_frame_drop(frames[i]);
    }
}

void door_inject(struct door *door, const uint8_t *bytes, size_t n)
{
    uint8_t *frame = calloc(1, ETH_BYTES + n);
    if (frame == NULL || door_host(door) < 0) {
        free(frame);
        return;
    }
    sw_put16(frame + 12, 0x0800);
    memcpy(frame + ETH_BYTES, bytes, n);
    const size_t len = ETH_BYTES + n;
    struct sw_frame *in =
        sw_frame_from_bytes(door->env.pool, frame, len, len < HEAD_BYTES ? len : HEAD_BYTES);
    free(frame);
    if (in != NULL) {
        sw_port_send(&door->port, in);
    }
    door_settle(door);
}

/* ---- time ---- */

sw_time door_now(const struct door *door)
{
    return sw_clock_now(door->env.clock);
}

/* Whoever sleeps is called, and what it does is waited for. Real time bounds that: a thread that
 * died or was taken away must not hang the test. */
static void call_sleeper(struct door *door)
{
    if (door->sleeper == DOOR_ASLEEP &&
        (door->happened != door->happened_seen || door->sleeper_until <= door_now(door))) {
        door->sleeper = DOOR_WOKEN;
        pthread_cond_broadcast(&door->changed);
    }
    for (int i = 0; i < REAL_PATIENCE_TURNS &&
                    (door->sleeper == DOOR_WOKEN || door->sleeper == DOOR_RETURNING);
         i++) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += REAL_PATIENCE_NS;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&door->changed, &door->lock, &until);
    }
}

void door_settle(struct door *door)
{
    sw_clock_run(door->env.clock, door_now(door), STEPS_MOST);
    if (gettid() == getpid()) {
        call_sleeper(door);
    }
}

bool door_step(struct door *door, sw_time until)
{
    door->calls++;
    sw_time to = sw_clock_next(door->env.clock);
    if (door->sleeper == DOOR_ASLEEP && door->sleeper_until < to) {
        to = door->sleeper_until;
    }
    const bool more = to < until;
    sw_clock_run(door->env.clock, more ? to : until, STEPS_MOST);
    call_sleeper(door);
    return more;
}

/* Does the main thread sleep outside of the door? It then waits for this one. */
static bool main_sleeps(void)
{
    char path[64], text[256] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)getpid());
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return false;
    }
    const size_t n = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[n] = '\0';
    const char *behind = strrchr(text, ')');
    return behind != NULL && behind[1] == ' ' && behind[2] == 'S';
}

bool door_wait(struct door *door, sw_time until)
{
    if (gettid() == getpid()) {
        const uint64_t before = door->happened;
        while (door->happened == before) {
            if (!door_step(door, until)) {
                return door->happened != before;
            }
        }
        return true;
    }
    door->sleeper = DOOR_ASLEEP;
    door->sleeper_until = until;
    door->happened_seen = door->happened;
    pthread_cond_broadcast(&door->changed);
    while (door->sleeper == DOOR_ASLEEP) {
        const uint64_t calls = door->calls;
        struct timespec real;
        clock_gettime(CLOCK_REALTIME, &real);
        real.tv_nsec += REAL_PATIENCE_NS;
        real.tv_sec += real.tv_nsec / 1000000000L;
        real.tv_nsec %= 1000000000L;
        if (pthread_cond_timedwait(&door->changed, &door->lock, &real) == ETIMEDOUT &&
            door->sleeper == DOOR_ASLEEP && door->calls == calls && main_sleeps()) {
            /* Nobody else drives the clock: the main thread waits for this call to end. */
            door->sleeper = DOOR_WOKEN;
            while (door->happened == door->happened_seen && door_now(door) < until) {
                const sw_time next = sw_clock_next(door->env.clock);
                sw_clock_run(door->env.clock, next < until ? next : until, STEPS_MOST);
            }
        }
    }
    return door->happened != door->happened_seen;
}

void door_returns(struct door *door)
{
    if (gettid() != getpid() && door->sleeper == DOOR_WOKEN) {
        door->sleeper = DOOR_RETURNING;
    }
}

/* ---- beginning and end ---- */

void door_open(struct door *door)
{
    pthread_mutex_init(&door->lock, NULL);
    pthread_cond_init(&door->changed, NULL);
    sw_seed_from_number(&door->seed, 1);
    door->env = (struct sw_env){.clock = sw_clock_new(),
                                .pool = sw_pool_new(POOL_BYTES),
                                .seed = &door->seed,
                                .secrets = &door->seed};
    sw_port_init(&door->port, "tun0", take, NULL);
}

void door_shut(struct door *door)
{
    if (door->host != NULL) {
        sw_link_fini(&door->link);
        sw_host_free(door->host);
    }
    while (door->first != NULL) {
        struct door_packet *packet = door->first;
        door->first = packet->next;
        free(packet);
    }
    sw_pool_free(door->env.pool);
    sw_clock_free(door->env.clock);
    pthread_cond_destroy(&door->changed);
    pthread_mutex_destroy(&door->lock);
}
