/* ARP (RFC 826) and address conflict detection (RFC 5227).
 *
 * A packet is taken in this order: is it about an address of ours that another uses (RFC
 * 5227 2.1.1, 2.4); what does it say of its sender (RFC 826's merge, before the opcode is looked
 * at); is it a request for an address of ours. Replies that nobody asked for update what is known,
 * and make nothing new.
 *
 * The address of another station that is found in use here is kept: addresses are given by the
 * LAN's file, not chosen, so there is no other one to take. It is defended by at most one
 * announcement in 10 s (RFC 5227 2.4 (c)). While it is probed, a conflict starts the probing again;
 * after ten, once a minute.
 *
 * A host answers for an address on the interface that has it, and on no other; also where it
 * stands in for a station behind a bare interface (SW_ADDR_BEHIND). */
#include "stack/arp.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "core/rng.h"
#include "stack/ip.h"
#include "stack/neigh.h"
#include "stack/piece.h"
#include "stack/route.h"
#include "stack/wire/arp.h"
#include "stack/wire/eth.h"

/* RFC 5227 1.1 */
#define PROBE_WAIT SW_S
#define PROBE_NUM 3
#define PROBE_MIN SW_S
#define PROBE_MAX (2 * SW_S)
#define ANNOUNCE_WAIT (2 * SW_S)
#define ANNOUNCE_NUM 2
#define ANNOUNCE_INTERVAL (2 * SW_S)
#define MAX_CONFLICTS 10
#define RATE_LIMIT_INTERVAL (60 * SW_S)
#define DEFEND_INTERVAL (10 * SW_S)

/* An address on its way into use. */
struct sw_acd {
    struct sw_timer timer;
    struct sw_nic *nic;
    uint32_t ip;
    uint8_t probes;        /* sent in this try */
    uint8_t announcements; /* still to send */
    unsigned conflicts;
    struct sw_draws draws;
};

/* ---- packets out ---- */

static void send(struct sw_nic *nic, struct sw_mac to, const struct sw_arp *arp)
{
    struct sw_frame *frame = sw_frame_new(nic->host->env.pool);
    if (frame == NULL) {
        nic->host->stats.unsent[SW_DROP_NO_MEMORY]++;
        return;
    }
    const struct sw_eth eth = {.dst = to, .src = nic->mac, .type = SW_ETH_ARP};
    sw_eth_emit(&eth, sw_frame_append(frame, SW_ETH_BYTES));
    sw_arp_emit(arp, sw_frame_append(frame, SW_ARP_BYTES));
    sw_nic_send(nic, frame);
}

/* The address to ask from: one in whose net the other lies, else any. */
static uint32_t asking_address(const struct sw_nic *nic, uint32_t ip)
{
    uint32_t any = 0;
    for (unsigned i = 0; i < nic->address_count; i++) {
        const struct sw_nic_address *a = &nic->address[i];
        if (a->state == SW_ADDR_TENTATIVE) {
            continue;
        }
        if (((a->ip ^ ip) & a->mask) == 0) {
            return a->ip;
        }
        any = any == 0 ? a->ip : any;
    }
    return any;
}

void sw_arp_request(struct sw_nic *nic, uint32_t ip, struct sw_mac to)
{
    const struct sw_arp arp = {.op = SW_ARP_REQUEST,
                               .sender_mac = nic->mac,
                               .sender_ip = asking_address(nic, ip),
                               .target_ip = ip};
    send(nic, to, &arp);
}

/* RFC 5227 2.1.1 */
static void send_probe(struct sw_nic *nic, uint32_t ip)
{
    const struct sw_arp arp = {.op = SW_ARP_REQUEST, .sender_mac = nic->mac, .target_ip = ip};
    send(nic, sw_mac_broadcast, &arp);
}

