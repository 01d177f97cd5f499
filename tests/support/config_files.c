/* Files and variables for tests of config/. */
#include "tests/support/config_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- made up ---- */

static int give(char **bytes, size_t *len, const char *text, size_t n, size_t max)
{
    if (n > max) {
        return -EFBIG;
    }
    *bytes = malloc(n + 1);
    if (!*bytes) {
        return -ENOMEM;
    }
    memcpy(*bytes, text, n);
    (*bytes)[n] = '\0';
    *len = n;
    return 0;
}

static int read_made_up(const struct sw_test_file *files, const char *path, size_t max,
                        char **bytes, size_t *len)
{
    for (const struct sw_test_file *f = files; f->path; f++) {
        if (strcmp(f->path, path) == 0) {
            return give(bytes, len, f->text, f->len ? f->len : strlen(f->text), max);
        }
    }
    return -ENOENT;
}

static int list_made_up(const struct sw_test_file *files, const char *dir,
                        int (*each)(void *ctx, const char *name), void *ctx)
{
    size_t n = strlen(dir), found = 0;
    for (const struct sw_test_file *f = files; f->path; f++) {
        if (strncmp(f->path, dir, n) == 0 && f->path[n] == '/') {
            int error = each(ctx, f->path + n + 1);
            if (error) {
                return error;
            }
            found++;
        }
    }
    return found ? 0 : -ENOENT;
}

/* ---- the disk's ---- */

static int read_disk(const char *path, size_t max, char **bytes, size_t *len)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        return -errno;
    }
    struct stat st;
    int error = fstat(fileno(f), &st) == 0 ? 0 : -errno;
    if (!error && !S_ISREG(st.st_mode)) {
        error = S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
    }
    size_t n = error ? 0 : (size_t)st.st_size;
    char *text = error ? NULL : malloc(n + 1);
    if (!error && !text) {
        error = -ENOMEM;
    } else if (!error && fread(text, 1, n, f) != n) {
        error = -EIO;
    }
    fclose(f);
    error = error ? error : give(bytes, len, text, n, max);
    free(text);
    return error;
}

/* Below dir, under `prefix`, which is "" or ends with '/'. */
static int list_disk(const char *dir, const char *prefix, int (*each)(void *ctx, const char *name),
                     void *ctx)
{
    DIR *d = opendir(dir);
    struct dirent *entry;
    int error = d ? 0 : -errno;
    while (!error && (entry = readdir(d)) != NULL) {
        char path[4096], name[4096];
        struct stat st;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        snprintf(name, sizeof name, "%s%s", prefix, entry->d_name);
        if (lstat(path, &st) == 0 && S_ISREG(st.st_mode)) {
            error = each(ctx, name);
        } else if (S_ISDIR(st.st_mode) && strlen(name) + 2 < sizeof name) {
            strcat(name, "/");
            error = list_disk(path, name, each, ctx);
        }
    }
    if (d) {
        closedir(d);
    }
    return error;
}

/* ---- the callbacks ---- */

static int read_file(void *ctx, const char *path, size_t max, char **bytes, size_t *len)
{
    const struct sw_test_world *world = ctx;
    return world->files ? read_made_up(world->files, path, max, bytes, len)
                        : read_disk(path, max, bytes, len);
}

static int list_files(void *ctx, const char *dir, int (*each)(void *each_ctx, const char *name),
                      void *each_ctx)
{
    const struct sw_test_world *world = ctx;
    return world->files ? list_made_up(world->files, dir, each, each_ctx)
                        : list_disk(dir, "", each, each_ctx);
}

static const char *variable(void *ctx, const char *name)
{
    const struct sw_test_world *world = ctx;
    size_t n = strlen(name);
    for (size_t i = 0; world->variables && world->variables[i]; i++) {
        if (strncmp(world->variables[i], name, n) == 0 && world->variables[i][n] == '=') {
            return world->variables[i] + n + 1;
        }
    }
    return NULL;
}

struct sw_config_io sw_test_io(const struct sw_test_world *world)
{
    return (struct sw_config_io){
        .ctx = (void *)world,
        .read_file = read_file,
        .list_files = list_files,
        .variable = variable,
    };
}

char *sw_test_problems(const struct sw_problems *problems)
{
    size_t cap = 1, used = 0;
    char *all = calloc(1, 1);
    for (size_t i = 0; i < problems->count && all; i++) {
        char *text = sw_problem_text(&problems->list[i]);
        size_t n = text ? strlen(text) : 0;
        char *bigger = realloc(all, cap + n);
        if (!bigger) {
            free(text);
            break;
        }
        all = bigger;
        memcpy(all + used, text ? text : "", n + 1);
        used += n;
        cap += n;
        free(text);
    }
    return all;
}
