/* The BSD packet filter (McCanne, Jacobson 1993): programs as libpcap compiles them, run on the
 * bytes of a frame. Pure. */
#ifndef SW_LAN_BPF_H
#define SW_LAN_BPF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lan/scenario.h"

#define SW_BPF_MAX 4096 /* instructions, as in the kernel */

/* May it be run: every jump goes forward and stays inside, every scratch cell exists, no division
 * by a constant zero, the last instruction returns? */
bool sw_bpf_valid(const struct sw_bpf *program, size_t count);
/* Does it accept? `len` is the frame's length, of which the first `have` bytes are at `bytes`; a
 * load behind them rejects, as in the kernel. The program must be valid. */
bool sw_bpf_accepts(const struct sw_bpf *program, const uint8_t *bytes, uint32_t len,
                    uint32_t have);

#endif
