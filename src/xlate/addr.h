/* SPDX-License-Identifier: MIT */
/* addr.h - address families and socket addresses, both ways.  Pure. */
#ifndef LW_XLATE_ADDR_H
#define LW_XLATE_ADDR_H

#include "xlate/win.h"
#include <stdbool.h>
#include <sys/socket.h>

/* Address family Windows -> Linux and back; -1 where there is none (0 stays 0). */
int lw_af_to_linux(int family);
int lw_af_from_linux(int family);

/*
 * A Windows socket address to Linux' own.  `family` is the Windows family that
 * the socket has.  STATUS_ACCESS_VIOLATION (WSAEFAULT): NULL or too short for
 * its family; LW_STATUS_WSA(WSAEAFNOSUPPORT): another family than the socket's.
 * A sockaddr_in6 of 24 bytes (without scope id) is taken as scope 0.
 */
NTSTATUS lw_addr_to_linux(const void *name, int name_len, int family, struct sockaddr_storage *ret, socklen_t *ret_len);

/*
 * Linux' address to Windows' form: writes at most out_len bytes to out and
 * returns the true size (16, 28, 110 ...; 0 for no address).
 */
int lw_addr_from_linux(const struct sockaddr *name, socklen_t name_len, void *out, int out_len);

/* Size of the Windows address of a Windows family (16, 28, 110), 0 if unknown: what lpFromlen, accept and getsockname need at least. */
int lw_addr_size(int family);

/* Can it be sent or connected to?  Not the wildcard address, nor (for protocols with ports) port 0.  Linux' form. */
bool lw_addr_is_destination(const struct sockaddr_storage *name, bool has_port);

#endif
