/* The command line. getopt_long() reads it; the table below says what there is, for whom, and what
 * is known but not built yet: that is refused by name, never ignored. */
#include "switchd/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/suggest.h"
#include "config/value.h"

enum {
    REAL_TIME = SW_VERB_RUN | SW_VERB_PING | SW_VERB_IPERF,
    SCENARIO = SW_VERB_RUN | SW_VERB_TEST,
    TRAFFIC = SW_VERB_PING | SW_VERB_IPERF,
    LANS = SCENARIO | TRAFFIC,
    THERE = SW_VERB_EXEC | SW_VERB_SHELL | SW_VERB_FORWARD,
    FILES = LANS | SW_VERB_CHECK | THERE,
    ALL = FILES | SW_VERB_SCHEMA,
};

struct verb {
    const char *name;
    enum sw_verb verb; /* 0: known, not built yet */
    const char *arguments, *help;
    int least, most; /* arguments; most -1: any number */
};

static const struct verb verbs[] = {
    {"run", SW_VERB_RUN, "FILE", "bring the LAN up in real time until SIGINT, SIGTERM or --for", 1,
     1},
    {"test", SW_VERB_TEST, "[FILE|DIR...]",
     "run scenarios, in virtual time unless the LAN has real ends", 0, -1},
    {"check", SW_VERB_CHECK, "FILE...", "say what is wrong with a LAN file, and start nothing", 1,
     -1},
    {"ping", SW_VERB_PING, "FILE FROM TO", "ping from one host to another, or to an address", 3, 3},
    {"iperf", SW_VERB_IPERF, "[FILE FROM TO]",
     "measure throughput between two hosts; with no FILE, on one switch", 0, 3},
    {"schema", SW_VERB_SCHEMA, "", "print the JSON Schema of a LAN file", 0, 0},
    {"exec", SW_VERB_EXEC, "FILE|SOCKET HOST -- COMMAND...",
     "one more command on a host of a running LAN that is a program", 3, -1},
    {"shell", SW_VERB_SHELL, "FILE|SOCKET HOST", "a shell there", 2, 2},
    {"forward", SW_VERB_FORWARD, "FILE|SOCKET [PLACE TO]",
     "a port of the machine, as 127.0.0.1:8080, leads into a running LAN, as web:80; or a list", 1,
     3},
    {"diff", 0, NULL, NULL, 0, 0},
};

/* Sets the option's value; 0, or -EINVAL where the text is not of its form. */
typedef int setter(struct sw_options *o, const char *text);

struct option_row {
    const char *name;
    char letter;
    unsigned verbs;
    const char *argument; /* NULL: it takes none */
    setter *set;          /* NULL: known, not built yet */
    const char *help;
};

/* ---- setters ---- */

static int number(const char *text, uint64_t lo, uint64_t hi, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (errno || text[0] < '0' || text[0] > '9' || *end || n < lo || n > hi) {
        return -EINVAL;
    }
    *out = n;
    return 0;
}

static int number32(const char *text, uint64_t lo, uint64_t hi, uint32_t *out)
{
    uint64_t n;
    int rc = number(text, lo, hi, &n);
    if (rc == 0) {
        *out = (uint32_t)n;
    }
    return rc;
}

static int time_of(const char *text, sw_time *out)
{
    char why[SW_WHY];
    return sw_time_parse(out, text, why) ? 0 : -EINVAL;
}

/* As iperf3 takes it: seconds where no unit is given. */
static int seconds(const char *text, sw_time *out)
{
    uint64_t n;
    if (number(text, 1, 1000000, &n) == 0) {
        *out = (sw_time)n * SW_S;
        return 0;
    }
    return time_of(text, out);
}

