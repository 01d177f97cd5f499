/* Ports: what is sent goes into the lane plugged in there (core/link.c), or nowhere. */
#include "core/port.h"

#include <assert.h>
#include <stddef.h>

#include "core/link.h"

void sw_port_init(struct sw_port *port, const char *name, sw_receive_fn *receive, sw_room_fn *room)
{
    assert(name != NULL && receive != NULL);
    *port = (struct sw_port){.name = name, .receive = receive, .room = room};
}

void sw_port_send(struct sw_port *port, struct sw_frame *frame)
{
    if (port->lane == NULL) {
        port->no_cable++;
        sw_frame_drop(frame);
        return;
    }
    sw_lane_send(port->lane, frame);
}

size_t sw_port_room(const struct sw_port *port)
{
    return port->lane == NULL ? SIZE_MAX : sw_lane_room(port->lane);
}

void sw_port_want_room(struct sw_port *port)
{
    assert(port->room != NULL);
    if (port->lane != NULL) {
        sw_lane_want_room(port->lane);
    }
}
