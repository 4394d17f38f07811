/* SPDX-License-Identifier: MIT */
/* WinError.h - <winerror.h> in another letter case. */
#include <winerror.h>
