/* What the programs of a LAN print, as it comes out of their pipes. See programs_impl.h; what
 * becomes of the lines is output.h's. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "switchd/programs_impl.h"

/* At once, of one that prints without a pause: each line costs some microseconds, and the LAN waits
 * for them. */
#define TURN_BYTES ((size_t)1024)

/* One of the two that a program prints to, for as long as anybody inside holds it open. */
struct sw_program_output {
    struct sw_program_host *host;
    struct sw_program_output *prev, *next;
    uv_poll_t poll;
    int fd; /* ours to close */
    enum sw_stream stream;
    struct sw_lines lines;
};

static void tell_line(void *ctx, const char *text, size_t n)
{
    const struct sw_program_output *o = ctx;
    sw_output_line(o->host->output, o->stream, sw_clock_now(o->host->all->env->clock), text, n);
}

static void free_output(struct sw_program_output *o)
{
    close(o->fd);
    free(o);
}

static void on_closed(uv_handle_t *handle)
{
    struct sw_program_output *o = handle->data;
    *(o->prev ? &o->prev->next : &o->host->outputs) = o->next;
    if (o->next) {
        o->next->prev = o->prev;
    }
    free_output(o);
}

/* Returns as read(2). At its end what has no newline is a line, too. */
static ssize_t take(struct sw_program_output *o, size_t most)
{
    char bytes[SW_PROGRAM_READ];
    ssize_t n = read(o->fd, bytes, most);
    if (n > 0) {
        sw_lines_take(&o->lines, bytes, (size_t)n, tell_line, o);
    } else if (n == 0) {
        sw_lines_end(&o->lines, tell_line, o);
    }
    return n;
}

static void on_print(uv_poll_t *poll, int status, int events)
{
    struct sw_program_output *o = poll->data;
    (void)events;
    sw_driver_catch_up(o->host->all->driver);
    ssize_t n = status ? 0 : take(o, TURN_BYTES);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        sw_lines_end(&o->lines, tell_line, o);
        uv_close((uv_handle_t *)poll, on_closed);
    }
}

int sw_program_pipe(const struct sw_program_host *h, uv_pipe_t *handle, uv_alloc_cb make_room,
                    uv_read_cb on_read)
{
    int ends[2];
    int rc = uv_pipe_init(sw_driver_loop(h->all->driver), handle, 0);
    assert(rc == 0); /* it makes nothing yet */
    if (pipe2(ends, O_CLOEXEC) < 0) {
        return -errno;
    }
    rc = uv_pipe_open(handle, ends[0]);
    if (rc) {
        close(ends[0]);
    }
    rc = rc ? rc : uv_read_start((uv_stream_t *)handle, make_room, on_read);
    if (rc) {
        close(ends[1]);
        return rc;
    }
    return ends[1];
}

int sw_program_listen(struct sw_program_host *h, enum sw_stream stream)
{
    struct sw_program_output *o = calloc(1, sizeof *o);
    int ends[2];
    if (!o || pipe2(ends, O_CLOEXEC) < 0) {
        int rc = o ? -errno : -ENOMEM;
        free(o);
        return rc;
    }
    *o = (struct sw_program_output){.host = h, .fd = ends[0], .stream = stream, .next = h->outputs};
    int rc = uv_poll_init(sw_driver_loop(h->all->driver), &o->poll, o->fd);
    if (rc) {
        free_output(o);
        close(ends[1]);
        return rc;
    }
    o->poll.data = o;
    if (o->next) {
        o->next->prev = o;
    }
    h->outputs = o;
    rc = uv_poll_start(&o->poll, UV_READABLE, on_print);
    assert(rc == 0); /* the loop is asked nothing yet */
    return ends[1];
}

void sw_program_drain(const struct sw_program_host *h)
{
    for (struct sw_program_output *o = h->outputs; o; o = o->next) {
        if (!uv_is_closing((uv_handle_t *)&o->poll)) {
            if (take(o, SW_PROGRAM_READ) > 0) {
                (void)take(o, SW_PROGRAM_READ); /* is that all? */
            }
        }
    }
}

void sw_program_outputs_free(struct sw_program_host *h)
{
    while (h->outputs) {
        struct sw_program_output *o = h->outputs;
        h->outputs = o->next;
        free_output(o);
    }
}
