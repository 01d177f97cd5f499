/* A small LAN with events, in virtual time: client (10.0.0.2), web (10.0.0.1, http) and other
 * (10.0.0.3) on core, cables of 1 ms. Events are put into its topo between eventful_init() and
 * eventful_build(). A host pings another every 100 ms; which of the requests were answered tells
 * what happened in between. */
#ifndef SW_TESTS_SUPPORT_LAN_EVENTS_H
#define SW_TESTS_SUPPORT_LAN_EVENTS_H

#include "core/drop.h"
#include "lan/events.h"
#include "lan/network.h"
#include "lan/traffic.h"
#include "tests/support/core_fixture.h"
#include "tests/support/lan_topo.h"

#define PINGS_MAX 100
#define BEAT (100 * SW_MS)

enum { WEB, CLIENT, OTHER };

struct eventful {
    struct sw_test_env world;
    struct sw_topo *topo;
    struct sw_network *net;
    struct sw_events *events;
    struct sw_ping *ping;
    char answered[PINGS_MAX + 1]; /* a '!' or '.' for each request */
    char said[2048];
    char why[256];
};

void eventful_init(struct eventful *lan);
/* An event at a time; the rest is its maker's. Its place is line 11 for the first, and so on. */
struct sw_topo_event *eventful_event(struct eventful *lan, enum sw_action_kind kind, sw_time at,
                                     sw_time span, const char *name);
void eventful_build(struct eventful *lan);
void eventful_ping(struct eventful *lan, const char *from, const struct sw_ping_config *config);
/* One request a BEAT. */
void eventful_start_ping(struct eventful *lan, const char *from, const char *to, uint32_t count);
/* Pings from client to web at 0, 100, 200 ... ms, and at the end compares: a '!' or '.' each. */
void eventful_expect_pings(struct eventful *lan, const char *answered);
/* One page of web's by client: how it ended by `until`, and the size of the body. */
int eventful_fetch(struct eventful *lan, sw_time until, uint64_t *size);
/* What must always hold is asserted, and that nothing is left. */
void eventful_fini(struct eventful *lan);
/* What a host (WEB, CLIENT, OTHER) has dropped for this reason. */
uint64_t eventful_dropped(const struct eventful *lan, size_t host, enum sw_drop reason);

#endif
