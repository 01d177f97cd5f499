/* Frames that come into the process as bytes, or leave it: from and to the kernel, a capture, a
 * virtual machine. */
#ifndef SW_SWITCHD_OUTSIDE_H
#define SW_SWITCHD_OUTSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/frame.h"

/* A frame for those outside, its checksum in place. The caller's reference becomes that of what is
 * returned. NULL: no memory, and the frame is gone. */
struct sw_frame *sw_outside_finish(struct sw_frame *frame);
/* How many of a frame's n bytes are headers, so that the payload of TCP and UDP begins with a
 * slice; a guess at what cannot be read: the hosts parse. At most what sw_frame_from_bytes()
 * takes. */
size_t sw_outside_head(const uint8_t *bytes, size_t n);
/* May the checksum that a frame of n bytes still lacks, the sum from `start` on, whose field lies
 * `offset` behind that, be finished as late as it leaves (SW_CSUM_PARTIAL)? Only that of what an
 * untagged IPv4 packet carries, with its field in the head of `head` bytes and in the packet.
 * Whoever sends frames of his own making says where it is (PACKET_VNET_HDR): elsewhere it would be
 * an address that changes once the guard has looked at it, or lie in what a router cuts off. */
bool sw_outside_may_wait(const uint8_t *bytes, size_t n, size_t head, size_t start, size_t offset);

#endif
