/* What lwIP wants of a compiler and a machine. Ours: any with <stdint.h>, little-endian or not. */
#ifndef SW_TESTS_INTEROP_LWIP_CC_H
#define SW_TESTS_INTEROP_LWIP_CC_H

#include <stdio.h>
#include <stdlib.h> /* BYTE_ORDER, too */

/* lwIP's own bug, or a misuse of it. */
#define LWIP_PLATFORM_ASSERT(text)                                                                 \
    do {                                                                                           \
        fprintf(stderr, "lwIP: %s (%s:%d)\n", text, __FILE__, __LINE__);                           \
        abort();                                                                                   \
    } while (0)
#define LWIP_PLATFORM_DIAG(x)

/* Sequence numbers and ports by the seed, in lwip.c: the same run gives the same bytes. */
unsigned sw_lwip_random(void);
#define LWIP_RAND() (sw_lwip_random())

#endif
