/* A LAN that falls apart into groups of hosts: a host of a group drops, as partition, what comes
 * from a host of another one. An IPv4 packet is from whom its source address belongs to, an ARP
 * packet from its sender, through routers too; any other frame, and one with no such address, goes
 * by its source MAC. Hosts in no group reach all, and are reached. */
#ifndef SW_LAN_PARTITION_H
#define SW_LAN_PARTITION_H

#include "lan/fabric.h"

struct sw_partition;

/* group[i] is that of the fabric's i-th host, counted from 1; 0, and hosts from `count` on: in
 * none. Nothing is dropped before sw_partition_begin(). 0, -ENOMEM. */
int sw_partition_new(struct sw_partition **out, struct sw_fabric *fabric, const uint32_t *group,
                     size_t count);
/* The hosts' filter (sw_host_set_filter) is this one's. */
void sw_partition_begin(struct sw_partition *partition);
/* It is over: the hosts have no filter. NULL is harmless. */
void sw_partition_free(struct sw_partition *partition);

#endif