/* As iperf3 takes it: a number with K, M, G or T, of `base`. */
static int suffixed(const char *text, uint64_t base, uint64_t *out)
{
    char *end;
    errno = 0;
    double v = strtod(text, &end);
    bool plain = strspn(text, "0123456789.") == (size_t)(end - text); /* no hex, no inf */
    if (errno || end == text || !plain) {
        return -EINVAL;
    }
    static const char letters[] = "KMGT";
    const char *letter = *end ? strchr(letters, *end & ~0x20) : NULL;
    if (*end && (!letter || !*letter || end[1])) {
        return -EINVAL;
    }
    for (const char *l = letters; letter && l <= letter; l++) {
        v *= (double)base;
    }
    if (v > 9e18) {
        return -EINVAL;
    }
    *out = (uint64_t)v;
    return 0;
}

/* A rate or a size, as iperf3 takes it or as the LAN file writes it. */
static int rate_of(const char *text, uint64_t *out)
{
    char why[SW_WHY];
    int64_t rate;
    if (!sw_rate_parse(&rate, text, why)) {
        return suffixed(text, 1000, out);
    }
    *out = (uint64_t)rate;
    return 0;
}

static int size_of(const char *text, uint64_t *out)
{
    char why[SW_WHY];
    int64_t size;
    if (!sw_size_parse(&size, text, why)) {
        return suffixed(text, 1024, out);
    }
    *out = (uint64_t)size;
    return 0;
}

static int set_seed(struct sw_options *o, const char *text)
{
    o->seed_given = true;
    return number(text, 0, UINT64_MAX, &o->seed);
}

static int set_pcap(struct sw_options *o, const char *text)
{
    o->pcap = text;
    return 0;
}

static int set_tcp_trace(struct sw_options *o, const char *text)
{
    o->tcp_trace = text;
    return 0;
}

static int set_set(struct sw_options *o, const char *text)
{
    const char *eq = strchr(text, '=');
    if (!eq || eq == text || o->set_count == SW_SETS_MAX) {
        return -EINVAL;
    }
    char *name = strndup(text, (size_t)(eq - text));
    if (!name) {
        return -ENOMEM;
    }
    o->set_names[o->set_count] = name;
    o->sets[o->set_count++] = (struct sw_config_set){.name = name, .value = eq + 1};
    return 0;
}

static int set_log(struct sw_options *o, const char *text)
{
    static const char *const level[] = {"error", "warn", "info", "debug"};
    for (unsigned i = 0; i < 4; i++) {
        if (strcmp(text, level[i]) == 0) {
            o->log_level = (enum sw_log_level)i;
            return 0;
        }
    }
    return -EINVAL;
}

static int set_verbose(struct sw_options *o, const char *text)
{
    (void)text;
    o->verbose = true;
    o->log_level = o->log_level < SW_LOG_INFO ? SW_LOG_INFO : o->log_level;
    return 0;
}

static int set_quiet(struct sw_options *o, const char *text)
{
    (void)text;
    o->quiet = true;
    o->log_level = SW_LOG_ERROR;
    return 0;
}

#define FLAG(name, field)                                                                          \
    static int name(struct sw_options *o, const char *text)                                        \
    {                                                                                              \
        (void)text;                                                                                \
        o->field = true;                                                                           \
        return 0;                                                                                  \
    }

FLAG(set_help, help)
FLAG(set_json, json)
FLAG(set_scenario, scenario)
FLAG(set_tap, tap)
FLAG(set_fail_fast, fail_fast)
FLAG(set_list, list)
FLAG(set_last_failed, last_failed)
FLAG(set_real, real)
FLAG(set_virtual, virtual_time)
FLAG(set_udp, udp)
FLAG(set_reverse, reverse)

static int set_for(struct sw_options *o, const char *text)
{
    return time_of(text, &o->run_for);
}

static int set_timeout(struct sw_options *o, const char *text)
{
    return time_of(text, &o->timeout);
}

static int set_count(struct sw_options *o, const char *text)
{
    return number32(text, 1, 1000000, &o->count);
}

static int set_interval(struct sw_options *o, const char *text)
{
    return time_of(text, &o->interval);
}

static int set_size(struct sw_options *o, const char *text)
{
    return number32(text, 0, 65507, &o->size_bytes);
}

static int set_time(struct sw_options *o, const char *text)
{
    return seconds(text, &o->duration);
}

static int set_bytes(struct sw_options *o, const char *text)
{
    return size_of(text, &o->bytes);
}

