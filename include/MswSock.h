/* SPDX-License-Identifier: MIT */
/* MswSock.h - <mswsock.h> in another letter case. */
#include <mswsock.h>
