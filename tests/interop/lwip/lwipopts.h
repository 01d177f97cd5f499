/* lwIP as a test peer: no system below it, time from our clock, memory from the C library. With
 * SW_LWIP_PLAIN as it comes: a small window, neither scaling nor SACK nor timestamps, an MSS of
 * 536. */
#ifndef SW_TESTS_INTEROP_LWIP_OPTIONS_H
#define SW_TESTS_INTEROP_LWIP_OPTIONS_H

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0

#define LWIP_IPV4 1
#define LWIP_IPV6 0
#define LWIP_UDP 0
#define LWIP_RAW 0
#define LWIP_DHCP 0
#define LWIP_DNS 0
#define LWIP_STATS 0
#define ARP_QUEUEING 1
#define ARP_TABLE_SIZE 64
#define ETH_PAD_SIZE 0

#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1
#define MEM_ALIGNMENT 8
#define PBUF_POOL_BUFSIZE 1600

#define TCP_LISTEN_BACKLOG 1
#define TCP_MSL 600000 /* LAST-ACK is given up after twice that, and 60 s are too little here */
#define TCP_MAXRTX 12
#define TCP_SYNMAXRTX 12
#define SO_REUSE 1

#ifdef SW_LWIP_PLAIN
#define TCP_SND_BUF (8 * TCP_MSS)
#else
#define TCP_MSS 1460
#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE 3
#define TCP_WND (256 * 1024)
#define TCP_SND_BUF (256 * 1024)
#define TCP_SND_QUEUELEN 1024
#define TCP_SNDLOWAT 32768
#define LWIP_TCP_SACK_OUT 1
#define LWIP_TCP_TIMESTAMPS 1
#endif

#endif
