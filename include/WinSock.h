/* SPDX-License-Identifier: MIT */
/* WinSock.h - <winsock.h> in another letter case. */
#include <winsock.h>
