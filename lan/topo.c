/* What a LAN is (see topo.h): made, freed, and searched by name.
 *
 * A name is found by a hash that is filled as far as the arrays have grown when somebody asks, so
 * that resolving the names of 10,000 links costs what 10,000 searches cost. */
#include "lan/topo.h"

#include <stdlib.h>
#include <string.h>

#include "core/siphash.h"
#include "lan/index.h"

/* The names of one kind of node: the first `known` of them. */
struct names {
    struct sw_index index;
    size_t known;
};

struct sw_topo_names {
    struct names hosts, switches, uplinks;
};

struct sw_topo *sw_topo_new(const char *name)
{
    struct sw_topo *topo = calloc(1, sizeof *topo);
    if (topo == NULL) {
        return NULL;
    }
    size_t len = strlen(name) + 1;
    topo->seed = 1;
    topo->name = malloc(len);
    topo->names = calloc(1, sizeof *topo->names);
    if (topo->name == NULL || topo->names == NULL) {
        sw_topo_free(topo);
        return NULL;
    }
    memcpy(topo->name, name, len);
    return topo;
}

/* ---- free ---- */

static void free_switch(struct sw_topo_switch *bridge)
{
    for (size_t i = 0; i < bridge->static_count; i++) {
        free(bridge->statics[i].port);
    }
    free(bridge->statics);
    free(bridge->name);
}

static void free_service(struct sw_topo_service *service)
{
    for (size_t i = 0; i < service->file_count; i++) {
        free(service->files[i].name);
        free(service->files[i].bytes);
    }
    free(service->files);
    free(service->body);
}

static void free_texts(char **texts)
{
    for (size_t i = 0; texts != NULL && texts[i] != NULL; i++) {
        free(texts[i]);
    }
    free(texts);
}

static void free_program(struct sw_topo_program *program)
{
    if (program != NULL) {
        free_texts(program->run);
        free_texts(program->env);
        free_texts(program->tmpfs);
        free(program->user);
        free(program->cwd);
        free(program->input);
        free(program);
    }
}

static void free_host(struct sw_topo_host *host)
{
    free_program(host->program);
    for (size_t i = 0; i < host->nic_count; i++) {
        free(host->nics[i].name);
        free(host->nics[i].addresses);
    }
    for (size_t i = 0; i < host->route_count; i++) {
        free(host->routes[i].nic);
    }
    for (size_t i = 0; i < host->service_count; i++) {
        free_service(&host->services[i]);
    }
    free(host->nics);
    free(host->routes);
    free(host->services);
    free(host->name);
}

static void free_uplink(struct sw_topo_uplink *uplink)
{
    free(uplink->name);
    free(uplink->device);
    free(uplink->netns);
    free(uplink->routes);
    free(uplink->read);
    free(uplink->write);
    free(uplink->rewrite.macs);
    free(uplink->rewrite.nets);
    free(uplink->listen.path);
    free(uplink->connect.path);
}

static void free_link(struct sw_topo_link *link)
{
    free(link->name);
    free(link->end[0].port);
    free(link->end[1].port);
}

static void free_names(struct sw_topo_names *names)
{
    if (names != NULL) {
        sw_index_fini(&names->hosts.index);
        sw_index_fini(&names->switches.index);
        sw_index_fini(&names->uplinks.index);
        free(names);
    }
}

void sw_topo_free(struct sw_topo *topo)
{
    if (topo == NULL) {
        return;
    }
    for (size_t i = 0; i < topo->switch_count; i++) {
        free_switch(&topo->switches[i]);
    }
    for (size_t i = 0; i < topo->host_count; i++) {
        free_host(&topo->hosts[i]);
    }
    for (size_t i = 0; i < topo->uplink_count; i++) {
        free_uplink(&topo->uplinks[i]);
    }
    for (size_t i = 0; i < topo->link_count; i++) {
        free_link(&topo->links[i]);
    }
    for (size_t i = 0; i < topo->forward_count; i++) {
        free(topo->forwards[i].to);
    }
    free(topo->forwards);
    for (size_t i = 0; i < topo->step_count; i++) {
        sw_topo_free_step(&topo->steps[i]);
    }
    for (size_t i = 0; i < topo->event_count; i++) {
        sw_topo_free_action(&topo->events[i].action);
    }
    for (size_t i = 0; i < topo->file_count; i++) {
        free(topo->files[i]);
    }
    free(topo->switches);
    free(topo->hosts);
    free(topo->uplinks);
    free(topo->links);
    free(topo->steps);
    free(topo->events);
    free(topo->files);
    free_names(topo->names);
    free(topo->name);
    free(topo);
}

