/* Many descriptors closed at once. See shut.h. */
#include "switchd/shut.h"

#include <unistd.h>
#include <uv.h>

#define THREADS 8

/* Every step-th from the first on. */
struct share {
    const int *fds;
    size_t first, step, count;
};

static void close_share(void *arg)
{
    const struct share *share = arg;
    for (size_t i = share->first; i < share->count; i += share->step) {
        close(share->fds[i]);
    }
}

void sw_shut_all(const int *fds, size_t count)
{
    size_t threads = count < THREADS ? count : THREADS;
    struct share shares[THREADS];
    uv_thread_t thread[THREADS];
    int refused[THREADS];
    for (size_t i = 0; i < threads; i++) {
        shares[i] = (struct share){.fds = fds, .first = i, .step = threads, .count = count};
        /* The last share is this thread's own, and each for which there is no other. */
        refused[i] = i + 1 == threads ? -1 : uv_thread_create(&thread[i], close_share, &shares[i]);
    }
    for (size_t i = 0; i < threads; i++) {
        if (refused[i]) {
            close_share(&shares[i]);
        }
    }
    for (size_t i = 0; i < threads; i++) {
        if (!refused[i]) {
            uv_thread_join(&thread[i]);
        }
    }
}
