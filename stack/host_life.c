/* What may befall a host as a whole: a crash, a restart, standing still and going on (host.h).
 *
 * A crash empties the tables in place, so it needs no memory and cannot fail. What the host is
 * configured with stays; what it learned or was given goes. Handles are their users', and stay as
 * dead ones (sock.c). A host that stands still keeps everything: its timers wait in the clock
 * (sw_owner_suspend), and its interfaces take nothing and have no room. */
#include <assert.h>

#include "stack/arp.h"
#include "stack/ip.h"
#include "stack/neigh.h"
#include "stack/reass.h"
#include "stack/route.h"
#include "stack/udp.h"

enum sw_host_state sw_host_state(const struct sw_host *host)
{
    return (enum sw_host_state)host->state;
}

void sw_host_set_filter(struct sw_host *host, sw_host_filter *drops, void *ctx)
{
    host->drops = drops;
    host->drops_ctx = ctx;
}

bool sw_host_admits(const struct sw_host *host, const struct sw_frame *frame)
{
    return host->drops == NULL || !host->drops(host->drops_ctx, frame);
}

/* ---- crash and restart ---- */

/* Fragments that waited for the rest came in vain. */
static void forget_fragments(struct sw_host *host)
{
    host->stats.dropped[SW_DROP_HOST_DOWN] += host->stats.held;
    host->stats.held = 0;
    sw_reass_free(host->reass);
    host->reass = NULL;
}

static void reset_nic(struct sw_nic *nic)
{
    nic->room_first = nic->room_last = NULL;
    nic->udp_room = NULL;
    for (unsigned i = 0; i < nic->address_count; i++) {
        sw_arp_end(&nic->address[i]);
        nic->address[i].defended = nic->address[i].told = SW_NEVER_DEFENDED;
    }
}

void sw_host_crash(struct sw_host *host)
{
    if (host->state == SW_HOST_DOWN) {
        return;
    }
    assert(!host->inside);
    sw_owner_resume(host->env.clock, &host->owner); /* timers that are ended now wait in its list */
    host->state = SW_HOST_DOWN;
    host->incarnation++;
    sw_tcp_table_reset(host->tcp);
    sw_udp_table_reset(host->udp);
    sw_far_close_all(host);
    sw_sock_kill_all(host);
    sw_neigh_table_reset(host->neigh);
    sw_loopback_reset(host);
    forget_fragments(host);
    for (unsigned i = 0; i < host->nic_count; i++) {
        reset_nic(host->nic[i]);
    }
    host->icmp_spent = 0;
    host->icmp_refill = 0;
    sw_host_draw_secrets(host);
    sw_route_reset(host->routes);
}

/* The addresses of an interface are taken into use again. */
static int restart_nic(struct sw_nic *nic)
{
    int err = 0;
    for (unsigned i = 0; err == 0 && i < nic->address_count; i++) {
        struct sw_nic_address *address = &nic->address[i];
        err = sw_arp_begin(nic, address, address->flags);
    }
    return err;
}

int sw_host_restart(struct sw_host *host)
{
    sw_host_crash(host);
    int err = 0;
    for (unsigned i = 0; err == 0 && i < host->nic_count; i++) {
        err = restart_nic(host->nic[i]);
    }
    if (err < 0) {
        for (unsigned i = 0; i < host->nic_count; i++) {
            reset_nic(host->nic[i]);
        }
        return err;
    }
    host->state = SW_HOST_RUNNING;
    sw_route_changed(host->routes);
    return 0;
}

/* ---- stop and continue ---- */

void sw_host_stop(struct sw_host *host)
{
    if (host->state == SW_HOST_RUNNING) {
        host->state = SW_HOST_STOPPED;
        sw_owner_suspend(host->env.clock, &host->owner);
    }
}

void sw_host_continue(struct sw_host *host)
{
    if (host->state != SW_HOST_STOPPED) {
        return;
    }
    host->state = SW_HOST_RUNNING;
    sw_owner_resume(host->env.clock, &host->owner);
    /* Room that came meanwhile told nobody. */
    for (unsigned i = 0; i < host->nic_count; i++) {
        const struct sw_nic *nic = host->nic[i];
        if (nic->room_first != NULL || nic->udp_room != NULL) {
            sw_port_want_room(&host->nic[i]->port);
        }
    }
}
