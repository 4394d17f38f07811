/* SPDX-License-Identifier: MIT */
/* Windows.h - <windows.h> in another letter case. */
#include <windows.h>
