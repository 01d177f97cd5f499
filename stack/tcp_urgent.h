/* The urgent mechanism (RFC 9293 3.8.5, RFC 6093): where the urgent text ends that we have sent,
 * and where the peer's does. Pure.
 *
 * The pointer on the wire is the number behind the last urgent byte (MUST-62; RFC 6093 4), as an
 * offset from the segment's own number; what lies farther than 65,535 ahead is told as 65,535, and
 * then exactly, as segments come nearer (MUST-31).
 *
 * The mark is the last urgent byte. A read ends before it, so that a reader finds it. In line it is
 * then read like any other; apart (as BSD and Linux have it by default) it is taken out of the text
 * and asked for by itself, alone, however long the urgent text was. */
#ifndef SW_STACK_TCP_URGENT_H
#define SW_STACK_TCP_URGENT_H

#include <stdbool.h>
#include <stdint.h>

struct sw_tcp_urgent {
    uint32_t snd_up;     /* behind our last urgent byte, while sending */
    uint32_t mark;       /* the peer's last urgent byte, while hearing */
    bool sending;        /* not all of it is acknowledged */
    bool hearing;        /* the reader is not past the mark */
    bool taken;          /* the byte at the mark has been taken out of the text, and is `byte` */
    bool known, fetched; /* `byte` is there; it has been asked for */
    uint8_t byte;
};

/* The pointer of a segment of ours with the number seq; 0: it has none. */
uint16_t sw_tcp_urgent_pointer(const struct sw_tcp_urgent *u, uint32_t seq);
/* All before una is acknowledged. */
void sw_tcp_urgent_acked(struct sw_tcp_urgent *u, uint32_t una);
/* A segment of the peer's with the number seq had this pointer. True: the mark is a new one, which
 * the user is to be told of (MUST-32). What points at text that has come, or not beyond what was
 * told before, is old, or wrong, and means nothing. */
bool sw_tcp_urgent_hear(struct sw_tcp_urgent *u, uint32_t seq, uint16_t pointer, uint32_t rcv_nxt);
/* next: the number of the next byte to be read. How many there are up to the end of the urgent
 * text, itself among them (MUST-33); 0: there is none. */
uint32_t sw_tcp_urgent_left(const struct sw_tcp_urgent *u, uint32_t next);
/* The next byte is the mark, or would be, had it not been taken out. */
bool sw_tcp_urgent_at_mark(const struct sw_tcp_urgent *u, uint32_t next);
/* The reader has come to next. */
void sw_tcp_urgent_read(struct sw_tcp_urgent *u, uint32_t next);

#endif
