/* A line of JSON a record. See report.h, record.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/report.h"

struct lines {
    struct sw_reporter reporter;
    FILE *file;
    int failed;
};

static void record(struct sw_reporter *reporter, const struct sw_run_info *run,
                   const struct sw_record *r)
{
    struct lines *l = SW_CONTAINER(reporter, struct lines, reporter);
    char *line = sw_record_write(run, r);
    errno = 0;
    bool written = line && fputs(line, l->file) >= 0;
    if (written && r->kind != SW_RECORD_OUTPUT) { /* of these there may be very many */
        written = fflush(l->file) == 0;
    }
    if (!written && l->failed == 0) {
        l->failed = !line ? -ENOMEM : errno ? -errno : -EIO;
    }
    free(line);
}

static int end(struct sw_reporter *reporter, const struct sw_totals *totals)
{
    struct lines *l = SW_CONTAINER(reporter, struct lines, reporter);
    int rc = l->failed;
    if (l->file == stdout) {
        sw_reports_count(stderr, totals);
        rc = 0; /* main() asks for it */
    } else if (fclose(l->file) != 0 && rc == 0) {
        rc = -errno;
    }
    return rc;
}

static void free_lines(struct sw_reporter *reporter)
{
    free(SW_CONTAINER(reporter, struct lines, reporter));
}

struct sw_reporter *sw_reporter_json(const char *path, int *rc)
{
    static const struct sw_reporter_ops ops = {record, end, free_lines};
    struct lines *l = calloc(1, sizeof *l);
    *rc = l ? 0 : -ENOMEM;
    if (!l) {
        return NULL;
    }
    l->reporter.ops = &ops;
    l->reporter.path = path ? strdup(path) : NULL;
    l->file = path ? fopen(path, "we") : stdout;
    if (!l->file) {
        *rc = -errno;
        free(l->reporter.path);
        free(l);
        return NULL;
    }
    return &l->reporter;
}
