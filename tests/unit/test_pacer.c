/* Real time to LAN time: under a monotonic source that does what it likes, a LAN does what it does
 * in virtual time, to the byte. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "core/rng.h"
#include "lan/network.h"
#include "lan/player.h"
#include "lan/trace.h"
#include "switchd/pacer.h"
#include "tests/support/core_fixture.h"

/* No true wires and no real ends: everything that happens has its time. */
static const char lan_text[] =
    "name: paced\n"
    "seed: 5\n"
    "switches: { core: {} }\n"
    "hosts:\n"
    "  web: { address: 10.0.0.1/24, services: [{ http: { size: 100 kB } }] }\n"
    "  a: { address: 10.0.0.2/24 }\n"
    "  b: { address: 10.0.0.3/24 }\n"
    "links:\n"
    "  - { endpoints: [web, core], delay: 300 us, rate: 50 Mbit }\n"
    "  - { endpoints: [a, core], delay: 2 ms, rate: 20 Mbit, loss: 2 %,\n"
    "      duplicate: 2 %, reorder: 5 % }\n"
    "  - { endpoints: [b, core], delay: 1 us, rate: 10 Gbit }\n"
    "scenario:\n"
    "  - ping: { from: b, to: a, count: 20, interval: 7 ms }\n"
    "    expect: { loss: 0 % .. 100 % }\n"
    "  - http: { from: a, url: \"http://web/\" }\n"
    "  - iperf: { from: b, to: web, bytes: 300 kB }\n";

#define LAN_END (20 * SW_S)
#define MONOTONIC_BEGIN 123456789012345 /* a machine that has been up for a day */

struct paced_lan {
    struct sw_test_env world;
    struct sw_trace trace;
    struct sw_topo *topo;
    struct sw_network *net;
    struct sw_player *player;
    unsigned checks;
};

static int read_text(void *ctx, const char *path, size_t max, char **bytes, size_t *len)
{
    (void)ctx;
    (void)path;
    *len = sizeof lan_text - 1;
    ck_assert_uint_le(*len, max);
    *bytes = malloc(sizeof lan_text);
    ck_assert_ptr_nonnull(*bytes);
    memcpy(*bytes, lan_text, sizeof lan_text);
    return 0;
}

static const char *no_variable(void *ctx, const char *name)
{
    (void)ctx;
    (void)name;
    return NULL;
}

static void on_check(void *ctx, const struct sw_check *check)
{
    struct paced_lan *lan = ctx;
    lan->checks++;
    sw_trace_note(&lan->trace, check->ended, check->figure ? check->figure : "-");
}

/* The seed decides secrets, too, as in a virtual run. */
static void lan_begin(struct paced_lan *lan, bool virtual_time)
{
    struct sw_config_io io = {.read_file = read_text, .variable = no_variable};
    struct sw_problems problems = {0};
    *lan = (struct paced_lan){0};
    sw_test_env_init(&lan->world, 5);
    sw_trace_init(&lan->trace);
    lan->world.env.watch = &lan->trace.watch;
    int rc = sw_config_load(&lan->topo, "paced.yaml", &io, NULL, 0, &problems);
    ck_assert_msg(rc == 0, "%s", problems.count ? problems.list[0].what : "no memory");
    sw_problems_fini(&problems);
    struct sw_network_options options = {.virtual_time = virtual_time};
    char why[256] = "";
    rc = sw_network_new(&lan->net, &lan->world.env, lan->topo, &options, why, sizeof why);
    ck_assert_msg(rc == 0, "%s", why);
    struct sw_player_hooks hooks = {.check = on_check, .ctx = lan};
    ck_assert_int_eq(sw_player_new(&lan->player, lan->net, NULL, &hooks), 0);
}

static uint64_t lan_end(struct paced_lan *lan)
{
    uint64_t digest = sw_trace_digest(&lan->trace);
    ck_assert(sw_player_finished(lan->player));
    ck_assert_uint_eq(lan->checks, 3);
    ck_assert_uint_gt(lan->trace.records, 1000);
    sw_player_free(lan->player);
    sw_network_free(lan->net);
    sw_topo_free(lan->topo);
    sw_test_env_fini(&lan->world);
    return digest;
}

static uint64_t digest_of_virtual_time(void)
{
    struct paced_lan lan;
    lan_begin(&lan, true);
    struct sw_clock *clk = lan.world.env.clock;
    while (sw_clock_next(clk) <= LAN_END) {
        sw_clock_run(clk, sw_clock_next(clk), 1000000);
    }
    return lan_end(&lan);
}

/* How a monotonic source may treat a driver that asked to be woken at `next`. */
struct moods {
    uint64_t limit_max;          /* callbacks a turn, 1 .. limit_max */
    unsigned early, late, stall; /* how many turns in a hundred are so */
    sw_time late_max, stall_max;
};