static int set_parallel(struct sw_options *o, const char *text)
{
    return number32(text, 1, 128, &o->parallel);
}

static int set_rate(struct sw_options *o, const char *text)
{
    return rate_of(text, &o->rate_bps);
}

static int set_length(struct sw_options *o, const char *text)
{
    uint64_t n;
    if (size_of(text, &n) || n < 1 || n > (1 << 20)) {
        return -EINVAL;
    }
    o->block_bytes = (uint32_t)n;
    return 0;
}

static int set_report(struct sw_options *o, const char *text)
{
    o->report = text;
    return *text ? 0 : -EINVAL;
}

static int set_junit(struct sw_options *o, const char *text)
{
    o->junit = text;
    return *text ? 0 : -EINVAL;
}

static int set_filter(struct sw_options *o, const char *text)
{
    o->filter = text;
    return *text ? 0 : -EINVAL;
}

static int set_jobs(struct sw_options *o, const char *text)
{
    return number32(text, 1, SW_JOBS_MAX, &o->jobs);
}

static int set_repeat(struct sw_options *o, const char *text)
{
    return number32(text, 1, 1000000, &o->repeat);
}

static int set_shard(struct sw_options *o, const char *text)
{
    char index[16];
    const char *slash = strchr(text, '/');
    size_t n = slash ? (size_t)(slash - text) : sizeof index;
    if (n >= sizeof index) {
        return -EINVAL;
    }
    memcpy(index, text, n);
    index[n] = 0;
    int rc = number32(slash + 1, 1, 1000000, &o->shard_count);
    return rc ? rc : number32(index, 1, o->shard_count, &o->shard_index);
}

static int set_from(struct sw_options *o, const char *text)
{
    o->from = text;
    return *text ? 0 : -EINVAL;
}

static int set_remove(struct sw_options *o, const char *text)
{
    o->remove = text;
    return *text ? 0 : -EINVAL;
}

static int set_congestion(struct sw_options *o, const char *text)
{
    static const char *const words[] = {
        [SW_TCP_CUBIC] = "cubic", [SW_TCP_RENO] = "reno", [SW_TCP_BBR] = "bbr"};
    for (size_t i = SW_TCP_CUBIC; i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i], text) == 0) {
            o->congestion = (enum sw_tcp_congestion)i;
            return 0;
        }
    }
    return -EINVAL;
}

static int set_offload(struct sw_options *o, const char *text)
{
    (void)o;
    return strcmp(text, "off") == 0 ? 0 : strcmp(text, "on") == 0 ? -ENOTSUP : -EINVAL;
}

/* ---- the table ---- */

