/* What holds of a host's connections whenever nobody is at work on them: that what is counted is
 * what there is. A test whose story went well may still have left something wrong behind. */
#ifndef SW_TESTS_STACK_HOLDS_H
#define SW_TESTS_STACK_HOLDS_H

#include "stack/host.h"
#include "stack/tcp_queue.h"
#include "stack/tcp_reass.h"
#include "stack/tcp_sent.h"

/* Aborts the test where something does not hold. */
void sw_test_tcp_holds(const struct sw_host *host);
/* The same of one part of a connection. */
void sw_test_sendq_holds(const struct sw_tcp_sendq *q);
void sw_test_recvq_holds(const struct sw_tcp_recvq *q);
void sw_test_sent_holds(const struct sw_tcp_sent *s);
void sw_test_reass_holds(const struct sw_tcp_reass *r);

#endif
