/* What few connections need, made when it is asked for: where records end, another bound on what is
 * queued and not sent, another time between keepalives. Of tcp_*.c alone. */
#ifndef SW_STACK_TCP_RARE_H
#define SW_STACK_TCP_RARE_H

#include "core/clock.h"
#include "stack/tcp_marks.h"

struct sw_tcp;

struct sw_tcp_rare {
    struct sw_tcp_marks records;
    uint32_t unsent_low;   /* SW_OPT_UNSENT_LOW; 0: SW_TCP_UNSENT_MOST */
    sw_time keep_interval; /* 0: the default */
};

/* Makes t->rare if it is not there. False: out of memory. */
bool sw_tcp_rare_need(struct sw_tcp *t);
void sw_tcp_rare_free(struct sw_tcp *t); /* harmless without */

/* All below want t->rare. */

/* How many bytes may be queued although so many are not sent. */
uint32_t sw_tcp_rare_unsent_room(const struct sw_tcp *t, uint32_t unsent);
/* How much of len bytes from seq on belongs to one record. */
uint32_t sw_tcp_rare_cut(const struct sw_tcp *t, uint32_t seq, uint32_t len);
/* Does one end before seq? */
bool sw_tcp_rare_ends_at(const struct sw_tcp *t, uint32_t seq);
/* SND.UNA has moved. */
void sw_tcp_rare_acked(struct sw_tcp *t);

#endif
