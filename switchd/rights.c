/* Capabilities. See rights.h.
 *
 * The bounding set stays whole: a file that asks for a capability which is not in there is not
 * executed at all, and Debian's ping is such a file. What such a file gives is that file's own. */
#include "switchd/rights.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lan/topo.h"

static const struct {
    enum sw_capability word;
    unsigned number;
} known[] = {{SW_CAPABILITY_NET_RAW, CAP_NET_RAW}, {SW_CAPABILITY_NET_ADMIN, CAP_NET_ADMIN}};

#define KNOWN (sizeof known / sizeof known[0])

int sw_rights_keep(unsigned capabilities)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct set[_LINUX_CAPABILITY_U32S_3] = {{0}};
    unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED;
    for (unsigned i = 0; i < KNOWN; i++) {
        if (capabilities & known[i].word) {
            set[CAP_TO_INDEX(known[i].number)].effective |= CAP_TO_MASK(known[i].number);
        }
    }
    for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
        set[i].permitted = set[i].inheritable = set[i].effective;
    }
    if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) < 0 || syscall(SYS_capset, &head, set) < 0) {
        return -errno;
    }
    for (unsigned i = 0; i < KNOWN; i++) {
        if (capabilities & known[i].word &&
            prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, known[i].number, 0, 0) < 0) {
            return -errno;
        }
    }
    return 0;
}
