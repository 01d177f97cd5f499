/* A frame as one line of text, for tests and logs. The form is stable: tests compare it.
 *
 *   10.0.0.1:40000 > 10.0.0.2:80 tcp S seq 1000 win 65535 <mss 1460,sackOK,ts 5 0,wscale 7> len 0
 *   10.0.0.2:80 > 10.0.0.1:40000 tcp SA seq 7 ack 1001 win 65535 <mss 1460> len 0
 *   10.0.0.1:5000 > 10.0.0.2:7 udp len 4
 *   10.0.0.1 > 10.0.0.2 icmp echo request id 1 seq 2 len 56
 *   10.0.0.9 > 10.0.0.1 icmp unreachable port (10.0.0.1:5000 > 10.0.0.9:7 udp)
 *   10.0.0.1 > 10.0.0.2 ttl 63 frag id 17 1480+520 more udp
 *   02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff arp request 10.0.0.2 tell 10.0.0.1
 *   02:00:00:00:00:02 > 02:00:00:00:00:01 arp reply 10.0.0.2 at 02:00:00:00:00:02 tell 10.0.0.1
 *   02:00:00:00:00:01 > 02:00:00:00:00:02 type 0x88cc len 46
 *
 * len counts what is behind the last header named. TCP's flags are letters in the order FSRPAUEC;
 * ack and urg are there where their bits are. A VLAN tag comes first ("vlan 5 prio 3 "). Said only
 * where they are unusual: behind the addresses "ttl N" (not 64), "tos 0xNN" (not 0), "options N"
 * (bytes of IP options), "bad-ip-checksum"; at the end "bad-checksum" (ICMP, UDP, TCP; a
 * PARTIAL one is right); in ARP " at MAC" behind an address whose hardware address is not the
 * Ethernet header's (in a request: behind a target that has one at all). Where a frame is
 * malformed, it says so and ends there: "eth short", "arp short", "arp format", "ip short", "ip
 * version", "ip header length", "ip total length", "icmp short", "udp short", "udp length", "tcp
 * short", "tcp offset", "option N cut", and its figure where there is one. */
#ifndef SW_CORE_TEXT_H
#define SW_CORE_TEXT_H

#include <stddef.h>

#include "core/frame.h"

#define SW_FRAME_TEXT 320

/* Writes at most cap bytes with the closing NUL; malformed parts are named ("ip short"). Returns
 * buf. */
char *sw_frame_text(const struct sw_frame *frame, char *buf, size_t cap);

#endif
