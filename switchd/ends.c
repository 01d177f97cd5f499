/* The uplinks of a session. See ends.h. */
#include "switchd/ends.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "switchd/options.h"

static unsigned long long wide(uint64_t n)
{
    return n;
}

int sw_ends_init(struct sw_ends *ends, const struct sw_env *env, const struct sw_topo *topo)
{
    *ends = (struct sw_ends){.env = env, .topo = topo};
    ends->list = calloc(topo->uplink_count + 1, sizeof *ends->list);
    return ends->list ? 0 : -ENOMEM;
}

/* ---- whose file ---- */

/* Paths that differ may lead to one file; one that is not there yet is known by its path alone.
 * What is no regular file, as /dev/null, may be written by many. */
static bool same_file(const char *a, const char *b)
{
    struct stat one, other;
    if (!a || !b) {
        return false;
    }
    if (stat(a, &one) != 0 || stat(b, &other) != 0) {
        return strcmp(a, b) == 0;
    }
    return S_ISREG(one.st_mode) && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

static int clash(const char *path, const char *other, const char *name)
{
    fprintf(stderr, "switchd: %s is to be written, and it is the '%s' of uplink '%s'\n", path,
            other, name);
    return SW_EXIT_USAGE;
}

int sw_ends_check(const struct sw_topo *topo, const char *path)
{
    for (size_t i = 0; i < topo->uplink_count; i++) {
        const struct sw_topo_uplink *u = &topo->uplinks[i];
        if (same_file(path, u->read) || same_file(path, u->write)) {
            return clash(path, same_file(path, u->read) ? "read" : "write", u->name);
        }
        for (size_t k = 0; k < topo->uplink_count; k++) {
            const struct sw_topo_uplink *other = &topo->uplinks[k];
            if (same_file(u->write, other->read)) {
                return clash(u->write, "read", other->name);
            }
            if (k != i && same_file(u->write, other->write)) {
                return clash(u->write, "write", other->name);
            }
        }
    }
    return 0;
}

/* ---- ends ---- */

static void on_gone(void *ctx)
{
    const struct sw_end *end = ctx;
    sw_network_uplink_down(end->ends->net, end->uplink);
}

int sw_ends_make(void *ctx, const struct sw_topo_uplink *uplink, struct sw_port **out)
{
    struct sw_ends *ends = ctx;
    struct sw_end *end = &ends->list[ends->count];
    char why[512];
    int rc;
    *end = (struct sw_end){.ends = ends, .uplink = uplink};
    if (uplink->kind == SW_UPLINK_PCAP) {
        rc = sw_pcap_port_new(&end->pcap, ends->env, uplink, ends->topo->seed, ends->epoch, why,
                              sizeof why);
        *out = rc ? NULL : sw_pcap_port(end->pcap);
        ends->refused = rc == -EINVAL ? SW_EXIT_USAGE : SW_EXIT_REFUSED;
    } else if (uplink->kind == SW_UPLINK_QEMU) {
        rc = sw_qemu_new(&end->qemu, ends->env, uplink, why, sizeof why);
        *out = rc ? NULL : sw_qemu_port(end->qemu);
        ends->refused = SW_EXIT_REFUSED;
    } else {
        rc = sw_tap_new(&end->tap, ends->env, uplink, on_gone, end, why, sizeof why);
        *out = rc ? NULL : sw_tap_port(end->tap);
        ends->refused = SW_EXIT_REFUSED;
    }
    if (rc) {
        fprintf(stderr, "switchd: %s\n", why);
        return rc;
    }
    ends->refused = 0;
    ends->count++;
    return 0;
}

int sw_ends_start(struct sw_ends *ends, struct sw_driver *driver)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < ends->count; i++) {
        const struct sw_end *end = &ends->list[i];
        rc = end->tap    ? sw_tap_start(end->tap, driver)
             : end->qemu ? sw_qemu_start(end->qemu, driver)
                         : 0;
    }
    return rc;
}

static const char *place_text(const struct sw_topo_place *place, char buf[SW_ENDPOINT_TEXT])
{
    return place->path ? place->path : sw_endpoint_emit(place->at, buf);
}

