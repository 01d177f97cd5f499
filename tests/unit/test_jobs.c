/* Runs in processes of their own: all records come, in the order of the runs whoever was first;
 * a run that dies, or is ended, is told of; nobody is left. */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "switchd/jobs.h"

#define RUNS 12

static const struct sw_run_info info = {
    .name = "run", .file = "run.yaml", .seed = 1, .replay = "again"};

struct seen {
    struct sw_jobs *jobs;
    char log[4096];
    unsigned ended;
    int status[RUNS];
    size_t stop_at; /* end all when this run's record comes */
};

static void tell_text(const struct sw_jobs *jobs, const char *text)
{
    sw_jobs_tell(jobs, &info, &(struct sw_record){.kind = SW_RECORD_EVENT, .name = text});
}

/* The sooner the later: what comes last has the lowest number. */
static int run_backwards(void *ctx, size_t number)
{
    const struct seen *seen = ctx;
    char text[32];
    usleep((unsigned)(RUNS - number) * 2000);
    snprintf(text, sizeof text, "%zu", number);
    tell_text(seen->jobs, text);
    tell_text(seen->jobs, "end");
    return (int)number % 3;
}

static bool take(void *ctx, size_t number, const struct sw_run_info *run,
                 const struct sw_record *record)
{
    struct seen *seen = ctx;
    size_t n = strlen(seen->log);
    ck_assert_str_eq(run->name, "run");
    snprintf(seen->log + n, sizeof seen->log - n, "%zu:%s ", number, record->name);
    return number != seen->stop_at;
}

static void ended(void *ctx, size_t number, int status)
{
    struct seen *seen = ctx;
    ck_assert_uint_lt(number, RUNS);
    ck_assert_uint_eq(number, seen->ended);
    seen->ended++;
    seen->status[number] = status;
}

static size_t go(struct seen *seen, int (*run)(void *ctx, size_t number), size_t count,
                 unsigned at_once)
{
    struct sw_jobs jobs = {.count = count,
                           .at_once = at_once,
                           .run = run,
                           .record = take,
                           .ended = ended,
                           .ctx = seen};
    size_t began;
    seen->jobs = &jobs;
    ck_assert_int_eq(sw_jobs_run(&jobs, &began), 0);
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
    ck_assert_int_eq(errno, ECHILD);
    return began;
}

START_TEST(records_come_in_the_order_of_the_runs)
{
    for (unsigned at_once = 1; at_once <= RUNS; at_once += 5) {
        struct seen seen = {.stop_at = SIZE_MAX};
        ck_assert_uint_eq(go(&seen, run_backwards, RUNS, at_once), RUNS);
        ck_assert_str_eq(seen.log, "0:0 0:end 1:1 1:end 2:2 2:end 3:3 3:end 4:4 4:end 5:5 5:end "
                                   "6:6 6:end 7:7 7:end 8:8 8:end 9:9 9:end 10:10 10:end 11:11 "
                                   "11:end ");
        ck_assert_uint_eq(seen.ended, RUNS);
        for (int i = 0; i < RUNS; i++) {
            ck_assert_int_eq(seen.status[i], i % 3);
        }
    }
}
END_TEST

static int die_at_one(void *ctx, size_t number)
{
    const struct seen *seen = ctx;
    tell_text(seen->jobs, "began");
    if (number == 1) {
        signal(SIGTERM, SIG_DFL);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        raise(SIGTERM);
    }
    return 0;
}

START_TEST(a_run_that_dies_takes_no_other_with_it)
{
    struct seen seen = {.stop_at = SIZE_MAX};
    ck_assert_uint_eq(go(&seen, die_at_one, 3, 2), 3);
    ck_assert_str_eq(seen.log, "0:began 1:began 2:began ");
    ck_assert_int_eq(seen.status[0], 0);
    ck_assert_int_eq(seen.status[1], -SIGTERM);
    ck_assert_int_eq(seen.status[2], 0);
}
END_TEST

/* Waits for a signal as a virtual run does: blocked, and looked for. */
static int wait_to_be_ended(void *ctx, size_t number)
{
    const struct seen *seen = ctx;
    tell_text(seen->jobs, "began");
    for (unsigned i = 0; number > 0 && i < 10000; i++) {
        sigset_t pending;
        sigpending(&pending);
        if (sigismember(&pending, SIGTERM) || sigismember(&pending, SIGINT)) {
            return 7;
        }
        usleep(1000);
    }
    return 0;
}

START_TEST(all_others_are_ended_when_one_is_enough)
{
    struct seen seen = {.stop_at = 0};
    size_t began = go(&seen, wait_to_be_ended, RUNS, 3);
    ck_assert_uint_ge(began, 1);
    ck_assert_uint_le(began, 4);
    ck_assert_str_eq(seen.log, "0:began ");
    ck_assert_uint_eq(seen.ended, began);
}
END_TEST

static int interrupt_all(void *ctx, size_t number)
{
    if (number == 0) {
        kill(getppid(), SIGINT);
    }
    return wait_to_be_ended(ctx, 1);
}

START_TEST(an_interrupt_reaches_all_and_begins_none)
{
    struct seen seen = {.stop_at = SIZE_MAX};
    size_t began = go(&seen, interrupt_all, RUNS, 2);
    ck_assert_uint_le(began, 3);
    for (size_t i = 0; i < began; i++) {
        ck_assert_int_eq(seen.status[i], 7);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("jobs");
    TCase *all = tcase_create("processes");
    tcase_add_test(all, records_come_in_the_order_of_the_runs);
    tcase_add_test(all, a_run_that_dies_takes_no_other_with_it);
    tcase_add_test(all, all_others_are_ended_when_one_is_enough);
    tcase_add_test(all, an_interrupt_reaches_all_and_begins_none);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
