/* SPDX-License-Identifier: MIT */
/* Windef.h - <windef.h> in another letter case. */
#include <windef.h>
