/* What the files of the program hosts share: programs.c sees to the programs, programs_output.c
 * to what they print, commands.c to the commands that steps run beside them, far.c to the sockets
 * by which steps speak from them. */
#ifndef SW_SWITCHD_PROGRAMS_IMPL_H
#define SW_SWITCHD_PROGRAMS_IMPL_H

#include "lan/guard.h"
#include "switchd/program.h"
#include "switchd/programs.h"
#include "switchd/tap.h"

#define SW_PROGRAM_READ ((size_t)65536) /* bytes at once: what a pipe holds */

struct sw_program_output;

struct sw_program_host {
    struct sw_programs *all;
    const struct sw_topo_host *topo;
    struct sw_program *program;
    struct sw_tap *tap[SW_HOST_NICS];
    struct sw_program_output *outputs; /* its pipes */
    struct sw_output *output;          /* its lines */
    struct sw_command *runs;
    uv_poll_t poll;
    uv_timer_t timer; /* looks for a port, or waits before it starts anew */
    int diag;         /* by which it looks, or -1 */
    bool running;     /* it was told to start, and has not ended */
    uint32_t id;      /* of its program, as it runs */
    uint32_t last_id; /* that a command had */
    bool ready;
    bool again;     /* it is started anew once it has ended */
    bool expected;  /* its end was asked for */
    bool forged;    /* it was told that it sends as another */
    bool killed;    /* it was sent a signal, and may end by it */
    uint64_t by_ms; /* ready by then, by the loop's time */
    uint32_t starts, ends;
    char why[256]; /* what is not as it should be; empty: nothing */
};

struct sw_programs {
    const struct sw_env *env;
    const struct sw_topo *topo;
    struct sw_network *net;
    struct sw_driver *driver;
    struct sw_outputs *outputs;
    bool bounded;                     /* what is told of what they print */
    struct sw_program_host **of_host; /* by the topo's place; NULL: a virtual one */
    size_t count;
    char *hosts;         /* the text of /etc/hosts */
    const char **hidden; /* paths, NULL behind the last */
    struct sw_guard *guard;
};

/* programs_output.c */

/* A pipe that is read by a handle of the loop, which is made in any case and is the
 * caller's to close. Returns the end to write to, or a negative errno. */
int sw_program_pipe(const struct sw_program_host *host, uv_pipe_t *handle, uv_alloc_cb make_room,
                    uv_read_cb on_read);
/* A pipe for one of the streams that the host's program prints to. Returns the end that the program
 * has, or a negative errno. */
int sw_program_listen(struct sw_program_host *host, enum sw_stream stream);
/* Takes what waits in the pipes, as of now; no time passes meanwhile. */
void sw_program_drain(const struct sw_program_host *host);
/* After the driver is gone. */
void sw_program_outputs_free(struct sw_program_host *host);

/* programs.c */

/* A command of the host's: its program's environment and folder; its descriptors are
 * the caller's to fill in. */
struct sw_program_command sw_program_command_of(const struct sw_program_host *host,
                                                char *const *argv);

/* far.c. The sockets of a host's kernel; the ctx is its struct sw_program_host. */
extern const struct sw_far_ops sw_far_kernel;

/* commands.c */

int sw_command_new(void *ctx, struct sw_command **out, size_t host, char *const *command,
                   void (*done)(void *user), void *user);
void sw_command_result(const struct sw_command *run, struct sw_command_result *out);
void sw_command_free(struct sw_command *run);
/* What the keeper says of a command that is not the host's program. */
void sw_command_hear(struct sw_program_host *host, const struct sw_program_report *report);
/* The keeper has gone, and all commands with it. */
void sw_commands_lost(struct sw_program_host *host);
/* After the driver is gone. */
void sw_commands_free(struct sw_program_host *host);

#endif
