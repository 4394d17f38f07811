/* SPDX-License-Identifier: MIT */
/* WINDOWS.h - <windows.h> in another letter case. */
#include <windows.h>