static const struct option_row rows[] = {
    {"help", 'h', ALL, NULL, set_help, "this text"},
    {"seed", 0, LANS, "N", set_seed, "the seed of every random choice, instead of the file's"},
    {"pcap", 0, LANS, "FILE", set_pcap, "capture every port into one pcapng"},
    {"tcp-trace", 0, LANS, "FILE", set_tcp_trace,
     "what each TCP connection does, a line each: FILE ends in .csv or .jsonl"},
    {"set", 0, FILES, "NAME=VALUE", set_set, "a value for ${NAME} in the file"},
    {"log", 0, LANS, "LEVEL", set_log, "error, warn, info or debug"},
    {"verbose", 'v', LANS, NULL, set_verbose, "say more; at the end a summary"},
    {"quiet", 'q', LANS, NULL, set_quiet, "say less"},
    {"json", 0, SW_VERB_IPERF | SW_VERB_TEST, NULL, set_json,
     "print JSON: iperf one object, test a line a record"},
    {"for", 0, SW_VERB_RUN, "TIME", set_for, "how long the LAN stays up"},
    {"scenario", 0, SW_VERB_RUN, NULL, set_scenario, "play the file's scenario, too"},
    {"real", 0, SW_VERB_TEST, NULL, set_real, "real time, also where virtual time would do"},
    {"timeout", 0, SW_VERB_TEST, "TIME", set_timeout,
     "LAN time for a scenario (24 h virtual, 10 min real)"},
    {"virtual", 0, TRAFFIC, NULL, set_virtual, "virtual time"},
    {"count", 'c', SW_VERB_PING, "N", set_count, "how many requests (3)"},
    {"interval", 'i', SW_VERB_PING, "TIME", set_interval, "between requests (1 s)"},
    {"size", 's', SW_VERB_PING, "BYTES", set_size, "of the payload (56)"},
    {"time", 't', SW_VERB_IPERF, "SECONDS", set_time, "how long (10)"},
    {"bytes", 'n', SW_VERB_IPERF, "BYTES", set_bytes,
     "how many bytes instead of how long (K, M, G)"},
    {"parallel", 'P', SW_VERB_IPERF, "N", set_parallel, "how many streams (1)"},
    {"udp", 'u', SW_VERB_IPERF, NULL, set_udp, "UDP instead of TCP"},
    {"bitrate", 'b', SW_VERB_IPERF, "RATE", set_rate,
     "of each stream (K, M, G; TCP unlimited, UDP 1M)"},
    {"reverse", 'R', SW_VERB_IPERF, NULL, set_reverse, "TO sends"},
    {"length", 'l', SW_VERB_IPERF, "BYTES", set_length, "of a write"},
    {"offload", 0, SW_VERB_IPERF, "off", set_offload, "segments of the link's MTU all the way"},
    {"congestion", 0, SW_VERB_IPERF, "NAME", set_congestion,
     "TCP's congestion control: cubic, reno or bbr"},
    {"from", 0, SW_VERB_FORWARD, "HOST", set_from,
     "the host that opens the connections in the LAN"},
    {"remove", 0, SW_VERB_FORWARD, "PLACE", set_remove, "nobody may connect there any more"},
    {"report", 0, SW_VERB_TEST, "DIR", set_report,
     "write junit.xml, events.jsonl and a folder a run with its capture and logs"},
    {"junit", 0, SW_VERB_TEST, "FILE", set_junit, "write JUnit XML"},
    {"tap", 0, SW_VERB_TEST, NULL, set_tap, "print TAP (Test Anything Protocol)"},
    {"jobs", 0, SW_VERB_TEST, "N", set_jobs, "so many runs at once, a process each (1)"},
    {"shard", 0, SW_VERB_TEST, "I/N", set_shard, "of all runs every Nth, beginning with the Ith"},
    {"repeat", 0, SW_VERB_TEST, "N", set_repeat, "each run N times, the seed counted up"},
    {"shrink", 0, SW_VERB_TEST, NULL, NULL, NULL},
    {"fail-fast", 0, SW_VERB_TEST, NULL, set_fail_fast, "end with the first check that fails"},
    {"filter", 0, SW_VERB_TEST, "PATTERN", set_filter,
     "count only checks whose FILE::NAME has this text or, with * and ?, is like it"},
    {"list", 0, SW_VERB_TEST, NULL, set_list, "print the names of all checks, and run nothing"},
    {"last-failed", 0, SW_VERB_TEST, NULL, set_last_failed,
     "only the checks that failed in what --report DIR holds; all if none did"},
    {"watch", 0, SW_VERB_TEST, NULL, NULL, NULL},
    {"keep-captures", 0, SW_VERB_TEST, NULL, NULL, NULL},
};

#define ROWS (sizeof rows / sizeof *rows)
#define VERBS (sizeof verbs / sizeof *verbs)

/* ---- parsing ---- */

static int usage(const char *what, const char *name, const char *more)
{
    fprintf(stderr, "switchd: %s '%s'%s%s\n", what, name, more ? ": " : "", more ? more : "");
    return SW_EXIT_USAGE;
}

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; i < VERBS; i++) {
        if (strcmp(verbs[i].name, name) == 0) {
            return &verbs[i];
        }
    }
    return NULL;
}

/* The nearest of the names of the same kind is told; where none is near, who knows them all. */
static int unknown(const char *what, const char *name, const struct sw_suggestion *near,
                   const char *dashes, const char *more)
{
    if (near->best) {
        fprintf(stderr, "switchd: unknown %s '%s', did you mean '%s%s'?\n", what, name, dashes,
                near->best);
    } else {
        fprintf(stderr, "switchd: unknown %s '%s': %s\n", what, name, more);
    }
    return SW_EXIT_USAGE;
}