static uint64_t digest_of_moods(const struct moods *moods, uint64_t seed, struct sw_pacer *pacer)
{
    struct paced_lan lan;
    struct sw_seed key;
    struct sw_draws draws;
    lan_begin(&lan, false);
    struct sw_clock *clk = lan.world.env.clock;
    sw_seed_from_number(&key, seed);
    sw_draws_init(&draws, &key, 1, SW_DRAW_TEST);
    int64_t monotonic = MONOTONIC_BEGIN;
    sw_pacer_init(pacer, clk, monotonic);
    for (;;) {
        int64_t next = sw_pacer_next(pacer);
        if (next == INT64_MAX || next - pacer->offset > LAN_END) {
            break;
        }
        uint64_t mood = sw_draw_below(&draws, 100);
        if (mood < moods->stall) {
            next += SW_PACER_STALL + 1 + (int64_t)sw_draw_below(&draws, (uint64_t)moods->stall_max);
        } else if (mood < moods->stall + moods->late) {
            next += (int64_t)sw_draw_below(&draws, (uint64_t)moods->late_max);
        } else if (mood < moods->stall + moods->late + moods->early && next > monotonic) {
            next = monotonic + (int64_t)sw_draw_below(&draws, (uint64_t)(next - monotonic));
        }
        monotonic = next > monotonic ? next : monotonic;
        sw_time stall;
        sw_pacer_turn(pacer, monotonic, 1 + sw_draw_below(&draws, moods->limit_max), &stall);
        ck_assert_int_ge(stall, 0);
        ck_assert_int_le(sw_clock_now(clk), monotonic - pacer->offset);
    }
    return lan_end(&lan);
}

START_TEST(woken_on_time_a_lan_is_as_in_virtual_time)
{
    const struct moods on_time = {.limit_max = 64};
    struct sw_pacer pacer;
    ck_assert_uint_eq(digest_of_moods(&on_time, 1, &pacer), digest_of_virtual_time());
    ck_assert_uint_eq(pacer.stalls, 0);
    ck_assert_int_eq(pacer.offset, MONOTONIC_BEGIN);
}
END_TEST

/* _i is the seed of the wake-ups. */
START_TEST(whenever_it_is_woken_a_lan_is_as_in_virtual_time)
{
    const struct moods moods = {.limit_max = 1 + (uint64_t)_i % 7,
                                .early = 30,
                                .late = 40,
                                .late_max = (_i & 1 ? 90 : 3) * SW_MS};
    struct sw_pacer pacer;
    ck_assert_uint_eq(digest_of_moods(&moods, (uint64_t)_i, &pacer), digest_of_virtual_time());
}
END_TEST

START_TEST(stalls_change_no_lan_time)
{
    const struct moods moods = {.limit_max = 5,
                                .early = 10,
                                .late = 20,
                                .stall = 5,
                                .late_max = 50 * SW_MS,
                                .stall_max = 3600 * SW_S};
    struct sw_pacer pacer;
    ck_assert_uint_eq(digest_of_moods(&moods, (uint64_t)_i, &pacer), digest_of_virtual_time());
    ck_assert_uint_gt(pacer.stalls, 10);
    ck_assert_int_eq(pacer.offset, MONOTONIC_BEGIN + pacer.stalled);
}
END_TEST

/* ---- one timer and a clock on the wall ---- */

struct alarm {
    struct sw_owner owner;
    struct sw_timer timer;
    struct sw_clock *clk;
    sw_time rang[16];
    unsigned count;
};

static void ring(struct sw_timer *timer)
{
    struct alarm *alarm = SW_CONTAINER(timer, struct alarm, timer);
    alarm->rang[alarm->count++] = sw_clock_now(alarm->clk);
    if (alarm->count < 16) {
        sw_timer_arm(timer, sw_clock_now(alarm->clk) + 10 * SW_MS);
    }
}

static void alarm_begin(struct alarm *alarm, struct sw_test_env *world, struct sw_pacer *pacer)
{
    sw_test_env_init(world, 1);
    *alarm = (struct alarm){.clk = world->env.clock};
    sw_owner_init(&alarm->owner, "test/alarm");
    ck_assert_int_eq(sw_timer_init(&alarm->timer, alarm->clk, &alarm->owner, SW_CLASS_TIMER, ring),
                     0);
    sw_pacer_init(pacer, alarm->clk, 5000 * SW_S);
    sw_timer_arm(&alarm->timer, 10 * SW_MS);
}

static void alarm_end(struct alarm *alarm, struct sw_test_env *world)
{
    sw_timer_fini(&alarm->timer);
    sw_test_env_fini(world);
}

START_TEST(a_turn_before_anything_is_due_moves_time_and_nothing_else)
{
    struct alarm alarm;
    struct sw_test_env world;
    struct sw_pacer pacer;
    sw_time stall = 1;
    alarm_begin(&alarm, &world, &pacer);
    ck_assert_int_eq(sw_pacer_next(&pacer), 5000 * SW_S + 10 * SW_MS);
    sw_pacer_turn(&pacer, 5000 * SW_S + 4 * SW_MS, 64, &stall);
    ck_assert_int_eq(sw_clock_now(alarm.clk), 4 * SW_MS);
    ck_assert_int_eq(stall, 0);
    ck_assert_uint_eq(alarm.count, 0);
    /* A source that runs backwards: LAN time does not. */
    sw_pacer_turn(&pacer, 4999 * SW_S, 64, &stall);
    ck_assert_int_eq(sw_clock_now(alarm.clk), 4 * SW_MS);
    alarm_end(&alarm, &world);
}
END_TEST

