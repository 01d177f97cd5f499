/* Groups: settings that hosts name. */
#include <stdlib.h>
#include <string.h>

#include "config/build.h"
#include "config/suggest.h"

static void read_group(struct sw_build *b, const struct sw_yaml_pair *pair)
{
    struct sw_host_group *all = sw_build_room(b, b->host_groups, b->host_group_count, sizeof *all);
    if (!all) {
        return;
    }
    b->host_groups = all;
    struct sw_host_group *group = &all[b->host_group_count];
    group->name = pair->key->text;
    if (!sw_names_put(&b->host_group_names, group->name, b->host_group_count++)) {
        b->no_memory = true;
    }
    if (!sw_section_read(&group->of, &sw_section_host, pair->value,
                         SW_READ_DEFAULTS | SW_READ_GROUP, b->report)) {
        return;
    }
    const struct sw_setting *tcp = &group->of.of[SW_K_HOST_TCP],
                            *arp = &group->of.of[SW_K_HOST_ARP];
    if (tcp->ok) {
        sw_section_read(&group->tcp, &sw_section_tcp, tcp->node, 0, b->report);
    }
    if (arp->ok) {
        sw_section_read(&group->arp, &sw_section_arp, arp->node, 0, b->report);
    }
}

void sw_build_groups(struct sw_build *b)
{
    sw_build_each(b, &b->top.of[SW_K_TOP_GROUPS], "a group's name", read_group);
}

/* NULL: none, reported. */
static const struct sw_host_group *group_of(struct sw_build *b, const struct sw_yaml *node)
{
    struct sw_suggestion near;
    char quoted[SW_QUOTED_BYTES], hint[SW_QUOTED_BYTES];
    if (node->bad) {
        return NULL;
    }
    if (node->kind != SW_YAML_SCALAR || node->empty) {
        SW_ERROR(b->report, node->where, "'groups': expected a group's name, found %s",
                 sw_yaml_what(node, quoted));
        return NULL;
    }
    const struct sw_name *found = sw_names_find(&b->host_group_names, node->text);
    if (found) {
        return &b->host_groups[found->number];
    }
    sw_suggest_begin(&near, node->text);
    size_t most = sw_build_hints(b);
    for (size_t i = 0; i < b->host_group_count && i < most; i++) {
        sw_suggest_offer(&near, b->host_groups[i].name);
    }
    SW_ERROR(b->report, node->where, "unknown group '%s'%s", sw_quote(node->text, quoted),
             near.best ? sw_suggest_text(&near, hint, sizeof hint)
                       : ", expected a name of 'groups'");
    return NULL;
}

static void overlay(struct sw_settings *far, const struct sw_settings *near, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (near->of[i].node) {
            far->of[i] = near->of[i];
        }
    }
}

void sw_build_far(struct sw_build *b, const struct sw_setting *groups, struct sw_settings *far,
                  struct sw_settings *tcp, struct sw_settings *arp)
{
    *far = b->host_defaults;
    *tcp = b->tcp_defaults;
    *arp = b->arp_defaults;
    bool list = groups->ok && groups->node->kind == SW_YAML_LIST;
    size_t count = list ? groups->node->count : groups->ok ? 1 : 0;
    for (size_t i = count; i > 0; i--) {
        const struct sw_yaml *node = list ? groups->node->items[i - 1] : groups->node;
        const struct sw_host_group *group = group_of(b, node);
        if (group) {
            overlay(far, &group->of, sw_section_host.count);
            overlay(tcp, &group->tcp, sw_section_tcp.count);
            overlay(arp, &group->arp, sw_section_arp.count);
        }
    }
}
