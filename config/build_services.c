/* What hosts offer. The files of an http service are read here, once for each place that names a
 * directory, and copied for each host. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/build.h"
#include "config/suggest.h"

/* The directory that a place of the file names: the service of the first host that has it, whose
 * files the others copy. */
struct sw_service_cache {
    struct sw_service_cache *next;
    const struct sw_yaml *node;
    size_t host, service;
};

/* ---- files ---- */

struct listing {
    struct sw_build *b;
    char **names; /* in the arena */
    size_t count, cap;
    bool too_many;
};

static int list_one(void *ctx, const char *name)
{
    struct listing *l = ctx;
    if (l->b->http_files + l->count == SW_HTTP_FILES_MAX) {
        l->too_many = true;
        return -E2BIG;
    }
    char **names = sw_arena_grow(l->b->arena, l->names, l->count, &l->cap, sizeof(char *));
    if (!names) {
        return -ENOMEM;
    }
    l->names = names;
    l->names[l->count] = sw_arena_copy(l->b->arena, name, strlen(name));
    return l->names[l->count] ? (l->count++, 0) : -ENOMEM;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Appends a file to the service, counted. 0 or a negative errno; -EFBIG: over what all may have. */
static int add_file(struct sw_build *b, struct sw_topo_service *service, const char *name,
                    char *bytes, size_t len)
{
    struct sw_topo_file *all = sw_build_room(b, service->files, service->file_count, sizeof *all);
    service->files = all ? all : service->files;
    char *copy = all ? sw_build_print(b, "/%s", name) : NULL;
    if (!copy) {
        free(bytes);
        return -ENOMEM;
    }
    all[service->file_count++] =
        (struct sw_topo_file){.name = copy, .bytes = (uint8_t *)bytes, .len = len};
    b->http_bytes += len;
    b->http_files++;
    return 0;
}

static int read_files(struct sw_build *b, struct sw_topo_service *service, const char *dir,
                      const struct listing *list)
{
    int error = 0;
    for (size_t i = 0; i < list->count && !error; i++) {
        char *path = sw_build_print(b, "%s/%s", dir, list->names[i]), *bytes = NULL;
        size_t len = 0;
        error = path ? b->io->read_file(b->io->ctx, path,
                                        (size_t)(SW_HTTP_BYTES_MAX - b->http_bytes), &bytes, &len)
                     : -ENOMEM;
        error = error ? error : add_file(b, service, list->names[i], bytes, len);
        free(path);
    }
    return error;
}

static void say_unreadable(struct sw_build *b, const struct sw_setting *root, const char *dir,
                           int error, bool too_many)
{
    char quoted[SW_QUOTED_BYTES];
    sw_quote(dir, quoted);
    if (error == -ENOMEM) {
        b->no_memory = true;
    } else if (too_many) {
        SW_ERROR(b->report, root->node->where, "'root': more than %d files to serve in all",
                 SW_HTTP_FILES_MAX);
    } else if (error == -EFBIG) {
        SW_ERROR(b->report, root->node->where, "'root': more than %d MiB of files to serve in all",
                 (int)(SW_HTTP_BYTES_MAX >> 20));
    } else {
        SW_ERROR(b->report, root->node->where, "'root': cannot read '%s': %s", quoted,
                 strerror(-error));
    }
}

static void read_root(struct sw_build *b, struct sw_topo_service *service,
                      const struct sw_setting *root)
{
    struct listing list = {.b = b};
    assert(root->node != NULL);
    char *dir = sw_build_beside(b, root->node->where, root->node->text);
    if (!dir) {
        return;
    }
    int error = b->io->list_files(b->io->ctx, dir, list_one, &list);
    if (!error && list.count > 0) {
        qsort(list.names, list.count, sizeof(char *), by_name);
    }
    error = error ? error : read_files(b, service, dir, &list);
    if (!error && list.count == 0) {
        char quoted[SW_QUOTED_BYTES];
        SW_ERROR(b->report, root->node->where, "'root': there is no file below '%s'",
                 sw_quote(dir, quoted));
    } else if (error) {
        say_unreadable(b, root, dir, error, list.too_many);
    }
    free(dir);
}

/* The same files as another host's service has. */
static void copy_files(struct sw_build *b, struct sw_topo_service *service,
                       const struct sw_topo_service *from, const struct sw_setting *root)
{
    for (size_t i = 0; i < from->file_count && !b->no_memory; i++) {
        const struct sw_topo_file *file = &from->files[i];
        if (b->http_files == SW_HTTP_FILES_MAX || file->len > SW_HTTP_BYTES_MAX - b->http_bytes) {
            say_unreadable(b, root, "", -EFBIG, b->http_files == SW_HTTP_FILES_MAX);
            return;
        }
        char *bytes = malloc(file->len + 1);
        if (!bytes) {
            b->no_memory = true;
            return;
        }
        memcpy(bytes, file->bytes, file->len);
        add_file(b, service, file->name + 1, bytes, file->len);
    }
}

static void fill_root(struct sw_build *b, size_t host, const struct sw_setting *root)
{
    struct sw_topo_host *h = &b->topo->hosts[host];
    struct sw_topo_service *service = &h->services[h->service_count - 1];
    for (struct sw_service_cache *c = b->cache; c; c = c->next) {
        if (c->node == root->node) {
            copy_files(b, service, &b->topo->hosts[c->host].services[c->service], root);
            return;
        }
    }
    struct sw_service_cache *entry = sw_arena_alloc(b->arena, sizeof *entry);
    if (!entry) {
        return;
    }
    *entry = (struct sw_service_cache){b->cache, root->node, host, h->service_count - 1};
    b->cache = entry;
    read_root(b, service, root);
}

/* ---- services ---- */

static const struct sw_service_row *row_of(const char *name)
{
    const struct sw_service_row *row;
    for (size_t i = 0; (row = sw_service_row(i)) != NULL; i++) {
        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}

static const struct sw_service_row *find_row(struct sw_build *b, const struct sw_yaml *name)
{
    char quoted[SW_QUOTED_BYTES], hint[96];
    const struct sw_service_row *row = row_of(name->text);
    sw_quote(name->text, quoted);
    if (row && row->later) {
        SW_ERROR(b->report, name->where, "the service '%s' is not supported yet", quoted);
        return NULL;
    }
    if (row) {
        return row;
    }
    struct sw_suggestion near;
    char list[96] = "";
    size_t used = 0;
    sw_suggest_begin(&near, name->text);
    for (size_t i = 0; (row = sw_service_row(i)) != NULL; i++) {
        sw_suggest_offer(&near, row->name);
        if (!row->later && used < sizeof list) {
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "",
                                     row->name);
        }
    }
    if (near.best) {
        SW_ERROR(b->report, name->where, "unknown service '%s'%s", quoted,
                 sw_suggest_text(&near, hint, sizeof hint));
    } else {
        SW_ERROR(b->report, name->where, "unknown service '%s', expected one of %s", quoted, list);
    }
    return NULL;
}

static bool is_udp(enum sw_service_kind kind)
{
    const struct sw_service_row *row;
    for (size_t i = 0; (row = sw_service_row(i)) != NULL; i++) {
        if (!row->later && row->kind == kind) {
            return row->udp;
        }
    }
    return false;
}

static void check_port(struct sw_build *b, const struct sw_topo_host *host,
                       const struct sw_service_row *row, uint16_t port, const struct sw_yaml *node)
{
    for (size_t i = 0; i < host->service_count && !b->again; i++) {
        const struct sw_topo_service *other = &host->services[i];
        if (other->port == port && is_udp(other->kind) == row->udp) {
            char line[SW_LINE_BYTES];
            SW_ERROR(b->report, node->where, "%s port %u of the host is taken by the service on %s",
                     row->udp ? "UDP" : "TCP", port,
                     sw_build_line(b, sw_build_mark(b, other->where), node->where, line));
            return;
        }
    }
}

/* The http settings besides the port. */
static void fill_http(struct sw_build *b, size_t host, const struct sw_settings *own)
{
    struct sw_topo_host *h = &b->topo->hosts[host];
    struct sw_topo_service *service = &h->services[h->service_count - 1];
    const struct sw_setting *root = &own->of[SW_K_HTTP_ROOT], *body = &own->of[SW_K_HTTP_BODY];
    const struct sw_setting *size = &own->of[SW_K_HTTP_SIZE];
    if ((root->node != NULL) + (body->node != NULL) + (size->node != NULL) > 1) {
        SW_ERROR(b->report, own->node->where,
                 "http serves one of 'root', 'body' and 'size', found more");
        return;
    }
    if (body->ok) {
        assert(body->node != NULL);
        service->body = sw_build_copy(b, body->node->text);
    } else if (size->ok) {
        service->size = (uint64_t)size->number;
    } else if (root->ok) {
        fill_root(b, host, root);
    }
}

/* settings: what stands behind the name: nothing, a port, or a mapping. NULL: nothing. */
static void build_service(struct sw_build *b, size_t host, const struct sw_yaml *name,
                          const struct sw_yaml *settings)
{
    const struct sw_service_row *row = name->bad ? NULL : find_row(b, name);
    if (!row || (settings && settings->bad)) {
        return;
    }
    struct sw_settings own = {0};
    bool mapping = settings && settings->kind != SW_YAML_SCALAR;
    const struct sw_setting *port = &own.of[SW_K_PLAIN_PORT];
    assert(SW_K_PLAIN_PORT == (int)SW_K_HTTP_PORT);
    if (mapping) {
        if (!sw_section_read(&own, row->of, settings, 0, b->report)) {
            return;
        }
    } else if (settings && !settings->empty) {
        sw_setting_read(&own.of[SW_K_PLAIN_PORT], &row->of->keys[SW_K_PLAIN_PORT], settings,
                        b->report);
    }
    if (port->node && !port->ok) {
        return;
    }
    struct sw_topo_host *h = &b->topo->hosts[host];
    uint16_t number = port->ok ? (uint16_t)port->number : row->port;
    check_port(b, h, row, number, port->node ? port->node : name);
    struct sw_topo_service *all = sw_build_room(b, h->services, h->service_count, sizeof *all);
    if (!all) {
        return;
    }
    h->services = all;
    all[h->service_count++] = (struct sw_topo_service){
        .kind = row->kind, .port = number, .where = sw_build_place(b, name->where)};
    if (mapping && row->kind == SW_SERVICE_HTTP) {
        fill_http(b, host, &own);
    }
}

void sw_build_services(struct sw_build *b, size_t host, const struct sw_setting *services)
{
    for (size_t i = 0; i < services->node->count && !b->no_memory; i++) {
        const struct sw_yaml *item = services->node->items[i];
        if (b->topo->hosts[host].service_count == SW_HOST_SERVICES) {
            SW_ERROR(b->report, item->where, "a host has at most %d services", SW_HOST_SERVICES);
            return;
        }
        if (item->bad) {
            continue;
        }
        if (item->kind == SW_YAML_SCALAR && !item->empty) {
            build_service(b, host, item, NULL);
        } else if (item->kind == SW_YAML_MAP && item->count == 1) {
            build_service(b, host, item->pairs[0].key, item->pairs[0].value);
        } else {
            SW_ERROR(b->report, item->where,
                     "expected one service an item: 'echo', 'echo: 7' or 'http: { port: 80 }'");
        }
    }
}
