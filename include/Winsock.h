/* SPDX-License-Identifier: MIT */
/* Winsock.h - <winsock.h> in another letter case. */
#include <winsock.h>
