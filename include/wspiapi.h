/* SPDX-License-Identifier: MIT */
/* wspiapi.h - getaddrinfo for Windows before XP; it is always in <ws2tcpip.h> here. */
#ifndef LAPWING_WSPIAPI_H
#define LAPWING_WSPIAPI_H

#define _WSPIAPI_H_

#include <ws2tcpip.h>

#endif
