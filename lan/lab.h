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
 * What cannot be built is the caller's own bug here, and asserted. */
#ifndef SW_LAN_LAB_H
#define SW_LAN_LAB_H

#include <stdbool.h>
#include <stdint.h>

#include "core/env.h"
#include "core/link.h"
#include "core/watch.h"
#include "lan/bridge.h"
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
/* Do all ledgers hold? */
bool sw_lab_holds(const struct sw_lab *lab);

#endif
