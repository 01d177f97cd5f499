/* Forwards: ports of the machine behind which a host of the LAN answers. Who connects there speaks,
 * byte for byte, with a connection that a virtual host opens in the LAN; each side's end, reset and
 * slowness is the other's. What the machine sends is read straight into the virtual socket's queue;
 * what waits for the machine is SW_FORWARD_CHUNK bytes at most, the rest is left in the virtual
 * socket, whose window closes. */
#ifndef SW_SWITCHD_FORWARD_H
#define SW_SWITCHD_FORWARD_H

#include <stdio.h>

#include "lan/network.h"
#include "switchd/driver.h"

#define SW_FORWARD_CHUNK 16384u
#define SW_FORWARD_CONNECTIONS 16384u /* of one forward at once; more are reset */

struct sw_forwards;

/* Listens at each of the topo's forwards. Prints what went wrong. 0, -ENOMEM, or what the system
 * said. Both are lent. */
int sw_forwards_new(struct sw_forwards **out, struct sw_network *net, struct sw_driver *driver);
/* One more, while the LAN runs; the forward is copied. 0, and *at says where it is; -EEXIST:
 * another of the LAN's has that place; -ENFILE: there are SW_FORWARDS_MAX; or what the system said.
 */
int sw_forwards_add(struct sw_forwards *all, const struct sw_topo_forward *forward,
                    struct sw_endpoint *at);
/* Nobody may connect there any more; who is connected goes on. 0, or -ENOENT: there is none. */
int sw_forwards_remove(struct sw_forwards *all, struct sw_endpoint at);
/* "127.0.0.1:8080 leads to web:80, 3 connections" for each, a line each. */
void sw_forwards_list(const struct sw_forwards *all, FILE *to);
struct sw_network *sw_forwards_network(const struct sw_forwards *all);
/* What a request of the control socket (control.h) asks for: "list", "add LISTEN TO [FROM]",
 * "remove LISTEN"; its text is taken apart. What there is to tell goes to a file. 0; or an exit
 * status, and why. */
int sw_forwards_do(struct sw_forwards *all, char *request, FILE *to, char *why, size_t cap);
/* ", 127.0.0.1:8080 leads to web:80" for each, with the port that was chosen, to stderr. */
void sw_forwards_say_up(const struct sw_forwards *all);
/* A line each, to stderr. */
void sw_forwards_summary(const struct sw_forwards *all);
/* Resets all connections, both ways. Before the network is gone; NULL is harmless. */
void sw_forwards_stop(struct sw_forwards *all);
/* After the driver is gone. NULL is harmless. */
void sw_forwards_free(struct sw_forwards *all);

#endif
