/* Users of the machine. See user.h. */
#include "switchd/user.h"

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 4294967294u /* the one above means nobody at all to the kernel */

static bool is_number(const char *text, uid_t *out)
{
    errno = 0;
    unsigned long number = strtoul(text, NULL, 10);
    *out = (uid_t)number;
    return *text != '\0' && strspn(text, "0123456789") == strlen(text) && errno == 0 &&
           number <= NUMBER_MAX;
}

int sw_user_find(const char *user, uid_t *uid, gid_t *gid)
{
    uid_t number;
    const struct passwd *known = getpwnam(user);
    bool numbered = !known && is_number(user, &number);
    if (numbered) {
        known = getpwuid(number);
    }
    if (!known && !numbered) {
        return -ENOENT;
    }
    *uid = known ? known->pw_uid : number;
    *gid = known ? known->pw_gid : (gid_t)number;
    return 0;
}
