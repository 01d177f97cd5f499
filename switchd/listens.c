/* Who listens. See listens.h; the question is that of sock_diag(7), among listeners alone. */
#include "switchd/listens.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define ANSWER_BYTES 16384 /* more than the kernel puts into one */
#define LISTENING "0A"     /* in /proc/net/tcp */

static int on_listener(const struct nlmsghdr *message, void *found)
{
    (void)message; /* it was asked for this port alone */
    *(bool *)found = true;
    return MNL_CB_OK;
}

/* 0 or a negative errno. */
static int ask(int diag, uint8_t family, uint16_t port, bool *found)
{
    union {
        char bytes[ANSWER_BYTES];
        struct nlmsghdr align;
    } room;
    struct nlmsghdr *request = mnl_nlmsg_put_header(room.bytes);
    request->nlmsg_type = SOCK_DIAG_BY_FAMILY;
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    struct inet_diag_req_v2 *about = mnl_nlmsg_put_extra_header(request, sizeof *about);
    about->sdiag_family = family;
    about->sdiag_protocol = IPPROTO_TCP;
    about->idiag_states = 1U << TCP_LISTEN;
    about->id.idiag_sport = htons(port);
    if (send(diag, request, request->nlmsg_len, 0) < 0) {
        return -errno;
    }
    int more = MNL_CB_OK;
    while (more == MNL_CB_OK) {
        ssize_t n = recv(diag, room.bytes, sizeof room.bytes, 0);
        more = n < 0 ? MNL_CB_ERROR : mnl_cb_run(room.bytes, (size_t)n, 0, 0, on_listener, found);
    }
    return more == MNL_CB_ERROR ? -errno : 0;
}

int sw_listens_at(int diag, uint16_t port)
{
    bool found = false;
    int rc = ask(diag, AF_INET, port, &found);
    rc = rc || found ? rc : ask(diag, AF_INET6, port, &found);
    return rc ? rc : found;
}

/* Does anybody listen at the port, in a table as /proc/net/tcp has it? */
static bool table_has(const char *path, uint16_t port)
{
    char line[512], want[16];
    bool found = false;
    FILE *file = fopen(path, "re");
    snprintf(want, sizeof want, ":%04X", port);
    while (file && !found && fgets(line, sizeof line, file)) {
        char local[80], remote[80], state[8];
        found = sscanf(line, "%*s %79s %79s %7s", local, remote, state) == 3 &&
                strcmp(state, LISTENING) == 0 && strlen(local) > 5 &&
                strcmp(local + strlen(local) - 5, want) == 0;
    }
    if (file) {
        fclose(file);
    }
    return found;
}

bool sw_listens_in(pid_t pid, uint16_t port)
{
    static const char *const tables[] = {"tcp", "tcp6"};
    for (size_t i = 0; i < 2; i++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/net/%s", (int)pid, tables[i]);
        if (table_has(path, port)) {
            return true;
        }
    }
    return false;
}
