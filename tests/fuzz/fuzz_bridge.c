/* Fuzz target: a bridge with stations that say anything. An input is a program: the bridge's
 * properties, then frames in at its ports, cables that come and go, and time. A frame leaves by no
 * port twice and never by the one it came in at; reserved groups leave by none; the ledgers and the
 * table hold. */
#include <stdlib.h>
#include <string.h>

#include "core/bytes.h"
#include "core/link.h"
#include "lan/bridge.h"
#include "tests/fuzz/fuzz.h"

#define PORTS 6
#define INSTRUCTIONS 1000
#define FRAMES 4096 /* said in an input; what is said beyond is not */

struct game;

struct station {
    struct game *game;
    struct sw_port port;
    struct sw_link link;
    bool plugged;
    char there[16], back[16];
};

/* What became of a frame, by its number. */
struct said {
    uint8_t from;
    uint8_t out; /* bits of the ports by which it came out */
    bool reserved;
};

struct game {
    struct fuzz_world world;
    struct sw_bridge *bridge;
    struct station station[PORTS];
    struct said said[FRAMES];
    uint32_t count;
    struct fuzz_input in;
};

static void hear(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    struct station *st = SW_CONTAINER(port, struct station, port);
    struct game *g = st->game;
    const unsigned at = (unsigned)(st - g->station);
    for (unsigned i = 0; i < n; i++) {
        uint8_t bytes[18];
        if (frames[i]->len >= sizeof bytes) { /* else it was cut off before its number */
            sw_frame_read(frames[i], 0, bytes, sizeof bytes);
            const uint32_t number = sw_get32(bytes + 14);
            fuzz_check(number < g->count);
            struct said *said = &g->said[number];
            fuzz_check(said->from != at);
            fuzz_check((said->out & 1u << at) == 0);
            fuzz_check(!said->reserved);
            said->out |= (uint8_t)(1u << at);
        }
        sw_frame_drop(frames[i]);
    }
}

/* ---- instructions ---- */

static struct sw_mac address(struct fuzz_input *in)
{
    const uint8_t code = fuzz_u8(in);
    struct sw_mac mac = {{2, 0, 0, 0, 0, code}};
    if (code >= 0xf0) {
        const struct sw_mac reserved = {{1, 0x80, 0xc2, 0, 0, (uint8_t)(code & 15)}};
        mac = reserved;
    } else if (code >= 0xe8) {
        const struct sw_mac group = {{1, 0, 0x5e, 0, 0, code}};
        mac = code == 0xe8 ? sw_mac_broadcast : code == 0xe9 ? sw_mac_zero : group;
    } else if (code >= 0xe0) {
        for (unsigned i = 0; i < 6; i++) {
            mac.b[i] = fuzz_u8(in);
        }
    }
    return mac;
}

static bool is_reserved(struct sw_mac mac)
{
    static const uint8_t first[5] = {1, 0x80, 0xc2, 0, 0};
    return memcmp(mac.b, first, 5) == 0 && mac.b[5] < 16;
}

static void do_frame(struct game *g)
{
    uint8_t bytes[1518] = {0};
    const uint8_t how = fuzz_u8(&g->in);
    struct station *st = &g->station[how % PORTS];
    const struct sw_mac to = address(&g->in), from = address(&g->in);
    memcpy(bytes, to.b, 6);
    memcpy(bytes + 6, from.b, 6);
    sw_put16(bytes + 12, 0x88b5); /* for experiments (IEEE 802) */
    sw_put32(bytes + 14, g->count);
    if (g->count == FRAMES) {
        return;
    }
    g->said[g->count] =
        (struct said){.from = (uint8_t)(st - g->station), .reserved = is_reserved(to)};
    g->count++;
    static const size_t lengths[] = {60, 18, 13, 0, 14, 64, 1514, 17};
    const size_t n = how >= 128 ? lengths[how / 16 % 8] : 60;
    struct sw_frame *frame = fuzz_frame(&g->world, bytes, n, fuzz_u8(&g->in));
    if (frame != NULL) {
        sw_port_send(&st->port, frame);
    }
}

static void do_burst(struct game *g)
{
    struct fuzz_input here = g->in;
    for (unsigned i = fuzz_u8(&g->in) % 32; i < 32; i++) {
        g->in = here;
        do_frame(g);
    }
}

static void do_time(struct game *g)
{
    static const sw_time units[] = {SW_US, SW_MS, 100 * SW_MS, SW_S, 10 * SW_S, 100 * SW_S};
    const uint8_t code = fuzz_u8(&g->in);
    fuzz_world_run(&g->world, units[code % 6] * (1 + code / 6));
}

static void plug(struct game *g, struct station *st, uint8_t how)
{
    char name[8] = "p0";
    const unsigned i = (unsigned)(st - g->station);
    name[1] = (char)('0' + i);
    struct sw_port *port = sw_bridge_port(g->bridge, name);
    const struct sw_lane_config in = {.queue_frames = 1000};
    struct sw_lane_config out = {.queue_frames = how % 2 == 0 ? 1000 : 2};
    out.rate_bps = how % 2 == 0 ? 0 : 1000000;
    strcpy(st->there, "s0>p0");
    strcpy(st->back, "p0>s0");
    st->there[1] = st->there[4] = st->back[1] = st->back[4] = name[1];
    fuzz_check(sw_link_init(&st->link, &g->world.env, &st->port, port, st->there, st->back, &in,
                            &out) == 0);
    st->plugged = true;
}

