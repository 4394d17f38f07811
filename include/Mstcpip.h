/* SPDX-License-Identifier: MIT */
/* Mstcpip.h - <mstcpip.h> in another letter case. */
#include <mstcpip.h>
