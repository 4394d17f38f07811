/* SPDX-License-Identifier: MIT */
/* startup.h - has WSAStartup been called? */
#ifndef LW_API_STARTUP_H
#define LW_API_STARTUP_H

#include "base/base.h"

extern _Atomic int lw_startup_count;

/* Non-zero between the first WSAStartup and the last WSACleanup. */
static inline int lw_started(void)
{
    return atomic_load_explicit(&lw_startup_count, memory_order_relaxed) > 0;
}

#endif
