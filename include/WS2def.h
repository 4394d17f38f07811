/* SPDX-License-Identifier: MIT */
/* WS2def.h - <ws2def.h> in another letter case. */
#include <ws2def.h>