/* RFC 5227 2.3 */
static void announce(struct sw_nic *nic, uint32_t ip)
{
    const struct sw_arp arp = {
        .op = SW_ARP_REQUEST, .sender_mac = nic->mac, .sender_ip = ip, .target_ip = ip};
    send(nic, sw_mac_broadcast, &arp);
}

static void reply(struct sw_nic *nic, const struct sw_arp *request)
{
    const struct sw_arp arp = {.op = SW_ARP_REPLY,
                               .sender_mac = nic->mac,
                               .sender_ip = request->target_ip,
                               .target_mac = request->sender_mac,
                               .target_ip = request->sender_ip};
    send(nic, request->sender_mac, &arp);
}

/* ---- taking an address into use ---- */

static sw_time draw_between(struct sw_acd *acd, sw_time least, sw_time most)
{
    return least + (sw_time)sw_draw_below(&acd->draws, (uint64_t)(most - least));
}

static void on_timer(struct sw_timer *timer)
{
    struct sw_acd *acd = SW_CONTAINER(timer, struct sw_acd, timer);
    struct sw_nic *nic = acd->nic;
    struct sw_nic_address *address = sw_nic_find_address(nic, acd->ip);
    sw_time now = sw_clock_now(nic->host->env.clock);
    if (address->state == SW_ADDR_TENTATIVE && acd->probes < PROBE_NUM) {
        send_probe(nic, acd->ip);
        acd->probes++;
        sw_time wait =
            acd->probes < PROBE_NUM ? draw_between(acd, PROBE_MIN, PROBE_MAX) : ANNOUNCE_WAIT;
        sw_timer_arm(timer, now + wait);
        return;
    }
    if (address->state == SW_ADDR_TENTATIVE) {
        address->state = SW_ADDR_USABLE;
        sw_route_changed(nic->host->routes);
    }
    if (acd->announcements > 0) {
        announce(nic, acd->ip);
        acd->announcements--;
    }
    if (acd->announcements > 0) {
        sw_timer_arm(timer, now + ANNOUNCE_INTERVAL);
    } else {
        sw_arp_end(address);
    }
}

int sw_arp_begin(struct sw_nic *nic, struct sw_nic_address *address, unsigned flags)
{
    bool probe = (flags & (SW_ADDRESS_PROBE | SW_ADDRESS_BEHIND)) == SW_ADDRESS_PROBE;
    bool silent = (flags & SW_ADDRESS_SILENT) != 0;
    struct sw_host *host = nic->host;
    address->state = probe                       ? SW_ADDR_TENTATIVE
                     : flags & SW_ADDRESS_BEHIND ? SW_ADDR_BEHIND
                                                 : SW_ADDR_USABLE;
    if (!probe && silent) {
        return 0;
    }
    struct sw_acd *acd = calloc(1, sizeof *acd);
    if (acd == NULL) {
        return -ENOMEM;
    }
    if (sw_timer_init(&acd->timer, host->env.clock, &host->owner, SW_CLASS_TIMER, on_timer) < 0) {
        free(acd);
        return -ENOMEM;
    }
    acd->nic = nic;
    acd->ip = address->ip;
    acd->announcements = silent ? 0 : probe ? ANNOUNCE_NUM : 1;
    sw_draws_init(&acd->draws, host->env.secrets, host->owner.number ^ (uint64_t)address->ip << 16,
                  SW_DRAW_ARP_PROBE);
    sw_time now = sw_clock_now(host->env.clock);
    sw_timer_arm(&acd->timer, probe ? now + draw_between(acd, 0, PROBE_WAIT) : now);
    address->acd = acd;
    return 0;
}

void sw_arp_end(struct sw_nic_address *address)
{
    if (address->acd != NULL) {
        sw_timer_fini(&address->acd->timer);
        free(address->acd);
        address->acd = NULL;
    }
}

/* ---- conflicts ---- */

/* Once in 10 s an address: who forges ARP packets must not fill a disk with what is said of them.
 */
