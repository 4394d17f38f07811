/* SPDX-License-Identifier: MIT */
/* mswSock.h - <mswsock.h> in another letter case. */
#include <mswsock.h>
