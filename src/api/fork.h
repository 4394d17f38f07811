/* SPDX-License-Identifier: MIT */
/* fork.h - what happens in the child of a fork. */
#ifndef LW_API_FORK_H
#define LW_API_FORK_H

#include <stdbool.h>

/* Registers the handler; once per process. */
void lw_fork_prepare(void);

/* Take and give back what must be consistent in the child. */
void lw_startup_lock_for_fork(bool take);
void lw_console_lock_for_fork(bool take);

#endif
