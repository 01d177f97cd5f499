/* --tcp-trace: what the TCP connections of a LAN's hosts do, a line each time something happens to
 * one (stack/tcp_watch.h): a state, an acknowledgement taken in while something was out, a loss, a
 * mark, a timeout, a probe. As CSV with a head, or as JSON lines, by the file's name. The same run
 * gives the same bytes. */
#ifndef SW_SWITCHD_TCP_TRACE_H
#define SW_SWITCHD_TCP_TRACE_H

#include <stdbool.h>

#include "stack/tcp_watch.h"

struct sw_tcp_trace;

/* Does the name say what is to be written: .csv or .jsonl? */
bool sw_tcp_trace_knows(const char *path);
/* 0, -ENOMEM, or what opening the file said. */
int sw_tcp_trace_new(struct sw_tcp_trace **out, const char *path);
/* For sw_network_options; it must outlive the network. */
const struct sw_tcp_watch *sw_tcp_trace_watch(const struct sw_tcp_trace *trace);
/* Harmless with NULL. 0, or the errno of the first write that failed; then the file ends before it.
 */
int sw_tcp_trace_close(struct sw_tcp_trace *trace);

#endif
