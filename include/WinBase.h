/* SPDX-License-Identifier: MIT */
/* WinBase.h - <winbase.h> in another letter case. */
#include <winbase.h>
