/* How late real time is: a LAN in which something is due a thousand times a second, beside a loop
 * that sleeps until the same times, as cyclictest does. Microseconds, medians of the runs. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/log.h"
#include "switchd/driver.h"

#define RUNS 5
#define SPAN SW_S
#define PERIOD SW_MS

struct ticking {
    struct sw_clock *clk;
    struct sw_timer timer;
    struct sw_owner owner;
};

static void on_tick(struct sw_timer *timer)
{
    sw_timer_arm(timer, timer->due == SW_TIME_NEVER
                            ? sw_clock_now(timer->clock) / PERIOD * PERIOD + PERIOD
                            : timer->due + PERIOD);
}

static struct sw_late of_driver(void)
{
    struct ticking t = {.clk = sw_clock_new()};
    struct sw_driver *driver;
    struct sw_log log = {0};
    struct sw_driver_hooks hooks = {0};
    sw_owner_init(&t.owner, "tick");
    if (!t.clk || sw_timer_init(&t.timer, t.clk, &t.owner, SW_CLASS_TIMER, on_tick) ||
        sw_driver_new(&driver, t.clk, &log, &hooks)) {
        exit(1);
    }
    sw_timer_arm(&t.timer, PERIOD);
    sw_driver_run(driver, SPAN);
    struct sw_late late = sw_driver_pacer(driver)->late;
    sw_driver_free(driver);
    sw_timer_fini(&t.timer);
    sw_clock_free(t.clk);
    return late;
}

static int64_t monotonic(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * SW_S + ts.tv_nsec;
}

static struct sw_late of_sleep(void)
{
    struct sw_late late = {0};
    int64_t due = monotonic();
    for (sw_time at = 0; at < SPAN; at += PERIOD) {
        due += PERIOD;
        struct timespec ts = {.tv_sec = due / SW_S, .tv_nsec = due % SW_S};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
        sw_late_add(&late, monotonic() - due);
    }
    return late;
}

static int by_size(const void *a, const void *b)
{
    sw_time x = *(const sw_time *)a, y = *(const sw_time *)b;
    return (x > y) - (x < y);
}

static double median(sw_time *of)
{
    qsort(of, RUNS, sizeof *of, by_size);
    return (double)of[RUNS / 2] / 1e3;
}

int main(void)
{
    sw_time p50[2][RUNS], p95[2][RUNS], max[2][RUNS];
    for (unsigned run = 0; run < RUNS; run++) {
        for (unsigned who = 0; who < 2; who++) {
            struct sw_late late = who == 0 ? of_driver() : of_sleep();
            p50[who][run] = sw_late_percentile(&late, 50);
            p95[who][run] = sw_late_percentile(&late, 95);
            max[who][run] = late.max;
        }
    }
    static const char *const names[] = {"the driver", "clock_nanosleep"};
    for (unsigned who = 0; who < 2; who++) {
        printf("%s is late by %.1f us (p50), %.1f us (p95), %.1f us (worst): median of %d runs\n",
               names[who], median(p50[who]), median(p95[who]), median(max[who]), RUNS);
    }
    return 0;
}
