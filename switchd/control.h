/* The control socket of a LAN that runs: an abstract Unix socket, named from the user and the LAN,
 * so nothing of it stays on disk. Whoever has the user's id, or is root, may ask by it for a
 * program's host, and gets descriptors of its namespaces.
 *
 * A request is a packet, "exec HOST"; the answer is one, too: an empty text with those descriptors,
 * or what was wrong. */
#ifndef SW_SWITCHD_CONTROL_H
#define SW_SWITCHD_CONTROL_H

#include <stddef.h>

#include "switchd/driver.h"
#include "switchd/programs.h"

#define SW_CONTROL_TEXT 256 /* of a request and of an answer */

struct sw_control;

/* Listens, as the LAN's name asks for. Where another LAN of that name is there already, that is
 * logged as a warning, and nobody listens. 0, or a negative errno. All are lent. */
int sw_control_new(struct sw_control **out, const struct sw_env *env, const char *lan,
                   struct sw_programs *programs, struct sw_driver *driver);
/* After the driver is gone. NULL is harmless. */
void sw_control_free(struct sw_control *control);

/* From elsewhere: the namespaces of a host of the LAN with this name, as sw_program_enter() has
 * them. 0, or a negative errno and `why`. Who answers must be this user: -EPERM. */
int sw_control_ask(const char *lan, const char *host, int fds[SW_PROGRAM_NAMESPACES], char *why,
                   size_t cap);

#endif
