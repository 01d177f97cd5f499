/* CUBIC (RFC 9438), with the recovery of RFC 6582 and the initial window of RFC 6928. Pure. */
#ifndef SW_STACK_TCP_CC_CUBIC_H
#define SW_STACK_TCP_CC_CUBIC_H

#include "stack/tcp_cc.h"

extern const struct sw_tcp_cc_ops sw_tcp_cc_cubic;

#endif
