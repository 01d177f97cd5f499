/* The real driver: its loop, its signals, its end. The pace itself is test_pacer's. */
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "switchd/driver.h"
#include "tests/support/core_fixture.h"

struct driven {
    struct sw_test_env world;
    struct sw_driver *driver;
    struct sw_owner owner;
    struct sw_timer timer;
    sw_time rang[4];
    unsigned rings, summaries;
    int raise; /* this signal with the first ring; 0: none */
    bool finished;
    char logged[300];
};

static void ring(struct sw_timer *timer)
{
    struct driven *d = SW_CONTAINER(timer, struct driven, timer);
    sw_time now = sw_clock_now(d->world.env.clock);
    if (d->rings < 4) { /* a late wake-up rings several times */
        d->rang[d->rings] = now;
    }
    d->rings++;
    if (d->raise) {
        raise(d->raise);
        d->raise = 0;
    }
    sw_timer_arm(timer, now + 2 * SW_MS);
}

static void on_usr1(void *ctx)
{
    struct driven *d = ctx;
    d->summaries++;
    d->finished = true;
}

static bool finished(void *ctx)
{
    const struct driven *d = ctx;
    return d->finished;
}

static void on_log(void *ctx, enum sw_log_level level, const char *line)
{
    struct driven *d = ctx;
    (void)level;
    strncpy(d->logged, line, sizeof d->logged - 1);
}

static void begin(struct driven *d)
{
    *d = (struct driven){0};
    sw_test_env_init(&d->world, 1);
    d->world.env.log = (struct sw_log){on_log, d, SW_LOG_WARN};
    sw_owner_init(&d->owner, "test/driven");
    ck_assert_int_eq(sw_timer_init(&d->timer, d->world.env.clock, &d->owner, SW_CLASS_TIMER, ring),
                     0);
    const struct sw_driver_hooks hooks = {.on_usr1 = on_usr1, .finished = finished, .ctx = d};
    ck_assert_int_eq(sw_driver_new(&d->driver, d->world.env.clock, &d->world.env.log, &hooks), 0);
}

static void end(struct driven *d)
{
    sw_driver_free(d->driver);
    sw_timer_fini(&d->timer);
    sw_test_env_fini(&d->world);
}

START_TEST(it_runs_until_a_moment_and_rings_to_the_nanosecond)
{
    struct driven d;
    begin(&d);
    sw_timer_arm(&d.timer, 5 * SW_MS);
    ck_assert_int_eq(sw_driver_run(d.driver, 10 * SW_MS), 0);
    ck_assert_uint_ge(d.rings, 3);
    ck_assert_int_eq(d.rang[0], 5 * SW_MS);
    ck_assert_int_eq(d.rang[1], 7 * SW_MS);
    ck_assert_int_eq(d.rang[2], 9 * SW_MS);
    ck_assert_int_ge(sw_clock_now(d.world.env.clock), 10 * SW_MS);
    end(&d);
}
END_TEST

START_TEST(an_idle_lan_ends_at_its_moment_too_and_may_go_on)
{
    struct driven d;
    begin(&d);
    ck_assert_int_eq(sw_driver_run(d.driver, 3 * SW_MS), 0);
    ck_assert_int_ge(sw_clock_now(d.world.env.clock), 3 * SW_MS);
    ck_assert_int_eq(sw_driver_run(d.driver, 6 * SW_MS), 0);
    ck_assert_int_ge(sw_clock_now(d.world.env.clock), 6 * SW_MS);
    ck_assert_uint_eq(sw_driver_pacer(d.driver)->stalls, 0);
    end(&d);
}
END_TEST

START_TEST(what_is_waited_for_ends_it)
{
    struct driven d;
    begin(&d);
    sw_timer_arm(&d.timer, SW_MS);
    d.finished = true;
    ck_assert_int_eq(sw_driver_run(d.driver, SW_TIME_NEVER), 0);
    end(&d);
}
END_TEST

START_TEST(signals_end_it_also_where_they_were_ignored)
{
    static const int numbers[] = {SIGINT, SIGTERM};
    for (unsigned i = 0; i < 2; i++) {
        struct driven d;
        signal(numbers[i], SIG_IGN);
        begin(&d);
        d.raise = numbers[i];
        sw_timer_arm(&d.timer, SW_MS);
        ck_assert_int_eq(sw_driver_run(d.driver, SW_TIME_NEVER), numbers[i]);
        ck_assert_uint_ge(d.rings, 1);
        end(&d);
    }
}
END_TEST

START_TEST(a_signal_before_the_first_turn_is_heard)
{
    struct driven d;
    begin(&d);
    raise(SIGTERM);
    ck_assert_int_eq(sw_driver_run(d.driver, SW_TIME_NEVER), SIGTERM);
    end(&d);
}
END_TEST

START_TEST(a_signal_ends_every_run_that_was_to_follow)
{
    struct driven d;
    begin(&d);
    raise(SIGINT);
    ck_assert_int_eq(sw_driver_run(d.driver, SW_TIME_NEVER), SIGINT);
    sw_time ended = sw_clock_now(d.world.env.clock);
    ck_assert_int_eq(sw_driver_run(d.driver, ended + 200 * SW_MS), SIGINT);
    ck_assert_int_eq(sw_clock_now(d.world.env.clock), ended);
    end(&d);
}
END_TEST

START_TEST(usr1_calls_the_hook_and_ends_nothing)
{
    struct driven d;
    begin(&d);
    d.raise = SIGUSR1;
    sw_timer_arm(&d.timer, SW_MS);
    ck_assert_int_eq(sw_driver_run(d.driver, 60 * SW_S), 0);
    ck_assert_uint_eq(d.summaries, 1);
    end(&d);
}
END_TEST

START_TEST(catching_up_brings_lan_time_to_the_present)
{
    struct driven d;
    begin(&d);
    sw_driver_catch_up(d.driver);
    sw_time first = sw_clock_now(d.world.env.clock);
    sw_driver_catch_up(d.driver);
    ck_assert_int_ge(first, 0);
    ck_assert_int_gt(sw_clock_now(d.world.env.clock), first);
    ck_assert_str_eq(d.logged, "");
    end(&d);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("driver");
    TCase *tcase = tcase_create("driver");
    tcase_add_test(tcase, it_runs_until_a_moment_and_rings_to_the_nanosecond);
    tcase_add_test(tcase, an_idle_lan_ends_at_its_moment_too_and_may_go_on);
    tcase_add_test(tcase, what_is_waited_for_ends_it);
    tcase_add_test(tcase, signals_end_it_also_where_they_were_ignored);
    tcase_add_test(tcase, a_signal_before_the_first_turn_is_heard);
    tcase_add_test(tcase, a_signal_ends_every_run_that_was_to_follow);
    tcase_add_test(tcase, usr1_calls_the_hook_and_ends_nothing);
    tcase_add_test(tcase, catching_up_brings_lan_time_to_the_present);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
