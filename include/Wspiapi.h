/* SPDX-License-Identifier: MIT */
/* Ws2tcpip.h - <wspiapi.h> in another letter case. */
#include <wspiapi.h>
