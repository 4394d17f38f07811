/* SPDX-License-Identifier: MIT */
/*
 * resolve.h - names, services and the text of addresses: libc's resolver under
 * neutral types, for the API half that cannot see the POSIX socket headers.
 *
 * Families and addresses are Windows'; results are Winsock codes, 0 for
 * success.  No state and no lock; a look-up may block for as long as libc's
 * resolver does.
 */
#ifndef LW_SOCK_RESOLVE_H
#define LW_SOCK_RESOLVE_H

#include "xlate/win.h"

#include <stdbool.h>

enum lw_resolve_flags {
    LW_RESOLVE_PASSIVE = 0x01, /* no node: the wildcard address instead of loopback */
    LW_RESOLVE_CANONICAL = 0x02,
    LW_RESOLVE_NUMERIC_NODE = 0x04,
    LW_RESOLVE_NUMERIC_SERVICE = 0x08,
    LW_RESOLVE_ALL = 0x10,
    LW_RESOLVE_CONFIGURED = 0x20, /* only families that have an address here */
    LW_RESOLVE_MAPPED = 0x40,     /* IPv4 addresses as IPv6 ones */
};

enum lw_name_flags {
    LW_NAME_NUMERIC_HOST = 0x01,
    LW_NAME_NUMERIC_SERVICE = 0x02,
    LW_NAME_REQUIRED = 0x04,
    LW_NAME_NO_DOMAIN = 0x08,
    LW_NAME_DATAGRAM = 0x10,
};

/* An entry of a result: the layout of Windows' addrinfo, which names.c asserts. */
struct lw_address_info {
    int flags;
    int family;
    int type;
    int protocol;
    size_t address_len;
    char *canonical; /* first entry only, or NULL */
    void *address;
    struct lw_address_info *next;
};

struct lw_resolve_hints {
    unsigned flags; /* enum lw_resolve_flags */
    int family;     /* 0, W_AF_INET or W_AF_INET6 */
    int type;       /* 0 for any; both are repeated in every entry */
    int protocol;
};

/* Looks up; *ret_list is untouched on failure. */
int lw_resolve(const char *node, const char *service, const struct lw_resolve_hints *hints,
               struct lw_address_info **ret_list);
void lw_resolve_free(struct lw_address_info *list);

/* The reverse.  host or service NULL: not wanted. */
int lw_resolve_name(const void *name, int name_len, char *host, size_t host_size, char *service, size_t service_size,
                    unsigned flags);

/* The name of this machine; false: it does not fit. */
bool lw_resolve_own_name(char *name, size_t size);

/* Text to address and back; false: not an address, or not enough room.  The family is W_AF_INET or W_AF_INET6. */
bool lw_address_from_text(int family, const char *text, void *ret_address);
bool lw_address_to_text(int family, const void *address, char *ret_text, size_t size);

#endif
