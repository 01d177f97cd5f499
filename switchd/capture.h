/* --pcap: every port of a LAN into one pcapng, an interface a port, with direction. An observer: a
 * run is the same with and without. */
#ifndef SW_SWITCHD_CAPTURE_H
#define SW_SWITCHD_CAPTURE_H

#include "core/clock.h"
#include "core/watch.h"

struct sw_capture;

/* Creates the file (replacing one that is there). epoch: nanoseconds since 1970 at LAN time 0. 0 or
 * a negative errno. */
int sw_capture_new(struct sw_capture **out, const char *path, uint64_t seed, sw_time epoch);
/* To be hung into env.watch before the LAN is built. */
struct sw_watch *sw_capture_watch(struct sw_capture *capture);
/* Writes what is buffered and closes. Returns the first error of writing, a negative errno, or 0.
 */
int sw_capture_close(struct sw_capture *capture);

#endif
