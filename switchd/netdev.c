/* Interfaces by rtnetlink. See netdev.h. */
#include "switchd/netdev.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>

#define REQUEST_BYTES 512

struct mnl_socket *sw_netdev_open(void)
{
    struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
    if (nl && mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) {
        mnl_socket_close(nl);
        return NULL;
    }
    return nl;
}

void sw_netdev_close(struct mnl_socket *nl)
{
    mnl_socket_close(nl);
}

/* Sends a request that wants an acknowledgement, and waits for that. */
static int ask(struct mnl_socket *nl, struct nlmsghdr *request)
{
    char *answer = malloc((size_t)MNL_SOCKET_BUFFER_SIZE);
    if (!answer) {
        return -ENOMEM;
    }
    request->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
    int rc = mnl_socket_sendto(nl, request, request->nlmsg_len) < 0 ? -errno : 1;
    while (rc == 1) { /* MNL_CB_OK: more follows */
        ssize_t n = mnl_socket_recvfrom(nl, answer, (size_t)MNL_SOCKET_BUFFER_SIZE);
        rc = n < 0 ? -errno
                   : mnl_cb_run(answer, (size_t)n, request->nlmsg_seq, mnl_socket_get_portid(nl),
                                NULL, NULL);
        rc = rc == -1 ? -errno : rc;
    }
    free(answer);
    return rc;
}

static int index_of(const char *name, unsigned *out)
{
    *out = if_nametoindex(name);
    return *out ? 0 : -errno;
}

int sw_netdev_set_up(struct mnl_socket *nl, const char *name, const struct sw_mac *mac,
                     uint32_t mtu_bytes, uint32_t queue_frames)
{
    char bytes[REQUEST_BYTES];
    unsigned index;
    int rc = index_of(name, &index);
    struct nlmsghdr *request = mnl_nlmsg_put_header(bytes);
    request->nlmsg_type = RTM_NEWLINK;
    struct ifinfomsg *link = mnl_nlmsg_put_extra_header(request, sizeof *link);
    link->ifi_family = AF_UNSPEC;
    link->ifi_index = (int)index;
    link->ifi_flags = link->ifi_change = IFF_UP;
    if (mac) {
        mnl_attr_put(request, IFLA_ADDRESS, sizeof mac->b, mac->b);
    }
    if (mtu_bytes) {
        mnl_attr_put_u32(request, IFLA_MTU, mtu_bytes);
    }
    if (queue_frames) {
        mnl_attr_put_u32(request, IFLA_TXQLEN, queue_frames);
    }
    return rc ? rc : ask(nl, request);
}

int sw_netdev_add_address(struct mnl_socket *nl, const char *name, struct sw_prefix address)
{
    char bytes[REQUEST_BYTES];
    uint32_t ip = sw_ip_v4_number(address.ip);
    unsigned index;
    int rc = index_of(name, &index);
    struct nlmsghdr *request = mnl_nlmsg_put_header(bytes);
    request->nlmsg_type = RTM_NEWADDR;
    request->nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL;
    struct ifaddrmsg *head = mnl_nlmsg_put_extra_header(request, sizeof *head);
    *head = (struct ifaddrmsg){.ifa_family = AF_INET,
                               .ifa_prefixlen = (uint8_t)address.bits,
                               .ifa_scope = RT_SCOPE_UNIVERSE,
                               .ifa_index = index};
    mnl_attr_put_u32(request, IFA_LOCAL, htonl(ip));
    mnl_attr_put_u32(request, IFA_ADDRESS, htonl(ip));
    if (address.bits < 31) {
        mnl_attr_put_u32(request, IFA_BROADCAST, htonl(ip | ~sw_v4_mask(address.bits)));
    }
    return rc ? rc : ask(nl, request);
}

int sw_netdev_add_route(struct mnl_socket *nl, struct sw_prefix to, struct sw_ip gateway,
                        const char *name)
{
    char bytes[REQUEST_BYTES];
    bool on_link = gateway.family == SW_IP_NONE;
    unsigned index = 0;
    int rc = name ? index_of(name, &index) : 0;
    struct nlmsghdr *request = mnl_nlmsg_put_header(bytes);
    request->nlmsg_type = RTM_NEWROUTE;
    request->nlmsg_flags = NLM_F_CREATE | NLM_F_APPEND; /* a second default route is another */
    struct rtmsg *head = mnl_nlmsg_put_extra_header(request, sizeof *head);
    *head = (struct rtmsg){.rtm_family = AF_INET,
                           .rtm_dst_len = (uint8_t)to.bits,
                           .rtm_table = RT_TABLE_MAIN,
                           .rtm_protocol = RTPROT_STATIC,
                           .rtm_scope = on_link ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE,
                           .rtm_type = RTN_UNICAST};
    if (to.bits > 0) {
        mnl_attr_put_u32(request, RTA_DST, htonl(sw_ip_v4_number(to.ip)));
    }
    if (!on_link) {
        mnl_attr_put_u32(request, RTA_GATEWAY, htonl(sw_ip_v4_number(gateway)));
    }
    if (index) {
        mnl_attr_put_u32(request, RTA_OIF, index);
    }
    return rc ? rc : ask(nl, request);
}
