/* SPDX-License-Identifier: MIT */
/* connection.h - connections that live by completion routines. */
#ifndef CONNECTION_H
#define CONNECTION_H

#include <winsock2.h>

#include "page.h"

extern struct counters counters;
extern BOOL echo;     /* send every byte back instead of serving HTTP */
extern BOOL stopping; /* whatever completes, nothing more is issued */

/* Starts to serve the client and returns TRUE.  FALSE: there is no memory, and the socket is still the caller's. */
BOOL connection_start(SOCKET s, const struct sockaddr_in *peer, const struct sockaddr_in *local);

/* Cancels the requests of those that kept us waiting for too long. */
void connections_expire(void);

/* Cancels all requests and returns when no connection is left.  To be called when stopping. */
void connections_stop(void);

#endif
