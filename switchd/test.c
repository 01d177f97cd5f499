/* switchd test: scenarios, in virtual time unless the LAN has real ends. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/files.h"
#include "switchd/tally.h"
#include "switchd/verbs.h"

#define VIRTUAL_LIMIT (24 * 3600 * SW_S)
#define REAL_LIMIT (600 * SW_S)

struct testing {
    struct sw_tally tally;
    bool ran;         /* there was something to run, or to skip */
    bool interrupted; /* no more files */
};

/* One run of one file. named: the user named the file itself, and did not just find it in a folder.
 * Returns an exit status that outranks the count's, or 0. */
static int run_file(struct testing *t, const char *file, bool named)
{
    struct sw_tally *tally = &t->tally;
    const struct sw_options *o = tally->options;
    struct sw_topo *topo;
    struct sw_session s;
    int status = sw_session_read(&topo, o, file);
    if (status) {
        return status;
    }
    bool real_ends = sw_topo_has_real_ends(topo);
    if (topo->step_count == 0 || (real_ends && !named && !o->real)) {
        if (topo->step_count > 0) {
            sw_tally_skip(tally, file, "it has real ends: name it, or say --real");
            t->ran = true;
        } else if (named) {
            fprintf(stderr, "switchd: %s has no scenario\n", file);
        }
        sw_topo_free(topo);
        return 0;
    }
    t->ran = true;
    tally->file = file;
    tally->seed = topo->seed;
    tally->real = o->real || real_ends;
    status = sw_session_open(&s, o, topo, tally->real);
    if (status) {
        return status;
    }
    sw_time limit = o->timeout ? o->timeout : tally->real ? REAL_LIMIT : VIRTUAL_LIMIT;
    t->interrupted = sw_tally_play(tally, &s, limit, 0) == SW_DRIVE_SIGNAL;
    if (o->verbose) {
        sw_session_summary(&s);
    }
    return sw_session_close(&s);
}

/* Has a file, found in a folder, a scenario: a line that begins so? It may be no LAN file at all,
 * and is then none of our business. One that cannot be read is run, and says why. */
static bool has_scenario(const char *file)
{
    const struct sw_config_io *io = sw_files_io();
    char *bytes;
    size_t len;
    if (io->read_file(io->ctx, file, SW_CONFIG_BYTES_MAX, &bytes, &len)) {
        return true;
    }
    static const char key[] = "scenario:";
    bool has = false;
    for (const char *at = bytes, *end = bytes + len; at && !has;) {
        has = (size_t)(end - at) >= sizeof key - 1 && memcmp(at, key, sizeof key - 1) == 0;
        at = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
        at = at ? at + 1 : NULL;
    }
    free(bytes);
    return has;
}

static int run_path(struct testing *t, const char *path)
{
    char **files;
    size_t count, kept = 0;
    int rc = sw_files_find(path, &files, &count);
    if (rc) {
        fprintf(stderr, "switchd: %s: %s\n", path, strerror(-rc));
        return SW_EXIT_USAGE;
    }
    bool named = count == 1 && strcmp(files[0], path) == 0;
    for (size_t i = 0; i < count; i++) {
        if (named || has_scenario(files[i])) {
            char *file = files[i];
            files[i] = files[kept];
            files[kept++] = file;
        }
    }
    int status = 0;
    if (kept > 1 && t->tally.options->pcap) {
        fputs("switchd: --pcap holds one run, and this would be several\n", stderr);
        status = SW_EXIT_USAGE;
        kept = 0;
    }
    for (size_t i = 0; i < kept && !t->interrupted; i++) {
        int one = run_file(t, files[i], named);
        status = one > status ? one : status;
    }
    sw_files_free(files, count);
    return status;
}

int sw_verb_test(const struct sw_options *o)
{
    char dot[] = ".", *here[] = {dot};
    char **paths = o->argument_count ? o->arguments : here;
    struct testing t = {.tally = {.options = o}};
    int status = 0;
    int count = o->argument_count ? o->argument_count : 1;
    if (count > 1 && o->pcap) {
        fputs("switchd: --pcap holds one run, and this would be several\n", stderr);
        return SW_EXIT_USAGE;
    }
    for (int i = 0; i < count && !t.interrupted; i++) {
        int one = run_path(&t, paths[i]);
        status = one > status ? one : status;
    }
    if (!t.ran && status == 0) {
        fputs("switchd: nothing to run\n", stderr);
        return SW_EXIT_NOTHING;
    }
    if (!t.ran) {
        return status;
    }
    int counted = sw_tally_end(&t.tally);
    return status ? status : counted;
}
