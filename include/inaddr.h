/* SPDX-License-Identifier: MIT */
/* inaddr.h - an IPv4 address. */
#ifndef LAPWING_INADDR_H
#define LAPWING_INADDR_H

#include <lapwing/clash.h>

#include <minwindef.h>

/* s_addr, a macro on Windows, is a member here, beside S_un.S_addr. */
typedef struct in_addr {
    __extension__ union {
        union {
            struct {
                UCHAR s_b1, s_b2, s_b3, s_b4;
            } S_un_b;
            struct {
                USHORT s_w1, s_w2;
            } S_un_w;
            ULONG S_addr;
        } S_un;
        ULONG s_addr;
    };
} IN_ADDR, *PIN_ADDR, *LPIN_ADDR;

#endif
