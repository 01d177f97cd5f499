/* Network interfaces of the namespace that this process is in, set by rtnetlink(7). */
#ifndef SW_SWITCHD_NETDEV_H
#define SW_SWITCHD_NETDEV_H

#include "core/addr.h"

struct mnl_socket;

/* NULL: errno says why. */
struct mnl_socket *sw_netdev_open(void);
void sw_netdev_close(struct mnl_socket *nl);
/* Each returns 0 or a negative errno. mac may be NULL, mtu_bytes and queue_frames (what waits until
 * it is sent, "txqueuelen") 0: left as they are. */
int sw_netdev_set_up(struct mnl_socket *nl, const char *name, const struct sw_mac *mac,
                     uint32_t mtu_bytes, uint32_t queue_frames);
int sw_netdev_add_address(struct mnl_socket *nl, const char *name, struct sw_prefix address);
/* gateway of family SW_IP_NONE: on the link. name NULL: by the gateway. */
int sw_netdev_add_route(struct mnl_socket *nl, struct sw_prefix to, struct sw_ip gateway,
                        const char *name);

#endif
