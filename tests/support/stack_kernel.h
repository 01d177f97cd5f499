/* A virtual host that plays a real program's kernel: its sockets are another host's, as stack/far.h
 * has it. Whoever speaks from that other host in truth speaks from this one, and in virtual time.
 */
#ifndef SW_TESTS_STACK_KERNEL_H
#define SW_TESTS_STACK_KERNEL_H

#include "stack/far.h"
#include "stack/host.h"

struct sw_test_kernel {
    struct sw_host *host;
    struct sw_nic *nic;
    unsigned open; /* sockets */
    int refuses;   /* what each new one is refused with, or 0 */
};

extern const struct sw_far_ops sw_test_kernel_ops; /* the ctx is a struct sw_test_kernel */

/* A host with one interface, its address in a net of 24 bits; the MAC is its own. */
void sw_test_kernel_init(struct sw_test_kernel *kernel, const struct sw_env *env, const char *name,
                         const char *address);
/* Checks that no socket is left. */
void sw_test_kernel_fini(struct sw_test_kernel *kernel);

#endif
