/* SPDX-License-Identifier: MIT */
/* Winbase.h - <winbase.h> in another letter case. */
#include <winbase.h>
