/* SPDX-License-Identifier: MIT */
/* Ws2ipdef.h - <ws2ipdef.h> in another letter case. */
#include <ws2ipdef.h>
