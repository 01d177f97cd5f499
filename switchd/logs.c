/* Files of what programs printed. See logs.h. A host's file is found in a list: as many steps as
 * there are programs, which are some hundreds. */
#include "switchd/logs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct log {
    struct log *next;
    char *host;
    FILE *file; /* NULL: it could not be made */
};

struct sw_logs {
    const char *folder;
    struct log *first;
    int failed;
    char path[512]; /* of the first that failed */
};

struct sw_logs *sw_logs_new(const char *folder)
{
    struct sw_logs *logs = calloc(1, sizeof *logs);
    if (logs) {
        logs->folder = folder;
    }
    return logs;
}

/* The first thing that goes wrong is what is told. */
static void fail(struct sw_logs *logs, const char *host, int error)
{
    if (logs->failed == 0) {
        logs->failed = error > 0 ? -error : -EIO;
        snprintf(logs->path, sizeof logs->path, "%s/%s.log", logs->folder, host);
    }
}

static struct log *make(struct sw_logs *logs, const char *host)
{
    char *path;
    struct log *log = calloc(1, sizeof *log);
    if (!log || !(log->host = strdup(host)) ||
        asprintf(&path, "%s/%s.log", logs->folder, host) < 0) {
        fail(logs, host, ENOMEM);
        free(log ? log->host : NULL);
        free(log);
        return NULL;
    }
    log->file = fopen(path, "we");
    free(path);
    if (!log->file) {
        fail(logs, host, errno);
    }
    log->next = logs->first;
    logs->first = log;
    return log;
}

void sw_logs_line(struct sw_logs *logs, const struct sw_printed *line)
{
    if (!logs) {
        return;
    }
    struct log *log = logs->first;
    while (log && strcmp(log->host, line->host) != 0) {
        log = log->next;
    }
    log = log ? log : make(logs, line->host);
    errno = 0;
    if (log && log->file &&
        fprintf(log->file, "%lld.%09lld %s %s\n", (long long)(line->at / SW_S),
                (long long)(line->at % SW_S), line->stream, line->text) < 0) {
        fail(logs, line->host, errno);
    }
}

int sw_logs_close(struct sw_logs *logs, char *why, size_t cap)
{
    if (!logs) {
        return 0;
    }
    while (logs->first) {
        struct log *log = logs->first;
        logs->first = log->next;
        errno = 0;
        bool lost = log->file && ferror(log->file);
        if (log->file && (fclose(log->file) != 0 || lost)) {
            fail(logs, log->host, errno);
        }
        free(log->host);
        free(log);
    }
    int rc = logs->failed;
    snprintf(why, cap, "%s", logs->path);
    free(logs);
    return rc;
}
