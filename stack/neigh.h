/* Neighbours: who has which IPv4 address on the links of a host, and packets that wait until that
 * is known. */
#ifndef SW_STACK_NEIGH_H
#define SW_STACK_NEIGH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/addr.h"
#include "stack/impl.h"

#define SW_NEIGH_FRESH (60 * SW_S) /* after a confirmation it is not doubted for so long */
#define SW_NEIGH_ASK_GAP SW_S      /* between two requests for one address (RFC 1122 2.3.2.1) */
#define SW_NEIGH_ASKS 3            /* unanswered requests until it is given up */
#define SW_NEIGH_ENTRIES 4096      /* of a host */
#define SW_NEIGH_RESOLVING 1024    /* of them, unresolved at most */
#define SW_NEIGH_UNUSED 2048       /* of them, made by requests of others and never used, at most */
#define SW_NEIGH_HOLD_FRAMES 128   /* for one address: 65,535 bytes in fragments of 576, and more */
#define SW_NEIGH_HOLD_ALL 4096     /* for all of a host's */

int sw_neigh_table_new(struct sw_neigh_table **out, struct sw_host *host);
void sw_neigh_table_free(struct sw_neigh_table *table); /* drops what waits, uncounted */
/* The host has crashed: nobody is known any more; what waited is counted as host-down. */
void sw_neigh_table_reset(struct sw_neigh_table *table);

/* Sends an IPv4 packet (the frame begins with its header) to a station on the link, or keeps it
 * until its address is known. The frame is given. 0, -ENOMEM (no room in the table, or no memory).
 * What waits in vain is later counted as NEIGH_UNRESOLVED and reported as host unreachable, to our
 * socket or to the packet's sender. */
int sw_neigh_output(struct sw_nic *nic, uint32_t next_hop, struct sw_frame *frame);
/* What was sent to a station seems not to arrive (RFC 1122 3.3.1.4, negative advice): it is asked
 * after at once, if it is known and was not confirmed within the last second. */
void sw_neigh_doubt(struct sw_nic *nic, uint32_t ip);
/* An ARP packet said that ip is at mac. An existing entry is updated, confirmed, and what waited
 * goes out; where there is none, one is made only if `make`. Returns whether there is one now. */
bool sw_neigh_learn(struct sw_nic *nic, uint32_t ip, struct sw_mac mac, bool make);

#endif
