/* Frames that come into the process as bytes, or leave it: from and to the kernel, a capture, a
 * virtual machine. */
#ifndef SW_SWITCHD_OUTSIDE_H
#define SW_SWITCHD_OUTSIDE_H

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

#endif
