/* SPDX-License-Identifier: MIT */
/* WS2TCPIP.h - <ws2tcpip.h> in another letter case. */
#include <ws2tcpip.h>
