/* Checks as a person or a script reads them. */
#include "switchd/tally.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct playing {
    struct sw_tally *tally;
    struct sw_session *session;
    struct sw_player *player;
};

/* A word as a shell reads it back. */
static void print_word(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_./-+=:,@%";
    if (word[0] && strspn(word, plain) == strlen(word)) {
        printf(" %s", word);
        return;
    }
    fputs(" '", stdout);
    for (; *word; word++) {
        if (*word == '\'') {
            fputs("'\\''", stdout);
        } else {
            putchar(*word);
        }
    }
    putchar('\'');
}

/* The command that does the same again. */
static void print_replay(const struct sw_tally *tally)
{
    const struct sw_options *o = tally->options;
    printf("      replay: switchd test%s", tally->real ? " --real" : "");
    print_word(tally->file);
    printf(" --seed %" PRIu64, tally->seed);
    for (size_t i = 0; i < o->set_count; i++) {
        char word[1024];
        snprintf(word, sizeof word, "%s=%s", o->sets[i].name, o->sets[i].value);
        fputs(" --set", stdout);
        print_word(word);
    }
    if (o->verb == SW_VERB_TEST && o->timeout) {
        printf(" --timeout '%lld ns'", (long long)o->timeout);
    }
    putchar('\n');
}

static void on_check(void *ctx, const struct sw_check *check)
{
    struct playing *p = ctx;
    struct sw_tally *tally = p->tally;
    char note[512];
    snprintf(note, sizeof note, "%s %s %s", check->passed ? "ok" : "FAIL", check->name,
             check->figure ? check->figure : "");
    if (!p->session->real) {
        sw_trace_note(&p->session->trace, check->ended, note);
    }
    if (check->passed) {
        tally->passed++;
        if (!tally->options->quiet) {
            printf("ok    %s::%s  (%s)\n", tally->file, check->name,
                   check->figure ? check->figure : "");
        }
    } else {
        tally->failed++;
        printf("FAIL  %s::%s\n      expected %s, seen %s\n      at %s:%u:%u\n", tally->file,
               check->name, check->expected ? check->expected : "-",
               check->seen ? check->seen : "-", check->where.file ? check->where.file : tally->file,
               check->where.line, check->where.column);
        print_replay(tally);
    }
    fflush(stdout);
}

void sw_tally_check(struct sw_tally *tally, const char *name, bool passed, const char *why)
{
    if (passed) {
        tally->passed++;
        if (!tally->options->quiet) {
            printf("ok    %s::%s\n", tally->file, name);
        }
        return;
    }
    tally->failed++;
    printf("FAIL  %s::%s\n      %s\n", tally->file, name, why);
    print_replay(tally);
}

void sw_tally_skip(struct sw_tally *tally, const char *file, const char *why)
{
    tally->skipped++;
    printf("skip  %s: %s\n", file, why);
}

static bool finished(void *ctx)
{
    const struct playing *p = ctx;
    return sw_player_finished(p->player);
}

static void tell_end(struct sw_tally *tally, const struct playing *p, enum sw_drive end)
{
    static const char *const why[] = {
        [SW_DRIVE_LIMIT] = "its time ran out",
        [SW_DRIVE_DRY] = "nothing more will ever happen",
        [SW_DRIVE_STUCK] = "a million steps within one instant",
        [SW_DRIVE_SIGNAL] = "interrupted",
    };
    char text[1024], waits[512];
    sw_player_waits_for(p->player, waits, sizeof waits);
    int n = snprintf(text, sizeof text, "%s at %.9f s, waiting for %s", why[end],
                     (double)sw_clock_now(p->session->env.clock) / 1e9, waits);
    const char *recent[SW_CLOCK_RECENT];
    sw_clock_recent(p->session->env.clock, recent);
    for (unsigned i = 0;
         end == SW_DRIVE_STUCK && i < SW_CLOCK_RECENT && recent[i] && n < (int)sizeof text; i++) {
        n += snprintf(text + n, sizeof text - (size_t)n, "%s%s", i ? ", " : "; busy: ", recent[i]);
    }
    sw_tally_check(tally, "the scenario ends", false, text);
}

enum sw_drive sw_tally_play(struct sw_tally *tally, struct sw_session *s, sw_time limit,
                            sw_time stay_until)
{
    struct playing p = {.tally = tally, .session = s};
    struct sw_player_hooks hooks = {.check = on_check, .ctx = &p};
    if (sw_player_new(&p.player, s->net, &hooks)) {
        sw_tally_check(tally, "the scenario begins", false, "out of memory");
        return SW_DRIVE_LIMIT;
    }
    enum sw_drive end = sw_session_drive(s, finished, &p, limit);
    if (end == SW_DRIVE_SIGNAL && tally->options->verb == SW_VERB_RUN) {
        sw_tally_skip(tally, tally->file, "the rest of its scenario: interrupted"); /* as ^C may */
    } else if (end != SW_DRIVE_DONE) {
        tell_end(tally, &p, end);
    }
    sw_player_free(p.player);
    if (end == SW_DRIVE_DONE && stay_until > 0) {
        end = sw_session_drive(s, NULL, NULL, stay_until);
    }
    char why[512];
    sw_tally_check(tally, "always held", sw_network_holds(s->net, why, sizeof why), why);
    if (!s->real && !tally->options->quiet) {
        printf("digest %016" PRIx64 "  %s, seed %" PRIu64 "\n", sw_trace_digest(&s->trace),
               tally->file, tally->seed);
    }
    return end;
}

int sw_tally_end(const struct sw_tally *tally)
{
    fflush(stderr);
    if (tally->skipped) {
        printf("%u passed, %u failed, %u skipped\n", tally->passed, tally->failed, tally->skipped);
    } else {
        printf("%u passed, %u failed\n", tally->passed, tally->failed);
    }
    fflush(stdout);
    return tally->failed ? SW_EXIT_FAILED : SW_EXIT_OK;
}
