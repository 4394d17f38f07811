/* SPDX-License-Identifier: MIT */
/* Process.h - <process.h> in another letter case. */
#include <process.h>
