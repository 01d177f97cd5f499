/* One LAN brought up from a file, for a verb to run: the file read and its problems told, clock,
 * pool, seeds, observers, network, uplinks, and whichever driver the verb asked for. */
#ifndef SW_SWITCHD_SESSION_H
#define SW_SWITCHD_SESSION_H

#include <stdbool.h>

#include "config/config.h"
#include "lan/events.h"
#include "lan/network.h"
#include "lan/trace.h"
#include "switchd/capture.h"
#include "switchd/control.h"
#include "switchd/driver.h"
#include "switchd/ends.h"
#include "switchd/forward.h"
#include "switchd/options.h"
#include "switchd/programs.h"
#include "switchd/record.h"
#include "switchd/tcp_trace.h"

struct sw_session {
    const struct sw_options *options;
    struct sw_topo *topo;
    bool real;
    bool (*done)(void *ctx); /* of the drive that is under way */
    void *done_ctx;
    struct sw_seed seed, secrets;
    struct sw_env env;
    struct sw_trace trace;
    struct sw_capture *capture;
    struct sw_tcp_trace *tcp_trace;
    struct sw_network *net;
    struct sw_events *events;
    /* Told of what is done to the LAN, and undone; or NULL. */
    void (*acted)(void *ctx, sw_time now, const char *text);
    /* Told of what programs print; or NULL: that goes to stderr. */
    void (*printed)(void *ctx, const struct sw_printed *line);
    void *acted_ctx;
    struct sw_driver *driver; /* of a real session */
    struct sw_ends ends;
    struct sw_forwards *forwards; /* of a real session */
    struct sw_programs *programs;
    struct sw_control *control; /* of a real one that is run or tested, or has programs */
};

/* How driving a session ended. */
enum sw_drive {
    SW_DRIVE_DONE,   /* what was waited for came */
    SW_DRIVE_LIMIT,  /* LAN time ran out */
    SW_DRIVE_DRY,    /* virtual time: nothing more will ever happen */
    SW_DRIVE_STUCK,  /* virtual time: a million steps within one instant */
    SW_DRIVE_SIGNAL, /* SIGINT or SIGTERM */
};

/* Reads a LAN file, the first of its combinations, and prints its problems to stderr. 0, or an exit
 * status (2). */
int sw_session_read(struct sw_topo **out, const struct sw_options *options, const char *path);
/* The same of the combination that choice asks for, which is filled in (config/config.h). again: it
 * was read before, so its warnings are known. */
int sw_session_read_one(struct sw_topo **out, const struct sw_options *options, const char *path,
                        struct sw_config_choice *choice, bool again);
/* Builds the LAN of a topo, which is the session's from now on. SIGINT and SIGTERM are the
 * session's from now on, too: they end its drive. Prints what went wrong. 0, or an exit status (1,
 * 2, 3). */
int sw_session_open(struct sw_session *s, const struct sw_options *options, struct sw_topo *topo,
                    bool real);
/* Prints that there is no host of that name, and which one is near. Returns exit status 2. */
int sw_session_unknown_host(const struct sw_session *s, const char *name);
/* The host of that name. NULL: there is none, which is printed. */
struct sw_host *sw_session_host(const struct sw_session *s, const char *name);
/* Lets time pass until done(ctx), or LAN time `limit`. done may be NULL. */
enum sw_drive sw_session_drive(struct sw_session *s, bool (*done)(void *ctx), void *ctx,
                               sw_time limit);
/* How late its driver was; of a virtual session nothing. */
void sw_session_late(const struct sw_session *s, struct sw_record_late *out);
/* The summary, to stderr. */
void sw_session_summary(const struct sw_session *s);
/* Takes everything down. Returns 0, or an exit status: a capture or a trace that could not be
 * written (3), a block left over (1), one that was read and broke off (2). */
int sw_session_close(struct sw_session *s);

#endif
