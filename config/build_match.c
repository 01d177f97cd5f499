/* Which frames are meant: a short word. */
#include <stdlib.h>
#include <string.h>

#include "config/build.h"

/* In the order of enum sw_match_kind. */
static const char *const words[] = {
    [SW_MATCH_SYN] = "syn",
    [SW_MATCH_SYN_ACK] = "syn-ack",
    [SW_MATCH_FIN] = "fin",
    [SW_MATCH_RST] = "rst",
    [SW_MATCH_ACK] = "ack",
    [SW_MATCH_DATA] = "data",
    [SW_MATCH_RETRANSMIT] = "retransmit",
    [SW_MATCH_ARP] = "arp",
    [SW_MATCH_ICMP] = "icmp",
    [SW_MATCH_TCP] = "tcp",
    [SW_MATCH_UDP] = "udp",
    [SW_MATCH_BPDU] = "bpdu",
};

void sw_build_match(struct sw_build *b, const struct sw_setting *set, struct sw_topo_match *out)
{
    char quoted[SW_QUOTED_BYTES];
    *out = (struct sw_topo_match){.kind = SW_MATCH_ALL};
    if (!set->ok) {
        return;
    }
    out->written = sw_build_copy(b, set->node->text);
    for (int kind = SW_MATCH_SYN; kind < SW_MATCH_FILTER; kind++) {
        if (strcmp(words[kind], set->node->text) == 0) {
            out->kind = (enum sw_match_kind)kind;
            return;
        }
    }
    SW_ERROR(b->report, set->node->where, "'match': unknown word '%s'",
             sw_quote(set->node->text, quoted));
}
