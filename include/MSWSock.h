/* SPDX-License-Identifier: MIT */
/* MSWSock.h - <mswsock.h> in another letter case. */
#include <mswsock.h>
