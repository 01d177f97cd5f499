/* What an iperf3 server would have printed of a test, for clients that ask for it: a line a stream
 * and second, and a summary of both sides. Pure. */
#ifndef SW_LAN_IPERF3_TEXT_H
#define SW_LAN_IPERF3_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/addr.h"
#include "core/clock.h"

#define SW_IPERF3_TEXT_MAX ((size_t)256 << 10) /* bytes; what would come behind is left out */

/* Zero it first; sw_iperf3_text_fini() frees what it holds. */
struct sw_iperf3_text {
    char *bytes; /* NUL-terminated; NULL: nothing was said */
    size_t len, cap;
    bool cut;
};

/* What a line speaks of. */
struct sw_iperf3_line {
    uint32_t id;        /* 0: the sum of all */
    const char *way;    /* "", or of a test both ways "[TX-S]" and "[RX-S]" */
    sw_time begin, end; /* since the test began */
    uint64_t bytes;
    const char *role; /* "" or, of a summary, "sender", "receiver" */
    bool omitted;
    int64_t retransmits; /* TCP: below 0, not said */
    bool udp;            /* what follows is */
    bool lost_known;
    sw_time jitter;
    uint64_t lost, packets;
};

void sw_iperf3_text_begin(struct sw_iperf3_text *text, struct sw_endpoint client);
void sw_iperf3_text_stream(struct sw_iperf3_text *text, uint32_t id, struct sw_endpoint local,
                           struct sw_endpoint remote);
/* What the columns of the lines that follow are; a rule before it if it is the summary's. */
void sw_iperf3_text_columns(struct sw_iperf3_text *text, bool udp, bool summary);
void sw_iperf3_text_line(struct sw_iperf3_text *text, const struct sw_iperf3_line *line);
void sw_iperf3_text_fini(struct sw_iperf3_text *text);

#endif
