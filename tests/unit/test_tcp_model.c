/* TCP against a model of two byte streams (tests/support/stack_model.h), seed by seed.
 *
 *     test_tcp_model [--seeds N] [--first SEED] [--jobs N]    N seeds [300], as many at once as
 * there are cores test_tcp_model --seed SEED                              this one alone, in this
 * process
 *
 * A failure prints the second.
 */
#include <check.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/pcapng.h"
#include "core/watch.h"
#include "tests/support/stack_model.h"

#define JOBS_MOST 64
#define TOLD_MOST 20       /* failures, then it ends */
#define SECONDS_A_SEED 100 /* of real time: whoever takes longer hangs */

/* What the processes share. */
struct board {
    _Atomic uint64_t next, played;
    _Atomic unsigned failures;
    uint64_t last;
    uint64_t at[JOBS_MOST]; /* the seed that each of them plays */
};

static uint64_t first_seed = 1, seeds = 300;
static unsigned jobs;
static bool alone;
static const char *program, *capture_path;

/* ---- one seed, and what its cable carried ---- */

struct capture {
    struct sw_watch watch;
    struct sw_pcapng pcapng;
    FILE *file;
};

static int write_bytes(void *ctx, const void *bytes, size_t n)
{
    return fwrite(bytes, 1, n, ctx) == n ? 0 : -1;
}

static void on_sent(struct sw_watch *w, const struct sw_lane *lane, sw_time now,
                    const struct sw_frame *frame)
{
    struct capture *c = SW_CONTAINER(w, struct capture, watch);
    (void)lane;
    sw_pcapng_frame(&c->pcapng, 0, SW_DIR_OUT, 0, now, frame, SW_DROP_COUNT);
}

static void on_dropped(struct sw_watch *w, const struct sw_lane *lane, const struct sw_owner *where,
                       sw_time now, const struct sw_frame *frame, enum sw_drop reason)
{
    struct capture *c = SW_CONTAINER(w, struct capture, watch);
    (void)lane;
    (void)where;
    sw_pcapng_frame(&c->pcapng, 1, SW_DIR_IN, 0, now, frame, reason);
}

static const char *play_alone(uint64_t seed)
{
    struct capture c = {.watch = {.sent = on_sent, .dropped = on_dropped}};
    if (capture_path == NULL) {
        return sw_model_run(seed, NULL);
    }
    c.file = fopen(capture_path, "wb");
    ck_assert_ptr_nonnull(c.file);
    sw_pcapng_begin(&c.pcapng, write_bytes, c.file, seed);
    sw_pcapng_interface(&c.pcapng, "sent");
    sw_pcapng_interface(&c.pcapng, "dropped");
    const char *why = sw_model_run(seed, &c.watch);
    fclose(c.file);
    return why;
}

/* ---- many ---- */

static void tell(struct board *board, uint64_t seed, const char *why)
{
    if (board->failures++ < TOLD_MOST) {
        printf("seed %llu: %s\n    replay: %s --seed %llu\n", (unsigned long long)seed, why,
               program, (unsigned long long)seed);
        fflush(stdout);
    }
}

static void work(struct board *board, unsigned worker)
{
    uint64_t seed;
    while ((seed = board->next++) <= board->last && board->failures < TOLD_MOST) {
        board->at[worker] = seed;
        alarm(SECONDS_A_SEED);
        const char *why = sw_model_run(seed, NULL);
        board->played++;
        if (why != NULL) {
            tell(board, seed, why);
        }
    }
}

static pid_t begin(struct board *board, unsigned worker)
{
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        work(board, worker);
        _exit(EXIT_SUCCESS);
    }
    return child;
}

/* One process has ended; true: it had more to do, as it fell over a seed. */
static bool fell(struct board *board, unsigned worker, int status)
{
    char why[80];
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS) {
        return false;
    }
    if (WIFSIGNALED(status)) {
        snprintf(why, sizeof(why), "killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    } else {
        snprintf(why, sizeof(why), "exit status %d", WEXITSTATUS(status));
    }
    tell(board, board->at[worker], why);
    return true;
}

START_TEST(every_byte_once_and_in_order_or_an_error)
{
    if (alone) {
        const char *why = play_alone(first_seed);
        ck_assert_msg(why == NULL, "%s", why);
        return;
    }
    struct board *board =
        mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(board, MAP_FAILED);
    pid_t child[JOBS_MOST];
    unsigned running = jobs;
    board->next = first_seed;
    board->last = first_seed + seeds - 1;
    for (unsigned i = 0; i < jobs; i++) {
        child[i] = begin(board, i);
    }
    while (running > 0) {
        int status;
        const pid_t ended = wait(&status);
        ck_assert_int_gt(ended, 0);
        for (unsigned i = 0; i < jobs; i++) {
            if (child[i] == ended) {
                if (fell(board, i, status)) {
                    child[i] = begin(board, i);
                } else {
                    running--;
                }
            }
        }
    }
    printf("%llu seeds from %llu on, %u failed\n", (unsigned long long)board->played,
           (unsigned long long)first_seed, board->failures);
    fflush(stdout);
    ck_assert_uint_eq(board->failures, 0);
    ck_assert_uint_eq(board->played, seeds);
    munmap(board, sizeof(*board));
}
END_TEST

int main(int argc, char **argv)
{
    const long cores = sysconf(_SC_NPROCESSORS_ONLN);
    program = argv[0];
    jobs = cores > 0 ? (unsigned)cores : 1;
    for (int i = 1; i + 1 < argc; i += 2) {
        const uint64_t n = strtoull(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--pcap") == 0) {
            capture_path = argv[i + 1];
        } else if (strcmp(argv[i], "--seed") == 0) {
            first_seed = n;
            alone = true;
        } else if (strcmp(argv[i], "--seeds") == 0) {
            seeds = n;
        } else if (strcmp(argv[i], "--first") == 0) {
            first_seed = n;
        } else if (strcmp(argv[i], "--jobs") == 0) {
            jobs = (unsigned)n;
        }
    }
    jobs = jobs < 1 ? 1 : jobs > JOBS_MOST ? JOBS_MOST : jobs;
    Suite *suite = suite_create("tcp_model");
    TCase *tc = tcase_create("all");
    tcase_set_timeout(tc, seeds <= 300 ? 600 : 7200);
    tcase_add_test(tc, every_byte_once_and_in_order_or_an_error);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
