/* Frames that come into the process as bytes: from the kernel, from a capture. */
#ifndef SW_SWITCHD_OUTSIDE_H
#define SW_SWITCHD_OUTSIDE_H

#include <stddef.h>
#include <stdint.h>

/* How many of a frame's n bytes are headers, so that the payload of TCP and UDP begins with a
 * slice; a guess at what cannot be read: the hosts parse. At most what sw_frame_from_bytes()
 * takes. */
size_t sw_outside_head(const uint8_t *bytes, size_t n);

#endif
