/* Frames of UDP over IPv4 for tests of what a link looks at. */
#ifndef SW_TESTS_CORE_PACKET_H
#define SW_TESTS_CORE_PACKET_H

#include <stdint.h>

#include "core/frame.h"

/* From 10.0.0.1:port to 10.0.0.2:2000, len >= 42 bytes in all; ecn: 0 not capable, 1 and 2 ECT, 3
 * CE. The first four bytes, of the destination's MAC, are a number (sw_test_frame_number()). */
struct sw_frame *sw_test_packet(struct sw_pool *pool, uint32_t number, uint16_t port, uint8_t ecn,
                                size_t len);

#endif
