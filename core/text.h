/* A frame as one line of text, for tests and logs:
 *   "02:00:00:00:00:01 > ff:ff:ff:ff:ff:ff arp request 10.0.0.1 tells 10.0.0.2 ..."
 *   "10.0.0.1:40000 > 10.0.0.2:80 tcp S seq 1000 win 65535 <mss 1460,sackOK,...> len 0"
 * The form is stable: tests compare it. */
#ifndef SW_CORE_TEXT_H
#define SW_CORE_TEXT_H

#include <stddef.h>

#include "core/frame.h"

#define SW_FRAME_TEXT 320

/* Writes at most cap bytes with the closing NUL; malformed parts are named ("ip short"). Returns buf. */
char *sw_frame_text(const struct sw_frame *frame, char *buf, size_t cap);

#endif
