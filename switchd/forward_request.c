/* What the control socket asks of the forwards, and the verb that asks. See forward.h, control.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "config/value.h"
#include "switchd/reach.h"
#include "switchd/verbs.h"

/* ---- the LAN's side ---- */

/* "web:80": a host that has an address, or an address. `to` is cut at its colon. */
static bool read_to(const struct sw_network *net, char *to, struct sw_topo_forward *out, char *why,
                    size_t cap)
{
    struct sw_ip ip;
    int64_t port;
    char *colon = strrchr(to, ':'), wrong[SW_WHY];
    if (!colon || !sw_count_parse(&port, colon + 1, wrong) || port < 1 || port > 65535) {
        snprintf(why, cap, "'%s': expected a host or an address and its port, as web:80", to);
        return false;
    }
    *colon = '\0';
    if (!sw_network_address(net, to, &ip)) {
        snprintf(why, cap, "'%s' is neither a host of the LAN with an address, nor an address", to);
        return false;
    }
    if (!sw_network_host(net, to) && !sw_unicast_parse(&ip, to, wrong)) {
        snprintf(why, cap, "%s", wrong);
        return false;
    }
    out->to = to;
    out->port = (uint16_t)port;
    return true;
}

/* The host that opens the connections, as in a LAN file. */
static bool read_from(const struct sw_network *net, const char *from, struct sw_topo_forward *out,
                      char *why, size_t cap)
{
    const struct sw_topo *topo = sw_network_topo(net);
    const char *name = from ? from : out->to;
    struct sw_ip ip;
    long at = sw_topo_find_host(topo, name);
    if (at < 0 && from) {
        snprintf(why, cap, "the LAN has no host '%s'", from);
    } else if (at < 0) {
        snprintf(why, cap, "'%s' is an address: say --from, the host that connects to it", name);
    } else if (topo->hosts[at].program) {
        snprintf(why, cap, "the host '%s' is a program: say --from, a virtual host that connects",
                 name);
    } else if (!sw_network_address(net, name, &ip)) {
        snprintf(why, cap, "the host '%s' has no address", name);
    } else {
        out->from = (size_t)at;
        return true;
    }
    return false;
}

static int add(struct sw_forwards *all, const struct sw_network *net, char **words, FILE *to,
               char *why, size_t cap)
{
    struct sw_topo_forward forward = {0};
    struct sw_endpoint at;
    char wrong[SW_WHY], text[SW_ENDPOINT_TEXT];
    const char *name = words[2], *from = words[3];
    if (!sw_endpoint_parse(&forward.listen, words[1], wrong)) {
        snprintf(why, cap, "%s", wrong);
        return SW_EXIT_USAGE;
    }
    if (!read_to(net, words[2], &forward, why, cap) || !read_from(net, from, &forward, why, cap)) {
        return SW_EXIT_USAGE;
    }
    int rc = sw_forwards_add(all, &forward, &at);
    if (rc) {
        snprintf(why, cap, "forward %s: %s", words[1],
                 rc == -EEXIST   ? "the LAN has one there already"
                 : rc == -ENFILE ? "the LAN has as many as it may"
                                 : uv_strerror(rc));
        return SW_EXIT_REFUSED;
    }
    fprintf(to, "%s leads to %s:%u\n", sw_endpoint_emit(at, text), name, forward.port);
    return 0;
}

static int take_away(struct sw_forwards *all, char **words, char *why, size_t cap)
{
    struct sw_endpoint at;
    char wrong[SW_WHY];
    if (!sw_endpoint_parse(&at, words[1], wrong)) {
        snprintf(why, cap, "%s", wrong);
        return SW_EXIT_USAGE;
    }
    if (sw_forwards_remove(all, at)) {
        snprintf(why, cap, "the LAN has no forward at %s", words[1]);
        return SW_EXIT_USAGE;
    }
    return 0;
}

int sw_forwards_do(struct sw_forwards *all, char *request, FILE *to, char *why, size_t cap)
{
    const struct sw_network *net = sw_forwards_network(all);
    char *words[5] = {NULL}, *rest = NULL;
    size_t n = 0;
    for (char *word = strtok_r(request, " ", &rest); word && n < 5;
         word = strtok_r(NULL, " ", &rest)) {
        words[n++] = word;
    }
    if ((n == 3 || n == 4) && strcmp(words[0], "add") == 0) {
        return add(all, net, words, to, why, cap);
    }
    if (n == 2 && strcmp(words[0], "remove") == 0) {
        return take_away(all, words, why, cap);
    }
    if (n == 1 && strcmp(words[0], "list") == 0) {
        sw_forwards_list(all, to);
        return 0;
    }
    snprintf(why, cap, "this request is not known here");
    return SW_EXIT_USAGE;
}

/* ---- the verb ---- */

/* False: a word with a space would be two. */
static bool put_word(char *request, size_t cap, const char *word)
{
    size_t n = strlen(request);
    if (!word) {
        return true;
    }
    return !strchr(word, ' ') && snprintf(request + n, cap - n, " %s", word) < (int)(cap - n);
}

int sw_verb_forward(const struct sw_options *o)
{
    struct sw_control_place lan;
    char request[SW_CONTROL_TEXT];
    bool more = o->argument_count == 3;
    snprintf(request, sizeof request, "forward %s", o->remove ? "remove" : more ? "add" : "list");
    if (!put_word(request, sizeof request, o->remove) ||
        (more && (!put_word(request, sizeof request, o->arguments[1]) ||
                  !put_word(request, sizeof request, o->arguments[2]) ||
                  !put_word(request, sizeof request, o->from)))) {
        fputs("switchd: a place is an address and a port, and a host has a short name\n", stderr);
        return SW_EXIT_USAGE;
    }
    int status = sw_reach(&lan, o, o->arguments[0]);
    char *text = status ? NULL : malloc(SW_CONTROL_ANSWER);
    if (!text) {
        return status ? status : SW_EXIT_REFUSED;
    }
    status = sw_control_ask(&lan, request, NULL, text, SW_CONTROL_ANSWER);
    if (status) {
        fprintf(stderr, "switchd: %s\n", text);
    } else {
        fputs(text, stdout);
    }
    free(text);
    return status;
}
