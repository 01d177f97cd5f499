/* switchd exec, switchd shell: one more command on a host that is a program, with this terminal. It
 * enters the host's namespaces, and so ends with the LAN at the latest. */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lan/topo.h"
#include "switchd/reach.h"
#include "switchd/rights.h"
#include "switchd/verbs.h"

#define NOT_EXECUTED 127 /* as shells have it */

/* In the host already, but for its processes, which begin with a child. */
static int run_there(char *const *argv)
{
    int status;
    /* The command hears these from the terminal, too; they are ignored in it only if they were. */
    void (*interrupt)(int) = signal(SIGINT, SIG_IGN);
    void (*quit)(int) = signal(SIGQUIT, SIG_IGN);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGINT, interrupt);
        signal(SIGQUIT, quit);
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* whoever ends this one means the command */
        execvp(argv[0], argv);
        fprintf(stderr, "switchd: %s: %s\n", argv[0], strerror(errno));
        _exit(NOT_EXECUTED);
    }
    if (pid < 0) {
        fprintf(stderr, "switchd: fork: %s\n", strerror(errno));
        return SW_EXIT_REFUSED;
    }
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return SW_EXIT_REFUSED;
        }
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int enter(const struct sw_options *o, char *const *argv)
{
    struct sw_control_place lan;
    char request[SW_CONTROL_TEXT], why[SW_CONTROL_TEXT], here[PATH_MAX];
    const char *host = o->arguments[1];
    int fds[SW_PROGRAM_NAMESPACES];
    int status = sw_reach(&lan, o, o->arguments[0]);
    if (status) {
        return status;
    }
    snprintf(request, sizeof request, "exec %.200s", host);
    status = sw_control_ask(&lan, request, fds, why, sizeof why);
    if (status) {
        fprintf(stderr, "switchd: %s\n", why);
        return status;
    }
    bool known = getcwd(here, sizeof here) != NULL;
    fflush(NULL);
    int rc = 0;
    for (size_t i = 0; i < SW_PROGRAM_NAMESPACES; i++) {
        rc = rc ? rc : setns(fds[i], 0) < 0 ? -errno : 0;
        close(fds[i]);
    }
    /* Whoever owns the LAN may look at its hosts and mend them, as root of the machine may there.
     */
    rc = rc ? rc : sw_rights_keep(SW_CAPABILITY_NET_RAW | SW_CAPABILITY_NET_ADMIN);
    if (rc) {
        fprintf(stderr, "switchd: entering '%s': %s\n", host, strerror(-rc));
        return SW_EXIT_REFUSED;
    }
    if (!known || chdir(here) < 0) {
        fprintf(stderr, "switchd: this folder is not there on '%s'\n", host);
    }
    return run_there(argv);
}

int sw_verb_exec(const struct sw_options *o)
{
    return enter(o, o->arguments + 2);
}

int sw_verb_shell(const struct sw_options *o)
{
    char *shell = getenv("SHELL");
    char *argv[] = {shell && *shell ? shell : (char *)"/bin/sh", NULL};
    return enter(o, argv);
}
