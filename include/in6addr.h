/* SPDX-License-Identifier: MIT */
/* in6addr.h - an IPv6 address. */
#ifndef LAPWING_IN6ADDR_H
#define LAPWING_IN6ADDR_H

#include <lapwing/clash.h>

#include <minwindef.h>

/* s6_addr and its kin, macros on Windows, are members here, beside u.Byte and u.Word. */
typedef struct in6_addr {
    __extension__ union {
        union {
            UCHAR Byte[16];
            USHORT Word[8];
        } u;
        UCHAR s6_addr[16];
        UCHAR s6_bytes[16];
        USHORT s6_words[8];
    };
} IN6_ADDR, *PIN6_ADDR, *LPIN6_ADDR;

typedef struct in6_addr in_addr6;

#endif
