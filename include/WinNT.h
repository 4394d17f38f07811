/* SPDX-License-Identifier: MIT */
/* WinNT.h - <winnt.h> in another letter case. */
#include <winnt.h>
