/* A small LAN from a topo, for tests of networks. */
#ifndef SW_TESTS_LAN_NETWORK_H
#define SW_TESTS_LAN_NETWORK_H

#include "lan/network.h"
#include "tests/support/core_fixture.h"
#include "tests/support/lan_topo.h"

struct sw_test_lan {
    struct sw_test_env world;
    struct sw_topo *topo;
    struct sw_network *net;
    struct sw_test_port uplink;
    char why[256];
    int uplink_status;
};

/* An empty topo. */
void sw_test_lan_init(struct sw_test_lan *lan);
/* web (10.0.0.10) and client (10.0.0.11), and the switch core, without cables. */
void sw_test_lan_pair(struct sw_test_lan *lan);
/* The uplink tap0, a port of the test's: lan->uplink. */
void sw_test_lan_uplink(struct sw_test_lan *lan);
/* What sw_network_new() says; then lan->why. */
int sw_test_lan_try(struct sw_test_lan *lan, bool virtual_time);
/* It is built, in virtual time. */
void sw_test_lan_build(struct sw_test_lan *lan);
void sw_test_lan_fini(struct sw_test_lan *lan);
/* Nothing may be built: the network is refused so, and its why says what. Then sw_test_lan_fini().
 */
void sw_test_lan_refused(struct sw_test_lan *lan, int status, const char *why);
/* How many of three pings come back. */
uint32_t sw_test_lan_ping(struct sw_test_lan *lan, const char *from, const char *to);
/* What must always hold does. */
void sw_test_lan_holds(struct sw_test_lan *lan);
/* The i-th link's lanes have these names. */
void sw_test_lan_lanes(struct sw_test_lan *lan, size_t i, const char *forward,
                       const char *backward);

#endif
