/* switchd: a LAN in a process. The program: a verb and what it needs. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "switchd/options.h"
#include "switchd/verbs.h"

#define VERSION "0.1.0"

static int run_verb(const struct sw_options *options)
{
    switch (options->verb) {
    case SW_VERB_RUN:
        return sw_verb_run(options);
    case SW_VERB_TEST:
        return sw_verb_test(options);
    case SW_VERB_CHECK:
        return sw_verb_check(options);
    case SW_VERB_PING:
        return sw_verb_ping(options);
    case SW_VERB_IPERF:
        return sw_verb_iperf(options);
    case SW_VERB_EXEC:
        return sw_verb_exec(options);
    case SW_VERB_SHELL:
        return sw_verb_shell(options);
    case SW_VERB_FORWARD:
        return sw_verb_forward(options);
    case SW_VERB_SCHEMA:
        return sw_verb_schema(options);
    }
    return SW_EXIT_USAGE;
}

/* A standard stream that was closed is filled with one that fails, so that no file of ours takes
 * its number and is written to in its stead. */
static void fill_streams(void)
{
    static const int mode[] = {O_WRONLY, O_RDONLY, O_RDONLY};
    for (int fd = 0; fd < 3; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", mode[fd]) != fd) {
            _exit(SW_EXIT_REFUSED);
        }
    }
}

/* libuv aborts where its lists cannot grow. */
static void *grow_or_end(void *old, size_t n)
{
    void *grown = realloc(old, n);
    if (grown == NULL && n > 0) {
        fputs("switchd: out of memory\n", stderr);
        exit(SW_EXIT_REFUSED);
    }
    return grown;
}

int main(int argc, char **argv)
{
    fill_streams();
    /* Where it was inherited as ignored, no child would say how it ended. */
    signal(SIGCHLD, SIG_DFL);
    uv_replace_allocator(malloc, grow_or_end, calloc, free);
    struct sw_options options;
    int status = sw_options_parse(&options, argc, argv);
    if (status == 0 && options.version) {
        puts("switchd " VERSION);
    } else if (status == 0 && options.help) {
        sw_options_help(options.verb);
    } else if (status == 0) {
        status = run_verb(&options);
    }
    sw_options_fini(&options);
    bool lost = ferror(stdout) != 0;
    if ((fflush(stdout) != 0 || lost) && status <= SW_EXIT_FAILED) {
        fputs("switchd: standard output could not be written\n", stderr);
        status = SW_EXIT_REFUSED;
    }
    return status;
}