/* ---- find ---- */

/* The nodes of one kind, whatever they are: an array of structs with a name somewhere in each. */
struct nodes {
    const char *first; /* the first one's name pointer, as bytes */
    size_t step, count;
};

static const char *name_at(const struct nodes *nodes, size_t i)
{
    const char *name;
    memcpy(&name, nodes->first + i * nodes->step, sizeof(const char *));
    return name;
}

static long search(const struct nodes *nodes, const char *name)
{
    for (size_t i = 0; i < nodes->count; i++) {
        if (strcmp(name_at(nodes, i), name) == 0) {
            return (long)i;
        }
    }
    return -1;
}

/* Of two nodes with one name the first is found. */
static bool learn_names(struct names *names, const struct nodes *nodes)
{
    for (; names->known < nodes->count; names->known++) {
        uint64_t key = sw_name_hash(name_at(nodes, names->known));
        if (sw_index_find(&names->index, key) == SW_INDEX_NONE &&
            sw_index_add(&names->index, key, (uint32_t)names->known) < 0) {
            return false;
        }
    }
    return true;
}

static long find(struct names *names, const struct nodes *nodes, const char *name)
{
    if (nodes->count == 0) {
        return -1;
    }
    if (names == NULL || !learn_names(names, nodes)) {
        return search(nodes, name);
    }
    uint32_t at = sw_index_find(&names->index, sw_name_hash(name));
    if (at >= nodes->count) {
        return -1;
    }
    /* What was renamed since it was learned is not where its name says: then only a search is
     * right. */
    return strcmp(name_at(nodes, at), name) == 0 ? (long)at : search(nodes, name);
}

long sw_topo_find_host(const struct sw_topo *topo, const char *name)
{
    struct nodes nodes = {.count = topo->host_count, .step = sizeof *topo->hosts};
    nodes.first = nodes.count == 0 ? NULL : (const char *)&topo->hosts[0].name;
    return find(topo->names == NULL ? NULL : &topo->names->hosts, &nodes, name);
}

long sw_topo_find_switch(const struct sw_topo *topo, const char *name)
{
    struct nodes nodes = {.count = topo->switch_count, .step = sizeof *topo->switches};
    nodes.first = nodes.count == 0 ? NULL : (const char *)&topo->switches[0].name;
    return find(topo->names == NULL ? NULL : &topo->names->switches, &nodes, name);
}

long sw_topo_find_uplink(const struct sw_topo *topo, const char *name)
{
    struct nodes nodes = {.count = topo->uplink_count, .step = sizeof *topo->uplinks};
    nodes.first = nodes.count == 0 ? NULL : (const char *)&topo->uplinks[0].name;
    return find(topo->names == NULL ? NULL : &topo->names->uplinks, &nodes, name);
}

bool sw_topo_has_programs(const struct sw_topo *topo)
{
    for (size_t i = 0; i < topo->host_count; i++) {
        if (topo->hosts[i].program != NULL) {
            return true;
        }
    }
    return false;
}

bool sw_topo_has_real_ends(const struct sw_topo *topo)
{
    if (topo->forward_count > 0) {
        return true;
    }
    if (sw_topo_has_programs(topo)) {
        return true;
    }
    for (size_t i = 0; i < topo->uplink_count; i++) {
        if (topo->uplinks[i].kind != SW_UPLINK_PCAP) {
            return true;
        }
    }
    return false;
}
