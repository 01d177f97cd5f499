/* What programs printed, in files: a folder's HOST.log for each host that printed anything, a line
 * each, "0.500000000 stderr no such table": LAN time in seconds, stream, and the line's own bytes.
 * How much there may be of it is bounded before it comes here (switchd/output.h). */
#ifndef SW_SWITCHD_LOGS_H
#define SW_SWITCHD_LOGS_H

#include "switchd/record.h"

struct sw_logs;

/* Files in that folder, which is lent. NULL: out of memory. */
struct sw_logs *sw_logs_new(const char *folder);
/* A line goes into its host's file, which is made anew with the first. What goes wrong is told by
 * sw_logs_close(). NULL is harmless. */
void sw_logs_line(struct sw_logs *logs, const struct sw_printed *line);
/* Closes and frees. 0, or a negative errno and the file's path in `why`. NULL is harmless. */
int sw_logs_close(struct sw_logs *logs, char *why, size_t cap);

#endif
