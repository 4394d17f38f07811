/* SPDX-License-Identifier: MIT */
/* Mswsock.h - <mswsock.h> in another letter case. */
#include <mswsock.h>
