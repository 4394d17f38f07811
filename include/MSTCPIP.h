/* SPDX-License-Identifier: MIT */
/* MSTCPIP.h - <mstcpip.h> in another letter case. */
#include <mstcpip.h>
