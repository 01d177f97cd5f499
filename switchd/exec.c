/* switchd exec, switchd shell: one more command on a host that is a program, with this terminal. It
 * enters the host's namespaces, and so ends with the LAN at the latest. */
#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lan/topo.h"
#include "switchd/control.h"
#include "switchd/rights.h"
#include "switchd/session.h"
#include "switchd/verbs.h"

#define NOT_EXECUTED 127 /* as shells have it */

/* The name of a LAN, as its file says. 0, or an exit status. */
static int lan_of(const struct sw_options *o, char *name, size_t cap)
{
    struct sw_topo *topo;
    int status = sw_session_read(&topo, o, o->arguments[0]);
    if (status == 0) {
        snprintf(name, cap, "%s", topo->name);
        sw_topo_free(topo);
    }
    return status;
}

/* In the host already, but for its processes, which begin with a child. */
static int run_there(char *const *argv)
{
    pid_t pid = fork();
    int status;
    if (pid == 0) {
        execvp(argv[0], argv);
        fprintf(stderr, "switchd: %s: %s\n", argv[0], strerror(errno));
        _exit(NOT_EXECUTED);
    }
    if (pid < 0) {
        fprintf(stderr, "switchd: fork: %s\n", strerror(errno));
        return SW_EXIT_REFUSED;
    }
    signal(SIGINT, SIG_IGN); /* the command hears them from the terminal, too */
    signal(SIGQUIT, SIG_IGN);
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return SW_EXIT_REFUSED;
        }
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static int enter(const struct sw_options *o, char *const *argv)
{
    char lan[128], why[SW_CONTROL_TEXT], here[PATH_MAX];
    const char *host = o->arguments[1];
    int status = lan_of(o, lan, sizeof lan);
    if (status) {
        return status;
    }
    int fds[SW_PROGRAM_NAMESPACES];
    int rc = sw_control_ask(lan, host, fds, why, sizeof why);
    if (rc) {
        fprintf(stderr, "switchd: %s\n", why);
        return rc == -ENOENT ? SW_EXIT_USAGE : SW_EXIT_REFUSED;
    }
    bool known = getcwd(here, sizeof here) != NULL;
    fflush(NULL);
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
