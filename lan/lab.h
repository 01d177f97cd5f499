/* The C lab: a LAN in ten lines, in virtual time, for programs and tests of the user's own.
 *
 *     struct sw_lab *lab = sw_lab_new(7);
 *     sw_lab_switch(lab, "core");
 *     struct sw_host *web = sw_lab_host(lab, "web", "10.0.0.1/24");
 *     struct sw_host *client = sw_lab_host(lab, "client", "10.0.0.2/24");
 *     sw_lab_link(lab, "web", "core", NULL);
 *     struct sw_lane_config slow = {.delay = 5 * SW_MS, .rate_bps = 100000000};
 *     sw_lab_link(lab, "client", "core", &slow);
 *     … open sockets on web and client (stack/sock.h) …
 *     sw_lab_run(lab, 10 * SW_S);
 *     assert(sw_lab_holds(lab));
 *     sw_lab_free(lab);
 *
 * Then hurt it: a cable goes down for half a second, the second SYN is lost, a host crashes; see
 * "what hurts" below.
 *
 * What cannot be built is the caller's own bug here, and asserted. */
#ifndef SW_LAN_LAB_H
#define SW_LAN_LAB_H

#include <stdbool.h>
#include <stdint.h>

#include "core/env.h"
#include "core/link.h"
#include "core/watch.h"
#include "lan/bridge.h"
#include "lan/scenario.h"
#include "stack/host.h"
#include "stack/sock.h"

struct sw_lab;

struct sw_lab *sw_lab_new(uint64_t seed);
/* Everything ends; asserts that no frame and no block is left. */
void sw_lab_free(struct sw_lab *lab);
const struct sw_env *sw_lab_env(const struct sw_lab *lab);
/* Hangs in an observer (core/watch.h, lan/trace.h) that outlives the lab; before the first node,
 * asserted. */
void sw_lab_watch(struct sw_lab *lab, struct sw_watch *watch);
struct sw_bridge *sw_lab_switch(struct sw_lab *lab, const char *name);
/* A host with eth0 and an address, or several: "10.0.0.1/24 10.1.0.1/24" makes eth0 and eth1; an
 * address needs its length. */
struct sw_host *sw_lab_host(struct sw_lab *lab, const char *name, const char *addresses);
struct sw_host *sw_lab_router(struct sw_lab *lab, const char *name, const char *addresses);
/* "0.0.0.0/0" via "10.0.0.1". */
void sw_lab_route(struct sw_lab *lab, const char *host, const char *to, const char *gateway);
/* A cable between "NODE" or "NODE:PORT" ends, as in a LAN file, the same in both directions. NULL,
 * or neither delay nor rate: 10 Gbit/s and 1 us; no bound of the queue: 1000 frames. */
struct sw_link *sw_lab_link(struct sw_lab *lab, const char *a, const char *b,
                            const struct sw_lane_config *lane);
/* A port of the user's own in place of a host: a stack under test. */
void sw_lab_plug(struct sw_lab *lab, struct sw_port *port, const char *to,
                 const struct sw_lane_config *lane);
sw_time sw_lab_now(const struct sw_lab *lab);
/* Lets `span` of LAN time pass. A million callbacks within one instant are a loop without end:
 * asserted. */
void sw_lab_run(struct sw_lab *lab, sw_time span);
/* Lets time pass until done(ctx) is true, checked after each instant, or `limit` has passed; true
 * if it became so. */
bool sw_lab_run_until(struct sw_lab *lab, bool (*done)(void *ctx), void *ctx, sw_time limit);
/* ---- what hurts ----
 *
 * All of it begins now, at the time it is, and can be called from any callback of the clock but a
 * timer of the host that it befalls. `span` is how long it lasts, then it is undone; 0: it stays.
 * `ways` are SW_FORWARD (the link's first end to its second), SW_BACKWARD or SW_BOTH_WAYS.
 *
 * Faults overlap: what is down, crashed, stopped or held by several is so until the last of them is
 * over, or the opposite is called, which ends them all. Settings with a span lie over what stood
 * before, the later over the earlier. There is no error: what runs out of memory is asserted. */

void sw_lab_down(struct sw_lab *lab, struct sw_link *link, sw_time span);
void sw_lab_up(struct sw_lab *lab, struct sw_link *link);
/* From now on and every `every` (> 0) the link is down for `down`, until span is over or
 * sw_lab_up(). */
void sw_lab_flap(struct sw_lab *lab, struct sw_link *link, sw_time every, sw_time down,
                 sw_time span);
/* What `said` (SW_LANE_*, core/link.h) names is taken from config, the rest stays. over: it goes
 * there in a straight line that takes so long, in steps of over / 1000 but no less than 1 ms; 0: at
 * once. */
void sw_lab_set(struct sw_lab *lab, struct sw_link *link, unsigned ways,
                const struct sw_lane_config *config, unsigned said, sw_time over, sw_time span);
/* Takes the nth matching frame from now on (counted from 1), or, nth being 0, the next count; both
 * 0: all. Both directions count together. match is a short word of a LAN file ("syn", "data",
 * "retransmit", "arp" ...), or NULL for all frames. */
void sw_lab_drop(struct sw_lab *lab, struct sw_link *link, unsigned ways, const char *match,
                 uint32_t nth, uint32_t count, sw_time span);
/* The same for frames that a program of the packet filter accepts (copied; what pcap_compile()
 * makes of an expression for DLT_EN10MB; sw_bpf_valid() or asserted). */
void sw_lab_drop_filter(struct sw_lab *lab, struct sw_link *link, unsigned ways,
                        const struct sw_bpf *program, size_t program_count, uint32_t nth,
                        uint32_t count, sw_time span);
/* Frames are kept at the far end, and arrive all at once and in order when it is over. */
void sw_lab_hold(struct sw_lab *lab, struct sw_link *link, unsigned ways, sw_time span);
void sw_lab_release(struct sw_lab *lab, struct sw_link *link, unsigned ways);
/* See sw_host_crash() and its neighbours in stack/host.h. */
void sw_lab_crash(struct sw_lab *lab, struct sw_host *host, sw_time span);
void sw_lab_restart(struct sw_lab *lab, struct sw_host *host);
void sw_lab_stop(struct sw_lab *lab, struct sw_host *host, sw_time span);
void sw_lab_continue(struct sw_lab *lab, struct sw_host *host);
/* "web client | db": two groups or more; a host of one drops what comes from a host of another
 * (reason partition), through routers too. Who is in none reaches all. It takes the place of the
 * one before. */
void sw_lab_partition(struct sw_lab *lab, const char *groups, sw_time span);
void sw_lab_heal(struct sw_lab *lab);

/* Do all ledgers hold? */
bool sw_lab_holds(const struct sw_lab *lab);

#endif
