/* SPDX-License-Identifier: MIT */
/*
 * test.c - runs the cases of one program and prints TAP.
 *
 * Exit status: 0 all passed, 77 all skipped, 1 otherwise.
 */
#include "test.h"

#include <stdarg.h>

#ifdef __MINGW32__
enum { ON_WINE = 1 };
#else
enum { ON_WINE = 0 };
#endif

static LONG failures; /* checks failed in the running case; any thread */
static const char *skipped;

int test_check(int ok, const char *file, int line, const char *what)
{
    if (!ok) {
        InterlockedIncrement(&failures);
        printf("# %s:%d: failed: %s (last error %lu)\n", file, line, what, (unsigned long)GetLastError());
    }
    return ok;
}

int test_check_eq(long long got, long long want, const char *file, int line, const char *what)
{
    if (got != want) {
        InterlockedIncrement(&failures);
        printf("# %s:%d: failed: %s: got %lld (0x%llx), want %lld (0x%llx)\n", file, line, what, got,
               (unsigned long long)got, want, (unsigned long long)want);
    }
    return got == want;
}

void test_skip(const char *why)
{
    skipped = why;
}

void test_note(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    printf("# ");
    vprintf(format, args);
    printf("\n");
    va_end(args);
}

/* Runs one case; returns 1 if it counts as a failure. */
static int run_case(const struct test_case *c, int number)
{
    int failed;

    failures = 0;
    skipped = NULL;
    if (ON_WINE && c->not_on_wine) skipped = c->wine_differs;
    else c->run();
    failed = failures != 0;
    if (skipped && !failed) {
        printf("ok %d - %s [%s] # SKIP %s\n", number, c->name, c->rule, skipped);
        return 0;
    }
    if (ON_WINE && c->wine_differs && !skipped) {
        printf("%sok %d - %s [%s] # TODO Wine: %s\n", failed ? "not " : "", number, c->name, c->rule, c->wine_differs);
        if (!failed) printf("# this case passes under Wine now: take its mark away\n");
        return !failed;
    }
    printf("%sok %d - %s [%s]\n", failed ? "not " : "", number, c->name, c->rule);
    return failed;
}

int test_main(const struct test_case *cases, int count)
{
    WSADATA data;
    int bad = 0, skips = 0, i;

    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    if (WSAStartup(MAKEWORD(2, 2), &data)) {
        printf("Bail out! WSAStartup failed\n");
        return 1;
    }
    test_leak_begin();
    printf("1..%d\n", count + 1);
    for (i = 0; i < count; i++) {
        bad += run_case(&cases[i], i + 1);
        skips += skipped != NULL;
        fflush(stdout);
    }
    failures = 0;
    i = test_leak_end();
    printf("%sok %d - nothing is left behind\n", i ? "" : "not ", count + 1);
    WSACleanup();
    return bad || !i ? 1 : skips == count ? 77 : 0;
}
