/* lwIP (https://savannah.nongnu.org/projects/lwip/) as the other side, in virtual time: a station
 * of its own on the switch, by the public interface of the lab (lan/lab.h). lwIP is no part of the
 * project; tests/interop/run fetches its source and builds it beside this file.
 *
 *     interop_lwip [--only PART_OF_A_NAME] [--pcap FOLDER] … */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lwip/err.h>
#include <lwip/etharp.h>
#include <lwip/init.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <lwip/sys.h>
#include <lwip/tcp.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>

#include "tests/interop/interop.h"

#define FRAME_MOST 1600
#define TURN (10 * SW_MS)
#define TIME_MOST ((sw_time)4 * 3600 * SW_S)

/* lwIP is one stack a process, and so is this. */
static struct station {
    struct sw_port port;
    struct sw_interop all;
    struct sw_owner owner;
    struct sw_timer timer; /* of lwIP's nearest timeout */
    struct sw_draws draws;
    struct netif netif;
} station;

/* A connection of lwIP's, and text that it handed over and nobody has read. */
struct far {
    struct sw_transfer *run;
    struct tcp_pcb *listener, *pcb;
    struct pbuf *unread;
    bool ended; /* the peer has */
};

/* ---- what lwIP wants ---- */

u32_t sys_now(void)
{
    return (u32_t)(sw_lab_now(station.all.lab) / SW_MS);
}

unsigned sw_lwip_random(void)
{
    return (unsigned)sw_draw(&station.draws);
}

static void arm(void)
{
    const u32_t wait = sys_timeouts_sleeptime();
    if (wait != SYS_TIMEOUTS_SLEEPTIME_INFINITE) {
        /* In whole milliseconds of lwIP's clock, or it would be asked again and again. */
        const sw_time now = sw_lab_now(station.all.lab) / SW_MS * SW_MS;
        sw_timer_arm(&station.timer, now + (sw_time)(wait > 0 ? wait : 1) * SW_MS);
    }
}

static void on_timer(struct sw_timer *timer)
{
    (void)timer;
    sys_check_timeouts();
    arm();
}

/* ---- frames ---- */

static err_t send_frame(struct netif *netif, struct pbuf *p)
{
    uint8_t bytes[FRAME_MOST];
    (void)netif;
    const u16_t n = pbuf_copy_partial(p, bytes, sizeof(bytes), 0);
    struct sw_frame *frame =
        sw_frame_from_bytes(sw_lab_env(station.all.lab)->pool, bytes, n, n < 100 ? n : 100);
    if (frame == NULL) {
        return ERR_MEM;
    }
    sw_port_send(&station.port, frame);
    return ERR_OK;
}

static void receive(struct sw_port *port, struct sw_frame **frames, unsigned n)
{
    uint8_t bytes[FRAME_MOST];
    (void)port;
    for (unsigned i = 0; i < n; i++) {
        const u16_t len = (u16_t)frames[i]->len;
        assert(len <= sizeof(bytes));
        sw_frame_copy_out(frames[i], bytes);
        struct pbuf *p = pbuf_alloc(PBUF_RAW, len, PBUF_POOL);
        if (p != NULL && (pbuf_take(p, bytes, len) != ERR_OK ||
                          station.netif.input(p, &station.netif) != ERR_OK)) {
            pbuf_free(p);
        }
        sw_frame_drop(frames[i]);
    }
    arm();
}

static err_t begin_netif(struct netif *netif)
{
    static const uint8_t mac[6] = {2, 0, 0, 0, 77, 1};
    netif->name[0] = 's';
    netif->name[1] = 'w';
    netif->output = etharp_output;
    netif->linkoutput = send_frame;
    netif->mtu = 1500;
    netif->hwaddr_len = sizeof(mac);
    memcpy(netif->hwaddr, mac, sizeof(mac));
    netif->flags =
        NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
    return ERR_OK;
}

/* ---- connections ---- */

static int error_of(err_t e)
{
    switch (e) {
    case ERR_OK:
        return 0;
    case ERR_RST:
        return -ECONNRESET;
    case ERR_ABRT: /* it gave up, too */
        return -ECONNABORTED;
    case ERR_MEM:
        return -ENOMEM;
    default:
        return -EIO;
    }
}

static int64_t far_read(void *ctx, uint8_t *to, size_t n)
{
    struct far *far = ctx;
    if (far->unread == NULL) {
        return far->ended ? 0 : -EAGAIN;
    }
    const u16_t most = n < UINT16_MAX ? (u16_t)n : UINT16_MAX;
    const u16_t took = pbuf_copy_partial(far->unread, to, most, 0);
    far->unread = pbuf_free_header(far->unread, took);
    tcp_recved(far->pcb, took);
    return took;
}

static int64_t far_write(void *ctx, const uint8_t *bytes, size_t n)
{
    struct far *far = ctx;
    size_t most = tcp_sndbuf(far->pcb);
    most = most < n ? most : n;
    most = most < 4096 ? most : 4096;
    if (most == 0) {
        return -EAGAIN;
    }
    const err_t e = tcp_write(far->pcb, bytes, (u16_t)most, TCP_WRITE_FLAG_COPY);
    return e == ERR_OK ? (int64_t)most : e == ERR_MEM ? -EAGAIN : error_of(e);
}

static int far_shutdown(void *ctx)
{
    return error_of(tcp_shutdown(((struct far *)ctx)->pcb, 0, 1));
}

static const struct sw_side_calls far_calls = {far_read, far_write, far_shutdown};

