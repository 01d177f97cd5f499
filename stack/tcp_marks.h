/* Where records end in what a connection sends: numbers that no segment goes across. They are added
 * and forgotten in order, so each is found by halving. Pure. */
#ifndef SW_STACK_TCP_MARKS_H
#define SW_STACK_TCP_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#define SW_TCP_MARKS_MOST 4096u

struct sw_tcp_marks {
    uint32_t *seq; /* `count` of them from `head` on, within `cap` */
    uint32_t head, count, cap;
};

void sw_tcp_marks_init(struct sw_tcp_marks *marks);
void sw_tcp_marks_fini(struct sw_tcp_marks *marks);
/* Room for one more mark. False: there are SW_TCP_MARKS_MOST, or no memory. */
bool sw_tcp_marks_room(struct sw_tcp_marks *marks);
/* A record ends before seq, which lies behind every other mark, or is the last. There is room:
 * asserted. */
void sw_tcp_marks_add(struct sw_tcp_marks *marks, uint32_t seq);
/* The first mark behind seq and before end, or end. */
uint32_t sw_tcp_marks_cut(const struct sw_tcp_marks *marks, uint32_t seq, uint32_t end);
/* Forgets the marks at una and before it. */
void sw_tcp_marks_drop(struct sw_tcp_marks *marks, uint32_t una);

#endif
