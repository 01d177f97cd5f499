/* The real driver: a libuv loop that lets LAN time follow the system's monotonic clock, to the
 * microsecond (timerfd), hears signals, and is the loop in which real ends (taps) wait for frames.
 */
#ifndef SW_SWITCHD_DRIVER_H
#define SW_SWITCHD_DRIVER_H

#include <uv.h>

#include "core/clock.h"
#include "core/log.h"
#include "switchd/pacer.h"

struct sw_driver;

struct sw_driver_hooks {
    void (*on_usr1)(void *ctx);  /* SIGUSR1; may be NULL */
    bool (*finished)(void *ctx); /* asked after each turn; true ends the loop; may be NULL */
    void *ctx;
};

/* SIGINT and SIGTERM are heard from now on, also where they were inherited as ignored. The log is
 * lent. 0 or a negative errno. */
int sw_driver_new(struct sw_driver **out, struct sw_clock *clk, const struct sw_log *log,
                  const struct sw_driver_hooks *hooks);
/* Every handle that was put into its loop must be closed or closing. */
void sw_driver_free(struct sw_driver *driver);
uv_loop_t *sw_driver_loop(struct sw_driver *driver);
/* Brings LAN time up to the present; before frames from outside enter. */
void sw_driver_catch_up(struct sw_driver *driver);
/* Runs until a signal, until `finished`, or until LAN time `until`; after a signal not at all.
 * Returns the signal's number, or 0. */
int sw_driver_run(struct sw_driver *driver, sw_time until);
const struct sw_pacer *sw_driver_pacer(const struct sw_driver *driver);

#endif
