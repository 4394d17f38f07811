/* SPDX-License-Identifier: MIT */
/* WS2tcpip.h - <ws2tcpip.h> in another letter case. */
#include <ws2tcpip.h>
