/* SPDX-License-Identifier: MIT */
/* fork.h - what happens in the child of a fork. */
#ifndef LW_API_FORK_H
#define LW_API_FORK_H

/* Registers the handler; once per process. */
void lw_fork_prepare(void);

#endif
