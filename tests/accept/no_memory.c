/* A library to be preloaded: the allocation number FAIL_AT (from 0) of the program fails, and with
 * FAIL_GOOD all behind it; without FAIL_AT none does. How many there were is written to the file
 * FAIL_COUNT at the end of the process that began. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *(*real_malloc)(size_t);
static void *(*real_calloc)(size_t, size_t);
static void *(*real_realloc)(void *, size_t);
static void *(*real_aligned_alloc)(size_t, size_t);
static long fails_at = -1, made;
static bool for_good, finding, counting;
static pid_t first;
static char early[4096]; /* what dlsym() itself asks for */
static size_t early_used;

static void find(void)
{
    if (!real_aligned_alloc && !finding) {
        finding = true;
        *(void **)&real_malloc = dlsym(RTLD_NEXT, "malloc");
        *(void **)&real_calloc = dlsym(RTLD_NEXT, "calloc");
        *(void **)&real_realloc = dlsym(RTLD_NEXT, "realloc");
        *(void **)&real_aligned_alloc = dlsym(RTLD_NEXT, "aligned_alloc");
        finding = false;
    }
}

static bool fails(void)
{
    find();
    if (!counting) {
        return false;
    }
    long number = made++;
    if (fails_at < 0 || number < fails_at || (number > fails_at && !for_good)) {
        return false;
    }
    errno = ENOMEM;
    return true;
}

void *malloc(size_t n)
{
    return fails() ? NULL : real_malloc(n);
}

void *calloc(size_t count, size_t n)
{
    if (finding) {
        void *at = early + early_used;
        early_used += (count * n + 15) & ~(size_t)15;
        return early_used > sizeof early ? NULL : at;
    }
    return fails() ? NULL : real_calloc(count, n);
}

void *realloc(void *old, size_t n)
{
    return fails() ? NULL : real_realloc(old, n);
}

void *aligned_alloc(size_t alignment, size_t n)
{
    return fails() ? NULL : real_aligned_alloc(alignment, n);
}

__attribute__((constructor)) static void begin(void)
{
    const char *at = getenv("FAIL_AT");
    find();
    fails_at = at ? atol(at) : -1;
    for_good = getenv("FAIL_GOOD") != NULL;
    first = getpid();
    counting = true;
}

__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("FAIL_COUNT");
    counting = false;
    FILE *file = path && getpid() == first ? fopen(path, "w") : NULL;
    if (file) {
        fprintf(file, "%ld\n", made);
        fclose(file);
    }
}
