/* SPDX-License-Identifier: MIT */
/*
 * unit.h - the harness of a unit test: a plain C program over internal
 * headers, one table of cases, TAP on standard output.
 *
 *     static void finds_nothing_in_an_empty_list(void) { CHECK(...); }
 *
 *     static const struct unit_case cases[] = { UNIT(finds_nothing_in_an_empty_list) };
 *     UNIT_MAIN(cases)
 *
 * CHECK and CHECK_EQ read as in tests/lib/test.h and may be used from any
 * thread.  Exit status: 0 all passed, 1 otherwise.
 */
#ifndef UNIT_H
#define UNIT_H

#include <stdatomic.h>
#include <stdio.h>

struct unit_case {
    const char *name;
    void (*run)(void);
};

#define UNIT(fn) { #fn, fn }

/* Records a failure and goes on. */
#define CHECK(cond) unit_check(!!(cond), __FILE__, __LINE__, #cond)
/* The same for two integers, printing both when they differ. */
#define CHECK_EQ(got, want) unit_check_eq((long long)(got), (long long)(want), __FILE__, __LINE__, #got " == " #want)
/* Records a failure and leaves the case (use in the case's own function only). */
#define REQUIRE(cond)             \
    do {                          \
        if (!CHECK(cond)) return; \
    } while (0)

#define UNIT_MAIN(cases)                                                    \
    int main(void)                                                          \
    {                                                                       \
        return unit_main(cases, (int)(sizeof(cases) / sizeof((cases)[0]))); \
    }

static atomic_int unit_failures; /* in the running case; any thread */

static inline int unit_check(int ok, const char *file, int line, const char *what)
{
    if (!ok) {
        atomic_fetch_add(&unit_failures, 1);
        printf("# %s:%d: failed: %s\n", file, line, what);
    }
    return ok;
}

static inline int unit_check_eq(long long got, long long want, const char *file, int line, const char *what)
{
    if (got != want) {
        atomic_fetch_add(&unit_failures, 1);
        printf("# %s:%d: failed: %s: got %lld (0x%llx), want %lld (0x%llx)\n", file, line, what, got,
               (unsigned long long)got, want, (unsigned long long)want);
    }
    return got == want;
}

static inline int unit_main(const struct unit_case *cases, int count)
{
    int bad = 0;

    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    printf("1..%d\n", count);
    for (int i = 0; i < count; i++) {
        atomic_store(&unit_failures, 0);
        cases[i].run();
        bad += atomic_load(&unit_failures) != 0;
        printf("%sok %d - %s\n", atomic_load(&unit_failures) ? "not " : "", i + 1, cases[i].name);
    }
    return bad != 0;
}

#endif
