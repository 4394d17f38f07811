/* SPDX-License-Identifier: MIT */
/* Ws2spi.h - <ws2spi.h> in another letter case. */
#include <ws2spi.h>
