/* Files, directories, the environment. */
#include "switchd/files.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(int fd, size_t max, char **bytes, size_t *len)
{
    size_t cap = 64 * 1024, n = 0;
    char *buf = malloc(cap);
    while (buf) {
        ssize_t got = read(fd, buf + n, cap - n);
        if (got <= 0) {
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got == 0) {
                *bytes = buf;
                *len = n;
                return 0;
            }
            break;
        }
        n += (size_t)got;
        if (n > max) {
            free(buf);
            return -EFBIG;
        }
        if (n == cap) {
            char *more = realloc(buf, cap *= 2);
            if (!more) {
                break;
            }
            buf = more;
        }
    }
    int rc = buf ? -errno : -ENOMEM;
    free(buf);
    return rc;
}

static int read_file(void *ctx, const char *path, size_t max, char **bytes, size_t *len)
{
    (void)ctx;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    struct stat st;
    int rc = fstat(fd, &st) < 0    ? -errno
             : S_ISDIR(st.st_mode) ? -EISDIR
                                   : read_all(fd, max, bytes, len);
    close(fd);
    return rc;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* Does the symbolic link `path` lead to a regular file below `dir`? */
static bool leads_inside(const char *path, const char *dir)
{
    struct stat st;
    char *to = realpath(path, NULL), *top = realpath(dir, NULL);
    size_t n = top ? strlen(top) : 0;
    bool inside = to && top && strncmp(to, top, n) == 0 && (to[n] == '/' || n == 1) &&
                  stat(to, &st) == 0 && S_ISREG(st.st_mode);
    free(to);
    free(top);
    return inside;
}

/* Calls each for every regular file below dir with its whole path, those included that a symbolic
 * link inside dir stands for, as long as it does not lead out. */
static int walk(const char *dir, int (*each)(void *ctx, const char *path), void *ctx)
{
    char *roots[] = {(char *)(uintptr_t)dir, NULL};
    FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
    if (!fts) {
        return -errno;
    }
    int rc = 0;
    for (FTSENT *e; rc == 0 && (e = fts_read(fts)) != NULL;) {
        if (e->fts_info == FTS_F || (e->fts_info == FTS_SL && leads_inside(e->fts_path, dir))) {
            rc = each(ctx, e->fts_path);
        } else if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR || e->fts_info == FTS_NS) {
            rc = -e->fts_errno;
        }
    }
    fts_close(fts);
    return rc;
}

struct below {
    size_t prefix;
    int (*each)(void *ctx, const char *name);
    void *ctx;
};

static int tell_below(void *ctx, const char *path)
{
    struct below *b = ctx;
    const char *name = path + b->prefix;
    return b->each(b->ctx, name + strspn(name, "/"));
}

static int list_files(void *ctx, const char *dir, int (*each)(void *each_ctx, const char *name),
                      void *each_ctx)
{
    (void)ctx;
    struct stat st;
    if (stat(dir, &st) < 0) {
        return -errno;
    }
    if (!S_ISDIR(st.st_mode)) {
        return -ENOTDIR;
    }
    struct below b = {strlen(dir), each, each_ctx};
    return walk(dir, tell_below, &b);
}

static const char *variable(void *ctx, const char *name)
{
    (void)ctx;
    return getenv(name);
}

const struct sw_config_io *sw_files_io(void)
{
    static const struct sw_config_io io = {
        .read_file = read_file, .list_files = list_files, .variable = variable};
    return &io;
}

struct found {
    char **list;
    size_t count;
    bool any;
};

static int add(void *ctx, const char *path)
{
    struct found *f = ctx;
    const char *dot = strrchr(path, '.');
    if (!f->any && (!dot || (strcmp(dot, ".yaml") != 0 && strcmp(dot, ".yml") != 0))) {
        return 0;
    }
    char **more = realloc(f->list, (f->count + 1) * sizeof *more);
    if (!more) {
        return -ENOMEM;
    }
    f->list = more;
    f->list[f->count] = strdup(path);
    return f->list[f->count] ? (f->count++, 0) : -ENOMEM;
}

int sw_files_find(const char *path, char ***out, size_t *count)
{
    struct stat st;
    if (stat(path, &st) < 0) {
        return -errno;
    }
    struct found f = {.any = !S_ISDIR(st.st_mode)};
    int rc = f.any ? add(&f, path) : walk(path, add, &f);
    if (rc) {
        sw_files_free(f.list, f.count);
        return rc;
    }
    *out = f.list;
    *count = f.count;
    return 0;
}

void sw_files_free(char **list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(list[i]);
    }
    free(list);
}
