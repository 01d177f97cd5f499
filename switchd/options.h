/* The command line: one table of options, from which parsing, help and the refusal of what is not
 * built yet all come. */
#ifndef SW_SWITCHD_OPTIONS_H
#define SW_SWITCHD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "core/clock.h"
#include "core/log.h"

/* Exit statuses: an interface. */
enum {
    SW_EXIT_OK = 0,
    SW_EXIT_FAILED = 1,  /* a check failed, a ping or iperf got no answer */
    SW_EXIT_USAGE = 2,   /* the input or the usage is wrong */
    SW_EXIT_REFUSED = 3, /* the system refused something */
    SW_EXIT_NOTHING = 5, /* nothing to run */
};

enum sw_verb {
    SW_VERB_RUN = 1,
    SW_VERB_TEST = 2,
    SW_VERB_CHECK = 4,
    SW_VERB_PING = 8,
    SW_VERB_IPERF = 16,
    SW_VERB_SCHEMA = 32,
    SW_VERB_EXEC = 64,
    SW_VERB_SHELL = 128,
    SW_VERB_FORWARD = 256,
};

#define SW_SETS_MAX 256
#define SW_JOBS_MAX 256

struct sw_options {
    enum sw_verb verb;
    bool help, version;
    /* common */
    bool seed_given;
    uint64_t seed;
    const char *pcap;
    const char *tcp_trace;
    struct sw_config_set sets[SW_SETS_MAX];
    size_t set_count;
    char *set_names[SW_SETS_MAX]; /* owned; sets point here */
    enum sw_log_level log_level;
    bool verbose, quiet, json;
    /* run, test */
    bool scenario, real;
    sw_time run_for; /* SW_TIME_NEVER: until a signal */
    sw_time timeout; /* 0: the default of the kind of time */
    /* test */
    const char *report, *junit, *filter; /* NULL: not said */
    bool tap, fail_fast, list, last_failed;
    uint32_t jobs, repeat;             /* [1] */
    uint32_t shard_index, shard_count; /* [1 of 1] */
    /* ping, iperf */
    bool virtual_time;
    uint32_t count; /* [3] */
    sw_time interval;
    uint32_t size_bytes;
    sw_time duration;
    uint64_t bytes;
    uint32_t parallel, block_bytes;
    uint64_t rate_bps;
    bool udp, reverse;
    enum sw_tcp_congestion congestion;
    /* forward */
    const char *from, *remove; /* NULL: not said */
    /* what is left: files and hosts */
    char **arguments;
    int argument_count;
};

/* Reads a command line. 0, or an exit status after a word to stderr. */
int sw_options_parse(struct sw_options *out, int argc, char **argv);
void sw_options_fini(struct sw_options *options);
/* The help of all verbs, or of one (verb != 0), to stdout. */
void sw_options_help(enum sw_verb verb);

/* A row of the tables, for whoever writes the command line down elsewhere. */
struct sw_option_view {
    const char *verb;     /* its name */
    const char *name;     /* of an option, without the dashes; NULL: the verb itself */
    char letter;          /* 0: none */
    const char *argument; /* of an option (NULL: it takes none), or the verb's arguments */
    const char *help;
};
/* Calls each for every verb that is built, and behind it for each of its options that is built, in
 * the order of the help. The view lives for that call, its strings as long as the program. */
void sw_options_each(void (*each)(void *ctx, const struct sw_option_view *view), void *ctx);

#endif
