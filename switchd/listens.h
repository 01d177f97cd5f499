/* Whether anybody listens at a TCP port of a program's host, of either family of addresses. */
#ifndef SW_SWITCHD_LISTENS_H
#define SW_SWITCHD_LISTENS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* diag: a socket of NETLINK_SOCK_DIAG, which asks the network that it was made in. It costs some
 * microseconds. 1, 0, or a negative errno: -ENOENT, the kernel was built without. */
int sw_listens_at(int diag, uint16_t port);
/* The same, in the network of a process, where the first does not do: as /proc tells it, which
 * takes milliseconds, for it goes through all connections of the machine. */
bool sw_listens_in(pid_t pid, uint16_t port);

#endif
