/* A port: one end of a cable. Embedded in whatever it belongs to: a host's interface, a bridge's
 * port, a tap. */
#ifndef SW_CORE_PORT_H
#define SW_CORE_PORT_H

#include <stdint.h>

#include "core/frame.h"

struct sw_lane;
struct sw_port;

/* A batch has arrived. Each frame is now the receiver's, to be dropped or sent on; the array is
 * lent for the call. Called from the clock alone, never from within another node's call. */
typedef void sw_receive_fn(struct sw_port *port, struct sw_frame **frames, unsigned n);
/* The lane that this port sends into has room again; asked for with sw_port_want_room(). */
typedef void sw_room_fn(struct sw_port *port);

struct sw_port {
    const char *name;     /* "web:eth0", "core:p7"; lent for the port's life */
    struct sw_lane *lane; /* what is sent goes in here; NULL: no cable */
    sw_receive_fn *receive;
    sw_room_fn *room;  /* NULL: the owner never asks for room */
    uint64_t no_cable; /* frames sent with no cable plugged in, dropped */
};

void sw_port_init(struct sw_port *port, const char *name, sw_receive_fn *receive, sw_room_fn *room);
/* Gives the frame away, whatever becomes of it. It arrives later, from the clock, or is dropped
 * and counted. */
void sw_port_send(struct sw_port *port, struct sw_frame *frame);
/* How many bytes its owner may send now so that no more than two frames of 1,514 bytes or 1 ms of
 * the line's time, whichever is more, wait for the transmitter (64 KiB on a true wire; no bound,
 * SIZE_MAX, on a lane without rate but with delay, in which nothing waits, and without a cable).
 * 0: none. A sender that heeds it before each frame never loses one in its own lane. Frames of more
 * than 1,514 bytes are sent when there is room for 1,514, since a slow line never has room for more
 * than two of those. */
size_t sw_port_room(const struct sw_port *port);
/* Calls port->room (not NULL: asserted) once, in class SW_CLASS_ROOM, when there is room for a
 * frame of 1,514 bytes or half of what may wait, whichever is more: at once if there is now. Asking
 * again before the call changes nothing. Without a cable nobody calls. */
void sw_port_want_room(struct sw_port *port);

#endif
