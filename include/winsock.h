/* SPDX-License-Identifier: MIT */
/* winsock.h - Winsock 1's header; everything that it had is in Winsock 2's. */
#ifndef LAPWING_WINSOCK_H
#define LAPWING_WINSOCK_H

#include <winsock2.h>

#endif
