/* SPDX-License-Identifier: MIT */
/* MSWSOCK.h - <mswsock.h> in another letter case. */
#include <mswsock.h>
