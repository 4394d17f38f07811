/* SPDX-License-Identifier: MIT */
/* Winnt.h - <winnt.h> in another letter case. */
#include <winnt.h>
