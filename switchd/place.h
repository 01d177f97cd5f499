/* Sockets of the machine's own, at places of a LAN file: paths, or addresses with a port. */
#ifndef SW_SWITCHD_PLACE_H
#define SW_SWITCHD_PLACE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "lan/topo.h"
#include "switchd/sweeper.h"

#define SW_PLACE_TEXT 160

struct sw_place {
    struct sockaddr_storage address;
    socklen_t len; /* 0: none */
    char text[SW_PLACE_TEXT];
    bool bound; /* there is a path, which is of this inode */
    dev_t device;
    ino_t inode;
    struct sw_sweeper sweeper; /* removes it, where this process cannot any more */
};

void sw_place_of(struct sw_place *out, const struct sw_topo_place *place);
/* Does a datagram with this source come from there? Of a path it always does: who may write to a
 * socket in the file system is the file system's business, and a path has many spellings. */
bool sw_place_is(const struct sw_place *place, const struct sockaddr_storage *address);
/* A socket of that type (SOCK_STREAM, SOCK_DGRAM), bound there, without blocking. A path where a
 * socket lies that nobody listens at is taken over. A descriptor, or a negative errno. */
int sw_place_bind(struct sw_place *place, int type);
/* Removes the path. Harmless where there is none, or another's by now. */
void sw_place_unbind(struct sw_place *place);

#endif
