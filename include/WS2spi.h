/* SPDX-License-Identifier: MIT */
/* WS2spi.h - <ws2spi.h> in another letter case. */
#include <ws2spi.h>
