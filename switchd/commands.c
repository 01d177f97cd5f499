/* Commands that steps run on program hosts. See programs_impl.h.
 *
 * One has ended when its process has, and nobody holds what it printed to open any more; or a while
 * after its process, for it may have left others behind. What was read by then is what it printed.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "switchd/programs_impl.h"

#define KEPT_BYTES 65536u /* of each of both that it prints to */
#define LINGER_MS 200

struct gathered {
    struct sw_command *run;
    uv_pipe_t pipe;
    bool open;
    size_t len;    /* bytes that are kept */
    uint64_t size; /* bytes that came */
    char bytes[KEPT_BYTES];
};

struct sw_command {
    struct sw_program_host *host;
    struct sw_command *prev, *next;
    uint32_t id;
    void (*done)(void *user); /* NULL: it was told, or nobody wants to know any more */
    void *user;
    bool ended;
    int status, error;
    uv_timer_t timer;
    unsigned handles; /* of the loop that are not closed */
    bool freed;
    struct gathered text[2];
    char spill[4096]; /* what is not kept is read into */
};

static void unlink_run(struct sw_command *run)
{
    *(run->prev ? &run->prev->next : &run->host->runs) = run->next;
    if (run->next) {
        run->next->prev = run->prev;
    }
    free(run);
}

static void on_closed(uv_handle_t *handle)
{
    struct sw_command *run = handle->data;
    run->handles--;
    if (run->freed && run->handles == 0) {
        unlink_run(run);
    }
}

static void close_handle(struct sw_command *run, uv_handle_t *handle)
{
    if (!uv_is_closing(handle)) {
        handle->data = run;
        uv_close(handle, on_closed);
    }
}

static void finish(struct sw_command *run)
{
    void (*done)(void *user) = run->done;
    run->done = NULL;
    if (done) {
        done(run->user);
    }
}

static void finish_if_done(struct sw_command *run)
{
    if (run->ended && !run->text[0].open && !run->text[1].open) {
        finish(run);
    }
}

/* ---- what it prints ---- */

static void on_room(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    struct gathered *g = handle->data;
    (void)size;
    *buf = g->len < KEPT_BYTES ? uv_buf_init(g->bytes + g->len, (unsigned)(KEPT_BYTES - g->len))
                               : uv_buf_init(g->run->spill, sizeof g->run->spill);
}

static void on_print(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct gathered *g = stream->data;
    struct sw_command *run = g->run;
    if (n < 0) {
        g->open = false;
        close_handle(run, (uv_handle_t *)stream);
        sw_driver_catch_up(run->host->all->driver);
        finish_if_done(run);
        return;
    }
    g->size += (uint64_t)n;
    g->len += buf->base == run->spill ? 0 : (size_t)n;
}

/* Returns the end that the command has, or a negative errno. */
static int listen_to(struct sw_command *run, struct gathered *g)
{
    g->run = run;
    g->pipe.data = g;
    run->handles++;
    int end = sw_program_pipe(run->host, &g->pipe, on_room, on_print);
    g->open = end >= 0;
    return end;
}

/* ---- its end ---- */

static void on_linger(uv_timer_t *timer)
{
    struct sw_command *run = timer->data;
    sw_driver_catch_up(run->host->all->driver);
    finish(run);
}

static void end(struct sw_command *run, int status, int error)
{
    run->ended = true;
    run->status = status;
    run->error = error;
    uv_timer_start(&run->timer, on_linger, LINGER_MS, 0);
    finish_if_done(run);
}

void sw_command_hear(struct sw_program_host *host, const struct sw_program_report *report)
{
    for (struct sw_command *run = host->runs; run; run = run->next) {
        if (run->id == report->id && !run->freed && report->event != SW_PROGRAM_STARTED) {
            bool failed = report->event == SW_PROGRAM_FAILED;
            end(run, failed ? 0 : report->status, failed ? -report->status : 0);
            return;
        }
    }
}

void sw_commands_lost(struct sw_program_host *host)
{
    for (struct sw_command *run = host->runs; run; run = run->next) {
        if (!run->ended && !run->freed) {
            end(run, 0, -EPIPE);
        }
    }
}

/* ---- life ---- */

static int start(struct sw_command *run, char *const *argv)
{
    struct sw_program_command command = sw_program_command_of(run->host, argv);
    int rc = uv_timer_init(sw_driver_loop(run->host->all->driver), &run->timer);
    run->timer.data = run;
    run->handles += rc == 0;
    command.fds[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    command.fds[1] = listen_to(run, &run->text[0]);
    command.fds[2] = listen_to(run, &run->text[1]);
    for (size_t i = 0; i < 3; i++) {
        rc = rc == 0 && command.fds[i] < 0 ? -EMFILE : rc;
    }
    rc = rc ? rc : sw_program_start(run->host->program, run->id, &command);
    for (size_t i = 0; i < 3; i++) {
        if (command.fds[i] >= 0) {
            close(command.fds[i]);
        }
    }
    return rc;
}

int sw_command_new(void *ctx, struct sw_command **out, size_t host, char *const *command,
                   void (*done)(void *user), void *user)
{
    const struct sw_programs *all = ctx;
    struct sw_program_host *h = all->of_host[host];
    struct sw_command *run = calloc(1, sizeof *run);
    if (!run) {
        return -ENOMEM;
    }
    *run = (struct sw_command){
        .host = h, .next = h->runs, .id = ++h->last_id, .done = done, .user = user};
    if (run->next) {
        run->next->prev = run;
    }
    h->runs = run;
    int rc = start(run, command);
    if (rc) {
        sw_command_free(run);
        return rc;
    }
    *out = run;
    return 0;
}

void sw_command_result(const struct sw_command *run, struct sw_command_result *out)
{
    const struct gathered *print = &run->text[0], *complain = &run->text[1];
    *out = (struct sw_command_result){.failed = run->error ? strerror(-run->error) : NULL,
                                      .exit = WIFSIGNALED(run->status) ? 128 + WTERMSIG(run->status)
                                                                       : WEXITSTATUS(run->status),
                                      .out = print->bytes,
                                      .out_len = print->len,
                                      .out_size = print->size,
                                      .err = complain->bytes,
                                      .err_len = complain->len,
                                      .err_size = complain->size};
}

void sw_command_free(struct sw_command *run)
{
    run->done = NULL;
    run->freed = true;
    if (!run->ended) {
        (void)sw_program_signal(run->host->program, run->id, SIGKILL); /* else it has gone anyway */
    }
    for (size_t i = 0; i < 2; i++) {
        if (run->text[i].run) {
            close_handle(run, (uv_handle_t *)&run->text[i].pipe);
        }
    }
    if (run->timer.data) {
        close_handle(run, (uv_handle_t *)&run->timer);
    }
    if (run->handles == 0) {
        unlink_run(run);
    }
}

void sw_commands_free(struct sw_program_host *host)
{
    while (host->runs) {
        struct sw_command *run = host->runs;
        host->runs = run->next;
        free(run);
    }
}
