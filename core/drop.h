/* Why a frame went no further. Each dropped frame is counted under exactly one reason, by
 * whoever dropped it. */
#ifndef SW_CORE_DROP_H
#define SW_CORE_DROP_H

/* The reasons of a lane come first, so a lane's counters are a short array. The text is an
 * interface: scripts read it. */
#define SW_DROP_LANE_LIST(X)                                                                       \
    X(LINK_DOWN, "link-down")   /* the link is down */                                             \
    X(LOSS, "loss")             /* the link's seeded loss */                                       \
    X(QUEUE_FULL, "queue-full") /* no room before the transmitter */                               \
    X(LINK_MTU, "link-mtu")     /* longer than the link carries */                                 \
    X(LANE_MEMORY, "lane-memory")                                                                  \
    X(DROP_RULE, "drop-rule") /* an action `drop` took it */                                       \
    X(RED, "red")             /* random early detection */                                         \
    X(CODEL, "codel")         /* CoDel, also within FQ-CoDel: it has waited too long */

#define SW_DROP_NODE_LIST(X)                                                                       \
    X(NO_CABLE, "no-cable") /* the port has no link */                                             \
    X(NO_MEMORY, "no-memory")                                                                      \
    X(BRIDGE_RUNT, "bridge-runt")                   /* shorter than an Ethernet header */          \
    X(BRIDGE_RESERVED, "bridge-reserved")           /* 01-80-C2-00-00-0X, IEEE 802.1Q 8.6.3 */     \
    X(BRIDGE_GROUP_SOURCE, "bridge-group-source")   /* a group address as source */                \
    X(BRIDGE_SAME_PORT, "bridge-same-port")         /* the station is where the frame came from */ \
    X(BRIDGE_NO_OTHER_PORT, "bridge-no-other-port") /* nowhere to flood to */                      \
    X(HOST_DOWN, "host-down")                       /* the host has crashed */                     \
    X(HOST_STOPPED, "host-stopped")                 /* the host stands still */                    \
    X(PARTITION, "partition")                       /* from a host of another group */             \
    X(FORGED_SOURCE, "forged-source")               /* a program says that it is another host */   \
    X(ETH_SHORT, "eth-short")                                                                      \
    X(ETH_NOT_FOR_US, "eth-not-for-us")                                                            \
    X(ETH_TYPE, "eth-type")                                                                        \
    X(ETH_TAGGED, "eth-tagged")                                                                    \
    X(ETH_GROUP_SOURCE, "eth-group-source")                                                        \
    X(ARP_SHORT, "arp-short")                                                                      \
    X(ARP_FORMAT, "arp-format") /* hardware, protocol or a length not of IPv4 over Ethernet */     \
    X(ARP_OPCODE, "arp-opcode")                                                                    \
    X(ARP_SENDER, "arp-sender") /* a sender no host can have */                                    \
    X(ARP_NOT_FOR_US, "arp-not-for-us")                                                            \
    X(IP_SHORT, "ip-short")                                                                        \
    X(IP_VERSION, "ip-version")                                                                    \
    X(IP_HEADER_LENGTH, "ip-header-length")                                                        \
    X(IP_TOTAL_LENGTH, "ip-total-length")                                                          \
    X(IP_CHECKSUM, "ip-checksum")                                                                  \
    X(IP_SOURCE, "ip-source") /* a source no packet may have */                                    \
    X(IP_DESTINATION, "ip-destination")                                                            \
    X(IP_NOT_FOR_US, "ip-not-for-us")                                                              \
    X(IP_OPTIONS, "ip-options")           /* malformed */                                          \
    X(IP_SOURCE_ROUTE, "ip-source-route") /* refused, RFC 6274 3.13.2 */                           \
    X(IP_TTL, "ip-ttl")                                                                            \
    X(IP_NO_ROUTE, "ip-no-route")                                                                  \
    X(IP_TOO_BIG, "ip-too-big") /* DF and longer than the next link's MTU */                       \
    X(IP_PROTOCOL, "ip-protocol")                                                                  \
    X(NEIGH_UNRESOLVED, "neigh-unresolved")                                                        \
    X(NEIGH_QUEUE_FULL, "neigh-queue-full")                                                        \
    X(REASS_LENGTH, "reass-length") /* not a multiple of 8, or empty */                            \
    X(REASS_TOO_LONG, "reass-too-long")                                                            \
    X(REASS_OVERLAP, "reass-overlap")                                                              \
    X(REASS_DUPLICATE, "reass-duplicate")                                                          \
    X(REASS_TIMEOUT, "reass-timeout")                                                              \
    X(REASS_FULL, "reass-full")                                                                    \
    X(REASS_ECN, "reass-ecn") /* some of it marked, some not ECN-capable */                        \
    X(ICMP_SHORT, "icmp-short")                                                                    \
    X(ICMP_CHECKSUM, "icmp-checksum")                                                              \
    X(ICMP_TYPE, "icmp-type")                                                                      \
    X(ICMP_QUOTE, "icmp-quote")     /* an error that quotes nothing of ours */                     \
    X(ICMP_NO_USER, "icmp-no-user") /* a reply nobody waits for */                                 \
    X(ICMP_BROADCAST, "icmp-broadcast")                                                            \
    X(UDP_SHORT, "udp-short")                                                                      \
    X(UDP_LENGTH, "udp-length")                                                                    \
    X(UDP_CHECKSUM, "udp-checksum")                                                                \
    X(UDP_NO_SOCKET, "udp-no-socket")                                                              \
    X(UDP_QUEUE_FULL, "udp-queue-full")                                                            \
    X(TCP_SHORT, "tcp-short")                                                                      \
    X(TCP_OFFSET, "tcp-offset")                                                                    \
    X(TCP_OPTIONS, "tcp-options")                                                                  \
    X(TCP_CHECKSUM, "tcp-checksum")                                                                \
    X(TCP_ADDRESS, "tcp-address")       /* broadcast or multicast */                               \
    X(TCP_NO_SOCKET, "tcp-no-socket")   /* answered by a RST, or a RST itself */                   \
    X(TCP_BACKLOG, "tcp-backlog")       /* no room for another connection */                       \
    X(TCP_SEQUENCE, "tcp-sequence")     /* outside the window, RFC 9293 3.10.7.4 */                \
    X(TCP_RST, "tcp-rst")               /* a RST that was not believed */                          \
    X(TCP_SYN, "tcp-syn")               /* a SYN in a synchronized state, RFC 5961 4 */            \
    X(TCP_ACK, "tcp-ack")               /* acknowledges what was never sent, or long ago */        \
    X(TCP_NO_ACK, "tcp-no-ack")         /* no ACK bit where there must be one */                   \
    X(TCP_PAWS, "tcp-paws")             /* RFC 7323 5 */                                           \
    X(TCP_CLOSED, "tcp-closed")         /* text that comes after its reader is gone */             \
    X(TCP_REASSEMBLY, "tcp-reassembly") /* no room for text out of order */                        \
    X(TCP_LISTEN, "tcp-listen")         /* neither SYN, ACK nor RST, to a listener */              \
    X(PORT_WRITE, "port-write")         /* the system would not take it */

enum sw_drop {
#define X(id, text) SW_DROP_##id,
    SW_DROP_LANE_LIST(X)
#undef X
        SW_DROP_LANE_COUNT,
    SW_DROP_BEFORE_NODES = SW_DROP_LANE_COUNT - 1,
#define X(id, text) SW_DROP_##id,
    SW_DROP_NODE_LIST(X)
#undef X
        SW_DROP_COUNT
};

/* The reason's name as counters, captures and scripts show it. */
const char *sw_drop_name(enum sw_drop reason);

#endif
