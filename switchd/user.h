/* Users of the machine. */
#ifndef SW_SWITCHD_USER_H
#define SW_SWITCHD_USER_H

#include <sys/types.h>

/* The ids of a user and of his group, by his name, or by his number, which need not be known here:
 * then his group has the same. 0, or -ENOENT: nobody is called so. */
int sw_user_find(const char *user, uid_t *uid, gid_t *gid);

#endif
