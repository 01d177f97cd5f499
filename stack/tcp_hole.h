/* Paths that swallow what is too big without a word (RFC 4821, RFC 8899; RFC 8900 3.8): how large
 * the segments of a connection may be is found by trying. For the tcp_*.c files alone.
 *
 * A black hole shows in timeouts in a row of a full segment: from the third on (R1) it is taken for
 * too large, and segments carry 1024 bytes; with each further one half as many (RFC 4821 7.7), but
 * packets of 576 bytes at least. Departure: not down to 68. Chance makes timeouts in a row, too:
 * where a third of all segments is lost they would soon be of 48 bytes, and stay so. From there the
 * search goes up again, as Linux does it: a segment in the middle between what is known to pass and
 * what may, made of what is queued, with enough behind it that its loss is told by SACK. If it is
 * lost alone, that says how large a segment may be and nothing of congestion (7.6.2). Departure: as
 * Linux, the next one may go at once. Without SACK there is no search upwards. */
#ifndef SW_STACK_TCP_HOLE_H
#define SW_STACK_TCP_HOLE_H

#include "stack/tcp.h"

/* The connection stands: with `mtu-probing: on` the search begins. */
void sw_tcp_hole_begin(struct sw_tcp *t);
/* The retransmission timer ran out, t->retries times in a row: may lower the MSS. */
void sw_tcp_hole_timeout(struct sw_tcp *t);
/* A full segment of new text is about to go, and the windows have room for so many bytes: how many
 * it should carry, more than the MSS if it is to be a probe. */
uint32_t sw_tcp_hole_widen(const struct sw_tcp *t, uint32_t room_bytes);
/* So it went. */
void sw_tcp_hole_probed(struct sw_tcp *t, uint32_t seq, uint32_t len);
/* Of a connection with a probe out (t->loss->mtu_probe_len): SND.UNA has moved. */
void sw_tcp_hole_acked(struct sw_tcp *t);
/* Something was found lost, of a connection that may have a probe out. True: it is the probe alone.
 */
bool sw_tcp_hole_lost(struct sw_tcp *t);

#endif
