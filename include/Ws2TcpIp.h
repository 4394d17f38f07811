/* SPDX-License-Identifier: MIT */
/* Ws2TcpIp.h - <ws2tcpip.h> in another letter case. */
#include <ws2tcpip.h>
