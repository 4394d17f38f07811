/* SPDX-License-Identifier: MIT */
/* MSTcpIP.h - <mstcpip.h> in another letter case. */
#include <mstcpip.h>
