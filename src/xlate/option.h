/* SPDX-License-Identifier: MIT */
/* option.h - socket option levels, names and the shape of their values.  Pure table: contract 70. */
#ifndef LW_XLATE_OPTION_H
#define LW_XLATE_OPTION_H

#include "xlate/win.h"

enum lw_option_kind {
    LW_OPTION_BOOL,       /* 0 or 1; 1 to 3 bytes accepted too */
    LW_OPTION_INT,        /* 32 bits, 4 bytes needed */
    LW_OPTION_BYTE,       /* 0 to 255, else WSAEINVAL; 1 to 3 bytes accepted (TTL, TOS, hops) */
    LW_OPTION_LINGER,     /* struct linger of two u_short */
    LW_OPTION_DONTLINGER, /* BOOL, the inverse of l_onoff */
    LW_OPTION_RAW,        /* same bytes on both sides (membership structures, addresses) */
    LW_OPTION_OWN,     /* answered by the socket object, never by the kernel (SO_TYPE, SO_ERROR, SO_CONNECT_TIME ...) */
    LW_OPTION_REFUSED, /* known to Windows, answered with .refusal */
};

struct lw_option {
    int level; /* Windows' */
    int name;  /* Windows' */
    enum lw_option_kind kind;
    int linux_level; /* for kinds that reach the kernel */
    int linux_name;
    unsigned char
        get_size; /* length that a 4-byte get reports: 1 or 4 (contract 70, option lengths); 0: the value's own */
    unsigned char zero_length_set; /* a set with optlen 0 succeeds (contract 70) */
    int refusal;                   /* WSA code for LW_OPTION_REFUSED */
};

/*
 * The entry, or NULL.  *ret_error then is the WSA code to answer: WSAEINVAL
 * for an unknown level, WSAENOPROTOOPT for an unknown name of a known level.
 */
const struct lw_option *lw_option_find(int level, int name, int *ret_error);

#endif
