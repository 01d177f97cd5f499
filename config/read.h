/* A mapping of the file, read by its section of the table: every key known, every value of its kind
 * and within its bounds. */
#ifndef SW_CONFIG_READ_H
#define SW_CONFIG_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "config/table.h"
#include "config/yaml.h"
#include "core/addr.h"

/* What the file says of one key. */
struct sw_setting {
    const struct sw_yaml *node; /* NULL: nothing */
    /* Of the right kind, within its bounds; else a problem was reported. Of a scalar kind in whose
     * place a mapping may stand, and does: not read yet. */
    bool ok;
    bool packets;   /* SW_KIND_QUEUE: a count of packets */
    int64_t number; /* numbers in the base of their unit; SW_KIND_BOOL 0, 1; SW_KIND_WORD the word's
                     * index; SW_KIND_WORDS a bit for each */
    struct sw_prefix prefix; /* SW_KIND_ADDRESS, SW_KIND_NET */
    struct sw_ip ip;         /* SW_KIND_IP */
    struct sw_mac mac;
};

struct sw_settings {
    const struct sw_yaml *node; /* the mapping, or NULL */
    struct sw_setting of[SW_KEYS_MAX];
};

enum {
    SW_READ_DEFAULTS = 1, /* keys of SW_KEY_OWN are refused, none is required */
    SW_READ_GROUP = 2     /* with it: they are a group's */
};

/* Reports what is wrong; keys that are wrong are left without ok. An empty node is an empty
 * mapping. False: node is no mapping at all. */
bool sw_section_read(struct sw_settings *out, const struct sw_section *section,
                     const struct sw_yaml *node, unsigned flags, struct sw_report *report);
/* The setting to use: the nearer one if it is usable, else the other, else NULL. Either may be
 * NULL. */
const struct sw_setting *sw_setting_pick(const struct sw_setting *nearer,
                                         const struct sw_setting *farther);
/* One value of a scalar kind. */
void sw_setting_read(struct sw_setting *out, const struct sw_key *key, const struct sw_yaml *node,
                     struct sw_report *report);

#endif
