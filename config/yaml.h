/* YAML as a tree whose every node knows its place. libyaml makes the events; aliases, merges (<<)
 * and the bounds are made here.
 *
 * Nodes that an alias names are shared, not copied; how often they are met is bounded. All that a
 * document has lies in its arena. */
#ifndef SW_CONFIG_YAML_H
#define SW_CONFIG_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "config/arena.h"
#include "config/problem.h"
#include "config/value.h"
#include "lan/topo.h"

#define SW_YAML_ALIAS_NODES_MAX 100000 /* nodes that aliases may bring, all together */

enum sw_yaml_kind { SW_YAML_SCALAR, SW_YAML_LIST, SW_YAML_MAP };

struct sw_yaml;

struct sw_yaml_pair {
    struct sw_yaml *key; /* a scalar */
    struct sw_yaml *value;
};

struct sw_yaml {
    enum sw_yaml_kind kind;
    bool quoted; /* in quotes, or a block scalar */
    bool empty;  /* nothing, ~ or null, unquoted */
    bool bad;    /* a problem was reported of it: whoever reads it says no more */
    struct sw_where where;
    char *text; /* of a scalar: UTF-8 without NUL */
    struct sw_yaml **items;
    struct sw_yaml_pair *pairs;
    size_t count;
    size_t weight;        /* nodes in it, itself included, aliases followed */
    struct sw_yaml *next; /* all scalars that are no keys, newest first */
};

struct sw_document {
    struct sw_arena arena;
    struct sw_yaml *root;
    struct sw_yaml *scalars;
};

/* Reads the report's source. 0; -EINVAL: problems were reported; -ENOMEM. In every case
 * sw_document_fini() ends it. */
int sw_yaml_parse(struct sw_document *doc, struct sw_report *report);
void sw_document_fini(struct sw_document *doc);
/* "a list", "a mapping", "nothing" or "'text'": what a node is, for a message. Returns buf. */
char *sw_yaml_what(const struct sw_yaml *node, char buf[SW_QUOTED_BYTES]);

#endif
