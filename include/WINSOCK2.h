/* SPDX-License-Identifier: MIT */
/* WINSOCK2.h - <winsock2.h> in another letter case. */
#include <winsock2.h>
