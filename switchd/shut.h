/* Many descriptors closed at once. */
#ifndef SW_SWITCHD_SHUT_H
#define SW_SWITCHD_SHUT_H

#include <stddef.h>

/* Closes them all, and returns when they are. For taps: the kernel takes some 30 ms for each, which
 * it spends waiting, so several threads see to them. */
void sw_shut_all(const int *fds, size_t count);

#endif
