/* What hosts offer: echo (RFC 862), discard (RFC 863), chargen (RFC 864), udp-echo, http (RFC 9110,
 * 9112), iperf3. Written on the public socket API alone. Connections are bounded a service; what
 * they still hold ends with the service. */
#ifndef SW_LAN_SERVICES_H
#define SW_LAN_SERVICES_H

#include <stdbool.h>

#include "lan/topo.h"
#include "stack/host.h"

#define SW_SERVICE_CONNECTIONS 1024 /* at once; more wait in the backlog */

struct sw_service;

/* Starts a service on a host; config is lent for its life. 0, -EADDRINUSE, -ENOMEM. */
int sw_service_new(struct sw_service **out, struct sw_host *host,
                   const struct sw_topo_service *config);
/* It stands still with its host: no timer of it fires until it goes on. */
void sw_service_pause(struct sw_service *service, bool paused);
/* Before its host is freed. Connections are aborted. */
void sw_service_free(struct sw_service *service);

#endif
