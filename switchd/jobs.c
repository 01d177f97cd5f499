/* Processes of runs. Each writes its records as lines into one pipe, and what it has to say to
 * stderr into another; both are read as they come, and passed on when it is that run's turn. See
 * jobs.h. */
#include "switchd/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_EVERY_MS 100 /* for signals */

/* What came out of a pipe and was not passed on yet. */
struct stream {
    int fd; /* -1: at its end */
    char *bytes;
    size_t len, cap;
};

struct job {
    size_t number;
    pid_t pid;
    struct stream records, errors;
    struct job *next; /* in the order of the runs */
};

struct running {
    struct sw_jobs *jobs;
    struct job *first; /* whose turn it is */
    size_t begun;
    unsigned count;
    bool ending; /* nothing is begun any more */
    bool silent; /* nothing is passed on any more */
    int failed;
};

void sw_jobs_tell(const struct sw_jobs *jobs, const struct sw_run_info *run,
                  const struct sw_record *record)
{
    char *line = sw_record_write(run, record);
    for (const char *at = line; at && *at;) {
        ssize_t n = write(jobs->to, at, strlen(at));
        if (n < 0 && errno != EINTR) {
            break; /* nobody listens any more */
        }
        at += n > 0 ? n : 0;
    }
    free(line);
}

/* ---- beginning ---- */

static _Noreturn void be_job(struct running *r, size_t number, int records, int errors)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() == 1 || dup2(errors, STDERR_FILENO) < 0) {
        _exit(3);
    }
    signal(SIGPIPE, SIG_IGN);
    r->jobs->to = records;
    int status = r->jobs->run(r->jobs->ctx, number);
    fflush(NULL);
    _exit(status);
}

static int begin(struct running *r)
{
    int records[2], errors[2];
    struct job *job = calloc(1, sizeof *job);
    if (!job || pipe2(records, O_CLOEXEC)) {
        int rc = job ? -errno : -ENOMEM;
        free(job);
        return rc;
    }
    if (pipe2(errors, O_CLOEXEC)) {
        int rc = -errno;
        close(records[0]);
        close(records[1]);
        free(job);
        return rc;
    }
    fflush(NULL); /* what is buffered must not be written twice */
    job->number = r->begun;
    job->pid = fork();
    if (job->pid == 0) {
        be_job(r, job->number, records[1], errors[1]);
    }
    int rc = job->pid < 0 ? -errno : 0;
    close(records[1]);
    close(errors[1]);
    job->records.fd = records[0];
    job->errors.fd = errors[0];
    if (rc) {
        close(records[0]);
        close(errors[0]);
        free(job);
        return rc;
    }
    struct job **at = &r->first;
    while (*at) {
        at = &(*at)->next;
    }
    *at = job;
    r->begun++;
    r->count++;
    return 0;
}

/* ---- reading ---- */

static int read_stream(struct stream *s)
{
    if (s->cap - s->len < 4096) {
        size_t cap = s->cap ? 2 * s->cap : 16384;
        char *bytes = realloc(s->bytes, cap);
        if (!bytes) { /* what cannot be read is at its end, else it would be waited for */
            close(s->fd);
            s->fd = -1;
            return -ENOMEM;
        }
        s->bytes = bytes;
        s->cap = cap;
    }
    ssize_t n = read(s->fd, s->bytes + s->len, s->cap - s->len);
    if (n > 0) {
        s->len += (size_t)n;
    } else if (n == 0 || errno != EINTR) {
        close(s->fd);
        s->fd = -1;
    }
    return 0;
}

static int read_all(struct running *r)
{
    struct pollfd fds[2 * SW_JOBS_AT_ONCE];
    struct stream *streams[2 * SW_JOBS_AT_ONCE];
    nfds_t n = 0;
    for (struct job *job = r->first; job; job = job->next) {
        struct stream *both[] = {&job->records, &job->errors};
        for (unsigned i = 0; i < 2; i++) {
            if (both[i]->fd >= 0) {
                streams[n] = both[i];
                fds[n++] = (struct pollfd){.fd = both[i]->fd, .events = POLLIN};
            }
        }
    }
    int rc = 0;
    if (poll(fds, n, LOOK_EVERY_MS) > 0) {
        for (nfds_t i = 0; i < n && rc == 0; i++) {
            rc = fds[i].revents ? read_stream(streams[i]) : 0;
        }
    }
    return rc;
}

/* ---- passing on ---- */

/* None of them was waited for, so each number is still that process's. */
static void kill_all(const struct running *r, int signal_number)
{
    for (const struct job *job = r->first; job; job = job->next) {
        kill(job->pid, signal_number);
    }
}

static void pass_line(struct running *r, const struct job *job, const char *text)
{
    struct sw_record_line line;
    if (sw_record_read(&line, text) == 0) {
        if (!r->jobs->record(r->jobs->ctx, job->number, &line.run, &line.record)) {
            r->ending = r->silent = true;
            kill_all(r, SIGTERM);
        }
        sw_record_release(&line);
    }
}

static void pass_records(struct running *r, struct job *job)
{
    struct stream *s = &job->records;
    if (s->len == 0) {
        return; /* there may be no bytes yet */
    }
    char *at = s->bytes, *end = s->bytes + s->len, *newline;
    while (at < end && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        *newline = 0;
        if (!r->silent) {
            pass_line(r, job, at);
        }
        at = newline + 1;
    }
    if (at > s->bytes) {
        s->len = (size_t)(end - at);
        memmove(s->bytes, at, s->len);
    }
}

static void pass_errors(const struct running *r, struct stream *s)
{
    if (s->len > 0 && !r->silent) {
        fflush(stdout);
        fwrite(s->bytes, 1, s->len, stderr);
    }
    s->len = 0;
}

/* The first job's, as far as it has come; then the next one's, if that was all. */
static void pass_on(struct running *r)
{
    while (r->first) {
        struct job *job = r->first;
        pass_errors(r, &job->errors);
        pass_records(r, job);
        if (job->records.fd >= 0 || job->errors.fd >= 0) {
            return;
        }
        int status = 0;
        waitpid(job->pid, &status, 0);
        r->jobs->ended(r->jobs->ctx, job->number,
                       WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
        r->first = job->next;
        r->count--;
        free(job->records.bytes);
        free(job->errors.bytes);
        free(job);
    }
}

static unsigned under_way(const struct running *r)
{
    unsigned count = 0;
    for (const struct job *job = r->first; job; job = job->next) {
        count += job->records.fd >= 0 || job->errors.fd >= 0;
    }
    return count;
}

/* A signal that came, or 0. */
static int signalled(const sigset_t *ending)
{
    return sigtimedwait(ending, NULL, &(struct timespec){0});
}

int sw_jobs_run(struct sw_jobs *jobs, size_t *began)
{
    struct running r = {.jobs = jobs};
    sigset_t ending, before;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigprocmask(SIG_BLOCK, &ending, &before);
    while (r.first || (!r.ending && r.begun < jobs->count)) {
        int number = signalled(&ending);
        if (number > 0) {
            r.ending = true;
            kill_all(&r, number);
        }
        while (!r.ending && r.failed == 0 && r.begun < jobs->count &&
               under_way(&r) < jobs->at_once && r.count < SW_JOBS_AT_ONCE) {
            r.failed = begin(&r);
        }
        int rc = read_all(&r);
        r.failed = r.failed ? r.failed : rc;
        if (r.failed && !r.ending) {
            r.ending = true;
            kill_all(&r, SIGTERM);
        }
        pass_on(&r);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    *began = r.begun;
    return r.failed;
}
