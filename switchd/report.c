/* Records, counted and shown to all that report. See report.h. */
#include "switchd/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/utf8.h"

int sw_reports_add(struct sw_reports *set, struct sw_reporter *r)
{
    if (!r) {
        return -ENOMEM;
    }
    struct sw_reporter **at = &set->first;
    while (*at) {
        at = &(*at)->next;
    }
    *at = r;
    return 0;
}

void sw_reports_tell(struct sw_reports *set, const struct sw_run_info *run,
                     const struct sw_record *record)
{
    if (record->kind == SW_RECORD_CHECK) {
        set->totals.passed += record->passed;
        set->totals.failed += !record->passed;
    }
    set->totals.skipped += record->kind == SW_RECORD_SKIP;
    set->runs += record->kind == SW_RECORD_RUN;
    for (struct sw_reporter *r = set->first; r; r = r->next) {
        r->ops->record(r, run, record);
    }
}

/* Those that write files first: the first one of all has the last word. */
static int end_from(struct sw_reporter *r, const struct sw_totals *totals)
{
    if (!r) {
        return 0;
    }
    int status = end_from(r->next, totals);
    int rc = r->ops->end(r, totals);
    if (rc) {
        fprintf(stderr, "switchd: %s: %s\n", r->path ? r->path : "standard output", strerror(-rc));
        status = SW_EXIT_REFUSED;
    }
    free(r->path);
    r->ops->free(r);
    return status;
}

int sw_reports_end(struct sw_reports *set)
{
    int status = end_from(set->first, &set->totals);
    set->first = NULL;
    return status ? status : set->totals.failed ? SW_EXIT_FAILED : SW_EXIT_OK;
}

char *sw_reports_line(char *text, size_t cap, const struct sw_printed *line)
{
    snprintf(text, cap, "%.6f s  %s %s: ", (double)line->at / 1e9, line->host, line->stream);
    size_t len = strlen(text);
    for (const char *at = line->text; *at;) {
        size_t n = sw_utf8_character(at);
        bool acts = ((unsigned char)*at < ' ' && *at != '\t') || *at == 0x7f;
        const char *from = n == 0 ? SW_UTF8_REPLACEMENT : acts ? "?" : at;
        size_t some = n == 0 ? sizeof SW_UTF8_REPLACEMENT - 1 : n;
        if (len + some >= cap) {
            break;
        }
        memcpy(text + len, from, some);
        len += some;
        at += n ? n : 1;
    }
    text[len] = '\0';
    return text;
}

char *sw_reports_lines(char *text, size_t cap, const struct sw_record *r)
{
    if (r->printed_before > 0) {
        snprintf(text, cap, "printed before it (the last %zu of %" PRIu64 " lines)",
                 r->printed_count, r->printed_before + r->printed_count);
    } else {
        snprintf(text, cap, "printed before it");
    }
    return text;
}

void sw_reports_count(FILE *to, const struct sw_totals *totals)
{
    fprintf(to, "%u passed, %u failed", totals->passed, totals->failed);
    if (totals->skipped) {
        fprintf(to, ", %u skipped", totals->skipped);
    }
    putc('\n', to);
    fflush(to);
}
