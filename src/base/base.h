/* SPDX-License-Identifier: MIT */
/* base.h - what every file uses: assertions, container_of, attributes. */
#ifndef LW_BASE_BASE_H
#define LW_BASE_BASE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LW_CONTAINER_OF(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))
#define LW_MUST_USE __attribute__((warn_unused_result))
#define LW_COLD __attribute__((cold, noinline))
#define LW_LIKELY(x) __builtin_expect(!!(x), 1)
#define LW_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define LW_ALIGNED_LINE __attribute__((aligned(64)))

/*
 * An internal contradiction (a freed object reached, a count below zero).
 * Stays on in release builds: one line on standard error, then a trap.  No
 * argument of a caller ever reaches it.
 */
#define LW_CHECK(cond)                                                        \
    do {                                                                      \
        if (LW_UNLIKELY(!(cond))) lw_check_failed(#cond, __FILE__, __LINE__); \
    } while (0)

_Noreturn void lw_check_failed(const char *what, const char *file, int line) LW_COLD;

#endif
