/* LAN files that went wrong at random: whatever the bytes are, the reader ends, with a whole topo
 * or with problems that stand in the file. The seeds are the golden files and the examples; the
 * draws are fixed, so a failure comes again. */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config/config.h"
#include "tests/support/config_files.h"

#define SEEDS 512
#define BYTES 16384

struct seed {
    char *text;
    size_t len;
};
static struct seed seeds[SEEDS];
static size_t seed_count;
static uint64_t state;

static size_t draw(size_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state % below);
}

static void read_seeds(const char *dir)
{
    DIR *d = opendir(dir);
    struct dirent *entry;
    ck_assert_ptr_nonnull(d);
    while ((entry = readdir(d)) != NULL && seed_count < SEEDS) {
        char path[2048];
        size_t n = strlen(entry->d_name);
        if (n < 5 || strcmp(entry->d_name + n - 5, ".yaml") != 0) {
            continue;
        }
        snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        FILE *f = fopen(path, "rb");
        ck_assert_ptr_nonnull(f);
        struct seed *seed = &seeds[seed_count];
        seed->text = malloc(BYTES);
        seed->len = fread(seed->text, 1, BYTES / 2, f);
        seed_count += seed->len > 0;
        fclose(f);
    }
    closedir(d);
}

/* Names of a directory come in any order, the draws must not. */
static int by_text(const void *a, const void *b)
{
    const struct seed *x = a, *y = b;
    size_t n = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->text, y->text, n);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

static const char *const tokens[] = {
    "{",         "}",
    "[",         "]",
    ":",         ": ",
    ",",         "- ",
    "*a",        "&a ",
    "<<: *a",    "\"",
    "'",         "|",
    ">",         "${X}",
    "${X:-",     "$$",
    "$",         "!t ",
    "%",         "@",
    "\n",        "\t",
    "  ",        "\xff",
    "\xc3",      "\xe2",
    "null",      "~",
    "0",         "-1",
    "999999",    "10.0.0.1",
    "/24",       "10 ms",
    "1 Gbit",    "0.5 %",
    "64 KiB",    "hosts:",
    "links:",    "count:",
    "address:",  "expect:",
    "services:", "interfaces:",
    "scenario:", "x-",
    "a-*",       "eth0",
    "../",       "18446744073709551616",
    "events:",   "match: ",
    "parallel:", "repeat:",
    "down: ",    "set: ",
    "groups: ",  "include: part.yaml\n",
    "matrix: ",  "background: ",
    "[a, b]",    "after: ",
    "# ",        "---\n",
    "...\n",     "\xef\xbb\xbf",
};

static void insert(char *text, size_t *len, size_t at, const char *piece, size_t n)
{
    if (*len + n < BYTES) {
        memmove(text + at + n, text + at, *len - at);
        memcpy(text + at, piece, n);
        *len += n;
    }
}

static void mutate(char *text, size_t *len)
{
    size_t at = draw(*len + 1), n = 1 + draw(12);
    const struct seed *other = &seeds[draw(seed_count)];
    const char *token = tokens[draw(sizeof tokens / sizeof tokens[0])];
    switch (draw(6)) {
    case 0:
        insert(text, len, at, token, strlen(token));
        break;
    case 1: /* something is lost */
        n = n < *len - at ? n : *len - at;
        memmove(text + at, text + at + n, *len - at - n);
        *len -= n;
        break;
    case 2:
        if (at < *len) {
            text[at] = (char)draw(256);
        }
        break;
    case 3: { /* a piece of another file */
        size_t from = draw(other->len);
        n = draw(200);
        n = n < other->len - from ? n : other->len - from;
        insert(text, len, at, other->text + from, n);
        break;
    }
    case 4: { /* a token in place of a word */
        while (at < *len && text[at] != ' ') {
            at++;
        }
        insert(text, len, at, token, strlen(token));
        break;
    }
    default: /* the file ends early */
        *len = draw(8) == 0 ? at : *len;
    }
}

static void check_action(const struct sw_topo *topo, const struct sw_topo_action *a)
{
    bool of_host = a->kind == SW_ACTION_CRASH || a->kind == SW_ACTION_RESTART ||
                   a->kind == SW_ACTION_STOP || a->kind == SW_ACTION_CONTINUE ||
                   a->kind == SW_ACTION_KILL || a->kind == SW_ACTION_START;
    bool of_link = !of_host && a->kind != SW_ACTION_PARTITION && a->kind != SW_ACTION_HEAL;
    ck_assert_ptr_nonnull(a->name);
    ck_assert(!of_host || a->host < topo->host_count);
    ck_assert(!of_link || (a->link < topo->link_count && a->ways != 0));
    ck_assert(a->kind != SW_ACTION_SET || a->said != 0);
    ck_assert(a->kind != SW_ACTION_FLAP || (a->down > 0 && a->down < a->every));
    ck_assert(a->kind != SW_ACTION_DROP || (a->nth == 0) != (a->count == 0));
    ck_assert(a->kind != SW_ACTION_PARTITION || a->group_count == topo->host_count);
}