static int unknown_verb(const char *name)
{
    struct sw_suggestion near;
    sw_suggest_begin(&near, name);
    for (size_t i = 0; i < VERBS; i++) {
        if (verbs[i].verb) {
            sw_suggest_offer(&near, verbs[i].name);
        }
    }
    return unknown(name[0] == '-' ? "option" : "verb", name, &near, "", "see switchd --help");
}

/* word: with its dashes, if it is a long one perhaps with a value. */
static int unknown_option(enum sw_verb verb, const char *word)
{
    char name[64];
    struct sw_suggestion near;
    bool is_long = strncmp(word, "--", 2) == 0;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    sw_suggest_begin(&near, name + (is_long ? 2 : 0));
    for (size_t i = 0; i < ROWS && is_long; i++) {
        if ((rows[i].verbs & verb) && rows[i].set) {
            sw_suggest_offer(&near, rows[i].name);
        }
    }
    return unknown("option", name, &near, "--", "see --help");
}

static int apply(struct sw_options *o, const struct option_row *row, const char *text)
{
    char name[64];
    snprintf(name, sizeof name, "--%s", row->name);
    if (!row->set) {
        return usage("option", name, "not built yet");
    }
    int rc = row->set(o, text);
    if (rc == -ENOTSUP) {
        return usage("option", name, "this value is not built yet");
    }
    if (rc) {
        char want[128];
        snprintf(want, sizeof want, "'%s' is not of the form %s", text, row->argument);
        return usage("option", name, want);
    }
    return 0;
}

/* getopt's two tables, of the options that `verb` has; long options return their row's index and
 * 256. */
static void getopt_tables(enum sw_verb verb, struct option *longs, char *shorts)
{
    *shorts++ = ':';
    for (size_t i = 0; i < ROWS; i++) {
        if (!(rows[i].verbs & verb)) {
            continue;
        }
        int arg = rows[i].argument ? required_argument : no_argument;
        *longs++ = (struct option){rows[i].name, arg, NULL, (int)i + 256};
        if (rows[i].letter) {
            *shorts++ = rows[i].letter;
            if (arg) {
                *shorts++ = ':';
            }
        }
    }
    *longs = (struct option){0};
    *shorts = 0;
}

static const struct option_row *row_of(int code)
{
    if (code >= 256) {
        return &rows[code - 256];
    }
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].letter == code) {
            return &rows[i];
        }
    }
    return NULL;
}

/* What getopt would not take. optopt is the code of an option that it knows, the letter of one that
 * it does not, and 0 for a long one that it does not: then that is the last word it read. */
static int refuse_option(enum sw_verb verb, int code, const char *word)
{
    char name[64];
    const struct option_row *row = optopt ? row_of(optopt) : NULL;
    if (optopt >= 256) {
        snprintf(name, sizeof name, "--%s", row->name);
    } else {
        snprintf(name, sizeof name, "-%c", optopt);
    }
    if (code == ':') {
        return usage("option", name, "it needs a value");
    }
    if (optopt >= 256) {
        return usage("option", name, "it takes no value");
    }
    return unknown_option(verb, optopt ? name : word);
}

static int parse_options(struct sw_options *o, int argc, char **argv)
{
    struct option longs[ROWS + 1];
    char shorts[2 * ROWS + 2];
    getopt_tables(o->verb, longs, shorts);
    opterr = 0;
    optind = 0; /* as the GNU C library wants it for a fresh start; it begins at argv[1] */
    for (;;) {
        int code = getopt_long(argc, argv, shorts, longs, NULL);
        if (code < 0) {
            return 0;
        }
        if (code == ':' || code == '?') {
            return refuse_option(o->verb, code, argv[optind - 1]);
        }
        int status = apply(o, row_of(code), optarg);
        if (status) {
            return status;
        }
    }
}

