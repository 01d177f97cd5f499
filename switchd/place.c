/* Sockets of the machine's own. See place.h. */
#include "switchd/place.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

void sw_place_of(struct sw_place *out, const struct sw_topo_place *place)
{
    *out = (struct sw_place){0};
    if (place->path) {
        struct sockaddr_un un = {.sun_family = AF_UNIX};
        size_t n = strlen(place->path);
        assert(n < sizeof un.sun_path); /* the LAN file's parser saw to it */
        memcpy(un.sun_path, place->path, n);
        memcpy(&out->address, &un, sizeof un);
        out->len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + 1);
        snprintf(out->text, sizeof out->text, "%s", place->path);
    } else if (place->at.port) {
        struct sockaddr_in in = {.sin_family = AF_INET,
                                 .sin_port = htons(place->at.port),
                                 .sin_addr.s_addr = htonl(sw_ip_v4_number(place->at.ip))};
        memcpy(&out->address, &in, sizeof in);
        out->len = sizeof in;
        sw_endpoint_emit(place->at, out->text);
    }
}

bool sw_place_is(const struct sw_place *place, const struct sockaddr_storage *address)
{
    if (place->address.ss_family != AF_INET) {
        return true;
    }
    struct sockaddr_in a, b;
    memcpy(&a, address, sizeof a);
    memcpy(&b, &place->address, sizeof b);
    return a.sin_family == AF_INET && a.sin_port == b.sin_port &&
           a.sin_addr.s_addr == b.sin_addr.s_addr;
}

/* Is there a socket at the path, and nobody behind it? */
static bool is_dead(const struct sw_place *place, int type)
{
    struct stat st;
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool dead = fd >= 0 && lstat(place->text, &st) == 0 && S_ISSOCK(st.st_mode) &&
                connect(fd, (const struct sockaddr *)&place->address, place->len) < 0 &&
                errno == ECONNREFUSED;
    if (fd >= 0) {
        close(fd);
    }
    return dead;
}

static int bind_to(int fd, const struct sw_place *place)
{
    return bind(fd, (const struct sockaddr *)&place->address, place->len);
}

int sw_place_bind(struct sw_place *place, int type)
{
    bool local = place->address.ss_family == AF_UNIX;
    int fd = socket(place->address.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -errno;
    }
    int on = 1;
    if (!local && type == SOCK_STREAM) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    }
    int rc = local ? sw_sweeper_begin(&place->sweeper, place->text) : 0;
    if (rc == 0 && bind_to(fd, place) < 0) {
        rc = -errno;
    }
    if (rc == -EADDRINUSE && local && is_dead(place, type)) {
        unlink(place->text);
        rc = bind_to(fd, place) < 0 ? -errno : 0;
    }
    if (rc) {
        sw_sweeper_end(&place->sweeper);
        close(fd);
        return rc;
    }
    struct stat st;
    place->bound = local && lstat(place->text, &st) == 0;
    if (place->bound) {
        place->device = st.st_dev;
        place->inode = st.st_ino;
        sw_sweeper_tell(&place->sweeper, st.st_dev, st.st_ino);
    }
    return fd;
}

void sw_place_unbind(struct sw_place *place)
{
    struct stat st;
    if (place->bound && lstat(place->text, &st) == 0 && st.st_dev == place->device &&
        st.st_ino == place->inode) {
        unlink(place->text);
    }
    sw_sweeper_end(&place->sweeper);
}