/* The pcb is lwIP's alone from now on. */
static void let_go(struct far *far)
{
    tcp_arg(far->pcb, NULL);
    tcp_recv(far->pcb, NULL);
    tcp_sent(far->pcb, NULL);
    tcp_err(far->pcb, NULL);
    if (tcp_close(far->pcb) != ERR_OK) {
        tcp_abort(far->pcb);
    }
    far->pcb = NULL;
}

static void go(struct far *far)
{
    struct sw_side *side = &far->run->far;
    if (side->done || side->error != 0) {
        return;
    }
    sw_side_go(side, &far_calls, far);
    tcp_output(far->pcb);
    if (side->done) {
        let_go(far);
    }
}

static err_t on_recv(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t e)
{
    struct far *far = arg;
    (void)pcb;
    (void)e;
    if (p == NULL) {
        far->ended = true;
    } else if (far->unread == NULL) {
        far->unread = p;
    } else {
        pbuf_cat(far->unread, p);
    }
    go(far);
    return ERR_OK;
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t n)
{
    (void)pcb;
    (void)n;
    go(arg);
    return ERR_OK;
}

/* The pcb is gone already. */
static void on_error(void *arg, err_t e)
{
    struct far *far = arg;
    far->pcb = NULL;
    if (!far->run->far.done) {
        far->run->far.error = error_of(e);
    }
}

static void take(struct far *far, struct tcp_pcb *pcb)
{
    far->pcb = pcb;
    tcp_arg(pcb, far);
    tcp_recv(pcb, on_recv);
    tcp_sent(pcb, on_sent);
    tcp_err(pcb, on_error);
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t e)
{
    (void)pcb;
    (void)e;
    go(arg);
    return ERR_OK;
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t e)
{
    struct far *far = arg;
    if (e != ERR_OK || pcb == NULL || far->pcb != NULL) {
        return ERR_VAL;
    }
    take(far, pcb);
    go(far);
    return ERR_OK;
}

static int begin_far(void *ctx, struct sw_transfer *run)
{
    struct far *far = calloc(1, sizeof(*far));
    ip_addr_t to;
    (void)ctx;
    assert(far != NULL);
    far->run = run;
    run->other = far;
    struct tcp_pcb *pcb = tcp_new_ip_type(IPADDR_TYPE_V4);
    if (pcb == NULL) {
        return -ENOMEM;
    }
    if (run->cell.they_connect) {
        take(far, pcb);
        ip_addr_set_ip4_u32_val(to, lwip_htonl(sw_cell_address(&run->cell)));
        const err_t e = tcp_connect(pcb, &to, run->cell.port, on_connected);
        arm();
        return error_of(e);
    }
    if (tcp_bind(pcb, IP_ADDR_ANY, run->cell.port) != ERR_OK) {
        return -EADDRINUSE;
    }
    far->listener = tcp_listen_with_backlog(pcb, 4);
    tcp_arg(far->listener, far);
    tcp_accept(far->listener, on_accept);
    return 0;
}

static void end_far(void *ctx, struct sw_transfer *run)
{
    struct far *far = run->other;
    (void)ctx;
    if (far->pcb != NULL) {
        tcp_arg(far->pcb, NULL);
        tcp_err(far->pcb, NULL);
        tcp_abort(far->pcb);
    }
    if (far->listener != NULL) {
        tcp_close(far->listener);
    }
    if (far->unread != NULL) {
        pbuf_free(far->unread);
    }
    free(far);
}

static const struct sw_interop_far far_of_lwip = {begin_far, end_far};

int main(int argc, char **argv)
{
    static const char *const flavours[] = {SW_LWIP_FLAVOUR};
    ip4_addr_t address, mask, none;
    station.all = (struct sw_interop){.peer = "lwip",
                                      .flavour = flavours,
                                      .flavours = 1,
                                      .calls = &far_of_lwip,
                                      .far_port = &station.port,
                                      .at_once = 60,
                                      .patience = 3000 * SW_S,
                                      .silence = SW_TIME_NEVER};
    if (!sw_interop_arguments(&station.all, argc, argv)) {
        return 2;
    }
    struct sw_lab *lab = station.all.lab = sw_lab_new(7);
    const struct sw_env *env = sw_lab_env(lab);
    sw_interop_begin(&station.all);
    sw_port_init(&station.port, "lwip", receive, NULL);
    sw_lab_plug(lab, &station.port, "core", NULL);
    sw_interop_build(&station.all);

    sw_owner_init(&station.owner, "lwip");
    sw_draws_init(&station.draws, env->secrets, station.owner.number, SW_DRAW_TEST);
    const int e =
        sw_timer_init(&station.timer, env->clock, &station.owner, SW_CLASS_TIMER, on_timer);
    assert(e == 0);
    lwip_init();
    ip4_addr_set_u32(&address, lwip_htonl(SW_FAR_ADDRESS));
    ip4_addr_set_u32(&mask, lwip_htonl(0xffff0000u));
    ip4_addr_set_zero(&none);
    netif_add(&station.netif, &address, &mask, &none, NULL, begin_netif, ethernet_input);
    netif_set_default(&station.netif);
    netif_set_up(&station.netif);
    arm();
    while (sw_interop_turn(&station.all) && sw_lab_now(lab) < TIME_MOST) {
        sw_lab_run(lab, TURN);
    }
    const int status = sw_interop_end(&station.all);
    sw_timer_fini(&station.timer);
    sw_lab_free(lab);
    return status;
}