START_TEST(a_turn_100_ms_late_makes_up_for_it)
{
    struct alarm alarm;
    struct sw_test_env world;
    struct sw_pacer pacer;
    sw_time stall = 1;
    alarm_begin(&alarm, &world, &pacer);
    ck_assert_int_eq(sw_pacer_turn(&pacer, 5000 * SW_S + 110 * SW_MS, 64, &stall), SW_RUN_IDLE);
    ck_assert_int_eq(stall, 0);
    ck_assert_uint_eq(pacer.stalls, 0);
    ck_assert_uint_eq(alarm.count, 11);
    ck_assert_int_eq(alarm.rang[0], 10 * SW_MS);
    ck_assert_int_eq(alarm.rang[10], 110 * SW_MS);
    ck_assert_int_eq(sw_clock_now(alarm.clk), 110 * SW_MS);
    alarm_end(&alarm, &world);
}
END_TEST

START_TEST(a_turn_later_than_100_ms_moves_the_offset_and_fires_what_was_next)
{
    struct alarm alarm;
    struct sw_test_env world;
    struct sw_pacer pacer;
    sw_time stall = 0;
    alarm_begin(&alarm, &world, &pacer);
    sw_pacer_turn(&pacer, 5000 * SW_S + 110 * SW_MS + 1, 64, &stall);
    ck_assert_int_eq(stall, 100 * SW_MS + 1);
    ck_assert_uint_eq(pacer.stalls, 1);
    ck_assert_int_eq(pacer.stalled, 100 * SW_MS + 1);
    ck_assert_uint_eq(alarm.count, 1);
    ck_assert_int_eq(sw_clock_now(alarm.clk), 10 * SW_MS);
    /* The next one comes 10 ms later by either clock. */
    ck_assert_int_eq(sw_pacer_next(&pacer), 5000 * SW_S + 120 * SW_MS + 1);
    sw_pacer_turn(&pacer, 5000 * SW_S + 120 * SW_MS + 1, 64, &stall);
    ck_assert_int_eq(stall, 0);
    ck_assert_uint_eq(alarm.count, 2);
    ck_assert_int_eq(alarm.rang[1], 20 * SW_MS);
    alarm_end(&alarm, &world);
}
END_TEST

START_TEST(a_turn_of_few_callbacks_goes_on_with_the_next)
{
    struct alarm alarm;
    struct sw_test_env world;
    struct sw_pacer pacer;
    sw_time stall;
    alarm_begin(&alarm, &world, &pacer);
    ck_assert_int_eq(sw_pacer_turn(&pacer, 5000 * SW_S + 50 * SW_MS, 3, &stall), SW_RUN_LIMIT);
    ck_assert_uint_eq(alarm.count, 3);
    ck_assert_int_eq(sw_clock_now(alarm.clk), 30 * SW_MS);
    ck_assert_int_eq(sw_pacer_turn(&pacer, 5000 * SW_S + 51 * SW_MS, 3, &stall), SW_RUN_IDLE);
    ck_assert_uint_eq(alarm.count, 5);
    ck_assert_int_eq(sw_clock_now(alarm.clk), 51 * SW_MS);
    alarm_end(&alarm, &world);
}
END_TEST

START_TEST(where_nothing_is_armed_no_sleep_is_too_long)
{
    struct alarm alarm;
    struct sw_test_env world;
    struct sw_pacer pacer;
    sw_time stall = 1;
    alarm_begin(&alarm, &world, &pacer);
    sw_timer_cancel(&alarm.timer);
    ck_assert_int_eq(sw_pacer_next(&pacer), INT64_MAX);
    sw_pacer_turn(&pacer, 9000 * SW_S, 64, &stall);
    ck_assert_int_eq(stall, 0);
    ck_assert_int_eq(sw_clock_now(alarm.clk), 4000 * SW_S);
    alarm_end(&alarm, &world);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pacer");
    TCase *turns = tcase_create("turns");
    tcase_add_test(turns, a_turn_before_anything_is_due_moves_time_and_nothing_else);
    tcase_add_test(turns, a_turn_100_ms_late_makes_up_for_it);
    tcase_add_test(turns, a_turn_later_than_100_ms_moves_the_offset_and_fires_what_was_next);
    tcase_add_test(turns, a_turn_of_few_callbacks_goes_on_with_the_next);
    tcase_add_test(turns, where_nothing_is_armed_no_sleep_is_too_long);
    suite_add_tcase(suite, turns);
    TCase *lans = tcase_create("LANs");
    tcase_add_test(lans, woken_on_time_a_lan_is_as_in_virtual_time);
    tcase_add_loop_test(lans, whenever_it_is_woken_a_lan_is_as_in_virtual_time, 1, 21);
    tcase_add_loop_test(lans, stalls_change_no_lan_time, 1, 6);
    suite_add_tcase(suite, lans);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
