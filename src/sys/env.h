/* SPDX-License-Identifier: MIT */
/*
 * env.h - memory and time, for files that must not see POSIX' socket headers.
 * All of it goes through the table of sys.h.
 */
#ifndef LW_SYS_ENV_H
#define LW_SYS_ENV_H

#include "base/base.h"

/* Memory, zeroed or not, or NULL; given back by lw_free. */
void *lw_alloc(size_t size) LW_MUST_USE;
void *lw_zalloc(size_t size) LW_MUST_USE;
void lw_free(void *memory);

/* CLOCK_MONOTONIC in nanoseconds. */
int64_t lw_now_ns(void);
/* The deadline `ms` milliseconds from now in nanoseconds of lw_now_ns; -1 for INFINITE (0xffffffff). */
int64_t lw_deadline(uint32_t ms);
/* What is left until the deadline in milliseconds, rounded up; -1 for none, 0 when it has passed. */
int lw_remaining_ms(int64_t deadline_ns);

/* Sleeps while *word == value, until the deadline (-1: for ever) or any wake-up; the caller looks again. */
void lw_futex_wait(_Atomic uint32_t *word, uint32_t value, int64_t deadline_ns);
void lw_futex_wake(_Atomic uint32_t *word, int count);

#endif