static bool is_place(const struct sw_topo_place *place)
{
    return place->path || place->at.port;
}

static void say_qemu_up(const struct sw_topo_uplink *u)
{
    char at[SW_ENDPOINT_TEXT], to[SW_ENDPOINT_TEXT];
    bool listens = is_place(&u->listen), connects = is_place(&u->connect);
    fprintf(stderr, ", %s is for QEMU", u->name);
    if (listens) {
        fprintf(stderr, " at %s", place_text(&u->listen, at));
    }
    if (connects) {
        fprintf(stderr, " to %s", place_text(&u->connect, to));
    }
}

void sw_ends_say_up(const struct sw_ends *ends)
{
    for (size_t i = 0; i < ends->count; i++) {
        const struct sw_end *end = &ends->list[i];
        const struct sw_topo_uplink *u = end->uplink;
        if (end->tap) {
            fprintf(stderr, ", %s is the %s %s%s%s", u->name,
                    u->kind == SW_UPLINK_TUN ? "tun" : "tap", sw_tap_device(end->tap),
                    u->netns ? " in " : "", u->netns ? u->netns : "");
        } else if (end->qemu) {
            say_qemu_up(u);
        } else {
            fprintf(stderr, ", %s %s%s%s%s%s", u->name, u->read ? "plays " : "",
                    u->read ? u->read : "", u->read && u->write ? " and " : "",
                    u->write ? "writes " : "", u->write ? u->write : "");
        }
    }
}

static void say_pcap(const struct sw_topo_uplink *uplink, const struct sw_pcap_port *pcap)
{
    struct sw_pcap_port_stats s;
    sw_pcap_port_stats(pcap, &s);
    fprintf(stderr, "uplink %s (%s): ", uplink->name, uplink->read ? uplink->read : uplink->write);
    fprintf(stderr, "%llu from the capture (%llu cut short in it), %llu not read, ", wide(s.in),
            wide(s.cut), wide(s.not_read));
    fprintf(stderr, "%llu from the LAN, %llu not written\n", wide(s.out), wide(s.not_written));
}

static void say_tap(const struct sw_topo_uplink *uplink, const struct sw_tap *tap)
{
    struct sw_tap_stats t;
    sw_tap_stats(tap, &t);
    fprintf(stderr, "uplink %s (%s): ", uplink->name, sw_tap_device(tap));
    fprintf(stderr, "%llu from the kernel, %llu to it, %llu not written, %llu not read\n",
            wide(t.in), wide(t.out), wide(t.not_written), wide(t.not_read));
}

static void say_qemu(const struct sw_topo_uplink *uplink, const struct sw_qemu *qemu)
{
    struct sw_qemu_stats s;
    sw_qemu_stats(qemu, &s);
    fprintf(stderr, "uplink %s (qemu): %llu from QEMU, %llu to it, %llu not written, %llu not read",
            uplink->name, wide(s.in), wide(s.out), wide(s.not_written), wide(s.not_read));
    if (!uplink->datagrams) {
        fprintf(stderr, ", %llu peers", wide(s.peers));
    }
    fputc('\n', stderr);
}

void sw_ends_summary(const struct sw_ends *ends)
{
    for (size_t i = 0; i < ends->count; i++) {
        const struct sw_end *end = &ends->list[i];
        if (end->tap) {
            say_tap(end->uplink, end->tap);
        } else if (end->qemu) {
            say_qemu(end->uplink, end->qemu);
        } else {
            say_pcap(end->uplink, end->pcap);
        }
    }
}

int sw_ends_close(struct sw_ends *ends)
{
    int status = 0;
    for (size_t i = 0; i < ends->count; i++) {
        char why[512];
        sw_tap_free(ends->list[i].tap);
        sw_qemu_free(ends->list[i].qemu);
        int rc = sw_pcap_port_free(ends->list[i].pcap, why, sizeof why);
        if (rc) {
            if (why[0]) {
                fprintf(stderr, "switchd: %s\n", why);
            }
            int one = rc == -EINVAL ? SW_EXIT_USAGE : SW_EXIT_REFUSED;
            status = one > status ? one : status;
        }
    }
    free(ends->list);
    *ends = (struct sw_ends){0};
    return status;
}
