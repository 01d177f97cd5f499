/* A process that removes a path when its parent has gone without doing so: nobody else can, once
 * that was killed by SIGKILL. It holds nothing but a pipe to its parent, hears no other signal, and
 * ends with it. */
#ifndef SW_SWITCHD_SWEEPER_H
#define SW_SWITCHD_SWEEPER_H

#include <sys/types.h>

struct sw_sweeper {
    pid_t pid; /* 0: none */
    int fd;
};

/* Begins before there is anything at the path, which stays the caller's until the end. 0 or a
 * negative errno. */
int sw_sweeper_begin(struct sw_sweeper *out, const char *path);
/* There is a file now, which is the one to be removed and no other that may be there later. */
void sw_sweeper_tell(const struct sw_sweeper *sweeper, dev_t device, ino_t inode);
/* Ends it, after the path was removed. Harmless where there is none. */
void sw_sweeper_end(struct sw_sweeper *sweeper);

#endif