/* Numbers go on by one, those within behind the one that holds them. */
static void check_steps(const struct sw_topo *topo, const struct sw_topo_step *steps, size_t count,
                        size_t *number)
{
    for (size_t i = 0; i < count; i++) {
        const struct sw_topo_step *s = &steps[i];
        ck_assert_ptr_nonnull(s->name);
        ck_assert_uint_eq(s->number, (*number)++);
        ck_assert(s->kind > SW_STEP_UDP || s->from);
        ck_assert(s->target == SW_STEP_NONE || s->target < s->number);
        ck_assert(s->kind != SW_STEP_JOIN || s->target != SW_STEP_NONE);
        ck_assert((s->kind == SW_STEP_ACTION) == (s->action != NULL));
        ck_assert((s->kind == SW_STEP_PARALLEL || s->kind == SW_STEP_REPEAT) ==
                  (s->step_count > 0));
        ck_assert(s->kind != SW_STEP_REPEAT || s->times > 0);
        if (s->action) {
            check_action(topo, s->action);
        }
        check_steps(topo, s->steps, s->step_count, number);
    }
}

static void check_topo(const struct sw_topo *topo)
{
    size_t number = 0;
    for (size_t i = 0; i < topo->link_count; i++) {
        for (size_t side = 0; side < 2; side++) {
            const struct sw_topo_end *end = &topo->links[i].end[side];
            size_t count = end->kind == SW_NODE_HOST     ? topo->host_count
                           : end->kind == SW_NODE_SWITCH ? topo->switch_count
                                                         : topo->uplink_count;
            ck_assert_uint_lt(end->node, count);
            ck_assert_ptr_nonnull(end->port);
        }
        ck_assert(topo->links[i].forward.queue_frames > 0 ||
                  topo->links[i].forward.queue_bytes > 0);
        ck_assert(topo->links[i].forward.reorder_ppb == 0 || topo->links[i].forward.delay > 0);
    }
    check_steps(topo, topo->steps, topo->step_count, &number);
    ck_assert_uint_eq(number, topo->step_total);
    for (size_t i = 0; i < topo->event_count; i++) {
        const struct sw_topo_event *e = &topo->events[i];
        check_action(topo, &e->action);
        ck_assert(e->after == SW_STEP_NONE || e->after < topo->step_total);
        ck_assert(e->every > 0 || e->times == 1);
    }
}

static void check_problems(const struct sw_problems *problems, const char *text, size_t len)
{
    unsigned lines = 1;
    for (size_t i = 0; i < len; i++) {
        /* At most: any byte of any line break. */
        lines += text[i] == '\n' || text[i] == '\r' || text[i] == '\x85' || text[i] == '\xa8' ||
                 text[i] == '\xa9';
    }
    for (size_t i = 0; i < problems->count; i++) {
        const struct sw_problem *p = &problems->list[i];
        if (strcmp(p->where.file, "part.yaml") != 0) {
            ck_assert_str_eq(p->where.file, "lan.yaml");
            ck_assert_uint_le(p->where.line, lines + 1);
        }
        ck_assert_ptr_nonnull(p->what);
        char *said = sw_problem_text(p);
        ck_assert_ptr_nonnull(said);
        free(said);
    }
}

static void load_one(const char *text, size_t len)
{
    const struct sw_test_file files[] = {
        {"lan.yaml", text, len},
        {"part.yaml", "hosts: { part: {} }\nlinks: [[part, core]]\n", 0},
        {"./www/index.html", "hello", 0},
        {NULL, NULL, 0}};
    static const char *const variables[] = {"X=1 ms", "TAP=tap7", NULL};
    const struct sw_test_world world = {files, variables};
    struct sw_config_io io = sw_test_io(&world);
    struct sw_topo *topo = NULL;
    struct sw_problems problems;
    int error = sw_config_load(&topo, "lan.yaml", &io, NULL, 0, &problems);
    if (error) {
        ck_assert_int_eq(error, -EINVAL);
        ck_assert_uint_gt(problems.errors, 0);
        ck_assert_ptr_null(topo);
    } else {
        ck_assert_uint_eq(problems.errors, 0);
        check_topo(topo);
    }
    check_problems(&problems, text, len);
    sw_topo_free(topo);
    sw_problems_fini(&problems);
}

/* A count with this many digits more would be a million hosts, which takes its time and proves
 * nothing new. */
static int is_crowd(const char *text, size_t len)
{
    for (size_t i = 0; i + 6 < len; i++) {
        if (memcmp(text + i, "count", 5) == 0) {
            size_t digits = 0;
            for (size_t j = i + 5; j < len && j < i + 40; j++) {
                digits += text[j] >= '0' && text[j] <= '9';
            }
            if (digits > 4) {
                return 1;
            }
        }
    }
    return 0;
}

START_TEST(no_bytes_break_the_reader)
{
    static char text[BYTES];
    clock_t end = clock() + 10 * CLOCKS_PER_SEC;
    read_seeds(SW_SOURCE_DIR "/tests/golden/right");
    read_seeds(SW_SOURCE_DIR "/tests/golden/wrong");
    read_seeds(SW_SOURCE_DIR "/examples");
    ck_assert_uint_gt(seed_count, 80);
    qsort(seeds, seed_count, sizeof seeds[0], by_text);
    for (unsigned round = 0; round < 6000 && clock() < end; round++) {
        state = 0x9e3779b97f4a7c15u * (round + 1);
        const struct seed *seed = &seeds[draw(seed_count)];
        size_t len = seed->len;
        memcpy(text, seed->text, len);
        for (size_t n = 1 + draw(4); n > 0; n--) {
            mutate(text, &len);
        }
        if (!is_crowd(text, len) && len > 0) {
            load_one(text, len);
        }
    }
    for (size_t i = 0; i < seed_count; i++) {
        free(seeds[i].text);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("config mutations");
    TCase *t = tcase_create("config mutations");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, no_bytes_break_the_reader);
    suite_add_tcase(suite, t);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
