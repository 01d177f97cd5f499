/* Removes what a killed process leaves. See sweeper.h. */
#include "switchd/sweeper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct file {
    dev_t device;
    ino_t inode;
};

static bool is_there(const char *path, struct file *out)
{
    struct stat st;
    bool there = lstat(path, &st) == 0 && S_ISSOCK(st.st_mode);
    *out = there ? (struct file){st.st_dev, st.st_ino} : (struct file){0};
    return there;
}

static bool is_same(const struct file *a, const struct file *b)
{
    return a->device == b->device && a->inode == b->inode;
}

/* What was there before is not ours; what came after, and was not told of any more, is. */
static _Noreturn void be_sweeper(int fd, const char *path, bool had, const struct file *before)
{
    struct file ours = {0}, told, now;
    bool known = false;
    sigset_t all;
    ssize_t n;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    setsid();
    while ((n = read(fd, &told, sizeof told)) != 0) {
        if (n == (ssize_t)sizeof told) {
            ours = told;
            known = true;
        } else if (n > 0 || errno != EINTR) {
            break;
        }
    }
    if (is_there(path, &now) && (known ? is_same(&now, &ours) : !had || !is_same(&now, before))) {
        unlink(path);
    }
    _exit(0);
}

int sw_sweeper_begin(struct sw_sweeper *out, const char *path)
{
    int ends[2];
    struct file before;
    bool had = is_there(path, &before);
    *out = (struct sw_sweeper){.fd = -1};
    if (pipe2(ends, O_CLOEXEC) < 0) {
        return -errno;
    }
    fflush(NULL); /* nothing of this process is to be printed by two */
    pid_t pid = fork();
    if (pid == 0) {
        if (dup2(ends[0], 0) < 0 || close_range(1, ~0U, 0) < 0) {
            _exit(1);
        }
        be_sweeper(0, path, had, &before);
    }
    int error = errno;
    close(ends[0]);
    if (pid < 0) {
        close(ends[1]);
        return -error;
    }
    out->pid = pid;
    out->fd = ends[1];
    return 0;
}

void sw_sweeper_tell(const struct sw_sweeper *sweeper, dev_t device, ino_t inode)
{
    struct file file;
    memset(&file, 0, sizeof file);
    file.device = device;
    file.inode = inode;
    ssize_t n = write(sweeper->fd, &file, sizeof file);
    (void)n; /* without a word it goes by what was there before */
}

void sw_sweeper_end(struct sw_sweeper *sweeper)
{
    if (sweeper->pid > 0) {
        close(sweeper->fd);
        while (waitpid(sweeper->pid, NULL, 0) < 0 && errno == EINTR) {
        }
    }
    *sweeper = (struct sw_sweeper){.fd = -1};
}