static int parse_verb(struct sw_options *o, const struct verb *verb, int argc, char **argv)
{
    o->verb = verb->verb;
    int status = parse_options(o, argc, argv);
    if (status || o->help) {
        return status;
    }
    o->arguments = argv + optind;
    o->argument_count = argc - optind;
    bool some =
        o->argument_count >= verb->least && (verb->most < 0 || o->argument_count <= verb->most);
    bool odd = verb->verb == SW_VERB_IPERF ? o->argument_count != 0 && o->argument_count != 3
               : verb->verb == SW_VERB_FORWARD
                   ? o->argument_count != (o->from     ? 3
                                           : o->remove ? 1
                                                       : 1 | o->argument_count)
                   : false;
    if (!some || odd) {
        fprintf(stderr, "usage: switchd %s %s [OPTION...]\n", verb->name, verb->arguments);
        return SW_EXIT_USAGE;
    }
    return 0;
}

int sw_options_parse(struct sw_options *out, int argc, char **argv)
{
    *out = (struct sw_options){
        .log_level = SW_LOG_WARN,
        .run_for = SW_TIME_NEVER,
        .count = 3,
        .interval = SW_S,
        .size_bytes = 56,
        .duration = 10 * SW_S,
        .parallel = 1,
        .jobs = 1,
        .repeat = 1,
        .shard_index = 1,
        .shard_count = 1,
    };
    if (argc < 2) {
        fputs("usage: switchd VERB ..., see switchd --help\n", stderr);
        return SW_EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        out->help = true;
        return 0;
    }
    if (strcmp(name, "--version") == 0) {
        out->version = true;
        return 0;
    }
    const struct verb *verb = find_verb(name);
    if (!verb) {
        return unknown_verb(name);
    }
    if (!verb->verb) {
        return usage("verb", name, "not built yet");
    }
    return parse_verb(out, verb, argc - 1, argv + 1);
}

void sw_options_fini(struct sw_options *options)
{
    for (size_t i = 0; i < options->set_count; i++) {
        free(options->set_names[i]);
    }
}

/* ---- help ---- */

static void help_verb(const struct verb *verb)
{
    printf("usage: switchd %s %s\n%s\n\n", verb->name, verb->arguments, verb->help);
    for (size_t i = 0; i < ROWS; i++) {
        const struct option_row *r = &rows[i];
        if (!(r->verbs & verb->verb) || !r->set) {
            continue;
        }
        char left[64];
        const char letter[] = {'-', r->letter, ',', ' ', 0};
        snprintf(left, sizeof left, "%s--%s%s%s", r->letter ? letter : "    ", r->name,
                 r->argument ? " " : "", r->argument ? r->argument : "");
        printf("  %-26s %s\n", left, r->help);
    }
}

void sw_options_help(enum sw_verb verb)
{
    for (size_t i = 0; i < VERBS; i++) {
        if (verb && verbs[i].verb == verb) {
            help_verb(&verbs[i]);
        }
    }
    if (verb) {
        return;
    }
    puts("switchd: a LAN in a process\n");
    for (size_t i = 0; i < VERBS; i++) {
        if (verbs[i].verb) {
            printf("  switchd %-6s %-14s  %s\n", verbs[i].name, verbs[i].arguments, verbs[i].help);
        }
    }
    puts("\n  switchd VERB --help     the options of a verb\n  switchd --version\n");
    puts("Exit status: 0 all well; 1 a check failed, or no answer came; 2 the input or the usage "
         "is\n"
         "wrong; 3 the system refused something; 5 nothing to run.");
}

void sw_options_each(void (*each)(void *ctx, const struct sw_option_view *view), void *ctx)
{
    for (size_t i = 0; i < VERBS; i++) {
        const struct verb *v = &verbs[i];
        if (!v->verb) {
            continue;
        }
        each(ctx, &(struct sw_option_view){v->name, NULL, 0, v->arguments, v->help});
        for (size_t j = 0; j < ROWS; j++) {
            const struct option_row *r = &rows[j];
            if ((r->verbs & v->verb) && r->set) {
                each(ctx,
                     &(struct sw_option_view){v->name, r->name, r->letter, r->argument, r->help});
            }
        }
    }
}
