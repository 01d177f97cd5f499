/* The control socket of a LAN that runs: an abstract Unix socket, named from the user and the LAN,
 * so nothing of it stays on disk. Whoever has the user's id, or is root, may ask by it for
 *
 *   exec HOST                       a program's host: descriptors of its namespaces
 *   forward list                    the forwards that stand, a line each
 *   forward add LISTEN TO [FROM]    one more; the answer says where it is
 *   forward remove LISTEN           one less
 *
 * A request is a packet; the answer is one, too: '+' and a text (and descriptors), or a digit, the
 * exit status of who asked, and what was wrong. */
#ifndef SW_SWITCHD_CONTROL_H
#define SW_SWITCHD_CONTROL_H

#include <stddef.h>
#include <sys/types.h>

#include "switchd/driver.h"
#include "switchd/forward.h"
#include "switchd/programs.h"

#define SW_CONTROL_PREFIX "@switchd/"      /* of its name, '@' for the NUL that it begins with */
#define SW_CONTROL_TEXT 512                /* of a request, and of what was wrong */
#define SW_CONTROL_ANSWER ((size_t)196608) /* below net.core.wmem_default */

struct sw_control;

/* Listens, as the LAN's name asks for. Where another LAN of that name is there already, that is
 * logged (as a warning where there are programs, which `switchd exec` would not find), and nobody
 * listens. 0, or a negative errno. All are lent. */
int sw_control_new(struct sw_control **out, const struct sw_env *env, const char *lan,
                   struct sw_programs *programs, struct sw_forwards *forwards,
                   struct sw_driver *driver);
/* After the driver is gone. NULL is harmless. */
void sw_control_free(struct sw_control *control);

/* Where such a LAN is. */
struct sw_control_place {
    uid_t user;
    char lan[128];
};

/* From elsewhere: asks a LAN. `text`, of `cap` bytes, becomes its answer, or why there is none.
 * fds: where an answer has descriptors, SW_PROGRAM_NAMESPACES of them as sw_program_enter() has
 * them; else NULL. Who answers must be that user. 0, or an exit status. */
int sw_control_ask(const struct sw_control_place *place, const char *request, int *fds, char *text,
                   size_t cap);

#endif
