/* SPDX-License-Identifier: MIT */
/* threads.h - how many threads of the process are the library's own; see the end of the process in poll/watchdog.c. */
#ifndef LW_BASE_THREADS_H
#define LW_BASE_THREADS_H

#include "base/base.h"

extern _Atomic int lw_library_threads;

#endif
