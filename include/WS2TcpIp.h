/* SPDX-License-Identifier: MIT */
/* WS2TcpIp.h - <ws2tcpip.h> in another letter case. */
#include <ws2tcpip.h>