static void do_cable(struct game *g)
{
    const uint8_t how = fuzz_u8(&g->in);
    struct station *st = &g->station[how % PORTS];
    if (how >= 192) {
        if (st->plugged) {
            sw_link_fini(&st->link);
            st->plugged = false;
        } else {
            plug(g, st, how / 8);
        }
    } else if (st->plugged) {
        const bool up = (how & 64) != 0;
        sw_link_set_up(&st->link, up);
        if (!up) {
            char name[8] = "p0";
            name[1] = (char)('0' + how % PORTS);
            sw_bridge_port_down(sw_bridge_port(g->bridge, name));
        }
    }
}

static void do_static(struct game *g)
{
    char name[8] = "p0";
    const struct sw_mac mac = address(&g->in);
    name[1] = (char)('0' + fuzz_u8(&g->in) % 10);
    (void)sw_bridge_add_static(g->bridge, mac, name);
}

/* ---- what holds ---- */

static void check(struct game *g)
{
    struct sw_bridge_stats stats;
    const struct sw_fdb *fdb = sw_bridge_fdb(g->bridge);
    sw_bridge_stats(g->bridge, &stats);
    fuzz_check(sw_bridge_balanced(g->bridge));
    fuzz_check(stats.flooded_known == 0);
    for (unsigned i = 0; i < PORTS; i++) {
        const struct station *st = &g->station[i];
        fuzz_check(!st->plugged ||
                   (sw_lane_balanced(&st->link.forward) && sw_lane_balanced(&st->link.backward)));
    }
    struct sw_fdb_entry entry;
    uint32_t entries = 0;
    for (; sw_fdb_entry(fdb, entries, &entry); entries++) {
        fuzz_check(!sw_mac_is_group(entry.mac) && !sw_mac_is_zero(entry.mac));
        fuzz_check(entry.port < PORTS);
        fuzz_check(entry.fixed || entry.seen <= sw_clock_now(g->world.env.clock));
        const uint32_t at =
            sw_fdb_lookup(fdb, entry.mac, entry.vid, sw_clock_now(g->world.env.clock));
        fuzz_check(at == entry.port || (at == SW_FDB_NONE && !entry.fixed));
    }
    fuzz_check(entries == sw_fdb_count(fdb));
}

static void play(struct game *g)
{
    static void (*const instructions[])(struct game *) = {do_frame, do_frame, do_time,
                                                          do_cable, do_burst, do_static};
    const size_t count = sizeof instructions / sizeof instructions[0];
    for (unsigned i = 0; i < INSTRUCTIONS && fuzz_left(&g->in) > 0; i++) {
        const uint8_t code = fuzz_u8(&g->in);
        instructions[(code & 127) % count](g);
        if ((code & 128) == 0) {
            fuzz_world_run(&g->world, 0);
            check(g);
        }
    }
}

/* ---- its life ---- */

static bool begin(struct game *g)
{
    static const uint32_t tables[] = {0, 1, 4, 8, 16, 64, 1048576, 1048577};
    static const sw_time ageings[] = {300 * SW_S, 10 * SW_S, 0, 1000000 * SW_S, 1};
    const uint8_t a = fuzz_u8(&g->in), b = fuzz_u8(&g->in);
    fuzz_world_init(&g->world, (a & 128) != 0 ? 20000 : (size_t)16 << 20);
    const struct sw_bridge_config config = {
        .name = "b", .mac_table = tables[a % 8], .ageing = ageings[a / 8 % 5]};
    if (sw_bridge_new(&g->bridge, &g->world.env, &config) != 0) {
        fuzz_check(a % 8 == 7 || a / 8 % 5 == 4);
        return false;
    }
    static const char *const names[PORTS] = {"s0", "s1", "s2", "s3", "s4", "s5"};
    for (unsigned i = 0; i < PORTS; i++) {
        struct station *st = &g->station[i];
        struct sw_port *port;
        char name[8] = "p0";
        name[1] = (char)('0' + i);
        fuzz_check(sw_bridge_add_port(&port, g->bridge, name) == 0);
        st->game = g;
        sw_port_init(&st->port, names[i], hear, NULL);
        if ((b & 1u << i) == 0) {
            plug(g, st, i == 5 ? 1 : 0);
        }
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct game *g = calloc(1, sizeof *g);
    fuzz_check(g != NULL);
    g->in = (struct fuzz_input){bytes, bytes + n};
    if (begin(g)) {
        play(g);
        fuzz_world_run(&g->world, 2000 * SW_S);
        check(g);
        for (unsigned i = 0; i < PORTS; i++) {
            if (g->station[i].plugged) {
                sw_link_fini(&g->station[i].link);
            }
        }
        sw_bridge_free(g->bridge);
    }
    fuzz_world_fini(&g->world);
    free(g);
    return 0;
}