static void say_conflict(const struct sw_nic *nic, struct sw_nic_address *address,
                         struct sw_mac mac)
{
    char ip_text[SW_IP_TEXT], mac_text[SW_MAC_TEXT];
    sw_time now = sw_clock_now(nic->host->env.clock);
    if (now - address->told < DEFEND_INTERVAL) {
        return;
    }
    address->told = now;
    sw_log_line(&nic->host->env.log, SW_LOG_WARN, "%s: address %s is also used by %s",
                nic->full_name, sw_ip_emit(sw_ip_v4(address->ip), ip_text),
                sw_mac_emit(mac, mac_text));
}

/* RFC 5227 2.1.1: somebody has the address, or probes for it as well. */
static void probe_again(struct sw_acd *acd)
{
    acd->conflicts++;
    acd->probes = 0;
    sw_time now = sw_clock_now(acd->nic->host->env.clock);
    sw_time pause = acd->conflicts >= MAX_CONFLICTS ? RATE_LIMIT_INTERVAL : 0;
    sw_timer_arm(&acd->timer, now + pause + draw_between(acd, 0, PROBE_WAIT));
}

/* RFC 5227 2.4 */
static void defend(struct sw_nic *nic, struct sw_nic_address *address)
{
    sw_time now = sw_clock_now(nic->host->env.clock);
    if (now - address->defended >= DEFEND_INTERVAL) {
        address->defended = now;
        announce(nic, address->ip);
    }
}

/* Does the packet show that another station uses, or is about to use, an address of ours? */
static bool conflicts(struct sw_nic *nic, const struct sw_arp *arp)
{
    bool found = false;
    for (unsigned i = 0; i < nic->address_count; i++) {
        struct sw_nic_address *a = &nic->address[i];
        bool used = arp->sender_ip == a->ip;
        bool probed = arp->sender_ip == 0 && arp->op == SW_ARP_REQUEST && arp->target_ip == a->ip;
        if (a->state == SW_ADDR_TENTATIVE ? !used && !probed : !used) {
            continue;
        }
        found = true;
        nic->host->stats.arp_conflicts++;
        say_conflict(nic, a, arp->sender_mac);
        if (a->state == SW_ADDR_TENTATIVE) {
            probe_again(a->acd);
        } else {
            defend(nic, a);
        }
    }
    return found;
}

/* ---- packets in ---- */

/* Does the sender lie in a net of this interface? Others get their answer, but no entry. */
static bool on_link(const struct sw_nic *nic, uint32_t ip)
{
    for (unsigned i = 0; i < nic->address_count; i++) {
        if (((nic->address[i].ip ^ ip) & nic->address[i].mask) == 0) {
            return true;
        }
    }
    return false;
}

sw_rx_verdict sw_arp_input(struct sw_nic *nic, const struct sw_frame *frame)
{
    struct sw_arp arp;
    enum sw_drop why;
    const uint8_t *bytes = sw_frame_head(frame) + SW_ETH_BYTES;
    if (!sw_arp_parse(&arp, bytes, sw_piece_have(frame, SW_ETH_BYTES), &why)) {
        return (int)why;
    }
    if (sw_mac_equal(arp.sender_mac, nic->mac)) {
        return SW_DROP_ARP_SENDER; /* our own, come back round a loop */
    }
    if (conflicts(nic, &arp)) {
        return SW_RX_CONSUMED;
    }
    const struct sw_nic_address *target = sw_nic_find_address(nic, arp.target_ip);
    bool for_us = target != NULL && target->state != SW_ADDR_TENTATIVE;
    bool asked = for_us && arp.op == SW_ARP_REQUEST;
    bool merged = arp.sender_ip != 0 && sw_neigh_learn(nic, arp.sender_ip, arp.sender_mac,
                                                       asked && on_link(nic, arp.sender_ip));
    if (asked) {
        reply(nic, &arp);
        return SW_RX_CONSUMED;
    }
    return merged ? SW_RX_CONSUMED : SW_DROP_ARP_NOT_FOR_US;
}
