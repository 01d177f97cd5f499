/* switchd test: scenarios, in virtual time unless the LAN has real ends. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "switchd/files.h"
#include "switchd/tally.h"
#include "switchd/verbs.h"

#define VIRTUAL_LIMIT (24 * 3600 * SW_S)
#define REAL_LIMIT (600 * SW_S)

/* One run of one file. named: the user named the file itself, and did not just find it in a folder.
 * Returns an exit status that outranks the count's, or 0; *ran says whether there was anything to
 * run. */
static int run_file(struct sw_tally *tally, const char *file, bool named, bool *ran)
{
    const struct sw_options *o = tally->options;
    struct sw_topo *topo;
    struct sw_session s;
    int status = sw_session_read(&topo, o, file);
    if (status) {
        return status;
    }
    if (topo->step_count == 0 || (topo->uplink_count > 0 && !named && !o->real)) {
        if (topo->step_count > 0) {
            sw_tally_skip(tally, file, "it has real ends: name it, or say --real");
            *ran = true;
        } else if (named) {
            fprintf(stderr, "switchd: %s has no scenario\n", file);
        }
        sw_topo_free(topo);
        return 0;
    }
    *ran = true;
    tally->file = file;
    tally->seed = topo->seed;
    tally->real = o->real || topo->uplink_count > 0;
    status = sw_session_open(&s, o, topo, tally->real);
    if (status) {
        return status;
    }
    sw_time limit = o->timeout ? o->timeout : tally->real ? REAL_LIMIT : VIRTUAL_LIMIT;
    sw_tally_play(tally, &s, limit, 0);
    if (o->verbose) {
        sw_session_summary(&s);
    }
    return sw_session_close(&s);
}

static int run_path(struct sw_tally *tally, const char *path, bool *ran)
{
    char **files;
    size_t count;
    int rc = sw_files_find(path, &files, &count);
    if (rc) {
        fprintf(stderr, "switchd: %s: %s\n", path, strerror(-rc));
        return SW_EXIT_USAGE;
    }
    bool named = count == 1 && strcmp(files[0], path) == 0;
    int status = 0;
    if (count > 1 && tally->options->pcap) {
        fputs("switchd: --pcap holds one run, and this would be several\n", stderr);
        status = SW_EXIT_USAGE;
    }
    for (size_t i = 0; i < count && status != SW_EXIT_USAGE; i++) {
        int one = run_file(tally, files[i], named, ran);
        status = one > status ? one : status;
    }
    sw_files_free(files, count);
    return status;
}

int sw_verb_test(const struct sw_options *o)
{
    static const char *const here[] = {"."};
    struct sw_tally tally = {.options = o};
    bool ran = false;
    int status = 0;
    int count = o->argument_count ? o->argument_count : 1;
    if (count > 1 && o->pcap) {
        fputs("switchd: --pcap holds one run, and this would be several\n", stderr);
        return SW_EXIT_USAGE;
    }
    for (int i = 0; i < count; i++) {
        int one = run_path(&tally, o->argument_count ? o->arguments[i] : here[i], &ran);
        status = one > status ? one : status;
    }
    if (!ran && status == 0) {
        fputs("switchd: nothing to run\n", stderr);
        return SW_EXIT_NOTHING;
    }
    if (!ran) {
        return status;
    }
    int counted = sw_tally_end(&tally);
    return status ? status : counted;
}
