/* SPDX-License-Identifier: MIT */
/* WinDef.h - <windef.h> in another letter case. */
#include <windef.h>
